"""Filters by a table of pairs (tags, likes): for what few images have, the pairs lead, else the images do.

SQLite keeps no statistics, so it would walk through a whole library to find the three pictures of a tag, or collect a
third of it to show the newest fifty.
"""

from dataclasses import dataclass, replace
from typing import Any

from peewee import SQL, fn

from pindeck import db
from pindeck.models import Image
from pindeck.services.library.query import Filter, Rows

FEW = 500  # pairs that are looked up one by one sooner than a page of the library is walked


@dataclass(frozen=True)
class Pairs:
    """Two columns of one table: the id of an image, and what it has."""

    image: Any
    value: Any

    def has(self, value: Any) -> Any:
        """Each image on the way is asked whether it has it: soon full for what many have."""
        return fn.EXISTS(self.image.model.select(SQL("1")).where((self.image == Image.id) & (self.value == value)))

    def one_of_few(self, value: Any) -> Any:
        """The same for what few have: the images are looked up by their pairs."""
        other = Image.alias()
        ids = self.image.model.select(self.image).where(self.value == value)
        return Image.seq.in_(other.select(other.seq).where(other.id.in_(ids)))

    def narrow(self, rows: Rows, value: Any) -> Rows:
        return rows.where(self.has(value))

    def lead(self, filter: Filter) -> Filter:
        """The same filter, for what few have."""
        return replace(filter, narrow=lambda rows, value: rows.where(self.one_of_few(value)), instead=lambda filled: None)

    def are_few(self, value: Any) -> bool:
        """No more pairs are read than that takes."""
        return int(_counted(self).rows(value=value, most=FEW + 1)[0][0]) <= FEW


@db.per_engine
def _counted(pairs: Pairs) -> db.PreparedQuery:
    some = pairs.image.model.select(pairs.image).where(pairs.value == db.Param("value"))
    return db.PreparedQuery.of(Image.select(fn.COUNT(SQL("*"))).from_(some.limit(db.Param("most")).alias("some")))
