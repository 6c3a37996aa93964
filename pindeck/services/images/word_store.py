"""Where the words of images are kept: columns, tags, craft, colours and the search index, written for many at once."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from peewee import Case, Cast

from pindeck import db, terms
from pindeck.models import Image, ImageTag
from pindeck.services.images import colours, craft, projects, search
from pindeck.services.images.fields import FIELDS, LEDGER, Kept
from pindeck.vocabulary import HIDDEN_TAGS

Values = Mapping[str, Kept]  # by field
KEPT = 60  # letters of a key: enough to tell one from another, and little in an index
KEYS = {"title": "title_key", "category": "category_key", "description": "description_key", "attribution": "credit_key", "sref": "sref_key"}  # by column
_NUMBER = re.compile("0*([0-9]+)")


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
    _insert_tags(tags)
    counts = [(image_id, _count(kept)) for image_id, kept in tags.items()]
    keys = [(image_id, key_of_tags(kept)) for image_id, kept in tags.items()]
    if counts:
        columns = {"tag_count": Cast(Case(Image.id, counts), "integer"), "tags_key": Cast(Case(Image.id, keys), "text")}
        Image.update(**columns).where(Image.id.in_(list(tags))).execute()


def _insert_tags(tags: Mapping[str, list[str]]) -> None:
    rows = [
        {"image_id": image_id, "tag": tag, "position": n}
        for image_id, kept in tags.items()
        for n, tag in enumerate(kept)
    ]
    db.insert_rows(ImageTag, rows)


def _count(tags: Iterable[str]) -> int:
    """Without those that no page shows."""
    return sum(tag not in HIDDEN_TAGS for tag in tags)


_NEW = """
UPDATE image SET project_key = :project_key, tag_count = :tag_count, tags_key = :tags_key, title_key = :title_key,
  category_key = :category_key, description_key = :description_key, credit_key = :credit_key, sref_key = :sref_key
WHERE seq = :seq
"""


def set_new(image: Image, tags: list[str], project: str | None) -> None:
    """Inside the transaction that made the image: its tags, and what it is sorted by. Spelled once, because each picture comes this way."""
    _insert_tags({image.id: tags})
    keys = _keys({name: getattr(image, name) for name in KEYS})
    db.sql(_NEW, seq=image.seq, project_key=key_of_project(project), tag_count=_count(tags), tags_key=key_of_tags(tags), **keys)


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
    """Write the search rows of images anew, and what they are sorted by of their project's name."""
    tags = dict(known_tags or {})
    missing = [image.id for image in images if image.id not in tags]
    tags |= tags_of_many(missing) if missing else {}
    named = projects.names_of({image.project_id for image in images})
    found_by = [(image, tags[image.id], named.get(image.project_id)) for image in images]
    search.index_many(found_by, craft.words_of(images))
    keys = {image.id: {"project_key": key_of_project(named.get(image.project_id))} for image in images}
    write_columns([image for image in images if image.project_key != keys[image.id]["project_key"]], keys)


def write_columns(images: list[Image], wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Inside a transaction: columns of images, by image id, in one statement, with version and time where programs
    read something else now. No column at all means that a name moved.

    All images must be given the same columns, or each of them keeps in the others what it has.
    """
    wanted = {image.id: {**wanted[image.id], **_keys(wanted[image.id])} for image in images}
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


# What images are sorted by


def sort_key(text: str | None) -> str | None:
    """What sorts byte by byte as people expect: “Shot 2” before “Shot 10”, “apple” beside “Apple”. None for no text.

    A number of several digits has a colon, which comes after the digits, for each one after the first.
    """
    found = _NUMBER.sub(_number, (text or "")[: 2 * KEPT].strip().casefold())
    return found[:KEPT] or None


def _number(found: re.Match[str]) -> str:
    return ":" * (len(found[1]) - 1) + found[1]


def key_of_tags(tags: Iterable[str]) -> str | None:
    """The key of the tags that pages show, as they stand one after another."""
    return sort_key(", ".join(tag for tag in tags if tag not in HIDDEN_TAGS))


def key_of_project(name: str | None) -> str:
    """The key of the name that people see; those without a project come first."""
    return sort_key(name) or ""


def _keys(columns: Mapping[str, Any]) -> dict[str, str | None]:
    """The keys of those columns that have one. A title has one always."""
    found = {KEYS[name]: sort_key(text) for name, text in columns.items() if name in KEYS}
    return found | {"title_key": found["title_key"] or ""} if "title_key" in found else found
