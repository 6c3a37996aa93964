"""Whether there is room for more: uploads are refused early, so that what was accepted can be finished.

Below the reserve nothing new comes in; reading, deleting and working go on. The reserve grows with what the pictures
that wait to be sized will need.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from peewee import Case, fn

from pindeck import access, config, db, disk, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import NoSpace
from pindeck.models import Image, Job
from pindeck.states import JobStatus
from pindeck.storage.base import Stream, chunks

MIB = 2**20
LEAST_MIB, MOST_MIB, PART = 64, 1024, 20  # of the default: a twentieth of the disk between these two
LOOK_EVERY_BYTES = 4 * MIB
# A picture has four renditions, of which the largest fits 1280 × 1280. Photographs take a fifth of a byte a pixel, noise one.
MOST_PIXELS = 1280 * 1280
BESIDE_BYTES = 64 * 1024
FRESH_S = 2.0


@dataclass(frozen=True)
class Room:
    """Bytes. Below `reserve` uploads are refused."""

    free: int
    total: int
    reserve: int

    @property
    def is_short(self) -> bool:
        return self.free < self.reserve

    @property
    def is_getting_short(self) -> bool:
        return self.free < 2 * self.reserve


_pending: tuple[Settings | None, int, float] = (None, 0, 0.0)  # for which settings, bytes, and when they were counted


def found() -> Room | None:
    """How full the disk is; None where none is looked at or it cannot be."""
    looked = _disk()
    if looked is None:
        return None
    free, total = looked
    return Room(free, total, max(_base(total), 2 * _pending_bytes()))


def _disk() -> tuple[int, int] | None:
    """Free bytes and all of them."""
    folder = config.current().kept_on
    if folder is None:
        return None
    try:
        return disk.free_bytes(folder), disk.total_bytes(folder)
    except OSError:
        return None


def shown(actor: Actor) -> Room | None:
    """The same, for administrators."""
    access.require(actor, "admin")
    return found()


def _base(total: int) -> int:
    chosen_mb = config.current().disk_reserve_mb
    if chosen_mb is not None:
        return chosen_mb * MIB
    return max(LEAST_MIB * MIB, min(MOST_MIB * MIB, total // PART))


def leave_the_last() -> None:
    """Raises NoSpace when what is left on the disk is wanted for rows, without which nothing can be deleted."""
    looked = _disk()  # without counting what waits: each job is a process of its own and would count anew
    if looked is not None and looked[0] < 2 * disk.LOW_BYTES:
        raise NoSpace("The disk is full: the picture waits and is sized as soon as there is room.")


def is_short() -> bool:
    room = found()
    return room is not None and room.is_short


def admit() -> None:
    """Raises NoSpace when nothing new may come in."""
    room = found()
    if room is not None and room.is_short:
        raise NoSpace(
            f"The disk is almost full: {room.free // MIB} MiB are free and {room.reserve // MIB} MiB are kept back, so "
            "uploads are refused. Delete pictures for good, or ask an administrator for more room."
        )
    left = storage.current().left()
    if left is not None and left <= 2 * _pending_bytes():
        raise NoSpace(
            "The store is full up to what its waiting pictures need (STORE_QUOTA_MB), so uploads are refused. "
            "Delete pictures for good, or ask an administrator for more room."
        )


def admitted(stream: Stream) -> Iterator[bytes]:
    """The chunks of what comes in. Raises NoSpace before the first, and when the room ends on the way."""
    admit()
    seen = 0
    for chunk in chunks(stream):
        seen += len(chunk)
        if seen >= LOOK_EVERY_BYTES:
            seen = 0
            admit()
        yield chunk


def _pending_bytes() -> int:
    """What the renditions of accepted pictures will take that are not made yet. A count that is two seconds old is good."""
    global _pending
    settings, (counted_for, count, at) = config.current(), _pending
    if counted_for is not settings or time.monotonic() - at > FRESH_S:
        count = _count_pending()
        _pending = (settings, count, time.monotonic())
    return count


def _count_pending() -> int:
    pixels = Image.width * Image.height
    most = Case(None, [(pixels > MOST_PIXELS, MOST_PIXELS)], pixels)
    total = 0
    for status in (JobStatus.QUEUED, JobStatus.RUNNING):  # one by one: each has an index of its own
        needs = fn.COALESCE(fn.SUM(most + BESIDE_BYTES), 0)
        waiting = Job.select(needs).join(Image, on=(Image.id == Job.image_id))
        total += int(waiting.where((Job.status == status) & (Job.kind == queue.PERSIST.kind)).scalar())
    return total


def keep_ballast() -> None:
    """What a worker does now and then: lay the file down again that a full disk has taken."""
    ballast = db.ballast()
    room = found()
    if ballast is not None and room is not None and room.free > room.reserve + disk.BALLAST_BYTES:
        ballast.make()
