"""A channel hears what becomes of pictures from Discord: by jobs that are written with their cause, and break nothing."""

import pytest

from pindeck.access import Asker
from pindeck.models import Derivative, Image, Job
from pindeck.services.images import moderation, trash
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest import deciding, external
from pindeck.services.ingest.external import Candidate
from pindeck.states import AiStatus, ImageStatus, Origin
from tests.conftest import count_queries
from tests.factories import fresh, make_active, make_row
from tests.servers.discord import serving

URL = "https://pictures.example/a.jpg"


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def discord():
    with serving() as channel:
        yield channel


@pytest.fixture
def environ(discord):
    return {"DISCORD_STATUS_WEBHOOK_URL": discord.webhook}


@pytest.fixture
def told(discord, run_jobs):
    """What the channel has heard: lists of event, id and the other lines."""

    def read():
        Job.update(due_at=0).where((Job.kind == "tell_discord") & (Job.status == "queued")).execute()
        Job.update(status="completed").where((Job.kind != "tell_discord") & (Job.status == "queued")).execute()
        run_jobs()
        lines = [dict(line.split(": ", 1) for line in body["content"].splitlines() if ": " in line) for body in discord.messages]
        return [(line["Event"], line["Image ID"], line.get("User")) for line in lines]

    return read


def bring(actor, **more):
    return external.create_external(actor, Candidate(URL, {"title": "Alley"}, origin=Origin.DISCORD, external_id="x", **more))


def test_each_step_is_told_once(olga, told, discord):
    image_id = bring(olga)
    bring(olga)  # again
    assert told() == [("queued", image_id, "Olga")]
    assert discord.messages[0]["embeds"][0]["image"]["url"] == URL and "Title: Alley" in discord.messages[0]["content"]
    presser = olga.__class__(**{**olga.__dict__, "asked_by": Asker("42", "ava")})
    for _ in range(3):
        deciding.approve(presser, image_id)
    assert told()[1:] == [("approved", image_id, "ava")]
    for _ in range(2):
        deciding.reject(olga, image_id)
    assert told()[2:] == [("rejected", image_id, "Olga")]
    trash.restore(olga, image_id)
    moderation.remove(olga, image_id)
    assert told()[3:] == [("rejected", image_id, "Olga")]


def test_of_other_pictures_and_without_a_webhook_nothing_is_told(olga, told, change_settings):
    image = make_active(olga)
    Image.update(status=ImageStatus.DRAFT).where(Image.seq == image.seq).execute()
    trash.trash(olga, image.id)
    external.create_external(olga, Candidate(URL, {}, origin=Origin.PINTEREST))
    change_settings(discord_status_webhook_url="")
    bring(olga)
    assert told() == [] and not Job.select().where(Job.kind == "tell_discord").exists()


def test_what_was_in_the_library_is_taken_out_without_a_word(olga, told):
    image = make_active(olga)
    Image.update(origin=Origin.DISCORD).where(Image.seq == image.seq).execute()
    trash.trash(olga, image.id)
    assert told() == []


def test_variations_are_told_to_the_channel_of_their_line_and_seen_there(olga, discord, run_jobs, change_settings, client_for):
    change_settings(site_url="https://pin.example")
    image = make_active(olga)
    Image.update(origin=Origin.DISCORD, ai_status=AiStatus.COMPLETED).where(Image.seq == image.seq).execute()
    ordering.order(olga, image.id, Wish(1))
    run_jobs()
    child = Image.get(Image.parent_id == image.id)
    assert [body["content"].splitlines()[1] for body in discord.messages] == ["Event: generated"]
    assert f"Parent Image ID: {image.id}" in discord.messages[0]["content"] and child.id in discord.messages[0]["content"]
    (embed,) = discord.messages[0]["embeds"]
    at = embed["image"]["url"].removeprefix("https://pin.example")
    seen, nobody = client_for(None).get(at), client_for(None)
    assert at.startswith(f"/discord/{child.id}.webp?s=") and (seen.status_code, seen.mimetype) == (200, "image/webp")
    assert "private" in seen.headers["Cache-Control"] and nobody.get(f"/i/{child.id}?size=large").status_code == 404
    for wrong in (at[:-4], f"/discord/{child.id}.webp", at.replace(child.id, image.id)):
        assert nobody.get(wrong).status_code == 404
    Derivative.delete().execute()  # a moment ago it had none yet
    assert nobody.get(at).status_code == 200
    moderation.update(olga, child.id, {}, visibility="private")
    assert nobody.get(at).status_code == 404


def test_a_channel_that_is_away_breaks_nothing_and_is_told_later(olga, discord, run_jobs):
    discord.answers = [(500, None), (429, {"retry_after": 40}), (204, None)]
    image_id = bring(olga)
    telling = Job.kind == "tell_discord"
    Job.delete().where(~telling).execute()
    run_jobs()
    assert fresh(Image.get(Image.id == image_id)).status == "pending"
    assert Job.get(telling).status == "queued" and Job.get(telling).due_at > Job.get(telling).created_at
    run_jobs(include_later=True)
    assert len(discord.posts) == 3
    assert {job.status for job in Job.select().where(telling)} == {"completed"}


def test_a_webhook_that_is_gone_is_given_up_in_a_sentence(olga, discord, run_jobs):
    discord.answers = [(404, {"message": "Unknown Webhook"})]
    bring(olga)
    Job.delete().where(Job.kind != "tell_discord").execute()
    run_jobs(include_later=True)
    job = Job.get(Job.kind == "tell_discord")
    assert job.status == "failed" and "DISCORD_STATUS_WEBHOOK_URL" in job.error and len(discord.posts) == 1


def test_a_change_that_is_taken_back_is_not_told(olga, told, monkeypatch):
    image_id = bring(olga)
    told()
    monkeypatch.setattr("pindeck.services.images.publishing.request_many", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moderation.approve(olga, image_id)
    assert [event for event, _, _ in told()] == ["queued"]


def test_what_is_not_meant_for_the_library_is_not_told(olga, told):
    for visibility in ("private", "unlisted"):
        image = make_active(olga)
        Image.update(origin=Origin.DISCORD, status=ImageStatus.DRAFT, visibility=visibility).where(Image.seq == image.seq).execute()
        trash.trash(olga, image.id)
    assert told() == []


def test_many_that_are_rejected_at_once_cost_the_same_statements(olga, told):
    def rejected(count):
        rows = [make_row(olga, status="pending", origin="discord") for _ in range(count)]
        children = [make_row(olga, status="draft", origin="ai", parent_id=row.id) for row in rows]
        with count_queries() as seen:
            trash.trash_many(olga, rows + children)
        return len(seen)

    rejected(1)
    assert rejected(2) == rejected(20)
    assert len(told()) == 46
