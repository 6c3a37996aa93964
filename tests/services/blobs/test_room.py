"""Room on the disk: below the reserve nothing new comes in, and everything else goes on."""

import io

import pytest

from pindeck import db, disk, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Forbidden, NoSpace
from pindeck.models import Image, Job
from pindeck.services.blobs import room
from pindeck.services.files import intake
from pindeck.services.images import trash
from pindeck.services.ingest import folder as folder_import
from pindeck.services.ingest import folder_files, tickets, uploads
from pindeck.services.maintenance import doctor
from pindeck.states import PersistStatus
from tests.conftest import ChangeSettings, ClientFor, RunJobs
from tests.factories import make_active, make_draft, photo, redeem

MIB = 2**20


@pytest.fixture
def free(database: Settings, monkeypatch: pytest.MonkeyPatch, change_settings: ChangeSettings) -> dict[str, int]:
    """A disk of 10 GiB with as much room as a test says."""
    found = {"free": 5 * 2**30, "total": 10 * 2**30}
    monkeypatch.setattr(disk, "free_bytes", lambda folder: found["free"])
    monkeypatch.setattr(disk, "total_bytes", lambda folder: found["total"])
    monkeypatch.setattr(room, "FRESH_S", -1.0)
    change_settings(disk_reserve_mb=None)
    return found


@pytest.mark.parametrize(
    ("total_gib", "reserve_mib"), [(0.5, 64), (1, 64), (10, 512), (15, 768), (20, 1024), (2000, 1024)]
)
def test_the_reserve_is_a_twentieth_of_the_disk_within_bounds(
    free: dict[str, int], total_gib: float, reserve_mib: int
) -> None:
    free["total"] = int(total_gib * 2**30)
    found = room.found()
    assert found is not None
    assert found.reserve == reserve_mib * MIB


def test_the_reserve_can_be_set(database: Settings, free: dict[str, int], change_settings: ChangeSettings) -> None:
    change_settings(disk_reserve_mb=10)
    free["free"] = 10 * MIB - 1
    with pytest.raises(NoSpace):
        room.admit()
    free["free"] = 10 * MIB
    room.admit()


def test_the_reserve_grows_to_twice_what_waiting_pictures_will_need(
    olga: Actor, free: dict[str, int], run_jobs: RunJobs
) -> None:
    make_draft(olga)
    Image.update(width=6000, height=4000).execute()
    now = db.now_ms()
    Job.insert_many(
        [
            dict(id=db.new_id(), kind=kind, queue="media", image_id=Image.get().id, due_at=now, created_at=now)
            for kind in [queue.PERSIST.kind] * 499 + [queue.ANALYSE.kind] * 100
        ]
    ).execute()
    found = room.found()
    assert found is not None
    assert found.reserve == 2 * 500 * (1280 * 1280 + 64 * 1024)
    Job.delete().where(Job.kind == queue.PERSIST.kind).execute()
    assert room.found().reserve == 512 * MIB  # type: ignore[union-attr]


def test_nothing_is_looked_at_where_nothing_is_kept_on_this_machine(free: dict[str, int], change_settings: ChangeSettings) -> None:
    free["free"] = 0
    change_settings(minio_endpoint="s3", database_url="postgresql://db/pins")
    assert room.found() is None
    room.admit()


def test_below_the_reserve_every_door_for_bytes_refuses_and_the_rest_goes_on(
    olga: Actor, mo: Actor, free: dict[str, int], run_jobs: RunJobs, tmp_path
) -> None:
    image, other = make_active(olga), make_draft(olga)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "one.jpg").write_bytes(photo())
    free["free"] = 100 * MIB
    before = {found.key for found in storage.current().list("staging/")}
    with pytest.raises(NoSpace, match="almost full") as refused:
        uploads.accept(olga, io.BytesIO(photo()), "still.jpg")
    assert (refused.value.code, refused.value.status) == ("STORE_FULL", 507)
    with pytest.raises(NoSpace):
        intake.store(intake.owner_of(olga), b"any bytes")
    ticket = tickets.make_ticket(olga)
    with pytest.raises(NoSpace):
        redeem(ticket, [photo()])
    (result,) = folder_import.run(olga, folder_files.look(folder))
    assert result.image_id is None and "almost full" in (result.error or "")
    assert {found.key for found in storage.current().list("staging/")} == before
    run_jobs(include_later=True)
    assert Image.get_by_id(other.seq).persist_status == PersistStatus.SUCCEEDED
    trash.trash(olga, image.id)
    trash.purge(olga, image.id)
    run_jobs(include_later=True)
    assert Image.select().count() == 1
    free["free"] = 5 * 2**30
    assert redeem(ticket, [photo()])


def test_an_upload_stops_where_the_room_ends(olga: Actor, free: dict[str, int]) -> None:
    def grows():
        for _ in range(64):
            free["free"] -= MIB
            yield bytes(MIB)

    free["free"] = 520 * MIB
    with pytest.raises(NoSpace):
        intake.store(intake.owner_of(olga), grows())
    assert free["free"] > 500 * MIB
    assert list(storage.current().list("")) == []


def test_a_picture_waits_rather_than_take_the_room_that_rows_need(
    olga: Actor, free: dict[str, int], run_jobs: RunJobs
) -> None:
    image = make_draft(olga)
    free["free"] = 5 * MIB
    for _ in range(6):
        Job.update(due_at=0).execute()
        run_jobs()
    assert Image.get_by_id(image.seq).persist_status == PersistStatus.PENDING
    assert "as soon as there is room" in Job.get(Job.kind == "persist").error
    free["free"] = 50 * MIB
    run_jobs(include_later=True)
    assert Image.get_by_id(image.seq).persist_status == PersistStatus.SUCCEEDED


def test_the_doctor_and_administrators_are_told(database: Settings, mo: Actor, olga: Actor, free: dict[str, int]) -> None:
    def disk_of() -> doctor.Finding:
        return next(found for found in doctor.examine(lambda: True) if found.part == "disk")

    assert disk_of().ok and "below 512 MiB uploads are refused" in disk_of().message
    free["free"] = 600 * MIB
    assert not disk_of().ok and "below 512 MiB uploads are refused" in disk_of().message
    free["free"] = 100 * MIB
    assert not disk_of().ok and "so uploads are refused" in disk_of().message
    assert room.shown(mo).is_short  # type: ignore[union-attr]
    with pytest.raises(Forbidden):
        room.shown(olga)


def test_the_ballast_is_given_back_when_next_to_nothing_is_left(free: dict[str, int]) -> None:
    ballast = db.ballast()
    if db.is_postgres():
        assert ballast is None
        return
    assert ballast is not None
    path = ballast._path
    room.keep_ballast()
    assert path.stat().st_size == disk.BALLAST_BYTES
    path.write_bytes(b"what a killed worker made")
    room.keep_ballast()
    assert path.stat().st_size == disk.BALLAST_BYTES
    db.connect()
    assert path.exists()
    free["free"] = MIB
    db.connect()
    assert not path.exists()
    room.keep_ballast()
    assert not path.exists()


def test_a_program_is_answered_507(client_for: ClientFor, olga: Actor, free: dict[str, int]) -> None:
    free["free"] = MIB
    client = client_for(olga)
    answer = client.post("/api/v1/storage", data=b"bytes", content_type="application/octet-stream")
    assert answer.status_code == 507, answer.text
    assert answer.json["error"]["code"] == "STORE_FULL"
