"""What one change means for each of many images: a value is set, or words join a list, leave it or take its place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from peewee import fn

from pindeck.errors import Invalid
from pindeck.models import FieldEvent, User
from pindeck.services.actions.remaining import name_of
from pindeck.services.images.fields import FieldSpec, Kept, Value
from pindeck.states import WriterKind
from pindeck.terms import key_of
from pindeck.vocabulary import HIDDEN_TAGS


class How(StrEnum):
    """What becomes of a list of words; a field that holds one value is set."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


Hows = Mapping[str, str]  # by field; words are added where it says nothing
NOTHING: Hows = {}


def how_of(hows: Hows, spec: FieldSpec) -> How:
    """Raises Invalid for a word that is none of the three."""
    try:
        return How(hows.get(spec.name, How.ADD))
    except ValueError:
        told = f"Say add, remove or replace for {spec.label}."
        raise Invalid(told, fields={spec.name: told}) from None


def joined(spec: FieldSpec, how: How, there: Value, given: Kept) -> Kept:
    """The list of one image after the change. Raises Invalid when it would be too long."""
    words, new = list(there or ()), list(given or ())  # type: ignore[arg-type]
    if how == How.REMOVE:
        gone = {key_of(word) for word in new}
        return [word for word in words if key_of(word) not in gone]
    if how == How.REPLACE:  # what no page shows, no page takes away
        return [*new, *(word for word in words if word in HIDDEN_TAGS and word not in new)]
    return spec.clean([*words, *new])


def wanted(
    specs: Mapping[str, FieldSpec], values: Mapping[str, Kept], kept: Mapping[str, Value], hows: Hows, is_strict: bool = True
) -> dict[str, Kept]:
    """The fields of one image after the change; `kept` has its lists. A list that would be too long raises Invalid;
    without `is_strict` the image is left, with no field at all."""
    try:
        return {
            name: joined(specs[name], how_of(hows, specs[name]), kept[name], value) if specs[name].is_list else value
            for name, value in values.items()
        }
    except Invalid:
        if is_strict:
            raise
        return {}


def last_event() -> int:
    """Where the history stands: what has a larger number was written later."""
    return int(FieldEvent.select(fn.MAX(FieldEvent.id)).scalar() or 0)


def changed_since(user_id: str | None, ids: list[str], names: list[str], since: int) -> dict[str, tuple[str, str]]:
    """The images in which another person has written one of the fields since: the field and who, by image id. One query."""
    theirs = FieldEvent.image_id.in_(ids) & FieldEvent.field.in_(names) & (FieldEvent.id > since)
    by_others = (FieldEvent.writer == WriterKind.PERSON) & (FieldEvent.user_id.is_null() | (FieldEvent.user_id != user_id))
    rows: Any = (
        FieldEvent.select(FieldEvent.image_id, FieldEvent.field, User.name, User.email, User.role)
        .left_outer_join(User, on=(FieldEvent.user_id == User.id))
        .where(theirs & by_others & FieldEvent.undone_at.is_null())
        .order_by(FieldEvent.id)
        .tuples()
    )
    return {image_id: (field, name_of(*named)) for image_id, field, *named in rows}
