"""The words that a provider is told for each picture."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pindeck.varying.modes import MODES, SHOTS

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_COLOURS = 5
# What a production type adds, by mode. A shot variation says already that it is later in a scene.
_LATER = {
    "Music Video": "Later in the same music video. ",
    "Commercial": "Later in the same commercial. ",
}
_SCENE = "Later in the same scene. "
_OF_SCENES = ("Film", "TV Series", "Web Series")


@dataclass(frozen=True)
class Context:
    """What is known of the picture that is varied. `used` are the shots that its variations have already."""

    group: str | None = None
    sref: str | None = None
    style: str | None = None
    colors: Sequence[str] = ()
    used: Sequence[str] = ()


@dataclass(frozen=True)
class Prompt:
    """What is sent for one picture, and the shot that was chosen for it, if one was."""

    text: str
    shot: str | None = None


def prompts(mode: str, count: int, detail: str, context: Context) -> list[Prompt]:
    """One for each picture, in order. `mode` is one of `MODES`, `detail` is trimmed or empty."""
    shots = next_shots(context.used, count) if MODES[mode].per_shot and not detail else [None] * count
    made = []
    for number, shot in enumerate(shots, 1):
        sentence = (MODES[mode].detailed if detail else MODES[mode].plain).format(shot=shot, detail=detail.rstrip("."))
        # The same words again would give the same picture again.
        hint = f" This is take {number} of {count}; make it differ from the others." if shot is None and count > 1 else ""
        made.append(Prompt(_place_of(mode, context.group) + sentence + hint + _family_of(context), shot))
    return made


def next_shots(used: Sequence[str], count: int) -> list[str]:
    """The shots in their order, those first that were used the least."""
    times = {shot: used.count(shot) for shot in SHOTS}
    chosen = []
    for _ in range(count):
        shot = min(SHOTS, key=lambda each: times[each])  # the first of those
        times[shot] += 1
        chosen.append(shot)
    return chosen


def _place_of(mode: str, group: str | None) -> str:
    group = (group or "").removeprefix("Spec ")
    if mode in ("shot-variation", "action-shot") and group in _LATER:
        return _LATER[group]
    return _SCENE if mode == "action-shot" and group in _OF_SCENES else ""


def _family_of(context: Context) -> str:
    """What has to stay for a picture with a style reference, so that both belong together."""
    sref = re.sub(r"^\s*--sref\s+", "", context.sref or "").strip()
    if not sref:
        return ""
    colours = [colour for colour in context.colors if _COLOUR.fullmatch(colour)][:MOST_COLOURS]
    palette = f"the palette {', '.join(colours)}" if colours else "the palette of the source"
    style = f"the visual style “{context.style}”" if context.style else "its lighting, texture, mood, composition and stylisation"
    return (
        f" Keep the Midjourney style reference {sref}, {palette} and {style}. "
        "Change only what was asked for, so that the result belongs to the same family."
    )
