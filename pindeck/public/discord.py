"""Where Discord calls: each interaction signed, and answered at once; and the pictures of what it shows."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from pindeck import config, db
from pindeck.api.operations import parse_json
from pindeck.discord import signature
from pindeck.errors import NotFound, NotSignedIn
from pindeck.http import bodies
from pindeck.http.auth import DISCORD, public
from pindeck.http.sending import send
from pindeck.services.derivatives import delivery
from pindeck.services.images import card_pictures
from pindeck.services.ingest.discord import interactions

bp = Blueprint(DISCORD, __name__)
MOST_BYTES = 1_000_000


@bp.post("/discord/interactions")
@public
def interact() -> ResponseReturnValue:
    """The signature alone opens it. What the service refuses is an answer, too: Discord shows it to the presser."""
    key = config.current().discord_public_key
    if not key:
        raise NotFound("There is nothing at this address.")
    request.max_content_length = MOST_BYTES
    body = bytes(bodies.whole(request))
    told, at = request.headers.get("X-Signature-Ed25519", ""), request.headers.get("X-Signature-Timestamp", "")
    if not signature.is_good(key, told, at, body):
        raise NotSignedIn("The signature is not good.", may_sign_in=False)
    db.connect()
    return jsonify(interactions.answer(parse_json(body, dict)))


@bp.get("/discord/<image_id>.webp")
@public
def picture(image_id: str) -> ResponseReturnValue:
    """A picture of a message. What was made a moment ago has no other size yet than the one that is made when it is asked for."""
    db.connect()
    image = card_pictures.find(image_id, request.args.get("s", ""))
    with suppress(NotFound):
        return _open(delivery.shared(image, card_pictures.SIZE))
    return _open(delivery.shared(image, "screen"))


def _open(found: delivery.Delivery) -> ResponseReturnValue:
    answer: Any = send(found)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer  # type: ignore[no-any-return]
