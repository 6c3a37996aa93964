"""Pictures from an address: asked for, chosen and brought in; and the ways that lead here from other pages."""

import hashlib
import hmac
from typing import Any

from flask import Blueprint, flash, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.errors import Invalid, TooMany
from pindeck.http import urls
from pindeck.http.auth import access_to
from pindeck.http.sending import send
from pindeck.imaging.presets import MIME
from pindeck.services.derivatives.delivery import Delivery
from pindeck.services.images import image_urls, projects
from pindeck.services.ingest.links import looking
from pindeck.services.ingest.links.bringing import Brought
from pindeck.states import ImageStatus, PersistStatus
from pindeck.web import bookmarklet
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import aims_at, done, go, show

bp = Blueprint("links", __name__, url_prefix="/import")


@bp.get("")
@access_to("link.look")
def index() -> ResponseReturnValue:
    """The form, filled with what the bookmarklet or another app hands over. It changes nothing: that is the form's own doing."""
    given = request.args
    url = given.get("url", "").strip() or looking.address_in(given.get("text", ""), given.get("title", ""))
    return _asked(url=url[:4000], title=clean_query(given.get("title", "")), starts=bool(url) and _is_own_doing())


def _asked(status: int = 200, **context: Any) -> ResponseReturnValue:
    shown = {"url": "", "title": "", "found": "", "starts": False, "errors": {}, **context}
    return show("links/page.html", "links/_ask.html", status, **shown, bookmarklet=bookmarklet.address(urls.base(), _mark()))


def _is_own_doing() -> bool:
    """Whether the person opened this page themselves, or their own bookmarklet did. A link on somebody else's page only
    fills the form, so that no stranger sends the server anywhere."""
    is_own = hmac.compare_digest(request.args.get("mark", "").encode(), _mark().encode())
    return is_own or request.headers.get("Sec-Fetch-Site") in ("none", "same-origin")


def _mark() -> str:
    """What tells a person's own bookmarklet from another page. It allows nothing else."""
    told = f"bookmarklet of {g.actor.user_id}"
    return hmac.new(config.signing_key().encode(), told.encode(), hashlib.sha256).hexdigest()[:32]


@bp.post("")
@access_to("link.look")
def ask() -> ResponseReturnValue:
    form = request.form
    url, title, found = form.get("url", ""), clean_query(form.get("title", "")), form.get("found", "")
    try:
        look_id = looking.ask(g.actor, url, title=title, found=found.splitlines())
    except (Invalid, TooMany) as error:
        fields = getattr(error, "fields", None) or {"url": error.message}
        return _asked(error.status, url=url, title=title, found=found, errors=fields)
    return go(url_for(".page", look_id=look_id))


def _look(look_id: str, **context: Any) -> dict[str, Any]:
    look = looking.get(g.actor, look_id)
    form = {"title": look.title, "project": "", "tags": "", "moderated": "1"}
    shown = {"look": look, "form": form, "chosen": [], "errors": {}, "projects": projects.names(g.actor), **context}
    return {**shown, "url": look.url, "title": "", "found": "", "starts": False}


@bp.get("/<look_id>")
@access_to("link.look")
def page(look_id: str) -> ResponseReturnValue:
    """What was found so far. The choice stands still while more comes."""
    return show("links/look.html", "links/_offers.html" if aims_at("look-offers") else "links/_look.html", **_look(look_id))


@bp.get("/<look_id>/<int:number>")
@access_to("link.look")
def small(look_id: str, number: int) -> ResponseReturnValue:
    """The small picture of one that can be chosen, kept for as long as people choose."""
    found = looking.small(g.actor, look_id, number)
    cache = "private, max-age=3600"
    return send(Delivery(str(found.key), found.sha256, found.size, MIME, "picture.webp", cache, is_public=False), redirects=False)


@bp.post("/<look_id>")
@access_to("link.look")
def bring(look_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.links import bringing

    form = request.form
    words = {name: form.get(name, "") for name in ("title", "project", "tags")}
    try:
        brought = bringing.bring(g.actor, look_id, form.getlist("ids"), moderated="moderated" in form, **words)
    except Invalid as error:
        wrong = _look(look_id, errors=error.fields, form=form, chosen=form.getlist("ids"))
        return show("links/look.html", "links/_look.html", 422, **wrong)
    flash({"text": _told(brought), "undo": None})  # type: ignore[arg-type]
    return go(url_for(".batch", batch_id=brought.batch_id))


def _told(brought: Brought) -> str:
    """What became of those that were chosen."""
    parts = [f"{_pictures(brought.made)} on the way."] if brought.made else []
    if brought.there:
        parts.append(f"{_pictures(brought.there)} in your library already.")
    return " ".join([*parts, *dict.fromkeys(brought.refused)])


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count or 'No'} pictures are"


def _batch(batch_id: str) -> dict[str, Any]:
    from pindeck.services.ingest.links import bringing

    images = bringing.pictures(g.actor, batch_id)
    there = [image for image in images if not image.is_trashed]
    return {
        "images": images,
        "small": image_urls.small_of(there),
        "waiting": [image for image in there if image.status == ImageStatus.PENDING],
        "is_busy": any(image.persist_status == PersistStatus.PENDING for image in there),
        "batch_id": batch_id,
    }


@bp.get("/batches/<batch_id>")
@access_to("link.look")
def batch(batch_id: str) -> ResponseReturnValue:
    """How far the pictures of an import are, and those that wait for a decision."""
    return show("links/batch.html", "links/_batch.html", **_batch(batch_id))


@bp.post("/batches/<batch_id>/keep")
@access_to("link.look")
def keep(batch_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.links import bringing

    kept = bringing.keep(g.actor, batch_id, request.form.getlist("ids"))
    told = f"{_pictures(kept.active + kept.drafts)} in the library."
    return _decided(batch_id, " ".join([told, *([kept.reason] if kept.reason else [])]))


@bp.post("/batches/<batch_id>/discard")
@access_to("link.look")
def discard(batch_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest.links import bringing

    gone, action_id = bringing.discard(g.actor, batch_id, request.form.getlist("ids"))
    return _decided(batch_id, f"{_pictures(gone)} in the trash.", undo_url(action_id))


def _decided(batch_id: str, toast: str, undo: str | None = None) -> ResponseReturnValue:
    back_to = url_for(".batch", batch_id=batch_id)
    return done("links/_batch.html", back_to=back_to, toast=toast, undo=undo, **_batch(batch_id))
