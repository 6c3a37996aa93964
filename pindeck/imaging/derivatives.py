"""The smaller pictures that pages show, made from one decode of the original."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

import thumbhash
from PIL import Image

from pindeck.imaging import palette
from pindeck.imaging.colour import srgb_converter
from pindeck.imaging.exif import Exif, read_exif
from pindeck.imaging.opening import exif_of, format_of, open_picture, orientation_of, upright, wording_faults
from pindeck.imaging.probe import Probe, describe

# Raise it when the same original would give other bytes, so that stored renditions can be made anew.
PRESET_VERSION = 1
MIME = "image/webp"
_MOST_WEBP_PX = 16383
_GAP = 2.0


@dataclass(frozen=True)
class Preset:
    """One size a picture is kept in. Sizes are in pixels; no `max_height` means any height."""

    name: str
    max_width: int
    max_height: int | None
    quality: int
    folder: str
    suffix: str


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("large", 1280, None, 82, "high", "-w1280.webp"),
        Preset("medium", 768, None, 82, "high", "-w768.webp"),
        Preset("small", 320, None, 82, "low", "-w320.webp"),
        Preset("preview", 640, 360, 78, "preview", "-preview.webp"),
        Preset("lg", 700, 700, 80, "thumb", "-lg.webp"),
        Preset("sm", 300, 300, 80, "thumb", "-sm.webp"),
    )
}
# These are made with every picture; the others from a stored rendition when first asked for.
EAGER: tuple[Preset, ...] = tuple(PRESETS[name] for name in ("large", "medium", "small", "preview"))


@dataclass(frozen=True)
class Rendition:
    """One finished derivative and its bytes."""

    preset: str
    data: bytes
    width: int
    height: int
    mime: str = MIME


@dataclass(frozen=True)
class Built:
    """All that one decode of an original gives."""

    probe: Probe
    exif: Exif
    palette: list[str]
    dominant: str
    thumbhash: str  # base64
    renditions: list[Rendition]


def rendition_size(width: int, height: int, preset: Preset) -> tuple[int, int]:
    """Width and height in pixels of `preset` for an upright original; never larger than that."""
    scale = min(1.0, preset.max_width / width, _MOST_WEBP_PX / width, _MOST_WEBP_PX / height)
    if preset.max_height is not None:
        scale = min(scale, preset.max_height / height)
    return max(1, int(width * scale + 0.5)), max(1, int(height * scale + 0.5))


def build(file: BinaryIO, *, max_megapixels: int, webp_method: int = 4, decode_margin: float = 1.5) -> Built:
    """Decode once and make everything. Raises BadImage.

    `decode_margin` says how many times wider than the largest rendition a JPEG is decoded at least: 1.5 keeps
    all detail, 1.0 takes a third less memory for large photos. `webp_method` is 0 (fast) to 6 (small).
    """
    image = open_picture(file, max_megapixels=max_megapixels)
    with wording_faults():
        full = image.size
        orientation = orientation_of(exif_of(image)) if format_of(image) == "JPEG" else 1
        if format_of(image) == "JPEG":
            wanted = _stored_target(full, orientation)
            image.draft(None, (_ceil(wanted[0] * decode_margin), _ceil(wanted[1] * decode_margin)))
        image.load()
        probe = describe(image, file, full)
        exif = read_exif(image)
        orientation = orientation_of(exif_of(image))
        picture = upright(_reduced(image, _stored_target(full, orientation)), orientation)
        del image
        colours, hashed = _colours(picture)
        renditions = _renditions(picture, probe, EAGER, webp_method)
    return Built(probe, exif, colours, colours[0], hashed, renditions)


def from_rendition(data: bytes, preset: Preset, *, width: int, height: int, webp_method: int = 4) -> Rendition:
    """Make a further size from a stored, larger rendition of an original of `width` × `height` pixels."""
    with wording_faults():
        source = Image.open(io.BytesIO(data), formats=("WEBP",))
        source.load()
        size = rendition_size(width, height, preset)
        size = (min(size[0], source.width), min(size[1], source.height))
        return Rendition(preset.name, _encode(_resized(source, size), preset.quality, webp_method), *size)


def _ceil(value: float) -> int:
    return max(1, -int(-value // 1))


def _stored_target(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """The size of the largest rendition, as the original lies in its file."""
    large = PRESETS["large"]
    if orientation < 5:
        return rendition_size(*size, large)
    height, width = rendition_size(size[1], size[0], large)
    return height, width


def _reduced(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """The picture in sRGB, still at least twice as large as `target` if it was.

    Large ones are converted in strips, because most conversions make a copy, and a copy of 100 megapixels
    is 400 MB.
    """
    convert = srgb_converter(image)
    across = max(1, int(image.width / target[0] / _GAP))
    down = max(1, int(image.height / target[1] / _GAP))
    if across == down == 1:
        return _plain(convert(image))
    size = (-(-image.width // across), -(-image.height // down))
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = Image.new(mode, size)
    rows = max(1, 4_000_000 // image.width // down)
    for top in range(0, size[1], rows):
        strip = image.crop((0, top * down, image.width, min(image.height, (top + rows) * down)))
        part = _plain(convert(strip)).reduce((across, down))
        small.paste(part if part.mode == mode else part.convert(mode), (0, top))
    return _plain(srgb_converter(small)(small))


def _plain(image: Image.Image) -> Image.Image:
    """Without profile, EXIF or anything else that could end up in a rendition."""
    image.info = {}
    return image


def _colours(picture: Image.Image) -> tuple[list[str], str]:
    """The palette and the base64 thumbhash."""
    small = palette.sample(picture)
    colours = palette.extract_from_sample(small)
    tiny = small.convert("RGBA")
    if max(tiny.size) > 100:
        tiny.thumbnail((100, 100), Image.Resampling.BOX)
    hashed = thumbhash.rgba_to_thumb_hash(*tiny.size, tiny.tobytes())
    return colours, base64.b64encode(hashed).decode("ascii")


def _renditions(picture: Image.Image, probe: Probe, presets: Iterable[Preset], webp_method: int) -> list[Rendition]:
    """Each size from the smallest one made before that is still larger: as good, and much less work."""
    made: list[Image.Image] = [picture]
    encoded: dict[tuple[int, int, int], bytes] = {}
    renditions = []
    for preset in presets:
        size = rendition_size(probe.width, probe.height, preset)
        source = min(
            (one for one in made if one.width >= size[0] and one.height >= size[1]),
            key=lambda one: one.width * one.height,
        )
        if source.size != size:
            source = _resized(source, size)
            made.append(source)
        key = (*size, preset.quality)
        if key not in encoded:
            encoded[key] = _encode(source, preset.quality, webp_method)
        renditions.append(Rendition(preset.name, encoded[key], *size))
    return renditions


def _resized(source: Image.Image, size: tuple[int, int]) -> Image.Image:
    return source.resize(size, Image.Resampling.LANCZOS, reducing_gap=_GAP)


def _encode(image: Image.Image, quality: int, method: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=method, icc_profile=None, exif=b"", xmp=b"")
    return out.getvalue()
