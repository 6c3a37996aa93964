"""`make test-deploy`: the wheel alone in fresh Debian roots, deployed through the Procfile on servers of its own.

The roots have Python and pip, and neither git nor what makes environments, as an image of a container has. PostgreSQL,
Valkey and an S3 server run outside of them, with their sockets inside. Wants root and debootstrap, as `make test-bare`,
whose way into a root it goes. DEPLOY narrows what is done, as `DEPLOY=bookworm`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import test_bare

sys.path.insert(0, str(test_bare.CHECKOUT))

from tests.servers.postgres import start_postgres  # noqa: E402
from tests.servers.s3 import free_port, start_ministack  # noqa: E402
from tests.servers.valkey import start_valkey  # noqa: E402

# The Procfile says python, as every environment and every image with Python has it.
PACKAGES = "python3,python3-pip,python-is-python3,ca-certificates"


def main(suites: list[str]) -> int:
    """Deploy in each suite; 1 if one failed."""
    if os.geteuid() or not shutil.which("debootstrap"):
        sys.exit("This needs root and debootstrap: run 'apt-get install debootstrap' as root, then try again as root.")
    unknown = set(suites) - set(test_bare.SUITES)
    if unknown:
        sys.exit(f"DEPLOY knows {' '.join(test_bare.SUITES)}, not {' '.join(sorted(unknown))}.")
    failed = [suite for suite in suites or test_bare.SUITES if not _one(suite)]
    print(f"Failed: {', '.join(failed)}." if failed else "All of it passed.", flush=True)
    return bool(failed)


def _one(suite: str) -> bool:
    root = test_bare.fresh_root(f"{suite}-pip", f"{suite}-deploy", suite, PACKAGES)
    brought = root / "srv"
    wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "-w", str(brought), str(test_bare.CHECKOUT)], check=True)
    shutil.copy(test_bare.CHECKOUT / "requirements/run.txt", brought)
    shutil.copy(Path(__file__).with_name("deployed.py"), root / "bare.py")
    # Sockets have short names there, and the same ones inside but for the root.
    tempfile.tempdir = str(root / "tmp")
    folder = Path(tempfile.mkdtemp(prefix="servers-"))
    stops = []
    try:
        s3 = start_ministack(folder)
        stops.append(s3.stop)
        postgres = start_postgres(folder)
        stops.append(postgres.stop)
        queue, stop_queue = start_valkey(folder)
        stops.append(stop_queue)
        environ = {
            **s3.environ(), "DATABASE_URL": postgres.create_database("pindeck"), "REDIS_URL": queue,
            "DATA_DIR": "/var/lib/pindeck", "HOST": "127.0.0.1", "PORT": str(free_port()),
            "SECRET_KEY": "deployed-deployed-deployed-deployed", "BARE_NAME": suite,
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }  # fmt: skip
        done = test_bare.enter(root, {name: value.replace(str(root), "") for name, value in environ.items()})
    finally:
        for stop in reversed(stops):
            stop()
        tempfile.tempdir = None
    if done == 0:
        shutil.rmtree(root)
    return done == 0


if __name__ == "__main__":
    sys.exit(main(os.environ.get("DEPLOY", "").split()))
