"""What surfaces share: envelopes, the error body, and the faults that many operations name."""

from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, Field

from pindeck.api.operations import Answer, Fault
from pindeck.api.types import Output
from pindeck.states import JobStatus

T = TypeVar("T")


class ErrorDetail(Output):
    code: str = Field(description="For programs: a word that never changes.", examples=["IMAGE_NOT_FOUND"])
    message: str = Field(description="A whole sentence for people.", examples=["There is no such image."])
    details: dict[str, Any] | None = Field(
        None, description="By field: what is wrong with it, or its value now.", examples=[{"limit": "…"}]
    )


class ErrorBody(Output):
    """Every error of every operation. Batches of extensions put `data` or `deleted` beside it."""

    model_config = ConfigDict(extra="allow")

    success: bool = Field(examples=[False])
    error: ErrorDetail


class Data(Output, Generic[T]):
    """The envelope of images, flows and projects: `data` holds what was asked for."""

    success: bool = True
    data: T


class Pagination(Output):
    total: int = Field(ge=0, description="Matches under the same filters, on all pages.")
    limit: int = Field(ge=1, description="The page size that was used.")
    offset: int = Field(ge=0)
    hasMore: bool


class DataPage(Output, Generic[T]):
    """A page of images or flows."""

    success: bool = True
    data: list[T]
    pagination: Pagination


class CursorPage(Output, Generic[T]):
    """A page of a list with a cursor."""

    data: list[T]
    nextCursor: str | None = Field(description="Where the next page begins; null on the last one.")


class Success(Output):
    success: bool = True


def cursor_page(items: list[Any], following: str | None) -> dict[str, Any]:
    return {"data": items, "nextCursor": following}


def cursor_pages(model: type[Output], example: dict[str, Any]) -> Answer:
    """The answer of a list with a cursor; `example` is one of its things."""
    return Answer(CursorPage[model], example=cursor_page([example], None))  # type: ignore[valid-type]


def at_once_or_by_a_worker(model: type[Output], done: dict[str, Any], **running: Any) -> tuple[Answer, Answer]:
    """The answers of what a worker does where it is about many images. `running` is how the example differs then."""
    says = "A worker does it, because it is about more than 250 images."
    return Answer(model, example=done), Answer(model, status=202, says=says, example={**done, "status": "running", **running})


def data(value: Any) -> dict[str, Any]:
    return {"success": True, "data": value}


def page(items: list[Any], *, total: int, limit: int, offset: int, more: bool | None = None) -> dict[str, Any]:
    """`more` says whether there is another page; by an offset alone that is counted."""
    more = offset + len(items) < total if more is None else more
    pagination = {"total": total, "limit": limit, "offset": offset, "hasMore": more}
    return {"success": True, "data": items, "pagination": pagination}


IMAGE_NOT_FOUND = Fault(404, "IMAGE_NOT_FOUND", "There is no such image, or the caller may not see it.")
ALIAS_NOT_FOUND = Fault(404, "ALIAS_NOT_FOUND", "No image has this alias in the project or the flow.")
FLOW_NOT_FOUND = Fault(404, "FLOW_NOT_FOUND", "There is no such flow in the project.")
FLOW_ID_REQUIRED = Fault(400, "FLOW_ID_REQUIRED", "@last, @first and @upload need a flowId.")
PROJECT_NOT_FOUND = Fault(404, "PROJECT_NOT_FOUND", "There is no such project, or the key may not see it.")
FILE_TOO_LARGE = Fault(413, "FILE_TOO_LARGE", "The body is larger than allowed.")
UNSUPPORTED_FILE_TYPE = Fault(415, "UNSUPPORTED_FILE_TYPE", "The bytes are not of an accepted kind.")
IMAGE_UNDECODABLE = Fault(422, "IMAGE_UNDECODABLE", "The bytes begin like a picture and cannot be decoded.")
STORAGE_UNAVAILABLE = Fault(503, "STORAGE_UNAVAILABLE", "The store did not answer; nothing was kept. Try again.")
FILE_DAMAGED = Fault(503, "FILE_DAMAGED", "The stored file is not what was stored; its sizes are still served.")
SERVER_BUSY = Fault(503, "SERVER_BUSY", "Too much is being read or drawn at once. Nothing was kept; try again.")
STORE_FULL = Fault(507, "STORE_FULL", "The store is full; nothing was kept.")
USER_REQUIRED = Fault(403, "USER_REQUIRED", "The operation needs a person, and the key is not bound to one.")
UPLOAD_FAULTS = (FILE_TOO_LARGE, UNSUPPORTED_FILE_TYPE, IMAGE_UNDECODABLE, STORAGE_UNAVAILABLE, STORE_FULL)


JOB_STATUS = {
    JobStatus.QUEUED: "queued",
    JobStatus.RUNNING: "running",
    JobStatus.COMPLETED: "done",
    JobStatus.FAILED: "failed",
}
