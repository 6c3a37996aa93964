"""The last searches of a person, kept here so that they follow the person from one browser to the next."""

from contextlib import suppress
from typing import Any

from peewee import OperationalError

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import RecentSearch, User
from pindeck.search import parse

MOST = 20
TYPED_ON_MS = 60_000  # within which a longer search that begins so takes the place of one


def list_all(actor: Actor) -> list[str]:
    """The newest first. Raises NotSignedIn or Forbidden."""
    access.require(actor, "search.view")
    return [text for text, _ in _of(access.require_person(actor))]


def known_to(actor: Actor) -> list[str]:
    """The same for a page that anybody may open."""
    return list_all(actor) if actor.user_id and access.can(actor, "search.view") else []


def note(actor: Actor, text: str) -> None:
    """Somebody has looked for this. Nothing for those who keep none, and for a text that narrows nothing."""
    text = " ".join(text.split())
    if not actor.user_id or not access.can(actor, "search.keep") or (parsed := parse(text)).tree is None:
        return
    user_id, text, now = actor.user_id, parsed.text.rstrip(), db.now_ms()
    there = _of(user_id)
    if there and there[0][0] == text:
        return

    def work() -> None:
        db.lock_rows(User.select(User.id).where(User.id == user_id))  # two windows at once keep no more than there may be
        before = _of(user_id)
        at = max([now, *(at + 1 for _, at in before[:1])])  # in one order, whatever the clocks say
        typed_on = [old for old, since in before if text.startswith(old) and since > now - TYPED_ON_MS]
        kept = [old for old, _ in before if old != text and old not in typed_on][: MOST - 1]
        gone = [old for old, _ in before if old not in kept]
        if gone:
            RecentSearch.delete().where((RecentSearch.user_id == user_id) & RecentSearch.query.in_(gone)).execute()
        RecentSearch.insert(user_id=user_id, query=text, at=at).execute()

    with suppress(OperationalError):  # a busy database is no reason to show no pictures
        db.retried(work)


def clear(actor: Actor) -> None:
    access.require(actor, "search.keep")
    with db.writing():
        RecentSearch.delete().where(RecentSearch.user_id == access.require_person(actor)).execute()


def _of(user_id: str) -> list[tuple[str, int]]:
    rows: Any = RecentSearch.select(RecentSearch.query, RecentSearch.at).where(RecentSearch.user_id == user_id)
    return list(rows.order_by(RecentSearch.at.desc()).tuples())
