"""The addresses that bots and scripts know: bring in a picture, see what waits, decide about it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify
from flask.typing import ResponseReturnValue

from pindeck.api import repeats
from pindeck.api.library.schemas import RECORD, record
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, USER_REQUIRED, Success
from pindeck.http.auth import BOTS, public
from pindeck.http.errors import Told
from pindeck.public.bot_schemas import (
    AnalyseInput,
    Decided,
    DecideInput,
    Described,
    Ingested,
    IngestInput,
    QueueInput,
    Waiting,
)
from pindeck.services.clients import on_behalf
from pindeck.services.images import analysis
from pindeck.services.ingest import deciding, external, glance
from pindeck.services.library import waiting

bp = Blueprint(BOTS, __name__)

KEYS = ("manager",)
OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
USER_NOT_FOUND = Fault(404, "USER_NOT_FOUND", "There is no account with the id in userId, or it is disabled.")
TARGET = (USER_NOT_FOUND, USER_REQUIRED)
ID = str(RECORD["_id"])
USER = str(RECORD["uploadedBy"])


def door(path: str, *aliases: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A view at its address and at those of before. Each takes POST alone, and says so itself."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        view.old_addresses = aliases  # type: ignore[attr-defined]
        for each in (path, *aliases):
            bp.add_url_rule(each, view_func=view, methods=["POST"], provide_automatic_options=False)
            bp.add_url_rule(each, view_func=wrong_method, methods=OTHER_METHODS, provide_automatic_options=False)
        return view

    return decorate


@public
def wrong_method() -> ResponseReturnValue:
    """In the words that scripts of before expect, and the body of every error."""
    return Told(405, "Method not allowed", "METHOD_NOT_ALLOWED", headers={"Allow": "POST"}).as_json()


@door("/ingestExternal")
@operation(
    "ingest",
    surface=BOTS,
    summary="Bring in a picture",
    body=JsonBody(IngestInput, example={"userId": USER, "imageUrl": "https://example.org/a.jpg", "sourceType": "discord"}),
    answers=Answer(Ingested, example={"imageId": ID, "userId": USER, "queued": True, "duplicate": False}),
    faults=(*TARGET, Fault(409, "CONFLICT", "The externalId is used outside the project of the key.")),
    bucket="ingest",
    callers=KEYS,
)
def ingest(body: IngestInput) -> dict[str, Any]:
    """A picture is recorded at once, and a worker fetches it. One with the same `externalId` or the same address is
    not made twice, and nothing is downloaded for it. Pictures from Discord wait for a person to approve them."""
    person = on_behalf.person(g.actor, body.userId, "ingest", asked_by=body.asked_by)
    found = external.bring_in(person, body.candidate, only_own=True)
    return {
        "imageId": found.image_id,
        "userId": person.user_id,
        "queued": found.is_queued,
        "duplicate": found.is_duplicate,
    }


@door("/discordQueue", "/discord/queue", "/discord/queue/discordQueue")
@operation(
    "moderate",
    surface=BOTS,
    summary="See what waits",
    body=JsonBody(QueueInput, example={"userId": USER, "limit": 5}),
    answers=Answer(
        Waiting,
        example={
            "items": [
                {**RECORD, "status": "pending", "sourceType": "discord", "lineageRootImageId": ID, "lineageRootTitle": "Alley"}
            ],
            "userId": USER,
        },
    ),
    faults=TARGET,
    bucket="ingest",
    callers=KEYS,
)
def queue(body: QueueInput) -> dict[str, Any]:
    """Pictures from Discord, and those made of them, that wait to be approved; the newest first. With `imageId` that
    one alone, if it waits."""
    person = on_behalf.person(g.actor, body.userId, "moderate")
    found = waiting.from_discord(person, limit=body.at_most, image_id=body.imageId or None)
    items = [
        {**record(each.entry), "lineageRootImageId": each.root.id, "lineageRootTitle": each.root.title} for each in found
    ]
    return {"items": items, "userId": person.user_id}


@door("/discordModerate", "/discord/moderation", "/discord/moderation/discordModerate")
@operation(
    "moderate",
    surface=BOTS,
    summary="Decide about a picture",
    body=JsonBody(
        DecideInput,
        example={"userId": USER, "imageId": ID, "action": "reject", "reason": "blurred", "actor": {"id": "42", "name": "ava"}},
    ),
    answers=Answer(
        Decided,
        example={
            "ok": True, "message": "Image approved.", "status": "draft", "aiStatus": "processing", "imageId": ID, "userId": USER,
        },
    ),
    faults=(
        IMAGE_NOT_FOUND,
        *TARGET,
        Fault(409, "CONFLICT", "The picture is not in a state for this; the message says which."),
        Fault(409, "GENERATION_RUNNING", "`generate`: a machine is at work on this picture."),
        Fault(409, "GENERATION_OFF", "`generate`: variations are switched off."),
    ),
    bucket="ingest",
    callers=KEYS,
    repeats=Repeats.WHOLE,
)  # fmt: skip
def moderate(body: DecideInput) -> dict[str, Any]:
    """The act `approve` makes a picture from Discord or Pinterest a draft that is described, and any other part of the library.
    `reject` moves it to the trash. `generate` orders variations of one that is approved. What is decided already stays as it is, and the answer says so. `actor` and
    `reason` are kept in the trail."""
    asked, image_id = body.asked, body.image
    person = on_behalf.person(g.actor, body.userId, "moderate", asked_by=body.asked_by)
    told = {"imageId": image_id, "userId": person.user_id}
    if asked == "generate":
        found = deciding.generate(person, image_id, body.wish)
    elif asked == "approve":
        found = deciding.approve(person, image_id)
    else:
        found = deciding.reject(person, image_id, reason=body.why)
    if found.image is not None:
        told |= {"status": found.image.status, "aiStatus": found.image.ai_status}
    return {"ok": True, "message": found.said, **told}


@door("/smartAnalyzeImage")
@operation(
    "ingest",
    surface=BOTS,
    summary="Describe a picture again",
    body=JsonBody(AnalyseInput, example={"userId": USER, "imageId": ID, "imageUrl": f"https://pictures.example.org/i/{ID}"}),
    answers=Answer(Success | Described, says="A machine describes it, or this is what it found.", example={"success": True}),
    faults=(
        IMAGE_NOT_FOUND,
        *TARGET,
        Fault(400, "FETCH_REFUSED", "Nothing is fetched from imageUrl: it is not an address of the public web."),
        Fault(400, "FETCH_FAILED", "The server at imageUrl answered, and has no picture there."),
        Fault(404, "FILE_NOT_FOUND", "The person has no file with the id in storageId."),
        Fault(409, "CONFLICT", "The picture is not stored yet, or with `variationCount` not approved."),
        Fault(409, "GENERATION_RUNNING", "With `variationCount`: a machine is at work on this picture. Nothing is asked for."),
        Fault(409, "GENERATION_OFF", "With `variationCount`: variations are switched off."),
        Fault(502, "ANALYSIS_FAILED", "Without `imageId`: the picture could not be fetched or described. Try again later."),
        Fault(502, "LIMIT_REACHED", "Without `imageId`: all descriptions that are allowed now are used."),
        Fault(503, "STILL_RUNNING", "Without `imageId`: it takes longer than a minute. Ask for the same again, which costs nothing."),
        Fault(503, "SERVER_BUSY", "Without `imageId`: many others wait at this moment."),
    ),
    bucket="ingest",
    callers=KEYS,
    repeats=Repeats.BYTES,
)
def analyse(body: AnalyseInput) -> dict[str, Any] | Response:
    """For the owner of a picture, and for administrators. A worker does it, with the stored picture and its words; what a
    person wrote stays. While the same waits already, nothing is asked for again. With `variationCount` variations are ordered as well. Without `imageId` the answer waits, for a minute
    at most, for what a machine finds in the file or at the address: `description`, `tags`, `colors` and `category`."""
    wish = body.wish
    if wish is not None:
        return glance.look(on_behalf.person(g.actor, body.userId, "ingest"), wish)
    # A repeat under a key orders nothing; what waits for an answer costs nothing when it is asked for again.
    return repeats.whole(body.model_dump_json(exclude_unset=True), lambda: _described_again(body))


def _described_again(body: AnalyseInput) -> Response:
    # An administrator's key may also describe what is somebody else's.
    person = on_behalf.person(g.actor, body.userId, "ingest", also=("admin",))
    if body.variations.pictures:
        # First, because nothing is ordered of a picture that a machine looks at.
        deciding.generate(on_behalf.person(g.actor, body.userId, "moderate"), str(body.imageId), body.variations)
    analysis.retry(person, str(body.imageId))
    return jsonify(success=True)
