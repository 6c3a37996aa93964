"""Pack the browser extension into one zip. The same files give the same bytes, whoever packs them and whenever."""

import json
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "extras" / "browser"
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path, into: Path) -> Path:
    """The zip in the folder `into`, named by the version."""
    version = json.loads((folder / "manifest.json").read_text())["version"]
    into.mkdir(parents=True, exist_ok=True)
    target = into / f"pindeck-browser-{version}.zip"
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    with zipfile.ZipFile(target, "w") as packed:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_STORED)  # compressors differ
    return target


if __name__ == "__main__":
    print(pack(FOLDER, Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
