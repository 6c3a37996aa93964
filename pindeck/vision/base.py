"""What every describer takes and gives."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Subject:
    """What is known of a picture before anyone looked at it."""

    filename: str
    width: int
    height: int
    colors: list[str]
    exif: dict[str, str]


@dataclass(frozen=True)
class Analysis:
    """Empty values change nothing. `backend` marks who described it, `model` and `prompt_version` what it was asked
    with, where there is such."""

    backend: str
    model: str = ""
    prompt_version: str = ""
    title: str | None = None
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    category: str | None = None
    group: str | None = None
    genre: str | None = None
    shot: str | None = None
    style: str | None = None
    project: str | None = None
    moodboard: str | None = None


class Describer(Protocol):
    @property
    def is_at_hand(self) -> bool:
        """Whether it asks nobody and is quick, so that it needs no job of its own."""
        ...

    def describe(self, subject: Subject) -> Analysis:
        """Raises Upstream when a provider does not answer."""
        ...
