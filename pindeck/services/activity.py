"""The trail of what was done: who did what, to which image, from where, with what came before."""

from peewee import chunked

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Activity
from pindeck.states import Way


def note(actor: Actor | None, verb: str, image_id: str | None = None, /, **detail: object) -> None:
    """Inside a transaction: write down what was just done. Nobody is named for what the application does by itself."""
    if actor is not None:
        detail = {**_outside(actor), **detail}
    db.sql(
        "INSERT INTO activity (at, user_id, client_id, verb, image_id, detail, way, key_id)"
        " VALUES (:at, :user, :client, :verb, :image, :detail, :way, :key)",
        at=db.now_ms(),
        user=actor.user_id if actor else None,
        client=actor.client_id if actor else None,
        verb=verb,
        image=image_id,
        detail=Activity.detail.db_value(detail),
        way=actor.way if actor else Way.ITSELF,
        key=actor.key_id if actor else None,
    )


def note_many(actor: Actor, verb: str, image_ids: list[str], /, **detail: object) -> None:
    """The same for several images, in one statement for 250."""
    detail = {**_outside(actor), **detail}
    rows = [
        dict(
            at=db.now_ms(),
            user_id=actor.user_id,
            client_id=actor.client_id,
            verb=verb,
            image_id=image_id,
            detail=detail,
            way=actor.way,
            key_id=actor.key_id,
        )
        for image_id in image_ids
    ]
    for part in chunked(rows, 250):
        Activity.insert_many(part).execute()


def _outside(actor: Actor) -> dict[str, object]:
    """The extension that acts, and who asked for it in Discord."""
    found: dict[str, object] = {"extension": actor.identifier} if actor.is_extension else {}
    return found | ({"discord": actor.asked_by._asdict()} if actor.asked_by else {})
