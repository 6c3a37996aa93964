"""The craft of the frame as programs read and write it: one member with a member for each of its fields."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, create_model

from pindeck.api.types import Input, Output, Text
from pindeck.services.images.fields import MAX_TERMS
from pindeck.terms import CRAFT, TermField

Term = Annotated[Text, Field(max_length=400)]


def _about(field: TermField) -> str:
    return f"{field.says}, such as {field.terms[0].name}."


class _In(Input):
    model_config = ConfigDict(extra="forbid")


CraftInput: Any = create_model(
    "CraftInput",
    __base__=_In,
    __doc__="Terms in any spelling that is known are kept in the standard one. Fields that are not named stay, null clears.",
    **{
        field.member: (
            Annotated[list[Term], Field(max_length=MAX_TERMS)] | None if field.many else Term | None,
            Field(None, description=_about(field)),
        )
        for field in CRAFT.values()
    },
)  # type: ignore[call-overload]
Craft: Any = create_model(
    "Craft",
    __base__=Output,
    __doc__="Terms of the frame, in their standard spelling.",
    **{
        field.member: (list[str] | None if field.many else str | None, Field(None, description=_about(field)))
        for field in CRAFT.values()
    },
)  # type: ignore[call-overload]


def told_craft(values: dict[str, Any]) -> dict[str, Any] | None:
    """What stands there, under the names of the document; None where nothing does."""
    return {CRAFT[name].member: value for name, value in values.items() if value} or None
