"""The records of the library as programs read them, and what comes in."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from pindeck import config
from pindeck.api.filtering import Filtered, offers
from pindeck.api.types import MAX_INT, Input, Int, Offset, Output, QueryInt, Text
from pindeck.errors import Invalid, invalid
from pindeck.fetching import FetchRefused
from pindeck.fetching import urls as addresses_of_the_web
from pindeck.http import urls
from pindeck.models import Image
from pindeck.services.images.fields import MAX_COLOURS, spec_of
from pindeck.services.ingest import external
from pindeck.services.ingest.external import Candidate
from pindeck.services.library import filters
from pindeck.services.library.lists import Entry
from pindeck.states import ImageStatus, Origin, PersistStatus

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
    colors: list[str] | None = None
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
    visibility: Literal["library", "unlisted", "private"] | None = Field(
        None, description="To its owner and administrators, who may change it."
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
    storageId: str | None = Field(None, description="To its owner, until it is stored for good.")
    storagePath: str | None = Field(None, description="To its owner and administrators.")
    previewStoragePath: str | None = Field(None, description="Likewise.")
    derivativeStoragePaths: Sizes | None = Field(None, description="Likewise.")


# Columns whose value is told as it is, under the document's name.
_PLAIN = {
    "title": "title", "description": "description", "category": "category", "group": "group", "genre": "genre",
    "shot": "shot", "style": "style", "attribution": "source", "sref": "sref", "moodboard": "moodboardName",
    "unique_tag": "uniqueId", "project_order": "projectOrder", "parent_id": "parentImageId", "origin": "sourceType",
    "source_url": "sourceUrl", "external_id": "externalId", "import_batch_id": "importBatchId",
    "uploaded_at": "uploadedAt", "created_at": "createdAt", "user_id": "uploadedBy",
    "likes": "likes", "views": "views", "colors": "colors", "status": "status", "ai_status": "aiStatus",
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
        "isLiked": entry.liked,
        "projectName": entry.project,
        "colors": image.colors or None,
        "storageProvider": _provider(image),
        "storageBucket": config.current().minio_bucket,
        **_addresses(image),
    }
    if entry.is_own:
        told["visibility"] = image.visibility
        told["storageId"] = image.file_id if image.persist_status != PersistStatus.SUCCEEDED else None
    if entry.place:
        told["storagePath"] = entry.place.original
        told["previewStoragePath"] = entry.place.renditions.get("preview")
        told["derivativeStoragePaths"] = _sizes(entry.place.renditions)
    return {name: value for name, value in told.items() if value is not None}


def _sizes(by_preset: dict[str, str]) -> dict[str, str] | None:
    return {name: by_preset[name] for name in ("small", "medium", "large") if by_preset.get(name)} or None


def _provider(image: Image) -> str:
    return config.current().storage_provider if image.persist_status == PersistStatus.SUCCEEDED else "staging"


def _addresses(image: Image) -> dict[str, Any]:
    """The picture's own address is ours as soon as the bytes are; those of its sizes once there are sizes.

    Until then they are what an import came with, or the whole picture as its preview.
    """
    here = urls.absolute(f"/i/{image.id}")
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


def _hosted(value: str) -> str:
    """Only the form is looked at; where it leads is judged when it is fetched."""
    try:
        addresses_of_the_web.parse(value)
    except FetchRefused as error:
        raise ValueError(error.message.rstrip(".")) from error
    return value.strip()


def _not_blank(value: str | None) -> str | None:
    if value is None or not value.strip():
        raise ValueError("it cannot be empty")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("it must be a colour like #1a2b3c")
    return value.lower()


NewTitle = Annotated[Text, Field(max_length=400), AfterValidator(_not_blank)]
Address = Annotated[Text, Field(max_length=2000), AfterValidator(_hosted)]
Colours = Annotated[list[Annotated[str, AfterValidator(_colour)]], Field(max_length=MAX_COLOURS)]
Short = Annotated[Text, Field(max_length=500)]
Id = Annotated[Text, Field(max_length=100)]


def _limit(value: int) -> int:
    return min(value, 200) or 50


@offers(*filters.OF_LIBRARY)
class FilterQuery(Filtered):
    pass


class ListQuery(FilterQuery):
    limit: Annotated[QueryInt, Field(ge=0), AfterValidator(_limit)] = Field(
        50, description="0 counts as 50, above 200 as 200."
    )
    offset: Offset = 0


@offers(filters.TITLE)
class SearchQuery(FilterQuery):
    pass


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
                    raise invalid(outside, sentence, named=True) from error
        return found


NAMES = {
    "title": "title", "description": "description", "tags": "tags", "category": "category", "source": "source",
    "sref": "sref", "group": "group", "genre": "genre", "style": "style", "shot": "shot", "projectName": "project",
    "moodboardName": "moodboard", "uniqueId": "unique_tag",
}  # fmt: skip


class Change(Words):
    title: Annotated[NewTitle | None, AfterValidator(_not_blank)] = Field(None, description="Never null.")
    colors: Colours | None = None
    visibility: Literal["library", "unlisted", "private"] | None = Field(
        None, description="For the owner and administrators."
    )

    @property
    def fields(self) -> dict[str, Any]:
        """The words that were given, and the colours, as the ledger knows them. Raises Invalid."""
        return {**self.words, **({"colors": self.colors} if "colors" in self.model_fields_set else {})}


class CreateInput(Words):
    title: NewTitle
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


SIZE_PATH = "A stored object of yours, like storagePath. Checked and not used: we make the sizes from the picture."


class ImportInput(Words):
    title: Text = Field(max_length=400, description="Blank counts as Untitled.")
    imageUrl: Address
    previewUrl: Address | None = None
    storagePath: Short | None = Field(None, description="A stored object of yours; relative, without traversal.")
    previewStoragePath: Short | None = Field(None, description=SIZE_PATH)
    storageProvider: Short | None = Field(None, description="Accepted and not used: the server knows where it is.")
    storageBucket: Short | None = None
    derivativeUrls: ImportSizes | None = None
    derivativeStoragePaths: ImportPaths | None = Field(None, description=SIZE_PATH)
    colors: Colours | None = None
    externalId: Short | None = Field(None, description="Importing it again answers the first id.")
    sourceType: Literal["upload", "discord", "pinterest", "ai"] | None = None
    sourceUrl: Address | None = None
    importBatchId: Id | None = None

    @property
    def candidate(self) -> Candidate:
        sizes = (self.derivativeStoragePaths or ImportPaths()).model_dump(exclude_none=True)
        paths = {f"derivativeStoragePaths.{size}": path for size, path in sizes.items()}
        if self.previewStoragePath is not None:
            paths["previewStoragePath"] = self.previewStoragePath
        for name, path in {"storagePath": self.storagePath, **paths}.items():
            if path is not None:
                external.check_path(path, name=name)
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
            size_paths=paths,
        )


class UploadItem(Words):
    storageId: Id
    title: NewTitle
    category: Text = Field(max_length=400)
    tags: list[Text] = Field(max_length=200)
    originalFileName: Text | None = Field(None, max_length=1000)
    colors: Colours | None = None
    variationCount: Annotated[int, Field(ge=0, le=12)] | None = Field(None, description="Accepted; variations never start by themselves.")


class UploadsInput(Input):
    uploads: list[UploadItem] = Field(min_length=1, max_length=50)


class ImageIds(Input):
    imageIds: list[Id] = Field(max_length=500)


class RowOrder(Input):
    projectName: Annotated[Text, AfterValidator(_not_blank)] = Field(min_length=1, max_length=120)
    imageIds: list[Id] = Field(max_length=500)


class AiStatusInput(Input):
    status: Literal["completed", "failed"]


def _at_most(most: int) -> AfterValidator:
    """What is beyond the limits counts as the limit, so that asking for more than there may be is no error."""
    return AfterValidator(lambda value: max(1, min(value, most)))


class Hours(Input):
    olderThanHours: Annotated[int | float, Field(ge=-MAX_INT, le=MAX_INT, allow_inf_nan=False), _at_most(876_000)] = (
        Field(18, description="Less than one counts as one.")
    )


class GenerationLimit(Input):
    limit: Annotated[Int, _at_most(2000)] = Field(400, description="From 1 to 2000; anything beyond counts as the nearer of the two.")


class PersistenceLimit(Input):
    limit: Annotated[Int, _at_most(200)] = Field(50, description="From 1 to 200; anything beyond counts as the nearer of the two.")


class Changed(Output):
    success: bool
    releasedAlias: str | None = Field(None, description="The alias the image lost because it left its project.")


class Backfilled(Output):
    scanned: int
    inserted: int
    skippedExisting: int


class Scheduled(Output):
    scheduled: int
