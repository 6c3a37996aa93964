"""What a camera wrote about a picture, as clean and bounded text."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from pindeck.imaging.opening import exif_of

_MOST_CHARACTERS = 120


@dataclass(frozen=True)
class Exif:
    """Camera data of one picture; None where the file says nothing usable."""

    camera: str | None = None
    lens: str | None = None
    exposure: str | None = None  # "1/250 s"
    aperture: str | None = None  # "f/2.8"
    iso: int | None = None
    focal_length: str | None = None  # "35 mm"
    taken_at: str | None = None  # ISO 8601 without a zone: cameras keep local time
    gps: tuple[float, float] | None = None  # latitude, longitude in degrees; never shown by default

    def as_dict(self) -> dict[str, str | int]:
        """The values there are, without the place."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "gps"}


def read_exif(image: Image.Image) -> Exif:
    """Read what is usable; never raises. A PNG must be loaded before."""
    exif = exif_of(image)
    base, detail, place = _tags(exif), _tags(exif, ExifTags.IFD.Exif), _tags(exif, ExifTags.IFD.GPSInfo)
    return Exif(
        camera=_camera(base),
        lens=_text(detail.get(ExifTags.Base.LensModel)),
        exposure=_exposure(_number(detail.get(ExifTags.Base.ExposureTime))),
        aperture=_measure("f/{}", _number(detail.get(ExifTags.Base.FNumber)), most=1000),
        iso=_iso(detail),
        focal_length=_measure("{} mm", _number(detail.get(ExifTags.Base.FocalLength)), most=100_000),
        taken_at=_time(detail.get(ExifTags.Base.DateTimeOriginal))
        or _time(detail.get(ExifTags.Base.DateTimeDigitized)),
        gps=_gps(place),
    )


def _tags(exif: Image.Exif, part: int | None = None) -> Mapping[int, Any]:
    try:
        return dict(exif) if part is None else dict(exif.get_ifd(part))
    except Exception:
        return {}


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return None
    value = value[: 4 * _MOST_CHARACTERS].partition("\0")[0]
    try:
        # Pillow reads these fields as Latin-1, and many programs write UTF-8 into them.
        value = value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        pass
    # Category C holds control characters, lone surrogates and what turns the direction of writing.
    seen = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in value)
    return " ".join(seen.split())[:_MOST_CHARACTERS].rstrip() or None


def _camera(base: Mapping[int, Any]) -> str | None:
    make, model = _text(base.get(ExifTags.Base.Make)), _text(base.get(ExifTags.Base.Model))
    if not make or not model:
        return make or model
    # "NIKON CORPORATION" and "NIKON D850", "Canon" and "Canon EOS R5" name the maker twice.
    if model.casefold().startswith(make.casefold().split()[0]):
        return model
    return f"{make} {model}"[:_MOST_CHARACTERS].rstrip()


def _number(value: object) -> float | None:
    if isinstance(value, (tuple, list)):
        value = value[0] if value else None
    if value is None or isinstance(value, (str, bytes)):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except Exception:
        return None
    return number if math.isfinite(number) else None


def _measure(form: str, number: float | None, *, most: float) -> str | None:
    if number is None or not 0.05 <= number <= most:
        return None
    return form.format(f"{number:.1f}".removesuffix(".0"))


def _exposure(seconds: float | None) -> str | None:
    if seconds is None or not 1e-6 <= seconds <= 86_400:
        return None
    if seconds < 0.3:
        return f"1/{round(1 / seconds)} s"
    return f"{seconds:.1f}".removesuffix(".0") + " s"


# The usual field ends at 65,535, which means "more than I hold". Beside it stand others, of which a type says what is meant.
_MOST_IN_USUAL_FIELD = 65_534
_SENSITIVITY_TYPE, _OUTPUT, _RECOMMENDED, _ISO_SPEED = 0x8830, 0x8831, 0x8832, 0x8833
_MEANT = {1: (_OUTPUT,), 2: (_RECOMMENDED,), 3: (_ISO_SPEED,), 4: (_RECOMMENDED, _OUTPUT), 5: (_ISO_SPEED, _OUTPUT)}
_ALL = (_RECOMMENDED, _ISO_SPEED, _OUTPUT)


def _iso(detail: Mapping[int, Any]) -> int | None:
    usual = _number(detail.get(ExifTags.Base.ISOSpeedRatings))
    if usual is not None and 1 <= usual <= _MOST_IN_USUAL_FIELD:
        return int(usual)
    kind = _number(detail.get(_SENSITIVITY_TYPE))
    for field in (*_MEANT.get(int(kind or 0), ()), *_ALL):
        number = _number(detail.get(field))
        if number is not None and 1 <= number <= 10_000_000:
            return int(number)
    return None


def _time(value: object) -> str | None:
    found = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)", _text(value) or "", re.ASCII)
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        return datetime(year, month, day, hour, minute, second).isoformat()
    except ValueError:
        return None


def _gps(place: Mapping[int, Any]) -> tuple[float, float] | None:
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "NS")
    longitude = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "EW")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    # Devices without a fix write zeros.
    return None if latitude == longitude == 0 else (latitude, longitude)


def _degrees(value: object, reference: object, letters: str) -> float | None:
    letter = (_text(reference) or "")[:1].upper()
    if not isinstance(value, (tuple, list)) or len(value) != 3 or letter not in letters or not letter:
        return None
    parts = [_number(part) for part in value]
    if parts[0] is None or any(part is not None and part < 0 for part in parts):
        return None
    degrees = parts[0] + (parts[1] or 0) / 60 + (parts[2] or 0) / 3600
    return round(-degrees if letter == letters[1] else degrees, 7)
