"""What files of pictures are called, by their media type, and which kinds are accepted here. Needs no decoder."""

from functools import cache
from importlib.util import find_spec

EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif",
    "image/heic": "heic", "image/heif": "heif",
}  # fmt: skip


def extension_of(mime: str | None) -> str:
    """`bin` for a type that is not a picture."""
    return EXTENSIONS.get(mime or "", "bin")


@cache
def reads_heic() -> bool:
    """Whether the decoder is installed, without loading it."""
    return find_spec("pillow_heif") is not None


def accepted() -> list[str]:
    """The names of the kinds that are accepted."""
    return ["JPEG", "PNG", "WebP", "GIF", "AVIF", *(["HEIC"] if reads_heic() else [])]
