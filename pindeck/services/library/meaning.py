"""What a meaning of a field is, and the two ways in which pictures are asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import SQL, Value, fn

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.library.query import Rows

FEW = 5000  # that are looked up along an index of their own sooner than the library is walked


class BoundValue(NamedTuple):
    """A value on its way into SQL: `form` is what changes the words, `values` fill its slots. `is_few` says that few pictures
    have it, so that they may be looked up one by one."""

    form: Any = ""
    values: tuple[Any, ...] = ()
    is_few: bool = False


Slots = list[Any]


@dataclass(frozen=True)
class Meaning:
    """`ask` gives None for a value that no picture has. `condition` is made for a form and its slots. `lead` narrows a list by it,
    where that is quicker than asking each picture: along a table that lies in the order of the pictures."""

    ask: Callable[[Any, Actor], BoundValue | None]
    condition: Callable[[Any, Slots], Any]
    lead: Callable[[Rows, Any, Slots], Rows] | None = None


def plain(value: Any) -> Any:
    """As it is: a column of whole numbers would cut what is compared with it."""
    return Value(value, converter=False)


# What few have, along an index of its own

On = Callable[[Any, Any, Slots], Any]  # a condition on a table of images, for a form and its slots


def along(name: str, ask: Callable[[Any, Actor], BoundValue | None], on: On) -> Meaning:
    """A condition that has an index: pictures are looked up by it where few have it, and asked on the way where many have."""
    LOOKED_UP[name] = on

    def asked(value: Any, actor: Actor) -> BoundValue | None:
        found = ask(value, actor)
        return found and found._replace(form=(found.form, _are_few(name, found)))

    def condition(form: Any, slots: Slots) -> Any:
        inner, is_few = form
        if not is_few:
            return on(Image, inner, slots)
        other = Image.alias()
        return Image.seq.in_(other.select(other.seq).where(on(other, inner, slots)))

    return Meaning(asked, condition)


LOOKED_UP: dict[str, On] = {}


def _are_few(name: str, asked: BoundValue) -> bool:
    """No more rows are counted than that takes."""
    values = {f"v{n}": value for n, value in enumerate(asked.values)}
    return int(_counted(name, asked.form).rows(**values, most=FEW + 1)[0][0]) <= FEW


@db.per_engine
def _counted(name: str, form: Any) -> db.PreparedQuery:
    slots = [db.Param(f"v{n}") for n in range(len(form))]
    some = Image.select(SQL("1")).where(LOOKED_UP[name](Image, form, slots)).limit(db.Param("most"))
    return db.PreparedQuery.of(Image.select(fn.COUNT(SQL("*"))).from_(some.alias("some")))
