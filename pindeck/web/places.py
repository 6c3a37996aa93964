"""Projects and people as places: their lists, a project's row of pictures, and what is done to a project."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.http.auth import access_to
from pindeck.services.images import arranging, large, project_words
from pindeck.services.images import projects as known_projects
from pindeck.services.library import places
from pindeck.services.library.places import ShownProject
from pindeck.web import asking
from pindeck.web.actions import runs, undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, go, show, wants_fragment
from pindeck.web.views import tile_of, tiles_of

bp = Blueprint("places", __name__)


def _after() -> str | None:
    return clean_query(request.args.get("after", "")) or None


# Projects


@bp.get("/projects")
@access_to("library.view")
def index() -> ResponseReturnValue:
    found, more = places.list_projects(g.actor, after=_after())
    cards = [(place, url_for(".project", slug=place.slug), _cover(place)) for place in found]
    next_url = url_for(".index", after=more) if more else None
    return show("projects/index.html", "projects/_cards.html", cards=cards, next_url=next_url, is_first=_after() is None)


def _cover(place: ShownProject) -> Any:
    return tile_of(place.shown[0], liked=False) if place.shown else None


@bp.get("/projects/<slug>")
@access_to("library.view")
def project(slug: str) -> ResponseReturnValue:
    place = places.find(g.actor, slug)
    if _after() and wants_fragment():
        return render_template("gallery/_items.html", **_row(place))
    return _page(place)


def _page(place: ShownProject, status: int = 200, **wrong: Any) -> ResponseReturnValue:
    context = {
        **_row(place),
        "head": places.head(g.actor, place),
        "cover": _cover(place),
        "others": known_projects.names(g.actor) if g.actor.is_curator else [],
        "errors": {},
        "form": {},
    }
    return show("projects/page.html", "projects/_row.html", status, **{**context, **wrong})


def _row(place: ShownProject) -> dict[str, Any]:
    page = places.row_page(g.actor, place, after=_after())
    more = url_for(".project", slug=place.slug, after=page.next_after) if page.next_after else None
    return {"place": place, "tiles": tiles_of(page), "next_url": more, "here": url_for(".project", slug=place.slug), "is_first": _after() is None}


@bp.post("/projects/<slug>/rename")
@access_to("project.edit")
def rename(slug: str) -> ResponseReturnValue:
    place = places.find(g.actor, slug)
    try:
        renamed, action_id = project_words.rename(g.actor, slug, request.form.get("name", ""))
    except (Invalid, Conflict) as error:
        wrong = getattr(error, "fields", None) or {"name": error.message}
        return _page(place, 422 if isinstance(error, Invalid) else 409, errors=wrong, form=request.form)
    toast = f"The project is called “{renamed.name}” now." if action_id else "Nothing was changed."
    return done(
        None, back_to=url_for(".project", slug=slug), toast=toast, undo=undo_url(action_id), swaps_itself=True, changes_page=True
    )


@bp.post("/projects/<slug>/merge")
@access_to("project.edit")
def merge(slug: str) -> ResponseReturnValue:
    """Asks first, because aliases do not go along."""
    place = places.find(g.actor, slug)
    try:
        target = _named(request.form.get("into", ""))
        ids, _, into = project_words.merge(g.actor, slug, target)
    except (Invalid, NotFound) as error:
        wrong = getattr(error, "fields", None) or {"into": error.message}
        return _page(place, 422, errors=wrong, form=request.form)
    if "confirmed" not in request.form:
        many = f"{len(ids):,} {'picture' if len(ids) == 1 else 'pictures'}"
        question = f"Move {many} from “{place.name}” to “{into.name}”?"
        lost, here = project_words.released_by(ids), url_for(".project", slug=slug)
        return asking.page(question, lost, [("into", into.name)], here, verb="Merge them")
    action_id, running = large.merge_projects(g.actor, slug, target)
    there = url_for(".project", slug=into.slug)
    if running:
        return runs(running, back_to=there)
    return done(None, back_to=there, toast=f"The pictures are in “{into.name}” now.", undo=undo_url(action_id), swaps_itself=True)


def _named(name: str) -> str:
    """The slug of a project by its name, of those that the actor finds. Raises Invalid."""
    found = known_projects.find_named(g.actor, clean_query(name))
    if found is None:
        raise Invalid("There is no such project.", fields={"into": "Choose a project from the list."})
    return found.slug


@bp.post("/projects/<slug>/put")
@access_to("upload")
def put(slug: str) -> ResponseReturnValue:
    """Pictures are put before or after another one of this row, or at its end."""
    form = request.form
    ids, before, after = form.getlist("ids"), form.get("before") or None, form.get("after") or None
    try:
        result = arranging.put(g.actor, slug, ids, before=before, after=after, confirmed="confirmed" in form)
    except Conflict as error:
        if error.code != project_words.RELEASES or wants_fragment():
            raise
        question, here = "Move what was chosen to this project?", url_for(".project", slug=slug)
        return asking.page(question, asking.lost_of(error), asking.sent(), here)
    return done(
        None, back_to=back(url_for(".project", slug=slug)), toast=_told(result, len(ids)),
        undo=undo_url(result.action_id), swaps_itself=True,
    )  # fmt: skip


def _told(result: arranging.Put, count: int) -> str:
    if result.action_id is None:
        return "Nothing was changed."
    name = "the row without a project" if result.project.is_default else f"“{result.project.name}”"
    released = f" {project_words.told(result.released)}" if result.released else ""
    return f"{'The picture has' if count == 1 else f'{count} pictures have'} a new place in {name}.{released}"


@bp.get("/projects/<slug>/arrange")
@access_to("upload")
def arrange(slug: str) -> ResponseReturnValue:
    """The same without dragging: every picture with its steps earlier and later, and the way to another project."""
    place = places.find(g.actor, slug)
    page = places.row_page(g.actor, place, after=_after())
    tiles = tiles_of(page)
    ids = [tile.id for tile in tiles]
    following = places.row_page(g.actor, place, after=page.next_after, limit=1).images if page.next_after else []
    later = [*ids[1:], *(image.id for image in following), None]
    lines = [(tile, ids[n - 1] if n else None, later[n]) for n, tile in enumerate(tiles)]
    more = url_for(".arrange", slug=slug, after=page.next_after) if page.next_after else None
    here = url_for(".arrange", slug=slug, after=_after())
    return render_template(
        "projects/arrange.html", place=place, lines=lines, next_url=more, here=here, others=known_projects.names(g.actor),
        aliases=arranging.aliases_of(ids),
    )  # fmt: skip


@bp.post("/projects/<slug>/move")
@access_to("upload")
def move(slug: str) -> ResponseReturnValue:
    """What was chosen goes to the end of another project, which is named."""
    try:
        target = _named(request.form.get("into", ""))
    except Invalid as error:
        raise Invalid(error.fields["into"], fields=error.fields) from error
    return put(target)


# People


@bp.get("/people")
@access_to("library.view")
def people() -> ResponseReturnValue:
    found, more = places.list_people(g.actor, after=_after())
    cards = [(person, url_for(".person", user_id=person.id), [tile_of(i, liked=False) for i in shown]) for person, shown in found]
    return show("people/index.html", "people/_cards.html", cards=cards, next_url=url_for(".people", after=more) if more else None)


@bp.get("/people/<user_id>")
@access_to("library.view")
def person(user_id: str) -> ResponseReturnValue:
    """The pictures of a person are a selection of the gallery, with all that it can do."""
    places.find_person(g.actor, user_id)
    return go(url_for("gallery.index", by=user_id))
