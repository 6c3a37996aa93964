"""How the web server runs; gunicorn reads this file by itself. The values are settings of Pindeck."""

import gc
import mmap
import os
import resource
import sys
from typing import Any

from pindeck.config import load
from pindeck.db.faults import refuse_damaged
from pindeck.errors import SettingError

# What is loaded stays, so looking for garbage meanwhile finds next to nothing and takes a fifth of the start.
gc.disable()

try:
    _settings = load()
    refuse_damaged(_settings)
except SettingError as error:
    sys.exit(str(error))

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
worker_class = "pindeck.runtime.threads.PatientWorker"  # gunicorn's gthread, with a loop that waits for clients
workers = _settings.web_concurrency
threads = _settings.web_threads

_LEAST_FILES = 200  # with fewer, a few slow clients would take all connections
# A connection takes a file, and one more while a file is sent over it. Some are left for everything else.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_files = 4096 if _hard == resource.RLIM_INFINITY else min(4096, _hard)
if _files < _LEAST_FILES:
    sys.exit(
        f"A web process may open {_files} files and needs at least {_LEAST_FILES}, better 4096: raise the hard limit "
        "(ulimit -Hn, LimitNOFILE= of systemd, --ulimit nofile= of a container) and start again."
    )
if _soft != resource.RLIM_INFINITY and _soft < _files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_files, _hard))
worker_connections = min(1000, (_files - 100) // 2)
# An address may have 8 KiB.
limit_request_line = 8190
# Gunicorn believes a neighbour on this machine that names the folder of the site in a header, and front servers pass
# such a header on from anybody. The site has no folder.
forwarder_headers = ""

# Loaded once and then forked, the processes share most of their memory. Connections are opened per request.
preload_app = True


def when_ready(server: object) -> None:
    """Everything is loaded and nothing is forked. Pages of what is loaded stay shared, because it is never looked through."""
    gc.freeze()
    gc.enable()


_came_later = mmap.mmap(-1, 1)  # a byte that all processes share


def worker_exit(server: object, worker: Any) -> None:
    """In the process that ends: the one that follows it will be asked for the API as well."""
    if worker.app.wsgi().has_later:
        _came_later[0] = 1


def pre_fork(server: Any, worker: object) -> None:
    """Load it once, before the fork, instead of in each process that follows another one."""
    site = server.app.wsgi() if _came_later[0] else None
    if site is not None and not site.has_later:
        site.later()
        gc.freeze()


# Memory that long-lived processes gather is given back; the jitter keeps them from restarting together.
max_requests = 5000
max_requests_jitter = 500

# A process that answers nothing for this long is replaced. Its threads may be receiving a large file meanwhile.
timeout = 120
# Longer than front servers keep an idle connection, mostly 60 s: the side that sends must be the one that closes, or a
# request meets a connection that is just being closed. An idle one takes no thread, and is closed sooner when they become scarce.
keepalive = 75
# Shorter than what `pindeck up` and most platforms wait before they kill.
graceful_timeout = 8

# The heartbeat file of each process must not wait for a busy disk.
if os.access("/dev/shm", os.W_OK):  # noqa: S108
    worker_tmp_dir = "/dev/shm"  # noqa: S108
# It would be opened in the home folder, and nobody uses it.
control_socket_disable = True

# At "info" gunicorn tells of every process it starts, which is worth a line in trouble only.
logger_class = "pindeck.runtime.weblog.Log"  # gunicorn's, with lines that hold words of strangers escaped
loglevel = {"debug": "info", "info": "warning"}.get(_settings.log_level, _settings.log_level)
