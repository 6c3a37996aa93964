"""Where Discord calls: each interaction signed, and answered at once."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from pindeck import config, db
from pindeck.api.operations import parse_json
from pindeck.discord import signature
from pindeck.errors import NotFound, NotSignedIn
from pindeck.http import bodies
from pindeck.http.auth import DISCORD, public
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
