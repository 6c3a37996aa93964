"""Bots and scripts bring in pictures: once each, for one person, and nothing is fetched before the record is there."""

import json

import pytest

from pindeck import config
from pindeck.models import Activity, Client, Image, Job
from pindeck.services.accounts import administration
from pindeck.services.clients import discord_people
from pindeck.services.images import ledger, projects, trash
from tests.factories import fresh
from tests.programs import new_key, refused
from tests.public.bots.conftest import KEY

PATH = "/ingestExternal"


def image_of(answer):
    return Image.get(Image.id == answer.json["imageId"])


def test_a_picture_waits_is_fetched_and_is_not_brought_in_twice(post, web, olga, run_jobs):
    url = f"{web.base}/alley.jpg"
    sent = dict(
        userId=olga.user_id, imageUrl=f"<{url}>).", title="Alley", tags=["Noir", "noir"], externalId="discord:url:1",
        sourceType="discord", sourceUrl="https://discord.com/channels/1/2/3", discordUserId="42", discordUsername="ava",
    )  # fmt: skip
    first = post(PATH, **sent)
    assert first.status_code == 200, first.text
    image = image_of(first)
    assert first.json == {"imageId": image.id, "userId": olga.user_id, "queued": True, "duplicate": False}
    assert (image.status, image.ai_status, image.persist_status) == ("pending", "queued", "pending")
    assert (image.external_url, image.source_url) == (url, sent["sourceUrl"]) and image.user_id == olga.user_id
    assert set(ledger.tags_of(image.id)) == {"noir", "original"} and not web.requests
    again = post(PATH, **sent)
    assert again.json == {**first.json, "duplicate": True} and Image.select().count() == 1
    run_jobs()
    assert fresh(image).persist_status == "succeeded" and fresh(image).ai_status == "queued"
    by_url = post(PATH, userId=olga.user_id, imageUrl=url)
    assert by_url.json == {"imageId": image.id, "userId": olga.user_id, "queued": False, "duplicate": True}
    assert len(web.requests) == 1
    noted = Activity.get((Activity.image_id == image.id) & (Activity.verb == "image.import"))
    assert noted.detail["discord"] == {"id": "42", "name": "ava"} and noted.client_id == image.client_id


def test_what_no_source_moderates_is_in_the_library_at_once(post, web, olga, run_jobs):
    image = image_of(post(PATH, userId=olga.user_id, imageUrl=f"{web.base}/bridge.jpg", sourceType="upload"))
    run_jobs()
    assert (fresh(image).status, fresh(image).persist_status) == ("active", "succeeded")
    assert fresh(image).title == "bridge"  # nobody named it, so its file does


def test_the_caller_names_a_project_and_whether_a_picture_waits(post, web, olga, run_jobs):
    url = f"{web.base}/alley.jpg"
    image = image_of(post(PATH, userId=olga.user_id, imageUrl=url, projectName=" Night ", moderated=True))
    run_jobs()
    assert (fresh(image).status, fresh(image).ai_status) == ("pending", "queued")
    assert projects.name_of(image.project_id) == "Night"
    at_once = image_of(post(PATH, userId=olga.user_id, imageUrl=f"{url}?2", sourceType="discord", moderated=False))
    assert at_once.status == "active" and at_once.project_id == projects.DEFAULT_ID
    for wrong in ({"projectName": "x" * 121}, {"moderated": "yes"}, {"projectName": ["x"]}):
        told = post(PATH, userId=olga.user_id, imageUrl=f"{url}?3", **wrong)
        assert told.status_code == 400 and set(told.json["error"]["details"]) == set(wrong)
    own = new_key("project", actor=olga, scopes=["ingest"], project="Own")
    kept = image_of(post(PATH, key=own, imageUrl=f"{url}?4", projectName="Night"))
    assert projects.name_of(kept.project_id) == "Own" and Image.select().count() == 3


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        ({}, "External Import"),
        ({"title": " "}, "External Import"),
        ({"title": "Untitled"}, "External Import"),
        ({"sourceType": "discord"}, "Discord Import"),
        ({"sourceType": "discord", "title": "Discord import 2026-01-02T03:04:05Z"}, "Discord import 2026-01-02T03:04:05Z"),
    ],
)
def test_a_title_that_says_nothing_is_nobodys(post, olga, sent, title):
    image = image_of(post(PATH, userId=olga.user_id, imageUrl="https://pictures.example/a.jpg", **sent))
    assert image.title == title
    assert ledger.tags_of(image.id) == ["original"] and image.category == "General"


def test_a_discarded_picture_does_not_come_back_by_itself(post, olga):
    sent = dict(userId=olga.user_id, imageUrl="https://pictures.example/a.jpg", externalId="x")
    image = image_of(post(PATH, **sent))
    trash.trash(olga, image.id)
    assert post(PATH, **sent).json["duplicate"] and fresh(image).is_trashed


def test_a_bound_key_needs_no_name_and_bears_no_other(post, bound, olga, sam):
    url = "https://pictures.example/a.jpg"
    answer = post(PATH, key=bound("ingest"), imageUrl=url)
    assert answer.json["userId"] == olga.user_id and image_of(answer).user_id == olga.user_id
    refused(post(PATH, key=bound("ingest"), imageUrl=url, userId=sam.user_id), 403, "FORBIDDEN")
    refused(post(PATH, key=bound("ingest"), imageUrl=url, userId="nobody"), 403, "FORBIDDEN")
    refused(post(PATH, key=new_key("master"), imageUrl=url, userId=sam.user_id), 403, "USER_REQUIRED")
    assert Image.select().count() == 1


def test_the_setting_names_whom_its_key_acts_for(post, olga, sam, change_settings):
    url = "https://pictures.example/a.jpg"
    change_settings(pindeck_user_id=olga.user_id)
    assert post(PATH, imageUrl=url).json["userId"] == olga.user_id
    refused(post(PATH, imageUrl=url, userId=sam.user_id), 403, "FORBIDDEN")
    change_settings(pindeck_user_id="gone")
    refused(post(PATH, imageUrl=url), 404, "USER_NOT_FOUND")


def test_who_asked_in_discord_is_their_account_where_nobody_is_named(post, olga, sam, mo):
    discord_people.link(mo, "80351110224678912", "sam@example.org")
    asked = dict(imageUrl="https://pictures.example/a.jpg", discordUserId="80351110224678912")
    assert post(PATH, **asked).json["userId"] == sam.user_id
    assert post(PATH, **asked, userId=olga.user_id).json["userId"] == olga.user_id
    assert post(PATH, **{**asked, "discordUserId": "80351110224678913"}).status_code == 400


def test_another_persons_import_of_the_same_address_is_another_picture(post, olga, sam):
    sent = dict(imageUrl="https://pictures.example/a.jpg", sourceType="discord", externalId="same")
    first, second = post(PATH, userId=olga.user_id, **sent), post(PATH, userId=sam.user_id, **sent)
    assert first.json["imageId"] != second.json["imageId"] and not second.json["duplicate"]


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"imageUrl": None}, 400, "VALIDATION_ERROR", "imageUrl"),
        ({"imageUrl": "> ."}, 400, "VALIDATION_ERROR", "imageUrl"),
        ({"imageUrl": "ftp://example.org/a.jpg"}, 400, "VALIDATION_ERROR", "imageUrl"),
        ({"imageUrl": 5}, 400, "VALIDATION_ERROR", "imageUrl"),
        ({"sourceType": "fax"}, 400, "VALIDATION_ERROR", "sourceType"),
        ({"tags": "noir"}, 400, "VALIDATION_ERROR", "tags"),
        ({"tags": ["x" * 100]}, 400, "VALIDATION_ERROR", "tags"),
        ({"title": "x" * 300}, 400, "VALIDATION_ERROR", "title"),
        ({"title": "a\x00b"}, 400, "VALIDATION_ERROR", "title"),
        ({"importBatchId": "nope"}, 400, "VALIDATION_ERROR", "importBatchId"),
        ({"userId": None}, 400, "VALIDATION_ERROR", "userId"),
        ({"userId": "nobody"}, 404, "USER_NOT_FOUND", None),
        ({"userId": "\ud800"}, 400, "VALIDATION_ERROR", "userId"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(post, olga, change, status, code, field):
    good = {"userId": olga.user_id, "imageUrl": "https://pictures.example/a.jpg"}
    details = refused(post(PATH, **{**good, **change}), status, code)
    assert (field in details) if field else details == {}
    assert not Image.select().exists() and not Job.select().exists()


def test_the_documented_sentences_stand_in_the_answers(post, olga):
    assert "Missing required fields: imageUrl" in post(PATH, userId=olga.user_id).text
    assert "No target user found. Provide userId." in post(PATH, imageUrl="https://pictures.example/a.jpg").text


def test_no_json_is_told_so(program_for, olga):
    headers = {"Authorization": f"Bearer {KEY}"}
    for body in (b"", b"{", b"[]", b"\xff", b'"text"', b"null"):
        answer = program_for(None).post(PATH, data=body, content_type="application/json", headers=headers)
        refused(answer, 400, "VALIDATION_ERROR")


def test_only_post_and_only_with_a_good_key(post, program_for, bound, client_for, olga, change_settings):
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = program_for(None).call(method, PATH, headers=headers)
            assert refused(answer, 405, "METHOD_NOT_ALLOWED") == {} and answer.headers["Allow"] == "POST"
            assert answer.json["error"]["message"] == "Method not allowed"
    sent = dict(userId=olga.user_id, imageUrl="https://pictures.example/a.jpg")
    for key in (None, "", "wrong", KEY + "x", "ключ"):
        refused(post(PATH, key=key and key.encode().decode("latin-1"), **sent), 401, "UNAUTHORIZED")
    refused(post(PATH, key=bound("images:read"), **sent), 403, "FORBIDDEN")
    refused(post(PATH, key=bound("moderate"), **sent), 403, "FORBIDDEN")
    refused(post(PATH, key=new_key("extension", identifier="ext", install_scope="operator"), **sent), 403, "FORBIDDEN")
    assert client_for(olga).post(PATH, json=sent).status_code == 401
    change_settings(ingest_api_key="")
    for key in ("", KEY):
        refused(post(PATH, key=key, **sent), 401, "UNAUTHORIZED")
    assert not Image.select().exists()


def test_the_key_of_the_settings_opens_nothing_else(post, program_for, olga):
    headers = {"Authorization": f"Bearer {KEY}"}
    for path in ("/api/v1/library/images", "/api/v1/images"):
        refused(program_for(None).get(path, headers=headers), 401, "UNAUTHORIZED")


def test_a_guest_and_a_disabled_account_bring_in_nothing(post, gus, olga, sam, mo):
    url = "https://pictures.example/a.jpg"
    refused(post(PATH, userId=gus.user_id, imageUrl=url), 403, "FORBIDDEN")
    administration.disable(mo, sam.user_id)
    refused(post(PATH, userId=sam.user_id, imageUrl=url), 404, "USER_NOT_FOUND")


def test_a_key_that_was_taken_back_meanwhile_fetches_nothing(post, web, olga, run_jobs):
    image = image_of(post(PATH, userId=olga.user_id, imageUrl=f"{web.base}/alley.jpg"))
    Client.update(disabled_at=1).execute()
    run_jobs()
    assert fresh(image).persist_status == "failed" and not web.requests
    refused(post(PATH, userId=olga.user_id, imageUrl=f"{web.base}/alley.jpg"), 401, "UNAUTHORIZED")


def test_a_project_key_brings_pictures_into_its_project(post, olga):
    key = new_key("project", project="Noir", actor=olga, scopes=("ingest",))
    image = image_of(post(PATH, key=key, imageUrl="https://pictures.example/a.jpg"))
    assert image.project.name == "Noir"


def test_a_key_has_the_scopes_only_when_they_are_named_for_a_project(post, olga):
    assert refused(post(PATH, key=new_key("project", project="Noir", actor=olga)), 403, "FORBIDDEN") == {}
    assert post(PATH, key=new_key("master", actor=olga), imageUrl="https://pictures.example/a.jpg").status_code == 200


def test_calls_are_limited(program_for, database, olga):
    from pindeck import bootstrap

    app = bootstrap.create_app(database.model_copy(update={"rate_ingest": "2/hour"}))
    headers = {"Authorization": f"Bearer {KEY}"}
    answers = [app.test_client().post(PATH, json={}, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429] and int(answers[2].headers["Retry-After"]) > 0
    assert json.loads(answers[2].text)["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert config.current().rate_ingest == "2/hour"
