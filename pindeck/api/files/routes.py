"""The operations of files: upload, read, list, delete."""

from flask import Blueprint, g, request

from pindeck import config
from pindeck.api import repeats
from pindeck.api.files.schemas import (
    ADDRESS,
    BYTES,
    DIGEST_HEADERS,
    DOCUMENT,
    EXAMPLE_ID,
    FILE_IN_USE,
    FILE_NOT_FOUND,
    INCOMING_FAULTS,
    INVALID_STORAGE_ID,
    RANGE_HEADERS,
    RANGE_OUTSIDE,
    UPLOAD,
    UPLOAD_EXAMPLE,
    AddressQuery,
    DeleteQuery,
    FetchRequest,
    FileAddress,
    FileDocument,
    FilePage,
    FileStats,
    JobAsked,
    ListQuery,
    ManyFiles,
    Stored,
    StoreQuery,
    TicketRequest,
    UploadAddress,
    document,
    file_page,
)
from pindeck.api.operations import Answer, JsonBody, Reply, StreamBody, keep, operation
from pindeck.api.parameters import PART, UNCHANGED, WHOLE
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import FILE_DAMAGED, STORAGE_UNAVAILABLE, STORE_FULL, Success
from pindeck.errors import NotFound, TooLarge
from pindeck.http import bodies, urls
from pindeck.http.sending import send_stored
from pindeck.models import StoredFile
from pindeck.services.blobs import digests, signed_urls
from pindeck.services.derivatives import delivery
from pindeck.services.files import from_web, intake, records
from pindeck.services.ingest import tickets

bp = Blueprint("api_storage", __name__, url_prefix=f"{PREFIX}/storage")

ID = {"storage_id": "The storage id of a file."}
ONE_FAULTS = (INVALID_STORAGE_ID, FILE_NOT_FOUND)


@bp.post("/upload-url")
@operation(
    "file.write",
    surface="files",
    summary="Ask for an upload address",
    body=JsonBody(TicketRequest, optional=True, example={"maxBytes": 1000000, "contentTypes": ["image/png"]}),
    answers=Answer(
        UploadAddress,
        says="An address that takes one file within an hour.",
        example={
            "uploadUrl": "https://pictures.example.org/storage/upload?token=1f0e",
            "expiresAt": 1772361000125,
        },
    ),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def ask_upload_url(body: TicketRequest | None) -> dict[str, object]:
    """A caller with the address may store one file, without any credential, until it expires an hour from now.
    Two calls give different addresses."""
    wanted = body or TicketRequest.model_validate({})
    minted = tickets.mint(
        g.actor,
        purpose=wanted.purpose,
        max_bytes=wanted.maxBytes,
        content_types=wanted.contentTypes,
        filename=wanted.originalFileName or "",
    )
    return {"uploadUrl": f"{urls.base()}{tickets.PATH}{minted.token}", "expiresAt": minted.expires_at}


@bp.post("")
@operation(
    "file.write",
    surface="files",
    summary="Store a file",
    query=StoreQuery,
    body=StreamBody(UPLOAD, optional=True, examples=UPLOAD_EXAMPLE),
    answers=Answer(Stored, status=201, says="Stored.", example={"storageId": EXAMPLE_ID}),
    faults=(*INCOMING_FAULTS, STORAGE_UNAVAILABLE, STORE_FULL),
    bucket="upload",
    headers=DIGEST_HEADERS,
    repeats=Repeats.BYTES,
)
def store(query: StoreQuery) -> dict[str, str]:
    """The body is the file, whatever it is. `Content-Type` is recorded word for word, a digest that is given is
    checked; after a refusal nothing is stored."""
    content_type = digests.media_type(request.headers.get("Content-Type"))
    sha256 = digests.announced(request.headers, query.sha256)
    most = config.current().max_file_bytes
    if (request.content_length or 0) > most:
        raise TooLarge(f"A file may have at most {most // 2**20} MiB.")
    owner = intake.owner_of(g.actor)
    repeats.asked()  # a key that is none is refused before a byte is read

    def told(file: StoredFile) -> None:
        keep(repeats.asked(file.blob.sha256, content_type, sha256), {"storageId": file.id})

    storage_id = intake.store(owner, bodies.incoming(request), content_type, sha256=sha256, then=told)
    return {"storageId": storage_id}


@bp.post("/fetch")
@operation(
    "file.write",
    surface="files",
    summary="Fetch a file from the web",
    body=JsonBody(FetchRequest, example={"url": "https://example.org/still.png", "maxBytes": 5000000}),
    answers=Answer(JobAsked, status=202, says="Asked for.", example={"jobId": EXAMPLE_ID}),
    bucket="upload",
    repeats=Repeats.WHOLE,
)
def fetch(body: FetchRequest) -> Reply:
    """A job fetches the file of a public http or https address and stores it as a file of the caller.
    `GET /api/v1/jobs/{id}` tells how it went. Addresses inside private networks fail, at every redirect."""
    job_id = from_web.ask(g.actor, body.url, sha256=body.sha256, max_bytes=body.maxBytes)
    return Reply({"jobId": job_id}, 202)


@bp.post("/delete")
@operation(
    "file.write",
    surface="files",
    summary="Delete several files",
    body=JsonBody(ManyFiles, example={"storageIds": [EXAMPLE_ID]}),
    answers=Answer(Success, example={"success": True}),
    faults=(*ONE_FAULTS, FILE_IN_USE),
    bucket="write",
)
def delete_many(body: ManyFiles) -> dict[str, bool]:
    """All of them or none: one that is missing or used by an image leaves everything as it is."""
    records.delete_many(g.actor, body.storageIds)
    return {"success": True}


@bp.get("")
@operation(
    "file.read",
    surface="files",
    summary="List files",
    query=ListQuery,
    answers=Answer(FilePage, example={"page": [DOCUMENT], "isDone": True, "continueCursor": None}),
)
def list_files(query: ListQuery) -> dict[str, object]:
    """The caller's files, or those of the key's project, by time and page by page. A cursor stays good while
    files come and go, and never repeats one."""
    found = records.list_page(
        g.actor,
        limit=query.limit,
        cursor=query.cursor,
        newest_first=query.order == "desc",
        since=query.minCreationTime,
        until=query.maxCreationTime,
        unclaimed=query.unclaimed,
    )
    return file_page(found)


@bp.get("/stats")
@operation(
    "file.read",
    surface="files",
    summary="Count files and bytes",
    answers=Answer(FileStats, example={"count": 3, "bytes": 3145728, "uniqueBytes": 2097152}),
)
def stats() -> dict[str, int]:
    """Count the files that the caller may list."""
    found = records.stats(g.actor)
    return {"count": found.count, "bytes": found.bytes, "uniqueBytes": found.unique_bytes}


@bp.get("/<storage_id>")
@operation(
    "file.read",
    surface="files",
    summary="Read what is known of a file",
    path=ID,
    answers=Answer(FileDocument, example=DOCUMENT),
    faults=ONE_FAULTS,
)
def metadata(storage_id: str) -> dict[str, object]:
    """Exactly five fields. `contentType` is what the upload claimed and proves nothing about the bytes."""
    return document(records.find(g.actor, storage_id))


@bp.delete("/<storage_id>")
@operation(
    "file.write",
    surface="files",
    summary="Delete a file",
    path=ID,
    query=DeleteQuery,
    answers=Answer(Success, example={"success": True}),
    faults=(*ONE_FAULTS, FILE_IN_USE),
    bucket="write",
)
def delete(storage_id: str, query: DeleteQuery) -> dict[str, bool]:
    """Every address of it stops working at once. A file that an image uses is deleted with the image; with
    `force=true` an administrator deletes it anyway and the image stays without its original."""
    records.delete(g.actor, storage_id, force=query.force)
    return {"success": True}


@bp.get("/<storage_id>/url")
@operation(
    "file.read",
    surface="files",
    summary="Get the download address of a file",
    path=ID,
    query=AddressQuery,
    answers=Answer(FileAddress, example={"url": ADDRESS}),
    faults=(INVALID_STORAGE_ID,),
)
def url(storage_id: str, query: AddressQuery) -> dict[str, str | None]:
    """A caller with the address can fetch the file, without a credential; it stays the same until it is rotated.
    With `expiresIn` it stops working after so many seconds. Null when there is no such file."""
    try:
        file = records.find(g.actor, storage_id)
    except NotFound:
        return {"url": None}
    if query.expiresIn is None:
        return {"url": urls.absolute(signed_urls.lasting(file))}
    return {"url": urls.absolute(signed_urls.signed(file, seconds=query.expiresIn))}


@bp.post("/<storage_id>/rotate-url")
@operation(
    "file.write",
    surface="files",
    summary="Give a file a new download address",
    path=ID,
    answers=Answer(FileAddress, example={"url": ADDRESS}),
    faults=ONE_FAULTS,
    bucket="write",
    repeats=Repeats.REFUSED,
)
def rotate_url(storage_id: str) -> dict[str, str]:
    """All addresses handed out before stop working. Nothing else of the file changes."""
    return {"url": urls.absolute(signed_urls.lasting(records.rotate(g.actor, storage_id)))}


@bp.get("/<storage_id>/content")
@operation(
    "file.read",
    surface="files",
    summary="Read the bytes of a file",
    path=ID,
    answers=(
        Answer(says="The bytes.", media=BYTES, headers=(*WHOLE, "Digest", "Repr-Digest")),
        Answer(status=206, says="A part of them.", media=BYTES, headers=(*PART, "Repr-Digest")),
        Answer(status=304, says="It is still the version in `If-None-Match`.", headers=UNCHANGED),
    ),
    faults=(*ONE_FAULTS, RANGE_OUTSIDE, FILE_DAMAGED, STORAGE_UNAVAILABLE),
    headers=RANGE_HEADERS,
)
def content(storage_id: str) -> object:
    """With the headers, digests and ranges of the download address, by the right of a key or session."""
    return send_stored(delivery.of_file(records.find(g.actor, storage_id)))
