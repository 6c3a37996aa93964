"""What a backup, a restore or a move has done."""

from collections.abc import Callable
from dataclasses import dataclass

from pindeck.services.backup.objects import Fault

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def silently(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Report:
    """`copied` of the `objects` were written by this run, the others were there and proved or known to be right."""

    tables: dict[str, int]
    objects: int
    copied: int
    copied_bytes: int
    faults: tuple[Fault, ...] = ()

    @property
    def damage(self) -> list[Fault]:
        """Faults somebody must look at; what was deleted in the meantime is none of them."""
        return [fault for fault in self.faults if not fault.is_gone]
