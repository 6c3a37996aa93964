"""The gallery as a table: its rows, cells that are edited in place, and ranges that are pasted from a spreadsheet."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Invalid, invalid
from pindeck.http.auth import access_to
from pindeck.services.images import detail, image_urls, project_words, together
from pindeck.services.images.fields import FIELDS
from pindeck.services.library import sorting, table
from pindeck.services.library.sorting import Sort
from pindeck.services.library.table import Column, Line
from pindeck.web import asking
from pindeck.web.actions import undo_url
from pindeck.web.filtering import FilterBar
from pindeck.web.hanging import here
from pindeck.web.rendering import back, done, show, wants_fragment

bp = Blueprint("table", __name__, url_prefix="/table")
SHOWN = 200  # cells of a preview


@dataclass(frozen=True)
class Head:
    """A heading: the address that sorts by it, and how it is sorted now as `aria-sort` says it."""

    column: Column
    url: str
    sorted: str


@dataclass(frozen=True)
class Table:
    heads: list[Head]
    lines: list[Line]
    small: dict[str, str]
    next_after: str | None
    since: int

    @property
    def can_edit(self) -> bool:
        return any(line.can_edit for line in self.lines)

    @property
    def editable(self) -> list[str]:
        """The columns that a range can be pasted into, from the left."""
        return [head.column.name for head in self.heads if head.column.is_field]


def of(bar: FilterBar, after: str | None) -> Table:
    sort = bar.order
    columns = table.columns_of(here().hung.columns)
    lines, following = table.list_page(g.actor, bar.wanted, sort, columns=columns, after=after)
    small = image_urls.small_of([line.image for line in lines])
    return Table([_head(bar, sort, each) for each in columns], lines, small, following, together.last_event())


def _head(bar: FilterBar, sort: Sort, column: Column) -> Head:
    if not column.sorts:
        return Head(column, "", "")
    is_on = sort in column.sorts
    following = column.sorts[(column.sorts.index(sort) + 1) % len(column.sorts)] if is_on else column.sorts[0]
    falls = sort not in sorting.UP
    return Head(column, bar.sorted_by(following), ("descending" if falls else "ascending") if is_on else "none")


@bp.get("/<image_id>/<name>")
@access_to("account")
def cell(image_id: str, name: str) -> ResponseReturnValue:
    """The editor of a cell."""
    return _editor(image_id, detail.field_of(g.actor, image_id, name))


def _editor(image_id: str, view: detail.FieldView, status: int = 200) -> ResponseReturnValue:
    save_url = url_for(".edit", image_id=image_id, name=view.name)
    return show("table/cell.html", "images/_field.html", status, image_id=image_id, field=view, save_url=save_url)


@bp.post("/<image_id>/<name>")
@access_to("account")
def edit(image_id: str, name: str) -> ResponseReturnValue:
    """Write one cell: the answer is what stands there now, or the editor with what is wrong."""
    form = request.form
    based_on = form.get("based_on", type=int)
    view, action = detail.edit_field(
        g.actor, image_id, name, form.get("value", ""), based_on=based_on, confirmed=form.get("new")
    )
    if view.error and not wants_fragment() and view.new is not None:
        return asking.page_of_word(view.new, str(view.error), back(url_for("gallery.index")), view.released)
    if view.error:
        return _editor(image_id, view, 409 if view.theirs is not None else 422)
    told = f"{view.label} saved. {project_words.told(view.released)}".strip() if action else None
    return done("table/_cell.html", back_to=back(url_for("gallery.index")), toast=told, undo=undo_url(action),
                name=name, value=view.value)  # fmt: skip


@bp.post("/paste")
@access_to("account")
def paste() -> ResponseReturnValue:
    """What would change and what is refused; nothing is changed. Without a text it is asked for."""
    return _preview() if "text" in request.form else make_response(_page())


@bp.post("/paste/apply")
@access_to("account")
def apply() -> ResponseReturnValue:
    """Write what the preview showed, as one step of the history."""
    from pindeck.services.images import pasting

    try:
        action, plan = pasting.paste(g.actor, _ids(), _names(), request.form.get("text", ""), since=_since())
    except Invalid as error:
        return make_response(_page(error=error.fields.get("text", error.message)), 422)
    changed = len(plan.changes)
    told = f"{changed} {'cell was' if changed == 1 else 'cells were'} changed." if action else "Nothing was changed."
    left = f" {len(plan.refused)} {'was' if len(plan.refused) == 1 else 'were'} refused." if plan.refused else ""
    lost = f" {project_words.told(plan.released)}" if action and plan.released else ""
    return done(None, back_to=back(url_for("gallery.index")), toast=told + left + lost, undo=undo_url(action), changes_page=True)


def _preview() -> ResponseReturnValue:
    from pindeck.services.images import pasting

    try:
        plan = pasting.foretell(g.actor, _ids(), _names(), request.form["text"], since=_since())
    except Invalid as error:
        return make_response(_page(error=error.fields.get("text", error.message)), 422)
    return make_response(_page(plan=plan))


def _page(**more: Any) -> ResponseReturnValue:
    names = _names()
    return show(
        "table/paste.html", "table/_paste.html", text=request.form.get("text", ""), ids=_ids(), names=names,
        labels=[FIELDS[name].label for name in names], since=_since(), next=back(url_for("gallery.index")), shown=SHOWN, **more,
    )  # fmt: skip


def _ids() -> list[str]:
    ids = request.form.get("ids", "").split()
    if not ids or len(ids) > 5_000:
        raise invalid("ids", "Choose the picture in whose row the range begins.")
    return ids


def _names() -> list[str]:
    names = request.form.get("columns", "").split()
    if not names or any(name not in FIELDS for name in names):
        raise invalid("columns", "Choose the column in which the range begins, of those that can be edited.")
    return names


def _since() -> int:
    since = request.form.get("since", "")
    return int(since) if since.isascii() and since.isdigit() and len(since) < 19 else together.last_event()
