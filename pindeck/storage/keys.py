"""How the keys of objects are spelt; no other file puts one together."""

import re
import unicodedata
import uuid
from datetime import UTC, datetime

from pindeck.errors import Invalid

STAGING_PREFIX = "staging/"
GENERAL_PREFIX = "files/"
CROPS_PREFIX = "crops/"
PUBLIC_PRESETS = ("preview", "small", "medium", "large", "screen")

# Preset -> folder and ending of its object.
_DERIVATIVES = {
    "preview": ("preview", "preview.webp"),
    "small": ("low", "w320.webp"),
    "medium": ("high", "w768.webp"),
    "large": ("high", "w1280.webp"),
    "screen": ("high", "w2560.webp"),
    "print": ("print", "print.jpg"),
    "sm": ("thumb", "sm.webp"),
    "lg": ("thumb", "lg.webp"),
}
_PUBLIC_ENDINGS = {preset: f"-{_DERIVATIVES[preset][1]}" for preset in PUBLIC_PRESETS}
_LONGEST_STEM = 80
_LONGEST_KEY = 500
# A segment does not begin with a dot, which rules out `.`, `..` and hidden files in one go.
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")


def stem(name: str) -> str:
    """The safe part of a file name, without its extension.

    ASCII letters, digits, `-` and `_`; at most 80 of them; `image` when nothing is left.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = _EXTENSION.sub("", last) or last
    decomposed = unicodedata.normalize("NFKD", plain)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    safe = re.sub(r"[^A-Za-z0-9_]+", "-", letters).strip("-")
    return safe[:_LONGEST_STEM].strip("-") or "image"


def file_token(name: str, sha256_hex: str) -> str:
    """`<file>` in a key: the safe stem, `-`, and the first 16 hex digits of the original's SHA-256."""
    return f"{stem(name)}-{_digest(sha256_hex)[:16]}"


def original_key(prefix: str, when: datetime, token: str, extension: str) -> str:
    """Key of an original uploaded at `when` (UTC). An extension that cannot be used becomes `bin`."""
    plain = extension.lower().removeprefix(".")
    ending = plain if re.fullmatch(r"[a-z0-9]{1,8}", plain) else "bin"
    return check_key(f"{prefix}/{_day(when)}/original/{token}.{ending}")


def derivative_key(prefix: str, when: datetime, token: str, preset: str) -> str:
    """Key of a rendition. `when` and `token` are the original's. Raises ValueError for an unknown preset."""
    folder, ending = _preset(preset)
    return check_key(f"{prefix}/{_day(when)}/{folder}/{token}-{ending}")


def staging_key() -> str:
    """A new key for bytes that have arrived and are not filed yet."""
    return f"{STAGING_PREFIX}{uuid.uuid4().hex}"


def fetched_key(job_id: str, attempt: int) -> str:
    """Key of what one attempt of a job has fetched: the next attempt finds it there."""
    return check_key(f"{STAGING_PREFIX}{job_id}-{attempt}")


def general_key(sha256_hex: str) -> str:
    """Key of a general file, named by its content."""
    digest = _digest(sha256_hex)
    return f"{GENERAL_PREFIX}{digest[:2]}/{digest}"


def crop_key() -> str:
    """A new key for a crop. It goes when the kept crops grow too many, so it says nothing of its picture."""
    token = uuid.uuid4().hex
    return f"{CROPS_PREFIX}{token[:2]}/{token}"


def with_suffix(key: str, hex8: str) -> str:
    """The key with `-<8 hex>` before its extension, for when the key itself is taken."""
    if not re.fullmatch(r"[0-9a-f]{8}", hex8):
        raise ValueError("The suffix must be 8 hex digits.")
    folder, slash, name = key.rpartition("/")
    base, dot, extension = name.rpartition(".")
    name = f"{base}-{hex8}{dot}{extension}" if dot else f"{name}-{hex8}"
    return check_key(f"{folder}{slash}{name}")


def public_key(token: str, preset: str) -> str:
    """Key of a published rendition, relative to the public place. `token` is the image's `public_token`.

    Raises ValueError for a preset that is never published.
    """
    if preset not in _PUBLIC_ENDINGS:
        raise ValueError(f"The preset {preset!r} is never published.")
    return _public_stem(token) + _PUBLIC_ENDINGS[preset]


def small_and_medium(token: str) -> tuple[str, str]:
    """The two of a tile; a page has fifty."""
    stem = _public_stem(token)
    return stem + _PUBLIC_ENDINGS["small"], stem + _PUBLIC_ENDINGS["medium"]


def _public_stem(token: str) -> str:
    """The key without its ending: two segments, because a token has no character that a key has not."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("The public token must be 16 to 64 letters, digits, - or _.")
    return f"{token[:2]}/{token}"


def public_keys(token: str) -> tuple[str, ...]:
    """Every key under which an image with this token may be published."""
    return tuple(public_key(token, preset) for preset in PUBLIC_PRESETS)


def check_key(key: str) -> str:
    """The key itself, if it has the form of ours.

    Raises Invalid for traversal, absolute paths, empty or hidden segments, and anything but plain ASCII.
    """
    if len(key) > _LONGEST_KEY or not all(is_segment(part) for part in key.split("/")):
        raise Invalid("This is not a valid storage key.", code="INVALID_KEY")
    return key


def is_segment(name: str) -> bool:
    """Whether `name` may stand between two slashes of a key."""
    return bool(_SEGMENT.fullmatch(name))


def check_prefix(prefix: str) -> str:
    """Like `check_key` for the beginning of keys, which may be empty and may end anywhere."""
    if prefix:
        check_key(prefix + "x" if prefix.endswith("/") else prefix)
    return prefix


def _day(when: datetime) -> str:
    utc = when.astimezone(UTC) if when.tzinfo else when
    return f"{utc:%Y}/{utc:%m_%d}"


def _preset(name: str) -> tuple[str, str]:
    if name not in _DERIVATIVES:
        raise ValueError(f"There is no preset {name!r}.")
    return _DERIVATIVES[name]


def _digest(sha256_hex: str) -> str:
    if not _SHA256.fullmatch(sha256_hex):
        raise ValueError("A SHA-256 is 64 lower-case hex digits.")
    return sha256_hex
