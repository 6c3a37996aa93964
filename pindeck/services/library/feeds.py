"""Feeds of the library: what they hold, and the addresses that people make for the readers they use.

Such an address is made for one feed. It shows what its person may see at that moment, and nothing once it is revoked or
the person is disabled.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from peewee import fn

from pindeck import access, config, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import NotFound, invalid
from pindeck.models import Derivative, Feed, FieldEvent, Image, Source, StoredFile
from pindeck.services import activity
from pindeck.services.images import ledger, projects
from pindeck.services.library import choices, filters, query
from pindeck.services.library.query import Listing, Wanted
from pindeck.states import Role

PAGE = 100
MOST = 100  # addresses of one person
SIZE = "large"
TOUCH_MS = 60_000
FEED = Listing(shown=lambda actor, _: (access.hung(actor),), order=(Image.seq,), columns=query.everything())


@dataclass(frozen=True)
class Entry:
    """A picture of a feed, with the size that is shown of it."""

    image: Image
    size: Derivative
    tags: list[str]
    project: str | None


@dataclass(frozen=True)
class FeedPage:
    """`changed_at` (ms) is when anything of it changed last; `next_after` is the image that the next page goes on after."""

    entries: list[Entry]
    changed_at: int | None
    next_after: str | None


@dataclass(frozen=True)
class Reader:
    """Whoever reads a feed: the person of an address, or a visitor without one."""

    actor: Actor
    feed: Feed | None


def page(actor: Actor, wanted: Wanted, *, after: str | None = None) -> FeedPage:
    """The next pictures that are stored, newest first. A constant number of queries. Raises NotFound where the library
    shows the actor nothing, and for a source that does not exist for the actor."""
    if not access.can(actor, "library.view"):
        raise _no_feed()
    if filters.FOUND_AT in wanted:
        source_name(actor, str(wanted[filters.FOUND_AT]))
    images = query.images(FEED, actor, choices.whole(wanted), after=after, limit=PAGE + 1)
    shown = images[:PAGE]
    sizes, ids = _sizes(shown), [image.id for image in shown]
    tags, named = ledger.tags_of_many(ids), projects.names_of({image.project_id for image in shown})
    entries = [
        Entry(image, sizes[image.file_id], tags[image.id], named.get(image.project_id)) for image in shown if image.file_id in sizes
    ]
    return FeedPage(entries, _changed_at(shown), shown[-1].id if len(images) > PAGE else None)


def _sizes(images: list[Image]) -> dict[str | None, Derivative]:
    """By file. What is not drawn yet is not in a feed yet."""
    files = [image.file_id for image in images if image.file_id]
    joined = Derivative.select(Derivative, StoredFile.id.alias("of_file")).join(StoredFile, on=(StoredFile.blob == Derivative.blob))
    rows: Any = joined.where(StoredFile.id.in_(files) & (Derivative.preset == SIZE)).objects()
    return {row.of_file: row for row in rows}


def _changed_at(images: list[Image]) -> int | None:
    """Words have their own history, and do not change the record that programs read."""
    if not images:
        return None
    words = FieldEvent.select(fn.MAX(FieldEvent.at)).where(FieldEvent.image_id.in_([image.id for image in images])).scalar()
    return max(words or 0, *(image.updated_at for image in images))


def source_name(actor: Actor, source_id: str) -> str:
    """Raises NotFound for a source that does not exist for the actor."""
    found = Source.get_or_none((Source.id == source_id) & access.sources_of(actor)) if actor.user_id else None
    if found is None:
        raise _no_feed()
    return str(found.name)


def _no_feed() -> NotFound:
    return NotFound("There is no feed at this address.")


# Addresses


def reader_of(key: str | None) -> Reader:
    """Raises NotFound for a key that is none, was renewed or revoked, or whose person is disabled."""
    if key is None:
        return Reader(VISITOR, None)
    reader = _reader("hash", _hash(key))
    feed = reader.feed
    if feed is not None and db.now_ms() - (feed.last_used_at or 0) > TOUCH_MS:
        # Who only reads waits for no writer. The next reading is noted then.
        db.write_if_free(lambda: Feed.update(last_used_at=db.now_ms()).where(Feed.id == feed.id).execute())
    return reader


_FIND = """
SELECT f.id, f.user_id, f.query, f.hash, f.last_used_at, u.role, u.name, u.email
FROM feed f JOIN "user" u ON u.id = f.user_id
WHERE f.{column} = :value AND u.disabled_at IS NULL AND u.role <> :guest
"""


def _reader(column: str, value: str) -> Reader:
    row = db.sql(_FIND.format(column=column), value=value, guest=Role.GUEST).fetchone()
    if row is None:
        raise _no_feed()
    feed_id, user_id, query_text, hashed, used_at, role, name, email = row
    feed = Feed(id=feed_id, user=user_id, query=query_text, hash=hashed, last_used_at=used_at)
    return Reader(Actor(user_id, role, name, email), feed)


def check_query(reader: Reader, query_text: str) -> None:
    """An address shows the feed that it was made for and no other. Raises NotFound."""
    if reader.feed is not None and reader.feed.query != query_text:
        raise _no_feed()


def picture_signature(feed: Feed, image_id: str) -> str:
    """With it one picture of a feed is read, as long as the feed's address is good: readers pass such addresses on,
    and the key of the feed does not stand there."""
    signed = f"{feed.id}\n{feed.hash}\n{image_id}".encode()
    digest = hmac.digest(config.signing_key().encode(), signed, "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()


def reader_of_picture(feed_id: str, image_id: str, signature: str) -> Actor:
    """The person whose eyes count for a picture of a feed. Raises NotFound."""
    reader = _reader("id", feed_id)
    if reader.feed is None or not hmac.compare_digest(picture_signature(reader.feed, image_id).encode(), signature.encode()):
        raise _no_feed()
    return reader.actor


def list_own(actor: Actor) -> list[Feed]:
    """The actor's addresses, the newest first."""
    access.require(actor, "account")
    return list(Feed.select().where(Feed.user == actor.user_id).order_by(Feed.created_at.desc(), Feed.id.desc()))


def find_own(actor: Actor, query_text: str) -> Feed | None:
    """The address that the actor has for a feed."""
    if not access.can(actor, "account"):
        return None
    return Feed.get_or_none((Feed.user == actor.user_id) & (Feed.query == query_text))


def make(actor: Actor, query_text: str, title: str) -> str:
    """A key for the address of a feed, which people know by its title. It is told this once; the one before stops
    at once. Raises Invalid for the hundred-first address."""
    access.require(actor, "account")
    key, now = secrets.token_urlsafe(24), db.now_ms()
    columns: dict[str, Any] = {"title": title, "hash": _hash(key), "created_at": now, "last_used_at": None}
    mine = Feed.user == actor.user_id

    def work() -> None:
        db.take_turn(f"feeds of {actor.user_id}")  # two at once make one address, and not one too many
        renewed = Feed.update(columns).where(mine & (Feed.query == query_text)).execute()
        if not renewed:
            if Feed.select().where(mine).count() >= MOST:
                raise invalid("feed", f"You have {MOST} addresses of feeds, which is the most. Revoke one first.")
            Feed.insert(id=db.new_id(), user=actor.user_id, query=query_text, **columns).execute()
        activity.note(actor, "feed.make", query=query_text)

    db.retried(work)
    return key


def revoke(actor: Actor, feed_id: str) -> str:
    """An own address stops at once, and so do those of its pictures; the query of its feed. Raises NotFound."""
    access.require(actor, "account")
    mine = (Feed.id == feed_id) & (Feed.user == actor.user_id)
    with db.writing():
        found = Feed.get_or_none(mine)
        if found is None or not Feed.delete().where(mine).execute():
            raise _no_feed()
        activity.note(actor, "feed.revoke", query=found.query)
    return str(found.query)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
