"""Bringing pictures in: the form, the tray's requests, and how far each one is."""

from dataclasses import dataclass

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.access import Actor
from pindeck.errors import Busy, Conflict, Invalid, NoSpace, TooLarge, Upstream, no_image
from pindeck.http.auth import access_to, token_in_query
from pindeck.http.multipart import FieldPart, FilePart, parts
from pindeck.imaging import extensions
from pindeck.models import Image
from pindeck.services import jobs
from pindeck.services.blobs import staging
from pindeck.services.images import image_urls, in_use, review, same_bytes
from pindeck.services.images.fields import FIELDS
from pindeck.services.ingest import previews, uploads
from pindeck.services.jobs import Preparation
from pindeck.services.library import sheet
from pindeck.states import ImageStatus
from pindeck.web.params import clean_query
from pindeck.web.rendering import wants_fragment

bp = Blueprint("uploads", __name__)

MOST_ASKED = 200  # rows of the tray that one request asks about


@dataclass(frozen=True)
class UploadItem:
    """One row of the tray."""

    id: str | None
    name: str
    stage: str
    percent: int
    error: str | None = None
    url: str | None = None
    thumb: str | None = None
    retry_url: str | None = None
    already: str | None = None
    keep_url: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.stage in ("done", "failed")


def item_for(image: Image, preparation: Preparation, *, already: Image | None = None) -> UploadItem:
    """`already` is an earlier image of the same bytes, which may be kept instead."""
    failed = preparation.stage == "failed"
    return UploadItem(
        id=image.id,
        name=image.original_filename,
        stage=preparation.stage,
        percent=preparation.percent,
        error=preparation.error if failed or preparation.stage == "sent" else None,
        url=url_for("images.index", image_id=image.id),
        thumb=image_urls.rendition(image.id, image.public_token, "small") if preparation.stage == "done" else None,
        retry_url=url_for("images.retry", image_id=image.id) if failed else None,
        already=url_for("images.index", image_id=already.id) if already else None,
        keep_url=url_for("review.keep_earlier", image_id=image.id) if already else None,
    )


def items_for(actor: Actor, images: list[Image]) -> list[UploadItem]:
    """The same number of queries however many drafts."""
    states, earlier = jobs.preparation_of(images), same_bytes.earlier_ones(actor, images)
    return [item_for(image, states[image.id], already=earlier.get(image.id)) for image in images]


def limits() -> dict[str, object]:
    given = config.current()
    return {
        "max_mb": given.max_upload_mb,
        "max_megapixels": given.max_image_megapixels,
        "formats": ", ".join(extensions.accepted()),
        "max_files": given.max_files_per_upload,
    }


@bp.get("/upload")
@access_to("upload")
def index() -> ResponseReturnValue:
    """With a model, what it would write can be seen before a picture is sent. `board` in the address names the board to put them on."""
    fields = [FIELDS[name] for name in previews.SHOWN]
    return render_template(
        "uploads/page.html", limits=limits(), url="", title="", found="", starts=False, errors={},
        fields=fields, categories=_categories(), board=clean_query(request.args.get("board", "")),
    )  # fmt: skip


def _categories() -> list[str]:
    return in_use.categories(g.actor) if config.current().vision_is_on else []


@bp.post("/upload")
@token_in_query
@access_to("upload")
def create() -> ResponseReturnValue:
    """Take the files of a form, each by itself: one that is refused does not hold up the others. A `board` that is named
    before them gets them all."""
    items: list[UploadItem] = []
    busy: list[Busy] = []
    most, words, board = config.current().max_files_per_upload, {}, ""
    for part in parts(request, files=most):
        if isinstance(part, FieldPart) and part.name == "board":
            board = part.value.strip()
            continue
        if isinstance(part, FieldPart):
            words[part.name] = part.value
            continue
        if part.name != "files" or not part.filename:
            continue
        typed, words = words, {}  # what stands before a file is about it
        if len(items) == most:
            items.append(_refused(part.filename, f"One form takes {most} files; send the others afterwards."))
            break
        try:
            items.append(_take(part, typed, board))
        except Busy as error:
            busy.append(error)
            items.append(_refused(staging.clean_filename(part.filename), error.message))
    if not items:
        raise Invalid("Choose at least one picture.", fields={"files": "Choose at least one picture."})
    if len(busy) == len(items):
        raise busy[0]  # nothing was looked at, so the same form may be sent again
    if wants_fragment():
        status = 422 if all(item.stage == "failed" for item in items) else 200
        return "".join(render_template("uploads/_item.html", item=item) for item in items), status
    _say(items, board)
    good = any(item.stage != "failed" for item in items)
    return redirect(url_for("review.index" if good else ".index"), 303)


def _take(part: FilePart, typed: dict[str, str], board: str) -> UploadItem:
    """`typed` has the words of a field as `word-title`, and the `preview` that the picture was shown to a model with."""
    name, preview = staging.clean_filename(part.filename), typed.get("preview", "")
    words = {name: typed[f"word-{name}"] for name in previews.SHOWN if f"word-{name}" in typed}

    def then(image: Image) -> None:
        previews.take_along(g.actor, preview, image.id, words)
        if board:
            from pindeck.services.boards import receiving  # few uploads name one

            receiving.receive(g.actor, board, image)

    try:
        accepted = uploads.accept(g.actor, part.chunks, name, words, then=then)
    except TooLarge:
        return _refused(name, f"This file is larger than {config.current().max_upload_mb} MB.")
    except (Invalid, Conflict, NoSpace, Upstream) as error:
        return _refused(name, error.message)
    return item_for(accepted.image, Preparation("sent", 5), already=accepted.already)


def _refused(name: str, reason: str) -> UploadItem:
    return UploadItem(id=None, name=name, stage="failed", percent=100, error=reason)


def _say(items: list[UploadItem], board: str) -> None:
    """What happened, for a browser without JavaScript."""
    refused = [item for item in items if item.stage == "failed"]
    good = len(items) - len(refused)
    if good:
        on = f" and on “{board}”" if board else ""
        flash({"text": f"{good} {'picture is' if good == 1 else 'pictures are'} safe{on}.", "undo": None})  # type: ignore[arg-type]
    for item in refused[:10]:
        flash({"text": f"{item.name}: {item.error}", "undo": None, "kind": "error"})  # type: ignore[arg-type]


def tray_row(actor: Actor, image_id: str) -> UploadItem:
    """One picture as a row of the tray. Raises NotFound."""
    found = review.own_images(actor, [image_id])
    if not found:
        raise no_image()
    return items_for(actor, found)[0]


@bp.get("/uploads/progress")
@access_to("upload")
def progress() -> ResponseReturnValue:
    """The rows of own drafts, each in place of the one that the tray shows; what waits no longer is taken away.

    The numbers in the navigation come with them.
    """
    ids = [part for part in request.args.get("ids", "").replace("\x00", "").split(",") if part][:MOST_ASKED]
    found = review.own_images(g.actor, ids)
    waiting = [image for image in found if image.status == ImageStatus.DRAFT and image.deleted_at is None]
    there = {image.id for image in waiting}
    answer = make_response(
        render_template(
            "uploads/_progress.html",
            items=items_for(g.actor, waiting),
            gone=[image_id for image_id in ids if image_id not in there],
            count=sheet.count_waiting(g.actor),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
