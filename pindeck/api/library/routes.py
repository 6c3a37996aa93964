"""The operations of the library. Answers are bare JSON values: the documented interface has no envelope."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, g

from pindeck import cursors
from pindeck.api.library.inputs import (
    AiStatusInput,
    Change,
    CreateInput,
    ImageIds,
    ImportInput,
    RowOrder,
    UploadName,
    UploadsInput,
)
from pindeck.api.library.schemas import (
    ID,
    RECORD,
    Changed,
    FindQuery,
    Found,
    LibraryImage,
    ListQuery,
    SearchQuery,
    record,
)
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.paging import Cursored, cut
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, USER_REQUIRED, Success
from pindeck.cursors import Place
from pindeck.http import urls
from pindeck.services.images import moderation
from pindeck.services.ingest import approval, external, ticket_uploads, tickets
from pindeck.services.library import filters, lists, looks, own, sorting
from pindeck.services.library.lists import Entry
from pindeck.states import AiStatus

bp = Blueprint("api_library", __name__, url_prefix=f"{PREFIX}/library")

LIST = Answer(list[LibraryImage], example=[RECORD])
PAGE = replace(LIST, headers=("Link",))
NOTHING = Answer(type(None), says="null", example=None)
NEW_ID = Answer(str, says="The image's id.", example=ID)
IMAGE = {"image_id": "The image's id"}
GONE = (IMAGE_NOT_FOUND, USER_REQUIRED)


def _told(entries: list[Entry]) -> list[dict[str, Any]]:
    return [record(entry) for entry in entries]


def _page(query: Cursored, found: list[Entry], limit: int) -> Reply:
    shown, link = cut(query, found, limit, lambda entry: Place(entry.image.created_at, entry.image.id))
    return Reply(_told(shown), headers=link)


def _own(query: Cursored, listed: Callable[..., list[Entry]]) -> Reply:
    after = query.after.id if query.after else None
    return _page(query, listed(g.actor, limit=own.MOST + 1, after=after), own.MOST)


# Looking


@bp.get("/images")
@operation("library.view", surface="library", summary="Browse the library", query=ListQuery, answers=PAGE)
def list_library(query: ListQuery) -> Reply:
    """Active images of the library, newest first. Visitors may look where the library is public; with `projectName`
    callers that work in the project also see its unlisted images."""
    after = query.after.id if query.after else None
    found = lists.list_images(g.actor, query.wanted, limit=query.limit + 1, offset=query.offset, after=after)
    return _page(query, found, query.limit)


@bp.get("/images/search")
@operation("library.view", surface="library", summary="Search titles", query=SearchQuery, answers=LIST)
def search_library(query: SearchQuery) -> list[dict[str, Any]]:
    """At most fifty images whose titles hold all the words, the closest titles first."""
    return _told(lists.search_images(g.actor, query.wanted))


@bp.get("/search")
@operation(
    "library.view",
    surface="library",
    summary="Search the library",
    query=FindQuery,
    answers=Answer(Found, example={"data": [RECORD], "nextCursor": None, "problems": []}),
)
def find_images(query: FindQuery) -> dict[str, Any]:
    """What a search in the grammar of the search box finds, in any order. It never fails for a search: what cannot be read
    is told with its place, and the rest counts."""
    wanted = {filters.WORDS: query.q} if query.q.strip() else {}
    sort = query.sort or sorting.usual(query.q)
    if query.cursor is not None and not sorting.is_place(query.cursor, sort):
        raise cursors.wrong()
    found, following = lists.find_images(g.actor, wanted, sort, limit=query.limit, after=query.cursor)
    unread = [{"at": each.at, "end": each.end, "says": each.says} for each in looks.problems(query.q)]
    return {"data": _told(found), "nextCursor": following, "problems": unread}


@bp.get("/images/drafts")
@operation("library.own", surface="library", summary="Own drafts", query=Cursored, answers=PAGE, faults=(USER_REQUIRED,))
def list_drafts(query: Cursored) -> Reply:
    """Uploads of the caller that are not published yet, newest first."""
    return _own(query, own.drafts)


@bp.get("/images/pending")
@operation("library.own", surface="library", summary="Own waiting imports", query=Cursored, answers=PAGE, faults=(USER_REQUIRED,))
def list_pending(query: Cursored) -> Reply:
    """Imports of the caller that wait for a person to approve or discard them, newest first."""
    return _own(query, own.pending)


@bp.get("/images/processing")
@operation("library.own", surface="library", summary="Own images being described", query=Cursored, answers=PAGE, faults=(USER_REQUIRED,))
def list_processing(query: Cursored) -> Reply:
    """What a machine has been describing for less than eighteen hours, newest first."""
    return _own(query, own.processing)


@bp.get("/images/<image_id>")
@operation(
    "library.view",
    surface="library",
    summary="Get one image",
    path=IMAGE,
    answers=Answer(
        LibraryImage | None, says="The image, or null if there is none the caller may see.", example=RECORD
    ),
)
def get_library_image(image_id: str) -> dict[str, Any] | None:
    """One image, or null: nobody learns whether there is one that is hidden."""
    entry = lists.get(g.actor, image_id)
    return record(entry) if entry else None


@bp.get("/groups")
@operation(
    "library.view", surface="library", summary="The nine types", answers=Answer(list[str], example=["Commercial", "Film"])
)
def list_groups() -> list[str]:
    """The production types, in the order pickers show them."""
    return lists.groups()


@bp.get("/categories")
@operation("library.view", surface="library", summary="Categories", answers=Answer(list[str], example=["Abstract", "Film"]))
def list_categories() -> list[str]:
    """The built-in categories and those in use, alphabetical."""
    return lists.categories(g.actor)


# Bringing in


@bp.post("/images")
@operation(
    "upload",
    surface="library",
    summary="Record a hosted picture",
    body=JsonBody(
        CreateInput,
        example={"title": "Neon alley", "imageUrl": "https://example.org/a.jpg", "tags": [], "category": "Film"},
    ),
    answers=NEW_ID,
    faults=(USER_REQUIRED, Fault(409, "CONFLICT", "Another image has this uniqueId.")),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_image(body: CreateInput) -> str:
    """Record a picture that has an address on the web; the record is active at once, and not described by a machine. A job
    brings a copy into our store; until then, and if that fails, `imageUrl` is the address that was given."""
    return external.create(g.actor, body.candidate)


@bp.post("/images/external")
@operation(
    "upload",
    surface="library",
    summary="Import a picture once",
    body=JsonBody(
        ImportInput, example={"title": "Pin", "imageUrl": "https://example.org/a.jpg", "externalId": "pinterest:1"}
    ),
    answers=Answer(str, says="The id of the new image, or of the one that is there already.", example=ID),
    faults=(
        USER_REQUIRED,
        Fault(
            409, "CONFLICT", "Another image has this uniqueId, or one outside of the key's project this externalId."
        ),
    ),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_external_image(body: ImportInput) -> str:
    """Import from elsewhere. The id that is there is answered for the same externalId (one's own, or of an image the
    caller sees) and for the same address (one's own). Discord and Pinterest wait for a person, anything else is
    active and described. A `storagePath` names a stored picture of one's own, whose bytes are then used."""
    return external.create_external(g.actor, body.candidate)


@bp.post("/upload-url")
@operation(
    "upload",
    surface="library",
    summary="An address to upload to",
    body=JsonBody(UploadName, optional=True, example={"originalFileName": "Storm light.jpg"}),
    answers=Answer(str, says="Good for an hour and one file.", example="https://…/storage/upload?token=…"),
    faults=(USER_REQUIRED,),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def generate_upload_url(body: UploadName | None) -> str:
    """Send the raw bytes of one picture there with PUT or POST; the answer holds its storageId."""
    ticket_uploads.check_may(g.actor)
    name = body.originalFileName if body else None
    return urls.absolute(tickets.PATH + tickets.make_ticket(g.actor, filename=name or ""))


@bp.post("/uploads")
@operation(
    "upload",
    surface="library",
    summary="Make drafts of uploads",
    body=JsonBody(
        UploadsInput,
        example={"uploads": [{"storageId": ID, "title": "Still", "category": "Film", "tags": ["neon"]}]},
    ),
    answers=Answer(list[str], says="Image ids in the order of the uploads.", example=[ID]),
    faults=(
        USER_REQUIRED,
        Fault(404, "NOT_FOUND", "An upload is not there, not yours, or claimed already; nothing was made."),
        Fault(409, "CONFLICT", "Another image has this uniqueId."),
    ),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def upload_multiple(body: UploadsInput) -> list[str]:
    """Up to fifty stored uploads become drafts: all of them, or none."""
    ticket_uploads.check_may(g.actor)
    items = [item.model_dump(exclude_unset=True) for item in body.uploads]
    return ticket_uploads.upload_multiple(g.actor, items)


@bp.post("/uploads/finalize")
@operation(
    "library.change",
    surface="library",
    summary="Publish drafts",
    body=JsonBody(ImageIds, example={"imageIds": [ID]}),
    answers=NOTHING,
    faults=(USER_REQUIRED,),
    bucket="write",
)
def finalize_uploads(body: ImageIds) -> None:
    """Own drafts become part of the library; everything else in the list is left alone."""
    moderation.finalize(g.actor, body.imageIds)


# Reacting


@bp.post("/images/<image_id>/like")
@operation(
    "library.change",
    surface="library",
    summary="Like, or take the like back",
    path=IMAGE,
    answers=Answer(bool, says="Whether it is liked now.", example=True),
    faults=(*GONE, Fault(409, "CONFLICT", "It was just deleted.")),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def toggle_like(image_id: str) -> bool:
    """Adds or removes the caller's like."""
    return moderation.like(g.actor, image_id)


@bp.post("/images/<image_id>/view")
@operation(
    "library.own", surface="library", summary="Count a view", path=IMAGE, answers=NOTHING, faults=GONE, bucket="write"
)
def increment_views(image_id: str) -> None:
    """To be called when an image was shown to somebody. It counts once for a session, and once a day for a key, which
    needs images:write and a person; visitors do not count."""
    moderation.count_view(g.actor, image_id)


# Deciding


@bp.post("/images/<image_id>/approve")
@operation(
    "library.change",
    surface="library",
    summary="Keep",
    path=IMAGE,
    answers=NOTHING,
    faults=(*GONE, Fault(409, "CONFLICT", "Its bytes could not be stored yet, or are missing.")),
    bucket="write",
)
def approve_image(image_id: str) -> None:
    """Approve a waiting picture: from Discord it becomes a draft, from Pinterest as well if imports from there wait and
    it was not described yet, from anywhere else active. Describing begins if it waited for this. If the copy of one
    that becomes a draft had failed, it is tried again first. Twice changes nothing."""
    approval.approve(g.actor, image_id)


@bp.post("/images/<image_id>/reject")
@operation("library.delete", surface="library", summary="Discard", path=IMAGE, answers=NOTHING, faults=GONE, bucket="write")
def reject_image(image_id: str) -> None:
    """A waiting picture goes for good, with its stored bytes. For its owner and administrators."""
    moderation.remove(g.actor, image_id)


@bp.delete("/images/<image_id>")
@operation(
    "library.delete",
    surface="library",
    summary="Delete for good",
    path=IMAGE,
    answers=Answer(Success, example={"success": True}),
    faults=GONE,
    bucket="write",
)
def remove_image(image_id: str) -> dict[str, bool]:
    """For the owner and administrators; it cannot be undone. The trash is in the web pages and among the operations of images."""
    moderation.remove(g.actor, image_id)
    return {"success": True}


@bp.patch("/images/<image_id>")
@operation(
    "library.change",
    surface="library",
    summary="Correct an image",
    path=IMAGE,
    body=JsonBody(Change, example={"title": "Neon alley", "tags": ["neon"], "projectName": "Blade Runner"}),
    answers=Answer(Changed, example={"success": True}),
    faults=(*GONE, Fault(409, "CONFLICT", "Another image has this uniqueId.")),
    bucket="write",
)
def update_image_metadata(image_id: str, body: Change) -> dict[str, Any]:
    """Writes the fields that are named. Any curator may correct words; visibility is the owner's. A move to another
    project lets the image's alias go, and the answer names it."""
    released = moderation.update(g.actor, image_id, body.fields, visibility=body.visibility)
    return {"success": True, **({"releasedAlias": released} if released else {})}


@bp.put("/images/<image_id>/ai-status")
@operation(
    "library.change",
    surface="library",
    summary="Mark as described or failed",
    path=IMAGE,
    body=JsonBody(AiStatusInput, example={"status": "completed"}),
    answers=NOTHING,
    faults=GONE,
    bucket="write",
)
def set_ai_status(image_id: str, body: AiStatusInput) -> None:
    """To free an image whose description hangs: `completed` or `failed`. For its owner and administrators; to
    anybody else there is no such image."""
    moderation.set_ai_status(g.actor, image_id, AiStatus(body.status))


@bp.put("/projects/row-order")
@operation(
    "library.change",
    surface="library",
    summary="Order a project row",
    body=JsonBody(RowOrder, example={"projectName": "Blade Runner", "imageIds": [ID]}),
    answers=replace(NOTHING, headers=("X-Released-Aliases",)),
    faults=(USER_REQUIRED,),
    bucket="write",
)
def set_project_row_order(body: RowOrder) -> Reply:
    """Every image of the list gets that project, and its index in the list as its place. Ids of images that the
    caller cannot see or edit are passed over. Aliases that moved images lost stand in X-Released-Aliases."""
    released = moderation.set_row_order(g.actor, body.projectName, body.imageIds)
    return Reply(None, headers={"X-Released-Aliases": ", ".join(released)} if released else {})
