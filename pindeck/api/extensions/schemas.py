"""The records of extensions as they read them, and what comes in."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from pindeck.api.filtering import Filtered, offers
from pindeck.api.paging import Cursored, Offset
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import ErrorBody
from pindeck.api.types import Input, Output, Query, Text, limit_type
from pindeck.errors import invalid
from pindeck.services.ingest.extensions import Picture, clean_subject
from pindeck.services.library import filters

Specificity = Literal["full", "sm", "lg"]
SPECIFICITIES = ("full", "sm", "lg")
ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
DTO = {
    "id": ID,
    "original_filename": "portrait.png",
    "mime_type": "image/png",
    "width": 1024,
    "height": 1536,
    "has_thumbnail": True,
    "url": f"{PREFIX}/images/{ID}?size=sm",
    "specificity": "sm",
    "owner_extension_identifier": "gallery_helper",
    "owner_character_id": "c1",
    "owner_chat_id": None,
    "created_at": 1795000000,
}


class ImageDTO(Output):
    """A picture of the user. No other field is ever added to this object."""

    id: str
    original_filename: str = Field(description="As given; empty if there was none.")
    mime_type: str = Field(description="What the bytes are, whatever was claimed.")
    width: int | None = Field(description="Pixels of the original, upright; null while unknown.")
    height: int | None
    has_thumbnail: bool = Field(description="Thumbnails exist or can be made on demand.")
    url: str = Field(description="Authenticated relative address in the size that was asked for. Use it as it is.")
    specificity: Specificity
    owner_extension_identifier: str | None = Field(description="The extension that made it; set by the host.")
    owner_character_id: str | None
    owner_chat_id: str | None
    created_at: int = Field(description="Unix seconds.")


class ImageList(Output):
    data: list[ImageDTO]
    total: int = Field(ge=0, description="All matches, not only those of this page.")


class Deleted(Output):
    deleted: bool


class MissingBody(ErrorBody):
    """`null` beside the error, for programs that look for the record first; the error says why."""

    data: None = Field(None, description="Beside `IMAGE_NOT_FOUND`.")


class NotDeletedBody(ErrorBody):
    """A boolean beside the error, for programs that look for it first."""

    deleted: Literal[False] = Field(False, description="Beside `IMAGE_NOT_FOUND`.")


class DeletedMany(Output):
    deleted: int = Field(description="How many were deleted; unknown ids are skipped.")


class Cleared(Output):
    cleared: int


class BatchItem(Output):
    """Either an id or what was wrong with this picture."""

    id: str | None = None
    error: str | None = None


class Me(Output):
    identifier: str
    scope: Literal["user", "operator"]
    permissions: list[str]


def dto(picture: Picture, specificity: str = "full") -> dict[str, Any]:
    """The record as an extension reads it."""
    path = f"{PREFIX}/images/{picture.id}"
    return {
        "id": picture.id,
        "original_filename": picture.filename,
        "mime_type": picture.mime or "application/octet-stream",
        "width": picture.width,
        "height": picture.height,
        "has_thumbnail": picture.is_stored,
        "url": path if specificity == "full" else f"{path}?size={specificity}",
        "specificity": specificity,
        "owner_extension_identifier": picture.owner,
        "owner_character_id": picture.character,
        "owner_chat_id": picture.chat,
        "created_at": picture.created_at // 1000,
    }


def _not_blank(value: str) -> str:
    """A blank filter would silently widen the result."""
    if not value.strip():
        raise ValueError("it must not be blank")
    return value


def _subject(name: str) -> Any:
    """The type of a tag to filter by, read as tags are on their way in."""
    return Annotated[
        Text,
        Field(min_length=1, max_length=500),
        AfterValidator(_not_blank),
        AfterValidator(lambda text: clean_subject(text, field=name)),
    ]


class For(Query):
    userId: Text | None = Field(None, max_length=200, description="The user that an operator extension acts for.")


SUBJECTS = {filters.CHARACTER: _subject("characterId"), filters.CHAT: _subject("chatId")}


@offers(*filters.OF_EXTENSION, types=SUBJECTS)
class FilterQuery(Filtered, For):
    specificity: Text = Field("full", max_length=20, description="Size that `url` leads to: full, sm or lg.")

    @property
    def size(self) -> str:
        """Raises Invalid `INVALID_SPECIFICITY`."""
        if self.specificity not in SPECIFICITIES:
            sentence = "Use full, sm or lg."
            raise invalid("specificity", sentence, code="INVALID_SPECIFICITY")
        return self.specificity


class ListQuery(Cursored, FilterQuery):
    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    offset: Offset = 0


class UploadQuery(For):
    """What a raw upload says in headers and address; a form has the same names as fields."""

    filename: Text | None = Field(None, max_length=1000, description="Default image.png.")
    mime_type: Text | None = Field(None, max_length=255, description="A claim; the bytes decide.")
    owner_character_id: Text | None = Field(None, max_length=500, description="Character it is tagged with.")
    owner_chat_id: Text | None = Field(None, max_length=500, description="Chat it is tagged with.")


class DataUrlInput(Input):
    dataUrl: str = Field(description="data:<type>;base64,<payload>")
    originalFilename: Text | None = Field(None, max_length=1000, description="Default image-<id>.<ext>.")
    owner_character_id: Text | None = Field(None, max_length=500, description="Character it is tagged with.")
    owner_chat_id: Text | None = Field(None, max_length=500, description="Chat it is tagged with.")
    userId: Text | None = Field(None, max_length=200)


class IdsInput(Input):
    ids: list[Annotated[Text, Field(max_length=200)]] = Field(max_length=500)
    userId: Text | None = Field(None, max_length=200, description="May also stand in the address.")


class BatchEntry(Input):
    filename: Text | None = Field(None, max_length=1000, description="Default: the file name of the part.")
    mime_type: Text | None = Field(None, max_length=255, description="A claim; the bytes decide.")
    owner_character_id: Text | None = Field(None, max_length=500, description="Character it is tagged with.")
    owner_chat_id: Text | None = Field(None, max_length=500, description="Chat it is tagged with.")
