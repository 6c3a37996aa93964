"""What every describer takes and gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

LONGEST_SIDE = 1024  # of the picture that goes out, in pixels


@dataclass(frozen=True)
class Context:
    """What the library knows: words that a person wrote about the picture, its project, the most used tags, and the
    rules of the house. It goes along, so that a machine speaks the library's language."""

    words: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    tags: tuple[str, ...] = ()
    rules: str = ""


@dataclass(frozen=True)
class BilledTo:
    """For which picture, for whom and in which job something is asked, so that what is paid is counted."""

    image_id: str | None = None
    user_id: str | None = None
    job_id: str | None = None


@dataclass(frozen=True)
class Subject:
    """What is known of a picture before anyone looked at it.

    `picture` gives it as a JPEG without notes, its longest side at most `LONGEST_SIDE`; only who looks at it asks.
    """

    filename: str
    picture: Callable[[], bytes] | None = None
    context: Context = Context()
    asked: BilledTo = BilledTo()


@dataclass(frozen=True)
class Usage:
    """What one call took: tokens sent and received, and its price in millionths of a dollar; None where nobody says."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_micro: int | None = None


@dataclass(frozen=True)
class Analysis:
    """Empty values change nothing. `backend` marks who described it, `model` and `prompt_version` what it was asked
    with, where there is such; `craft` has words by field of the frame's craft."""

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
    craft: Mapping[str, list[str]] = field(default_factory=dict)


class Describer(Protocol):
    @property
    def is_at_hand(self) -> bool:
        """Whether it asks nobody and is quick, so that it needs no job of its own."""
        ...

    def describe(self, subject: Subject) -> Analysis:
        """Raises VisionAway when a provider does not answer, VisionRefused when asking again would bring the same,
        and Waits when a limit is reached."""
        ...


class Book(Protocol):
    """Where calls are counted before they are made, and told how they ended."""

    def paid(self, asked: BilledTo, model: str, prompt_version: str) -> dict[str, Any] | None:
        """An answer that came for this job and was not used, because the job died; None without one."""
        ...

    def form(self, model: str) -> str | None:
        """The form of answer that the model took the last time."""
        ...

    def begin(self, asked: BilledTo, model: str, prompt_version: str, form: str) -> str:
        """Count one more call: its id. Raises Waits when a limit is reached."""
        ...

    def end(
        self,
        call_id: str,
        outcome: str,
        *,
        ms: int,
        usage: Usage = Usage(),
        error: str | None = None,
        answer: dict[str, Any] | None = None,
    ) -> None:
        """Say how it ended: `answered`, `unusable` (paid for nothing), `refused` (not paid), `lost` (nobody knows)."""
        ...
