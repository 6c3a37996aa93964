"""A clock that can be moved, and a backup to mend from."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pindeck import db
from pindeck.config import Settings
from pindeck.services import backup
from pindeck.services.maintenance import inspection
from tests.conftest import ChangeSettings
from tests.services.maintenance.integrity.reading import DAY_MS, Clock


@pytest.fixture(autouse=True)
def second_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)


@pytest.fixture
def later(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the clock forward by so many days."""
    real, moved = db.now_ms, [0]

    def move(days: float) -> None:
        moved[0] += int(days * DAY_MS)

    monkeypatch.setattr(db, "now_ms", lambda: real() + moved[0])
    return move


@pytest.fixture
def backed_up(database: Settings, tmp_path: Path, change_settings: ChangeSettings) -> Iterator[Callable[[], Path]]:
    """Takes a backup, and makes its folder that of BACKUP_DIR."""
    folder = tmp_path / "backup"

    def take() -> Path:
        backup.backup(database, folder)
        change_settings(backup_dir=str(folder))
        return folder

    yield take
