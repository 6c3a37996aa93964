"""The records of images, flows and projects as programs read them, and what comes in."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from pindeck import config
from pindeck.api.filtering import Filtered, offers
from pindeck.api.paging import Cursored, Offset
from pindeck.api.parameters import AT_LEAST_ONE
from pindeck.api.types import (
    Input,
    JsonObject,
    Output,
    Query,
    QueryFlag,
    QueryInt,
    RightsWord,
    Text,
    Uuid,
    limit_type,
    told_rights,
)
from pindeck.errors import Invalid
from pindeck.http import urls
from pindeck.models import Project
from pindeck.services.images import image_urls, managed
from pindeck.services.images.flows import FlowView
from pindeck.services.images.managed import Change, Record
from pindeck.services.library import filters

ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
PROJECT = "00000000-0000-7000-8000-000000000000"
IMAGE = {
    "id": ID,
    "projectId": PROJECT,
    "flowId": None,
    "storageUrl": f"https://pictures.example.org/i/{ID}",
    "mimeType": "image/jpeg",
    "fileSize": 482113,
    "width": 1920,
    "height": 1080,
    "source": "uploaded",
    "alias": "@hero",
    "focalPoint": {"x": 0.25, "y": 0.75},
    "meta": {"shot": 12},
    "credit": "Roger Deakins",
    "rights": "cleared",
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:10.004Z",
}
FLOW = {
    "id": "0198c5a0-8f00-7b11-8a52-6d1f3e0c9b27",
    "aliases": {"@hero": ID},
    "generationCount": 2,
    "imageCount": 3,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:10.004Z",
}


# Out


class FocalPoint(Output):
    x: float = Field(ge=0, le=1, description="From the left edge, 0 to 1.")
    y: float = Field(ge=0, le=1, description="From the top edge, 0 to 1.")


class ManagedImage(Output):
    id: str = Field(description="UUID; also the last segment of `storageUrl`.")
    projectId: str
    flowId: str | None
    storageUrl: str = Field(
        description="Absolute address that serves the original bytes: at the CDN, if there is one and anybody may see them."
    )
    mimeType: str | None = Field(description="Established from the bytes; null until an external picture is fetched.")
    fileSize: int | None = Field(description="Bytes of the original.")
    width: int | None = Field(description="Pixels, orientation applied.")
    height: int | None = Field(description="Pixels, orientation applied.")
    source: Literal["generated", "uploaded"]
    alias: str | None = Field(description="The project alias with its @; never one of a flow.")
    focalPoint: FocalPoint | None
    meta: dict[str, Any] = Field(description="The caller's own JSON.")
    credit: str | None = Field(description="Whom the picture is owed to, or an address.")
    rights: RightsWord = Field(description="What is known of the right to show it outside; `reference` is for reference only.")
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")
    deletedAt: str | None = Field(None, description="Only on a trashed image that `includeDeleted` brought up.")


class NamedImage(ManagedImage):
    previousHolderId: str | None = Field(description="The image that had the alias before, if it was another one.")


class RestoredImage(ManagedImage):
    restoredAlias: str | None = Field(
        None, description="The alias that the image has again; left out if there is none."
    )
    lostAlias: str | None = Field(
        None, description="The alias that another image has now; left out if there is none."
    )


class OnlyId(Output):
    id: str


class Deleted(Output):
    success: bool = True
    deleted: bool = Field(description="False when `unused=true` kept it.")
    data: OnlyId


class SignedUrl(Output):
    url: str = Field(
        description="Absolute address of the crop. It works for callers who may see the picture; the signature alone gives no right."
    )


class FlowShape(Output):
    id: str
    aliases: dict[str, str] = Field(description="Name with its @ → image id.")
    generationCount: int
    imageCount: int = Field(description="Without the trash.")
    createdAt: str
    updatedAt: str


class ProjectShape(Output):
    id: str
    name: str
    slug: str = Field(description="Used in public addresses and in `project=`.")


@lru_cache(maxsize=4096)
def iso(ms: int) -> str:
    """Milliseconds since the epoch as ISO 8601 with `Z`. Kept, because lists say the same times again and again."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:19]}.{ms % 1000:03d}Z"


Homes = Callable[[str, str, int | None], str]


def homes() -> Homes:
    """Where the picture of a record is served, by its status, visibility and time of deletion; made once per answer."""
    here = urls.base()
    if not config.current().cdn_base_url:
        return lambda *_: here
    return cache(lambda *columns: urls.of_pictures(is_public=image_urls.is_public(*columns)))


def image_shape(record: Record, home: Homes) -> dict[str, Any]:
    (
        image_id, project_id, flow_id, external, mime, size, width, height, origin, alias, x, y, meta,
        created_at, updated_at, deleted_at, status, visibility, credit, rights,
    ) = record  # fmt: skip
    shape = {
        "id": image_id,
        "projectId": project_id,
        "flowId": flow_id,
        "storageUrl": external or f"{home(status, visibility, deleted_at)}/i/{image_id}",
        "mimeType": mime,
        "fileSize": size,
        "width": width,
        "height": height,
        "source": managed.source_of(origin),
        "alias": alias,
        "focalPoint": None if x is None or y is None else {"x": x, "y": y},
        "meta": {} if meta == "{}" else json.loads(meta),
        "credit": credit,
        "rights": told_rights(rights),
        "createdAt": iso(created_at),
        "updatedAt": iso(updated_at),
    }
    if deleted_at is not None:
        shape["deletedAt"] = iso(deleted_at)
    return shape


def images_shape(records: list[Record]) -> list[dict[str, Any]]:
    home = homes()
    return [image_shape(record, home) for record in records]


def flow_shape(view: FlowView) -> dict[str, Any]:
    return {
        "id": view.flow.id,
        "aliases": view.aliases,
        "generationCount": view.generations,
        "imageCount": view.images,
        "createdAt": iso(view.flow.created_at),
        "updatedAt": iso(view.flow.updated_at),
    }


def project_shape(project: Project) -> dict[str, Any]:
    return {"id": project.id, "name": project.name, "slug": project.slug}


# In

ProjectName = Annotated[
    Text | None, Field(description="Slug or id. A project key has its own; else `library`, or the named flow's.")
]
FlowId = Annotated[Uuid | None, AfterValidator(lambda text: text and text.lower())]


class InProject(Query):
    project: ProjectName = None


class Pages(Cursored):
    limit: limit_type(20, 100) = 20  # type: ignore[valid-type]
    offset: Offset = 0


class ProjectPages(InProject, Pages):
    pass


@offers(*filters.OF_FLOW, types={filters.ALIAS: Text})
class FlowImagesQuery(Filtered, Pages):
    pass


@offers(filters.FLOW, types={filters.FLOW: FlowId})
class ListQuery(InProject, FlowImagesQuery):
    @property
    def flow_id(self) -> str | None:
        return self.wanted.get(filters.FLOW)


class RefQuery(InProject):
    """Where an alias in the path is looked for."""

    flowId: FlowId = Field(None, description="Aliases of this flow come before those of the project.")


class OneQuery(RefQuery):
    includeDeleted: QueryFlag = Field(False, description="Also a trashed image, by its id.")
    format: Literal["json", "bytes"] | None = Field(None, description="The record, or the picture.")
    size: Text | None = Field(
        None, description="The picture at this size: full, sm, lg, preview, small, medium, large or screen."
    )
    userId: Text | None = Field(None, description="For operator extensions: whose picture it is.")


class CropQuery(RefQuery):
    """The measures of a crop, at least one of width and height."""

    w: Annotated[QueryInt, Field(ge=1, le=4000)] | None = Field(
        None, description="Width on the page, in pixels.", json_schema_extra={AT_LEAST_ONE: "measure"}
    )
    h: Annotated[QueryInt, Field(ge=1, le=4000)] | None = Field(
        None, description="Height on the page, in pixels.", json_schema_extra={AT_LEAST_ONE: "measure"}
    )
    fit: Literal["cover", "contain", "inside"] = Field("cover", description="`cover` cuts around the focal point.")
    format: Literal["auto", "webp", "jpeg", "avif"] = Field(
        "auto", description="Type of the crop; `auto` goes by the `Accept` of the request for it."
    )
    dpr: Literal["1", "1.5", "2", "2.5", "3"] = Field("1", description="Pixels of the result to one of the page.")


class DeleteQuery(RefQuery):
    mode: Literal["trash"] | None = Field(None, description="`trash` can be undone; without it deletion is final.")
    unused: QueryFlag = Field(False, description="Keep the image when something uses it.")


def _no_negative_zero(value: float) -> float:
    return value + 0.0 if value else 0.0


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), AfterValidator(_no_negative_zero)]


class FocalInput(Input):
    model_config = ConfigDict(extra="forbid")
    x: Share
    y: Share


IMMUTABLE = frozenset(ManagedImage.model_fields) - {"focalPoint", "meta", "alias"}


class ImageUpdate(Input):
    """At least one of the two. Any other name is refused."""

    model_config = ConfigDict(extra="allow")
    focalPoint: FocalInput | None = Field(None, description="null clears it.")
    meta: JsonObject = Field(default_factory=dict, description="At most 16 KiB and 8 levels deep.")

    def change(self, *, merges: bool) -> Change:
        """Raises Invalid by the name at fault."""
        wrong = {
            name: "This cannot be changed." if name in IMMUTABLE else "There is no such field here."
            for name in self.model_extra or {}
        }
        if "alias" in (self.model_extra or {}):
            wrong["alias"] = "Set the alias with PUT /api/v1/images/{ref}/alias."
        wrong |= {name: "Write it with PATCH /api/v1/library/images/{id}." for name in ("credit", "rights") if name in wrong}
        if not wrong and not self.model_fields_set & {"focalPoint", "meta"}:
            wrong = {"focalPoint": "Give focalPoint, meta, or both.", "meta": "Give focalPoint, meta, or both."}
        if wrong:
            raise Invalid(next(iter(wrong.values())), fields=wrong)
        point = self.focalPoint
        return Change(
            has_focal="focalPoint" in self.model_fields_set,
            focal=(point.x, point.y) if point else None,
            meta=self.meta if "meta" in self.model_fields_set else None,
            merges=merges,
        )


class AliasInput(Input):
    alias: Text | None = Field(description="@ and 1 to 63 letters, digits, - or _; null removes the alias.")
    override: bool = Field(True, description="False refuses a name that another image has.")
    mayHide: bool = Field(
        False, description="True lets a draft or private image take a name at which everybody sees a picture now."
    )


class FlowAliases(Input):
    aliases: dict[str, Uuid] = Field(max_length=200, description="Name with its @ → id of an image of the project.")


class ProjectInput(Input):
    name: Text = Field(description="At most 120 characters; unique, whatever its case.")
    slug: Text | None = Field(None, description="Small letters, digits and hyphens; made from the name by default.")
