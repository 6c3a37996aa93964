"""The records of the library as programs read them, and how they ask for them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from pindeck import config
from pindeck.api.filtering import Filtered, offers
from pindeck.api.library.craft import Craft, told_craft
from pindeck.api.paging import Cursored, Offset
from pindeck.api.schemas import CursorPage
from pindeck.api.types import Output, Query, QueryInt, RightsWord, Text, limit_type, told_rights
from pindeck.http import urls
from pindeck.models import Image
from pindeck.services.images import analysis, image_urls
from pindeck.services.library import filters
from pindeck.services.library.lists import Entry
from pindeck.services.library.sorting import Sort
from pindeck.states import ImageStatus, PersistStatus

ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
BASE = "https://pictures.example.org"
RECORD = {
    "_id": ID,
    "_creationTime": 1795000000123,
    "title": "Neon alley",
    "imageUrl": f"{BASE}/i/{ID}",
    "previewUrl": f"{BASE}/i/{ID}?size=preview",
    "derivativeUrls": {size: f"{BASE}/i/{ID}?size={size}" for size in ("small", "medium", "large")},
    "tags": ["neon", "original"],
    "category": "Cinematic",
    "uploadedBy": "0198c5a0-0000-7000-8000-3f0d8f0b6a11",
    "likes": 3,
    "views": 12,
    "isLiked": True,
    "colors": ["#101820", "#e0457b"],
    "status": "active",
    "aiStatus": "completed",
    "sourceType": "upload",
    "visibility": "library",
    "rights": "unknown",
    "createdAt": 1795000000123,
    "storageProvider": "filesystem",
    "storageBucket": "pindeck",
    "storagePersistStatus": "succeeded",
    "nextcloudPersistStatus": "succeeded",
}


class Sizes(Output):
    small: str | None = None
    medium: str | None = None
    large: str | None = None


class LibraryImage(Output):
    """An image. What is not set is left out."""

    id: str = Field(alias="_id")
    creation_time: int = Field(alias="_creationTime", description="Milliseconds since the epoch, UTC.")
    title: str
    imageUrl: str = Field(
        description="Once the picture is stored, its address here, or at the CDN if there is one; until then the address it was imported from."
    )
    previewUrl: str | None = None
    derivativeUrls: Sizes | None = None
    tags: list[str]
    category: str
    uploadedBy: str
    likes: int
    views: int
    isLiked: bool = Field(description="Whether the caller likes it; false for visitors.")
    description: str | None = None
    source: str | None = Field(None, description="Attribution: a credit or an address. The older name of credit; always the same.")
    credit: str | None = Field(None, description="Whom the picture is owed to, or an address.")
    rights: RightsWord = Field(description="What is known of the right to show it outside; `reference` is for reference only.")
    sref: str | None = None
    colors: list[str] | None = None
    status: Literal["draft", "pending", "active", "broken"]
    aiStatus: Literal["queued", "processing", "completed", "failed"] | None = Field(
        None, description="Left out where no machine describes it: a record that came with its words."
    )
    group: str | None = None
    genre: str | None = None
    shot: str | None = None
    style: str | None = None
    craft: Craft | None = Field(None, description="Terms of the frame, where any are known.")
    projectName: str | None = Field(None, description="Left out for the default project.")
    projectOrder: int | None = None
    moodboardName: str | None = None
    uniqueId: str | None = None
    parentImageId: str | None = Field(None, description="What it is a variation of; left out if you may not see that.")
    sourceType: Literal["upload", "discord", "pinterest", "ai"]
    sourceUrl: str | None = None
    externalId: str | None = None
    importBatchId: str | None = None
    sourceId: str | None = Field(None, description="The source that brought it, for callers who know that source.")
    visibility: Literal["library", "unlisted", "private"] | None = Field(
        None, description="Only for its owner and administrators, who may change it."
    )
    uploadedAt: int | None = None
    createdAt: int
    storageProvider: str = Field(description="`staging` until it is stored for good, then where it is stored.")
    storageBucket: str
    storagePersistStatus: Literal["pending", "succeeded", "failed"]
    nextcloudPersistStatus: Literal["pending", "succeeded", "failed"] = Field(
        description="An older name of storagePersistStatus; always the same."
    )
    storagePersistError: str | None = None
    storageId: str | None = Field(None, description="Only for its owner, until the picture is stored for good.")
    storagePath: str | None = Field(None, description="Only for its owner and administrators.")
    previewStoragePath: str | None = Field(None, description="Likewise.")
    derivativeStoragePaths: Sizes | None = Field(None, description="Likewise.")


# Columns whose value is told as it is, under the document's name.
_PLAIN = {
    "title": "title", "description": "description", "category": "category", "group": "group", "genre": "genre",
    "shot": "shot", "style": "style", "attribution": "source", "sref": "sref", "moodboard": "moodboardName",
    "unique_tag": "uniqueId", "project_order": "projectOrder", "origin": "sourceType",
    "source_url": "sourceUrl", "external_id": "externalId", "import_batch_id": "importBatchId",
    "uploaded_at": "uploadedAt", "created_at": "createdAt", "user_id": "uploadedBy",
    "likes": "likes", "views": "views", "colors": "colors", "status": "status",
    "persist_status": "storagePersistStatus", "persist_error": "storagePersistError",
}  # fmt: skip


def record(entry: Entry) -> dict[str, Any]:
    """The record as the caller may see it, without what it does not have."""
    image = entry.image
    told: dict[str, Any] = {name: getattr(image, column) for column, name in _PLAIN.items()}
    told |= {
        "_id": image.id,
        "_creationTime": image.created_at,
        "nextcloudPersistStatus": image.persist_status,
        "tags": entry.tags,
        "parentImageId": entry.parent_id,
        "sourceId": entry.source_id,
        "isLiked": entry.liked,
        "credit": image.attribution,
        "rights": told_rights(image.rights),
        "aiStatus": image.ai_status if analysis.is_asked_for(image) else None,
        "projectName": entry.project,
        "craft": told_craft(entry.craft),
        "colors": image.colors or None,
        "storageProvider": _provider(image),
        "storageBucket": config.current().minio_bucket,
        **_addresses(image),
    }
    if entry.is_own:
        told["visibility"] = image.visibility
        told["storageId"] = image.file_id if image.persist_status != PersistStatus.SUCCEEDED else None
    if entry.keys:
        told["storagePath"] = entry.keys.original
        told["previewStoragePath"] = entry.keys.renditions.get("preview")
        told["derivativeStoragePaths"] = _sizes(entry.keys.renditions)
    return {name: value for name, value in told.items() if value is not None}


def _sizes(by_preset: dict[str, str]) -> dict[str, str] | None:
    return {name: by_preset[name] for name in ("small", "medium", "large") if by_preset.get(name)} or None


def _provider(image: Image) -> str:
    return config.current().storage_provider if image.persist_status == PersistStatus.SUCCEEDED else "staging"


def _addresses(image: Image) -> dict[str, Any]:
    """The picture's own address is ours as soon as the bytes are; those of its sizes once there are sizes.

    Until then they are what an import came with, or the whole picture as its preview.
    """
    here = f"{urls.of_pictures(is_public=image_urls.is_published(image))}/i/{image.id}"
    original = here if image.file_id is not None else image.external_url or here
    given = image.import_urls or {}
    # The sizes of an active image are made when they are asked for; a draft's are there when its job is done.
    on_request = image.file_id is not None and image.status == ImageStatus.ACTIVE and not given
    if image.persist_status == PersistStatus.SUCCEEDED or on_request:
        given = {name: f"{here}?size={name}" for name in ("preview", "small", "medium", "large")}
    elif image.file_id is not None:
        given = {"preview": here, **given}
    return {"imageUrl": original, "previewUrl": given.get("preview"), "derivativeUrls": _sizes(given)}


# In


def _limit(value: int) -> int:
    return min(value, 1000) or 50


@offers(*filters.OF_LIBRARY)
class FilterQuery(Filtered):
    pass


class ListQuery(Cursored, FilterQuery):
    limit: Annotated[QueryInt, Field(ge=0), AfterValidator(_limit)] = Field(
        50, description="0 counts as 50, above 1000 as 1000."
    )
    offset: Offset = 0


@offers(filters.TITLE)
class SearchQuery(FilterQuery):
    pass


class FindQuery(Query):
    q: Annotated[Text, Field(max_length=600)] = Field(
        "", description="A search in the grammar of the search box, such as `neon tag:rain -genre:noir ratio:>2`; empty for all.",
        examples=["storm tag:sea"],
    )  # fmt: skip
    sort: Sort | None = Field(
        None,
        description="Without one `newest`, or `nearest` where the search asks for likeness or measures colours. `fit` compares the newest 2,000.",
        examples=["likes"],
    )
    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Annotated[Text, Field(max_length=600)] | None = Field(None, description="`nextCursor` of the page before, in the same order.")


class Unread(Output):
    at: int = Field(description="Where it begins, in characters from 0.")
    end: int
    says: str


class Found(CursorPage[LibraryImage]):
    problems: list[Unread] = Field(description="What of the search could not be understood; the rest counts.")


class Changed(Output):
    success: bool
    releasedAlias: str | None = Field(None, description="The alias the image lost because it left its project.")


class Backfilled(Output):
    scanned: int
    inserted: int
    skippedExisting: int


class Scheduled(Output):
    scheduled: int
