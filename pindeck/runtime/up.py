"""`pindeck up`: database, queue, web, worker, index and, where there is one, the bot on one machine, with the Procfile's own commands."""

import json
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pindeck import resources
from pindeck.config import Settings
from pindeck.errors import SettingError
from pindeck.runtime import embedded_queue, leftovers
from pindeck.runtime.processes import STOP_SIGNALS, on_stop_signals
from pindeck.runtime.watch import Plan

PROCESSES = ("web", "worker")
SPARED = ("index",)  # where the Procfile has a line for it
_LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(\S.*)$", re.MULTILINE)
# -S and -I leave site-packages and their start-up hooks out of a process that needs none of them.
_WATCH = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pindeck.runtime.watch import main; main()"


def on_loopback(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for `pindeck up`, which listens on this machine alone unless HOST says otherwise."""
    named = environ.get("HOST") or environ.get("HOST_FILE")
    return dict(environ) if named else {**environ, "HOST": "127.0.0.1"}


def up(settings: Settings, *, environ: Mapping[str, str], prepare: Callable[[], str], procfile: Path) -> int:
    """Start everything and stay until Ctrl-C; `settings` are those loaded from `on_loopback(environ)`.

    `prepare` sets up the database and returns what to print once the site answers. It runs while the queue
    starts and must not need it. When all is well this does not return: the process becomes the watcher, so that
    the memory of the preparation is given back. Returns an exit code if a signal comes before that.
    Raises SettingError, and whatever `prepare` raises, after stopping what was started.
    """
    commands = read_procfile(procfile, *(["bot"] if settings.discord_token and not settings.discord_dry_run else []))
    leftovers.end(settings.data_dir)
    refuse_taken_port(settings.host, settings.port)
    on_stop_signals(_interrupt)
    queue = None
    try:
        queue = None if settings.redis_url else embedded_queue.start(settings)
        message = prepare()
        if queue:
            queue.wait()
        # From here on a signal waits until the watcher looks, so none is lost in between.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    except BaseException as error:
        if queue:
            queue.stop()
        if isinstance(error, KeyboardInterrupt):
            return 0
        raise
    plan = Plan(
        commands=commands,
        folder=str(procfile.absolute().parent),
        host=settings.host,
        port=settings.port,
        message=message,
        queue=queue.server if queue else None,
        queue_pid=queue.pid if queue else None,
    )
    if queue:
        os.set_inheritable(queue.lock, True)
    return _become_watcher(plan, _child_environ(settings, environ))


def read_procfile(path: Path, *more: str) -> dict[str, str]:
    """The commands of web and worker, of `more`, and of what is spared if there is a line for it. Raises SettingError if one of the
    others is missing."""
    try:
        lines = dict(_LINE.findall(path.read_text()))
    except OSError as error:
        raise SettingError(f"{path} cannot be read ({error.strerror}): install Pindeck again.") from error
    wanted = (*PROCESSES, *more)
    missing = [name for name in wanted if name not in lines]
    if missing:
        raise SettingError(f"{path} has no line for {' and '.join(missing)}.")
    return {name: lines[name] for name in (*wanted, *(name for name in SPARED if name in lines))}


def refuse_taken_port(host: str, port: int) -> None:
    """Raises SettingError if nobody could listen on this address now."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise SettingError(f"HOST={host} is not an address of this machine.") from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except PermissionError as error:
            raise SettingError(f"Port {port} needs more rights: choose another with PORT, such as 8000.") from error
        except OSError as error:
            raise SettingError(
                f"Port {port} on {host} is taken: stop what listens there, or choose another with PORT."
            ) from error


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _child_environ(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    return {
        **environ,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "DATA_DIR": str(settings.data_dir.absolute()),
        **leftovers.mark(settings.data_dir),
        # The commands of the Procfile are those of this environment, also where it is not activated.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]),
    }


def _become_watcher(plan: Plan, environ: dict[str, str]) -> NoReturn:
    # A pipe, because the message may hold the one-time code and arguments are public on the machine.
    handed, write_end = os.pipe()
    os.set_inheritable(handed, True)
    with open(write_end, "w") as writer:
        json.dump(asdict(plan), writer)
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = ["-I", "-S", "-c", _WATCH, str(resources.IMPORTED_FROM), str(handed)]
    os.execve(sys.executable, [sys.executable, *arguments], environ)
