"""Few colours are kept exactly where that is no larger; photos are not."""

import io
import random

import pytest
from PIL import Image, ImageDraw

from pindeck.imaging import webp
from pindeck.imaging.crops import draw
from pindeck.imaging.derivatives import build
from pindeck.imaging.framing import frame
from tests.imaging.pictures import opened, saved, texture

W = 64


def lines() -> Image.Image:
    art = Image.new("RGB", (W, W), "white")
    for x in range(0, W, 4):
        art.paste((255, 0, 0), (x, 0, x + 1, W))
    return art


def columns() -> Image.Image:
    art = Image.new("RGB", (W, W), (255, 0, 0))
    for x in range(1, W, 2):
        art.paste((0, 0, 255), (x, 0, x + 1, W))
    return art


def board() -> Image.Image:
    """A larger drawing, with sharp edges and words."""
    art = Image.new("RGB", (900, 700), "white")
    pen, source = ImageDraw.Draw(art), random.Random(3)
    for _ in range(40):
        x, y = source.randrange(800), source.randrange(600)
        pen.rectangle((x, y, x + 90, y + 60), fill=tuple(source.randbytes(3)))
        pen.text((y, x * 6 // 10), "Storm light over the bay", fill=(20, 20, 20))
    return art


def clear() -> Image.Image:
    ring = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    ring.paste((250, 210, 20, 255), (60, 60, 340, 340))
    ring.paste((0, 0, 0, 0), (120, 120, 280, 280))
    return ring


def lossy(image: Image.Image) -> bytes:
    return saved(image, "WEBP", quality=82, method=4).getvalue()


@pytest.mark.parametrize("art", [lines(), columns(), board(), clear()], ids=["lines", "columns", "board", "clear"])
def test_few_colours_are_exact_and_no_larger(art: Image.Image) -> None:
    file = saved(art)
    large = build(file, max_megapixels=1).renditions[0].data
    crop = draw(file, frame(art.size, "inside", (art.width, None)), "webp", max_megapixels=1).data
    for data in (large, crop):
        assert opened(data).convert("RGBA").tobytes() == art.convert("RGBA").tobytes()
        assert len(data) <= len(lossy(art))


def test_a_jpeg_of_few_colours_is_as_exact_as_it_is_itself() -> None:
    file = saved(Image.new("RGB", (700, 500), (90, 120, 30)), "JPEG", quality=90)
    with Image.open(file) as image:
        expected = image.convert("RGB").tobytes()
    assert opened(build(file, max_megapixels=1).renditions[0].data).tobytes() == expected


def grain(size: tuple[int, int]) -> Image.Image:
    return Image.effect_noise(size, 60).convert("RGB")


@pytest.mark.parametrize("photo", [texture(600, 400), grain((600, 400)), texture(100, 100)])
def test_a_photo_is_kept_with_loss_where_that_is_smaller(photo: Image.Image) -> None:
    assert webp.encode(photo, 82, 4) == lossy(photo)


def test_a_photo_without_colours_is_not_encoded_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    save = Image.Image.save

    def seen(image: Image.Image, out: io.BytesIO, *args: object, **options: object) -> None:
        if options.get("lossless"):
            sizes.append(image.size)
        save(image, out, *args, **options)

    monkeypatch.setattr(Image.Image, "save", seen)
    webp.encode(texture(600, 400).convert("L").convert("RGB"), 82, 4)
    assert sizes == [(600, 64)]
