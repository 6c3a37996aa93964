"""What a worker does for the bot: reads messages, saves their pictures, and says what came of it, once."""

import pytest

from pindeck import jobs
from pindeck.discord import cards, status
from pindeck.models import Image, Job
from pindeck.services.clients import discord_people
from pindeck.services.ingest import external
from pindeck.services.ingest.discord import interactions, later, pressers
from pindeck.services.ingest.external import Candidate
from pindeck.states import Origin
from tests.fetching.hostile import answer
from tests.servers.discord_gateway import CHANNEL, TOKEN, serving
from tests.services.ingest.discord.asking import SAM, command

PICTURE = {"url": "https://cdn.discordapp.com/attachments/1/2/rain.png?ex=1", "content_type": "image/png"}


@pytest.fixture(scope="module")
def discord():
    with serving() as server:
        yield server


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def environ(discord):
    for kept in (discord.messages, discord.edits, discord.follow_ups, discord.reactions):
        kept.clear()
    discord.tokens.add("t")
    return {"DISCORD_TOKEN": TOKEN, "DISCORD_API_BASE_URL": discord.api}


@pytest.fixture(autouse=True)
def account(sam, mo):
    discord_people.link(mo, "43000", "sam@example.org", name="sam")


@pytest.fixture
def come(discord, run_jobs):
    """`come(interaction)` is what the presser reads in the end."""

    def read(body, **more):
        told = {"guild_id": "1", "channel_id": CHANNEL, "application_id": "900", "token": "t", "member": SAM, **body, **more}
        first = interactions.answer(told)
        if first["type"] != 5:
            return first["data"]["content"]
        Job.update(status="completed").where((Job.kind != "save_from_discord") & (Job.status == "queued")).execute()
        run_jobs(include_later=True)
        return discord.edits.pop("t")["content"]

    return read


def picked(kind="save_from_discord"):
    return Job.select().where(Job.kind == kind).order_by(Job.id.desc()).get()


def test_a_linked_message_and_the_newest_one_with_a_picture_are_saved(discord, come, sam, change_settings):
    assert "None of the last 0 messages" in come(command("import"))
    first = discord.write("Old", attachments=[PICTURE])
    discord.write("Rain sref 99", attachments=[{**PICTURE, "url": PICTURE["url"].replace("rain", "new")}, {**PICTURE, "url": "https://x.example/b.png"}])
    discord.write("Only words")
    change_settings(discord_ingest_max_images_per_post=10)
    told = come(command("import"))
    assert "2 of 2 pictures are saved." in told and told.endswith("sref 99")
    assert "waits for approval" in come(command("import", message_link=f"https://discord.com/channels/1/{CHANNEL}/{first['id']}"))
    assert "there already" in come(command("import", message_link=f"https://discord.com/channels/1/{CHANNEL}/{first['id']}"))
    assert {image.title for image in Image.select()} == {"Old", "Rain sref 99"} and Image.select().count() == 3
    hidden = discord.write("Secret", channel="8", attachments=[PICTURE])
    for wrong in ("nonsense", f"https://discord.com/channels/99/{CHANNEL}/{first['id']}", f"https://discord.com/channels/1/8/{hidden['id']}"):
        assert "not the link" in come(command("import", message_link=wrong))
    assert "finds no such message" in come(command("import", message_link=f"https://discord.com/channels/1/{CHANNEL}/5"))
    change_settings(discord_token="")
    assert "DISCORD_TOKEN" in come(command("import"))
    change_settings(discord_token="wrong")
    assert "does not know this token" in come(command("import"))


def test_a_page_that_a_message_links_to_is_looked_at_in_a_job(web, come, change_settings):
    web.pages["/film"] = answer(b'<meta property="og:image" content="/still">', "Content-Type: text/html")
    message = {"id": "3", "channel_id": "2", "content": f"see {web.base}/film"}
    saving = {"type": 2, "data": {"name": "Save to Pindeck", "target_id": "3", "resolved": {"messages": {"3": message}}}}
    assert come(saving) == "This message has no picture."  # its site is a private address
    change_settings(fetch_allow_hosts=web.base.removeprefix("http://"), discord_ingest_fetch_external=False)
    assert come(saving) == "This message has no picture." and not Image.select().exists()
    change_settings(discord_ingest_fetch_external=True)
    assert "waits for approval" in come(saving)
    image = Image.get()
    assert (image.external_url, image.source_url) == (f"{web.base}/still", f"{web.base}/film")


def test_a_right_that_ended_meanwhile_saves_nothing(discord, come, mo, run_jobs):
    discord.write(attachments=[PICTURE])
    interactions.answer({"guild_id": "1", "channel_id": CHANNEL, "application_id": "900", "token": "t", "member": SAM, **command("import")})
    discord_people.unlink(mo, "43000")
    run_jobs()
    assert "You may not" in discord.edits["t"]["content"] and picked().status == "failed" and not Image.select().exists()


def test_impatience_is_waited_for_and_a_second_run_says_nothing_twice(discord, run_jobs, sam):
    message = discord.write("Rain", attachments=[PICTURE])
    presser = pressers.of({"member": SAM})
    later.ask_to_save(presser, sam.user_id, guild_id="1", channel_id=CHANNEL, message_id=message["id"])
    discord.impatient = 1
    job = picked()
    later.save(job)
    later.save(job)
    told = [each for each in discord.in_channel() if "saved for" in each["content"]]
    assert len(told) == 1 and f"message {message['id']} saved for <@43000>" in told[0]["content"] and Image.select().count() == 1


def test_a_discord_that_is_away_is_tried_again_and_told_in_the_end(discord, run_jobs, change_settings):
    change_settings(discord_api_base_url="http://127.0.0.1:9/api/v10")
    interactions.answer({"guild_id": "1", "channel_id": CHANNEL, "application_id": "900", "token": "t", "member": SAM, **command("import")})
    run_jobs()
    assert picked().status == "queued" and picked().attempts == 1
    run_jobs(include_later=True)
    assert picked().status == "failed" and "could not be reached" in picked().error


def test_an_answer_that_is_quicker_than_the_first_one_waits_for_it(discord, run_jobs):
    discord.write(attachments=[PICTURE])
    discord.tokens.discard("t")
    interactions.answer({"guild_id": "1", "channel_id": CHANNEL, "application_id": "900", "token": "t", "member": SAM, **command("import")})
    run_jobs()
    assert picked().status == "queued" and Image.select().count() == 1
    discord.tokens.add("t")
    run_jobs(include_later=True)
    assert picked().status == "completed" and "there already" in discord.edits["t"]["content"]


def dies_after_it(job_id):
    """Do a job twice: the worker died before it noted that it was done, and Discord has forgotten the name of the message."""
    for _ in range(2):
        Job.update(status="queued", due_at=0, ended_at=None).where(Job.id == job_id).execute()
        jobs.run(job_id)
        assert Job.get_by_id(job_id).status == "completed"


def test_what_a_try_that_died_has_said_is_not_said_again(discord, sam, change_settings, monkeypatch):
    monkeypatch.setattr(discord, "forgets_names", True)
    change_settings(discord_status_webhook_url=discord.webhook, discord_images_json='[{"id": "rain", "label": "Rain", "url": "https://x.example/r.png", "emoji": "\U0001f327"}]')
    image_id = external.create_external(sam, Candidate("https://x.example/a.jpg", {"title": "Alley"}, origin=Origin.DISCORD))
    dies_after_it(picked("tell_discord").id)
    assert [status.lines(each["content"]) for each in discord.in_channel()] == [{"Event": "queued", "Image ID": image_id}]
    body = cards.queue([dict.fromkeys(("id", "title", "description", "sref", "state", "status", "picture", "source", "parent"), image_id)])
    later.ask_to_say("follow", reply={"application": "900", "token": "t"}, body=body, channel_id=CHANNEL)
    dies_after_it(picked("say_in_discord").id)
    later.ask_to_say("panel", channel_id=CHANNEL)
    dies_after_it(picked("say_in_discord").id)
    assert len(discord.in_channel()) == 3 and len(discord.follow_ups["t"]) == 1
    assert {message_id for message_id, _ in discord.reactions} == {discord.in_channel()[-1]["id"]}
    for _ in range(2):  # two that are meant, although they say the same
        later.ask_to_say("panel", channel_id=CHANNEL)
        jobs.run(picked("say_in_discord").id)
    assert len(discord.in_channel()) == 5
    change_settings(discord_token="")  # then nobody can look
    dies_after_it(picked("tell_discord").id)
    assert len(discord.in_channel()) == 7
