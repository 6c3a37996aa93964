"""Discord calls: only what it signed is heard, only who may is obeyed, and a button ends with its first press."""

import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pindeck.models import Activity, Image
from pindeck.states import AiStatus, ImageStatus, Origin
from tests.factories import fresh, make_active, make_row
from tests.services.ingest.discord.asking import MESSAGE, command, press

PATH = "/discord/interactions"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MODERATOR = {"user": {"id": "42", "username": "ava"}, "roles": ["7"], "permissions": "0"}


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def environ():
    return {"DISCORD_PUBLIC_KEY": KEY.public_key().public_bytes_raw().hex(), "DISCORD_MODERATOR_ROLE": "7"}


@pytest.fixture
def call(client_for, change_settings, olga):
    """`call(type=2, data=…)` as Discord sends it, signed, for the account Olga."""
    client = client_for()
    change_settings(pindeck_user_id=olga.user_id)

    def send(body=None, /, *, key=KEY, at=None, member=MODERATOR, **told):
        raw = json.dumps({"member": member, "guild_id": "1", **told}).encode() if body is None else body
        at = at or str(int(time.time()))
        signed = key.sign(at.encode() + raw).hex()
        headers = {"X-Signature-Ed25519": signed, "X-Signature-Timestamp": at, "Content-Type": "application/json"}
        return client.post(PATH, data=raw, headers=headers)

    return send


@pytest.fixture
def waits(olga):
    image = make_row(olga, title="Alley")
    Image.update(
        status=ImageStatus.PENDING, ai_status=AiStatus.QUEUED, origin=Origin.DISCORD, external_url="https://pictures.example/a.jpg"
    ).where(Image.seq == image.seq).execute()
    return fresh(image)


def said(answer):
    assert answer.status_code == 200, answer.text
    assert answer.json["type"] == 4 and answer.json["data"]["flags"] == 64
    return answer.json["data"]["content"]


def test_only_what_discord_signed_is_heard(call, client_for, waits, change_settings):
    assert call(type=1).json == {"type": 1}
    other = Ed25519PrivateKey.generate()
    assert call(**command("approve", image_id=waits.id), key=other).status_code == 401
    client = client_for()
    for headers in ({}, {"X-Signature-Ed25519": "zz", "X-Signature-Timestamp": "1"}, {"X-Signature-Ed25519": "00" * 64}):
        assert client.post(PATH, data=b'{"type": 1}', headers=headers).status_code == 401
    now = int(time.time())
    signed = KEY.sign(b'%d{"type":1}' % now).hex()  # another moment, or another body
    for at, body in ((str(now - 1), b'{"type":1}'), (str(now), b'{"type":2}')):
        assert client.post(PATH, data=body, headers={"X-Signature-Ed25519": signed, "X-Signature-Timestamp": at}).status_code == 401
    for at in (str(now - 3600), str(now + 3600), "", "now", "9" * 400, "9" * 5000, "1e9"):  # signed, but kept by somebody who sends it again
        assert call(**command("approve", image_id=waits.id), at=at or " ").status_code == 401
    for key in ("", "no key"):
        change_settings(discord_public_key=key)
        assert call(type=1).status_code == (401 if key else 404)
    assert client.get(PATH).status_code == 405
    assert fresh(waits).status == "pending"


def test_what_waits_is_shown_and_a_button_ends_with_its_press(call, waits):
    shown = call(**command("review", limit=3)).json["data"]
    assert shown["embeds"][0]["title"] == "Alley" and shown["embeds"][0]["image"]["url"] == waits.external_url
    assert {"name": "Image ID", "value": waits.id} in shown["embeds"][0]["fields"]
    approve, *others = shown["components"][0]["components"]
    acts = [each["custom_id"] for each in (approve, *others)]
    assert acts == [f"pindeck_mod:{act}:{waits.id}" for act in ("approve", "publish", "reject")]
    other = {"type": 1, "components": [{"type": 2, "custom_id": "pindeck_mod:approve:other"}]}
    message = {**shown, "components": [*shown["components"], other]}
    pressed = call(**press(approve["custom_id"], message)).json
    assert pressed["type"] == 7 and "approved. (ava)" in pressed["data"]["embeds"][0]["footer"]["text"]
    buttons = [(each.get("label"), each.get("disabled")) for row in pressed["data"]["components"] for each in row["components"]]
    assert buttons == [("1 Approve", True), ("1 Publish", None), ("1 Deny", True), ("1 Generate", None), (None, None)]
    assert fresh(waits).status == "draft"
    noted = Activity.get(Activity.verb == "image.approve")
    assert noted.detail["discord"] == {"id": "42", "name": "ava"}
    again = call(**press(approve["custom_id"], message)).json
    assert "already" in again["data"]["embeds"][0]["footer"]["text"]
    assert Activity.select().where(Activity.verb == "image.approve").count() == 1


def test_what_is_stored_here_is_shown_from_here(call, olga, change_settings):
    stored = make_active(olga)
    Image.update(status=ImageStatus.PENDING, origin=Origin.DISCORD, public_token=None).where(Image.seq == stored.seq).execute()
    assert "image" not in call(**command("review")).json["data"]["embeds"][0]
    change_settings(site_url="https://pin.example")
    shown = call(**command("review")).json["data"]["embeds"][0]
    assert shown["image"]["url"].startswith(f"https://pin.example/discord/{stored.id}.webp?s=")


def test_commands_decide_and_say_so_privately(call, waits, sam):
    theirs = make_row(sam)
    assert said(call(**command("approve", image_id=waits.id))) == f"APPROVE OK for {waits.id}: Image approved."
    assert "rejected" in said(call(**command("reject", image_id=waits.id))) and fresh(waits).is_trashed
    assert said(call(**command("review"))) == "Nothing waits."
    assert said(call(**command("reject", image_id=theirs.id))) and not fresh(theirs).is_trashed
    assert "no such" in said(call(**command("approve", image_id="nothing")))
    assert "failed for" in said(call(**press("pindeck_mod:reject:nothing")))
    assert said(call(**press("other:button"))) and said(call(**command("burn")))


def test_a_message_is_saved_once_by_who_may(call, olga):
    saving = {"type": 2, "data": {"name": "Save to Pindeck", "type": 3, "target_id": "3", "resolved": {"messages": {"3": MESSAGE}}}}
    first = said(call(**saving))
    image = Image.get()
    assert image.id in first and "sref 1234" in first
    assert (image.status, image.origin, image.user_id, image.title) == ("pending", "discord", olga.user_id, "Rain --sref 1234")
    assert image.source_url == "https://discord.com/channels/1/2/3" and image.external_id.startswith(f"discord:url:{olga.user_id}:1:")
    assert "already" in said(call(**saving)) and Image.select().count() == 1
    for message in ({}, {"attachments": [{"url": "no address.png"}]}, {"attachments": [{"url": "http://\x00/a.png"}], "content": 5}):
        saving["data"]["resolved"] = {"messages": {"3": message}}
        said(call(**saving))
    assert Image.select().count() == 1


def test_who_has_not_the_role_does_nothing(call, waits, change_settings):
    plain = {"user": {"id": "1"}, "roles": ["8"], "permissions": "0"}
    manager = {**plain, "permissions": str(0x20)}
    asked = [command("approve", image_id=waits.id), command("review"), press(f"pindeck_mod:reject:{waits.id}")]
    for member in (plain, manager, {}, {"roles": "7"}, None, 5):
        for each in asked:
            assert "You may not" in said(call(**each, member=member))
    change_settings(discord_moderator_role="")
    for member in (plain, {"permissions": "x"}, {}):
        assert "You may not" in said(call(**asked[0], member=member))
    # Whoever brings the application into a server of their own manages that one: without a role nobody may.
    for member in (manager, {**plain, "permissions": "8"}, {**plain, "roles": [""]}):
        assert "You may not" in said(call(**asked[0], member=member))
    assert fresh(waits).status == "pending" and not Activity.select().where(Activity.verb == "image.approve").exists()


def test_a_role_in_discord_lends_no_rights_of_an_administrator(call, mo, sam, change_settings):
    theirs = make_row(sam, status="pending", origin="discord")
    change_settings(pindeck_user_id=mo.user_id)
    assert "failed" in said(call(**press(f"pindeck_mod:approve:{theirs.id}")))
    assert fresh(theirs).status == "pending"


def test_a_bot_without_an_account_says_so(call, waits, change_settings):
    change_settings(pindeck_user_id="")
    assert "PINDECK_USER_ID" in said(call(**command("approve", image_id=waits.id)))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"5", b"\xff"])
def test_no_interaction_is_refused(call, body):
    assert call(body).status_code == 400


@pytest.mark.parametrize("told", [{}, {"type": 9}, {"type": "x"}, {"type": 2, "data": 5}, {"type": 2, "data": {"options": [5]}}, {"type": 3}])
def test_an_odd_interaction_is_answered(call, told):
    said(call(**told))


SAVING = {"type": 2, "data": {"name": "Save to Pindeck", "type": 3, "target_id": "3", "resolved": {"messages": {"3": MESSAGE}}}}
ODD = ["\ud800", "\x00", "x" * 70_000, -1, 2**70, 1.5e300, None, True, [], {}, [[]], "https://x.example/" + "\ud800.png"]


def _places(told, way=()):
    """Every way into an interaction."""
    inside = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for name, value in inside:
        yield (*way, name)
        yield from _places(value, (*way, name))


def _put(told, way, odd):
    if not way:
        return odd
    return {**told, way[0]: _put(told[way[0]], way[1:], odd)} if isinstance(told, dict) else [
        _put(each, way[1:], odd) if n == way[0] else each for n, each in enumerate(told)
    ]


def test_whatever_stands_in_an_interaction_is_answered(call, waits):
    """Each odd value in a few of all places, so that each place meets several of them."""
    whole = [
        SAVING, command("approve", image_id="x"), command("review", image_id="x", limit=2), command("import", message_link="x"),
        command("generate", image_id="x", count=2, mode="b-roll", detail="rain"), command("bind", project="x"), command("link", code="x"),
        command("send", preset="forest"), press(f"pindeck_mod:approve:{waits.id}", {"embeds": [{"fields": [{"value": "x"}]}], "components": [{"components": [{"custom_id": "x"}]}], "content": "x"}),
    ]  # fmt: skip
    number = 0
    for told in ({"member": MODERATOR, "channel": {"name": "night"}, "channel_id": "2", "guild_id": "1", **each} for each in whole):
        for way in _places(told):
            for odd in ODD[number % 5 :: 5]:
                answer = call(**_put(told, way, odd))
                is_told = answer.status_code == 400 and "characters" in answer.text
                assert is_told or answer.json.get("type") in (1, 4, 5, 7), (way, odd, answer.text[:200])
            number += 1
