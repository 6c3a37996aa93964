"""A library moves to another database, and to another store."""

import pytest

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Conflict, Invalid
from pindeck.services import backup as backups
from tests import invariants
from tests.conftest import run_due_jobs
from tests.services.backup.library import (
    OTHER,
    Interrupted,
    PlaceOn,
    contents,
    enter,
    everything,
    public_bytes,
    searched,
)

# Moving


@pytest.mark.parametrize("other", [False, True], ids=["same engine", "other engine"])
def test_a_library_moves_with_its_pictures(
    library: Settings, place_on: PlaceOn, engine: str, olga: Actor, other: bool
) -> None:
    before, bytes_before, public_before = everything(), contents(), public_bytes()
    target = place_on(OTHER[engine] if other else engine)
    report = backups.move(library, target, verify=True)
    assert (report.faults, report.objects, report.copied) == ((), len(bytes_before), len(bytes_before))
    assert everything() == before, "the source is only read"
    assert public_bytes() == public_before
    searched_before = searched(olga)
    assert list(library.data_dir.glob(".moving-*")) == []
    enter(target)
    assert (contents(), searched(olga)) == (bytes_before, searched_before)
    run_due_jobs()
    assert everything()["image"] == before["image"]
    assert public_bytes() == public_before
    invariants.check()


def test_a_move_of_the_rows_alone_leaves_the_pictures_where_they_are(
    library: Settings, place_on: PlaceOn, engine: str
) -> None:
    before, public_before = everything(), public_bytes()
    same_store = {name: getattr(library, name) for name in Settings.model_fields if name.startswith("minio_")}
    target = place_on("postgres").model_copy(update={"data_dir": library.data_dir, **same_store})
    report = backups.move(library, target)
    assert (report.objects, report.copied) == (0, 0)
    enter(target)
    assert everything() == before, "not even public copies change"
    assert public_bytes() == public_before
    invariants.check()


def test_an_interrupted_move_goes_on(library: Settings, place_on: PlaceOn, engine: str) -> None:
    target = place_on(OTHER[engine])
    before = everything()
    for what in ("Pictures", "Rows", "Words"):

        def progress(stage: str, done: int, total: int, what: str = what) -> None:
            if stage == what and done >= min(5, total):
                raise Interrupted(stage)

        with pytest.raises(Interrupted, match=what):
            backups.move(library, target, progress=progress)
    assert backups.move(library, target).copied == 0
    with pytest.raises(Conflict, match="library here already"):
        backups.move(library, target)
    assert everything() == before
    enter(target)
    run_due_jobs()
    assert everything()["image"] == before["image"]
    invariants.check()


def test_a_library_does_not_move_to_where_it_is(library: Settings) -> None:
    with pytest.raises(Invalid, match="in use"):
        backups.move(library, library)
