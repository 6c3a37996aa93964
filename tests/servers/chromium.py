"""Finds the browser of the tests. As a program it prints where it is, or says what to install."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT_WINDOWS = "chromium-headless-shell"
# As root there is no sandbox, and shared memory is tiny in containers. Nothing may be asked of the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_MAC = "/Applications/{0}.app/Contents/MacOS/{0}"
# Where `playwright install chromium` puts its own.
_PLAYWRIGHT = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")


def chromium_path() -> str:
    """The program to start: `CHROMIUM` if set, else the first found. Raises RuntimeError if there is none."""
    named = os.environ.get("CHROMIUM", "")
    for candidate in ([named] if named else []) + list(NAMES):
        found = shutil.which(candidate)
        if found and not _is_snap(found):
            return found
    for path in (_MAC.format("Chromium"), _MAC.format("Google Chrome"), *_playwright_browsers()):
        if os.access(path, os.X_OK):
            return path
    raise RuntimeError(
        "Chromium is missing: run 'apt-get install chromium' as root (Debian) "
        "or '.venv/bin/playwright install chromium' (Ubuntu, macOS)."
    )


def headless_path() -> str:
    """The same browser built without windows, which takes a third less of the processor; where there is none, `chromium_path`."""
    named = os.environ.get("CHROMIUM", "")
    return (not named and shutil.which(WITHOUT_WINDOWS)) or chromium_path()


def _is_snap(found: str) -> bool:
    """Ubuntu's `chromium-browser` may be a script that only tells to install a snap."""
    path = Path(found).resolve()
    return path.stat().st_size < 10_000 and b"snap" in path.read_bytes()


def _playwright_browsers() -> list[str]:
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    roots = [Path(name).expanduser() for name in ([folder] if folder else _PLAYWRIGHT)]
    found = [path for root in roots for path in root.glob("chromium-*/chrome-*/**/*") if _is_browser(path)]
    return [str(path) for path in sorted(found, reverse=True)]


def _is_browser(path: Path) -> bool:
    return path.name in ("chrome", "Chromium", "Google Chrome for Testing") and path.is_file()


if __name__ == "__main__":
    try:
        print(chromium_path())
    except RuntimeError as error:
        sys.exit(str(error))
