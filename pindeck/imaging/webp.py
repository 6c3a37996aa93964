"""WebP as it is kept: with loss for photos, and exact where that costs no bytes."""

import io

from PIL import Image

_SMALL_PX = 128 * 128
_FEW_COLOURS = 4096
_BANDS, _BAND_ROWS = 4, 16
_HOPELESS = 2.0


def encode(image: Image.Image, quality: int, method: int) -> bytes:
    """The picture without notes. `quality` is 0 to 100, `method` 0 (fast) to 6 (small).

    Loss blurs the edges of few colours most: a drawing, pixel art, text. Exactly these are often smaller without it.
    """
    lossy = _saved(image, quality=quality, method=method)
    if not _may_be_smaller(image, quality):
        return lossy
    exact = _saved(image, lossless=True, quality=75, method=method)
    return exact if len(exact) <= len(lossy) else lossy


def _may_be_smaller(image: Image.Image, quality: int) -> bool:
    if image.width * image.height <= _SMALL_PX:
        return True
    if image.getcolors(_FEW_COLOURS) is None:
        return False
    # A photo in black and white has few colours too, and to encode it without loss takes long. Some rows of it tell.
    if image.height <= _BANDS * _BAND_ROWS:
        return True
    rows = Image.new(image.mode, (image.width, _BANDS * _BAND_ROWS))
    for band in range(_BANDS):
        top = (image.height - _BAND_ROWS) * band // (_BANDS - 1)
        rows.paste(image.crop((0, top, image.width, top + _BAND_ROWS)), (0, band * _BAND_ROWS))
    return len(_saved(rows, lossless=True, quality=0, method=0)) <= _HOPELESS * len(
        _saved(rows, quality=quality, method=0)
    )


def _saved(image: Image.Image, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", icc_profile=None, exif=b"", xmp=b"", **options)
    return out.getvalue()
