"""Review: own drafts with every field open, published or discarded one by one or together."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.access import Actor
from pindeck.http.auth import access_to
from pindeck.models import Image
from pindeck.services import jobs
from pindeck.services.images import alike, detail, image_urls, in_use, review, same_bytes, trash
from pindeck.services.images.detail import FieldView
from pindeck.services.images.fields import FIELDS
from pindeck.services.images.image_urls import Urls
from pindeck.services.jobs import Preparation
from pindeck.services.library import own
from pindeck.services.maintenance import repair
from pindeck.web import new_words
from pindeck.web.actions import runs, see_them, undo_url
from pindeck.web.params import chosen_ids, clean_query
from pindeck.web.rendering import back, done, go, retarget, show, wants_fragment

bp = Blueprint("review", __name__, url_prefix="/review")


@dataclass(frozen=True)
class Card:
    image: Image
    fields: list[FieldView]
    urls: Urls
    preparation: Preparation
    earlier: Image | None  # of the same bytes, which may be kept instead
    alike: list[tuple[Image, str]]  # what looks like it, with the address of a small picture

    @property
    def stage(self) -> str:
        return self.preparation.stage

    @property
    def percent(self) -> int:
        return self.preparation.percent

    @property
    def error(self) -> str | None:
        return self.preparation.error if self.stage == "failed" else None

    @property
    def reason(self) -> str | None:
        """Why the last try came to nothing, while the next one is still to come."""
        return self.preparation.error if self.stage == "sent" else None

    @property
    def retry_url(self) -> str | None:
        return url_for("images.retry", image_id=self.image.id) if self.stage == "failed" else None

    @property
    def is_finished(self) -> bool:
        return self.preparation.is_finished and self.image.ai_status not in ("queued", "processing")


def card_for(actor: Actor, image_id: str) -> Card:
    return cards_for(actor, [access.image_for(actor, "image.publish", image_id)])[0]


def cards_for(actor: Actor, drafts: list[Image]) -> list[Card]:
    """The same number of queries however many drafts."""
    states, earlier = jobs.preparation_of(drafts), same_bytes.earlier_ones(actor, drafts)
    near = alike.alike(actor, drafts)
    fields = detail.fields_of_many(actor, drafts)
    return [
        Card(
            image, fields[image.id], image_urls.urls_of(image), states[image.id], earlier.get(image.id),
            image_urls.with_small(near.get(image.id, [])),
        )
        for image in drafts
    ]


def _page() -> dict[str, Any]:
    after = clean_query(request.values.get("after", "")) or None
    drafts, next_after = own.list_drafts(g.actor, after=after)
    count, busy = own.count_drafts(g.actor)
    return {
        "cards": cards_for(g.actor, drafts),
        "next_url": url_for("review.index", after=next_after) if next_after else None,
        "here_url": url_for("review.index", after=after),
        "count": count,
        "busy": busy,
        "failed": own.count_failed(g.actor),
        "wants_counts": wants_fragment(),
        "settable": [spec for spec in FIELDS.values() if spec.name != "unique_tag"],
    }


@bp.get("/")
@access_to("upload")
def index() -> ResponseReturnValue:
    return show("review/page.html", "review/_list.html", **_page())


@bp.get("/<image_id>")
@access_to("upload")
def card(image_id: str) -> ResponseReturnValue:
    return render_template("review/_card.html", card=card_for(g.actor, image_id))


@bp.get("/<image_id>/craft")
@access_to("upload")
def craft(image_id: str) -> ResponseReturnValue:
    """The fields about the frame, for a card that is opened there."""
    fields = detail.craft_of(g.actor, image_id)
    return render_template("images/_craft.html", image_id=image_id, craft=fields, prefix="card")


@bp.post("/<image_id>/publish")
@access_to("upload")
def publish_one(image_id: str) -> ResponseReturnValue:
    published = review.publish_one(g.actor, image_id)
    return _one_less(f"“{published.image.title[:60]}” is in the library.", undo=undo_url(published.action_id))


@bp.post("/<image_id>/discard")
@access_to("upload")
def discard_one(image_id: str) -> ResponseReturnValue:
    gone = trash.trash(g.actor, image_id)
    return _one_less(f"“{gone.image.title[:60]}” is in the trash.", undo=undo_url(gone.action_id))


@bp.post("/<image_id>/keep-earlier")
@access_to("upload")
def keep_earlier(image_id: str) -> ResponseReturnValue:
    """Discard a draft and go to the picture that was there before, or to an `other` that looks like it.

    `stay=1`: the page has something to do still."""
    other = request.form.get("other", "")
    gone, kept = alike.keep_other(g.actor, image_id, other) if other else same_bytes.keep_earlier(g.actor, image_id)
    undo, page = undo_url(gone.action_id), url_for("images.index", image_id=kept.id)
    toast = f"“{gone.image.title[:60]}” is in the trash; the picture that was there is kept."
    if request.form.get("stay") == "1" and wants_fragment():
        count = own.count_waiting(g.actor)
        return done("review/_nav_count.html", back_to=page, toast=toast, undo=undo, link=(page, "See it"), count=count)
    flash({"text": toast, "undo": undo})  # type: ignore[arg-type]
    return go(page)


def _one_less(toast: str, undo: str | None = None) -> ResponseReturnValue:
    """A card went: the counts follow, and after the last one the whole list."""
    back_to = back(url_for(".index"))
    count, busy = own.count_drafts(g.actor)
    if count or not wants_fragment():
        return done("review/_counts.html", back_to=back_to, toast=toast, undo=undo, count=count, busy=busy)
    answer = make_response(done("review/_list.html", back_to=back_to, toast=toast, undo=undo, **_page()))
    return retarget(answer, "#review")


@bp.post("/publish")
@access_to("upload")
def publish() -> ResponseReturnValue:
    if large := review.begin(g.actor, "publish", chosen_ids()):
        return _runs(large)
    published = review.publish(g.actor, chosen_ids())
    link = see_them() if published.ids else None
    return _again(_told(published), undo=undo_url(published.action_id), link=link)


def _told(published: review.Published) -> str:
    """What became of those that were to be published."""
    count = len(published.ids)
    if not published.stayed and not published.busy:
        return f"{count} {'picture is' if count == 1 else 'pictures are'} in the library."
    parts = [f"{count or 'None'} published"]
    if published.busy:
        parts.append(f"{published.busy} {'is' if published.busy == 1 else 'are'} still being stored")
    if published.stayed:
        parts.append(f"{published.stayed} could not be stored and {'stays' if published.stayed == 1 else 'stay'} here")
    return ", ".join(parts) + "."


@bp.post("/retry")
@access_to("upload")
def retry() -> ResponseReturnValue:
    count = repair.retry_failed_drafts(g.actor)
    return _again(f"{count or 'No'} {'picture is' if count == 1 else 'pictures are'} tried again.")


@bp.post("/set")
@access_to("upload")
def set_field() -> ResponseReturnValue:
    name, ids = request.form.get("field", ""), chosen_ids()
    value, is_new = in_use.meant(g.actor, name, request.form.get("value", ""))
    if is_new and ids != [] and value != request.form.get("new"):
        question = in_use.question(value, name)
        return new_words.asked(value, question, "review/_new_word.html", "#new-word", back(url_for(".index")))
    if large := review.begin(g.actor, "set", ids, name, value):
        return _runs(large)
    undo = undo_url(review.set_field(g.actor, ids, name, value))
    toast = f"{FIELDS[name].label} set."
    if ids is None:
        return _again(toast, undo=undo)
    # The cards that were chosen come anew, and stay chosen; the rest of the page stands still.
    chosen = cards_for(g.actor, review.own_images(g.actor, ids)) if wants_fragment() else []
    back_to = back(url_for(".index"))
    return done("review/_cards.html", back_to=back_to, toast=toast, undo=undo, swaps_itself=True, cards=chosen)


@bp.post("/discard")
@access_to("upload")
def discard() -> ResponseReturnValue:
    if large := review.begin(g.actor, "trash", chosen_ids()):
        return _runs(large)
    gone, action_id = review.discard(g.actor, chosen_ids())
    count = len(gone)
    toast = f"{count} {'picture is' if count == 1 else 'pictures are'} in the trash."
    return _again(toast, undo=undo_url(action_id))


def _runs(action_id: str) -> ResponseReturnValue:
    return runs(action_id, back_to=back(url_for(".index")))


def _again(toast: str, undo: str | None = None, link: tuple[str, str] | None = None) -> ResponseReturnValue:
    return done(
        "review/_list.html",
        back_to=back(url_for(".index")),
        toast=toast,
        undo=undo,
        link=link,
        **_page(),
    )
