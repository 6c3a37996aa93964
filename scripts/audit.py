"""`make audit`: are there known weaknesses in what uv.lock pins? pip-audit asks OSV, or a copy of its data.

ADVISORIES names a copy: a zip file or a folder of OSV's JSON files, such as the export of PyPI that osv.dev offers for
download. Ends with 0 when all was looked up and nothing found, 1 when something was found, 2 when it cannot be known.
"""

import json
import os
import subprocess
import sys
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LISTS = sorted((Path(__file__).resolve().parent.parent / "requirements").glob("*.txt"))
OSV = "https://api.osv.dev/v1/query"


def main(copy: str, service: str = OSV) -> int:
    """Audit all lists, against the copy at this path if there is one. Returns the exit code."""
    if not copy:
        return _audit(service, service)
    known = defaultdict(list)
    try:
        for advisory in _advisories(Path(copy)):
            for name in {canonicalize_name(one["package"]["name"]) for one in _affected(advisory)}:
                known[name].append(advisory)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        return _unknown(f"{copy} cannot be read ({error})")
    if not known:
        return _unknown(f"{copy} holds no advisory on a package of PyPI")
    with ThreadingHTTPServer(("127.0.0.1", 0), _answering(known)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = _audit(f"http://127.0.0.1:{server.server_address[1]}/", copy)
        server.shutdown()
    return code


def _audit(address: str, name: str) -> int:
    lists = [word for path in LISTS for word in ("-r", str(path))]
    # Strict, because what could not be looked up would pass otherwise.
    options = ["--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *options, "-s", "osv", "--osv-url", address, *lists],
        capture_output=True,
        text=True,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return _unknown(f"{name} did not answer ({(done.stderr.splitlines() or ['no reason given'])[-1]})")
    found = [(package, one) for package in packages for one in package.get("vulns", [])]
    for package, one in found:
        mended = ", ".join(one["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {one['id']}, mended in {mended}")
    print(f"{len(packages)} packages were looked up; known weaknesses: {len(found)}.")
    return bool(found)


def _unknown(reason: str) -> int:
    print(
        f"Nothing is known about the pins: {reason}. Try again with a network, or name a copy of OSV's data "
        "with ADVISORIES=/path/to/all.zip.",
        file=sys.stderr,
    )
    return 2


def _advisories(copy: Path) -> Iterator[dict[str, Any]]:
    if copy.is_dir():
        for path in copy.rglob("*.json"):
            yield json.loads(path.read_bytes())
        return
    with zipfile.ZipFile(copy) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def _affected(advisory: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in advisory.get("affected", []) if one.get("package", {}).get("ecosystem") == "PyPI"]


def concerns(advisory: dict[str, Any], name: str, number: str) -> bool:
    """Whether this version of the package is one that the advisory names, or lies in a range of it."""
    mine = [one for one in _affected(advisory) if canonicalize_name(one["package"]["name"]) == name]
    return any(number in one.get("versions", []) or _in_range(one, Version(number)) for one in mine)


def _in_range(affected: dict[str, Any], number: Version) -> bool:
    for span in affected.get("ranges", []):
        inside = False
        if span.get("type") != "ECOSYSTEM":
            continue
        # In OSV's order the later event decides; "0" stands for the first version of all.
        events = [(_version(text), kind) for event in span["events"] for kind, text in event.items()]
        for at, kind in sorted(events, key=lambda event: event[0]):
            if kind == "introduced" and number >= at:
                inside = True
            elif (kind == "fixed" and number >= at) or (kind == "last_affected" and number > at):
                inside = False
        if inside:
            return True
    return False


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _answering(known: dict[str, list[dict[str, Any]]]) -> type[BaseHTTPRequestHandler]:
    """OSV's query over these advisories."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = canonicalize_name(asked["package"]["name"])
            found = [one for one in known.get(name, []) if concerns(one, name, asked["version"])]
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Answer


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ADVISORIES", "")))
