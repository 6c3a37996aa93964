"""Where the files lie that are no Python modules: in a checkout beside the package, in a wheel inside it."""

from pathlib import Path

from pindeck.errors import SettingError

_PACKAGE = Path(__file__).resolve().parent
# A wheel has this folder, as pyproject.toml says; a checkout never has.
_DEPLOYED = _PACKAGE / "deployed"

# What holds Procfile, templates and the others; its own processes start here.
ROOT = _DEPLOYED if _DEPLOYED.is_dir() else _PACKAGE.parent
# What has to be on Python's path for `import pindeck` to find this package.
IMPORTED_FROM = _PACKAGE.parent
# The Procfile and what its processes load from the folder they are started in.
PROCESS_FILES = ("Procfile", "app.py", "worker.py", "gunicorn.conf.py")


def folder(name: str, holding: str) -> Path:
    """A folder of files, by its name. Raises SettingError unless it holds a file of that pattern."""
    found = ROOT / name
    if not any(found.glob(holding)):
        raise SettingError(f"This installation of Pindeck is incomplete: {found} has no {holding}. Install it again.")
    return found
