"""The perceptual hash: nearly the same for what looks the same, far for what does not, none for what shows nothing."""

from io import BytesIO

import pytest
from PIL import Image as Picture
from PIL import ImageEnhance

from bench import precision
from pindeck.imaging import likeness, palette
from tests.stills import jpeg


def still(seed: int) -> Picture.Image:
    return Picture.open(BytesIO(jpeg(seed, (720, 405)))).convert("RGB")


def hash_of(picture: Picture.Image) -> int:
    found = likeness.of(palette.sample(picture))
    assert found is not None
    return found


def again(picture: Picture.Image, quality: int) -> Picture.Image:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Picture.open(BytesIO(out.getvalue())).convert("RGB")


@pytest.mark.parametrize("seed", range(6))
def test_a_smaller_a_compressed_and_a_toned_copy_are_near(seed: int) -> None:
    picture = still(seed)
    mine = hash_of(picture)
    copies = {
        "smaller": picture.resize((310, 174), Picture.Resampling.LANCZOS),
        "compressed": again(picture, 35),
        "brighter": ImageEnhance.Brightness(picture).enhance(1.08),
        "grey": picture.convert("L").convert("RGB"),
    }
    assert {name: far for name, copy in copies.items() if (far := likeness.distance(mine, hash_of(copy))) > 7} == {}


def test_other_pictures_are_far() -> None:
    hashes = [hash_of(still(seed)) for seed in range(12)]
    far = [likeness.distance(one, other) for at, one in enumerate(hashes) for other in hashes[:at]]
    assert min(far) > 7, far


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_what_shows_nothing_has_none(mode: str) -> None:
    for colour in ((0, 0, 0, 255), (200, 30, 30, 255), (255, 255, 255, 255), (9, 9, 9, 0)):
        assert likeness.of(Picture.new(mode, (160, 90), colour[: len(mode)])) is None


def test_bits_are_kept_as_signed_and_compared_as_they_are() -> None:
    top = likeness.signed(1 << 63)
    assert top == -(2**63) and likeness.signed(5) == 5
    assert likeness.distance(top, 0) == 1 and likeness.distance(-1, 0) == 64 and likeness.distance(7, 7) == 0


def test_copies_of_four_kinds_are_found_as_often_as_promised() -> None:
    found = precision.scenes(20)
    shares = precision.recall(found, precision.is_same)
    assert {name: shares[name] for name, least in precision.WANTED.items() if shares[name] < least} == {}
    assert shares["middle"] == 1 and precision.mixed(found[:12])[0] == 0
    for judge in (precision.looks_alike, precision.is_same):
        assert precision.strangers(found, judge) == 0
