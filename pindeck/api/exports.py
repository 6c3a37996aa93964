"""The operations of exports: a file is asked for, a job makes it, and its address is told."""

from typing import Any, Literal

from flask import Blueprint, g, url_for
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Input, Int, Output, Text, Uuid, check_uuid
from pindeck.exports import asking, requests
from pindeck.exports.requests import Standing
from pindeck.models import Export as ExportRow
from pindeck.services.images import inspector

bp = Blueprint("api_exports", __name__, url_prefix=f"{PREFIX}/exports")

Kind = Literal["contact", "storyboard", "csv", "deck", "pptx", "html", "zip"]
Quality = Literal["screen", "print"]
EXPORT = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6d11",
    "of": {"board": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b11"},
    "kind": "contact",
    "quality": "screen",
    "options": {"paper": "a4", "columns": 4, "captions": ["title", "credit"]},
    "title": "Night ride",
    "status": "done",
    "progress": 100,
    "error": None,
    "notes": [],
    "images": 12,
    "url": "/exports/0198c5a0-7d1e-7a63-9c55-3f0d8f0b6d11/file?until=1772440200&s=jB0n7cTIlkC0u1b4k2cvX8pVvT1Qp8m5aKxqkz3cH2o",
    "filename": "Night-ride.pdf",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 184320,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:30:09.125Z",
    "expiresAt": "2026-03-31T09:30:00.125Z",
}
NOT_FOUND = Fault(404, "EXPORT_NOT_FOUND", "The caller has no such export.")
PATH = {"export_id": "The export's id"}


class Source(Input):
    """One of them."""

    model_config = ConfigDict(extra="forbid")

    board: Uuid | None = Field(None, description="Id of a board.")
    storyboard: Uuid | None = Field(None, description="Id of a storyboard.")
    deck: Uuid | None = Field(None, description="Id of a deck.")
    project: Text | None = Field(None, description="Slug of a project: its row.")
    q: Text | None = Field(None, description="A search, as in the search box of the gallery; an empty one means all images.")
    ids: list[Uuid] | None = Field(None, max_length=inspector.MOST, description=f"Ids of images, in this order; at most {asking.MOST:,}, and {inspector.MOST:,} for a ZIP.")


class NewExport(Input):
    model_config = ConfigDict(extra="forbid")

    of: Source
    kind: Kind = Field(description="A contact sheet (PDF); of a storyboard its sheet (PDF) or its shot list (CSV); of a deck its slides (PDF), or the same as PPTX in a ZIP with their fonts; of a deck, a board or a storyboard a web page in a ZIP that opens from a disk; of all of them a ZIP of the images.")
    quality: Quality = "screen"
    paper: Literal["a4", "letter", "screen"] | None = Field(None, description="Of a PDF, lying; without it `screen` (16:9) for a deck, and A4 for others.")
    columns: Int | None = Field(None, description=f"Of a contact sheet, 1 to {asking.MOST_COLUMNS}; 4 without it.")
    captions: list[Literal["title", "file", "credit", "palette"]] | None = Field(
        None, max_length=4, description="What stands under each picture of a contact sheet; all of it without this."
    )
    perPage: Literal["3x2", "2x3", "1"] | None = Field(None, description="Shots across and down a page of a storyboard sheet.")


    size: Literal["original", "large", "medium", "small", "preview"] | None = Field(None, description="Of the images in a ZIP; their originals without it.")
    folders: Literal["project"] | None = Field(None, description="Of a ZIP: a folder for each project. Without it all lie in one.")


class ExportBegun(Output):
    id: Uuid
    status: Literal["queued", "running", "done", "failed"]


class Export(Output):
    id: Uuid
    of: dict[str, Any] = Field(description="What it is made of, as it was asked for.")
    kind: Kind
    quality: Quality
    options: dict[str, Any]
    title: str
    status: Literal["queued", "running", "done", "failed"]
    progress: int = Field(description="Per cent.")
    error: str | None = Field(description="Why there is no file.")
    notes: list[str] = Field(description="Sentences about the file, such as which image could not be read.")
    images: int = Field(description="How many are in the file.")
    url: str | None = Field(
        description="Where the file is, for 24 hours and without a key; null while it is made. It answers 409 as soon as an "
        "image in it is hidden or deleted."
    )
    filename: str | None
    sha256: str | None = Field(description="Hex digits, of the file.")
    size: int | None = Field(description="Bytes.")
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")
    expiresAt: str = Field(description="When it is deleted unless it is asked for again.")


def _shape(row: ExportRow, standing: Standing) -> dict[str, Any]:
    is_there = standing.status == "done"
    return {
        "id": row.id,
        "of": row.of_what,
        "kind": row.kind,
        "quality": row.quality,
        "options": row.options,
        "title": row.title,
        "status": standing.status,
        "progress": standing.percent,
        "error": requests.reason_of(row),
        "notes": row.notes if is_there else [],
        "images": len(row.image_ids) if is_there else 0,
        "url": url_for("exports.file", export_id=row.id, **requests.signed_query(row)) if is_there else None,
        "filename": row.filename if is_there else None,
        "sha256": row.sha256 if is_there else None,
        "size": row.size if is_there else None,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
        "expiresAt": iso(row.expires_at),
    }


@bp.post("")
@operation(
    "export.make",
    surface="exports",
    summary="Make a file of images",
    body=JsonBody(NewExport, example={"of": {"board": EXPORT["of"]["board"]}, "kind": "contact", "columns": 4}),  # type: ignore[index]
    answers=Answer(ExportBegun, status=202, says="A job makes it.", example={"id": EXPORT["id"], "status": "queued"}),
    faults=(
        USER_REQUIRED, Fault(404, "NOT_FOUND", "The caller does not know what it is to be made of."),
        Fault(404, "BOARD_NOT_FOUND", "The caller has no such board."),
        Fault(404, "STORYBOARD_NOT_FOUND", "The caller has no such storyboard."),
        Fault(409, "RIGHTS_NOT_CLEARED", "Images are not cleared, which `details.images` names (at most 100, of `details.count`) with their rights."),
        Fault(404, "DECK_NOT_FOUND", "The caller has no such deck."),
    ),
    bucket="write",
    repeats=Repeats.WHOLE,
)  # fmt: skip
def create_export(body: NewExport) -> Reply:
    """Asking for the same again gives the same export, whose file is made anew if what it is made of has changed. Images that
    the caller does not see, or that lie in the trash, are left out."""
    of = {name: value for name, value in body.of.model_dump().items() if value is not None}
    wish = asking.checked(
        of, body.kind, body.quality, paper=body.paper, columns=body.columns, captions=body.captions, perPage=body.perPage,
        size=body.size, folders=body.folders,
    )
    made = requests.ask(g.actor, wish)
    return Reply({"id": made.id, "status": requests.standings([made])[made.id].status}, 202)


@bp.get("")
@operation(
    "export.view",
    surface="exports",
    summary="List exports",
    query=CursorPages,
    answers=cursor_pages(Export, EXPORT),
)
def list_exports(query: CursorPages) -> dict[str, Any]:
    """Those of the caller, newest first."""
    found, more = requests.list_page(g.actor, limit=query.limit, after=query.after)
    standings = requests.standings(found)
    shapes = [_shape(row, standings[row.id]) for row in found]
    return cursor_page(shapes, cursors.write(found[-1].created_at, more) if more else None)


@bp.get("/<export_id>")
@operation(
    "export.view",
    surface="exports",
    summary="Get an export",
    path=PATH,
    answers=Answer(Export, example=EXPORT),
    faults=(NOT_FOUND,),
)
def get_export(export_id: str) -> dict[str, Any]:
    """How far it is, and where its file is."""
    found = requests.find(g.actor, check_uuid(export_id, "export_id"))
    return _shape(found, requests.standings([found])[found.id])


@bp.delete("/<export_id>")
@operation(
    "export.make",
    surface="exports",
    summary="Delete an export",
    path=PATH,
    answers=Answer(status=204, says="It is deleted with its file."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def delete_export(export_id: str) -> Reply:
    """It cannot be undone. A job that makes it ends."""
    requests.remove(g.actor, check_uuid(export_id, "export_id"))
    return Reply(None, 204)
