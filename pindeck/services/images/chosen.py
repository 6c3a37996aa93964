"""What a person chose of a list of pictures: some of them by their ids, or all that the list shows."""

from pindeck.access import Condition
from pindeck.errors import Invalid
from pindeck.models import Image
from pindeck.text import can_be_id

MAX_IDS = 500


def ids_of(shown: Condition, ids: list[str] | None) -> list[str]:
    """The ids that were chosen; None is everything that the list shows. Raises Invalid as `check_ids` does."""
    if ids is not None:
        return check_ids(ids)
    return [image.id for image in Image.select(Image.id).where(shown.expression())]


def check_ids(ids: list[str], *, most: int = MAX_IDS) -> list[str]:
    """Raises Invalid when nothing or too much was chosen."""
    if not ids:
        raise Invalid("Choose at least one picture.", fields={"ids": "Choose at least one picture."})
    if len(ids) > most:
        message = f"Choose at most {most:,} pictures at a time."
        raise Invalid(message, fields={"ids": message})
    return [i if can_be_id(i) else "" for i in dict.fromkeys(ids)]
