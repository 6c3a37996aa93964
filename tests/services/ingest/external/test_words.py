"""What is written about a picture from elsewhere, whose it is, and what waits for a person."""

from collections.abc import Callable
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Upstream
from pindeck.imaging.shades import completed
from pindeck.models import Blob, FieldEvent, Image, ImportBatch, StoredFile
from pindeck.services.blobs import blobs
from pindeck.services.images import ledger, moderation, projects, storing, trash
from pindeck.services.ingest import approval, external, uploads
from pindeck.services.ingest.external import Candidate
from pindeck.states import AiStatus, ImageStatus, JobStatus, Origin, PersistStatus
from tests import invariants
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import blob_of, fresh, jobs_of, make_active, make_row, new_photo, objects
from tests.fetching.hostile import HostileServer, answer
from tests.services.ingest.external.elsewhere import PICTURE, get, status_of

# What is written


def test_defaults_are_rules_and_what_was_given_is_the_imports(alley: Callable[..., Image]) -> None:
    image = alley(words={"description": "Rain", "tags": ["Neon"]})
    writers = {event.field: (event.writer, event.program) for event in ledger.latest(image.id).values()}
    assert writers["title"] == writers["description"] == writers["tags"] == ("import", "import")
    assert writers["category"] == ("rule", "default") and "project" not in writers
    assert ledger.tags_of(image.id) == ["neon", "original"]


def test_what_a_person_creates_is_the_persons(olga: Actor, web: HostileServer) -> None:
    image_id = external.create(olga, Candidate(f"{web.base}/alley.jpg", {"title": "Alley", "tags": ["a"]}))
    event = FieldEvent.get((FieldEvent.image_id == image_id) & (FieldEvent.new == "Alley"))
    assert (event.writer, event.user_id) == ("person", olga.user_id)
    assert get(image_id).project_id == projects.DEFAULT_ID


def test_no_title_becomes_a_project(alley: Callable[..., Image]) -> None:
    assert alley("/1").project_id == projects.DEFAULT_ID
    assert alley("/2", origin=Origin.AI).project_id == projects.DEFAULT_ID
    assert projects.name_of(alley("/3", words={"project": "Blade"}).project_id) == "Blade"


def test_pinterest_may_be_let_through(alley: Callable[..., Image], change_settings: ChangeSettings) -> None:
    change_settings(pinterest_moderated=False)
    assert alley("/1", origin=Origin.PINTEREST).status == ImageStatus.ACTIVE
    assert alley("/2", origin=Origin.DISCORD).status == ImageStatus.PENDING


def test_a_batch_counts_what_it_made_and_what_was_there(alley: Callable[..., Image], olga: Actor, sam: Actor) -> None:
    batch = ImportBatch.create(id=db.new_id(), user=olga.user_id, origin="pinterest", created_at=db.now_ms())
    for path in ("/1", "/2", "/1"):
        alley(path, import_batch_id=batch.id)
    counted = ImportBatch.get_by_id(batch.id)
    assert (counted.created_count, counted.skipped_count) == (2, 1)
    foreign = ImportBatch.create(id=db.new_id(), user=sam.user_id, origin="pinterest", created_at=db.now_ms())
    for batch_id in (foreign.id, "missing"):
        with pytest.raises(Invalid):
            alley("/3", import_batch_id=batch_id)
    assert Image.select().count() == 2


def test_what_was_discarded_does_not_come_back(alley: Callable[..., Image], olga: Actor) -> None:
    image = alley(external_id="e1")
    trash.trash(olga, image.id)
    assert alley(external_id="e1").id == image.id
    assert alley("/alley.jpg").id != image.id  # by its address alone it may be imported anew


@pytest.mark.plans
def test_what_is_there_already_is_found_without_reading_all_that_a_person_has(olga: Actor, engine: str) -> None:
    first = external.create(olga, Candidate("https://example.org/0"))
    row = Image.select().where(Image.id == first).dicts().get()
    alike = {name: value for name, value in row.items() if name not in ("seq", "is_listed", "unique_tag")}
    urls = [f"https://example.org/{n}" for n in range(1, 400)]
    db.insert_rows(Image, [{**alike, "id": db.new_id(), "external_url": url, "source_url": url} for url in urls])
    if engine == "postgres":  # SQLite is never asked to, and chooses without
        db.sql("ANALYZE image")
    explain = "EXPLAIN QUERY PLAN" if engine == "sqlite" else "EXPLAIN"
    asked = dict(user=olga.user_id, url=urls[7], project=None)
    plan = "\n".join(str(row[-1]) for row in db.sql(f"{explain} {external.OF_ADDRESS}", **asked).fetchall())
    assert "image_source" in plan and "image_came_from" in plan and "image_of_user" not in plan, plan


@pytest.mark.parametrize("status", ["draft", "pending"])
def test_somebody_elses_hidden_one_is_not_told(
    alley: Callable[..., Image], sam: Actor, web: HostileServer, status: str
) -> None:
    hidden = make_row(sam, external_id="e1", status=status, external_url=f"{web.base}/alley.jpg")
    assert alley(external_id="e1").id != hidden.id
    shown = make_row(sam, external_id="e2")
    assert alley("/2", external_id="e2").id == shown.id


def test_colours_do_not_fill_an_image_that_may_not_be_edited(
    alley: Callable[..., Image], sam: Actor, change_settings: ChangeSettings
) -> None:
    theirs = make_row(sam, external_id="e1")
    change_settings(metadata_edit_policy="owner")
    alley(external_id="e1", colors=["#112233"])
    assert fresh(theirs).colors == []
    change_settings(metadata_edit_policy="any_user")
    alley(external_id="e1", colors=["#112233"])
    assert fresh(theirs).colors == completed(["#112233"])


def test_who_may_import(web: HostileServer, gus: Actor, olga: Actor) -> None:
    candidate = Candidate(f"{web.base}/alley.jpg", {"title": "x"})
    unbound = Actor(client_id="c", client_kind="master", scopes=frozenset({"images:write"}))
    for way in (external.create, external.create_external):
        for actor, refusal in ((gus, Forbidden), (Actor(), NotSignedIn), (unbound, Forbidden)):
            with pytest.raises(refusal):
                way(actor, candidate)
    assert Image.select().count() == 0


# A storage path


def path_of(image: Image) -> str:
    return blob_of(image).object_key


def test_an_own_object_is_adopted_with_what_is_known_of_it(
    alley: Callable[..., Image], web: HostileServer, olga: Actor, run_jobs: RunJobs
) -> None:
    image = make_active(olga, data := new_photo())
    adopted = alley(storage_path=f"pindeck/{path_of(image)}")
    assert status_of(adopted) == ("active", "processing", "succeeded")
    assert (adopted.width, adopted.size, adopted.colors) == (64, len(data), fresh(image).colors)
    run_jobs(include_later=True)
    assert web.requests == [] and adopted.file_id != image.file_id
    assert Blob.select().count() == 1 and fresh(adopted).public_token
    invariants.check()
    trash.purge(olga, image.id)
    run_jobs(include_later=True)
    assert blobs.original_of(fresh(adopted)).object_key in objects()


def test_nobody_adopts_what_somebody_else_stored(
    web: HostileServer, olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    path = path_of(make_active(olga))
    program = Actor(
        user_id=sam.user_id, role="curator", client_id="c", client_kind="master",
        scopes=frozenset({"images:read", "images:write", "storage:read"}),
    )  # fmt: skip
    for actor in (sam, mo, program):
        for wanted in (path, f"pindeck/{path}", "files/missing", "", "\x00", "ü"):
            with pytest.raises(Invalid) as refusal:
                external.create_external(actor, Candidate(f"{web.base}/x", {"title": "x"}, storage_path=wanted))
            assert "storagePath" in refusal.value.fields
    assert Image.select().count() == 1 and StoredFile.select().count() == 1


# Waiting for a person


def test_what_waits_costs_nothing_until_it_is_kept(
    alley: Callable[..., Image], olga: Actor, run_jobs: RunJobs
) -> None:
    image = alley(origin=Origin.DISCORD)
    run_jobs(include_later=True)
    assert status_of(image) == ("pending", "queued", "succeeded") and jobs_of("analyse") == []
    assert fresh(image).public_token is None
    approval.approve(olga, image.id)
    assert status_of(image) == ("draft", "processing", "succeeded")
    run_jobs(include_later=True)
    assert status_of(image) == ("draft", "completed", "succeeded")
    approval.approve(olga, image.id)
    assert status_of(image) == ("draft", "completed", "succeeded") and len(jobs_of("analyse")) == 1
    moderation.finalize(olga, [image.id])
    run_jobs(include_later=True)
    assert fresh(image).status == ImageStatus.ACTIVE and fresh(image).public_token


def test_kept_before_its_bytes_are_here(alley: Callable[..., Image], olga: Actor, run_jobs: RunJobs) -> None:
    image = alley(origin=Origin.DISCORD)
    approval.approve(olga, image.id)
    assert status_of(image) == ("draft", "processing", "pending") and jobs_of("analyse") == []
    run_jobs(include_later=True)
    assert status_of(image) == ("draft", "completed", "succeeded")


def test_a_waiting_one_that_failed_waits_again_when_it_is_retried(
    alley: Callable[..., Image], web: HostileServer, olga: Actor, run_jobs: RunJobs
) -> None:
    image = alley("/missing.jpg", origin=Origin.DISCORD)
    run_jobs()
    assert status_of(image) == ("pending", "failed", "failed")
    web.pages["/missing.jpg"] = answer(PICTURE)
    storing.retry(olga, image.id)
    run_jobs(include_later=True)
    assert status_of(image) == ("pending", "queued", "succeeded")
    approval.approve(olga, image.id)
    run_jobs(include_later=True)
    assert status_of(image) == ("draft", "completed", "succeeded")


def test_keeping_one_whose_copy_failed_tries_it_again_and_describes_it(
    alley: Callable[..., Image], web: HostileServer, olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    image = alley("/missing.jpg", origin=Origin.DISCORD)
    for actor in (olga, mo):  # the second time it is a draft already
        run_jobs(include_later=True)
        assert (fresh(image).ai_status, fresh(image).persist_status) == ("failed", "failed")
        with pytest.raises((Forbidden, NotFound)):
            approval.approve(sam, image.id)
        assert approval.approve(actor, image.id).status == ImageStatus.DRAFT
        assert status_of(image) == ("draft", "processing", "pending")
        assert "404" in str(fresh(image).persist_error)  # the reason of the last try stays until it has come
        approval.approve(actor, image.id)
        assert [job.kind for job in jobs_of("fetch_image") if job.status == "queued"] == ["fetch_image"]
    web.pages["/missing.jpg"] = answer(PICTURE)
    run_jobs(include_later=True)
    assert status_of(image) == ("draft", "completed", "succeeded")
    gone = make_row(olga, status="pending", origin="discord", persist_status="failed", file=None, external_url="")
    assert approval.approve(olga, gone.id).persist_status == "failed"  # there is nothing to try
    pin = make_row(olga, status="pending", origin="pinterest", ai_status="completed", persist_status="failed")
    with pytest.raises(Conflict):
        approval.approve(olga, pin.id)


def test_the_store_being_away_loses_nothing(
    alley: Callable[..., Image], monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = alley()

    def away(*_: Any, **__: Any) -> Any:
        raise Upstream("The store did not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "put", away)
        run_jobs()
    (job,) = jobs_of("fetch_image")
    assert job.status == JobStatus.QUEUED and fresh(image).persist_status == PersistStatus.PENDING
    run_jobs(include_later=True)
    assert fresh(image).ai_status == AiStatus.COMPLETED
