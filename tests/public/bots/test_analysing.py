"""A bot has a stored picture described again, for its owner or an administrator."""

import pytest

from pindeck.models import Generation, Image, Job
from pindeck.states import AiStatus
from tests.factories import fresh, make_active, make_row
from tests.programs import new_key, refused

PATH = "/smartAnalyzeImage"


@pytest.fixture
def image(olga):
    made = make_active(olga)
    Image.update(ai_status=AiStatus.FAILED, ai_error="away").where(Image.seq == made.seq).execute()
    return made


def test_it_is_described_once_however_often_it_is_asked_for(post, image, olga, run_jobs):
    sent = dict(userId=olga.user_id, imageId=image.id, imageUrl="https://pictures.example/a.jpg")
    for _ in range(3):
        answer = post(PATH, **sent)
        assert (answer.status_code, answer.json) == (200, {"success": True})
    assert fresh(image).ai_status == "processing"
    assert Job.select().where((Job.kind == "analyse") & (Job.status == "queued")).count() == 1
    run_jobs()
    assert fresh(image).ai_status == "completed" and fresh(image).ai_error is None


def test_an_administrator_may_and_others_may_not(post, image, bound, mo, sam, gus):
    sent = dict(imageId=image.id, storageId="any")
    for key in (new_key("master", actor=sam), new_key("master", actor=sam, scopes=("ingest",))):
        assert post(PATH, key=key, **sent).status_code in (403, 404)
    assert post(PATH, userId=sam.user_id, **sent).status_code in (403, 404)
    refused(post(PATH, userId=gus.user_id, **sent), 403, "FORBIDDEN")
    refused(post(PATH, key=bound("moderate"), **sent), 403, "FORBIDDEN")
    refused(post(PATH, key=None, **sent), 401, "UNAUTHORIZED")
    assert fresh(image).ai_status == "failed"
    assert post(PATH, userId=mo.user_id, **sent).status_code == 200 and fresh(image).ai_status == "processing"


def test_what_is_wrong_is_named(post, image, olga):
    for sent, field in (({"imageId": image.id}, "imageUrl"), ({}, "imageId")):
        answer = post(PATH, userId=olga.user_id, **sent)
        assert field in refused(answer, 400, "VALIDATION_ERROR")
        assert "imageId, userId, and storageId or imageUrl are required" in answer.text
    refused(post(PATH, userId=olga.user_id, imageId="nothing", imageUrl="x"), 404, "IMAGE_NOT_FOUND")
    unstored = make_row(olga)
    Image.update(persist_status="pending").where(Image.seq == unstored.seq).execute()
    refused(post(PATH, userId=olga.user_id, imageId=unstored.id, imageUrl="x"), 409, "CONFLICT")


def test_variations_are_ordered_as_well_where_a_number_of_them_is_named(post, bound, olga, run_jobs, change_settings):
    image = make_active(olga)
    sent = dict(imageId=image.id, imageUrl="x", variationCount=2, variationType="style", variationDetail="rain")
    refused(post(PATH, key=bound("ingest"), **sent), 403, "FORBIDDEN")  # it may not spend
    assert post(PATH, key=bound("ingest"), **{**sent, "variationCount": 0}).status_code == 200
    run_jobs()
    assert not Generation.select().exists()
    key = bound("ingest", "moderate")
    assert post(PATH, key=key, **sent).json == {"success": True}
    refused(post(PATH, key=key, **sent), 409, "GENERATION_RUNNING")
    assert [(run.params["mode"], "rain" in run.prompt) for run in Generation.select()] == [("style-variation", True)] * 2
    run_jobs()
    assert fresh(image).ai_status == "completed" and Image.select().where(Image.parent_id == image.id).count() == 2
    assert Job.select().where((Job.kind == "analyse") & (Job.image_id == image.id) & (Job.status == "completed")).count() == 2
    change_settings(generation_backend="off")
    refused(post(PATH, key=key, **sent), 409, "GENERATION_OFF")
    assert "variationCount" in refused(post(PATH, key=key, **{**sent, "variationCount": "two"}), 400, "VALIDATION_ERROR")
