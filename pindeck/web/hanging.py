"""How pictures hang on the page that is asked for: what its address says, else what was kept, else the usual; and choosing it."""

from functools import cached_property
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import invalid
from pindeck.http.auth import is_secure, public
from pindeck.services.accounts import hanging
from pindeck.services.accounts.hanging import LARGEST_PX, OFFERED, SMALLEST_PX, USUAL, Area, Hung, Layout
from pindeck.web import tweaks
from pindeck.web.rendering import back, is_htmx, safe_path, show

bp = Blueprint("hanging", __name__, url_prefix="/view")
COOKIE = "pindeck_views"

# Which area the pages of a blueprint belong to, and what their addresses name there.
AREAS = {
    "gallery": (Area.GALLERY, ""), "choosing": (Area.GALLERY, ""), "colours": (Area.GALLERY, ""), "review": (Area.REVIEW, ""),
    "places": (Area.PROJECT, "slug"), "boards": (Area.BOARD, "board_id"), "board_pictures": (Area.BOARD, "board_id"),
}  # fmt: skip


class Named(NamedTuple):
    name: str
    icon: str


NAMES = {
    Layout.WALL: Named("Wall", "images"),
    Layout.MASONRY: Named("Columns", "images"),
    Layout.SHEET: Named("Contact sheet", "images"),
    Layout.CAPTIONS: Named("Captions", "images"),
    Layout.PROJECTS: Named("Rows of projects", "folder"),
    Layout.SREFS: Named("Rows of style references", "folder"),
    Layout.TABLE: Named("Table", "images"),
}

# The height of a row in pixels as each density has it; the same as in tokens.css.
SIZES = {"dense": 136, "cozy": 180, "comfortable": 260}
STEPS = {"Small": 110, "Medium": 180, "Large": 260, "Very large": 360}
GROWS = 1.17  # a row is as high as it takes to fill the width
ON_SMALL = 0.52  # of the height, on a phone


class Here:
    """What hangs on this page and how, for services and templates. Nothing is read before somebody asks."""

    @cached_property
    def area(self) -> Area | None:
        area, named = AREAS.get(request.blueprint or "", (None, ""))
        return area if not named or named in (request.view_args or {}) else None

    @cached_property
    def asked(self) -> Layout | None:
        """The view that the address names, which is that of whoever gave it away; or the form that was read."""
        if self.area is None:
            return None
        given = request.values if "form" in vars(request) else request.args  # a page of an error waits for no form
        return hanging.layout_of(self.area, given.get("view") or given.get("rows"))

    @cached_property
    def hung(self) -> Hung:
        kept = kept_for(self.area) if self.area else USUAL
        return kept if self.asked is None else Hung(self.asked, kept.size_px, kept.columns)

    @property
    def view(self) -> Layout:
        return self.hung.layout

    @property
    def name(self) -> str:
        return NAMES[self.view].name

    @cached_property
    def row_px(self) -> int:
        density = tweaks.Tweaks.parse(request.cookies.get(tweaks.COOKIE)).density
        return self.hung.size_px or SIZES[density]

    @cached_property
    def style(self) -> str:
        """What tells the style sheet of the size; empty for that of the density."""
        size = self.hung.size_px
        return f"--row:{size}px;--small-row:{round(size * ON_SMALL)}px" if size else ""

    @cached_property
    def widths(self) -> "Widths":
        return Widths(self.row_px, in_columns=self.view in (Layout.MASONRY, Layout.SHEET))


class Widths(dict[float, int]):
    """How many pixels wide a picture stands there, by the ratio of its sides: the fifty of a page have a few of them."""

    def __init__(self, row_px: int, *, in_columns: bool) -> None:
        self._row_px = row_px
        self._in_columns = in_columns

    def __missing__(self, ratio: float) -> int:
        self[ratio] = px = round(self._row_px * 1.5) if self._in_columns else int(ratio * self._row_px * GROWS)
        return px


def here() -> Here:
    """The same for all of a request."""
    if "hanging" not in g:
        g.hanging = Here()
    return g.hanging  # type: ignore[no-any-return]


def kept_for(area: Area) -> Hung:
    """What the person chose, in the row of the account or in the cookie of the browser."""
    chosen = hanging.of(g.actor, area) if hanging.keeps(g.actor) else None
    return chosen or hanging.read(request.cookies.get(COOKIE, "")).get(area, USUAL)


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """The views of an area and the size of its tiles: in a menu of the page, and as a page without scripts."""
    area = _area(request.args.get("at", ""))
    kept = kept_for(area)
    named = hanging.layout_of(area, request.args.get("view")) or kept.layout
    return show(
        "hanging/page.html",
        "hanging/_views.html",
        area=area,
        layouts=[(layout, NAMES[layout], layout == named) for layout in OFFERED[area]],
        size=kept.size_px or here().row_px,
        chosen_px=kept.size_px,
        steps=STEPS,
        bounds=(SMALLEST_PX, LARGEST_PX),
        next=safe_path(request.args.get("next"), url_for("gallery.index")),
    )


@bp.post("")
@public
def choose() -> ResponseReturnValue:
    """Keep what was chosen, with the account or in a cookie."""
    area = _area(request.form.get("at", ""))
    given = {name: request.form[name] for name in ("view", "size", "columns") if name in request.form}
    if "choose" in request.form:
        given["columns"] = _columns()
    if hanging.keeps(g.actor):
        hanging.keep(g.actor, area, given)
        return _chosen(given)
    chosen = hanging.read(request.cookies.get(COOKIE, ""))
    chosen[area] = chosen.get(area, USUAL).changed(area, given)
    response = make_response(_chosen(given))
    response.set_cookie(COOKIE, hanging.write(chosen), max_age=31536000, samesite="Lax", secure=is_secure())
    return response


def _columns() -> str:
    """The columns of a form with check boxes, with their widths; none for the usual ones."""
    form, chosen = request.form, request.form["choose"]
    names = {"all": [name.removeprefix("width-") for name in form if name.startswith("width-")], "usual": []}
    some = names.get(chosen, ["title", *form.getlist("column")])
    return "~".join(f"{name}:{form[f'width-{name}']}" if form.get(f"width-{name}") else name for name in some)


def _chosen(given: dict[str, str]) -> ResponseReturnValue:
    if is_htmx():
        return "", 204
    home = back(url_for("gallery.index"))
    return redirect(_with_view(home, given["view"]) if "view" in given else home, 303)


def _with_view(address: str, view: str) -> str:
    """The address says which view it shows, so that it can be given away; a place in another view means nothing."""
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("view", "rows", "after", "many")]
    return f"{parts.path}?{urlencode([*kept, ('view', view)])}"


def _area(text: str) -> Area:
    if text not in set(Area):
        raise invalid("at", f"Choose one of {', '.join(Area)}.")
    return Area(text)
