"""What is measured with and against: wrk and nginx from apt, sharp from npm. Installed where that is allowed."""

import os
import shutil
import subprocess
from pathlib import Path


def need(program: str, package: str) -> None:
    """Install a Debian package for a missing program, as root. Raises SystemExit where that is impossible."""
    if shutil.which(program):
        return
    if os.getuid() or not shutil.which("apt-get"):
        raise SystemExit(f"{program} is missing: install it (Debian and Ubuntu call it {package}) and try again.")
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(["apt-get", "install", "-qqy", "--no-install-recommends", package], check=True, env=quiet)


def node_modules(folder: Path) -> None:
    """express, multer and sharp in a folder of their own."""
    need("node", "nodejs")
    need("npm", "npm")
    wanted = ("express", "multer", "sharp")
    if all((folder / "node_modules" / name).is_dir() for name in wanted):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", *wanted], cwd=folder, check=True)
