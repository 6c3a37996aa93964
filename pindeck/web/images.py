"""One image: its page, its drawer, its fields, its history, and what is done with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.errors import NotFound, invalid
from pindeck.http.auth import access_to, public
from pindeck.models import Image
from pindeck.services.actions import shown
from pindeck.services.boards import listing as boards_of
from pindeck.services.images import (
    alike,
    analysis,
    image_urls,
    memos,
    project_words,
    proposals,
    runs,
    storing,
    trash,
)
from pindeck.services.images import detail as images
from pindeck.services.images import history as word_history
from pindeck.services.images.detail import FieldView
from pindeck.services.images.variations import lineage
from pindeck.services.library import facets
from pindeck.web.actions import undo_url, with_released
from pindeck.web.asking import asks_first, page_of_word
from pindeck.web.params import clean_query
from pindeck.web.rendering import aims_at, back, done, show, wants_fragment
from pindeck.web.trash import one_less, told_lost
from pindeck.web.uploads import tray_row

bp = Blueprint("images", __name__, url_prefix="/images")

ANSWERS = {"accept": (proposals.accept, "Accepted."), "refuse": (proposals.refuse, "Refused.")}


def page_of(image_id: str) -> str:
    return url_for("images.index", image_id=image_id)


@bp.get("/tags")
@access_to("account")
def tags() -> ResponseReturnValue:
    found = facets.tags_like(g.actor, clean_query(request.args.get("q", "")))
    return render_template("images/_tag_options.html", tags=found)


@bp.get("/<image_id>")
@public
def index(image_id: str) -> ResponseReturnValue:
    images.count_view(g.actor, image_id)
    return _sheet(image_id, in_drawer=wants_fragment())


def _sheet(image_id: str, *, in_drawer: bool) -> ResponseReturnValue:
    return show("images/page.html", "images/_drawer.html", **_parts(image_id, in_drawer=in_drawer))


def _parts(image_id: str, *, in_drawer: bool) -> dict[str, Any]:
    """What the drawer of a picture is rendered with."""
    detail = images.get_detail(g.actor, image_id)
    near = alike.twins(g.actor, [detail.image]).get(image_id, [])
    waits = access.waiting_for(g.actor).holds(detail.image)
    return dict(
        image=detail.image,
        owner_name=detail.owner_name,
        urls=detail.urls,
        liked=detail.liked,
        tags=detail.tags,
        fields=detail.fields,
        has_place=detail.has_place,
        damaged=detail.damaged,
        previous_url=_address(detail.previous_id),
        next_url=_address(detail.next_id),
        memo=memos.shown_with(g.actor, detail.image),
        lineage=lineage.of(g.actor, image_id),
        history_url=url_for(".history", image_id=image_id),
        alike=image_urls.with_small([other for other in near if waits or not alike.is_same(detail.image, other)]),
        twins=_beside(detail.image, near) if waits else [],
        in_drawer=in_drawer,
        on=boards_of.of_image(g.actor, image_id),
    )


def _address(image_id: str | None) -> str | None:
    return url_for(".index", image_id=image_id) if image_id else None


def _beside(image: Image, others: list[Image]) -> list[tuple[Image, str, bool]]:
    """What a picture that waits may be a copy of, with the address to show it at, and whether the bytes are the same."""
    medium = [(other, image_urls.urls_of(other).medium) for other in others]
    return [(other, url, alike.is_same(image, other)) for other, url in medium]


@bp.get("/<image_id>/menu")
@public
def menu(image_id: str) -> ResponseReturnValue:
    detail = images.get_detail(g.actor, image_id)
    return render_template(
        "images/_menu.html", id=image_id, liked=detail.liked, urls=detail.urls, damaged=detail.damaged, colors=detail.image.colors
    )


@bp.post("/<image_id>/fields/<name>")
@access_to("account")
def edit(image_id: str, name: str) -> ResponseReturnValue:
    based_on = request.form.get("based_on", type=int)
    value, confirmed = request.form.get("value", ""), request.form.get("new")
    view, action = images.edit_field(g.actor, image_id, name, value, based_on=based_on, confirmed=confirmed)
    return _edited(image_id, view, action)


@bp.post("/<image_id>/memo")
@access_to("account")
def write_memo(image_id: str) -> ResponseReturnValue:
    based_on = request.form.get("based_on", type=int)
    view, action = memos.edit(g.actor, image_id, request.form.get("value", ""), based_on=based_on)
    return _edited(image_id, view, action, save_url=url_for(".write_memo", image_id=image_id))


def _edited(image_id: str, view: FieldView, action: str | None, **more: str | None) -> ResponseReturnValue:
    """Answer for a field that was sent: its editor, or the page it was on."""
    undo = undo_url(action)
    saved = f"{view.label} saved. {project_words.told(view.released)}".strip()
    if not wants_fragment():
        if view.new is not None:
            return page_of_word(view.new, str(view.error), back(page_of(image_id)), view.released)
        if view.error:
            raise invalid(view.name, view.error)
        return done(None, back_to=back(page_of(image_id)), toast=saved, undo=undo)
    status = 200 if not view.error else 409 if view.theirs is not None else 422
    part = render_template("images/_field.html", image_id=image_id, field=view, undo=undo, **more)
    if view.saved and view.released:  # the field has the way back
        part += render_template("shared/_toast.html", text=saved, oob=True)
    return part, status


@bp.get("/<image_id>/history")
@access_to("account")
def history(image_id: str) -> ResponseReturnValue:
    events = word_history.history(g.actor, image_id)
    return show("images/history.html", "images/_history.html", image_id=image_id, events=events)


@bp.post("/<image_id>/history/<int:event_id>/revert")
@access_to("account")
@asks_first
def revert(image_id: str, event_id: int) -> ResponseReturnValue:
    written = word_history.put_back(g.actor, image_id, event_id, confirmed="confirmed" in request.form)
    undo = undo_url(written.action_id if written.events else None)
    told = with_released("Put back.", written.action_id)
    return done("images/_drawer.html", back_to=back(page_of(image_id)), toast=told, undo=undo, **_again(image_id))


@bp.post("/<image_id>/runs/<run_id>/undo")
@access_to("account")
def undo_run(image_id: str, run_id: str) -> ResponseReturnValue:
    undone = runs.take_back(g.actor, image_id, run_id)
    return done("images/_drawer.html", back_to=back(page_of(image_id)), toast=shown.told(undone), **_again(image_id))


@bp.post("/<image_id>/proposals/<answer>")
@access_to("account")
@asks_first
def decide_all(image_id: str, answer: str) -> ResponseReturnValue:
    """Accept or refuse all that a machine suggests for a picture."""
    decide_on, toast = _answer(answer)
    action_id = decide_on(g.actor, image_id, confirmed="confirmed" in request.form)
    undo, toast = undo_url(action_id), with_released(toast, action_id)
    return done("images/_drawer.html", back_to=back(page_of(image_id)), toast=toast, undo=undo, **_again(image_id))


@bp.post("/<image_id>/proposals/<proposal_id>/<answer>")
@access_to("account")
@asks_first
def decide(image_id: str, proposal_id: str, answer: str) -> ResponseReturnValue:
    """The same for one; the answer is its field."""
    decide_on, toast = _answer(answer)
    name = proposals.field_of(g.actor, image_id, proposal_id)
    action_id = decide_on(g.actor, image_id, [proposal_id], confirmed="confirmed" in request.form)
    undo, toast = undo_url(action_id), with_released(toast, action_id)
    fields = images.get_detail(g.actor, image_id).fields
    return done(
        "images/_decided.html",
        back_to=back(page_of(image_id)),
        toast=toast,
        undo=undo,
        image_id=image_id,
        fields=fields,
        field=next(replace(each, saved=answer == "accept") for each in fields if each.name == name),
    )


def _again(image_id: str) -> dict[str, Any]:
    """The drawer, or the words beside the picture on its page, as they are by now."""
    return _parts(image_id, in_drawer=aims_at("drawer-sheet"))


def _answer(answer: str) -> tuple[Callable[..., str | None], str]:
    if answer not in ANSWERS:
        raise NotFound("There is no such page.")
    return ANSWERS[answer]


@bp.get("/<image_id>/place")
@access_to("account")
def place(image_id: str) -> ResponseReturnValue:
    position = images.place_of(g.actor, image_id)
    return show("images/place.html", "images/_place.html", image_id=image_id, position=position)


@bp.post("/<image_id>/like")
@access_to("account")
def like(image_id: str) -> ResponseReturnValue:
    wanted = {"true": True, "false": False}.get(request.form.get("liked", ""))
    liked, likes = images.toggle_like(g.actor, image_id, wanted=wanted)
    return done(
        "images/_like.html",
        back_to=back(page_of(image_id)),
        swaps_itself=True,
        id=image_id,
        liked=liked,
        likes=likes,
        is_answer=True,
    )


@bp.post("/<image_id>/retry")
@access_to("upload")
def retry(image_id: str) -> ResponseReturnValue:
    storing.retry(g.actor, image_id)
    return _changed(image_id, "Trying again.")


@bp.post("/<image_id>/describe")
@access_to("upload")
def describe(image_id: str) -> ResponseReturnValue:
    analysis.retry(g.actor, image_id)
    if request.form.get("part") == "drawer":
        where = back(page_of(image_id))
        return done("images/_described.html", back_to=where, toast="Describing it again.", **_described(image_id))
    return _changed(image_id, "Describing it again.")


@bp.get("/<image_id>/described")
@access_to("upload")
def described(image_id: str) -> ResponseReturnValue:
    """How far a description is that was under way."""
    return render_template("images/_described.html", has_ended=True, **_described(image_id))


def _described(image_id: str) -> dict[str, Any]:
    image = access.image_for(g.actor, "image.retry", image_id)
    return {"image": image, "page_url": page_of(image_id), "in_drawer": request.values.get("drawer") == "1"}


def _changed(image_id: str, toast: str) -> ResponseReturnValue:
    if not wants_fragment():
        return done(None, back_to=back(page_of(image_id)), toast=toast)
    if request.form.get("part") == "tray":
        return done("uploads/_item.html", back_to=page_of(image_id), item=tray_row(g.actor, image_id))
    return done(None, back_to=page_of(image_id), toast=toast, swaps_itself=True, changes_page=True)


@bp.post("/<image_id>/trash")
@access_to("upload")
def discard(image_id: str) -> ResponseReturnValue:
    gone = trash.trash(g.actor, image_id)
    return done(
        None,
        back_to=back(url_for("gallery.index")),
        toast=f"“{gone.image.title[:60]}” is in the trash.",
        undo=undo_url(gone.action_id),
    )


@bp.post("/<image_id>/restore")
@access_to("upload")
def restore(image_id: str) -> ResponseReturnValue:
    found = trash.bring_back(g.actor, image_id)
    toast = f"“{found.image.title[:60]}” is back.{told_lost([found.lost_alias] if found.lost_alias else [])}"
    return one_less(toast=toast, back_to=back(page_of(image_id)), undo=undo_url(found.action_id))


@bp.post("/<image_id>/delete")
@access_to("upload")
def delete(image_id: str) -> ResponseReturnValue:
    trash.purge(g.actor, image_id)
    return one_less(toast="Deleted for good.", back_to=back(url_for("trash.index")))
