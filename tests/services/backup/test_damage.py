"""Objects that are damaged, lost or away: they are named, and the rest goes on."""

from pathlib import Path

import pytest

from pindeck import storage
from pindeck.access import VISITOR
from pindeck.config import Settings
from pindeck.errors import Upstream
from pindeck.models import Derivative, Image
from pindeck.services import backup as backups
from pindeck.services.derivatives import delivery
from pindeck.states import ImageStatus, PersistStatus
from tests import invariants
from tests.conftest import run_due_jobs
from tests.factories import blob_of, fresh, overwrite
from tests.services.backup.library import PlaceOn, contents, enter

# Damage


def test_a_damaged_object_is_named_and_the_rest_goes_on(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str
) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    blob = blob_of(image)
    overwrite(blob.object_key, b"not what was stored")
    report = backups.backup(library, folder)
    (fault,) = report.damage
    assert (fault.stored.key, fault.stored.sha256, fault.problem) == (blob.object_key, blob.sha256, "damaged")
    assert report.objects == len(contents()) - 1
    restored = backups.restore(enter(place_on(engine)), folder)
    assert [one.stored.key for one in restored.damage] == [blob.object_key]
    broken = fresh(image)
    assert (broken.status, broken.persist_status, broken.public_token) == (
        ImageStatus.BROKEN, PersistStatus.FAILED, None,
    )  # fmt: skip
    assert Image.select().where(Image.status == ImageStatus.BROKEN).count() == 1


def test_an_object_that_is_lost_is_named(library: Settings, folder: Path) -> None:
    blob = blob_of(Image.get(Image.title == "Neon alley, wide"))
    storage.current().delete(blob.object_key)
    (fault,) = backups.backup(library, folder).damage
    assert (fault.stored.key, fault.problem) == (blob.object_key, "lost")


def test_a_lost_rendition_is_made_again(library: Settings, folder: Path, place_on: PlaceOn, engine: str) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    row = Derivative.get((Derivative.blob == blob_of(image).id) & (Derivative.preset == "small"))
    storage.current().delete(row.object_key)
    (fault,) = backups.backup(library, folder).damage
    assert fault.stored.key == row.object_key
    backups.restore(enter(place_on(engine)), folder)
    run_due_jobs()
    assert fresh(image).public_token
    invariants.check()


def test_a_lost_size_for_the_screen_waits_until_somebody_asks_again(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str
) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    row = Derivative.get(Derivative.preset == "screen")
    storage.current().delete(row.object_key)
    (fault,) = backups.backup(library, folder).damage
    assert fault.stored.key == row.object_key
    backups.restore(enter(place_on(engine)), folder)
    assert fresh(image).persist_status == PersistStatus.SUCCEEDED
    run_due_jobs()
    assert not Derivative.select().where(Derivative.preset == "screen").exists()
    delivery.picture(VISITOR, image.id, "screen")
    invariants.check()


def test_damage_inside_the_backup_is_found(library: Settings, folder: Path, place_on: PlaceOn, engine: str) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    sha256 = blob_of(image).sha256
    backups.backup(library, folder)
    path = folder / "objects" / sha256[:2] / sha256
    path.write_bytes(b"x" * path.stat().st_size)
    assert backups.backup(library, folder).copied == 0, "an object of the right size is trusted"
    assert backups.backup(library, folder, verify=True).copied == 1, "unless it is to be proved"
    path.write_bytes(b"x" * path.stat().st_size)
    (fault,) = backups.restore(enter(place_on(engine)), folder).damage
    assert (fault.stored.sha256, fault.problem) == (sha256, "damaged")
    assert fresh(image).status == ImageStatus.BROKEN


def test_a_store_that_is_away_ends_the_run(library: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Upstream("The object store does not answer.")

    monkeypatch.setattr(type(storage.current()), "open", away)
    with pytest.raises(Upstream, match="20 objects in a row"):
        backups.backup(library, folder)
