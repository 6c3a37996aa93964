"""A step: what an action did to one picture, in one respect."""

from dataclasses import dataclass, field
from typing import Any

WORD = "word"  # kept as rows of `field_event`, which are the history of a picture's words as well
RUN = "run"  # kept instead of words that were written under another id, which is its key
TOLD = 20  # steps that were left are named one by one, at most


@dataclass(frozen=True)
class Step:
    """`before` and `after` are JSON values that the kind understands. `key` tells steps of one kind apart.

    A step without a picture (`image_id` is empty) is about something that the action made, such as a project.
    `id` orders the steps of one kind and key in time; it is 0 until the step is kept.
    """

    kind: str
    image_id: str
    before: Any
    after: Any
    key: str = ""
    id: int = 0

    @property
    def place(self) -> tuple[str, str, str]:
        """What the step changed: a later step with the same place changed that again."""
        return self.image_id, self.kind, self.key


@dataclass(frozen=True)
class Left:
    """A step that was not taken back: what stands there now, and who changed it since, if that is known.

    `is_hidden` when who asked does not see the picture; a name may have been taken from it all the same.
    """

    step: Step
    reason: str  # ends the sentence "“Title” …"
    who: str | None = None
    now: Any = None
    is_hidden: bool = False


@dataclass
class Taking:
    """One part of an undo, in its transaction. `undo_id` is the action that takes back.

    `images` are locked, by id. `tokens` are public copies to take away after the commit, `notices` sentences for
    the person who asked. With `again` the action `undo_id` does once more what was taken back.
    """

    actor: Any
    undo_id: str
    images: dict[str, Any]
    now: int
    tokens: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    again: bool = False
