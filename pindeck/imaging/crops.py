"""Draws a crop from an original: no more of it is decoded, converted and scaled than the frame needs."""

import io
import math
from typing import BinaryIO

from PIL import Image

from pindeck.imaging import webp
from pindeck.imaging.derivatives import reduced, shrinking
from pindeck.imaging.framing import Frame
from pindeck.imaging.opening import (
    FORMATS,
    exif_of,
    format_of,
    load,
    open_picture,
    orientation_of,
    upright,
    upright_size,
    wording_faults,
)
from pindeck.imaging.results import Drawn

QUALITY = {"JPEG": 82, "WEBP": 82, "AVIF": 63}
WHITE = (255, 255, 255)


def draw(file: BinaryIO, frame: Frame, form: str, *, max_megapixels: int, webp_method: int = 4) -> Drawn:
    """The frame of the stored picture in `file`, as `webp`, `jpeg` or `avif`, in sRGB and without notes. Raises BadImage.

    Around a picture that is contained lie clear pixels; JPEG has none, and shows white for them.
    """
    image = open_picture(file, max_megapixels=max_megapixels)
    with wording_faults():
        full, scale = image.size, 1.0
        if format_of(image) == "JPEG":
            drafted = image.draft(None, _large_enough(full, orientation_of(exif_of(image)), frame))
            scale = drafted[1][2] / full[0] if drafted else 1.0
        load(image, file)
        orientation = orientation_of(exif_of(image))
        window = _as_it_lies(frame.window, orientation, upright_size(full, orientation))
        part, window = _part(image, _scaled(window, scale, scale))
        del image
        target = upright_size(frame.size, orientation)
        roomy = (
            math.ceil(target[0] * part.width / (window[2] - window[0])),
            math.ceil(target[1] * part.height / (window[3] - window[1])),
        )
        across, down = shrinking(part.size, roomy)
        part = reduced(part, roomy)
        box = _within(_scaled(window, 1 / across, 1 / down), part.size)
        part = part.resize(target, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
        picture = _on_canvas(upright(part, orientation), frame)
        return Drawn(_encode(picture, form, webp_method), *frame.canvas, FORMATS[form.upper()][0])


Window = tuple[float, float, float, float]


def _large_enough(full: tuple[int, int], orientation: int, frame: Frame) -> tuple[int, int]:
    """The size, as the picture lies in its file, at which the window has the pixels of the result at least."""
    left, top, right, bottom = frame.window
    upright_full = upright_size(full, orientation)
    wanted = (
        math.ceil(upright_full[0] * frame.size[0] / (right - left)),
        math.ceil(upright_full[1] * frame.size[1] / (bottom - top)),
    )
    width, height = upright_size(wanted, orientation)
    return min(width, full[0]), min(height, full[1])


def _as_it_lies(window: Window, orientation: int, size: tuple[int, int]) -> Window:
    """A window of the upright picture of this size, in the picture before it is turned."""
    left, top, right, bottom = window
    width, height = size
    mirrored = (width - right, top, width - left, bottom)
    turns: dict[int, Window] = {
        2: mirrored,
        3: (width - right, height - bottom, width - left, height - top),
        4: (left, height - bottom, right, height - top),
        5: (top, left, bottom, right),
        6: (top, width - right, bottom, width - left),
        7: (height - bottom, width - right, height - top, width - left),
        8: (height - bottom, left, height - top, right),
    }
    return turns.get(orientation, window)


def _scaled(window: Window, across: float, down: float) -> Window:
    return window[0] * across, window[1] * down, window[2] * across, window[3] * down


def _part(image: Image.Image, window: Window) -> tuple[Image.Image, Window]:
    """The whole pixels around a window, and where it lies among them. Uncut where it is nearly all of them."""
    margin = 4  # for what the filter sees beyond the edge
    left, top = max(0, math.floor(window[0]) - margin), max(0, math.floor(window[1]) - margin)
    right, bottom = (
        min(image.width, math.ceil(window[2]) + margin),
        min(image.height, math.ceil(window[3]) + margin),
    )
    if (right - left) * (bottom - top) > 0.9 * image.width * image.height:
        return image, window
    part = image.crop((left, top, right, bottom))
    return part, (window[0] - left, window[1] - top, window[2] - left, window[3] - top)


def _within(window: Window, size: tuple[int, int]) -> Window:
    """Rounding may have carried an edge a hair outside, which Pillow refuses."""
    return max(0.0, window[0]), max(0.0, window[1]), min(float(size[0]), window[2]), min(float(size[1]), window[3])


def _on_canvas(picture: Image.Image, frame: Frame) -> Image.Image:
    if picture.size == frame.canvas:
        return picture
    canvas = Image.new("RGBA", frame.canvas, (*WHITE, 0))
    canvas.paste(picture, frame.at)
    return canvas


def _encode(picture: Image.Image, form: str, webp_method: int) -> bytes:
    name = form.upper()
    if name == "WEBP":
        return webp.encode(picture, QUALITY[name], webp_method)
    out = io.BytesIO()
    if name == "JPEG":
        if picture.mode == "RGBA":
            ground = Image.new("RGB", picture.size, WHITE)
            ground.paste(picture, mask=picture.getchannel("A"))
            picture = ground
        picture.save(out, name, quality=QUALITY[name], optimize=True, progressive=True)
    else:
        picture.save(out, name, quality=QUALITY[name], speed=8, max_threads=1, exif=b"", xmp=b"")
    return out.getvalue()
