"""What a worker, and the bot, say of themselves: a row that lives as long as they do, and a name that dies with them."""

import logging
import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

from pindeck import db
from pindeck.config import Settings
from pindeck.runtime import holders, memory
from pindeck.services.maintenance import workers

log = logging.getLogger("pindeck.worker")


def folder(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "workers"


def take(settings: Settings) -> str:
    """A name for this process. Other workers of the machine see when it has died."""
    try:
        return holders.take(folder(settings))
    except OSError as error:  # then what it holds when it dies waits for the lease
        log.warning("%s cannot be used (%s)", folder(settings), error.strerror)
        return uuid.uuid4().hex


def lives(name: str, queues: list[str]) -> Callable[[], None]:
    """What says that this process lives. It is to be called every few seconds, with a connection to the database."""
    pid, started_at = os.getpid(), db.now_ms()
    host = socket.gethostname()[:100]
    return lambda: workers.tell(
        name, host=host, pid=pid, queues=queues, started_at=started_at, memory_bytes=memory.resident_bytes(pid)
    )


def leave(name: str) -> None:
    """Its row goes with it; one that stays is forgotten after a day."""
    try:
        db.connect()
        workers.leave(name)
    except Exception as error:
        log.warning("the end of this process was not noted (%s)", type(error).__name__)
    finally:
        db.close()
