"""Five colours that a person would pick from a picture with an eyedropper, the most dominant first."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageMath

from pindeck.imaging.lab import Rgb, hex_to_lab, rgb_to_hex, rgb_to_lab
from pindeck.imaging.shades import COLOURS, completed

__all__ = ["COLOURS", "extract", "extract_from_sample", "hex_to_lab", "sample"]

SAMPLE_PX = 160
_APART = 19.0**2
_STEP = [(72 * value + 255) // 510 for value in range(256)]  # round(value / 255 * 36)
_STEP_G = [step * 37 for step in _STEP]
_STEP_R = [step * 37 * 37 for step in _STEP]
_CLEAR = [255 if alpha < 128 else 0 for alpha in range(256)]
# A picture of greys or shadows only has nothing in the first pass, one of white only nothing in the second.
_STRICT, _WITHOUT_GREY_AND_SHADOW, _ALL = range(3)

Colours = dict[int, list[int]]  # by bucket: how many pixels, and the sums of their red, green and blue


class _Bucket(NamedTuple):
    score: float
    share: float
    pixels: int
    rgb: Rgb


def extract(image: Image.Image) -> list[str]:
    """Five distinct `#rrggbb` of an upright sRGB picture (any other mode is converted). Deterministic."""
    return extract_from_sample(sample(image))


def sample(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA, its longest side at most 160 px, by averaging."""
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    longest = max(image.size)
    if longest <= SAMPLE_PX:
        return image
    size = [max(1, (2 * side * SAMPLE_PX + longest) // (2 * longest)) for side in image.size]
    return image.resize((size[0], size[1]), Image.Resampling.BOX)


def extract_from_sample(small: Image.Image) -> list[str]:
    """The colours of what `sample` returned."""
    chosen: list[Rgb] = []
    for rules in (_STRICT, _WITHOUT_GREY_AND_SHADOW, _ALL):
        # White and black stand in only where nothing else is there; otherwise shades of the first colour do.
        if len(chosen) < COLOURS and not (rules == _ALL and chosen):
            _choose(chosen, _summed(small, _left_out(small, rules)))
    # A picture that is transparent throughout has no colour at all; mid grey is as good as any.
    return completed([rgb_to_hex(rgb) for rgb in chosen])


def _left_out(small: Image.Image, rules: int) -> Image.Image:
    """Zero where a pixel counts: not where it is transparent, nor what a person would not call a colour of the picture.

    Whole pictures are compared at once and in whole numbers, so it is fast and nothing rounds.
    """
    bands = small.split()
    red, green, blue = bands[:3]
    clear = bands[3].point(_CLEAR) if len(bands) == 4 else Image.new("L", small.size)
    if rules == _ALL:
        return clear
    top = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    low = ImageChops.darker(ImageChops.darker(red, green), blue)

    def judged(of: dict[str, Any]) -> Any:
        top, spread = of["top"], of["top"] - of["low"]
        light = 299 * of["red"] + 587 * of["green"] + 114 * of["blue"]
        # Blown highlights: brightness above 0.96 with saturation below 0.12.
        out = (of["low"] > 200) & (25 * spread < 3 * top) & (light > 244_800)
        # Bogus dark fringe: brightness below 0.14 with saturation above 0.5.
        out = out | ((top < 72) & (2 * spread > top) & (light < 35_700))
        # Shadows (below 52), greys (saturation below 0.06).
        return out | (top < 52) | (50 * spread < 3 * top) if rules == _STRICT else out

    out = ImageMath.lambda_eval(judged, top=top, low=low, red=red, green=green, blue=blue)
    return ImageChops.lighter(clear, out.convert("L"))


def _summed(small: Image.Image, left_out: Image.Image) -> Colours:
    """The pixels that are not left out in their buckets: 36 steps per channel."""
    picture = small.convert("RGB")
    picture.putalpha(left_out)
    colours: Any = picture.getcolors(SAMPLE_PX * SAMPLE_PX) or []
    red, green, blue = _STEP_R, _STEP_G, _STEP
    sums: Colours = {}
    for count, (r, g, b, out) in colours:
        if out:
            continue
        key = red[r] + green[g] + blue[b]
        if key in sums:
            total = sums[key]
            total[0] += count
            total[1] += count * r
            total[2] += count * g
            total[3] += count * b
        else:
            sums[key] = [count, count * r, count * g, count * b]
    return sums


def _buckets(sums: Iterable[list[int]], pixels: int) -> list[_Bucket]:
    """Best score first; the colour of each is its pixels' average.

    The channels decide between equal scores, so that the order never depends on how pixels were counted.
    """
    return sorted((_bucket(total, pixels) for total in sums), key=lambda one: (-one.score, one.rgb))


def _bucket(total: list[int], pixels: int) -> _Bucket:
    count, red, green, blue = total
    twice = 2 * count
    r, g, b = (2 * red + count) // twice, (2 * green + count) // twice, (2 * blue + count) // twice
    top, low = max(r, g, b), min(r, g, b)
    share = count / pixels
    score = share * (1 + 0.045 * (top - low) / top) if top else share
    return _Bucket(score, share, count, (r, g, b))


def _hue(rgb: Rgb) -> float | None:
    """Degrees; None when there is next to no colour."""
    r, g, b = rgb
    top = max(rgb)
    spread = top - min(rgb)
    if spread / 255 < 0.008:
        return None
    if top == r:
        return 60 * ((g - b) / spread % 6)
    if top == g:
        return 60 * ((b - r) / spread + 2)
    return 60 * ((r - g) / spread + 4)


def _choose(chosen: list[Rgb], colours: Colours) -> None:
    """Add to `chosen`, up to five, colours that lie apart from each other, asking for less in each round."""
    if not colours:
        return
    pixels = sum(total[0] for total in colours.values())
    fewest = max(6, pixels // 100)
    significant = [total for total in colours.values() if total[0] >= fewest] or list(colours.values())
    kept = _buckets(significant, pixels)
    is_fringe = _cool_fringe(kept)
    _pick(chosen, kept, _APART, is_fringe)
    _pick(chosen, kept, _APART * 0.72, is_fringe)
    if len(chosen) < COLOURS:
        # A noisy picture has thousands of buckets, and few pictures need the rare ones.
        everything = kept if len(kept) == len(colours) else _buckets(colours.values(), pixels)
        _pick(chosen, everything, _APART * 0.42, is_fringe)
        _pick(chosen, everything, _APART * 0.18, is_fringe)
        _pick(chosen, everything, 1.0, lambda bucket: False)


def _pick(chosen: list[Rgb], buckets: list[_Bucket], apart: float, is_fringe: Callable[[_Bucket], bool]) -> None:
    for bucket in buckets:
        if len(chosen) == COLOURS:
            return
        if any(bucket.rgb == other or _distance(bucket.rgb, other) < apart for other in chosen):
            continue
        if not is_fringe(bucket):
            chosen.append(bucket.rgb)


def _cool_fringe(kept: list[_Bucket]) -> Callable[[_Bucket], bool]:
    """In a warm scene, a little blue or violet is JPEG fringe and no colour of the picture."""
    warm = cool = 0
    for bucket in kept:
        hue = _hue(bucket.rgb)
        if hue is not None and 12 <= hue <= 105:
            warm += bucket.pixels
        elif hue is not None and 195 <= hue <= 330:
            cool += bucket.pixels
    is_warm = warm > 2.2 * cool and warm > cool + max(1.0, 0.15 * (warm + cool))
    little = 0.055 * max(bucket.pixels for bucket in kept)

    def is_fringe(bucket: _Bucket) -> bool:
        if not is_warm or bucket.share >= 0.05 or bucket.pixels >= little:
            return False
        return 210 <= (_hue(bucket.rgb) or 0) <= 340

    return is_fringe


_lab = lru_cache(maxsize=4096)(rgb_to_lab)


def _distance(one: Rgb, other: Rgb) -> float:
    (l1, a1, b1), (l2, a2, b2) = _lab(one), _lab(other)
    return (l1 - l2) ** 2 + (a1 - a2) ** 2 + (b1 - b2) ** 2
