"""Channels of Discord as sources: the bot reads their messages, and each picture comes in once, whoever brings it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.errors import Forbidden, Invalid
from pindeck.models import Image, ImportBatch, Project, Source, User
from pindeck.services.images import ledger
from pindeck.services.ingest.discord import saving, threads
from pindeck.services.ingest.sources import discord_channel, kinds, runs, sources, trying
from pindeck.states import Role
from tests.conftest import ChangeSettings, RunJobs
from tests.fetching.hostile import HostileServer, answer
from tests.servers.discord_gateway import BOT, CHANNEL, GUILD, HOOK, TOKEN, Discord, serving
from tests.services.ingest.sources.conftest import Feed

LINK = f"https://discord.com/channels/{GUILD}/{CHANNEL}"


@pytest.fixture(scope="module")
def server() -> Iterator[Discord]:
    with serving() as running:
        yield running


@pytest.fixture
def discord(server: Discord) -> Discord:
    server.messages.clear()
    server.asked.clear()
    return server


@pytest.fixture
def environ(web: HostileServer, discord: Discord, environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "DISCORD_TOKEN": TOKEN, "DISCORD_API_BASE_URL": discord.api, "DISCORD_STATUS_WEBHOOK_URL": discord.webhook}


@pytest.fixture
def channel(feed: Feed, mo: Actor, run_jobs: RunJobs) -> Feed:
    return Feed(feed.web, mo, run_jobs)


def picture(web: HostileServer, n: int) -> dict[str, Any]:
    return {"attachments": [{"url": f"{web.base}/{n}.jpg?ex=1", "content_type": "image/jpeg"}]}


def by(name: str, user_id: str) -> dict[str, Any]:
    return {"author": {"id": user_id, "username": name, "discriminator": "0", "avatar": None, "bot": True}}


def test_pictures_of_a_channel_come_once_with_their_words(
    channel: Feed, discord: Discord, mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord_channel, "PER_PAGE", 2)
    web = channel.web
    for n in range(1, 4):
        web.pages[f"/{n}.jpg?ex=1"] = web.pages[f"/{n}.jpg"]
    web.pages["/page"] = answer(b'<meta property="og:image" content="/3.jpg">', "Content-Type: text/html")
    threads.bind(mo, GUILD, CHANNEL, "alleys", "Night")
    first = discord.write("Wet alley --sref 1234", **picture(web, 1))
    discord.write("Only words")
    discord.write("Event: approved", webhook_id=HOOK, **picture(web, 5))
    discord.write("A card of ours", **by("pindeck", BOT), **picture(web, 6))
    discord.write("Made for you", **by("midjourney", "55"), **picture(web, 2))
    discord.write(f"Look {web.base}/page")
    channel.id = sources.create(mo, "discord", url=f"{LINK}/{first['id']}", tags=["rain"]).source.id
    assert channel.source.url == LINK
    job = trying.ask(mo, channel.id)
    channel.run_jobs()
    shown = trying.result_of(mo, channel.id, job.id).result
    assert shown["count"] == 3 and [each["title"] for each in shown["first"][1:]] == ["Made for you", "Wet alley --sref 1234"]
    batch = channel.run()
    assert (batch.status, batch.created_count, batch.failed_count, batch.origin) == ("done", 3, 0, "discord")
    image = Image.get(Image.title == "Wet alley --sref 1234")
    assert (image.status, image.origin, image.sref, image.persist_status) == ("pending", "discord", "1234", "succeeded")
    assert image.source_url == f"{LINK}/{first['id']}" and Project.get_by_id(image.project_id).name == "Night"
    assert set(ledger.tags_of(image.id)) == {"rain", "discord", "imported", "sref:1234", "original"}
    # An emoji on the same message brings nothing new, and neither does the next run.
    told = saving.read(first, GUILD)
    assert saving.save(mo, told, told.images, guild_id=GUILD, channel_id=CHANNEL).new == []
    before = max(key[1] for key in discord.messages)  # our webhook has told of the new pictures meanwhile
    assert (channel.run().created_count, channel.source.etag) == (0, before)
    discord.write("Another", **picture(web, 3))  # which the page named already
    batch = channel.run()
    assert (batch.status, batch.created_count, batch.skipped_count) == ("done", 0, 1) and Image.select().count() == 3


def test_the_bot_reads_channels_for_administrators_alone(
    channel: Feed, discord: Discord, olga: Actor, mo: Actor, change_settings: ChangeSettings
) -> None:
    with pytest.raises(Forbidden, match="administrators"):
        sources.create(olga, "discord", url=LINK)
    assert "discord" in kinds.offered(mo) and "discord" not in kinds.offered(olga)
    for url in ("https://discord.com/channels/@me/2", "https://discord.evil.example/channels/1/2", "https://discord.com/channels/1", "x"):
        with pytest.raises(Invalid) as wrong:
            sources.create(mo, "discord", url=url)
        assert set(wrong.value.fields) == {"url"}
    channel.id = sources.create(mo, "discord", url=LINK).source.id
    assert channel.run().error == "No item here has a picture."
    discord.write("People may talk for days without a picture")
    assert (channel.run().status, channel.source.etag) == ("done", max(key[1] for key in discord.messages))
    sources.update(mo, channel.id, url=f"https://discord.com/channels/{GUILD}/99")
    assert channel.source.etag is None
    change_settings(discord_token="wrong")
    assert "does not know this token" in channel.run().error
    change_settings(discord_token="")
    assert "Set DISCORD_TOKEN" in channel.run().error and "discord" not in kinds.offered(mo)
    with pytest.raises(Invalid, match="DISCORD_TOKEN"):
        sources.create(mo, "discord", url=LINK)
    batch = runs.run(mo, channel.id)
    User.update(role=Role.CURATOR).where(User.id == mo.user_id).execute()
    discord.asked.clear()
    channel.run_jobs()
    assert ImportBatch.get_by_id(batch.id).error == runs.OWNER_GONE and Source.get().is_paused and not discord.asked
    with pytest.raises(Forbidden):
        sources.update(replace(mo, role=Role.CURATOR), channel.id, url=LINK)
