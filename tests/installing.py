"""Installs Pindeck as the builders of platforms do: the wheel and what the lock names, in an environment of its own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.stack import ROOT

# What a builder has; it has no .git, and nothing that tests or development need.
SOURCES = (
    "pyproject.toml", "uv.lock", ".python-version", "README.md", "Procfile", "app.py", "worker.py", "gunicorn.conf.py",
    "pindeck", "templates", "static", "migrations", "scripts",
)  # fmt: skip


@dataclass(frozen=True)
class Installed:
    """A copy of the checkout, and the folder with the programs of the environment made from it."""

    checkout: Path
    programs: Path

    @property
    def package(self) -> Path:
        """The installed package, which is not the one of the checkout."""
        (found,) = self.programs.parent.glob("lib/python*/site-packages/pindeck")
        return found

    def run(self, *words: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
        """One of the environment's programs, with these settings alone."""
        path = f"{self.programs}:/usr/bin:/bin"
        return subprocess.run(
            [str(self.programs / words[0]), *words[1:]],
            cwd=cwd,
            env={"PATH": path, "HOST": "127.0.0.1", **environ},
            capture_output=True,
            text=True,
        )


def install(folder: Path) -> Installed:
    """Build and install into `folder`. Needs the network, or uv's cache. Raises RuntimeError with what uv said."""
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, checkout / name)
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "uv"), "sync", "--locked", "--no-dev", "--no-editable",
            "--no-config", "--python", sys.executable, "--default-index", "https://pypi.org/simple",
        ],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV"))},
        capture_output=True,
        text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"uv sync failed; it needs the network:\n{done.stderr}")
    return Installed(checkout, checkout / ".venv" / "bin")
