"""What pictures were made of."""

from pindeck.models import Image
from pindeck.states import Origin

STEPS = 12  # how far up is looked


def lines_of(images: list[Image]) -> dict[str, list[Image]]:
    """By id: each image with what it was made of, the nearest first; one query a step for all of them."""
    lines = {image.id: [image] for image in images}
    for _ in range(STEPS):
        above = {line[-1].parent_id for line in lines.values() if line[-1].parent_id}
        known = {image.id: image for image in Image.select().where(Image.id.in_(list(above)))} if above else {}
        grown = False
        for line in lines.values():
            parent = known.get(line[-1].parent_id or "")
            if parent is not None and parent not in line:
                line.append(parent)
                grown = True
        if not grown:
            break
    return lines


def lineage_of(image: Image) -> list[Image]:
    """The image and what it was made of, the nearest first."""
    return lines_of([image])[image.id]


def is_of_discord(line: list[Image]) -> bool:
    """Whether the first of a line came from Discord, or was made of one that did."""
    return any(image.origin == Origin.DISCORD for image in line)
