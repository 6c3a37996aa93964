"""One message to a webhook, and what becomes of it."""

import json

import pytest

from pindeck.discord import status, webhook
from pindeck.discord.status import Event
from pindeck.discord.webhook import TooFast
from pindeck.errors import Invalid, Upstream

FACTS = {
    "id": "0198", "title": "Alley\nEvent: rejected @everyone", "sref": "123", "source": "https://discord.com/channels/1/2/3",
    "user": "ava", "picture": "https://pictures.example/a.jpg",
}  # fmt: skip


def test_a_message_has_lines_that_bots_read_and_mentions_nobody():
    made = status.message(Event.QUEUED, {**FACTS, "parent_id": "0197"})
    assert made["content"].splitlines() == [
        "📥 **Waiting Approval**",
        "Event: queued",
        "Title: Alley Event: rejected @everyone",
        "Image ID: 0198",
        "Parent Image ID: 0197",
        "sref: 123",
        "Source: https://discord.com/channels/1/2/3",
        "User: ava",
        "`/images approve image_id:0198` or `/images reject image_id:0198`",
    ]
    assert made["allowed_mentions"] == {"parse": []}
    assert made["embeds"][0]["image"] == {"url": FACTS["picture"]} and "0198" in made["embeds"][0]["footer"]["text"]


@pytest.mark.parametrize("event", list(Event))
def test_every_event_is_told_within_what_discord_takes(event):
    made = status.message(event, {"id": "0198", "title": "é" * 9000, "source": "x" * 9000, "picture": "https://a/b"})
    assert f"Event: {event}" in made["content"].splitlines() and "Image ID: 0198" in made["content"].splitlines()
    assert len(made["content"]) <= 2000 and len(made["embeds"][0]["title"]) <= 256
    assert ("/images approve" in made["content"]) == (event in ("queued", "generated"))
    assert "embeds" not in status.message(event, {"id": "0198"})


def test_a_message_arrives(discord):
    discord.answers = [(204, None), (200, {"id": "1"})]
    for _ in range(2):
        webhook.send(discord.webhook, status.message(Event.APPROVED, FACTS))
    method, path, body = discord.posts[0]
    assert (method, path) == ("POST", "/api/webhooks/1/secret-token?thread_id=7")
    assert body == json.loads(json.dumps(status.message(Event.APPROVED, FACTS))) and len(discord.posts) == 2


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [({"retry_after": 2.3}, 3), ({"retry_after": 0}, 1), ({"retry_after": 1e9}, 3600), ({}, 5), ([], 5), ({"retry_after": "soon"}, 5)],
)
def test_patience_is_what_discord_asks_for(discord, told, wait_s):
    discord.answers = [(429, told)]
    with pytest.raises(TooFast) as error:
        webhook.send(discord.webhook, {"content": "x"})
    assert error.value.retry_after_s == wait_s


@pytest.mark.parametrize(("status", "kind"), [(404, Invalid), (401, Invalid), (400, Invalid), (302, Invalid), (500, Upstream), (503, Upstream)])
def test_what_may_pass_is_told_from_what_does_not(discord, status, kind):
    discord.answers = [(status, {"message": "no"})]
    with pytest.raises(kind) as error:
        webhook.send(discord.webhook, {"content": "x"})
    assert "secret-token" not in error.value.message and not isinstance(error.value, TooFast)
    assert len(discord.posts) == 1


def test_a_channel_that_hangs_or_is_away_is_left(discord):
    discord.answers = [None]
    with pytest.raises(Upstream, match="did not answer within"):
        webhook.send(discord.webhook, {"content": "x"}, timeout_s=0.3)
    with pytest.raises(Upstream, match="could not be reached"):
        webhook.send("http://127.0.0.1:9/api/webhooks/1/secret-token", {"content": "x"})
