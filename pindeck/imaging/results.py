"""What reading and drawing give. Knows nothing of decoders, so that a process that only asks loads none."""

from dataclasses import dataclass

from pindeck.imaging.presets import MIME


@dataclass(frozen=True)
class Probe:
    """What a picture is. Width and height are in pixels, after its orientation was applied."""

    format: str
    mime: str
    extension: str
    width: int
    height: int
    frames: int
    has_alpha: bool


@dataclass(frozen=True)
class Rendition:
    """One finished derivative and its bytes."""

    preset: str
    data: bytes
    width: int
    height: int
    mime: str = MIME


@dataclass(frozen=True)
class Drawn:
    """A finished crop; width and height are in pixels."""

    data: bytes
    width: int
    height: int
    mime: str
