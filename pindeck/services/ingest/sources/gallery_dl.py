"""Pinterest and Are.na, read by the program gallery-dl that the operator installed: it only lists, and what it names is
fetched like anything else from outside.

It gets an address of theirs, a home of its own and nothing of our settings; its time and output are limited.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pindeck import config
from pindeck.errors import Invalid
from pindeck.fetching import FetchFailed
from pindeck.services.ingest.folder_files import ENDINGS
from pindeck.services.ingest.sources import kinds
from pindeck.services.ingest.sources.found import Found, address, found
from pindeck.states import SourceKind

LASTS_S = 300
MAX_BYTES = 50 * 2**20  # of what it says
MOST_BOARDS = 50  # of a profile
_ERROR, _FILE, _FURTHER = -1, 3, 6  # what a message of its output is about
_UNSUPPORTED = 64  # a bit of its exit status


def read(url: str) -> list[Found]:
    """The pins with a picture. A profile names its boards, which are read in turn.

    Raises Invalid when the program cannot be used or does not know the address, and FetchFailed with what it says
    when it failed: it ends well even then.
    """
    every: dict[str, Found] = {}
    waiting, seen = [url], {url}
    while waiting:
        for kind, rest in _listed(waiting.pop(0), cookies=config.current().pinterest_cookies_file):
            if kind == _FILE and len(rest) > 1 and isinstance(rest[1], dict):
                _keep(every, rest[0], rest[1])
            if kind == _FURTHER and rest and len(seen) <= MOST_BOARDS and (board := _board(rest[0])) and board not in seen:
                seen.add(board)
                waiting.append(board)
    return list(every.values())


def read_channel(url: str) -> list[Found]:
    """The blocks of a channel of Are.na with a picture, under the names that its own API gives them. Raises as `read` does."""
    every: dict[str, Found] = {}
    for kind, rest in _listed(url):
        told = rest[1] if kind == _FILE and len(rest) > 1 and isinstance(rest[1], dict) else {}
        block, at = str(told.get("id") or ""), address(rest[0], "") if told else None
        if at is None or not block.isdecimal():
            continue
        title, description = (each if isinstance(each, str) else None for each in (told.get("title"), told.get("description")))
        made = found(block, url=at, page_url=f"https://www.are.na/block/{block}", title=title, description=description)
        if made:
            every.setdefault(block, made)
    return list(every.values())


def _board(url: Any) -> str | None:
    """The address of a board that a profile names, if it is one of Pinterest's."""
    try:
        return str(kinds.KINDS[SourceKind.PINTEREST].check(url))
    except Invalid:
        return None


def _keep(every: dict[str, Found], url: Any, told: dict[str, Any]) -> None:
    """A pin that stands under several addresses is one; of its pictures the original counts."""
    pin = str(told.get("id") or "")
    at = address(url, "")
    if not pin.isalnum() or at is None or f".{str(told.get('extension') or 'jpg').lower()}" not in ENDINGS:
        return
    if pin in every and "/originals/" not in at:
        return
    texts = {name: told.get(name) for name in ("title", "grid_title", "description")}
    title, grid_title, description = (value if isinstance(value, str) else None for value in texts.values())
    pin_of = found(
        pin,
        url=at,
        page_url=f"https://www.pinterest.com/pin/{pin}/",
        title=(title or "").strip() or grid_title,
        description=description,
    )
    if pin_of and (pin not in every or "/originals/" not in str(every[pin].url)):
        every[pin] = pin_of


def _listed(url: str, *, cookies: str = "") -> Iterator[tuple[Any, list[Any]]]:
    """The messages of one call: what each is about, and the rest of it. Raises Invalid and FetchFailed."""
    program = config.current().gallery_dl
    if not program:
        raise Invalid("Pinterest needs the program gallery-dl. An administrator installs it and sets GALLERY_DL.")
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as output:
        command = [program, "--config-ignore", "-j", "-o", "extractor.retries=1", "-o", "extractor.timeout=20"]
        if cookies:
            command += ["--cookies", _cookies(cookies, Path(home))]
        status = _run([*command, url], home, output)
        if status > 0 and status & _UNSUPPORTED:  # below nothing a signal ended it
            raise Invalid("The program gallery-dl does not know this address. Give that of a board, a profile, a pin or a channel.")
        output.seek(0)
        try:
            messages = json.load(output)
        except (ValueError, RecursionError) as error:
            raise FetchFailed(f"The program gallery-dl gave no list (it ended with {status}). A newer version may help.") from error
    if not isinstance(messages, list):
        raise FetchFailed("The program gallery-dl gave something else than a list. A newer version may help.")
    for message in messages:
        kind, rest = (message[0], message[1:]) if isinstance(message, list) and message else (None, [])
        if kind == _ERROR:
            told = rest[0] if rest and isinstance(rest[0], dict) else {}
            raise FetchFailed(f"The program gallery-dl says: {str(told.get('message') or told.get('error') or 'it failed')[:300]}")
        yield kind, rest


def _cookies(path: str, home: Path) -> str:
    """A copy, because the program writes into the file it is given."""
    try:
        return str(shutil.copyfile(path, home / "cookies.txt"))
    except OSError as error:
        raise Invalid("The file that PINTEREST_COOKIES_FILE names cannot be read.") from error


def _run(command: list[str], home: str, output: IO[bytes]) -> int:
    """Its exit status. It and all that it started end with their time, or when they say too much."""
    environ = {"HOME": home, "PATH": os.defpath, "LANG": "C.UTF-8", "TMPDIR": home}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, cwd=home, env=environ,
            start_new_session=True, preexec_fn=_limit,
        )  # fmt: skip
    except OSError as error:
        raise Invalid("The program that GALLERY_DL names cannot be started. Check its path.") from error
    try:
        return process.wait(LASTS_S)
    except subprocess.TimeoutExpired as error:
        raise FetchFailed("The program gallery-dl took too long.") from error
    finally:
        _end(process)


def _limit() -> None:
    """In the child: a file that it writes, its output too, ends it beyond this size."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_BYTES, MAX_BYTES))


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
