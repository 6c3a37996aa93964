"""What a backup and a restore refuse, and that nothing comes of it."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pindeck import db, storage
from pindeck.config import Settings
from pindeck.errors import Conflict, Invalid, PindeckError, Upstream
from pindeck.models import Image, Project
from pindeck.services import backup as backups
from pindeck.services.backup import archive as archives
from tests import invariants
from tests.conftest import run_due_jobs
from tests.factories import blob_of, overwrite
from tests.services.backup.library import PlaceOn, change_manifest, change_rows, contents, enter, everything

# What is refused


def test_a_library_is_not_overwritten(library: Settings, folder: Path) -> None:
    backups.backup(library, folder)
    before = everything()
    with pytest.raises(Conflict, match="library here already"):
        backups.restore(library, folder)
    assert everything() == before


def test_bytes_of_somebody_else_are_not_overwritten_unless_allowed(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str
) -> None:
    key = blob_of(Image.get(Image.title == "Neon alley, wide")).object_key
    backups.backup(library, folder)
    place = enter(place_on(engine))
    storage.current().prepare()
    overwrite(key, b"somebody else's")
    with pytest.raises(Conflict, match="other bytes"):
        backups.restore(place, folder)
    assert invariants.read(key) == b"somebody else's"
    backups.restore(place, folder, overwrite=True)
    assert contents()
    run_due_jobs()
    invariants.check()


@pytest.fixture
def backed_up(library: Settings, folder: Path, place_on: PlaceOn, engine: str) -> Settings:
    """There is a backup in the folder, and nothing where services look now."""
    backups.backup(library, folder)
    return enter(place_on(engine))


def assert_nothing_came(place: Settings) -> None:
    assert not db.database.obj.table_exists("image") or not Image.select().exists()
    if not place.is_s3:
        assert not any(place.files_dir.rglob("*.jpg"))
    else:  # not even the buckets
        with pytest.raises(Upstream, match="bucket does not exist"):
            storage.current().answer()


UNTRUSTED: list[tuple[dict[str, object], type[PindeckError], str]] = [
    ({"format": 2}, Invalid, "format"),
    ({"schema": ["0001_initial", "9999_later"]}, Conflict, "newer Pindeck"),
    ({"tables": {"../../etc": [1, "x"]}}, Invalid, "names that are not valid"),
    ({"id": "../../../etc"}, Invalid, "names that are not valid"),
    ({"tables": {}}, Invalid, "damaged"),
    ({"faults": [{"problem": "gone"}]}, Invalid, "damaged"),
]
LEADING_OUT = ("../../escaped.jpg", "/etc/escaped.jpg", "media-uploads/../../escaped.jpg", ".tmp/x")
NO_OBJECTS: tuple[dict[str, object], ...] = ({"sha256": "../../../../etc/passwd"}, {"sha256": None}, {"size": "much"})


def test_a_backup_that_cannot_be_trusted_is_refused(backed_up: Settings, folder: Path) -> None:
    """By what its manifest says, by keys that lead out of the store, and by objects that are none."""
    copies = iter(range(100))

    def refused(change: Callable[[Path], None], error: type[PindeckError], words: str) -> None:
        spoilt = folder.with_name(f"spoilt-{next(copies)}")
        shutil.copytree(folder, spoilt)
        change(spoilt)
        with pytest.raises(error, match=words):
            backups.restore(backed_up, spoilt)
        assert_nothing_came(backed_up)

    for changes, error, words in UNTRUSTED:
        refused(partial(change_manifest, **changes), error, words)
    for key in LEADING_OUT:
        refused(partial(change_blob, object_key=key), Invalid, "not a valid storage key")
    for changes in NO_OBJECTS:
        refused(partial(change_blob, **changes), Invalid, "damaged")


def change_blob(spoilt: Path, **columns: object) -> None:
    change_rows(spoilt, "blob", lambda row: row.update(columns))


def test_rows_that_were_changed_are_refused(backed_up: Settings, folder: Path) -> None:
    (path,) = (folder / "rows").glob("*/user.jsonl")
    path.write_text(path.read_text().replace("curator", "admin"))
    with pytest.raises(Invalid, match="not those that were written"):
        backups.restore(backed_up, folder)
    assert_nothing_came(backed_up)


def test_rows_that_break_a_promise_of_the_schema_leave_nothing_behind(backed_up: Settings, folder: Path) -> None:
    change_rows(folder, "image", lambda row: row.update(likes=-1))
    with pytest.raises(Invalid, match="rows of image cannot be loaded"):
        backups.restore(backed_up, folder)
    assert not Project.select().where(~Project.is_default).exists()
    change_rows(folder, "image", lambda row: row.update({"likes": 0, 'x") VALUES (1); --': 1}))
    with pytest.raises(Invalid, match="other columns"):
        backups.restore(backed_up, folder)
    assert not Project.select().where(~Project.is_default).exists()


def test_a_folder_of_other_things_is_left_alone(library: Settings, folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.txt").write_text("mine")
    with pytest.raises(Invalid, match="other things"):
        backups.backup(library, folder)
    with pytest.raises(Invalid, match="own files"):
        backups.backup(library, library.files_dir / "backup")
    assert [path.name for path in folder.iterdir()] == ["holiday.txt"]


def test_two_backups_do_not_write_to_one_folder_at_once(library: Settings, folder: Path) -> None:
    with archives.Archive(folder).held(), pytest.raises(Conflict, match="Another backup"):
        backups.backup(library, folder)
