"""Pictures from elsewhere: recorded at once, brought by a job that may die anywhere, on both databases."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pindeck import db, fetching, queue
from pindeck.access import Actor
from pindeck.errors import Forbidden, Invalid, NotSignedIn, Upstream
from pindeck.models import Blob, FieldEvent, Image, ImportBatch, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import blobs
from pindeck.services.clients import api_keys
from pindeck.services.files import records
from pindeck.services.images import ledger, moderation, projects, trash
from pindeck.services.ingest import external, from_web, uploads
from pindeck.services.ingest.external import Candidate
from pindeck.states import AiStatus, ImageStatus, JobStatus, Origin, PersistStatus
from tests import invariants
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import blob_of, fresh, jobs_of, make_active, make_row, new_photo, objects, photo, together
from tests.fetching.hostile import HostileServer, answer, redirect, serving

PICTURE = photo(mark="from elsewhere", size=(80, 60))


@pytest.fixture(scope="module")
def web() -> Iterator[HostileServer]:
    """A server that counts as public, by the setting for a team's own servers."""
    with serving() as running:
        yield running


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    web.pages = {"/alley.jpg": answer(PICTURE, "Content-Type: image/jpeg")}
    web.requests.clear()
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}", "MAX_UPLOAD_MB": "1"}


@pytest.fixture
def alley(web: HostileServer, olga: Actor) -> Callable[..., Image]:
    """Import the picture, or another path of the server, as Olga."""

    def make(path: str = "/alley.jpg", **more: Any) -> Image:
        words = {"title": "Alley", **more.pop("words", {})}
        return get(external.create_external(olga, Candidate(web.base + path, words, **more)))

    return make


def get(image_id: str) -> Image:
    return Image.get(Image.id == image_id)


def status_of(image: Image) -> tuple[str, str, str]:
    found = fresh(image)
    return found.status, found.ai_status, found.persist_status


# Bringing the bytes


def test_the_bytes_come_and_the_image_is_like_any_other(
    alley: Callable[..., Image], web: HostileServer, run_jobs: RunJobs
) -> None:
    image = alley()
    assert (image.file_id, image.mime, image.width, image.external_url) == (None, None, None, f"{web.base}/alley.jpg")
    version = image.version
    run_jobs(include_later=True)
    done = fresh(image)
    assert (done.mime, done.width, done.height, done.size) == ("image/jpeg", 80, 60, len(PICTURE))
    assert status_of(done) == ("active", "completed", "succeeded")
    assert done.public_token and done.version > version and done.external_url == image.external_url
    file = StoredFile.get_by_id(done.file_id)
    assert (file.user_id, file.filename, file.purpose) == (done.user_id, "alley.jpg", "image")
    assert "/original/alley-" in blob_of(done).object_key
    invariants.check()


def test_equal_bytes_are_one_object(alley: Callable[..., Image], olga: Actor, run_jobs: RunJobs) -> None:
    make_active(olga, PICTURE)
    alley()
    run_jobs(include_later=True)
    assert Blob.select().count() == 1 and objects("staging/") == []
    invariants.check()


def test_a_duplicate_is_found_before_anything_is_asked_for(alley: Callable[..., Image], web: HostileServer) -> None:
    first = alley(external_id="e1")
    assert alley("/other.jpg", external_id="e1") == first and alley() == first
    assert web.requests == [] and Job.select().count() == 1


def test_after_the_copy_the_address_is_still_remembered(alley: Callable[..., Image], run_jobs: RunJobs) -> None:
    first = alley()
    run_jobs(include_later=True)
    assert alley() == first and Image.select().count() == 1


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (answer(b"<html>no picture</html>", "Content-Type: image/jpeg"), "picture"),
        (answer(PICTURE[:200], "Content-Type: image/jpeg"), ""),
        (answer(b""), "empty"),
        (answer(b"gone", status="404 Not Found"), "404"),
        (redirect("http://127.0.0.1:1/inside.jpg"), ""),
        (redirect("http://169.254.169.254/latest/meta-data"), ""),
        (answer(b"x" * (2**20 + 1)), "larger"),
    ],
    ids=["html", "cut off", "empty", "missing", "inside", "metadata", "too large"],
)
def test_what_cannot_be_brought_fails_for_good_and_keeps_its_address(
    alley: Callable[..., Image], web: HostileServer, run_jobs: RunJobs, page: bytes, says: str
) -> None:
    web.pages["/bad"] = page
    image = alley("/bad")
    run_jobs()
    failed = fresh(image)
    assert status_of(failed) == ("active", "failed", "failed")
    assert says in str(failed.persist_error) and failed.file_id is None
    assert failed.external_url == f"{web.base}/bad"
    assert [job.attempts for job in jobs_of("fetch_image")] == [1]
    assert objects() == [] and Blob.select().count() == 0


def test_an_inside_address_is_never_asked(olga: Actor, run_jobs: RunJobs) -> None:
    image = get(external.create_external(olga, Candidate("http://127.0.0.1:1/a.jpg", {"title": "x"})))
    run_jobs()
    assert status_of(image) == ("active", "failed", "failed")


def test_trouble_that_may_pass_is_tried_again(
    alley: Callable[..., Image], web: HostileServer, run_jobs: RunJobs
) -> None:
    web.pages["/later.jpg"] = answer(b"", status="503 Service Unavailable")
    image = alley("/later.jpg")
    run_jobs()
    assert status_of(image) == ("active", "processing", "pending")
    assert "503" in str(fresh(image).persist_error)  # known while the next try is still to come
    web.pages["/later.jpg"] = answer(PICTURE)
    run_jobs(include_later=True)
    assert fresh(image).persist_error is None
    assert status_of(image) == ("active", "completed", "succeeded")


def test_a_failed_one_can_be_tried_again_by_its_owner(
    alley: Callable[..., Image], web: HostileServer, olga: Actor, run_jobs: RunJobs
) -> None:
    image = alley("/missing.jpg")
    run_jobs()
    web.pages["/missing.jpg"] = answer(PICTURE)
    jobs.retry(olga, image.id)
    assert status_of(image) == ("active", "processing", "pending")
    run_jobs(include_later=True)
    assert status_of(image) == ("active", "completed", "succeeded")


@pytest.mark.parametrize("how", ["import", "retry"])
def test_an_import_does_not_outlive_its_key(
    web: HostileServer, olga: Actor, run_jobs: RunJobs, how: str
) -> None:
    _, _, text = api_keys.create(api_keys.NewClient("master", name="Tool", user_email=olga.email))
    program = api_keys.actor_of(text)
    assert program
    image = get(external.create_external(program, Candidate(f"{web.base}/alley.jpg", {"title": "Alley"})))
    if how == "retry":
        web.pages.pop("/alley.jpg")
        run_jobs()
        web.pages["/alley.jpg"] = answer(PICTURE)
        web.requests.clear()
        jobs.retry(program, image.id)
    api_keys.revoke(text)
    run_jobs(include_later=True)
    assert web.requests == []
    assert status_of(image)[2] == "failed"
    assert "the key or account has ended" in (fresh(image).persist_error or "")
    assert jobs_of("fetch_image")[-1].status == "failed"
    # Its owner may still want it.
    jobs.retry(olga, image.id)
    run_jobs(include_later=True)
    assert status_of(image)[2] == "succeeded"


def test_a_job_whose_key_ended_after_it_had_brought_the_bytes_takes_nothing_away(
    web: HostileServer, olga: Actor, run_jobs: RunJobs
) -> None:
    _, _, text = api_keys.create(api_keys.NewClient("master", name="Tool", user_email=olga.email))
    program = api_keys.actor_of(text)
    assert program
    image = get(external.create_external(program, Candidate(f"{web.base}/alley.jpg", {"title": "Alley"})))
    run_jobs(include_later=True)
    api_keys.revoke(text)
    Job.update(status=JobStatus.QUEUED, due_at=0).where(Job.kind == "fetch_image").execute()
    run_jobs(include_later=True)
    assert status_of(image)[2] == "succeeded"


class Died(BaseException):
    """What a killed process is like: nothing of ours catches it."""


STEPS = [
    ("fetching", fetching, "fetch"),
    ("staging the bytes", uploads, "stage"),
    ("the transaction", db, "retried"),
    ("claiming the blob", blobs, "claim"),
    ("writing the file", records, "add_file"),
    ("asking for the next job", queue, "enqueue"),
]


@pytest.mark.parametrize(("step", "place", "name"), STEPS, ids=[step for step, _, _ in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_job_may_die_anywhere(
    alley: Callable[..., Image], monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs, step: str, place: Any, name: str,
    when: str,
) -> None:  # fmt: skip
    image = alley()
    really = getattr(place, name)

    def dying(*args: Any, **options: Any) -> Any:
        if when == "after":
            really(*args, **options)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(place, name, dying)
        with pytest.raises(Died):
            from_web.bring(image.id)
    done = fresh(image).file_id is not None
    assert done == (when == "after" and name == "retried")
    run_jobs(include_later=True)
    assert status_of(image) == ("active", "completed", "succeeded")
    assert (Blob.select().count(), StoredFile.select().count()) == (1, 1)
    invariants.check()


def test_two_workers_at_once_attach_one_file(alley: Callable[..., Image], run_jobs: RunJobs) -> None:
    image = alley()
    results = together(2, lambda _: from_web.bring(image.id))
    assert results == [None, None]
    run_jobs(include_later=True)
    assert StoredFile.select().count() == 1 and objects("staging/") == []
    invariants.check()


def test_an_image_that_is_deleted_meanwhile_leaves_nothing(
    alley: Callable[..., Image], olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = alley()
    really = uploads.stage

    def purge_first(*args: Any, **options: Any) -> Any:
        staged = really(*args, **options)
        trash.purge(olga, image.id)
        return staged

    monkeypatch.setattr(uploads, "stage", purge_first)
    run_jobs(include_later=True)
    assert Image.select().count() == 0 and objects() == [] and Blob.select().count() == 0


def test_one_in_the_trash_is_brought_all_the_same(
    alley: Callable[..., Image], olga: Actor, run_jobs: RunJobs
) -> None:
    image = alley()
    trash.trash(olga, image.id)
    run_jobs(include_later=True)
    assert fresh(image).persist_status == "succeeded" and fresh(image).public_token is None


# What is written


def test_defaults_are_rules_and_what_was_given_is_the_imports(alley: Callable[..., Image]) -> None:
    image = alley(words={"description": "Rain", "tags": ["Neon"]})
    writers = {event.field: (event.writer, event.program) for event in ledger.latest(image.id).values()}
    assert writers["title"] == writers["description"] == writers["tags"] == ("import", "import")
    assert writers["category"] == writers["project"] == ("rule", "default")
    assert ledger.tags_of(image.id) == ["neon", "original"]


def test_what_a_person_creates_is_the_persons(olga: Actor, web: HostileServer) -> None:
    image_id = external.create(olga, Candidate(f"{web.base}/alley.jpg", {"title": "Alley", "tags": ["a"]}))
    event = FieldEvent.get((FieldEvent.image_id == image_id) & (FieldEvent.new == "Alley"))
    assert (event.writer, event.user_id) == ("person", olga.user_id)
    assert get(image_id).project_id == projects.DEFAULT_ID


def test_a_row_of_its_own_unless_a_machine_made_it_or_it_is_named(alley: Callable[..., Image]) -> None:
    assert projects.name_of(alley("/1").project_id) == "Alley"
    assert alley("/2", origin=Origin.AI).project_id == projects.DEFAULT_ID
    assert projects.name_of(alley("/3", words={"project": "Blade"}).project_id) == "Blade"
    assert alley("/4", words={"title": "Untitled"}).project_id == projects.DEFAULT_ID
    assert projects.name_of(alley("/5", words={"title": "x" * 200}).project_id) == "x" * 120


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
    assert fresh(theirs).colors == ["#112233"]


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
    moderation.approve(olga, image.id)
    assert status_of(image) == ("draft", "processing", "succeeded")
    run_jobs(include_later=True)
    assert status_of(image) == ("draft", "completed", "succeeded")
    moderation.approve(olga, image.id)
    assert status_of(image) == ("draft", "completed", "succeeded") and len(jobs_of("analyse")) == 1
    moderation.finalize(olga, [image.id])
    run_jobs(include_later=True)
    assert fresh(image).status == ImageStatus.ACTIVE and fresh(image).public_token


def test_kept_before_its_bytes_are_here(alley: Callable[..., Image], olga: Actor, run_jobs: RunJobs) -> None:
    image = alley(origin=Origin.DISCORD)
    moderation.approve(olga, image.id)
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
    jobs.retry(olga, image.id)
    run_jobs(include_later=True)
    assert status_of(image) == ("pending", "queued", "succeeded")
    moderation.approve(olga, image.id)
    run_jobs(include_later=True)
    assert status_of(image) == ("draft", "completed", "succeeded")


def test_the_store_being_away_loses_nothing(
    alley: Callable[..., Image], monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = alley()

    def away(*_: Any, **__: Any) -> Any:
        raise Upstream("The store did not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "stage", away)
        run_jobs()
    (job,) = jobs_of("fetch_image")
    assert job.status == JobStatus.QUEUED and fresh(image).persist_status == PersistStatus.PENDING
    run_jobs(include_later=True)
    assert fresh(image).ai_status == AiStatus.COMPLETED
