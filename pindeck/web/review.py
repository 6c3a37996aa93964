"""Review: one contact sheet of all that waits, decided one by one or together, with every key of a culling table."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck.errors import NotFound, invalid
from pindeck.http.auth import access_to
from pindeck.services.images import alike, review, same_bytes, trash
from pindeck.services.images.publishing import Published
from pindeck.services.images.review import Decided
from pindeck.services.library import filters, own, sheet
from pindeck.services.library.choices import Choice
from pindeck.services.library.query import Wanted
from pindeck.services.library.sheet_copies import COPIES, settled
from pindeck.states import PersistStatus
from pindeck.web import inspector, rounds
from pindeck.web.actions import runs, see_them, undo_url
from pindeck.web.filtering import FilterBar
from pindeck.web.hanging import here
from pindeck.web.params import chosen_ids, clean_query
from pindeck.web.rendering import back, done, go, retarget, show, wants_fragment
from pindeck.web.sheet import Sheet, tiles_of

bp = Blueprint("review", __name__, url_prefix="/review")
MOST_AGAIN = 300  # tiles that a sheet comes back with when it is read again


def _bar(endpoint: str = ".index") -> FilterBar:
    bar = FilterBar.read(url_for(endpoint), (*sheet.OF_SHEET, COPIES), request.args, g.actor)
    return replace(bar, view=str(here().asked or ""))


def _wanted() -> Wanted:
    """What the form shows: what came since the page was read is not meant by *all*."""
    until = request.form.get("until", "")
    if until and not (until.isascii() and until.isdigit() and len(until) < 19):
        raise invalid("until", "This is not a place in the list. Load the page again.")
    return settled(g.actor, {**_bar().wanted, **({sheet.UNTIL: int(until)} if until else {})})


def _page(bar: FilterBar) -> dict[str, Any]:
    after = clean_query(request.args.get("after", "")) or None
    many = min(max(request.args.get("many", 0, type=int), sheet.PAGE), MOST_AGAIN)
    wanted = settled(g.actor, bar.wanted)
    images, next_after = sheet.list_page(g.actor, wanted, after=after, limit=many)
    count, busy = sheet.count(g.actor, wanted)
    return {
        "tiles": tiles_of(g.actor, images),
        "until": sheet.newest(g.actor, wanted) if after else images[0].seq if images else 0,
        "next_url": bar.address(after=next_after) if next_after else None,
        "here_url": bar.address(after=after),
        "count": count,
        "busy": busy,
        "failed": own.count_failed(g.actor),
        "sheet": Sheet.of(g.actor, bar, wanted, count),
        "nav_count": sheet.count_waiting(g.actor),
        "wants_counts": wants_fragment(),
    }


@bp.get("/")
@access_to("upload")
def index() -> ResponseReturnValue:
    bar = _bar()
    is_next = request.args.get("after") and wants_fragment()
    fragment = "review/_tiles.html" if is_next else "review/_results.html"
    answer = make_response(show("review/page.html", fragment, **_page(bar)))
    answer.headers["Cache-Control"] = "no-store"  # Back would show what is decided by now
    return answer


@bp.get("/tiles")
@access_to("upload")
def tiles() -> ResponseReturnValue:
    """Pictures that are being prepared, as they are by now, each in place of the one that is shown."""
    ids = [part for part in request.args.get("ids", "").replace("\x00", "").split(",") if part][: sheet.PAGE]
    found = tiles_of(g.actor, review.waiting(g.actor, ids))
    return render_template("review/_busy.html", tiles=found, is_answer=True)


# One


@bp.post("/<image_id>/publish")
@access_to("upload")
def publish_one(image_id: str) -> ResponseReturnValue:
    published = review.publish_one(g.actor, image_id)
    return _decided_one(published, f"“{published.image.title[:60]}” is in the library.")


@bp.post("/<image_id>/keep")
@access_to("upload")
def keep_one(image_id: str) -> ResponseReturnValue:
    kept = review.keep_one(g.actor, image_id)
    where = "a draft now" if kept.image.status == "draft" else "in the library"
    return _decided_one(kept, f"“{kept.image.title[:60]}” is {where}.")


@bp.post("/<image_id>/hold")
@access_to("upload")
def hold_one(image_id: str) -> ResponseReturnValue:
    held = review.hold_one(g.actor, image_id, is_held=True, reason=_reason())
    return _decided_one(held, f"“{held.image.title[:60]}” is held.")


@bp.post("/<image_id>/release")
@access_to("upload")
def release_one(image_id: str) -> ResponseReturnValue:
    released = review.hold_one(g.actor, image_id, is_held=False)
    return _decided_one(released, f"“{released.image.title[:60]}” waits again.")


@bp.post("/<image_id>/discard")
@access_to("upload")
def discard_one(image_id: str) -> ResponseReturnValue:
    gone = trash.trash(g.actor, image_id, reason=review.checked(_reason()))
    return _decided_one(Published(gone.image, gone.action_id), f"“{gone.image.title[:60]}” is in the trash.")


@bp.post("/<image_id>/keep-earlier")
@access_to("upload")
def keep_earlier(image_id: str) -> ResponseReturnValue:
    """Discard what waits and go to the picture that was there before, or to an `other` that looks like it.

    `stay=1`: the page has something to do still; `on_sheet=1`: it is that of review."""
    other = request.form.get("other", "")
    gone, kept = alike.keep_other(g.actor, image_id, other) if other else same_bytes.keep_earlier(g.actor, image_id)
    undo, page = undo_url(gone.action_id), url_for("images.index", image_id=kept.id)
    toast = f"“{gone.image.title[:60]}” is in the trash; the picture that was there is kept."
    if request.form.get("on_sheet") == "1" and wants_fragment():
        return _decided([image_id], toast, undo=undo, link=(page, "See it"))
    if request.form.get("stay") == "1" and wants_fragment():
        count = sheet.count_waiting(g.actor)
        return done("review/_nav_count.html", back_to=page, toast=toast, undo=undo, link=(page, "See it"), count=count)
    flash({"text": toast, "undo": undo})  # type: ignore[arg-type]
    return go(page)


def _reason() -> str:
    return request.form.get("reason", "")


def _decided_one(decided: Published, toast: str) -> ResponseReturnValue:
    return _decided([decided.image.id], toast, undo=undo_url(decided.action_id))


# Many


@bp.post("/<act>")
@access_to("upload")
def decide(act: str) -> ResponseReturnValue:
    """Decide about the chosen pictures, or with `all` about all that the sheet shows under its filters."""
    if act not in ACTS:
        raise NotFound("There is no such page.")
    begun, decide_on = ACTS[act]
    ids, is_all = chosen_ids(), chosen_ids() is None
    wanted = _all_that_can_be(act) if ids is None else ids
    if is_all and not wanted:
        stayed, busy = sheet.count_unstored(g.actor, _wanted())
        none = _told(Decided([], stayed, busy), "published", "in the library")
        return _decided(None, none if act == "publish" else "Nothing waits here.")
    if large := review.begin(g.actor, begun, wanted, is_all=is_all, reason=_reason()):
        return runs(large, back_to=_home())
    decided, toast, link = decide_on(wanted)
    if is_all:
        toast += _came_since()
    elif len(wanted) == 1 and (title := review.title_of_one(decided)):
        toast = f"“{title[:60]}”{toast.removeprefix('1 picture')}"
    undo = undo_url(decided.action_id)
    return _decided(None if is_all else wanted, toast, undo=undo, link=link, decided=set(decided.ids))


def _came_since() -> str:
    """What *all* did not mean."""
    newer = sheet.count(g.actor, settled(g.actor, _bar().wanted))[0] - sheet.count(g.actor, _wanted())[0]
    return f" {newer} {'has' if newer == 1 else 'have'} come since and {'waits' if newer == 1 else 'wait'} here." if newer else ""


def _all_that_can_be(act: str) -> list[str]:
    """All that the sheet shows; to be published what is stored."""
    stored = {filters.PERSIST_STATUS: PersistStatus.SUCCEEDED} if act == "publish" else {}
    return sheet.ids(g.actor, {**_wanted(), **stored})


Answer = tuple[Decided, str, tuple[str, str] | None]


def _publish(ids: list[str]) -> Answer:
    published = review.publish(g.actor, ids)
    if chosen_ids() is None:
        stayed, busy = sheet.count_unstored(g.actor, _wanted())
        published = replace(published, stayed=stayed, busy=busy)
    return published, _told(published, "published", "in the library"), see_them() if published.ids else None


def _keep(ids: list[str]) -> Answer:
    kept = review.keep(g.actor, ids)
    active = len(kept.ids) - kept.drafts
    if kept.drafts and active:
        drafts = f"{_are(kept.drafts)} {'a draft' if kept.drafts == 1 else 'drafts'} now"
        return kept, f"{_pictures(active, 'in the library')}, {drafts}.", None
    waits = len(ids) - len(kept.ids) - kept.stayed - kept.busy
    if not kept.ids and not kept.stayed and waits:
        return kept, "These are drafts already. Publish them when they are ready.", None
    return kept, _told(kept, "kept", "drafts now" if kept.drafts else "in the library", is_draft=bool(kept.drafts)), None


def _hold(ids: list[str]) -> Answer:
    held = review.hold(g.actor, ids, reason=_reason())
    return held, f"{_pictures(len(held.ids), 'held')}.", None


def _release(ids: list[str]) -> Answer:
    released = review.release(g.actor, ids)
    count = len(released.ids)
    return released, f"{count or 'No'} {'picture waits' if count == 1 else 'pictures wait'} again.", None


def _discard(ids: list[str]) -> Answer:
    gone, action_id = review.discard(g.actor, ids, reason=_reason())
    return Decided(gone, action_id=action_id), f"{_pictures(len(gone), 'in the trash')}.", None


ACTS: dict[str, tuple[str, Callable[[list[str]], Answer]]] = {
    "publish": ("publish", _publish),
    "keep": ("keep", _keep),
    "hold": ("hold", _hold),
    "release": ("release", _release),
    "discard": ("trash", _discard),
}


def _pictures(count: int, what: str) -> str:
    return f"{count or 'No'} {'picture is' if count == 1 else 'pictures are'} {what}"


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


def _told(decided: Decided, done_word: str, where: str, *, is_draft: bool = False) -> str:
    """What became of those that were to be published or kept."""
    count = len(decided.ids)
    if not decided.stayed and not (decided.busy and done_word == "published"):
        if is_draft and count == 1:
            where = "a draft now"
        return f"{_pictures(count, where)}."
    parts = [f"{count or 'None'} {done_word}"]
    if decided.busy and done_word == "published":
        parts.append(f"{_are(decided.busy)} still being stored")
    if decided.stayed:
        parts.append(f"{decided.stayed} could not be stored and {'stays' if decided.stayed == 1 else 'stay'} here")
    return ", ".join(parts) + "."


@bp.post("/retry")
@access_to("upload")
def retry() -> ResponseReturnValue:
    from pindeck.services.maintenance import repair

    count = repair.retry_failed_drafts(g.actor)
    return _decided(None, f"{count or 'No'} {'picture is' if count == 1 else 'pictures are'} tried again.")


@bp.post("/edit")
@access_to("account")
def edit() -> ResponseReturnValue:
    """The inspector of the chosen pictures, or of all that the sheet shows."""
    ids = chosen_ids()
    return inspector.show_for(sheet.ids(g.actor, _wanted()) if ids is None else ids, back_to=_home())


@bp.post("/describe")
@access_to("describe")
def describe() -> ResponseReturnValue:
    """What describing the chosen pictures, or all that the sheet shows, would cost."""
    ids = chosen_ids()
    wanted = sheet.ids(g.actor, _wanted()) if ids is None else ids
    return rounds.show_for(Choice(tuple(wanted)), back_to=_home())


def _home() -> str:
    return back(_bar().address())


def _decided(
    ids: list[str] | None,
    toast: str,
    *,
    undo: str | None = None,
    link: tuple[str, str] | None = None,
    decided: set[str] | None = None,
) -> ResponseReturnValue:
    """The tiles of these pictures go, or come anew where they still stand; without ids, or when the sheet is empty by
    now, all of it is read again. What was not `decided`, waits and is only not shown here, stays chosen."""
    bar = _bar()
    given: dict[str, Any] = {"back_to": _home(), "toast": toast, "undo": undo, "link": link}
    if not wants_fragment():
        return done(None, **given)
    count, busy = sheet.count(g.actor, settled(g.actor, bar.wanted))
    if ids is None or not count:
        return _all_again(bar, given)
    waits = review.waiting(g.actor, ids)
    left = [image for image in waits if sheet.is_shown(g.actor, image, bar.wanted)]
    there = {image.id for image in left}
    elsewhere = {image.id for image in waits} - there - (decided or set(ids))
    return done(
        "review/_decided.html",
        swaps_itself=True,
        tiles=tiles_of(g.actor, left),
        gone=[image_id for image_id in ids if image_id not in there],
        let_go=[image_id for image_id in ids if image_id not in there | elsewhere],
        count=count,
        busy=busy,
        nav_count=sheet.count_waiting(g.actor),
        is_answer=True,
        **given,
    )


def _all_again(bar: FilterBar, given: dict[str, Any]) -> Response:
    return retarget(make_response(done("review/_results.html", **given, **_page(bar))), "#results")
