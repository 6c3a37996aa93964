"""What a worker and its child tell each other without a word between them: memory that both share."""

import mmap

from pindeck import db
from pindeck.models import Job


class Flag:
    """A child sees at once that its worker has raised it."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def raise_(self) -> None:
        self._shared[0] = 1

    def is_up(self) -> bool:
        return self._shared[0] == 1


class Slate:
    """Which row a child is at work on, and since when: its worker reads that when the child has died, or may be late."""

    SIZE = 128

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, self.SIZE)

    def write(self, job: Job) -> None:
        self._shared[:] = f"{job.id} {db.now_ms()} ".encode().ljust(self.SIZE)

    def wipe(self) -> None:
        self._shared[:] = b" " * self.SIZE

    def read(self) -> tuple[str, int]:
        """The id of the row, and milliseconds since the epoch; an empty one where nothing was begun."""
        words = self._shared[:].decode("ascii", "replace").split()
        return (words[0], int(words[1])) if len(words) == 2 and words[1].isdigit() else ("", 0)


slate = Slate()  # a worker has one child at a time
