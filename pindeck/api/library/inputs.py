"""What programs send to the library."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from pindeck.api.library.craft import CraftInput
from pindeck.api.types import MAX_INT, Input, Int, RightsWord, Text
from pindeck.errors import Invalid, invalid
from pindeck.fetching import FetchRefused
from pindeck.fetching import urls as addresses_of_the_web
from pindeck.services.images.fields import MAX_COLOURS, spec_of
from pindeck.services.ingest import external
from pindeck.services.ingest.external import Candidate
from pindeck.states import Origin
from pindeck.terms import CRAFT
from pindeck.text import is_blank


def _hosted(value: str) -> str:
    """Only the form is looked at; where it leads is judged when it is fetched."""
    try:
        addresses_of_the_web.parse(value)
    except FetchRefused as error:
        raise ValueError(error.message.rstrip(".")) from error
    return value.strip()


def _not_blank(value: str | None) -> str | None:
    if value is None or is_blank(value):
        raise ValueError("it cannot be empty")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("it must be a colour like #1a2b3c")
    return value.lower()


NewTitle = Annotated[Text, Field(max_length=400), AfterValidator(_not_blank)]
Address = Annotated[Text, Field(max_length=2000), AfterValidator(_hosted)]
Colours = Annotated[
    list[Annotated[str, AfterValidator(_colour)]],
    Field(max_length=MAX_COLOURS, description="Five are kept: shades complete fewer; the first five of more."),
]
Short = Annotated[Text, Field(max_length=500)]
Id = Annotated[Text, Field(max_length=100)]


class Words(Input):
    """Fields people correct. Those that are named are written, null clears; a name that is none of them is refused."""

    model_config = ConfigDict(extra="forbid")

    title: Text | None = Field(None, max_length=400)
    description: Text | None = Field(None, max_length=8000)
    tags: list[Text] | None = Field(None, max_length=200)
    category: Text | None = Field(None, max_length=400)
    source: Text | None = Field(None, max_length=1000, description="The older name of credit.")
    credit: Text | None = Field(None, max_length=1000, description="Whom the picture is owed to, or an address.")
    rights: RightsWord | None = Field(None, description="What is known of the right to show it outside; null is `unknown`.")
    sref: Text | None = Field(None, max_length=1000)
    group: Text | None = Field(None, max_length=400, description="One of the nine types, whatever its case.")
    genre: Text | None = Field(None, max_length=400)
    style: Text | None = Field(None, max_length=400)
    shot: Text | None = Field(None, max_length=400)
    projectName: Text | None = Field(None, max_length=400)
    moodboardName: Text | None = Field(None, max_length=400)
    uniqueId: Text | None = Field(None, max_length=400)
    craft: CraftInput | None = Field(None, description="The craft of the frame; null clears all of it.")

    @property
    def words(self) -> dict[str, Any]:
        """By our own names, only what was given, checked. Raises Invalid naming the field as the caller spelt it."""
        if {"source", "credit"} <= self.model_fields_set and self.source != self.credit:
            raise invalid("credit", "Credit and source are one field. Send one of them.", named=True)
        given = {name: (outside, getattr(self, outside)) for outside, name in NAMES.items() if outside in self.model_fields_set}
        if "craft" in self.model_fields_set:
            for name, field in CRAFT.items():
                if self.craft is None or field.member in self.craft.model_fields_set:
                    given[name] = (f"craft.{field.member}", getattr(self.craft, field.member, None))
        found = {}
        for name, (outside, value) in given.items():
            try:
                found[name] = spec_of(name).clean(value)
            except Invalid as error:
                sentence = next(iter(error.fields.values()), error.message)
                raise invalid(outside, sentence, named=True) from error
        return found


NAMES = {
    "title": "title", "description": "description", "tags": "tags", "category": "category", "source": "source",
    "credit": "source", "rights": "rights",
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


ParentId = Annotated[
    Id | None,
    Field(
        description="The picture it is a variation of, one that you may see. Its uniqueId becomes that of the parent "
        "with `-v1`, `-v2` and so on when it is published, unless you give one."
    ),
]


class CreateInput(Words):
    title: NewTitle
    imageUrl: Address
    tags: list[Text] = Field(max_length=200)
    category: Text = Field(max_length=400)
    parentImageId: ParentId = None

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.imageUrl, self.words, parent_id=self.parentImageId or None)


class ImportSizes(Input):
    model_config = ConfigDict(extra="forbid")

    small: Address | None = None
    medium: Address | None = None
    large: Address | None = None


class ImportPaths(Input):
    model_config = ConfigDict(extra="forbid")

    small: Short | None = None
    medium: Short | None = None
    large: Short | None = None


SIZE_PATH = "The size of this name that was made of the picture at storagePath; anything else is refused."


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
    parentImageId: ParentId = None

    @property
    def candidate(self) -> Candidate:
        sizes = (self.derivativeStoragePaths or ImportPaths()).model_dump(exclude_none=True)
        if self.previewStoragePath is not None:
            sizes["preview"] = self.previewStoragePath
        paths = {external.SIZE_FIELDS[size]: path for size, path in sizes.items()}
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
            size_paths=sizes,
            parent_id=self.parentImageId or None,
        )


class UploadName(Input):
    originalFileName: Text | None = Field(
        None, max_length=1000, description="What the picture is called, unless it is named otherwise later."
    )


class UploadItem(Words):
    storageId: Id
    title: NewTitle
    category: Text = Field(max_length=400)
    tags: list[Text] = Field(max_length=200)
    originalFileName: Text | None = Field(None, max_length=1000)
    colors: Colours | None = None
    parentImageId: ParentId = None
    variationCount: Annotated[int, Field(ge=0, le=12)] | None = Field(
        None, description="Accepted; variations never start by themselves."
    )


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
    limit: Annotated[Int, _at_most(2000)] = Field(
        400, description="From 1 to 2000; anything beyond counts as the nearer of the two."
    )


class PersistenceLimit(Input):
    limit: Annotated[Int, _at_most(200)] = Field(
        50, description="From 1 to 200; anything beyond counts as the nearer of the two."
    )
