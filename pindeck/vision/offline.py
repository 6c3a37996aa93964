"""Without a provider: palette, orientation, EXIF and file name, and no claim to have seen the picture."""

import colorsys
import re
from pathlib import PurePath

from pindeck.vision.base import Analysis, Subject

BACKEND = "offline"

# Names that cameras and tools give; they say nothing of the picture.
MACHINE_WORD = re.compile(
    r"^(img|image|images|dsc|dscf|dscn|pxl|mvimg|gopr|screenshot|screen|shot|scan|photo|photos|picture|untitled|"
    r"download|export|copy|final|edit|edited|original|large|small|medium|raw|still|frame|vlcsnap|x|v|p|www|com|jpg|"
    r"jpeg|png|webp|the|and|of|a|an|in|on|at|with|from|to|for)$"
)
NUMBERISH = re.compile(r"^[0-9a-f]*\d[0-9a-f]*$|^\d")

HUES = (
    (15, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (195, "cyan"), (258, "blue"), (290, "violet"),
    (335, "magenta"), (361, "red"),
)  # fmt: skip


class OfflineDescriber:
    """Deterministic: the same file gives the same words."""

    is_at_hand = True

    def describe(self, subject: Subject) -> Analysis:
        words = name_words(subject.filename)
        tags = [*[w for w in words if len(w) > 2][:6], orientation(subject.width, subject.height)]
        tags += colour_tags(subject.colors)
        return Analysis(
            backend=BACKEND,
            title=" ".join(words)[:200].capitalize() or None,
            tags=list(dict.fromkeys(tags)),
            style=camera_look(subject.exif),
        )


def name_words(filename: str) -> list[str]:
    """The words of a file name that a person may have meant, in lower case."""
    stem = PurePath(filename).stem
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    words = [w.lower() for w in re.split(r"[^\w']+|_", spaced) if w]
    return [w for w in words if not MACHINE_WORD.match(w) and not NUMBERISH.match(w)]


def orientation(width: int, height: int) -> str:
    ratio = width / height
    if ratio >= 2.2:
        return "panorama"
    if ratio > 1.05:
        return "landscape"
    return "portrait" if ratio < 0.95 else "square"


def colour_tags(colors: list[str]) -> list[str]:
    """Up to two hue names by weight of position, or `monochrome`, and `low key` or `high key`."""
    rgb = [tuple(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)) for c in colors]
    if not rgb:
        return []
    hls = [colorsys.rgb_to_hls(*c) for c in rgb]
    names: dict[str, float] = {}
    for weight, (hue, light, saturation) in zip((5, 4, 3, 2, 1), hls, strict=False):
        if saturation > 0.18 and 0.08 < light < 0.94:
            name = next(word for limit, word in HUES if hue * 360 < limit)
            names[name] = names.get(name, 0) + weight * saturation
    tags = sorted(names, key=lambda n: -names[n])[:2] or ["monochrome"]
    mean = sum(light for _, light, _ in hls) / len(hls)
    if mean < 0.22:
        tags.append("low key")
    elif mean > 0.75:
        tags.append("high key")
    return tags


def camera_look(exif: dict[str, str]) -> str | None:
    """`Digital` when a camera says that it took the picture; film scanners do not sign as cameras."""
    return (
        "Digital"
        if exif.get("camera") and not re.search(r"scan|epson|noritsu|frontier", exif["camera"], re.I)
        else None
    )
