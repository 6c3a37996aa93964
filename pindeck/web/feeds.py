"""Feeds: RSS 2 with the pictures enclosed, and the page that tells their addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import NotFound
from pindeck.http import urls
from pindeck.http.auth import access_to, public
from pindeck.http.sending import send
from pindeck.services.derivatives import delivery
from pindeck.services.images import image_urls
from pindeck.services.library import feeds, filters
from pindeck.services.library.feeds import Entry, Reader
from pindeck.web.filtering import FilterBar
from pindeck.web.params import clean_query
from pindeck.web.rendering import aims_at, back, done, show

bp = Blueprint("feeds", __name__)

OFFERED = (*filters.OF_GALLERY, filters.FOUND_AT)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Item:
    """What the template of a feed writes of a picture. Addresses are whole."""

    entry: Entry
    title: str
    text: str
    page: str
    picture: str
    at: str


def _bar(args: Mapping[str, str], actor: Actor) -> FilterBar:
    return FilterBar.read("", OFFERED, args, actor)


def _query(bar: FilterBar) -> str:
    """The filters of a feed in the one spelling that its address is made for."""
    return bar.address().removeprefix("?")


def named(bar: FilterBar, actor: Actor) -> str:
    """What a feed is called: by its source or its filters."""
    if filters.FOUND_AT in bar.wanted:
        bar = replace(bar, wanted={**bar.wanted, filters.FOUND_AT: feeds.source_name(actor, str(bar.wanted[filters.FOUND_AT]))})
    return ", ".join(" ".join(filter(None, (chip.lead, chip.text))) for chip in bar.chips(actor))


@bp.get("/feed.xml")
@public
def feed() -> ResponseReturnValue:
    """The same for whoever has the address: no session is looked at."""
    db.connect()
    key = request.args.get("key")
    reader = feeds.reader_of(key)
    bar = _bar(request.args, reader.actor)
    if reader.feed is None and any(filter.needs_person and filter.name in request.args for filter in OFFERED):
        raise NotFound("This feed needs an address of its own. Make one on the page of the feed.")
    feeds.check_query(reader, _query(bar))
    after = clean_query(request.args.get("after", "")) or None
    page = feeds.page(reader.actor, bar.wanted, after=after)
    name = named(bar, reader.actor)
    site = urls.base()
    shown = {"key": key, "after": page.next_after}
    body = render_template(
        "feeds/feed.xml",
        title=f"Pindeck: {name}" if name else "Pindeck",
        site=site,
        home=f"{site}{url_for('gallery.index')}{_of_gallery(bar)}",
        here=_address(bar, {"key": key, "after": after}),
        next_url=_address(bar, shown) if page.next_after else None,
        items=[_item(entry, reader, site) for entry in page.entries],
        changed=_rfc822(page.changed_at) if page.changed_at else None,
    )
    # Without the few characters that XML has no way to write, wherever somebody typed them.
    response = make_response(NOT_XML.sub("", body))
    response.headers["Content-Type"] = "application/rss+xml; charset=utf-8"
    response.headers["Cache-Control"] = "private, no-cache" if key else "public, no-cache"
    if page.changed_at:
        response.last_modified = datetime.fromtimestamp(page.changed_at // 1000, UTC)
    response.add_etag()
    return response.make_conditional(request)


def _of_gallery(bar: FilterBar) -> str:
    """The same filters on the wall, which knows no source."""
    return replace(bar, offered=filters.OF_GALLERY).address()


def _address(bar: FilterBar, more: Mapping[str, str | None]) -> str:
    parts = [_query(bar), urlencode({name: value for name, value in more.items() if value})]
    asked = "&".join(part for part in parts if part)
    return urls.absolute(url_for("feeds.feed")) + (f"?{asked}" if asked else "")


def _item(entry: Entry, reader: Reader, site: str) -> Item:
    image = entry.image
    if image.public_token:
        picture = image_urls.rendition(image.id, image.public_token, feeds.SIZE)
    elif reader.feed is not None:
        signature = feeds.picture_signature(reader.feed, image.id)
        picture = url_for("feeds.picture", feed_id=reader.feed.id, image_id=image.id, s=signature)
    else:
        picture = image_urls.rendition(image.id, None, feeds.SIZE)
    return Item(
        entry, image.title, image.description or "", f"{site}/images/{image.id}", urls.absolute(picture),
        _rfc822(image.created_at),
    )  # fmt: skip


def _rfc822(ms: int) -> str:
    return format_datetime(datetime.fromtimestamp(ms / 1000, UTC), usegmt=True)


@bp.get("/feed/<feed_id>/<image_id>.webp")
@public
def picture(feed_id: str, image_id: str) -> ResponseReturnValue:
    """A picture of somebody's feed, for the reader that shows it, wherever that is."""
    db.connect()
    actor = feeds.reader_of_picture(feed_id, image_id, request.args.get("s", ""))
    found = delivery.find(actor, image_id)
    if found.is_trashed:
        raise NotFound("There is no such picture.")
    answer: Any = send(delivery.picture(actor, image_id, feeds.SIZE))
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


# The page that tells addresses


def _page(bar: FilterBar, key: str | None = None) -> dict[str, Any]:
    query = _query(bar)
    return {
        "title": named(bar, g.actor),
        "query": query,
        "back": _of_gallery(bar) or url_for("gallery.index"),
        "open_address": _address(bar, {}) if _is_open(bar) else None,
        "own": feeds.find_own(g.actor, query),
        "key_address": _address(bar, {"key": key}) if key else None,
    }


def _is_open(bar: FilterBar) -> bool:
    """Whether the feed has an address without a key. What one likes and where pictures come from is nobody else's."""
    personal = any(filter.needs_person for filter in bar.wanted) or filters.FOUND_AT in bar.wanted
    return not personal and access.can(VISITOR, "library.view")


@bp.get("/feeds")
@access_to("library.view")
def index() -> ResponseReturnValue:
    return show("feeds/page.html", "feeds/_addresses.html", **_page(_bar(request.args, g.actor)))


@bp.post("/feeds")
@access_to("account")
def make() -> ResponseReturnValue:
    """The address is shown in this answer and nowhere else."""
    bar = _bar(request.args, g.actor)
    key = feeds.make(g.actor, _query(bar), named(bar, g.actor) or "All of the library")
    response = make_response(show("feeds/page.html", "feeds/_addresses.html", **_page(bar, key)))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/feeds/<feed_id>/revoke")
@access_to("account")
def revoke(feed_id: str) -> ResponseReturnValue:
    """From the page of the feed, or from the list of them at the account."""
    query, toast = feeds.revoke(g.actor, feed_id), "The address no longer works."
    if aims_at("feed-addresses"):
        bar = _bar({name: values[0] for name, values in parse_qs(query).items()}, g.actor)
        return done("feeds/_addresses.html", back_to=url_for("feeds.index"), toast=toast, **_page(bar))
    return done("accounts/_feeds.html", back_to=back(url_for("accounts.index")), toast=toast, feeds=feeds.list_own(g.actor))
