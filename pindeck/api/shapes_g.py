"""What surface G says: the image object of pindeck §2.1.1 with the names of unification §8.1, and what comes in."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from pindeck.access import Actor, can
from pindeck.api.types import Input, Output, Query, QueryInt, Text
from pindeck.errors import Invalid
from pindeck.http import urls
from pindeck.models import Image
from pindeck.services import addresses, imports
from pindeck.services.fields import spec_of
from pindeck.services.imports import MAX_COLOURS, Candidate
from pindeck.services.library import Entry
from pindeck.states import Origin, PersistStatus

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
    imageUrl: str = Field(description="Our own address once it is stored; before, the address it was imported from.")
    previewUrl: str | None = None
    derivativeUrls: Sizes | None = None
    tags: list[str]
    category: str
    uploadedBy: str
    likes: int
    views: int
    isLiked: bool = Field(description="Whether the caller likes it; false for visitors.")
    description: str | None = None
    source: str | None = Field(None, description="Attribution: a credit or an address.")
    sref: str | None = None
    colors: list[str]
    status: Literal["draft", "pending", "active", "broken"]
    aiStatus: Literal["queued", "processing", "completed", "failed"]
    group: str | None = None
    genre: str | None = None
    shot: str | None = None
    style: str | None = None
    projectName: str | None = Field(None, description="Left out for the default project.")
    projectOrder: int | None = None
    moodboardName: str | None = None
    uniqueId: str | None = None
    parentImageId: str | None = None
    sourceType: Literal["upload", "discord", "pinterest", "ai"]
    sourceUrl: str | None = None
    externalId: str | None = None
    importBatchId: str | None = None
    visibility: Literal["library", "unlisted", "private"]
    uploadedAt: int | None = None
    createdAt: int
    storageProvider: str = Field(description="`staging` until it is stored for good, then where it is stored.")
    storageBucket: str
    storagePersistStatus: Literal["pending", "succeeded", "failed"]
    nextcloudPersistStatus: Literal["pending", "succeeded", "failed"] = Field(
        description="An older name of storagePersistStatus; always the same."
    )
    storagePersistError: str | None = None
    storageId: str | None = Field(None, description="To its owner, until it is stored for good.")
    storagePath: str | None = Field(None, description="To its owner and administrators.")


# Columns whose value is told as it is, under the document's name.
_PLAIN = {
    "title": "title", "description": "description", "category": "category", "group": "group", "genre": "genre",
    "shot": "shot", "style": "style", "attribution": "source", "sref": "sref", "moodboard": "moodboardName",
    "unique_tag": "uniqueId", "project_order": "projectOrder", "parent_id": "parentImageId", "origin": "sourceType",
    "source_url": "sourceUrl", "external_id": "externalId", "import_batch_id": "importBatchId",
    "visibility": "visibility", "uploaded_at": "uploadedAt", "created_at": "createdAt", "user_id": "uploadedBy",
    "likes": "likes", "views": "views", "colors": "colors", "status": "status", "ai_status": "aiStatus",
    "persist_status": "storagePersistStatus", "persist_error": "storagePersistError",
}  # fmt: skip


def record(actor: Actor, entry: Entry) -> dict[str, Any]:
    """The record as the caller may see it."""
    image = entry.image
    told: dict[str, Any] = {name: getattr(image, column) for column, name in _PLAIN.items()}
    told |= {
        "_id": image.id,
        "_creationTime": image.created_at,
        "nextcloudPersistStatus": image.persist_status,
        "tags": entry.tags,
        "isLiked": entry.liked,
        "projectName": entry.project,
        "storageProvider": _provider(image),
        "storageBucket": "pindeck" if entry.place is None else entry.place.bucket,
        **_addresses(image),
    }
    if can(actor, "image.place", image):
        told["storageId"] = image.file_id if image.persist_status != PersistStatus.SUCCEEDED else None
        told["storagePath"] = entry.place.object_key if entry.place else None
    return {name: value for name, value in told.items() if value is not None}


def _provider(image: Image) -> str:
    return addresses.provider() if image.persist_status == PersistStatus.SUCCEEDED else "staging"


def _addresses(image: Image) -> dict[str, Any]:
    """Ours as soon as the bytes are; until then those the import came with."""
    if image.file_id is None:
        given = image.import_urls or {}
        sizes = {name: given[name] for name in ("small", "medium", "large") if given.get(name)}
        return {
            "imageUrl": image.external_url or "",
            "previewUrl": given.get("preview"),
            "derivativeUrls": sizes or None,
        }
    at = urls.absolute(f"/i/{image.id}")
    sizes = {name: f"{at}?size={name}" for name in ("small", "medium", "large")}
    return {"imageUrl": at, "previewUrl": f"{at}?size=preview", "derivativeUrls": sizes}


# In


def _hosted(value: str) -> str:
    if not re.match(r"https?://[^\s/]", value, re.IGNORECASE) or not value.isprintable() or " " in value:
        raise ValueError("it must be an http or https address")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("it must be a colour like #1a2b3c")
    return value.lower()


Address = Annotated[Text, Field(max_length=2000), AfterValidator(_hosted)]
Colours = Annotated[list[Annotated[str, AfterValidator(_colour)]], Field(max_length=MAX_COLOURS)]
Short = Annotated[Text, Field(max_length=500)]
Id = Annotated[Text, Field(max_length=100)]


def _limit(value: int) -> int:
    return min(value, 200) or 50


class FilterQuery(Query):
    category: Short | None = Field(None, description="Exactly this category.")
    group: Short | None = Field(None, description="Exactly this type.")


class ListQuery(FilterQuery):
    limit: Annotated[QueryInt, Field(ge=0), AfterValidator(_limit)] = Field(
        50, description="0 counts as 50, above 200 as 200."
    )
    offset: Annotated[QueryInt, Field(ge=0)] = 0


class SearchQuery(FilterQuery):
    searchTerm: Text = Field(max_length=500, description="Words of the title; the last one may be a beginning.")


class Words(Input):
    """Fields people correct. Those that are named are written, null clears."""

    title: Text | None = Field(None, max_length=400)
    description: Text | None = Field(None, max_length=8000)
    tags: list[Text] | None = Field(None, max_length=200)
    category: Text | None = Field(None, max_length=400)
    source: Text | None = Field(None, max_length=1000)
    sref: Text | None = Field(None, max_length=1000)
    group: Text | None = Field(None, max_length=400)
    genre: Text | None = Field(None, max_length=400)
    style: Text | None = Field(None, max_length=400)
    shot: Text | None = Field(None, max_length=400)
    projectName: Text | None = Field(None, max_length=400)
    moodboardName: Text | None = Field(None, max_length=400)
    uniqueId: Text | None = Field(None, max_length=400)

    @property
    def words(self) -> dict[str, Any]:
        """By our own names, only what was given, checked. Raises Invalid naming the field as the caller spelt it."""
        found = {}
        for outside, name in NAMES.items():
            if outside in self.model_fields_set:
                try:
                    found[name] = spec_of(name).clean(getattr(self, outside))
                except Invalid as error:
                    sentence = next(iter(error.fields.values()), error.message)
                    raise Invalid(f"{outside}: {sentence}", fields={outside: sentence}) from error
        return found


NAMES = {
    "title": "title", "description": "description", "tags": "tags", "category": "category", "source": "source",
    "sref": "sref", "group": "group", "genre": "genre", "style": "style", "shot": "shot", "projectName": "project",
    "moodboardName": "moodboard", "uniqueId": "unique_tag",
}  # fmt: skip


class Change(Words):
    colors: Colours | None = None
    visibility: Literal["library", "unlisted", "private"] | None = Field(
        None, description="For the owner and administrators."
    )


class CreateInput(Words):
    title: Text = Field(max_length=400)
    imageUrl: Address
    tags: list[Text] = Field(max_length=200)
    category: Text = Field(max_length=400)

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.imageUrl, self.words)


class ImportSizes(Input):
    small: Address | None = None
    medium: Address | None = None
    large: Address | None = None


class ImportPaths(Input):
    small: Short | None = None
    medium: Short | None = None
    large: Short | None = None


class ImportInput(Words):
    title: Text = Field(max_length=400, description="Blank counts as Untitled.")
    imageUrl: Address
    previewUrl: Address | None = None
    storagePath: Short | None = Field(None, description="A stored object of yours; relative, without traversal.")
    previewStoragePath: Short | None = None
    storageProvider: Short | None = Field(None, description="Accepted and not used: where it lies is measured.")
    storageBucket: Short | None = None
    derivativeUrls: ImportSizes | None = None
    derivativeStoragePaths: ImportPaths | None = None
    colors: Colours | None = None
    externalId: Short | None = Field(None, description="Whoever imports it again gets the first id.")
    sourceType: Literal["upload", "discord", "pinterest", "ai"] | None = None
    sourceUrl: Address | None = None
    importBatchId: Id | None = None

    @property
    def candidate(self) -> Candidate:
        for name in ("storagePath", "previewStoragePath"):
            if getattr(self, name) is not None:
                imports.check_path(getattr(self, name), name=name)
        for size, path in (self.derivativeStoragePaths or ImportPaths()).model_dump(exclude_none=True).items():
            imports.check_path(path, name=f"derivativeStoragePaths.{size}")
        given = self.derivativeUrls.model_dump(exclude_none=True) if self.derivativeUrls else {}
        if self.previewUrl:
            given["preview"] = self.previewUrl
        return Candidate(
            self.imageUrl,
            self.words,
            colors=self.colors or [],
            import_urls=given,
            external_id=self.externalId or None,
            source_url=self.sourceUrl,
            origin=Origin(self.sourceType) if self.sourceType else None,
            import_batch_id=self.importBatchId,
            storage_path=self.storagePath,
        )


class UploadItem(Words):
    storageId: Id
    title: Text = Field(max_length=400)
    category: Text = Field(max_length=400)
    tags: list[Text] = Field(max_length=200)
    originalFileName: Text | None = Field(None, max_length=1000)
    colors: Colours | None = None
    variationCount: Annotated[int, Field(ge=0, le=12)] | None = Field(
        None, description="Accepted; variations never start by themselves."
    )


class UploadsInput(Input):
    uploads: list[UploadItem] = Field(min_length=1, max_length=50)


class ImageIds(Input):
    imageIds: list[Id] = Field(max_length=500)


class RowOrder(Input):
    projectName: Text = Field(min_length=1, max_length=120)
    imageIds: list[Id] = Field(max_length=500)


class AiStatusInput(Input):
    status: Literal["completed", "failed"]


class Hours(Input):
    olderThanHours: Annotated[int, Field(ge=1, le=100_000)] = 18


class GenerationLimit(Input):
    limit: Annotated[int, Field(ge=1, le=2000)] = 400


class PersistenceLimit(Input):
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Changed(Output):
    success: bool
    releasedAlias: str | None = Field(None, description="The alias the image lost because it left its project.")


class Backfilled(Output):
    scanned: int
    inserted: int
    skippedExisting: int


class Scheduled(Output):
    scheduled: int
