"""The trash: what can come back, and for how long; restored or deleted for good one by one or together."""

from typing import Any

from flask import Blueprint, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config, db
from pindeck.http.auth import access_to
from pindeck.services.images import image_urls, trash
from pindeck.services.library import own
from pindeck.web.actions import runs, undo_url
from pindeck.web.params import chosen_ids, clean_query
from pindeck.web.rendering import back, done, retarget, show, wants_fragment

bp = Blueprint("trash", __name__, url_prefix="/trash")


@bp.get("/")
@access_to("upload")
def index() -> ResponseReturnValue:
    return show("trash/page.html", "trash/_items.html", **_page())


def _page() -> dict[str, Any]:
    after = clean_query(request.args.get("after", "")) or None
    found, next_after = own.list_trash(g.actor, after=after)
    days = config.current().trash_days
    names = trash.names_of({image.deleted_by or image.user_id for image in found})
    items = [
        {
            "image": image,
            "urls": image_urls.urls_of(image),
            "deleted_at": image.deleted_at,
            "deleted_by_name": names.get(image.deleted_by or image.user_id, ""),
            "days_left": max(0, days - (db.now_ms() - (image.deleted_at or 0)) // db.DAY_MS),
        }
        for image in found
    ]
    return {
        "items": items,
        "count": own.count_trash(g.actor),
        "wants_counts": wants_fragment(),
        "here_url": url_for("trash.index", after=after),
        "next_url": url_for("trash.index", after=next_after) if next_after else None,
        "trash_days": days,
    }


@bp.post("/restore")
@access_to("upload")
def restore() -> ResponseReturnValue:
    from pindeck.services.images import trashed

    if large := trashed.begin(g.actor, chosen_ids()):
        return runs(large, back_to=back(url_for("trash.index")))
    count, lost, action_id = trashed.restore(g.actor, chosen_ids())
    toast = f"{count or 'No'} {'picture is' if count == 1 else 'pictures are'} back.{told_lost(lost)}"
    return _again(toast, undo=undo_url(action_id))


def told_lost(names: list[str]) -> str:
    """A sentence more for aliases that others hold by now."""
    if len(names) < 2:
        return f" Another picture has the alias {names[0]} now." if names else ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" Other pictures have the aliases {', '.join(names[:3])}{more} now."


@bp.post("/delete")
@access_to("upload")
def delete() -> ResponseReturnValue:
    from pindeck.services.images import trashed

    return _deleted(trashed.purge(g.actor, chosen_ids()))


@bp.post("/empty")
@access_to("upload")
def empty() -> ResponseReturnValue:
    return _deleted(trash.empty(g.actor))


def _deleted(count: int) -> ResponseReturnValue:
    return _again(f"{count or 'No'} {'picture was' if count == 1 else 'pictures were'} deleted for good.")


def one_less(*, toast: str, back_to: str, undo: str | None = None) -> ResponseReturnValue:
    """A picture left the trash: its place goes, and after the last one the whole list."""
    count = own.count_trash(g.actor)
    if count or not wants_fragment():
        return done("trash/_counts.html", back_to=back_to, toast=toast, undo=undo, count=count)
    return retarget(make_response(_again(toast, undo=undo)), "#trash")


def _again(toast: str, undo: str | None = None) -> ResponseReturnValue:
    back_to = back(url_for("trash.index"))
    return done("trash/_items.html", back_to=back_to, toast=toast, undo=undo, **_page())
