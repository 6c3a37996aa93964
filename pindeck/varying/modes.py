"""What can be asked of a variation: the six modes, the shots, shapes and sizes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """`plain` is what the provider is told without a detail, `detailed` with one. `per_shot`: each picture has a shot
    of its own where nothing else is asked for."""

    label: str
    says: str
    plain: str
    detailed: str
    per_shot: bool = False


MODES: dict[str, Mode] = {
    "shot-variation": Mode(
        "Shot variation",
        "The same subject from a new position of the camera, a moment later.",
        "The same subject a moment later in the same scene, seen from a new camera position: {shot}.",
        "The same subject a moment later in the same scene, seen from a new camera position: {detail}.",
        per_shot=True,
    ),
    "b-roll": Mode(
        "B-Roll",
        "The place alone, nobody in frame.",
        "An empty establishing view of the same place in the same light. Nobody is in frame.",
        "In the same place and light: {detail}. Nobody is in frame.",
    ),
    "action-shot": Mode(
        "Action shot",
        "A dramatic or performing beat of the same person.",
        "The same person in a dramatic beat of action or performance, of your choice.",
        "The same person in this beat: {detail}.",
    ),
    "style-variation": Mode(
        "Style variation",
        "The same face in another scene, other clothes, another place.",
        "The same person with the same face in a different scene, in different clothes and a different place.",
        "The same person with the same face, here: {detail}. Clothes and place fit that.",
    ),
    "subtle-variation": Mode(
        "Subtle variation",
        "Later in the same scene, in another position.",
        "Later in the same scene: the same person in the same setting, in a different position.",
        "Later in the same scene, the same person in the same setting: {detail}.",
    ),
    "coverage": Mode(
        "Coverage",
        "A telling detail of the same world, nobody in frame.",
        "A telling detail or object of the same world. Nobody is in frame.",
        "A detail of the same surroundings: {detail}. Nobody is in frame.",
    ),
}  # fmt: skip
DEFAULT_MODE = "shot-variation"
_OLD_NAMES = {"shot_type": "shot-variation", "style": "style-variation"}

SHOTS = (
    "close-up", "extreme close-up", "close-up profile", "medium close-up", "macro of the hands", "profile", "from behind",
    "over-the-shoulder", "medium shot", "wide shot", "extreme wide shot", "low angle shot", "high angle shot",
    "bird's eye view", "dutch angle", "point of view shot",
)  # fmt: skip

# What the form offers as details, and what is sent for each.
DETAILS = (
    ("Close-up", "close-up"), ("Medium", "medium shot"), ("Wide", "wide shot"), ("Extreme wide", "extreme wide shot"),
    ("Dutch", "dutch angle"), ("OTS", "over-the-shoulder"), ("Low angle", "low angle shot"), ("Bird's eye", "bird's eye view"),
)  # fmt: skip

ASPECTS = ("16:9", "9:16", "1:1", "4:3", "3:4")
RESOLUTIONS = ("1K", "2K", "4K")
COUNTS = (1, 2, 4, 8, 12)
MOST = 12
MAX_DETAIL = 500


def mode_of(name: str | None) -> str:
    """The mode of this name, or of one that earlier programs use; a name there is not means shot variation."""
    name = _OLD_NAMES.get(name or "", name or "")
    return name if name in MODES else DEFAULT_MODE


def aspect_of(name: str | None) -> str:
    """One there is not means 16:9."""
    return name if name in ASPECTS else ASPECTS[0]
