"""A whole Pindeck on a disk that becomes full, and the way back from inside. Run with mounts of its own.

Only the test beside it runs this: it mounts a small disk in the folder named as argument.
"""

import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image as Picture

from pindeck import db, disk
from pindeck.models import Blob, Image, Job
from pindeck.states import JobStatus, PersistStatus
from tests import invariants
from tests.kill.living import Living
from tests.kill.test_web_queue_and_disk import Person, all_safe, staged_bytes_are_due
from tests.stack import wait_for

MIB = 2**20
SIZE_MIB = 128


def main(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)], check=True)
    living = Living(folder).start()
    try:
        person = Person(living.base).sign_up()
        ballast = living.data_dir / "ballast"
        wait_for(ballast.exists, 60, "the ballast to be laid down", living.printed)
        accepted = upload_until_refused(living, person)
        what_was_accepted_becomes_ready(living, accepted)
        doctor_and_administrators_are_told(living, person)
        deleting_makes_room(living, person)
        full_to_the_last_byte(living, person)
        with living.bound():
            invariants.check()
        assert "Traceback" not in living.printed(), living.printed()
    finally:
        living.stop()


def big(seed: int) -> bytes:
    """A photograph of about 4 MiB that no other equals."""
    picture = Picture.effect_noise((2000, 1500), 80).convert("RGB")
    picture.paste((seed * 20 % 256, 90, 200), (0, 0, 200, 200))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=97)
    return out.getvalue()


def free(living: Living) -> int:
    return disk.free_bytes(living.folder)


def upload_until_refused(living: Living, person: Person) -> int:
    for n in range(60):
        answer = person.upload(big(n), f"{n}.jpg")
        if answer.status != 200:
            assert answer.status == 422, answer.status
            text = answer.data.decode()
            assert "The disk is almost full" in text and "uploads are refused" in text, text
            assert free(living) > 30 * MIB, "the reserve is not touched"
            assert n >= 3, "it was refused too early"
            return n
    raise AssertionError("Nothing was refused.")


def what_was_accepted_becomes_ready(living: Living, accepted: int) -> None:
    with living.bound():
        wait_for(all_safe, 200, "what was accepted to be ready", living.printed)
        assert Image.select().count() == accepted == Blob.select().count()


def doctor_and_administrators_are_told(living: Living, person: Person) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "pindeck.cli", "doctor"], env=living.environ, capture_output=True, text=True
    )
    assert "uploads are refused" in said.stdout, said.stdout + said.stderr
    page = person.get("/admin/users").data.decode()
    assert "The disk is almost full" in page or "uploads are refused" in page, page


def delete_for_good(living: Living, person: Person, count: int) -> None:
    """The newest pictures, with the buttons of the pages."""
    with living.bound():
        ids = [image.id for image in Image.select().order_by(Image.seq.desc()).limit(count)]
        keys = [blob.object_key for blob in Blob.select()]
    for image_id in ids:
        for act in ("trash", "delete"):
            answer = person.post(f"/images/{image_id}/{act}", {"next": "/"})
            assert answer.status in (200, 303), (act, answer.status, answer.data[:500])
    with living.bound():
        wait_for(lambda: Blob.select().count() <= len(keys) - count, 90, "the files to be removed", living.printed)
        assert not Image.select().where(Image.id.in_(ids)).exists()


def deleting_makes_room(living: Living, person: Person) -> None:
    delete_for_good(living, person, 3)
    with living.bound():
        staged_bytes_are_due()
    wait_for(lambda: person.upload(big(70), "room again.jpg").status == 200, 200, "room for an upload", living.printed)
    with living.bound():
        wait_for(all_safe, 90, "it to be ready", living.printed)


def full_to_the_last_byte(living: Living, person: Person) -> None:
    """Another program fills the disk while a picture waits. It becomes ready, pages open, and deleting works."""
    delete_for_good(living, person, 3)
    with living.bound():
        staged_bytes_are_due()
    wait_for(lambda: free(living) > 72 * MIB, 200, "room for an upload", living.printed)
    with suspended_worker(living):
        assert person.upload(big(80), "waits.jpg").status == 200
        other = fill(living.folder / "other")
        assert free(living) == 0
    assert person.get("/").status == 200
    assert person.get("/review/").status == 200
    assert person.upload(big(81), "refused.jpg").status == 422
    with living.bound():
        wait_for(all_safe, 200, "the picture that waited", living.printed)
        assert not Image.select().where(Image.persist_status == PersistStatus.FAILED).exists()
    assert not (living.data_dir / "ballast").exists(), "it was needed"
    before = free(living)
    delete_for_good(living, person, 2)
    assert free(living) > before + 4 * MIB
    other.unlink()
    wait_for(lambda: person.upload(big(82), "again.jpg").status == 200, 200, "uploads to go on", living.printed)
    with living.bound():
        wait_for(all_safe, 90, "it to be ready", living.printed)
        assert not Job.select().where(Job.status == JobStatus.FAILED).exists()
        db.close()


@contextmanager
def suspended_worker(living: Living) -> Iterator[None]:
    worker = living.process_of("worker.py")
    worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


def fill(path: Path) -> Path:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in (MIB, 4096):
            while True:
                try:
                    if os.write(file, bytes(size)) < size:
                        break
                except OSError as error:
                    assert error.errno == errno.ENOSPC
                    break
    finally:
        os.close(file)
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]))
