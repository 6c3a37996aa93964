"""Sources: the list of them, and each with its runs, what was found there, and the pictures that wait."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.errors import Invalid, invalid
from pindeck.http.auth import access_to
from pindeck.search.editing import spelt
from pindeck.services import jobs
from pindeck.services.images import image_urls
from pindeck.services.images import projects as known_projects
from pindeck.services.ingest.sources import items, kinds, runs, sources
from pindeck.services.ingest.sources.kinds import Kind
from pindeck.states import ImageStatus, SourceKind
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import done, go, show

bp = Blueprint("sources", __name__, url_prefix="/sources")

SHOWN, ITEMS_SHOWN = 25, 50
EVERY = {60: "Every hour", 360: "Every 6 hours", 1440: "Every day", 10080: "Every week"}


def _list() -> dict[str, Any]:
    after = clean_query(request.args.get("after", "")) or None
    found, more = sources.list_page(g.actor, limit=SHOWN, after=after)
    return {
        "sources": found,
        "pictures_of": _pictures_of,
        "kinds": kinds.offered(g.actor),
        "every": EVERY,
        "projects": known_projects.names(g.actor),
        "errors": {},
        "form": {},
        "is_first": after is None,
        "next_url": url_for(".index", after=more) if more else None,
    }


def _pictures_of(name: str) -> str:
    """The gallery with what a source of this name has brought."""
    return url_for("gallery.index", q=spelt("from", [name]))


@bp.get("")
@access_to("source.view")
def index() -> ResponseReturnValue:
    return show("sources/index.html", "sources/_list.html", **_list())


@bp.post("/create")
@access_to("source.edit")
def create() -> ResponseReturnValue:
    try:
        kind = request.form.get("kind", "")
        made = sources.create(g.actor, kind, **_given(kinds.of(g.actor, kind)))
    except Invalid as error:
        return show("sources/index.html", "sources/_list.html", 422, **{**_list(), "errors": error.fields, "form": request.form})
    return go(url_for(".page", source_id=made.source.id))


def _given(kind: Kind) -> dict[str, Any]:
    """The form in the words of the service. Raises Invalid."""
    form = request.form
    every = form.get("every_minutes", "")
    if every and not (every.isascii() and every.isdigit() and len(every) < 8):
        raise invalid("every_minutes", "Choose how often it is read.")
    return {
        kind.place: form.get(kind.place, ""),
        "name": form.get("name", ""),
        "project": form.get("project", ""),
        "tags": form.get("tags", ""),
        "moderated": "moderated" in form,
        "every_minutes": int(every) if every else None,
    }


def _one(source_id: str) -> dict[str, Any]:
    view = sources.get(g.actor, source_id)
    after = clean_query(request.args.get("after", "")) or None
    found, more = items.list_page(g.actor, source_id, limit=ITEMS_SHOWN, after=after)
    images = [each.image for each in found if each.image]
    history = items.list_runs(g.actor, source_id)
    return {
        "view": view,
        "source": view.source,
        "pictures_of": _pictures_of,
        "kind": kinds.KINDS[SourceKind(view.source.kind)],
        "items": found,
        "waiting": [
            image
            for image in images
            if image.status == ImageStatus.PENDING and not image.is_trashed and access.can(g.actor, "image.publish", image)
        ],
        "small": image_urls.small_of(image for image in images if not image.is_trashed),
        "runs": history,
        "counts": items.count_by_state(g.actor, source_id),
        "is_running": bool(history) and history[0].status == "running",
        "every": EVERY,
        "projects": known_projects.names(g.actor),
        "errors": {},
        "form": None,
        "here_url": url_for(".page", source_id=source_id, after=after),
        "next_url": url_for(".page", source_id=source_id, after=more) if more else None,
    }


@bp.get("/<source_id>")
@access_to("source.view")
def page(source_id: str) -> ResponseReturnValue:
    return show("sources/page.html", "sources/_source.html", **_one(source_id))


@bp.post("/<source_id>/change")
@access_to("source.edit")
def change(source_id: str) -> ResponseReturnValue:
    try:
        kind = kinds.KINDS[SourceKind(sources.get(g.actor, source_id).source.kind)]
        sources.update(g.actor, source_id, **_given(kind))
    except Invalid as error:
        wrong = {**_one(source_id), "errors": error.fields, "form": request.form}
        return show("sources/page.html", "sources/_source.html", 422, **wrong)
    return _changed(source_id, "Saved. Pictures that are there already do not change.")


def _changed(source_id: str, toast: str, undo: str | None = None) -> ResponseReturnValue:
    back_to = url_for(".page", source_id=source_id)
    return done("sources/_source.html", back_to=back_to, toast=toast, undo=undo, **_one(source_id))


@bp.post("/<source_id>/run")
@access_to("source.edit")
def run(source_id: str) -> ResponseReturnValue:
    runs.run(g.actor, source_id)
    return _changed(source_id, "A worker reads it now.")


@bp.post("/<source_id>/pause")
@access_to("source.edit")
def pause(source_id: str) -> ResponseReturnValue:
    sources.update(g.actor, source_id, paused=True)
    return _changed(source_id, "Paused. It is read only when you run it.")


@bp.post("/<source_id>/resume")
@access_to("source.edit")
def resume(source_id: str) -> ResponseReturnValue:
    sources.update(g.actor, source_id, paused=False)
    return _changed(source_id, "It is read on schedule again.")


@bp.post("/<source_id>/delete")
@access_to("source.edit")
def delete(source_id: str) -> ResponseReturnValue:
    sources.delete(g.actor, source_id)
    return go(url_for(".index"))


@bp.post("/<source_id>/keep")
@access_to("source.edit")
def keep(source_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.sources import deciding

    kept = deciding.keep(g.actor, source_id, request.form.getlist("ids"))
    told = [f"{_pictures(kept.active)} in the library."] if kept.active or not kept.drafts else []
    if kept.drafts:
        told.append(f"{_pictures(kept.drafts)} in Review, for you to publish.")
    return _changed(source_id, " ".join([*told, *([kept.reason] if kept.reason else [])]), undo=undo_url(kept.action_id))


@bp.post("/<source_id>/discard")
@access_to("source.edit")
def discard(source_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.sources import deciding

    gone, action_id = deciding.discard(g.actor, source_id, request.form.getlist("ids"))
    return _changed(source_id, f"{_pictures(gone)} in the trash.", undo=undo_url(action_id))


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count or 'No'} pictures are"


@bp.post("/<source_id>/test")
@access_to("source.edit")
def test(source_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.sources import trying

    job = trying.ask(g.actor, source_id)
    back_to = url_for(".tested", source_id=source_id, job_id=job.id)
    return done("sources/_test.html", back_to=back_to, test=jobs.asked_for(g.actor, job.id), source_id=source_id)


@bp.get("/<source_id>/tests/<job_id>")
@access_to("source.edit")
def tested(source_id: str, job_id: str) -> ResponseReturnValue:
    """What a test found, or that it still looks."""
    from pindeck.services.ingest.sources import trying

    test = trying.result_of(g.actor, source_id, job_id)
    return show("sources/page.html", "sources/_test.html", **_one(source_id), test=test, source_id=source_id)
