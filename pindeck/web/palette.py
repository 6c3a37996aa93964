"""The command palette: one field that leads to places, pictures, people, boards, tags and settings, and what is done with a selection.

A script opens it as a dialog and adds the acts of the selection that stand on the page; without scripts it is a page.
"""

from itertools import islice
from typing import NamedTuple

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.access import can
from pindeck.http.auth import access_to
from pindeck.services.images.projects import name_key
from pindeck.web import searches
from pindeck.web.navigation import VIEWS
from pindeck.web.params import clean_query
from pindeck.web.rendering import aims_at, show
from pindeck.web.views import tile_of

bp = Blueprint("palette", __name__)

RESULTS = "go-results"
MOST_KEPT = 8


class Door(NamedTuple):
    """A page that has a name: `action` is asked of who may go there."""

    name: str
    endpoint: str
    icon: str
    action: str = ""
    view: str = ""


DOORS = (
    *(Door(view.name, view.endpoint, view.icon, view.action) for view in VIEWS),
    Door("People", "places.people", "users"),
    Door("Projects in rows", "gallery.index", "images", view="project"),
    Door("Style references in rows", "gallery.index", "images", view="sref"),
    Door("Narrow by facets", "facets.index", "search"),
    Door("Colours", "colours.index", "image"),
    Door("Duplicates", "duplicates.index", "copy", "twins.view"),
    Door("Searches", "searches.index", "search", "search.view"),
    Door("Choose pictures", "choosing.index", "check", "account"),
    Door("What you did", "actions.index", "history", "upload"),
    Door("Your account", "accounts.index", "user", "account"),
    Door("Keys", "keys.index", "keyboard"),
    Door("Feeds", "feeds.index", "rss", "account"),
    Door("People and accounts", "admin.users", "users", "admin"),
    Door("Describe many", "rounds.index", "sparkles", "describe"),
    Door("Tidy the tags", "gardening.index", "search", "account"),
    Door("Tidy the fields", "field_gardening.index", "search", "account"),
    Door("Vocabulary", "vocabulary.index", "settings-2", "tags.tend"),
    Door("Vision model", "describing.index", "sparkles", "admin"),
    Door("Programs", "programs.index", "link", "admin"),
    Door("Discord", "linking.index", "inbox", "admin"),
    Door("Webhooks", "webhooks.index", "rss", "admin"),
    Door("Workers", "admin.workers", "activity", "admin"),
    Door("Damaged files", "damage.index", "image", "admin"),
    Door("Audit", "audit.index", "history", "admin"),
)


class Line(NamedTuple):
    group: str
    name: str
    url: str
    icon: str = ""
    picture: str = ""


@bp.get("/go")
@access_to("library.view")
def index() -> ResponseReturnValue:
    text = clean_query(request.args.get("q", ""))
    fragment = "palette/_results.html" if aims_at(RESULTS) else "palette/_palette.html"
    return show("palette/page.html", fragment, lines=[*_doors(text), *_kept(text), *_found(text)], text=text)


def _doors(text: str) -> list[Line]:
    key = name_key(text)
    return [
        Line("Go to", door.name, url_for(door.endpoint, view=door.view or None), door.icon)
        for door in DOORS
        if key in name_key(door.name) and (not door.action or can(g.actor, door.action))
    ]


def _kept(text: str) -> list[Line]:
    named = (each for each in searches.kept() if name_key(text) in name_key(each.row.name))
    return [Line("Searches", each.row.name, each.url, "search") for each in islice(named, MOST_KEPT)]


def _found(text: str) -> list[Line]:
    from pindeck.services.library import finding

    found = finding.find(g.actor, text)
    tiles = [tile_of(image, liked=False) for image in found.pictures]
    lines = [Line("Projects", name, url_for("places.project", slug=slug), "folder") for slug, name in found.projects]
    lines += [Line("People", name, url_for("places.person", user_id=user_id), "user") for user_id, name in found.people]
    lines += [Line("Boards", name, url_for("boards.page", board_id=board_id), "pin") for board_id, name in found.boards]
    lines += [Line("Tags", f"#{tag}", url_for("gallery.index", tag=tag), "search") for tag in found.tags]
    lines += [Line("Pictures", tile.title, tile.url, picture=tile.small) for tile in tiles]
    if text:
        lines.append(Line("Search", f"“{text}” in the gallery", url_for("gallery.index", q=text), "search"))
    return lines
