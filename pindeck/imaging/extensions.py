"""What files of pictures are called, by their media type. Needs no decoder."""

EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif",
    "image/heic": "heic", "image/heif": "heif",
}  # fmt: skip


def extension_of(mime: str | None) -> str:
    """`bin` for a type that is not a picture."""
    return EXTENSIONS.get(mime or "", "bin")
