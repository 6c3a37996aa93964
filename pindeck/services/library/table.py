"""The library as a table: its columns, and a page of its rows. Reads only.

A page costs a constant number of statements: the images, the tags and the projects of all, and the craft where it is shown.
"""

from dataclasses import dataclass, replace

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import ledger
from pindeck.services.images.fields import FIELDS, Value
from pindeck.services.library import query, sorting
from pindeck.services.library.gallery import GALLERY
from pindeck.services.library.query import NOTHING, Listing, Wanted
from pindeck.services.library.sorting import Sort
from pindeck.terms import CRAFT
from pindeck.vocabulary import HIDDEN_TAGS

PAGE = 50
NARROWEST_PX, WIDEST_PX = 48, 900
TABLE: Listing = replace(GALLERY, columns=query.everything())


@dataclass(frozen=True)
class Column:
    """`px` is its usual width. A heading that `sorts` leads to the first order, and from there to the second, if there is one."""

    name: str
    label: str
    px: int
    sorts: tuple[Sort, ...] = ()

    @property
    def is_field(self) -> bool:
        """Whether its cells can be edited."""
        return self.name in FIELDS


def _field(name: str, px: int, *sorts: Sort) -> Column:
    return Column(name, FIELDS[name].label, px, sorts)


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        _field("title", 260, Sort.NAME),
        Column("date", "Date", 120, (Sort.NEWEST, Sort.OLDEST)),
        _field("project", 150, Sort.PROJECT),
        _field("group", 110, Sort.TYPE),
        _field("category", 110, Sort.CATEGORY),
        _field("genre", 110, Sort.GENRE),
        _field("shot", 110, Sort.SHOT),
        _field("style", 110, Sort.STYLE),
        _field("tags", 200, Sort.TAG_WORDS, Sort.TAGS),
        Column("colors", "Palette", 110, (Sort.HUE,)),
        _field("sref", 130, Sort.SREF),
        _field("description", 260, Sort.DESCRIPTION),
        _field("source", 160, Sort.CREDIT),
        _field("rights", 130),
        *(_field(name, 120, Sort(name)) for name in CRAFT if name not in ("genre", "shot", "style")),
        Column("likes", "Likes", 70, (Sort.LIKES,)),
        Column("views", "Views", 70, (Sort.VIEWS,)),
        Column("pixels", "Pixels", 110, (Sort.PIXELS,)),
    )
}
USUAL = ("date", "group", "genre", "shot", "style", "tags", "colors", "sref", "likes", "views")


def columns_of(text: str) -> list[Column]:
    """Those that a person chose, with their widths; the title is always the first. What is no column is left out."""
    named = [part.partition(":")[::2] for part in text.split("~")] if text else []
    chosen = {name: px for name, px in named if name in COLUMNS} or dict.fromkeys(USUAL, "")
    chosen = {"title": chosen.get("title", ""), **chosen}
    return [_wide(COLUMNS[name], px) for name, px in chosen.items()]


def _wide(column: Column, px: str) -> Column:
    return replace(column, px=min(max(int(px), NARROWEST_PX), WIDEST_PX)) if px.isascii() and px.isdigit() else column


@dataclass(frozen=True)
class Line:
    """A picture as a row; `values` are those of the columns that are fields."""

    image: Image
    values: dict[str, Value]
    can_edit: bool


def list_page(
    actor: Actor, wanted: Wanted = NOTHING, sort: Sort = Sort.NEWEST, *, columns: list[Column], after: str | None = None, limit: int = PAGE
) -> tuple[list[Line], str | None]:
    """The next rows, and where the page after them begins. Raises NotSignedIn where the library is private."""
    access.require(actor, "library.view")
    found, following = sorting.page(TABLE, actor, wanted, sort, after=after, limit=limit)
    images = [Image.of_row(row) for row in found]
    names = [column.name for column in columns if column.is_field]
    values = ledger.values_of_many(images, names) if images else {}
    return [Line(image, _shown(values[image.id]), access.can(actor, "image.edit", image)) for image in images], following


def _shown(values: dict[str, Value]) -> dict[str, Value]:
    """Without the tags that no page shows."""
    tags = values.get("tags")
    return {**values, "tags": [tag for tag in tags if tag not in HIDDEN_TAGS]} if isinstance(tags, list) else values
