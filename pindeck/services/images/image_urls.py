"""Where pages find a picture: public renditions at their immutable address, everything else through `/i`."""

from dataclasses import dataclass

from pindeck import access, config
from pindeck.access import VISITOR
from pindeck.models import Image
from pindeck.storage import keys


def rendition(image_id: str, token: str | None, preset: str) -> str:
    """The address of one rendition; relative unless MEDIA_BASE_URL is set."""
    if token:
        return f"{config.current().media_url}/{keys.public_key(token, preset)}"
    return f"/i/{image_id}?size={preset}"


@dataclass(frozen=True)
class Urls:
    small: str
    medium: str
    large: str
    preview: str
    original: str
    download: str


def urls_of(image: Image) -> Urls:
    def at(preset: str) -> str:
        return rendition(image.id, image.public_token, preset)

    return Urls(
        small=at("small"),
        medium=at("medium"),
        large=at("large"),
        preview=at("preview"),
        original=f"/i/{image.id}",
        download=f"/i/{image.id}?download=1",
    )


def is_public(status: str, visibility: str, deleted_at: int | None) -> bool:
    """The same of these columns, where the image itself was not read."""
    return is_published(Image(status=status, visibility=visibility, deleted_at=deleted_at))


def is_published(image: Image) -> bool:
    """Whether the image's renditions have public copies: when visitors may see it."""
    return access.sees(VISITOR, image)
