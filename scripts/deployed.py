"""What `make test-deploy` does inside a root: install the wheel in /srv, start what its Procfile names, use it, stop it.

Runs with the root's own Python and nothing else.
"""

import http.cookiejar
import json
import os
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME, BASE = os.environ.get("BARE_NAME", ""), f"http://127.0.0.1:{os.environ.get('PORT')}"
SOURCE, ROOT, LOG = Path("/srv"), Path("/app"), Path("/deployed.log")
LIMIT_S = 180
# The root's Python belongs to Debian, which wants to be told that it may be added to, and keeps what is its own.
ADDED = ["--break-system-packages", "--ignore-installed", "--root-user-action=ignore"]
PIP = [sys.executable, "-m", "pip", "install", "-q", *ADDED]


class Browser:
    """Cookies, and the token of the last page."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))
        self._token = ""

    def get(self, path: str) -> bytes:
        with self._opener.open(BASE + path, timeout=60) as answer:
            page: bytes = answer.read()
        found = re.search(rb'name="csrf-token" content="([^"]+)"', page)
        self._token = found[1].decode() if found else self._token
        return page

    def post(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded", **headers: str) -> bytes:
        headers = {"X-CSRFToken": self._token, "Content-Type": kind, **headers}
        with self._opener.open(urllib.request.Request(BASE + path, body, headers), timeout=60) as answer:
            told: bytes = answer.read()
        return told


def main() -> None:
    assert shutil.which("git") is None, "this root has git"
    assert subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode, "and venv"
    (wheel,) = SOURCE.glob("pindeck-*.whl")
    began = time.monotonic()
    subprocess.run([*PIP, "--require-hashes", "-r", str(SOURCE / "run.txt")], check=True)
    subprocess.run([*PIP, "--no-deps", "--no-index", str(wheel)], check=True)
    print(f"{NAME}: installed after {time.monotonic() - began:.0f} s", flush=True)
    shutil.rmtree(SOURCE)
    began = time.monotonic()
    subprocess.run(["pindeck", "procfile", str(ROOT)], check=True)
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert {"release", "web", "worker"} <= lines.keys(), lines
    subprocess.run(shlex.split(lines["release"]), cwd=ROOT, check=True)
    with LOG.open("wb") as output:
        processes = {
            name: subprocess.Popen(shlex.split(lines[name]), cwd=ROOT, stdout=output, stderr=output)
            for name in lines
            if name != "release"
        }
        try:
            use(processes)
        finally:
            for process in processes.values():
                process.send_signal(signal.SIGTERM)
            codes = {name: process.wait(LIMIT_S) for name, process in processes.items()}
    log = LOG.read_text(errors="replace")
    assert set(codes.values()) == {0} and "Traceback" not in log, (codes, log[-6000:])
    print(f"{NAME}: deployed, used and ended cleanly in {time.monotonic() - began:.0f} s", flush=True)


def use(processes: dict[str, "subprocess.Popen[bytes]"]) -> None:
    """Sign up, upload a picture, wait until it is ready, publish it, and see it as a visitor."""
    wait_for(lambda: answers(processes, "/readyz"), "web to answer")
    person, visitor, picture = Browser(), Browser(), png()
    person.get("/sign-up")
    person.post(
        "/sign-up",
        urllib.parse.urlencode(
            {"email": "olga@example.org", "password": "correct horse battery", "name": "Olga"}
        ).encode(),
    )
    person.get("/")
    part = 'Content-Disposition: form-data; name="files"; filename="still.png"\r\nContent-Type: image/png\r\n\r\n'
    body = b"--part\r\n" + part.encode() + picture + b"\r\n--part--\r\n"
    told = person.post("/upload", body, "multipart/form-data; boundary=part", **{"HX-Request": "true"})
    found = re.search(rb'data-id="([^"]+)"', told)
    assert found, told
    image = found[1].decode()

    def is_ready() -> bool:
        now: dict[str, Any] = json.loads(person.get(f"/api/v1/library/images/{image}"))
        return (now["storagePersistStatus"], now["aiStatus"]) == ("succeeded", "completed")

    wait_for(is_ready, "the picture to be ready")
    assert image.encode() not in visitor.get("/"), "a draft is nobody else's"
    person.post(f"/review/{image}/publish", b"")

    def is_seen() -> bool:
        source = re.search(rb'src="(/media/[^"]+-w320\.webp)"', visitor.get("/"))
        return bool(source) and visitor.get(source[1].decode())[8:12] == b"WEBP"

    wait_for(is_seen, "a visitor to see it")
    assert visitor.get(f"/i/{image}") == picture


def answers(processes: dict[str, "subprocess.Popen[bytes]"], path: str) -> bool:
    ended = {name: process.returncode for name, process in processes.items() if process.poll() is not None}
    assert not ended, (ended, LOG.read_text(errors="replace")[-6000:])
    try:
        Browser().get(path)
        return True
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"Waited for {what}.\n{LOG.read_text(errors='replace')[-6000:]}"
        time.sleep(0.2)


def png() -> bytes:
    """A picture of 640 × 360 pixels, in which colours run into one another."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(v for x in range(640) for v in (x * 255 // 640, y * 255 // 360, 90)) for y in range(360))
    head = struct.pack(">IIBBBBB", 640, 360, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    # The first process of a namespace takes leave of every other one whose parent has died; its child works.
    child = os.fork()
    while child:
        ended, status = os.wait()
        if ended == child:
            sys.exit(os.waitstatus_to_exitcode(status))
    main()
