"""The trail of what was done: who did what, to which image, with what came before."""

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Activity


def note(actor: Actor | None, verb: str, image_id: str | None = None, /, **detail: object) -> None:
    """Inside a transaction: write down what was just done. Nobody is named for what the application does by itself."""
    if actor is not None and actor.is_extension:
        detail = {"extension": actor.identifier, **detail}
    db.sql(
        "INSERT INTO activity (at, user_id, client_id, verb, image_id, detail)"
        " VALUES (:at, :user, :client, :verb, :image, :detail)",
        at=db.now_ms(),
        user=actor.user_id if actor else None,
        client=actor.client_id if actor else None,
        verb=verb,
        image=image_id,
        detail=Activity.detail.db_value(detail),
    )
