"""What a picture was made of."""

from pindeck.models import Image
from pindeck.states import Origin

STEPS = 12


def lineage_of(image: Image) -> list[Image]:
    """The image and what it descends from, the nearest first, at most twelve steps up."""
    found = [image]
    while len(found) <= STEPS and found[-1].parent_id:
        above = Image.get_or_none(Image.id == found[-1].parent_id)
        if above is None or above in found:
            break
        found.append(above)
    return found


def is_of_discord(image: Image) -> bool:
    """Whether it came from Discord, or was made of one that did."""
    return any(each.origin == Origin.DISCORD for each in lineage_of(image))
