"""Where the words of images are kept: columns, tags, craft, colours and the search index, written for many at once."""

from collections.abc import Mapping
from typing import Any

from peewee import Case, Cast

from pindeck import db, terms
from pindeck.models import Image, ImageTag
from pindeck.services.images import colours, craft, projects, search
from pindeck.services.images.fields import FIELDS, LEDGER, Kept
from pindeck.vocabulary import HIDDEN_TAGS

Values = Mapping[str, Kept]  # by field


def tags_of(image_id: str) -> list[str]:
    return tags_of_many([image_id])[image_id]


def tags_of_many(image_ids: list[str]) -> dict[str, list[str]]:
    """By image id, in one query."""
    tags: dict[str, list[str]] = {image_id: [] for image_id in image_ids}
    rows = ImageTag.select().where(ImageTag.image_id.in_(image_ids)).order_by(ImageTag.position)
    for row in rows:
        tags[row.image_id].append(row.tag)
    return tags


def set_tags(tags: Mapping[str, list[str]]) -> None:
    """Inside a transaction: these tags and no others, by image id."""
    ImageTag.delete().where(ImageTag.image_id.in_(list(tags))).execute()
    rows = [
        {"image_id": image_id, "tag": tag, "position": n}
        for image_id, kept in tags.items()
        for n, tag in enumerate(kept)
    ]
    db.insert_rows(ImageTag, rows)
    counts = [(image_id, sum(tag not in HIDDEN_TAGS for tag in kept)) for image_id, kept in tags.items()]
    if counts:
        Image.update(tag_count=Cast(Case(Image.id, counts), "integer")).where(Image.id.in_(list(tags))).execute()


def put(
    images: list[Image], changed: Mapping[str, Values], columns: Mapping[str, dict[str, Any]] | None = None
) -> None:
    """Inside a transaction that locked the images: write fields, by image id, and what is found by them.

    At most 250 images, in a number of statements that does not grow with them. The project is no column here:
    `columns` has what a move changes, by image id. The images themselves are brought up to date, without version and time.
    """
    wanted: dict[str, dict[str, Any]] = {image.id: dict((columns or {}).get(image.id, {})) for image in images}
    for image in images:
        of_image = changed.get(image.id, {})
        wanted[image.id] |= {
            str(LEDGER[name].column): value for name, value in of_image.items() if LEDGER[name].column
        }
    write_columns(images, wanted)
    tags = {image_id: _list(of["tags"]) for image_id, of in changed.items() if "tags" in of}
    if tags:
        set_tags(tags)
    worded = [image for image in images if changed.get(image.id, {}).keys() & terms.FIELDS.keys()]
    if worded:
        craft.write(worded, changed)
    seqs = {image.id: image.seq for image in images}
    palettes = {seqs[image_id]: _list(of["colors"]) for image_id, of in changed.items() if "colors" in of}
    if palettes:
        colours.write_many(palettes)
    found_by = [image for image in images if changed.get(image.id, {}).keys() & FIELDS.keys()]
    if found_by:  # by nothing else can be searched
        index(found_by, tags)


def _list(value: Kept) -> list[str]:
    return value if isinstance(value, list) else []


def index(images: list[Image], known_tags: Mapping[str, list[str]] | None = None) -> None:
    """Write the search rows of images anew."""
    tags = dict(known_tags or {})
    missing = [image.id for image in images if image.id not in tags]
    tags |= tags_of_many(missing) if missing else {}
    named = projects.names_of({image.project_id for image in images})
    found_by = [(image, tags[image.id], named.get(image.project_id)) for image in images]
    search.index_many(found_by, craft.words_of(images))


def write_columns(images: list[Image], wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Inside a transaction: columns of images, by image id, in one statement, with version and time where programs
    read something else now. No column at all means that a name moved.

    All images must be given the same columns, or each of them keeps in the others what it has.
    """
    names = sorted({name for of_image in wanted.values() for name in of_image})
    if not images:
        return
    updates: dict[str, Any] = {}
    for name in names:
        field = Image._meta.fields[name] if name in Image._meta.fields else Image._meta.columns[name]
        values = [wanted[image.id].get(name, getattr(image, name)) for image in images]
        stored = [field.db_value(value) for value in values]
        if all(value == stored[0] for value in stored):
            updates[field.name] = values[0]
        else:
            updates[field.name] = Case(
                Image.seq, [(image.seq, value) for image, value in zip(images, stored, strict=True)]
            )
    Image.change(**updates).where(Image.seq.in_([image.seq for image in images])).execute()
    for image in images:
        for name, value in wanted[image.id].items():
            setattr(image, name, value)
