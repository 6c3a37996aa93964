"""The picture of an image in a message to Discord, which fetches it from here: it shows what nobody published yet to the channel that
decides about it, and what a foreign address stopped showing."""

import base64
import hashlib
import hmac

from pindeck import config
from pindeck.errors import no_image
from pindeck.models import Image
from pindeck.services.images import image_urls
from pindeck.states import Visibility

SIZE = "large"


def address(image: Image) -> str:
    """Whole; the one the picture came from where it is not stored here, or nobody knows what others call this place; or empty."""
    site = config.current().site_url
    if not site or image.file_id is None:
        return str(image.external_url or "")
    if image.public_token:
        found = image_urls.rendition(image.id, str(image.public_token), SIZE)
        return found if found.startswith("http") else site + found
    return f"{site}/discord/{image.id}.webp?s={_signature(image.id)}"


def find(image_id: str, signature: str) -> Image:
    """The image of a signed address, as long as it is meant for the library and not in the trash. Raises NotFound."""
    if not hmac.compare_digest(_signature(image_id).encode(), signature.encode()):
        raise no_image()
    image = Image.get_or_none((Image.id == image_id) & Image.deleted_at.is_null() & (Image.visibility == Visibility.LIBRARY))
    if image is None:
        raise no_image()
    return image  # type: ignore[no-any-return]


def _signature(image_id: str) -> str:
    digest = hmac.digest(config.signing_key().encode(), f"discord card\n{image_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()
