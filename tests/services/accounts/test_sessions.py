"""Signed-in browsers."""

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Session, User
from pindeck.services.accounts import sessions
from tests.conftest import count_queries


@pytest.fixture
def token(olga: Actor) -> str:
    sessions.end_all(str(olga.user_id))
    return sessions.start(User.get_by_id(olga.user_id), days=30, address="x" * 99, agent="y" * 999)


def test_a_token_leads_to_its_person_in_one_query(token: str, olga: Actor) -> None:
    with count_queries() as seen:
        actor, renew = sessions.find(token, days=30)  # type: ignore[misc]
    assert len(seen) == 1
    assert (actor.user_id, actor.role, actor.name, actor.email) == (olga.user_id, "curator", "Olga", olga.email)
    assert (actor.session_id, renew) == (Session.get().id, False)
    assert (len(Session.get().address), len(Session.get().agent)) == (64, 200)


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "ü"])
def test_any_other_token_leads_to_nobody(token: str, wrong: str) -> None:
    assert sessions.find(wrong, days=30) is None
    assert sessions.find(Session.get().id, days=30) is None


def test_a_session_expires_and_is_swept(token: str) -> None:
    assert sessions.sweep() == 0
    Session.update(expires_at=db.now_ms() - 1).execute()
    assert sessions.find(token, days=30) is None
    assert sessions.sweep() == 1


def test_use_prolongs_a_session_but_writes_at_most_once_a_minute(token: str) -> None:
    old = db.now_ms() - sessions.TOUCH_MS - 1
    Session.update(last_used_at=old, expires_at=db.now_ms() + 1000).execute()
    assert sessions.find(token, days=30)[1] is True  # type: ignore[index]
    session = Session.get()
    assert session.last_used_at > old
    assert session.expires_at > db.now_ms() + 29 * db.DAY_MS
    assert sessions.find(token, days=30)[1] is False  # type: ignore[index]


def test_people_end_their_own_sessions_and_nobody_elses(token: str, olga: Actor, sam: Actor) -> None:
    session_id = Session.get(Session.user == olga.user_id).id
    assert [session.id for session in sessions.list_for(olga)] == [session_id]
    assert sessions.end_own(sam, session_id) == 0
    assert sessions.find(token, days=30)
    assert sessions.end_own(olga, session_id) == 1
    assert sessions.find(token, days=30) is None


def test_all_sessions_but_this_one_can_be_ended(token: str, olga: Actor) -> None:
    kept = Session.get().id
    sessions.start(User.get_by_id(olga.user_id), days=30)
    assert sessions.end_all(str(olga.user_id), but=kept) == 1
    assert sessions.find(token, days=30)
    sessions.end(kept)
    assert Session.select().count() == 0
