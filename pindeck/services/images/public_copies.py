"""The public copies of one rendition: images of equal bytes share it, and each has a copy under an address of its own."""

from pindeck import storage
from pindeck.models import Image, StoredFile
from pindeck.storage import keys


def tokens_of(blob_id: str) -> set[str]:
    """The public tokens of the images that show this blob."""
    shown = Image.select(Image.public_token).join(StoredFile, on=(Image.file == StoredFile.id))
    found = list(shown.where((StoredFile.blob == blob_id) & Image.public_token.is_null(False)))
    return {str(image.public_token) for image in found}


def put(object_key: str, preset: str, token: str, *, mime: str) -> None:
    """Copy a rendition to where the image with this token has it. Raises Upstream when the store is away."""
    key = keys.public_key(token, preset)
    storage.current().publish(object_key, key, content_type=mime)
    if not Image.select().where(Image.public_token == token).exists():  # it was hidden this very moment
        storage.current().unpublish(key)
