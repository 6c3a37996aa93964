"""A bot sees what waits and decides: once each, for its person alone, and who pressed the button is kept."""

import itertools

import pytest

from pindeck import db
from pindeck.models import Activity, Client, Image, Job
from pindeck.services.images import publishing, trash
from pindeck.states import AiStatus, ImageStatus, Origin
from tests.factories import fresh, make_active, make_row
from tests.programs import refused

QUEUE, MODERATE = "/discordQueue", "/discordModerate"
number = itertools.count()


@pytest.fixture
def waits(olga):
    """`waits()` is a picture of Olga's from Discord that waits; fields may be named."""

    def make(owner=olga, **fields):
        fields = {"status": ImageStatus.PENDING, "ai_status": AiStatus.QUEUED, "origin": Origin.DISCORD, **fields}
        image = make_row(owner, title=fields.pop("title", f"Alley {next(number)}"))
        Image.update(**fields).where(Image.seq == image.seq).execute()
        return fresh(image)

    return make


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [item["_id"] for item in answer.json["items"]]


# Seeing


def test_the_queue_has_what_waits_of_the_line_of_discord(post, waits, olga, sam):
    root = waits(status=ImageStatus.DRAFT, title="Root")
    child = waits(origin=Origin.AI, parent_id=root.id, ai_status=AiStatus.COMPLETED)
    grandchild = waits(origin=Origin.AI, parent_id=child.id)
    plain = waits()
    waits(origin=Origin.PINTEREST)
    waits(origin=Origin.AI)
    waits(owner=sam)
    trash.trash(olga, waits().id)
    for path in (QUEUE, "/discord/queue", "/discord/queue/discordQueue"):
        assert ids(post(path, userId=olga.user_id)) == [plain.id, grandchild.id, child.id]
    first, _, last = post(QUEUE, userId=olga.user_id).json["items"]
    assert (last["lineageRootImageId"], last["lineageRootTitle"]) == (root.id, "Root")
    assert (first["lineageRootImageId"], first["status"], first["aiStatus"]) == (plain.id, "pending", "queued")
    Image.update(user=sam.user_id, visibility="private").where(Image.seq == root.seq).execute()
    last = post(QUEUE, userId=olga.user_id).json["items"][-1]
    assert last["lineageRootImageId"] == child.id  # what she may not see is not told


def test_a_line_that_turns_in_a_circle_ends(post, waits, olga):
    first = waits(origin=Origin.AI)
    second = waits(origin=Origin.AI, parent_id=first.id)
    Image.update(parent_id=second.id).where(Image.seq == first.seq).execute()
    assert ids(post(QUEUE, userId=olga.user_id)) == []


def test_limits_of_the_queue_are_bent_and_one_picture_is_looked_up_directly(post, waits, olga):
    made = [waits().id for _ in range(30)]
    for limit, count in ((None, 5), (0, 1), (-3, 1), (7, 7), ("9", 9), (99, 25), ("many", 5), ([], 5)):
        assert len(ids(post(QUEUE, userId=olga.user_id, limit=limit))) == count, limit
    assert ids(post(QUEUE, userId=olga.user_id, imageId=made[0])) == [made[0]]
    assert ids(post(QUEUE, userId=olga.user_id, imageId="nothing")) == []


# Deciding


def test_approving_twice_describes_once_and_the_presser_is_kept(post, waits, olga, run_jobs):
    image = waits()
    sent = dict(userId=olga.user_id, imageId=image.id, action="approve", actor={"id": "42", "name": "ava"})
    answer = post(MODERATE, **sent)
    assert answer.json == {
        "ok": True, "message": "Image approved.", "status": "draft", "aiStatus": "processing", "imageId": image.id,
        "userId": olga.user_id,
    }  # fmt: skip
    for path in (MODERATE, "/discord/moderation", "/discord/moderation/discordModerate"):
        again = post(path, **sent)
        assert again.status_code == 200 and "already" in again.json["message"] and again.json["status"] == "draft"
    assert Job.select().where(Job.kind == "analyse").count() == 1
    noted = Activity.get(Activity.verb == "image.approve")
    assert noted.detail["discord"] == {"id": "42", "name": "ava"} and noted.user_id == olga.user_id and noted.client_id
    run_jobs()
    assert post(MODERATE, **sent).json["aiStatus"] == "completed"
    publishing.publish(olga, image.id)
    published = post(MODERATE, **sent)
    assert published.json["message"] == "This image is active already." and fresh(image).status == "active"


def test_what_came_from_elsewhere_is_part_of_the_library_at_once(post, waits, olga):
    image = waits(origin=Origin.UPLOAD)
    assert post(MODERATE, userId=olga.user_id, imageId=image.id, action="approve").json["status"] == "active"


def test_rejecting_moves_to_the_trash_once_and_the_reason_is_kept(post, waits, olga):
    image = waits()
    sent = dict(userId=olga.user_id, imageId=image.id, action="reject", reason="blurred", actor={"id": "42"})
    first = post(MODERATE, **sent)
    assert first.json["ok"] and "rejected and deleted" in first.json["message"] and "status" not in first.json
    assert fresh(image).is_trashed
    assert "already" in post(MODERATE, **sent).json["message"]
    noted = list(Activity.select().where((Activity.image_id == image.id) & (Activity.verb == "image.reject")))
    assert len(noted) == 1 and noted[0].detail["reason"] == "blurred" and noted[0].detail["discord"]["id"] == "42"
    trash.restore(olga, image.id)
    assert fresh(image).status == "pending"


def test_what_is_in_the_library_is_not_rejected_from_outside(post, waits, olga):
    image = waits(status=ImageStatus.ACTIVE)
    refused(post(MODERATE, userId=olga.user_id, imageId=image.id, action="reject"), 409, "CONFLICT")
    assert not fresh(image).is_trashed
    assert not Activity.select().where(Activity.verb == "image.reject").exists()


def test_variations_are_ordered_of_what_is_approved(post, bound, olga, run_jobs):
    image = make_active(olga)
    sent = dict(key=bound("moderate"), imageId=image.id, action="generate", variationCount=0, modificationMode="coverage")
    answer = post(MODERATE, **sent)
    assert answer.json["message"] == "1 variation is started." and answer.json["aiStatus"] == "processing"
    assert post(MODERATE, **sent).status_code == 409  # a machine is at work on it
    run_jobs()
    child = Image.get(Image.parent_id == image.id)
    assert child.persist_status == "succeeded" and child.user_id == olga.user_id
    Client.update(permissions=["images:read"]).where(Client.id == child.client_id).execute()
    assert post(MODERATE, **sent).status_code == 403


def test_nothing_is_ordered_of_what_waits_or_has_no_bytes_or_where_it_is_off(post, waits, olga, change_settings):
    sent = dict(userId=olga.user_id, action="generate", variationCount=99)
    refused(post(MODERATE, imageId=waits().id, **sent), 409, "CONFLICT")
    busy = waits(status=ImageStatus.DRAFT, ai_status=AiStatus.PROCESSING)
    refused(post(MODERATE, imageId=busy.id, **sent), 409, "GENERATION_RUNNING")
    change_settings(generation_backend="off")
    refused(post(MODERATE, imageId=busy.id, **sent), 409, "GENERATION_OFF")
    assert not Job.select().exists()


@pytest.mark.parametrize("action", ["approve", "reject", "generate"])
def test_nobody_decides_about_what_is_not_its_persons(post, waits, bound, olga, sam, mo, gus, action):
    theirs, mine = waits(owner=sam), waits()
    with db.writing():
        before = (fresh(theirs).version, fresh(mine).version)
    asked = {"action": action}
    assert post(MODERATE, key=bound("moderate"), imageId=theirs.id, **asked).status_code in (403, 404)
    for someone in (sam, mo):  # an administrator decides here about nothing but what is its own
        assert post(MODERATE, userId=someone.user_id, imageId=mine.id, **asked).status_code in (403, 404)
    refused(post(MODERATE, userId=gus.user_id, imageId=mine.id, **asked), 403, "FORBIDDEN")
    refused(post(MODERATE, userId=olga.user_id, imageId="nothing", **asked), 404, "IMAGE_NOT_FOUND")
    refused(post(MODERATE, key=bound("images:read"), imageId=mine.id, **asked), 403, "FORBIDDEN")
    refused(post(MODERATE, key=bound("ingest"), imageId=mine.id, **asked), 403, "FORBIDDEN")
    refused(post(MODERATE, key="wrong", imageId=mine.id, **asked), 401, "UNAUTHORIZED")
    refused(post(QUEUE, key=bound("images:read")), 403, "FORBIDDEN")
    assert ids(post(QUEUE, key=bound("moderate"))) == [mine.id]
    assert (fresh(theirs).version, fresh(mine).version) == before and not Job.select().exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"imageId": None}, "imageId"),
        ({"action": None}, "action"),
        ({"action": "burn"}, "action"),
        ({"userId": None}, "userId"),
        ({"reason": "x" * 600}, "reason"),
        ({"actor": "ava"}, "actor"),
    ],
)
def test_what_is_wrong_is_named(post, waits, olga, change, field):
    image = waits()
    sent = {"userId": olga.user_id, "imageId": image.id, "action": "reject", **change}
    assert any(name.startswith(field) for name in refused(post(MODERATE, **sent), 400, "VALIDATION_ERROR"))
    assert not fresh(image).is_trashed


def test_only_post(program_for):
    for path in (QUEUE, "/discord/queue/discordQueue", MODERATE, "/discord/moderation"):
        answer = program_for(None).get(path)
        refused(answer, 405, "METHOD_NOT_ALLOWED")
