"""`make test-bare`: `make run` and `make test` in fresh Debian roots, by an ordinary user and by root.

Wants root and debootstrap on this machine. Each root is made in .bare/ from a mirror and entered in mount and process
namespaces of its own, so that neither a mount nor a process outlives this program. BARE narrows what is done, as
`BARE="bookworm person run"`: any of the words below, where none of a kind means all of that kind. PYTEST_FLAGS goes along.
What the commands ask for as root, and only that, is installed before they are tried again.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SUITES, USERS, COMMANDS = ("bookworm", "trixie"), ("person", "root"), ("run", "test")
PACKAGES = "make,python3,git,ca-certificates"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
# How this machine reaches the network, and what narrows the tests; nothing else of its environment goes along.
CARRIED = re.compile(
    r"(https?|no|all)_proxy|PIP_(INDEX_URL|CERT|DEFAULT_TIMEOUT|PROXY)|SSL_CERT_(FILE|DIR)|WORKERS|PYTEST_FLAGS", re.I
)
CHECKOUT = Path(__file__).resolve().parent.parent
PLACE = CHECKOUT / ".bare"
ANSWER_S = 600
# The asked-for packages stand in a sentence, with or without quotation marks around the command.
ASKED = re.compile(r"apt-get install ([a-z0-9.+ -]+[a-z0-9+])")


def main(words: list[str]) -> int:
    """Do every combination that was asked for; 1 if one failed."""
    if os.geteuid() or not shutil.which("debootstrap"):
        sys.exit("This needs root and debootstrap: run 'apt-get install debootstrap' as root, then try again as root.")
    unknown = set(words) - {*SUITES, *USERS, *COMMANDS}
    if unknown:
        sys.exit(f"BARE knows {' '.join((*SUITES, *USERS, *COMMANDS))}, not {' '.join(sorted(unknown))}.")
    suites, users, commands = ([word for word in kind if word in words] or kind for kind in (SUITES, USERS, COMMANDS))
    failed = [f"{suite} {user}" for suite in suites for user in users if not _one(suite, user, list(commands))]
    print(f"Failed: {', '.join(failed)}." if failed else "All of it passed.", flush=True)
    return bool(failed)


def _one(suite: str, user: str, commands: list[str]) -> bool:
    root = fresh_root(suite, f"{suite}-{user}", suite, PACKAGES)
    _equip(root, user)
    done = enter(root, {"BARE_NAME": f"{suite} {user}"}, user, " ".join(commands))
    if done == 0:
        shutil.rmtree(root)
    return done == 0


def fresh_root(base_name: str, name: str, suite: str, packages: str) -> Path:
    """A copy of a minimal root of this suite with these packages, which is made once; with this machine's network."""
    base, root = PLACE / base_name, PLACE / name
    if not (base / "made").exists():
        shutil.rmtree(base, ignore_errors=True)
        print(f"Making {base} from {MIRROR}", flush=True)
        command = ["debootstrap", "--variant=minbase", f"--include={packages}", suite, str(base), MIRROR]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (base / "made").touch()
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", str(base), str(root)], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    for own in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(own, root / "usr/local/share/ca-certificates")
    subprocess.run(["chroot", str(root), "update-ca-certificates"], check=True, capture_output=True)
    return root


def enter(root: Path, more: dict[str, str], *words: str) -> int:
    """Run the root's /bare.py with these words and settings, in namespaces of its own; its exit code."""
    # pivot_root and not chroot, inside which an ordinary user may make no namespaces.
    command = (
        'mount --bind "$1" "$1" && cd "$1" && mount -t proc proc proc && mount --rbind /dev dev && mkdir -p before && '
        'pivot_root . before && umount -l /before && shift && exec python3 /bare.py "$@"'
    )
    environ = {name: value for name, value in os.environ.items() if CARRIED.fullmatch(name)}
    environ |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "CI": "true", **more}
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return subprocess.run([*namespaces, "sh", "-c", command, "sh", str(root), *words], env=environ).returncode


def _equip(root: Path, user: str) -> None:
    """The user, and a clone of what is committed here."""
    if user != "root":
        subprocess.run(["chroot", str(root), "useradd", "-m", "-s", "/bin/bash", user], check=True)
    home = root / "root" if user == "root" else root / "home" / user
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(CHECKOUT), str(home / "pindeck")], check=True)
    if user != "root":
        subprocess.run(["chroot", str(root), "chown", "-R", f"{user}:", f"/home/{user}/pindeck"], check=True)
    shutil.copy(__file__, root / "bare.py")


# From here on inside, as root of the new root.


def inside(user: str, commands: list[str]) -> int:
    """Run the commands as this user; 1 if one failed."""
    home = "/root" if user == "root" else f"/home/{user}"
    environ = {**os.environ, "HOME": home, "USER": user}
    prefix = ["runuser", "-u", user, "--"]
    folder = f"{home}/pindeck"
    for command in commands:
        work = _run_and_stop if command == "run" else _test
        for _ in range(4):
            began = time.monotonic()
            ok, output = work(prefix, folder, environ)
            asked = ASKED.search(output)
            if ok or user == "root" or not asked:
                break
            print(f"{_name()}: as asked for: apt-get install {asked[1]}", flush=True)
            _install(asked[1].split())
        took = time.monotonic() - began
        print(f"{_name()}: make {command} {'passed' if ok else 'FAILED'} after {took:.0f} s", flush=True)
        if not ok:
            print(output[-6000:], flush=True)
            return 1
    return 0


def _be_init() -> None:
    """The first process of a namespace takes leave of every other one whose parent has died; its child works."""
    child = os.fork()
    while child:
        ended, status = os.wait()
        if ended == child:
            sys.exit(os.waitstatus_to_exitcode(status))


def _name() -> str:
    return os.environ.get("BARE_NAME", "")


def _install(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *words], check=True, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run_and_stop(prefix: list[str], folder: str, environ: dict[str, str]) -> tuple[bool, str]:
    """`make run` until a page answers, then Ctrl-C; whether all of that happened, and what it printed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path("/run.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*prefix, "make", "run"], cwd=folder, env={**environ, "PORT": str(port)},
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    began, answered = time.monotonic(), False
    while not answered and process.poll() is None and time.monotonic() < began + ANSWER_S:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-up", timeout=5) as page:
                answered = page.status == 200
        except OSError:
            time.sleep(0.2)
    if answered:
        print(f"{_name()}: the first page after {time.monotonic() - began:.0f} s", flush=True)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False, f"{log.read_text()}\nIt did not end within a minute of Ctrl-C."
    return answered, log.read_text()


def _test(prefix: list[str], folder: str, environ: dict[str, str]) -> tuple[bool, str]:
    """`make test`; whether it passed, and what it printed."""
    log = Path("/test.log")
    with log.open("wb") as output:
        done = subprocess.run([*prefix, "make", "test"], cwd=folder, env=environ, stdout=output, stderr=output)
    text = log.read_text(errors="replace")
    closing = re.findall(r"^=*.*\d+ (?:passed|failed).*$", text, re.M)
    if closing:
        print(f"{_name()}: {closing[-1].strip('= ')}", flush=True)
    return done.returncode == 0, text


if __name__ == "__main__":
    if Path("/bare.py").exists() and __file__ == "/bare.py":
        _be_init()
        sys.exit(inside(sys.argv[1], sys.argv[2].split()))
    sys.exit(main(os.environ.get("BARE", "").split()))
