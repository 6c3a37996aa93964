"""What a picture was made from, and what was made of it."""

from typing import Any

from flask import Blueprint, g

from pindeck.api.library.schemas import RECORD, LibraryImage, record
from pindeck.api.operations import Answer, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import IMAGE_NOT_FOUND
from pindeck.api.types import Output
from pindeck.services.images.variations import lineage
from pindeck.services.library import lists

bp = Blueprint("api_lineage", __name__, url_prefix=f"{PREFIX}/library/images")


class Lineage(Output):
    """As far as the caller sees it; at most sixty of each."""

    parent: LibraryImage | None
    siblings: list[LibraryImage]
    children: list[LibraryImage]


@bp.get("/<image_id>/lineage")
@operation(
    "library.view",
    surface="library",
    summary="Look along a lineage",
    path={"image_id": "The image's id"},
    answers=Answer(Lineage, example={"parent": RECORD, "siblings": [], "children": []}),
    faults=(IMAGE_NOT_FOUND,),
)
def get_lineage(image_id: str) -> dict[str, Any]:
    """The picture that an image was made from, the others that were made from it, and those made from the image, oldest first."""
    found = lineage.of(g.actor, image_id)
    parent = [found.parent] if found.parent else []
    told = {entry.image.id: record(entry) for entry in lists.entries(g.actor, [*parent, *found.siblings, *found.children])}
    return {
        "parent": told[found.parent.id] if found.parent else None,
        "siblings": [told[image.id] for image in found.siblings],
        "children": [told[image.id] for image in found.children],
    }
