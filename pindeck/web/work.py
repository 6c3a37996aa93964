"""What the workers do, as a page that follows it: filtered by kind and state, cancelled and tried again."""

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import queue
from pindeck.errors import Invalid
from pindeck.http.auth import access_to
from pindeck.services.images import image_urls
from pindeck.services.maintenance import work
from pindeck.states import WorkState
from pindeck.web.params import clean_query
from pindeck.web.rendering import done, show, wants_fragment

bp = Blueprint("work", __name__)

ACTIVE_S, IDLE_S = 2, 15  # how often the page asks again: while something is under way, and otherwise


@bp.get("/work")
@access_to("upload")
def index() -> ResponseReturnValue:
    """The fragment has an ETag, so that asking again costs nothing while nothing changed."""
    if wants_fragment():
        return _conditional(render_template("work/_list.html", **_page()))
    return show("work/page.html", "work/_list.html", **_page())


@bp.get("/jobs/panel")
@access_to("upload")
def panel() -> ResponseReturnValue:
    """The list in few lines, for the panel of the bar; whoever has no script has the page."""
    if not wants_fragment():
        return redirect(url_for(".index"), 303)
    found = work.glance(g.actor)
    small = image_urls.small_of([view.image for view in found.views if view.image is not None])
    every_s = ACTIVE_S if found.counts.running or found.counts.waiting else IDLE_S
    return _conditional(render_template("work/_panel.html", work=found, small=small, every_s=every_s))


@bp.get("/jobs/badge")
@access_to("upload")
def badge() -> ResponseReturnValue:
    """The number in the bar, which asks again only while something is under way."""
    if not wants_fragment():
        return redirect(url_for(".index"), 303)
    return _conditional(render_template("work/_badge.html", under_way=work.count_under_way(g.actor), wants_counts=True))


def _conditional(text: str) -> ResponseReturnValue:
    response = make_response(text)
    response.add_etag()
    return response.make_conditional(request)


def _page() -> dict[str, Any]:
    state = _state(request.args.get("state", ""))
    kind = request.args.get("kind", "")
    kind = kind if kind in queue.SPECS else ""
    after = clean_query(request.args.get("after", "")) or None
    try:
        found = work.look(g.actor, state=state, kind=kind or None, after=after)
    except Invalid:  # a cursor that no list gave
        after = None
        found = work.look(g.actor, state=state, kind=kind or None)
    shown = [view.image for view in found.views if view.image is not None]
    return {
        "work": found,
        "small": image_urls.small_of(shown),
        "states": list(WorkState),
        "state": state,
        "kinds": [(spec.kind, spec.label) for spec in queue.SPECS.values()],
        "kind": kind,
        "asked": {"state": state, "kind": kind or None, "after": after},
        "under_way": work.count_under_way(g.actor),
        "every_s": ACTIVE_S if found.counts.running or found.counts.waiting else IDLE_S,
        "wants_counts": wants_fragment(),
        "hides_chores": g.actor.is_admin and not (state or kind),
        "next_url": url_for(".index", after=found.next_after, state=state, kind=kind or None) if found.next_after else None,
    }


def _state(text: str) -> WorkState | None:
    return WorkState(text) if text in [*WorkState] else None


@bp.post("/jobs/<job_id>/cancel")
@access_to("upload")
def cancel(job_id: str) -> ResponseReturnValue:
    from pindeck.services.maintenance import work_control

    ended = work_control.cancel(g.actor, job_id)
    return _again("It is cancelled." if ended else "It stops at its next step.")


@bp.post("/jobs/<job_id>/retry")
@access_to("upload")
def retry(job_id: str) -> ResponseReturnValue:
    from pindeck.services.maintenance import work_control

    work_control.retry(g.actor, job_id)
    return _again("It is tried again.")


def _again(toast: str) -> ResponseReturnValue:
    shown = _page()
    return done("work/_list.html", back_to=url_for(".index", **shown["asked"]), toast=toast, **shown)
