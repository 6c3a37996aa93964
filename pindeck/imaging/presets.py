"""The sizes every picture is kept in. Knows nothing of decoders, so that serving a size loads none."""

from dataclasses import dataclass

# Raise it when the same original would look different, so that stored renditions are made anew.
PRESET_VERSION = 2
MIME = "image/webp"
JPEG = "image/jpeg"
MOST_WEBP_PX = 16383


@dataclass(frozen=True)
class Preset:
    """One size a picture is kept in. Sizes are in pixels; no `max_height` means any height.

    One that is drawn `alone` takes the time and memory of a large picture: one at a time in a process. `print` is a JPEG, because
    a PDF and a PPTX hold no WebP.
    """

    name: str
    max_width: int
    max_height: int | None
    quality: int
    folder: str
    suffix: str
    alone: bool = False
    mime: str = MIME


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("large", 1280, None, 82, "high", "-w1280.webp"),
        Preset("medium", 768, None, 82, "high", "-w768.webp"),
        Preset("small", 320, None, 82, "low", "-w320.webp"),
        Preset("preview", 640, 360, 78, "preview", "-preview.webp"),
        Preset("lg", 700, 700, 80, "thumb", "-lg.webp"),
        Preset("sm", 300, 300, 80, "thumb", "-sm.webp"),
        Preset("screen", 2560, 2560, 82, "high", "-w2560.webp", alone=True),
        Preset("print", 3508, 3508, 88, "print", "-print.jpg", alone=True, mime=JPEG),
    )
}
# These are made with every picture; the others when first asked for.
EAGER: tuple[Preset, ...] = tuple(PRESETS[name] for name in ("large", "medium", "small", "preview"))
# A stored `medium` is enough for these.
FROM_MEDIUM: tuple[Preset, ...] = tuple(PRESETS[name] for name in ("sm", "lg"))


def rendition_size(width: int, height: int, preset: Preset) -> tuple[int, int]:
    """Width and height in pixels of `preset` for an upright original; never larger than that."""
    scale = min(1.0, preset.max_width / width, MOST_WEBP_PX / width, MOST_WEBP_PX / height)
    if preset.max_height is not None:
        scale = min(scale, preset.max_height / height)
    return max(1, int(width * scale + 0.5)), max(1, int(height * scale + 0.5))
