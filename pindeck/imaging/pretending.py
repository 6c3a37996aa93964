"""A picture that pretends to be a variation of another, and says on itself that it is none."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from pindeck.imaging.opening import wording_faults

LONG_SIDE = 1024
BAND = 14  # the mark's height is this part of the picture's shorter side


def draw(data: bytes, *, mode: str, number: int, aspect: str, words: str) -> bytes:
    """A PNG in the shape `aspect` (as `16:9`), 1024 pixels long. `number` begins at 0. Raises BadImage.

    `data` is a rendition of ours; the process that calls is limited in memory and time.
    """
    with wording_faults():
        with Image.open(BytesIO(data), formats=("WEBP", "JPEG", "PNG")) as opened:
            picture = opened.convert("RGB")
        wide, high = (int(part) for part in aspect.split(":"))
        size = (LONG_SIDE, LONG_SIDE * high // wide) if wide >= high else (LONG_SIDE * wide // high, LONG_SIDE)
        zoom = 1 + 0.18 * (number % 5)
        centre = (0.35 + 0.15 * (number % 3), 0.4 + 0.1 * (number % 2))
        picture = ImageOps.fit(_nearer(picture, zoom, centre), size, centering=centre)
        if number % 2:
            picture = ImageOps.mirror(picture)
        picture = _GRADES[mode](picture)
        _mark(picture, f"SIMULATED {number + 1} · {words}")
        out = BytesIO()
        picture.save(out, "PNG")
        return out.getvalue()


def _nearer(picture: Image.Image, zoom: float, centre: tuple[float, float]) -> Image.Image:
    width, height = max(1, int(picture.width / zoom)), max(1, int(picture.height / zoom))
    left, top = int((picture.width - width) * centre[0]), int((picture.height - height) * centre[1])
    return picture.crop((left, top, left + width, top + height))


def _mark(picture: Image.Image, words: str) -> None:
    band = max(24, min(picture.size) // BAND)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, picture.height - band, picture.width, picture.height), fill=(0, 0, 0))
    pen.text((band // 3, picture.height - band // 2), words, fill=(255, 255, 255), anchor="lm", font=ImageFont.load_default(band * 0.5))


def _darker(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(0.8)


def _harder(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(picture).enhance(1.35)


def _sepia(picture: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(picture), "#1a120a", "#f5e6c8")


def _paler(picture: Image.Image) -> Image.Image:
    return ImageEnhance.Color(picture).enhance(0.7)


def _same(picture: Image.Image) -> Image.Image:
    return picture


_GRADES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "shot-variation": _same, "b-roll": _paler, "action-shot": _harder, "style-variation": _sepia,
    "subtle-variation": _darker, "coverage": ImageOps.autocontrast,
}  # fmt: skip
