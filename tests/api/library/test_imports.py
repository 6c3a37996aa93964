"""Bringing pictures into the library: hosted pictures, imports, uploads by ticket."""

import re
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.imaging.shades import completed
from pindeck.models import Image, ImportBatch, Job
from pindeck.services.images import ledger, projects
from pindeck.services.ingest import external as imports
from pindeck.services.ingest.external import Candidate
from tests import invariants
from tests.api.gallery import BASE, HOSTED, IMAGES, external, get, good, store
from tests.conftest import Browser, RunJobs
from tests.factories import fresh, jobs_of, make_active, make_row, new_photo, together
from tests.programs import Program, ProgramFor, new_key, refused


def test_create_records_a_hosted_picture(owner: Browser, visitor: Program, olga: Actor) -> None:
    body = {"title": "Alley", "imageUrl": HOSTED, "tags": ["Neon"], "category": "Film", "source": "A credit"}
    image_id = good(owner.post(IMAGES, json=body))
    told = good(visitor.get(f"{IMAGES}/{image_id}"))
    assert (told["title"], told["tags"], told["category"]) == ("Alley", ["neon", "original"], "Film")
    assert (told["imageUrl"], told["status"], told["source"]) == (HOSTED, "active", "A credit")
    assert (told["likes"], told["views"], told["storageProvider"]) == (0, 0, "staging")
    assert told["uploadedBy"] == olga.user_id and "aiStatus" not in told  # no machine will look at it
    assert [job.kind for job in Job.select().where(Job.image_id == image_id)] == ["fetch_image"]
    assert visitor.get(f"/i/{image_id}").status_code == 404
    assert visitor.client.get("/").status_code == 200
    for status in ("failed", "completed"):  # somebody answers for it
        good(owner.put(f"{IMAGES}/{image_id}/ai-status", json={"status": status}))
        assert good(visitor.get(f"{IMAGES}/{image_id}"))["aiStatus"] == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"), ({"imageUrl": "ftp://x/a"}, "imageUrl"), ({"imageUrl": "x" * 2001}, "imageUrl"),
        ({"imageUrl": "javascript:alert(1)"}, "imageUrl"), ({"imageUrl": "https://"}, "imageUrl"),
        ({"tags": "a"}, "tags"), ({"tags": [5]}, "tags.0"), ({"title": "x" * 201}, "title"),
        ({"tags": ["x" * 61]}, "tags"), ({"tags": [str(n) for n in range(51)]}, "tags"),
        ({"description": "x" * 5001}, "description"), ({"category": "x" * 121}, "category"),
        ({"title": "a\x00"}, "title"), ({"title": "\ud800"}, "title"), ({"sref": "x" * 501}, "sref"),
    ],
)  # fmt: skip
def test_create_refuses_what_is_wrong(owner: Browser, change: dict[str, Any], field: str) -> None:
    body = {"title": "Alley", "imageUrl": HOSTED, "tags": [], "category": "Film", **change}
    body = {name: value for name, value in body.items() if value is not None}
    for path in (IMAGES, f"{IMAGES}/external"):
        answer = owner.post(path, json=body)
        assert answer.status_code == 400, answer.text
        assert field in answer.json["error"]["details"], answer.text
    assert Image.select().count() == 0


def test_external_defaults_and_moderation(owner: Browser, olga: Actor) -> None:
    plain = Image.get(Image.id == good(external(owner)))
    assert (plain.status, plain.ai_status, plain.category, plain.origin) == (
        "active",
        "processing",
        "General",
        "upload",
    )
    assert ledger.tags_of(plain.id) == ["original"] and plain.project_id == projects.DEFAULT_ID
    assert plain.ingested_at == plain.uploaded_at and plain.persist_status == "pending"
    for origin in ("discord", "pinterest"):
        waiting = Image.get(Image.id == good(external(owner, imageUrl=f"{HOSTED}?{origin}", sourceType=origin)))
        assert (waiting.status, waiting.ai_status, waiting.origin) == ("pending", "queued", origin)
    made = Image.get(Image.id == good(external(owner, imageUrl=f"{HOSTED}?ai", sourceType="ai")))
    assert (made.status, made.project_id) == ("active", projects.DEFAULT_ID)
    blank = good(external(owner, imageUrl=f"{HOSTED}?blank", title="  "))
    assert Image.get(Image.id == blank).title == "Untitled"


def test_external_shows_what_came_with_it_until_our_own_exist(owner: Browser) -> None:
    sizes = {"small": f"{HOSTED}?s", "large": f"{HOSTED}?l"}
    body = {
        "previewUrl": f"{HOSTED}?p",
        "derivativeUrls": sizes,
        "colors": ["#AABBCC"],
        "sourceUrl": "https://x.org/p",
    }
    told = good(owner.get(f"{IMAGES}/{good(external(owner, **body))}"))
    assert (told["imageUrl"], told["previewUrl"], told["derivativeUrls"]) == (HOSTED, f"{HOSTED}?p", sizes)
    assert (told["colors"], told["sourceUrl"]) == (completed(["#aabbcc"]), "https://x.org/p")


def test_the_same_import_answers_the_first_id(owner: Browser, other: Browser, olga: Actor) -> None:
    first = good(external(owner, externalId="pinterest:film:1"))
    again = external(owner, externalId="pinterest:film:1", imageUrl=f"{HOSTED}?other", colors=["#112233"])
    assert good(again) == first
    assert fresh(Image.get(Image.id == first)).colors == completed(["#112233"])
    good(external(owner, externalId="pinterest:film:1", colors=["#445566"]))
    assert Image.get(Image.id == first).colors == completed(["#112233"])
    assert good(external(owner)) == first  # the same address, one's own
    assert good(external(owner, imageUrl="https://x.org/z", externalId="z", sourceUrl="https://x.org/s")) != first
    by_source = good(external(owner, imageUrl="https://x.org/s"))
    assert Image.get(Image.id == by_source).external_id == "z"
    assert Image.select().count() == 2
    # Somebody else's, if it can be seen; and never by its address alone.
    assert good(external(other, externalId="pinterest:film:1")) == first
    assert good(external(other)) != first


def test_a_hidden_import_of_somebody_else_is_not_told(owner: Browser, other: Browser) -> None:
    hidden = good(external(owner, externalId="d1", sourceType="discord"))
    assert good(external(other, externalId="d1", imageUrl=f"{HOSTED}?2")) != hidden


def test_imports_at_once_make_one_image(olga: Actor) -> None:
    candidate = Candidate(HOSTED, {"title": "Pin"}, external_id="e1")
    assert len(set(together(6, lambda _: imports.create_external(olga, candidate)))) == 1
    assert Image.select().count() == 1


@pytest.mark.parametrize(
    ("path", "says"),
    [("../secret", "path traversal not allowed"), ("a/./b", "path traversal not allowed"),
     ("a\\..\\b", "path traversal not allowed"), ("/etc/passwd", "absolute paths not allowed"),
     ("\\\\server\\x", "absolute paths not allowed")],
)  # fmt: skip
def test_paths_that_lead_out_are_refused(owner: Browser, path: str, says: str) -> None:
    for body in ({"storagePath": path}, {"previewStoragePath": path}, {"derivativeStoragePaths": {"small": path}}):
        answer = external(owner, **body)
        assert says in str(refused(answer, 400, "VALIDATION_ERROR"))
    assert Image.select().count() == 0


def test_a_storage_path_names_an_own_object(owner: Browser, other: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    path = good(owner.get(f"{IMAGES}/{image.id}"))["storagePath"]
    assert "storagePath" in refused(external(other, storagePath=path), 400, "VALIDATION_ERROR")
    assert "storagePath" in refused(external(owner, storagePath="files/missing"), 400, "VALIDATION_ERROR")
    adopted = good(external(owner, storagePath=f"pindeck/{path}"))
    run_jobs()
    told = good(owner.get(f"{IMAGES}/{adopted}"))
    assert (told["storagePersistStatus"], told["storagePath"]) == ("succeeded", path)
    invariants.check()


def test_paths_of_sizes_name_those_of_the_original(
    owner: Browser, other: Browser, olga: Actor, run_jobs: RunJobs
) -> None:
    told, another = get(owner, make_active(olga).id), get(owner, make_active(olga).id)
    sizes = told["derivativeStoragePaths"]
    body = {
        "storagePath": told["storagePath"], "previewStoragePath": f"pindeck/{told['previewStoragePath']}",
        "derivativeStoragePaths": sizes,
    }  # fmt: skip
    assert another["previewStoragePath"] != told["previewStoragePath"]
    for wrong in (
        "files/missing",
        told["storagePath"],
        "ü",
        "pindeck",
        another["previewStoragePath"],
        sizes["medium"],
    ):
        answer = external(owner, **{**body, "previewStoragePath": wrong})
        assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"previewStoragePath"}
        answer = external(owner, **{**body, "derivativeStoragePaths": {**sizes, "small": wrong}})
        assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"derivativeStoragePaths.small"}
    refused(external(other, **body), 400, "VALIDATION_ERROR")
    alone = external(owner, previewStoragePath=told["previewStoragePath"])
    assert set(refused(alone, 400, "VALIDATION_ERROR")) == {"previewStoragePath"}
    assert Image.select().count() == 2
    made = good(external(owner, **body))
    run_jobs()
    for name in ("storagePath", "previewStoragePath", "derivativeStoragePaths"):
        assert get(owner, made)[name] == told[name]
    invariants.check()


def test_a_project_key_imports_within_its_wall(owner: Browser, program_for: ProgramFor, olga: Actor) -> None:
    key = program_for(new_key(project="Blade", actor=olga))
    outside = make_active(olga, project="Alien")
    Image.update(external_url=HOSTED, external_id="e1", visibility="private").where(Image.id == outside.id).execute()
    told = get(owner, outside.id)
    answer = external(key, imageUrl=f"{HOSTED}?1", storagePath=told["storagePath"])
    assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"storagePath"}
    refused(external(key, imageUrl=f"{HOSTED}?1", externalId="e1"), 409, "CONFLICT")
    assert Image.select().count() == 1
    inside = good(external(key))
    assert inside != outside.id and good(external(key)) == inside
    assert good(external(owner)) == outside.id  # the person's own session sees both, the older first
    ledger.write(outside.id, {"project": "Blade"}, ledger.person(olga))
    assert good(external(key, externalId="e1")) == outside.id
    adopted = good(external(key, imageUrl=f"{HOSTED}?2", storagePath=told["storagePath"]))
    assert get(key, adopted)["storagePath"] == told["storagePath"]


def test_colours_that_somebody_cleared_do_not_come_back(owner: Browser) -> None:
    image_id = good(external(owner, externalId="e1", colors=["#112233"]))
    good(owner.patch(f"{IMAGES}/{image_id}", json={"colors": None}))
    assert good(external(owner, externalId="e1", colors=["#445566"])) == image_id
    assert "colors" not in get(owner, image_id)


def test_an_import_batch_must_be_ones_own(owner: Browser, olga: Actor, sam: Actor) -> None:
    for person, fits in ((olga, True), (sam, False)):
        batch = ImportBatch.create(id=db.new_id(), user=person.user_id, origin="pinterest", created_at=db.now_ms())
        answer = external(owner, importBatchId=batch.id, imageUrl=f"{HOSTED}?{batch.id}")
        if fits:
            assert Image.get(Image.id == good(answer)).import_batch_id == batch.id
        else:
            assert "importBatchId" in refused(answer, 400, "VALIDATION_ERROR")


def test_the_two_step_upload(owner: Browser, other: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    address = good(owner.post(f"{BASE}/upload-url"))
    assert isinstance(address, str) and address.startswith("http") and "/storage/upload?token=" in address
    items = [
        {"storageId": store(owner), "title": "One", "category": "Film", "tags": ["Neon"], "projectName": "Blade",
         "originalFileName": "a/one.jpg", "variationCount": 0, "colors": []},
        {"storageId": store(owner), "title": "Two", "category": "Art", "tags": []},
    ]  # fmt: skip
    made = good(owner.post(f"{BASE}/uploads", json={"uploads": items}))
    told = [good(owner.get(f"{IMAGES}/{image_id}")) for image_id in made]
    assert [t["title"] for t in told] == ["One", "Two"] and told[0]["tags"] == ["neon", "original"]
    assert {(t["status"], t["aiStatus"], t["sourceType"]) for t in told} == {("draft", "processing", "upload")}
    assert told[0]["projectName"] == "Blade" and "projectName" not in told[1]
    run_jobs()
    assert good(other.post(f"{BASE}/uploads/finalize", json={"imageIds": made})) is None
    assert {fresh(Image.get(Image.id == i)).status for i in made} == {"draft"}
    assert good(owner.post(f"{BASE}/uploads/finalize", json={"imageIds": [*made, "x", db.new_id()]})) is None
    assert {Image.get(Image.id == i).status for i in made} == {"active"}


def test_uploads_are_all_or_nothing(owner: Browser, other: Browser) -> None:
    item = {"title": "x", "category": "Film", "tags": []}
    good_id = store(owner)
    for wrong in ("missing", store(other), good_id):
        pair = [{**item, "storageId": good_id}, {**item, "storageId": wrong}]
        refused(owner.post(f"{BASE}/uploads", json={"uploads": pair}), 404, "NOT_FOUND")
    for uploads in ([], [{**item, "storageId": good_id}] * 51, "x", None, [{"storageId": good_id}]):
        refused(owner.post(f"{BASE}/uploads", json={"uploads": uploads}), 400, "VALIDATION_ERROR")
    assert Image.select().count() == 0


@pytest.mark.parametrize(
    ("change", "name"),
    [({"uniqueId": "x" * 121}, "uniqueId"), ({"projectName": "x" * 121}, "projectName"),
     ({"moodboardName": "x" * 121}, "moodboardName"), ({"tags": ["x" * 61]}, "tags"), ({"title": "x" * 201}, "title"),
     ({"group": "x" * 121}, "group"), ({"source": "x" * 501}, "source")],
    ids=["uniqueId", "projectName", "moodboardName", "tags", "title", "group", "source"],
)  # fmt: skip
def test_a_wrong_upload_is_named_as_it_was_spelt(owner: Browser, change: dict[str, Any], name: str) -> None:
    item = {"storageId": store(owner), "title": "Still", "category": "Film", "tags": []}
    answer = owner.post(f"{BASE}/uploads", json={"uploads": [item, {**item, **change}]})
    assert set(refused(answer, 400, "VALIDATION_ERROR")) == {f"uploads.1.{name}"}
    assert Image.select().count() == 0


def test_a_stored_upload_is_called_as_its_file(owner: Browser, run_jobs: RunJobs) -> None:
    def claimed(sent_as: str | None, asked_as: str | None = None, **claim: str) -> str:
        told = {"json": {"originalFileName": asked_as}} if asked_as else {}
        path = re.sub(r"^https?://[^/]+", "", good(owner.post(f"{BASE}/upload-url", **told)))
        headers = {"Content-Disposition": sent_as} if sent_as else {}
        sent = owner.put(path, data=new_photo(), content_type="image/jpeg", headers=headers)
        item = {"storageId": good(sent)["storageId"], "title": "Title", "category": "Film", "tags": [], **claim}
        return str(good(owner.post(f"{BASE}/uploads", json={"uploads": [item]}))[0])

    named = 'attachment; filename="as sent.jpg"'
    starred = "attachment; filename*=UTF-8''M%C3%BCller%20%2F%20..%2Fn%C3%A4chtens.png"
    expected = {
        claimed(None, originalFileName="Storm light.jpg"): ("Storm-light", "Storm light.jpg"),
        claimed(None, "a/Asked for.jpg"): ("Asked-for", "Asked for.jpg"),
        claimed(named, "Asked for.jpg"): ("as-sent", "as sent.jpg"),
        claimed(named, "Asked for.jpg", originalFileName="Storm light.jpg"): ("Storm-light", "Storm light.jpg"),
        claimed(named, originalFileName="Storm light.jpg"): ("Storm-light", "Storm light.jpg"),
        claimed(named): ("as-sent", "as sent.jpg"),
        claimed(starred): ("nachtens", "nächtens.png"),
        claimed("attachment; filename=\"; x"): ("image", "image"),
        claimed(None): ("image", "image"),
    }
    run_jobs()
    for image_id, (stem, name) in expected.items():
        told = get(owner, image_id)
        assert re.fullmatch(rf"media-uploads/\d{{4}}/\d\d_\d\d/original/{stem}-[0-9a-f]{{16}}\.jpg", told["storagePath"])
        assert f"/preview/{stem}-" in told["previewStoragePath"]
        assert Image.get(Image.id == image_id).original_filename == name
    invariants.check()


def test_a_picture_says_what_it_is_a_variation_of(owner: Browser, other: Browser) -> None:
    parent = good(owner.post(IMAGES, json={"title": "Alley", "imageUrl": HOSTED, "tags": [], "category": "Film"}))
    base = get(owner, parent)["uniqueId"]
    second = {"title": "Alley", "imageUrl": f"{HOSTED}?2", "tags": [], "category": "Film", "parentImageId": parent}
    made = [good(external(other, imageUrl=f"{HOSTED}?1", parentImageId=parent)), good(owner.post(IMAGES, json=second))]
    told = [get(other, image_id) for image_id in made]
    assert [(each["parentImageId"], each["uniqueId"]) for each in told] == [(parent, f"{base}-v1"), (parent, f"{base}-v2")]
    item = {"storageId": store(owner), "title": "Still", "category": "Film", "tags": [], "parentImageId": parent}
    draft = good(owner.post(f"{BASE}/uploads", json={"uploads": [item]}))[0]
    assert Image.get(Image.id == draft).parent_id == parent
    good(owner.patch(f"{IMAGES}/{parent}", json={"visibility": "private"}))
    assert "parentImageId" not in get(other, made[0])
    wrong = external(other, imageUrl=f"{HOSTED}?3", parentImageId=parent)
    assert set(refused(wrong, 400, "VALIDATION_ERROR")) == {"parentImageId"}
    lost = {**item, "storageId": store(other)}
    answer = other.post(f"{BASE}/uploads", json={"uploads": [lost]})
    assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"uploads.0.parentImageId"}


def test_fifty_tags_fit_beside_ours(owner: Browser) -> None:
    tags = [f"tag {number}" for number in range(50)]
    body = {"title": "Alley", "imageUrl": HOSTED, "tags": tags, "category": "Film"}
    item = {"storageId": store(owner), "title": "Still", "category": "Film", "tags": tags}
    made = [
        good(owner.post(IMAGES, json=body)),
        good(external(owner, tags=[*tags, "original"], imageUrl=f"{HOSTED}?2")),
        *good(owner.post(f"{BASE}/uploads", json={"uploads": [item]})),
    ]
    for image_id in made:
        assert get(owner, image_id)["tags"] == [*tags, "original"]


def test_a_unique_id_that_is_taken_leaves_nothing(owner: Browser, olga: Actor) -> None:
    make_row(olga, unique_tag="BR-1")
    body = {"title": "Alley", "imageUrl": HOSTED, "tags": [], "category": "Film", "uniqueId": "BR-1"}
    refused(owner.post(IMAGES, json=body), 409, "CONFLICT")
    refused(external(owner, uniqueId="BR-1"), 409, "CONFLICT")
    item = {"storageId": store(owner), "title": "Still", "category": "Film", "tags": [], "uniqueId": "BR-1"}
    refused(owner.post(f"{BASE}/uploads", json={"uploads": [item]}), 409, "CONFLICT")
    assert Image.select().count() == 1 and jobs_of("fetch_image") == []


@pytest.mark.parametrize(
    "address",
    ["", " ", "pictures.example.org/a.jpg", "//pictures.example.org/a.jpg", "file:///etc/passwd", "data:image/png,x",
     "http://", "http://user:word@pictures.example.org/", "http://2130706433/", "http://a b/", "https://x.org:99999/",
     "http://" + "a" * 64 + ".org/", "https://x.org/a\nb", "https://x.org/\u0000"],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(owner: Browser, address: str) -> None:
    for name in ("imageUrl", "previewUrl", "sourceUrl"):
        assert set(refused(external(owner, **{name: address}), 400, "VALIDATION_ERROR")) == {name}
    sizes = {"derivativeUrls": {"small": address}}
    assert set(refused(external(owner, **sizes), 400, "VALIDATION_ERROR")) == {"derivativeUrls.small"}
    assert Image.select().count() == 0


def test_addresses_of_two_thousand_characters_fit(owner: Browser) -> None:
    longest = HOSTED + "?" + "a" * (2000 - len(HOSTED) - 1)
    assert get(owner, good(external(owner, imageUrl=longest)))["imageUrl"] == longest
    assert "imageUrl" in refused(external(owner, imageUrl=longest + "a"), 400, "VALIDATION_ERROR")


def test_what_cannot_be_brought_stays_at_its_address(owner: Browser, visitor: Program, run_jobs: RunJobs) -> None:
    image_id = good(external(owner, imageUrl="http://127.0.0.1:1/inside.jpg", previewUrl=f"{HOSTED}?p"))
    run_jobs()
    told = get(owner, image_id)
    assert (told["imageUrl"], told["previewUrl"]) == ("http://127.0.0.1:1/inside.jpg", f"{HOSTED}?p")
    assert (told["storagePersistStatus"], told["nextcloudPersistStatus"]) == ("failed", "failed")
    assert (told["aiStatus"], told["storageProvider"]) == ("failed", "staging")
    assert told["storagePersistError"] and "storageId" not in told
    assert visitor.get(f"/i/{image_id}?size=small").status_code == 404
    assert HOSTED not in visitor.get("/").text  # pages never load it from there


def test_an_address_for_uploads_is_used_once_and_for_pictures(owner: Browser, visitor: Program) -> None:
    one, two = (good(owner.post(f"{BASE}/upload-url")) for _ in range(2))
    assert one != two
    path = re.sub(r"^https?://[^/]+", "", one)
    answer = visitor.post(path, data=b"no picture", content_type="image/png")
    refused(answer, 415, "UNSUPPORTED_FILE_TYPE")
    assert set(good(visitor.put(path, data=new_photo(), content_type="image/jpeg"))) == {"storageId"}
    refused(visitor.put(path, data=new_photo(), content_type="image/jpeg"), 409, "TICKET_USED")


def test_colours_and_the_name_of_an_upload_are_kept(owner: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    item = {
        "storageId": store(owner), "title": "Still", "category": " ", "tags": [], "colors": ["#AABBCC"],
        "originalFileName": "../../Rain.JPG", "genre": "Noir", "moodboardName": "Night", "variationCount": 12,
    }  # fmt: skip
    (image_id,) = good(owner.post(f"{BASE}/uploads", json={"uploads": [item]}))
    told = get(owner, image_id)
    colors = told["colors"]
    assert (colors[0], len(colors)) == ("#aabbcc", 5)
    assert (told["category"], told["genre"], told["moodboardName"]) == ("General", "Noir", "Night")
    assert Image.get(Image.id == image_id).original_filename == "Rain.JPG"
    run_jobs()
    assert get(owner, image_id)["colors"] == colors  # those that a person gave
    assert Image.select().count() == 1  # nobody asked a machine for variations
    for wrong in ({"title": " "}, {"colors": ["#abc"]}, {"variationCount": 13}, {"tags": None}):
        answer = owner.post(f"{BASE}/uploads", json={"uploads": [{**item, **wrong}]})
        (name,) = refused(answer, 400, "VALIDATION_ERROR")
        assert name.startswith(f"uploads.0.{next(iter(wrong))}")
