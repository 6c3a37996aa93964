"""What is said of a shot: its number, how it is filmed, what happens and is said in it, and how long it lasts."""

import re
from collections.abc import Sequence
from typing import Any

from pindeck import db, errors
from pindeck.access import Actor
from pindeck.errors import NotFound, invalid
from pindeck.models import Image, Storyboard, StoryboardShot
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import reading
from pindeck.services.boards.storyboards import frames, storyboards
from pindeck.text import clean_text

DESCRIBED = verb("storyboard.shot", "Described a shot")
KIND = "storyboard_shot"  # a kind of steps; their key is `<storyboard>:<picture>`
SHORT, LONG, LONGEST_MS = 60, 5000, db.DAY_MS
WORDS = {"number": SHORT, "shot_size": SHORT, "lens": SHORT, "movement": SHORT, "action": LONG, "dialogue": LONG}
COLUMNS = (*WORDS, "duration_ms")
_DURATION = re.compile(r"(?:(\d{1,4}):)?(\d{1,5}(?:[.,]\d{1,3})?)\s*s?", re.ASCII)
_DURATION_SAYS = "Write seconds, such as 3 or 2.5, or minutes and seconds, such as 1:05."


def of(storyboard: Storyboard, image_id: str) -> dict[str, Any]:
    """What is said of a shot, None where nothing is."""
    return _state(_row(storyboard.id, image_id))


def read(storyboard_id: str) -> dict[str, StoryboardShot]:
    """Everything that is said of shots in a storyboard, by the id of the picture."""
    return {row.image_id: row for row in StoryboardShot.select().where(StoryboardShot.storyboard == storyboard_id)}


def picture(actor: Actor, storyboard: Storyboard, image_id: str) -> Image:
    """The picture of a shot that stands in a slot, as the actor sees it. Raises NotFound."""
    there = StoryboardShot.select().where(
        (StoryboardShot.storyboard == storyboard.id) & (StoryboardShot.image_id == image_id) & StoryboardShot.frame_id.is_null(False)
    )
    image = Image.get_or_none((Image.id == image_id) & reading.shown_to(actor).expression()) if there.exists() else None
    if image is None:
        raise NotFound("There is no such shot in this storyboard.", code="SHOT_NOT_FOUND")
    return image  # type: ignore[no-any-return]


def describe(
    actor: Actor, storyboard_id: str, image_id: str, *, versions: frozenset[int] | None = None, **given: object
) -> str | None:
    """Write some of the WORDS, or the `duration` (seconds, or minutes and seconds, as text); the id of the action, None where
    nothing changed. What is not named stays. Raises NotFound, Forbidden, Invalid naming each field at fault, Conflict."""
    found, faults = errors.gathered(given, lambda name, value: _duration(value) if name == "duration" else _word(name, value))
    if faults:
        raise errors.at_fault(faults)
    columns = {name: value for told in found.values() for name, value in told.items()}

    def work() -> str | None:
        row = storyboards.locked(actor, storyboard_id, versions)
        picture(actor, row, image_id)
        before = _state(_row(row.id, image_id))
        after = {**before, **columns}
        if after == before:
            return None
        _write(row.id, image_id, after)
        Storyboard.change().where(Storyboard.id == row.id).execute()
        return log.record(actor, DESCRIBED, [Step(KIND, "", before, after, f"{row.id}:{image_id}")], images=0, storyboard=row.id)

    return db.retried(work)


def _word(name: str, value: object) -> dict[str, Any]:
    most = WORDS[name]
    return {name: clean_text(value or "", field=name, max_length=most, multiline=most == LONG) or None}


def _duration(value: object) -> dict[str, Any]:
    if value is None or value == "":
        return {"duration_ms": None}
    told = _DURATION.fullmatch(str(value).strip())
    ms = round((60 * int(told[1] or 0) + float(told[2].replace(",", "."))) * 1000) if told else 0
    if not 0 < ms <= LONGEST_MS:
        raise invalid("duration", _DURATION_SAYS)
    return {"duration_ms": ms}


def written(ms: int | None) -> str:
    """A duration as people write it: `3`, `2.5`, `1:05`; empty for none."""
    if ms is None:
        return ""
    minutes, rest = divmod(ms, 60_000)
    whole, _, part = f"{rest / 1000:.3f}".partition(".")
    fraction = f".{part.rstrip('0')}" if part.rstrip("0") else ""
    return f"{minutes}:{whole.zfill(2)}{fraction}" if minutes else f"{whole}{fraction}"


def used(actor: Actor) -> dict[str, list[str]]:
    """By `shot_size`, `lens` and `movement`: the words that stand at shots which the actor sees, alphabetically. For completion, so
    of the last 500 described ones at most."""
    names = ("shot_size", "lens", "movement")
    columns = [getattr(StoryboardShot, name) for name in names]
    said = columns[0].is_null(False) | columns[1].is_null(False) | columns[2].is_null(False)
    rows = StoryboardShot.select(*columns).join(Storyboard).join_from(StoryboardShot, Image, on=(Image.id == StoryboardShot.image_id))
    mine = rows.where(said & storyboards.of_actor(actor) & reading.shown_to(actor).expression())
    found: Any = mine.order_by(Storyboard.id.desc()).limit(500).tuples()
    told = [set(filter(None, words)) for words in zip(*found, strict=True)] or [set()] * len(names)
    return {name: sorted(words, key=str.casefold) for name, words in zip(names, told, strict=True)}


def total_ms(rows: Sequence[StoryboardShot]) -> int:
    """How long all shots last that stand in a slot and say so."""
    return sum(row.duration_ms or 0 for row in rows if row.frame_id is not None)


def _row(storyboard_id: str, image_id: str) -> StoryboardShot | None:
    mine = (StoryboardShot.storyboard == storyboard_id) & (StoryboardShot.image_id == image_id)
    return StoryboardShot.get_or_none(mine)  # type: ignore[no-any-return]


def _state(row: StoryboardShot | None) -> dict[str, Any]:
    return {name: getattr(row, name, None) for name in COLUMNS}


def _write(storyboard_id: str, image_id: str, columns: dict[str, Any]) -> None:
    row = {"storyboard": storyboard_id, "image_id": image_id, **columns}
    key = [StoryboardShot.storyboard, StoryboardShot.image_id]
    StoryboardShot.insert(row).on_conflict(conflict_target=key, update=columns).execute()
    frames.prune(storyboard_id)


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    left = []
    for step in steps:
        storyboard_id, _, image_id = step.key.partition(":")
        if storyboards.editable(taking.actor, storyboard_id) is None or not Image.select().where(Image.id == image_id).exists():
            left.append(Left(step, "was in a storyboard that is no longer there"))
        elif _state(_row(storyboard_id, image_id)) != step.after:
            left.append(Left(step, "has been described otherwise since"))
        else:
            _write(storyboard_id, image_id, step.before)
            Storyboard.change().where(Storyboard.id == storyboard_id).execute()
    return left
