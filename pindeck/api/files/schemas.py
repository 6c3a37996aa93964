"""The records of files as programs read them, pages of them, addresses, and what comes in."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pindeck.api.operations import Fault
from pindeck.api.types import Input, Output, Query, QueryFlag, QueryInt, Text, limit_type
from pindeck.models import StoredFile
from pindeck.services.blobs import signed_urls
from pindeck.services.files import records

EXAMPLE_ID = "0198c5a0-9b44-7c05-b1d3-2f6e0a7c5d18"
DOCUMENT = {
    "_id": EXAMPLE_ID,
    "_creationTime": 1772357400125,
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "size": 0,
    "contentType": "text/plain; charset=utf-8",
}
ADDRESS = "https://pictures.example.org/storage/7d0f6c3e9a514be28e0c1f5a6b7d9e30"
UPLOAD: dict[str, dict[str, Any]] = {"*/*": {"type": "string", "format": "binary"}}
UPLOAD_EXAMPLE = {"*/*": "(the bytes of still.jpg)"}
BYTES = ("*/*",)

DIGEST_HEADERS = {
    "Digest": "`sha-256=<base64>` of the body; checked.",
    "Repr-Digest": "`sha-256=:<base64>:` of the body (RFC 9530); checked. `Content-Digest` likewise.",
    "X-Content-SHA256": "64 hex digits; checked.",
}
NAME_HEADER = {"Content-Disposition": "What a picture is called, as its `filename`; kept if its claim gives no name."}
RANGE_HEADERS = {
    "Range": "One range of bytes, such as `bytes=0-99` or `bytes=-10`.",
    "If-Range": "The ETag the range is meant for.",
    "If-None-Match": "The ETag of a version that the caller has.",
}

FILE_NOT_FOUND = Fault(404, "FILE_NOT_FOUND", "There is no such file, or the caller may not see it.")
INVALID_STORAGE_ID = Fault(400, "INVALID_STORAGE_ID", "The storage id is malformed.")
FILE_IN_USE = Fault(409, "FILE_IN_USE", "An image uses the file; `details.imageId` names it.")
RANGE_OUTSIDE = Fault(416, "REQUESTED_RANGE_NOT_SATISFIABLE", "The range holds no byte of the file.")
INCOMING_FAULTS = (
    Fault(400, "BAD_HEADER", "A digest or the Content-Type is malformed, or two digests disagree."),
    Fault(400, "SHA256_MISMATCH", "The bytes have another digest than was announced."),
    Fault(400, "UPLOAD_INCOMPLETE", "The body broke off."),
    Fault(408, "UPLOAD_TIMEOUT", "The upload took too long."),
    Fault(413, "FILE_TOO_LARGE", "The body is larger than allowed."),
)
TICKET_FAULTS = (
    Fault(400, "MISSING_TOKEN", "The address has no token."),
    Fault(400, "EMPTY_IMAGE", "The address takes pictures, and the body was empty."),
    Fault(401, "STORAGE_TOKEN_INVALID", "The token is not known, or the person or key that asked for it may no longer upload."),
    Fault(401, "STORAGE_TOKEN_EXPIRED", "The token is older than an hour."),
    Fault(409, "TICKET_USED", "The address has stored other bytes already."),
    Fault(415, "UNSUPPORTED_FILE_TYPE", "The address does not take files of this type."),
    Fault(422, "IMAGE_UNDECODABLE", "The address takes pictures, and this one cannot be decoded."),
)


# Out


class FileDocument(Output):
    """What is known of a stored file. It never changes; names of files are not kept."""

    id: str = Field(alias="_id", description="The storage id. It is not an address and gives no right.")
    creation_time: int = Field(alias="_creationTime", description="When it was stored, milliseconds since the epoch.")
    sha256: str = Field(description="64 lower-case hex digits.")
    size: int = Field(ge=0, description="Bytes.")
    content_type: str | None = Field(alias="contentType", description="As declared, word for word; else null.")


class FilePage(Output):
    page: list[FileDocument]
    is_done: bool = Field(alias="isDone", description="Whether this is the last page.")
    continue_cursor: str | None = Field(alias="continueCursor", description="The cursor of the next page; null on the last one.")


class FileStats(Output):
    count: int
    bytes: int = Field(description="All files together.")
    unique_bytes: int = Field(alias="uniqueBytes", description="The same with equal contents counted once.")


class Stored(Output):
    storageId: str


class UploadAddress(Output):
    uploadUrl: str = Field(description="Absolute; send one file there by POST or PUT.")
    expiresAt: int = Field(description="Milliseconds since the epoch.")


class FileAddress(Output):
    url: str | None = Field(description="Absolute; null when there is no such file.")


class JobAsked(Output):
    jobId: str


class FoundPicture(Output):
    title: str
    url: str | None
    pageUrl: str | None
    reason: str | None = Field(description="Why there is no picture: a sentence for people.")


class FoundAtSource(Output):
    count: int = Field(description="How many pictures a run would look at.")
    first: list[FoundPicture] = Field(description="The first three.")


class JobState(Output):
    id: str
    status: Literal["queued", "running", "done", "failed"]
    storageId: str | None = Field(None, description="What a fetch stored, when it is done.")
    found: FoundAtSource | None = Field(None, description="What a test of a source found, when it is done.")
    error: str | None = Field(None, description="Why it failed: a sentence for people.")


def document(file: StoredFile) -> dict[str, Any]:
    return {
        "_id": file.id,
        "_creationTime": file.created_at,
        "sha256": file.blob.sha256,
        "size": file.blob.size,
        "contentType": file.declared_type,
    }


def file_page(found: records.FoundFiles) -> dict[str, Any]:
    return {
        "page": [document(file) for file in found.files],
        "isDone": found.cursor is None,
        "continueCursor": found.cursor,
    }


# In

MediaType = Annotated[Text, Field(max_length=255, pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$")]


class TicketRequest(Input):
    maxBytes: int | None = Field(None, ge=0, le=2**53 - 1, description="A limit below that of the installation.")
    contentTypes: list[MediaType] | None = Field(
        None, min_length=1, max_length=50, description="Types that are taken; parameters do not count."
    )
    purpose: Literal["file", "image"] = Field(
        "file", description="`image` takes pictures only, which are deleted after a day unless they are claimed."
    )
    originalFileName: Text | None = Field(None, max_length=1000, description="What a picture is called from then on.")


class FetchRequest(Input):
    url: Text = Field(min_length=1, max_length=2048, pattern=r"^[hH][tT][tT][pP][sS]?://")
    sha256: Text | None = Field(None, description="64 hex digits, or base64 of 32 bytes; what must arrive.")
    maxBytes: int | None = Field(None, ge=0, le=2**53 - 1, description="A limit below that of the installation.")


class ManyFiles(Input):
    storageIds: list[Text] = Field(max_length=records.MOST_AT_ONCE, description="All are deleted, or none.")


class ListQuery(Query):
    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Text | None = Field(None, description="`continueCursor` of the page before.")
    order: Literal["asc", "desc"] = Field("desc", description="By the time they were stored.")
    minCreationTime: QueryInt | None = Field(None, description="Milliseconds; included.")
    maxCreationTime: QueryInt | None = Field(None, description="Milliseconds; included.")
    unclaimed: QueryFlag = Field(False, description="Only files that no image uses.")


class StoreQuery(Query):
    sha256: Text | None = Field(None, description="64 hex digits in any case, or base64 of 32 bytes.")


class AddressQuery(Query):
    expiresIn: Annotated[QueryInt, Field(ge=1, le=signed_urls.LONGEST_S)] | None = Field(
        None, description="Seconds, at most seven days: an address that stops working by itself."
    )


class DeleteQuery(Query):
    force: QueryFlag = Field(False, description="With an administrator's session: delete it although an image uses it.")
