"""Starts and stops what is measured. Everything listens on loopback and ends with this process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench import library
from pindeck.runtime.processes import tied

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
# The records are written by the code of the version they are for.
FILL = (
    "import sys; from pathlib import Path; from bench import library;"
    " library.fill(Path(sys.argv[1]), int(sys.argv[2]), projects=int(sys.argv[3]))"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_for(url: str, seconds: float = 60) -> float:
    """Seconds until `url` answers 200. Raises RuntimeError when it does not."""
    start = time.monotonic()
    while not answers(url):
        if time.monotonic() - start > seconds:
            raise RuntimeError(f"{url} did not answer within {seconds} s.")
        time.sleep(0.01)
    return time.monotonic() - start


class Service:
    """One command with its log; `pid` is the root of its process tree."""

    def __init__(self, command: list[str], log: Path, environ: dict[str, str], cwd: Path = ROOT) -> None:
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command, cwd=cwd, env={**_clean(), **environ}, stdout=output, stderr=output, preexec_fn=tied()
            )
        self.pid = self.process.pid

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _clean() -> dict[str, str]:
    """Without settings of Pindeck that the caller's environment may hold."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
    }


class PindeckStack:
    """`pindeck up` on a folder of its own, with production settings and a quiet log.

    `root` is the checkout it runs from, with its own `.venv` where it is another one than this.
    """

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        self.root = root
        self.programs = Path(sys.executable).parent if root == ROOT else root / ".venv" / "bin"
        self.data = folder / "data"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "DATA_DIR": str(self.data), "HOST": "127.0.0.1", "PORT": str(self.port), "WEB_CONCURRENCY": "2",
            "LOG_LEVEL": "warning", "SIGN_IN_RATE": "0", "PATH": f"{self.programs}:{os.environ['PATH']}",
        }  # fmt: skip
        self.services: list[Service] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def roots(self) -> list[int]:
        return [service.pid for service in self.services]

    @property
    def database(self) -> Path:
        return self.data / "pindeck.sqlite3"

    def prepare(self, count: int, *, projects: int = 2000) -> None:
        """Make the database, the account and `count` records, unless an earlier run made them already.

        With `projects` 0 all of them are in the default project.
        """
        done = self.folder / "prepared"
        stamp = f"{count} {_fingerprint(self.root)}"
        if done.exists() and done.read_text() == stamp:
            return
        shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self.command("migrate")
        self.command("user", "create", library.EMAIL, "--role", "admin", "--password-stdin", said=library.PASSWORD)
        if count:
            self._python("-c", FILL, str(self.database), str(count), str(projects))
        done.write_text(stamp)

    def command(self, *words: str, said: str = "") -> None:
        self.output(*words, said=said)

    def output(self, *words: str, said: str = "") -> str:
        """What a command prints."""
        return self._python("-m", "pindeck.cli", *words, said=said)

    def _python(self, *words: str, said: str = "") -> str:
        done = subprocess.run(
            [str(self.programs / "python"), *words],
            cwd=self.root, env={**_clean(), **self.environ}, input=said, text=True, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        return done.stdout

    def start(self) -> float:
        """Start everything; seconds until the first page is there."""
        start = time.monotonic()
        self.services = [Service([str(self.programs / "pindeck"), "up"], self.folder / "up.log", self.environ, self.root)]
        wait_for(self.base + "/")
        return time.monotonic() - start

    def add_worker(self) -> None:
        self.services.append(Service([str(self.programs / "python"), "worker.py"], self.folder / "worker.log", self.environ, self.root))
        time.sleep(2)

    def stop(self) -> None:
        for service in reversed(self.services):
            service.stop()
        self.services = []


def _fingerprint(root: Path) -> str:
    """Changes with the schema, so that a database of another version is made anew."""
    import hashlib

    files = [*sorted((root / "migrations").glob("*.py")), *(root / "bench" / name for name in ("library.py", "corpus.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def start_floor(folder: Path, database: Path, thumbs: Path, *, sync: str) -> tuple[Service, str]:
    """The floor with as many processes and threads as Pindeck has. `sync` is SQLite's word, normal or full."""
    port = free_port()
    service = Service(
        ["gunicorn", "-w2", "-kgthread", "--threads=8", "--preload", "--log-level=warning", "--no-control-socket",
         f"--bind=127.0.0.1:{port}", "bench.floor_app:app"],
        folder / "floor.log",
        {"FLOOR_DB": str(database), "FLOOR_THUMBS": str(thumbs), "FLOOR_SYNC": sync},
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    wait_for(base + "/hello")
    return service, base


NGINX = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; {user}
events {{ worker_connections 256; }}
http {{
  types {{ image/webp webp; }} access_log off; sendfile on; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}; {headers} }}
}}
"""
# What docs/operations.md tells for public renditions.
MEDIA_HEADERS = (
    'location /media/ {{ alias {root}/; expires 1y; add_header Cache-Control "public, immutable";'
    " add_header X-Content-Type-Options nosniff;"
    " add_header Content-Security-Policy \"default-src 'none'; sandbox\"; }}"
)


def start_nginx(folder: Path, root: Path, probe: str, *, media: bool) -> tuple[Service, str]:
    """nginx over a folder; with `media`, as the operations manual says for `DATA_DIR/public`."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    user = "user root;" if os.getuid() == 0 else ""
    headers = MEDIA_HEADERS.format(root=root) if media else ""
    conf = folder / "nginx.conf"
    conf.write_text(NGINX.format(folder=folder, port=port, root=root, headers=headers, user=user))
    service = Service(["nginx", "-c", str(conf), "-e", str(folder / "nginx-error.log")], folder / "nginx.log", {})
    base = f"http://127.0.0.1:{port}"
    wait_for(base + probe)
    return service, base


def start_sharp(folder: Path, node: Path) -> tuple[Service, str]:
    """The sharp service; quality and effort are those of Pindeck's renditions, libvips uses one thread a picture."""
    port = free_port()
    out = folder / "sharp"
    shutil.rmtree(out, ignore_errors=True)
    service = Service(
        ["node", str(HERE / "sharp_service.js"), str(port), str(out), "82", "4"],
        folder / "sharp.log",
        {"NODE_PATH": str(node / "node_modules"), "NODE_ENV": "production"},
    )
    base = f"http://127.0.0.1:{port}"
    wait_for(base + "/hello")
    return service, base
