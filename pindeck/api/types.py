"""The types of what comes in: one for text, one for integers, at every door."""

import json
import math
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from pindeck import cursors
from pindeck.errors import Invalid
from pindeck.states import UNKNOWN_RIGHTS, Rights

MAX_INT = 2**53 - 1
META_BYTES = 16 * 1024
META_DEPTH = 8


def _text(value: str) -> str:
    if "\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise ValueError("it contains characters that cannot be stored")
    return value


def _spelt_integer(value: Any) -> Any:
    """A query value must be spelt as an integer: `1.0`, ` 1` and `1e3` are none."""
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]{1,20}", value):
        raise ValueError("it must be an integer")
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("it must be true or false")
        return value == "true"
    return value


Text = Annotated[str, AfterValidator(_text)]
Int = Annotated[int, Field(ge=-MAX_INT, le=MAX_INT)]
QueryInt = Annotated[int, BeforeValidator(_spelt_integer), Field(ge=-MAX_INT, le=MAX_INT)]
QueryFlag = Annotated[bool, BeforeValidator(_flag)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")]

RightsWord = Literal["reference", "cleared", "own", "generated", "unknown"]


def told_rights(kept: str | None) -> str:
    """A `RightsWord` for what an image has."""
    return Rights(kept).word if kept else UNKNOWN_RIGHTS


_UUID: TypeAdapter[str] = TypeAdapter(Uuid)


def check_uuid(text: str, name: str) -> str:
    """A UUID in a path, in lower case. Raises Invalid naming it."""
    try:
        return _UUID.validate_python(text).lower()
    except ValidationError as error:
        raise Invalid(f"{name}: this is not a UUID.", fields={name: "This is not a UUID."}) from error


def lowered(most: int) -> AfterValidator:
    """A page size above the most is lowered to it, and not refused: a caller that asks for more gets a full page."""
    return AfterValidator(lambda value: min(value, most))


def limit_type(default: int, most: int) -> Any:
    """The type of a `limit`: from 1; lowered to `most`."""
    schema = {"type": "integer", "minimum": 1, "default": default, "description": f"Above {most} counts as {most}."}
    return Annotated[int, BeforeValidator(_spelt_integer), Field(ge=1), lowered(most), WithJsonSchema(schema)]


Cursor = Annotated[Text | None, AfterValidator(lambda text: text and _id_at(text))]


def _id_at(cursor: str) -> str:
    """The id of the thing a list goes on after."""
    try:
        return cursors.read(cursor).id
    except Invalid as error:
        raise ValueError("this is not a cursor that a list gave; begin again without it") from error


def check_json(value: dict[str, Any]) -> dict[str, Any]:
    """A caller's own JSON object: at most 16 KiB and 8 levels deep, and nothing that no database keeps."""
    _check_node(value, 1)
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) > META_BYTES:
        raise ValueError(f"it is larger than {META_BYTES // 1024} KiB")
    return value


def _check_node(node: Any, depth: int) -> None:
    if isinstance(node, (dict, list)) and depth > META_DEPTH:
        raise ValueError(f"it is nested deeper than {META_DEPTH} levels")
    if isinstance(node, dict):
        for name, part in node.items():
            _text(name)
            _check_node(part, depth + 1)
    elif isinstance(node, list):
        for part in node:
            _check_node(part, depth + 1)
    elif isinstance(node, str):
        _text(node)
    elif isinstance(node, float) and not math.isfinite(node):
        raise ValueError("it holds a number that JSON does not have")
    elif isinstance(node, int) and not isinstance(node, bool) and abs(node) > MAX_INT:
        raise ValueError("it holds an integer beyond 53 bits")


JsonObject = Annotated[dict[str, Any], AfterValidator(check_json)]


# `defer_build`: pydantic compiles a model when it is first used. All of them together are a good part of what the
# start of a web process takes, and nobody waits for them who only looks at pages.


class Query(BaseModel):
    """Parameters of an address. Unknown names are ignored; a name that is repeated counts once."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)


class Input(BaseModel):
    """A JSON body. Types are not converted: `"5"` is no number and `1` is no boolean."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, populate_by_name=True, defer_build=True)


class Output(BaseModel):
    """What is answered. A field that is not given is left out; one that is not known is a mistake of ours."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True, defer_build=True)


class CursorPages(Query):
    """A page of a list that goes on after a thing, whatever is made or deleted meanwhile."""

    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Cursor = Field(None, description="`nextCursor` of the page before.")

    @property
    def after(self) -> str | None:
        """The id of the thing after which the page begins."""
        return self.cursor
