"""A backup and a restore that are taken again, or that end in their middle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pindeck import storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Conflict, NotFound
from pindeck.models import Session
from pindeck.services import backup as backups
from pindeck.services.images import trash
from tests import invariants
from tests.conftest import run_due_jobs
from tests.factories import blob_of, make_active, new_photo
from tests.services.backup.library import OTHER, Interrupted, PlaceOn, contents, enter, everything, searched

# Again, and after an interruption


def test_a_second_backup_copies_only_what_is_new(library: Settings, folder: Path, olga: Actor) -> None:
    backups.backup(library, folder)
    assert backups.backup(library, folder).copied == 0
    known = set(contents().values())
    make_active(olga, new_photo(colour=(1, 2, 3), size=(1400, 900)), title="Later")
    assert backups.backup(library, folder).copied == len(set(contents().values()) - known) == 5
    assert len(list((folder / "rows").iterdir())) == 1, "the rows of earlier backups go"


def test_pruning_removes_what_the_library_has_no_more(library: Settings, folder: Path, olga: Actor) -> None:
    image = make_active(olga, title="Soon gone")
    sha256 = blob_of(image).sha256
    backups.backup(library, folder)
    trash.trash(olga, image.id)
    trash.purge(olga, image.id)
    run_due_jobs()
    backups.backup(library, folder)
    assert (folder / "objects" / sha256[:2] / sha256).exists()
    report = backups.backup(library, folder, prune=True)
    assert not (folder / "objects" / sha256[:2] / sha256).exists()
    assert len(list((folder / "objects").rglob("?" * 64))) == len(set(contents().values())) <= report.objects


def test_nobody_else_can_read_a_backup(library: Settings, folder: Path) -> None:
    backups.backup(library, folder)
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def stop_after(count: int) -> Callable[[str, int, int], None]:
    """Progress that ends the run at a call of that number."""
    calls = iter(range(count))

    def progress(what: str, done: int, total: int) -> None:
        if next(calls, None) is None:
            raise Interrupted(what)

    return progress


def test_an_interrupted_backup_is_none_and_goes_on(library: Settings, folder: Path, place_on: PlaceOn) -> None:
    with pytest.raises(Interrupted):
        backups.backup(library, folder, progress=stop_after(5))
    with pytest.raises(NotFound, match="not a finished backup"):
        backups.restore(library, folder)
    there = {path: path.stat().st_ino for path in (folder / "objects").rglob("?" * 64)}
    assert len(there) >= 5
    copied = backups.backup(library, folder).copied
    left = len(list((folder / "objects").rglob("?" * 64))) - len(there)  # none, where the threads were quicker than the end
    assert copied >= left
    assert {path: path.stat().st_ino for path in there} == there, "what lay there was not written again"


def test_an_interrupted_backup_leaves_the_one_before_it(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor
) -> None:
    before = everything()
    backups.backup(library, folder)
    make_active(olga, title="Later")
    total = len(contents())
    with pytest.raises(Interrupted, match="Rows"):
        backups.backup(library, folder, progress=stop_after(total + 3))
    backups.restore(enter(place_on(engine)), folder)
    assert everything()["field_event"] == before["field_event"]


@pytest.mark.parametrize("what", ["Pictures", "Rows", "Words"])
def test_an_interrupted_restore_goes_on(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, what: str, olga: Actor
) -> None:
    backups.backup(library, folder)
    before, bytes_before, searched_before = everything(), contents(), searched(olga)

    def progress(stage: str, done: int, total: int) -> None:
        if stage == what and done >= min(5, total):
            raise Interrupted(stage)

    place = enter(place_on(OTHER[engine]))
    with pytest.raises(Interrupted, match=what):
        backups.restore(place, folder, progress=progress)
    there = len(list(storage.current().list("")))
    assert there >= 5
    report = backups.restore(place, folder)
    assert report.copied == len(bytes_before) - there
    assert (contents(), searched(olga)) == (bytes_before, searched_before)
    run_due_jobs()
    assert everything()["image"] == before["image"]
    invariants.check()


def test_rows_of_an_interrupted_restore_stay_once_somebody_uses_them(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor
) -> None:
    backups.backup(library, folder)
    place = enter(place_on(engine))

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "Words":
            raise Interrupted(stage)

    with pytest.raises(Interrupted):
        backups.restore(place, folder, progress=progress)
    Session.create(id="s", user=olga.user_id, created_at=1, last_used_at=1, expires_at=2)
    with pytest.raises(Conflict, match="signed in"):
        backups.restore(place, folder)
