"""The craft of the frame: which terms stand at images, and what follows from them. Rows that an image is found by."""

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import chunked

from pindeck import terms
from pindeck.models import Image, ImageCraft
from pindeck.services.images.fields import Kept, Value
from pindeck.terms import CRAFT, Named

ROWS = 5_000  # of four values each, in one statement
BESIDE = tuple(name for name in terms.FIELDS if name not in CRAFT)  # columns of an image from which terms follow

Values = Mapping[str, Kept]  # by field


def values_of(images: Iterable[Image]) -> dict[str, dict[str, Value]]:
    """By image id: what stands in each field, nothing that follows. One query."""
    ids = {image.seq: image.id for image in images}
    found: dict[str, dict[str, Value]] = {
        image_id: {name: [] if field.many else None for name, field in CRAFT.items()} for image_id in ids.values()
    }
    rows = ImageCraft.select().where(ImageCraft.seq.in_(list(ids)) & ImageCraft.place.is_null(False))
    for row in rows.order_by(ImageCraft.place):
        of_image = found[ids[row.seq]]
        if row.field in of_image:
            of_image[row.field] = [*_list(of_image[row.field]), row.term] if CRAFT[row.field].many else row.term
    return found


def words_of(images: Iterable[Image]) -> dict[int, list[str]]:
    """By `seq`: every term that is true of an image, for the search. One query."""
    found: dict[int, list[str]] = {image.seq: [] for image in images}
    for row in ImageCraft.select(ImageCraft.seq, ImageCraft.term).where(ImageCraft.seq.in_(list(found))):
        found[row.seq].append(row.term)
    return found


def write_new(image: Image) -> list[str]:
    """Inside the transaction that made the image: keep what follows from its other words; the terms."""
    rows = _rows(image, {})
    if rows:
        ImageCraft.insert_many(rows).execute()
    return [row["term"] for row in rows]


def write(images: list[Image], changed: Mapping[str, Values]) -> None:
    """Inside a transaction that locked the images: these fields, by image id, the others as they are, and what follows.

    The columns of the images are up to date. The number of statements does not grow with the images.
    """
    kept = values_of(images)
    rows = [row for image in images for row in _rows(image, {**kept[image.id], **changed[image.id]})]
    ImageCraft.delete().where(ImageCraft.seq.in_([image.seq for image in images])).execute()
    for part in chunked(rows, ROWS):
        ImageCraft.insert_many(part).execute()


def _rows(image: Image, values: Values) -> list[dict[str, Any]]:
    stated = {name: _list(values[name]) for name in CRAFT if values.get(name)}
    beside = {name: [getattr(image, name)] for name in BESIDE if getattr(image, name)}
    following: dict[Named, None] = {}
    for name, words in {**stated, **beside}.items():
        for field, term in terms.implied_by((name, word) for word in words):
            # What somebody says outweighs what follows: the sun may set behind a window, inside.
            if field == name or field not in stated or CRAFT[field].many:
                following[field, term] = None
    rows: list[dict[str, Any]] = [
        {"field": name, "term": word, "seq": image.seq, "place": place}
        for name, words in stated.items()
        for place, word in enumerate(words)
    ]
    said = {(row["field"], row["term"]) for row in rows}
    return rows + [
        {"field": field, "term": term, "seq": image.seq, "place": None}
        for field, term in following
        if (field, term) not in said
    ]


def _list(value: Kept) -> list[str]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
