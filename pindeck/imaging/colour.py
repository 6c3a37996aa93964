"""Any mode and any colour profile to 8-bit sRGB, with alpha where the picture has it."""

import io
from collections.abc import Callable
from itertools import product

from PIL import Image, ImageChops, ImageCms

from pindeck.imaging import spaces
from pindeck.imaging.told import SPACE

_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_GREYS = bytes(range(0, 256, 5))
_COLOURS = [bytes(colour) for colour in product(range(0, 256, 51), repeat=3)] + [bytes([grey] * 3) for grey in _GREYS]
_UNSEEN = 2  # of 255: two makers of sRGB do not round alike


def srgb_converter(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """A function that turns `image`, or any part cropped from it, into plain RGB or RGBA in sRGB.

    A profile that cannot be used (broken, or for another kind of pixels) is taken for sRGB. The picture
    given to the function may be changed in place.
    """
    alpha = image.has_transparency_data
    transform = _transform(image)

    def convert(part: Image.Image) -> Image.Image:
        part = _eight_bit(part)
        mask = None
        if alpha:
            part = part.convert("RGBA")
            mask = part.getchannel("A")
            if mask.getextrema() == (255, 255):
                mask = None
        if transform:
            profile_mode, apply = transform
            part = part if part.mode == profile_mode else part.convert(profile_mode)
            part = apply(part)
            if mask:
                part.putalpha(mask)
        return part.convert("RGBA" if mask else "RGB") if part.mode != ("RGBA" if mask else "RGB") else part

    return convert


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit greys down; a plain conversion would clip everything above 255 to white."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("I", "F"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


def _transform(image: Image.Image) -> tuple[str, Callable[[Image.Image], Image.Image]] | None:
    """The mode a picture must have for its profile, and the conversion to sRGB; None if none is needed."""
    space = image.info.get(SPACE)
    data = spaces.profile(space) if isinstance(space, spaces.Space) else image.info.get("icc_profile")
    if not isinstance(data, bytes) or not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        mode = _PROFILE_MODES.get(profile.profile.xcolor_space.strip())
        if mode is None or (mode != _mode_of_pixels(image) and space is None):
            return None
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode != "CMYK" and _changes_nothing(transform, mode):
            return None
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None

    def apply(part: Image.Image) -> Image.Image:
        # In place where that is possible: a second copy of a large picture is hundreds of megabytes.
        if mode == "RGB":
            part.load()
            ImageCms.applyTransform(part, transform, inPlace=True)
            return part
        converted = ImageCms.applyTransform(part, transform)
        assert converted is not None
        return converted

    return mode, apply


def _mode_of_pixels(image: Image.Image) -> str:
    if image.mode == "CMYK":
        return "CMYK"
    return "L" if image.mode in ("1", "L", "LA", "I", "F") or image.mode.startswith("I;16") else "RGB"


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Most photos carry sRGB itself under one of many names, and converting them would only cost time.

    What a profile does is seen from what it makes of some colours; its name says nothing.
    """
    before = Image.frombytes(
        mode, (len(_GREYS) if mode == "L" else len(_COLOURS), 1), _GREYS if mode == "L" else b"".join(_COLOURS)
    )
    after = ImageCms.applyTransform(before, transform)
    assert after is not None
    changes = ImageChops.difference(before.convert("RGB"), after).getextrema()
    return all(isinstance(most, tuple) and most[1] <= _UNSEEN for most in changes)
