"""The bytes of a picture from elsewhere come by a job that may die anywhere."""

from collections.abc import Callable
from typing import Any

import pytest

from pindeck import db, fetching, queue
from pindeck.access import Actor
from pindeck.jobs import imports
from pindeck.models import Blob, Image, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import blobs
from pindeck.services.clients import api_keys
from pindeck.services.files import records
from pindeck.services.images import storing, trash
from pindeck.services.ingest import external, from_web, uploads
from pindeck.services.ingest.external import Candidate
from pindeck.states import JobStatus
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, fresh, jobs_of, make_active, objects, together
from tests.fetching.hostile import HostileServer, answer, redirect
from tests.services.ingest.external.elsewhere import PICTURE, get, status_of

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


def test_an_address_that_leads_to_a_page_brings_the_picture_that_it_names(
    alley: Callable[..., Image], web: HostileServer, run_jobs: RunJobs
) -> None:
    web.pages["/file.jpg"] = answer(b"<meta property='og:image' content='/alley.jpg'>", "Content-Type: text/html; charset=utf-8")
    image = alley("/file.jpg")
    run_jobs(include_later=True)
    done = fresh(image)
    assert (done.persist_status, done.size, done.external_url) == ("succeeded", len(PICTURE), f"{web.base}/file.jpg")
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
        (answer(b"<img src='logo.png' width='60'>", "Content-Type: text/html"), "names no picture"),
        (answer(b"<meta property='og:image' content='http://127.0.0.1:1/a.jpg'>", "Content-Type: text/html"), ""),
        (answer(b"<meta property='og:image' content='/bad'>", "Content-Type: text/html; charset=undefined"), "picture"),
    ],
    ids=["html", "cut off", "empty", "missing", "inside", "metadata", "too large", "page", "page of inside", "page of itself"],
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
    storing.retry(olga, image.id)
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
        storing.retry(program, image.id)
    api_keys.revoke(text)
    run_jobs(include_later=True)
    assert web.requests == []
    assert status_of(image)[2] == "failed"
    assert "the key or account has ended" in (fresh(image).persist_error or "")
    assert jobs_of("fetch_image")[-1].status == "failed"
    # Its owner may still want it.
    storing.retry(olga, image.id)
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
    ("staging the bytes", uploads, "put"),
    ("looking at them", uploads, "look"),
    ("the transaction", db, "retried"),
    ("claiming the blob", blobs, "claim"),
    ("writing the file", records, "add_file"),
    ("asking for the next job", queue, "enqueue"),
]


def bring(image: Image) -> None:
    """What a worker does with the row that fetches an image, up to its end."""
    job = jobs.claim(jobs_of("fetch_image")[0].id)
    assert job
    imports.fetch_image(job)


@pytest.mark.parametrize(("step", "place", "name"), STEPS, ids=[step for step, _, _ in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_job_may_die_anywhere(
    alley: Callable[..., Image], web: HostileServer, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs, step: str, place: Any,
    name: str, when: str,
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
            bring(image)
    done = fresh(image).file_id is not None
    assert done == (when == "after" and name == "retried")
    jobs.abandoned(jobs_of("fetch_image")[0], lambda *_: None)  # as its worker does, or its lease
    run_jobs(include_later=True)
    assert status_of(image) == ("active", "completed", "succeeded")
    assert len(web.requests) == (2 if (name, when) == ("put", "before") else 1), "What had come whole was asked for again."
    assert (Blob.select().count(), StoredFile.select().count()) == (1, 1)
    invariants.check()


def test_two_workers_at_once_attach_one_file(alley: Callable[..., Image], run_jobs: RunJobs) -> None:
    alley()
    job = jobs.claim(jobs_of("fetch_image")[0].id)
    assert job
    Job.update(attempts=2).where(Job.id == job.id).execute()  # the lease of the first one ran out
    second = Job.get_by_id(job.id)
    assert together(2, lambda n: imports.fetch_image((job, second)[n])) == [None, None]
    jobs.complete(second)
    run_jobs(include_later=True)
    assert StoredFile.select().count() == 1 and objects("staging/") == []
    invariants.check()


def test_an_attempt_that_lost_its_lease_takes_nothing_from_the_next_one(
    alley: Callable[..., Image], run_jobs: RunJobs, web: HostileServer
) -> None:
    """Both have the bytes of the first; whichever is first, the other one leaves what is named alone."""
    image = alley()
    job = jobs.claim(jobs_of("fetch_image")[0].id)
    assert job
    first = imports.receive(job)
    again = imports.receive(Job(id=job.id, attempts=2, image_id=image.id, kind="fetch_image", user_id=job.user_id, payload=job.payload))
    assert first and again and first.key != again.key and first.written == again.written
    assert len(web.requests) == 1
    from_web.keep(image.id, again)
    from_web.keep(image.id, first)
    jobs.complete(job)
    run_jobs(include_later=True)
    assert status_of(image) == ("active", "completed", "succeeded") and StoredFile.select().count() == 1
    invariants.check()


def test_an_image_that_is_deleted_meanwhile_leaves_nothing(
    alley: Callable[..., Image], olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = alley()
    really = uploads.look

    def purge_first(*args: Any, **options: Any) -> Any:
        staged = really(*args, **options)
        trash.purge(olga, image.id)
        return staged

    monkeypatch.setattr(uploads, "look", purge_first)
    run_jobs(include_later=True)
    assert Image.select().count() == 0 and objects() == [] and Blob.select().count() == 0


def test_one_in_the_trash_is_brought_all_the_same(
    alley: Callable[..., Image], olga: Actor, run_jobs: RunJobs
) -> None:
    image = alley()
    trash.trash(olga, image.id)
    run_jobs(include_later=True)
    assert fresh(image).persist_status == "succeeded" and fresh(image).public_token is None
