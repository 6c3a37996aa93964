"""The trash: what can come back, and for how long."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config, db
from pindeck.http.auth import access_to
from pindeck.services.images import image_urls, trash
from pindeck.services.library import own
from pindeck.web.params import clean_query
from pindeck.web.rendering import done, show

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
        "next_url": url_for(".index", after=next_after) if next_after else None,
        "trash_days": days,
    }


@bp.post("/empty")
@access_to("upload")
def empty() -> ResponseReturnValue:
    count = trash.empty(g.actor)
    toast = f"{count} {'picture was' if count == 1 else 'pictures were'} deleted for good."
    return done("trash/_items.html", back_to=url_for(".index"), toast=toast, **_page())
