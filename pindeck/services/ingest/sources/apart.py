"""What strangers wrote, read in a process of its own: neither time without end nor memory can be had with it.

Parsers take time that grows with the square of what is written against them. The process that asks is a job of a
worker, on which others wait.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pindeck.errors import Invalid
from pindeck.imaging.limits import confine

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Read = TypeVar("Read")

MEMORY_MB = 512
WALL_S = 6  # times the seconds of work: other programs may be busy
TOO_MUCH = "This address cannot be read in a reasonable time."
beside = threading.Lock()  # held by a thread while it works beside the one that asks: a fork would copy its locks as they are, for ever


def read(reader: Callable[[], Read], *, seconds: int) -> Read:
    """What `reader()` returns, after so many seconds of work at most. Raises Invalid, also for what it cannot read."""
    import multiprocessing  # only jobs need it

    forked = multiprocessing.get_context("fork")
    ours, theirs = forked.Pipe(duplex=False)
    process = forked.Process(target=_told, args=(theirs, reader, seconds), daemon=True)
    with beside:
        process.start()
    theirs.close()
    try:
        is_read, found = ours.recv() if ours.poll(seconds * WALL_S) else (False, None)
    except (EOFError, OSError):  # it was ended by its limits
        is_read, found = False, None
    finally:
        ours.close()
        process.kill()
        process.join()
    if not is_read:
        raise found or Invalid(TOO_MUCH)
    return found  # type: ignore[return-value]  # what the child sent


def _told(to: "Connection", reader: Callable[[], object], seconds: int) -> None:
    """In the child. It touches neither the database nor the store."""
    confine(memory_mb=MEMORY_MB, seconds=seconds)
    try:
        to.send((True, reader()))
    except Invalid as error:
        to.send((False, error))
    except Exception:  # whatever a stranger's bytes make of a parser
        to.send((False, None))
