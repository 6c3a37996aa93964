"""The job that makes a picture safe: keys, renditions, colours, repetition, and what can come in between."""

import hashlib
import re
import signal
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image as Picture

from pindeck import db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, Upstream
from pindeck.imaging import similar
from pindeck.imaging.errors import CRASHED, TOO_LARGE, BadImage
from pindeck.models import Blob, Derivative, Image, ImageColour, Job
from pindeck.runtime import children
from pindeck.services import jobs
from pindeck.services.derivatives import build
from pindeck.services.images import storing, trash
from pindeck.states import AiStatus, BlobState, JobStatus, PersistStatus
from pindeck.storage import keys
from pindeck.vision.base import Analysis, Subject
from pindeck.vision.offline import OfflineDescriber
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, fresh, jobs_of, make_draft, new_photo, objects, overwrite, photo


def run(image: Image) -> None:
    build.run(image.id, lambda stage, percent: None)


def test_keys_follow_day_name_and_hash(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    image = make_draft(olga, data, name="Blade Runner_Gasse ü.jpg")
    run_jobs(include_later=True)
    day = f"{datetime.fromtimestamp(blob_of(image).created_at / 1000, UTC):media-uploads/%Y/%m_%d}"
    token = f"Blade-Runner_Gasse-u-{hashlib.sha256(data).hexdigest()[:16]}"
    assert objects() == [
        f"{day}/high/{token}-w1280.webp",
        f"{day}/high/{token}-w768.webp",
        f"{day}/low/{token}-w320.webp",
        f"{day}/original/{token}.jpg",
        f"{day}/preview/{token}-preview.webp",
    ]
    assert blob_of(image).object_key == f"{day}/original/{token}.jpg"


def test_four_renditions_are_made_in_their_sizes(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga, new_photo(size=(1600, 1200)))
    run_jobs()
    rows = {row.preset: row for row in Derivative.select()}
    assert {name: (row.width, row.height) for name, row in rows.items()} == {
        "large": (1280, 960), "medium": (768, 576), "small": (320, 240), "preview": (480, 360),
    }  # fmt: skip
    for row in rows.values():
        data = invariants.read(row.object_key)
        assert Picture.open(BytesIO(data)).size == (row.width, row.height)
        assert (row.bytes, row.mime) == (len(data), "image/webp")
    assert fresh(image).persist_status == PersistStatus.SUCCEEDED
    invariants.check()


def test_the_image_learns_its_colours_size_and_thumbhash(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga, new_photo(colour=(200, 40, 40), size=(90, 60)))
    run_jobs()
    image = fresh(image)
    assert len(image.colors) == 5
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in [*image.colors, image.dominant])
    assert int(image.dominant[1:3], 16) > 2 * int(image.dominant[3:5], 16)
    assert (image.width, image.height) == (90, 60)
    assert image.thumbhash
    kept = {row.cell for row in ImageColour.select().where(ImageColour.seq == image.seq)}
    assert kept == set().union(*map(similar.cells_around, image.colors))


def test_a_turned_picture_has_the_size_that_people_see(olga: Actor, run_jobs: RunJobs) -> None:
    exif = Picture.Exif()
    exif[0x0112] = 6
    image = make_draft(olga, new_photo(size=(80, 40), exif=exif))
    run_jobs()
    assert (fresh(image).width, fresh(image).height) == (40, 80)
    invariants.check()


def test_the_staged_object_goes_after_its_grace(olga: Actor, run_jobs: RunJobs) -> None:
    make_draft(olga)
    (staged,) = objects(keys.STAGING_PREFIX)
    run_jobs()
    assert objects(keys.STAGING_PREFIX) == [staged]
    (job,) = jobs_of("delete_objects")
    assert job.due_at - job.created_at == build.STAGING_GRACE_S * 1000
    run_jobs(include_later=True)
    assert objects(keys.STAGING_PREFIX) == []


def test_a_picture_is_described_with_its_sizes_where_nobody_has_to_be_asked(olga: Actor) -> None:
    image = make_draft(olga, name="rainy-alley.jpg")
    run(image)
    assert (jobs_of("analyse"), jobs_of("publish")) == ([], [])
    assert (fresh(image).ai_status, fresh(image).title) == (AiStatus.COMPLETED, "rainy-alley")


@pytest.mark.parametrize("is_at_hand", [False, True])
def test_a_describer_that_has_to_be_asked_or_fails_gets_a_job(
    olga: Actor, monkeypatch: pytest.MonkeyPatch, is_at_hand: bool
) -> None:
    def fails(self: OfflineDescriber, subject: Subject) -> Analysis:
        raise ValueError("a bug")

    monkeypatch.setattr(OfflineDescriber, "is_at_hand", is_at_hand)
    monkeypatch.setattr(OfflineDescriber, "describe", fails)
    image = make_draft(olga)
    run(image)
    assert [job.image_id for job in jobs_of("analyse")] == [image.id]
    found = fresh(image)
    assert (found.persist_status, found.ai_status) == (PersistStatus.SUCCEEDED, AiStatus.PROCESSING)


def test_running_twice_equals_running_once(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    run_jobs()
    before, rows = objects(), list(Derivative.select().order_by(Derivative.preset).dicts())
    Image.update(persist_status=PersistStatus.PENDING).execute()
    run(image)
    run(image)
    assert objects() == before
    again = list(Derivative.select().order_by(Derivative.preset).dicts())
    at_any_time = {"created_at": 0, "checked_at": 0}
    assert [{**row, **at_any_time} for row in again] == [{**row, **at_any_time} for row in rows]
    assert Blob.select().count() == 1
    invariants.check()


def test_a_run_that_died_before_its_last_step_is_done_over(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_draft(olga)

    def die(*_: object) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(build, "_finish", die)
        with pytest.raises(RuntimeError):
            run(image)
    assert fresh(image).persist_status == PersistStatus.PENDING
    assert blob_of(image).object_key.startswith(keys.STAGING_PREFIX)
    first = objects("media-uploads")
    run(image)
    assert objects("media-uploads") == first
    assert fresh(image).persist_status == PersistStatus.SUCCEEDED
    invariants.check()


def test_an_image_that_is_gone_is_no_error(olga: Actor) -> None:
    image = make_draft(olga)
    trash.purge(olga, image.id)
    run(image)
    assert Image.select().count() == 0


def test_an_image_deleted_meanwhile_leaves_no_object(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_draft(olga)
    finish = build._finish

    def purge_first(*args: object) -> bool:
        trash.purge(olga, image.id)
        return finish(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "_finish", purge_first)
    run(image)
    run_jobs(include_later=True)
    assert (Image.select().count(), Blob.select().count(), Derivative.select().count()) == (0, 0, 0)
    assert objects() == []


def test_a_picture_trashed_meanwhile_is_still_made_safe(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    trash.trash(olga, image.id)
    run_jobs()
    assert fresh(image).persist_status == PersistStatus.SUCCEEDED
    invariants.check()


def test_bytes_that_went_bad_fail_with_a_reason_and_can_be_tried_again(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    image = make_draft(olga, data)
    staged = blob_of(image).object_key
    overwrite(staged, data[: len(data) // 2])
    run_jobs()
    image = fresh(image)
    assert image.persist_status == PersistStatus.FAILED
    assert image.persist_error
    assert image.ai_status == AiStatus.FAILED
    assert jobs.preparation_of([image])[image.id].error == image.persist_error
    assert Job.get(Job.kind == "persist").status == JobStatus.FAILED
    assert objects(keys.STAGING_PREFIX) == [staged]

    overwrite(staged, data)
    storing.retry(olga, image.id)
    run_jobs(include_later=True)
    image = fresh(image)
    assert (image.persist_status, image.persist_error) == (PersistStatus.SUCCEEDED, None)
    assert (image.ai_status, image.ai_error) == (AiStatus.COMPLETED, None)
    invariants.check()


def test_bytes_that_are_no_picture_raise_what_is_wrong(olga: Actor) -> None:
    image = make_draft(olga)
    overwrite(blob_of(image).object_key, b"text")
    with pytest.raises(BadImage) as caught:
        run(image)
    assert caught.value.reason


def test_what_did_not_fail_cannot_be_tried_again(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    with pytest.raises(Conflict):
        storing.retry(olga, image.id)
    run_jobs()
    with pytest.raises(Conflict):
        storing.retry(olga, image.id)


def test_a_store_that_is_away_is_tried_again_later(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_draft(olga)

    def away(*_: object) -> None:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "copy", away)
        run_jobs()
    job = Job.get(Job.kind == "persist")
    assert (job.status, job.error, job.attempts) == (JobStatus.QUEUED, "The store does not answer.", 1)
    assert job.due_at > db.now_ms()
    assert fresh(image).persist_status == PersistStatus.PENDING
    run_jobs(include_later=True)
    assert fresh(image).persist_status == PersistStatus.SUCCEEDED


def test_equal_bytes_of_two_uploads_share_original_and_renditions(olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    first, second = make_draft(olga, data, name="first.jpg"), make_draft(sam, data, name="second.jpg")
    run_jobs(include_later=True)
    assert [fresh(image).persist_status for image in (first, second)] == [PersistStatus.SUCCEEDED] * 2
    assert fresh(first).colors == fresh(second).colors
    assert (Blob.select().count(), Derivative.select().count(), len(objects())) == (1, 4, 5)
    assert "/first-" in blob_of(second).object_key
    invariants.check()


def test_equal_bytes_uploaded_after_the_first_were_filed_are_ready_too(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    make_draft(olga, data)
    run_jobs(include_later=True)
    before = objects()
    second = make_draft(olga, data, name="other.jpg")
    run_jobs(include_later=True)
    assert objects() == before
    assert fresh(second).persist_status == PersistStatus.SUCCEEDED
    invariants.check()


def test_bytes_uploaded_again_while_the_old_ones_are_being_removed_survive(olga: Actor, run_jobs: RunJobs) -> None:
    """The key of the new blob must not be the one that the deletion of the old blob takes away."""
    data = new_photo()
    first = make_draft(olga, data)
    run_jobs(include_later=True)
    old = blob_of(first).object_key
    trash.purge(olga, first.id)
    assert Blob.get().state == BlobState.DELETING
    second = make_draft(olga, data)
    run(second)
    assert blob_of(second).object_key != old
    run_jobs(include_later=True)
    assert Blob.select().count() == 1
    assert old not in objects()
    invariants.check()


def test_the_stages_are_told(olga: Actor) -> None:
    image, told = make_draft(olga), []
    build.run(image.id, lambda stage, percent: told.append((stage, percent)))
    assert [stage for stage, _ in told] == ["storing", "sizing", "colours"]
    assert [percent for _, percent in told] == sorted(percent for _, percent in told)


def test_the_place_in_the_exif_data_is_kept_apart(olga: Actor, run_jobs: RunJobs) -> None:
    exif = Picture.Exif()
    exif[0x010F] = "Arri"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 15.0, 0.0)})
    image = make_draft(olga, new_photo(exif=exif))
    run_jobs()
    image = fresh(image)
    assert image.gps == pytest.approx([52.5, 13.25])
    assert "52.5" not in str(image.exif)
    assert b"Arri" not in b"".join(invariants.read(row.object_key) for row in Derivative.select())


def test_a_picture_of_another_format_keeps_its_ending(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga, photo(format="PNG"), name="claims.jpg")
    run_jobs()
    assert blob_of(image).object_key.endswith(".png")
    assert fresh(image).mime == "image/png"


def test_persist_jobs_go_to_the_queue_of_media() -> None:
    assert queue.PERSIST.queue == "media"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(signal.SIGXCPU, TOO_LARGE), (signal.SIGSEGV, CRASHED), (signal.SIGABRT, CRASHED), (signal.SIGKILL, None)],
)
def test_a_picture_that_ends_the_child_which_reads_it_is_not_read_again(
    olga: Actor, number: signal.Signals, sentence: str | None
) -> None:
    image = make_draft(olga)
    job = Job.get(Job.image_id == image.id)
    assert jobs.claim(job.id)
    children.child_died(job.id, number)
    db.connect()
    job, image = Job.get_by_id(job.id), Image.get_by_id(image.seq)
    if sentence is None:  # somebody killed it
        assert (job.status, image.persist_status) == (JobStatus.QUEUED, PersistStatus.PENDING)
    else:
        assert (job.status, job.error) == (JobStatus.FAILED, sentence)
        assert (image.persist_status, image.persist_error) == (PersistStatus.FAILED, sentence)
    invariants.check()
