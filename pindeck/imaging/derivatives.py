"""The smaller pictures that pages show, made from one decode of the original."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import thumbhash
from PIL import Image

from pindeck.imaging import amounts, light, likeness, palette, printing, webp
from pindeck.imaging.colour import srgb_converter
from pindeck.imaging.exif import Exif, read_exif
from pindeck.imaging.opening import (
    exif_of,
    format_of,
    load,
    open_picture,
    orientation_of,
    upright,
    upright_size,
    wording_faults,
)
from pindeck.imaging.presets import EAGER, JPEG, PRESETS, Preset, rendition_size
from pindeck.imaging.probe import Probe, describe
from pindeck.imaging.results import Rendition

_GAP = 2.0
_PIECE = 1024 * 1024  # of a JPEG: its decoder is slower at the end of each
BICUBIC, LANCZOS = Image.Resampling.BICUBIC, Image.Resampling.LANCZOS


class Looks(NamedTuple):
    """What is kept of how a picture looks: what it has nearly in common with others, its light, and its colours' amounts."""

    look: likeness.Look | None
    light: bytes
    amounts: bytes


@dataclass(frozen=True)
class Built:
    """All that one decode of an original gives."""

    probe: Probe
    exif: Exif
    palette: list[str]
    dominant: str
    thumbhash: str  # base64
    looks: Looks
    renditions: list[Rendition]


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
            wanted = _as_it_lies(full, orientation, PRESETS["large"])
            image.draft(None, (_ceil(wanted[0] * decode_margin), _ceil(wanted[1] * decode_margin)))
            image.decodermaxblock = _PIECE
        load(image, file)
        probe = describe(image, file, full)
        exif = read_exif(image)
        orientation = orientation_of(exif_of(image))
        picture = upright(reduced(image, _as_it_lies(full, orientation, PRESETS["large"])), orientation)
        del image
        colours, hashed, looks = _seen_small(picture)
        renditions = _renditions(picture, probe, EAGER, webp_method)
    return Built(probe, exif, colours, colours[0], hashed, looks, renditions)


def from_rendition(data: bytes, preset: Preset, *, width: int, height: int, webp_method: int = 4) -> Rendition:
    """Make a further size from a stored, larger rendition of an original of `width` × `height` pixels."""
    with wording_faults():
        source = Image.open(io.BytesIO(data), formats=("WEBP",))
        source.load()
        size = rendition_size(width, height, preset)
        size = (min(size[0], source.width), min(size[1], source.height))
        return Rendition(preset.name, webp.encode(_resized(source, size), preset.quality, webp_method), *size)


def make(file: BinaryIO, preset: Preset, *, max_megapixels: int, webp_method: int = 4) -> Rendition:
    """One size straight from a stored original, which is decoded no larger than that needs. Raises BadImage."""
    image = open_picture(file, max_megapixels=max_megapixels)
    with wording_faults():
        full = image.size
        if format_of(image) == "JPEG":
            image.draft(None, _as_it_lies(full, orientation_of(exif_of(image)), preset))
        load(image, file)
        orientation = orientation_of(exif_of(image))  # that of a PNG is known only now
        size = rendition_size(*upright_size(full, orientation), preset)
        picture = upright(reduced(image, _as_it_lies(full, orientation, preset)), orientation)
        del image
        picture = _resized(picture, size)  # the larger one goes before it is encoded
        return _encoded(picture, preset, webp_method)


def _encoded(image: Image.Image, preset: Preset, webp_method: int) -> Rendition:
    is_jpeg = preset.mime == JPEG
    data = printing.encode(image, preset.quality) if is_jpeg else webp.encode(image, preset.quality, webp_method)
    return Rendition(preset.name, data, *image.size, preset.mime)


def _as_it_lies(size: tuple[int, int], orientation: int, preset: Preset) -> tuple[int, int]:
    """The size of a rendition before it is turned upright."""
    return upright_size(rendition_size(*upright_size(size, orientation), preset), orientation)


def _ceil(value: float) -> int:
    return max(1, -int(-value // 1))


def reduced(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """The picture in sRGB, still at least twice as large as `target` if it was.

    Large ones are converted in strips, because most conversions make a copy, and a copy of 100 megapixels
    is 400 MB.
    """
    convert = srgb_converter(image)
    across, down = shrinking(image.size, target)
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


def shrinking(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """How many pixels across and down `reduced` makes one of."""
    return max(1, int(size[0] / target[0] / _GAP)), max(1, int(size[1] / target[1] / _GAP))


def _plain(image: Image.Image) -> Image.Image:
    """Without profile, EXIF or anything else that could end up in a rendition."""
    image.info = {}
    return image


def looks_of(data: bytes) -> Looks:
    """How a stored rendition looks. Raises BadImage."""
    with wording_faults():
        source = Image.open(io.BytesIO(data), formats=("WEBP",))
        source.load()
        small = palette.sample(source)
        return _looks(small, palette.extract_from_sample(small))


def _looks(small: Image.Image, colours: list[str]) -> Looks:
    return Looks(likeness.look_of(small), light.of(small), amounts.packed(amounts.of(small, colours)))


def _seen_small(picture: Image.Image) -> tuple[list[str], str, Looks]:
    """The palette, the base64 thumbhash and how it looks."""
    small = palette.sample(picture)
    colours = palette.extract_from_sample(small)
    tiny = small.convert("RGBA")
    if max(tiny.size) > 100:
        tiny.thumbnail((100, 100), Image.Resampling.BOX)
    hashed = thumbhash.rgba_to_thumb_hash(*tiny.size, tiny.tobytes())
    return colours, base64.b64encode(hashed).decode("ascii"), _looks(small, colours)


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
            # In the first step, which is the dearest, Lanczos would take half as long again and give 5 % more bytes, for
            # 0.1 dB. In the small pictures that follow it is seen.
            source = _resized(source, size, BICUBIC if source is picture else LANCZOS)
            made.append(source)
        key = (*size, preset.quality)
        if key not in encoded:
            encoded[key] = webp.encode(source, preset.quality, webp_method)
        renditions.append(Rendition(preset.name, encoded[key], *size))
    return renditions


def _resized(source: Image.Image, size: tuple[int, int], how: Image.Resampling = LANCZOS) -> Image.Image:
    return source.resize(size, how, reducing_gap=_GAP)
