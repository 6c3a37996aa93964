"""Who in Discord is which account: shown by a code that works once, or said by an administrator."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor, Asker
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, PindeckError
from pindeck.models import Activity, DiscordCode, DiscordPerson, User
from pindeck.services.clients import discord_people

AVA = Asker("80351110224678912", "ava")


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def account(discord_id: str = AVA.id) -> str | None:
    found = discord_people.find_account(discord_id)
    return found.id if found else None


def test_a_code_works_once_soon_and_as_people_type_it(olga: Actor, sam: Actor) -> None:
    old = discord_people.make_code(olga)
    code = discord_people.make_code(olga)
    for wrong in (old, "", "AAAAAAAAAA", "' OR 1=1"):
        with pytest.raises(NotFound, match="Make a new one"):
            discord_people.link_by_code(AVA, wrong)
    assert account() is None
    assert discord_people.link_by_code(AVA, f" {code[:5].lower()}-{code[5:]} ").id == olga.user_id
    assert account() == olga.user_id and [each.shown for each in discord_people.list_own(olga)] == ["ava"]
    assert Activity.get(Activity.verb == "discord.link").detail["discord"] == AVA._asdict()
    with pytest.raises(NotFound):
        discord_people.link_by_code(Asker("80351110224678913", "eve"), code)
    late = discord_people.make_code(sam)
    DiscordCode.update(expires_at=db.now_ms() - 1).execute()
    with pytest.raises(NotFound):
        discord_people.link_by_code(AVA, late)
    discord_people.link_by_code(AVA, discord_people.make_code(sam))  # who can show both accounts chooses
    assert account() == sam.user_id and discord_people.list_own(olga) == []
    assert DiscordCode.select().count() == 0


def test_a_disabled_account_and_a_guest_are_nobody(olga: Actor, gus: Actor) -> None:
    with pytest.raises(Forbidden):
        discord_people.make_code(gus)
    with pytest.raises(NotSignedIn):
        discord_people.make_code(VISITOR)
    code = discord_people.make_code(olga)
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    with pytest.raises(NotFound):
        discord_people.link_by_code(AVA, code)
    DiscordPerson.insert(discord_id=AVA.id, user=olga.user_id, created_at=1).execute()
    assert account() is None
    User.update(disabled_at=None).where(User.id == olga.user_id).execute()
    assert account() == olga.user_id


def test_administrators_say_who_somebody_is(mo: Actor, olga: Actor, sam: Actor) -> None:
    for actor in (olga, VISITOR):
        with pytest.raises((Forbidden, NotSignedIn)):
            discord_people.link(actor, AVA.id, "olga@example.org")
        with pytest.raises((Forbidden, NotSignedIn)):
            discord_people.list_all(actor)
    for wrong in ("", "ava", "0123456", "1" * 21, "١٢٣٤٥٦٧", None):
        with pytest.raises(Invalid) as error:
            discord_people.link(mo, wrong, "olga@example.org")  # type: ignore[arg-type]
        assert "discord_id" in error.value.fields
    with pytest.raises(Invalid) as error:
        discord_people.link(mo, AVA.id, "nobody@example.org")
    assert "email" in error.value.fields
    for _ in range(2):
        discord_people.link(mo, f"<@{AVA.id}>", "OLGA@example.org", name="ava")
    with pytest.raises(Conflict):
        discord_people.link(mo, AVA.id, "sam@example.org")
    assert [(each.discord_id, each.user.id) for each in discord_people.list_all(mo)] == [(AVA.id, olga.user_id)]
    with pytest.raises(Forbidden):
        discord_people.unlink(olga, AVA.id)
    with pytest.raises(NotFound):
        discord_people.unlink_own(sam, AVA.id)
    discord_people.unlink_own(olga, AVA.id)
    with pytest.raises(NotFound):
        discord_people.unlink(mo, AVA.id)
    assert account() is None


def test_an_account_that_goes_takes_its_people_along(mo: Actor, olga: Actor) -> None:
    discord_people.link(mo, AVA.id, "olga@example.org")
    discord_people.make_code(olga)
    User.delete().where(User.id == olga.user_id).execute()
    assert not DiscordPerson.select().exists() and not DiscordCode.select().exists()


def test_a_failure_in_between_leaves_the_code_good(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    code = discord_people.make_code(olga)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(discord_people.activity, "note", lambda *_, **__: 1 / 0)
        discord_people.link_by_code(AVA, code)
    assert account() is None
    assert discord_people.link_by_code(AVA, code).id == olga.user_id
    with pytest.raises(PindeckError):
        discord_people.link_by_code(AVA, code)
