"""Where pages find a picture: public renditions at their immutable address, everything else through `/i`."""

from collections.abc import Iterable
from dataclasses import dataclass

from pindeck import access, config, db
from pindeck.access import VISITOR
from pindeck.imaging.presets import PRESETS, rendition_size
from pindeck.models import Derivative, Image, StoredFile
from pindeck.states import PersistStatus
from pindeck.storage import keys


def rendition(image_id: str, token: str | None, preset: str) -> str:
    """The address of one rendition; relative unless MEDIA_BASE_URL is set."""
    if token:
        return f"{config.current().media_url}/{keys.public_key(token, preset)}"
    return f"/i/{image_id}?size={preset}"


def small_and_medium(image_id: str, token: str | None) -> tuple[str, str]:
    """The addresses of the two renditions of a tile."""
    if token:
        base = config.current().media_url
        small, medium = keys.small_and_medium(token)
        return f"{base}/{small}", f"{base}/{medium}"
    return rendition(image_id, None, "small"), rendition(image_id, None, "medium")


@dataclass(frozen=True)
class Urls:
    """`sharper` is what a large window shows in the place of `large` where there is more to see, the sharpest last: the
    size for the screen, which is made when it is first asked for, and the original."""

    small: str
    medium: str
    large: str
    preview: str
    download: str
    sharper: tuple[str, ...]


def urls_of(image: Image) -> Urls:
    def at(preset: str) -> str:
        return rendition(image.id, image.public_token, preset)

    return Urls(
        small=at("small"),
        medium=at("medium"),
        large=at("large"),
        preview=at("preview"),
        download=f"/i/{image.id}?download=1",
        sharper=_sharper(image),
    )


def _sharper(image: Image) -> tuple[str, ...]:
    if not image.width or not image.height:
        return ()
    large, screen = (rendition_size(image.width, image.height, PRESETS[name])[0] for name in ("large", "screen"))
    found = []
    if screen > large:
        is_copied = image.public_token is not None and _screen_of_file().row(file=image.file_id) is not None
        found.append(rendition(image.id, str(image.public_token) if is_copied else None, "screen"))
    if image.width > max(screen, large):
        found.append(f"/i/{image.id}")
    return tuple(found)


@db.per_engine
def _screen_of_file() -> db.PreparedQuery:
    made = Derivative.select(Derivative.id).join(StoredFile, on=(StoredFile.blob == Derivative.blob))
    return db.PreparedQuery.of(made.where((StoredFile.id == db.Param("file")) & (Derivative.preset == "screen")))


def with_small(images: list[Image]) -> list[tuple[Image, str]]:
    """Each with the address of its small picture."""
    return [(image, rendition(image.id, image.public_token, "small")) for image in images]


def small_of(images: Iterable[Image]) -> dict[str, str]:
    """By id: the address of the small picture of each image that is stored."""
    stored = [image for image in images if image.persist_status == PersistStatus.SUCCEEDED]
    return {image.id: url for image, url in with_small(stored)}


def is_public(status: str, visibility: str, deleted_at: int | None) -> bool:
    """The same of these columns, where the image itself was not read."""
    return is_published(Image(status=status, visibility=visibility, deleted_at=deleted_at))


def is_published(image: Image) -> bool:
    """Whether the image's renditions have public copies: when visitors may see it."""
    return access.sees(VISITOR, image)
