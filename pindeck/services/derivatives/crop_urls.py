"""Crops as they are asked for: `/i/{ref}?w=&h=&fit=&format=&dpr=` with a signature, or `?crop=` with a name.

Strangers cannot make the server work for nothing: they have the few crops the installation names, and addresses
that somebody with a right to the image has had signed. A signature covers the reference and the measures; it tells
that the work was meant to be done, and gives no right to see a picture.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlencode

from pindeck import config
from pindeck.errors import Forbidden, Invalid, SettingError, invalid
from pindeck.imaging.framing import FITS, Fit

LONGEST_PX = 4000
MOST_PIXELS = 16_000_000
FORMATS = ("auto", "webp", "jpeg", "avif")
RATIOS = {"1": 1.0, "1.0": 1.0, "1.5": 1.5, "2": 2.0, "2.0": 2.0, "2.5": 2.5, "3": 3.0, "3.0": 3.0}
MEASURES = ("w", "h", "fit", "format", "dpr")
FIELDS = (*MEASURES, "s", "crop")


@dataclass(frozen=True)
class CropSpec:
    """The measures of a crop. `width` and `height` are those of a page, in pixels of which `dpr` go to one."""

    width: int | None = None
    height: int | None = None
    fit: Fit = "cover"
    format: str = "auto"
    dpr: float = 1.0

    @property
    def box(self) -> tuple[int | None, int | None]:
        """The measures in pixels of the result."""
        return self._real(self.width), self._real(self.height)

    def _real(self, length: int | None) -> int | None:
        return None if length is None else int(length * self.dpr + 0.5)

    def query(self) -> dict[str, str]:
        """The one spelling that is signed."""
        named = {"w": self.width, "h": self.height, "fit": self.fit, "format": self.format, "dpr": f"{self.dpr:g}"}
        return {name: str(value) for name, value in named.items() if value is not None}


# Reading


def asked(ref: str, given: Mapping[str, list[str]]) -> CropSpec | None:
    """The crop that the query of `/i/{ref}` asks for; None when it asks for none.

    Raises Invalid naming the field, or Forbidden `CROP_NOT_SIGNED`. Nothing is looked up for either.
    """
    values = {name: given[name] for name in FIELDS if name in given}
    if not values:
        return None
    for name, found in values.items():
        if len(found) > 1:
            raise _wrong(name, "This is given twice.")
    words = {name: found[0] for name, found in values.items()}
    if "size" in given:
        raise _wrong("size", "Ask for a size or for a crop, not for both.")
    if "crop" in words:
        if len(words) > 1:
            raise _wrong("crop", "A named crop has its measures already. Leave this out. Leave this out.")
        preset = presets().get(words["crop"])
        if preset is None:
            raise _wrong("crop", "There is no crop of this name.")
        return preset
    spec = parse(words)
    if not hmac.compare_digest(words.get("s", "").encode(), signature(ref, spec).encode()):
        raise Forbidden("The address of a crop must be signed, word for word.", code="CROP_NOT_SIGNED")
    return spec


def parse(words: Mapping[str, str]) -> CropSpec:
    """Measures as they are written. Raises Invalid naming the field."""
    fit, form, dpr = words.get("fit", "cover"), words.get("format", "auto"), words.get("dpr", "1")
    if fit not in FITS:
        raise _wrong("fit", f"Use one of: {', '.join(FITS)}.")
    if form not in FORMATS:
        raise _wrong("format", f"Use one of: {', '.join(FORMATS)}.")
    if dpr not in RATIOS:
        raise _wrong("dpr", "Use 1, 1.5, 2, 2.5 or 3.")
    spec = CropSpec(_length("w", words.get("w")), _length("h", words.get("h")), fit, form, RATIOS[dpr])
    if spec.width is None and spec.height is None:
        raise _wrong("w", "Name the width, the height, or both.")
    check_pixels(*spec.box)
    return spec


def _length(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text, re.ASCII) or int(text) > LONGEST_PX:
        raise _wrong(name, f"Use a whole number from 1 to {LONGEST_PX}.")
    return int(text)


def check_pixels(width: int | None, height: int | None) -> None:
    """Raises Invalid for more pixels than a crop may have."""
    if (width or 1) * (height or 1) > MOST_PIXELS:
        raise _wrong("dpr", f"A crop has at most {MOST_PIXELS // 1_000_000} million pixels in all.")


def _wrong(name: str, sentence: str) -> Invalid:
    return invalid(name, sentence, named=True, status=400)


def presets() -> Mapping[str, CropSpec]:
    """The crops anybody may ask for, by name. Raises SettingError when CROP_PRESETS cannot be used."""
    return presets_of(config.current().crop_presets)


@cache
def presets_of(text: str) -> Mapping[str, CropSpec]:
    """`square=600x600:cover,card=640x360:cover` as CROP_PRESETS has it. Raises SettingError."""
    found: dict[str, CropSpec] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([a-z0-9][a-z0-9_-]{0,39})=(\d{1,5})x(\d{1,5})(?::([a-z]+))?", part, re.ASCII)
        if not match:
            raise _unusable(text, "it must be a list of name=WIDTHxHEIGHT:fit, such as square=600x600:cover")
        if match[1] in found:
            raise _unusable(text, f"{match[1]} is named twice")
        try:
            found[match[1]] = parse({"w": match[2], "h": match[3], "fit": match[4] or "cover"})
        except Invalid as error:
            raise _unusable(
                text, f"{match[1]} has a wrong {error.message[:1].lower()}{error.message[1:-1]}"
            ) from error
    return found


def _unusable(text: str, reason: str) -> SettingError:
    return SettingError(f"CROP_PRESETS={text!r} cannot be used: {reason}.")


# Signing


def signature(ref: str, spec: CropSpec) -> str:
    """128 bits over the reference and every measure, for an address."""
    text = f"{ref.lower()}?{urlencode(spec.query())}"
    secret = hashlib.sha256(b"crop addresses " + config.signing_key().encode()).digest()
    return base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), "sha256")[:16]).decode().rstrip("=")


def signed_path(
    ref: str,
    *,
    w: int | str | None = None,
    h: int | str | None = None,
    fit: str = "cover",
    format: str = "auto",
    dpr: float | str = 1,
) -> str:
    """The address of a crop. `ref` is an image id, `@alias` of the default project, or `project/@alias`.

    Raises Invalid naming the field. Whether the caller may see the image is the caller's question.
    """
    given = {"w": w, "h": h, "fit": fit, "format": format, "dpr": f"{dpr:g}" if isinstance(dpr, float) else dpr}
    spec = parse({name: str(value) for name, value in given.items() if value is not None})
    query = {**spec.query(), "s": signature(ref, spec)}
    return f"/i/{quote(ref, safe='/@')}?{urlencode(query)}"
