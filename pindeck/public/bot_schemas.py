"""What bots and scripts send, and what they are told."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from pindeck.access import Asker
from pindeck.api.library.inputs import Address, Id, Short
from pindeck.api.library.schemas import LibraryImage
from pindeck.api.types import Input, Int, Output, Text
from pindeck.errors import Invalid, invalid
from pindeck.services.images.fields import spec_of
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest.external import Candidate
from pindeck.services.ingest.glance import GlanceWish
from pindeck.states import Origin
from pindeck.text import clean_text
from pindeck.varying import modes

WRAPPED = "<>"
TRAILING = ">]),.;!?"
# Titles that bots of before sent where they knew none: a better one may take their place.
NO_TITLE = re.compile(r"(untitled|external import|discord import( .*)?)", re.IGNORECASE)


def bare(value: Any) -> Any:
    """An address as people paste it, without the brackets around it and the stops behind it."""
    return value.strip().strip(WRAPPED).rstrip(TRAILING) if isinstance(value, str) else value


class Named(Input):
    """Whom a call is for. A key that is bound to one person needs no name."""

    userId: Id | None = Field(None, description="Id of the account. A key that acts for one person needs none.")


class IngestInput(Named):
    # Without one it is answered in words of its own.
    model_config = ConfigDict(json_schema_extra={"required": ["imageUrl"]})

    imageUrl: Annotated[Address | None, BeforeValidator(bare)] = Field(
        None, description="Address of the picture. Brackets around it and full stops after it are removed."
    )
    title: Text | None = Field(None, max_length=400)
    description: Text | None = Field(None, max_length=8000)
    tags: list[Text] | None = Field(None, max_length=200)
    category: Text | None = Field(None, max_length=400)
    source: Text | None = Field(None, max_length=1000)
    sref: Text | None = Field(None, max_length=1000)
    externalId: Short | None = Field(None, description="Bringing it in again answers the first id.")
    sourceType: Literal["upload", "discord", "pinterest", "ai"] | None = None
    sourceUrl: Annotated[Address | None, BeforeValidator(bare)] = Field(
        None, description="The page or post; the picture's address when left out."
    )
    importBatchId: Id | None = None
    projectName: Text | None = Field(None, max_length=400, description="Its row of the gallery, made where there is none. A project's key has its own.")
    moderated: bool | None = Field(None, description="Whether it waits for a decision; by its sourceType when left out.")
    discordUserId: Id | None = Field(None, description="The person who asked for it in Discord; kept in the history.")
    discordUsername: Short | None = None

    @property
    def candidate(self) -> Candidate:
        """Raises Invalid naming the field at fault."""
        if not self.imageUrl:
            raise Invalid("Missing required fields: imageUrl", fields={"imageUrl": "Send the address of a picture."})
        words = {name: self._word(name) for name in ("title", "description", "tags", "category", "source", "sref")}
        words["project"] = self._word("projectName", "project")
        title = str(words["title"] or "")
        if NO_TITLE.fullmatch(title):
            words["title"] = None
        is_discord = self.sourceType == Origin.DISCORD
        default = "Discord Import" if is_discord else "External Import"
        return Candidate(
            self.imageUrl,
            {name: value for name, value in words.items() if value},
            external_id=self.externalId or None,
            source_url=self.sourceUrl or self.imageUrl,
            origin=Origin(self.sourceType) if self.sourceType else None,
            import_batch_id=self.importBatchId or None,
            moderated=self.moderated,
            untitled=title if title and not words["title"] and title.lower() != "untitled" else default,
        )

    def _word(self, name: str, field: str = "") -> Any:
        if getattr(self, name) is None:
            return None
        try:
            return spec_of(field or name).clean(getattr(self, name))
        except Invalid as error:
            raise invalid(name, next(iter(error.fields.values()), error.message), named=True) from error

    @property
    def asked_by(self) -> Asker | None:
        return asker(self.discordUserId, self.discordUsername)


def asker(user_id: str | None, name: str | None) -> Asker | None:
    """Somebody in Discord; None when nothing is said of anybody."""
    return Asker(user_id or "", name or "") if user_id or name else None


class Ingested(Output):
    imageId: str
    userId: str
    queued: bool = Field(description="Its bytes are on their way. False for one that is there already.")
    duplicate: bool


FEWEST, MOST = 1, 25


class QueueInput(Named):
    limit: Any = Field(5, description="From 1 to 25; anything beyond counts as the nearer of the two, and anything but a number as 5.")
    imageId: Id | None = Field(None, description="Only this picture, however many are newer.")

    @property
    def at_most(self) -> int:
        try:
            return max(FEWEST, min(MOST, int(float(self.limit))))
        except (TypeError, ValueError, OverflowError):
            return 5


class WaitingImage(LibraryImage):
    """A picture that waits, with the one at the top of its line."""

    lineageRootImageId: str
    lineageRootTitle: str


class Waiting(Output):
    items: list[WaitingImage]
    userId: str


class Person(Input):
    """Somebody in Discord."""

    id: Id | None = None
    name: Short | None = None


class DecideInput(Named):
    # Without them it is answered in words of its own.
    model_config = ConfigDict(json_schema_extra={"required": ["imageId", "action"]})

    imageId: Id | None = None
    action: Literal["approve", "reject", "generate"] | None = None
    reason: Text | None = Field(None, max_length=500, description="Why it is rejected.")
    variationCount: Int = Field(2, description="`generate`: from 1 to 12; anything beyond counts as the nearer of the two.")
    modificationMode: Text | None = Field(
        None, description=f"`generate`: {', '.join(f'`{name}`' for name in modes.MODES)}; another one means the first."
    )
    variationDetail: Text | None = Field(None, max_length=modes.MAX_DETAIL)
    aspectRatio: Text | None = None
    actor: Person | None = Field(None, description="The person who pressed the button.")

    @property
    def image(self) -> str:
        return _required("imageId", self.imageId)

    @property
    def asked(self) -> str:
        return _required("action", self.action)

    @property
    def wish(self) -> Wish:
        count = max(1, min(self.variationCount, modes.MOST))
        return Wish(count, self.modificationMode, self.variationDetail, self.aspectRatio)

    @property
    def why(self) -> str:
        return clean_text(self.reason or "", field="reason", max_length=500)

    @property
    def asked_by(self) -> Asker | None:
        return asker(self.actor.id, self.actor.name) if self.actor else None


WHAT_TO_ANALYSE = "imageId, userId, and storageId or imageUrl are required"


class AnalyseInput(Named):
    imageId: Id | None = Field(None, description="A picture that is described again. Without it the other two are described.")
    storageId: Id | None = Field(
        None, description="This or imageUrl. Beside `imageId`, as bots of before send it, the stored picture is described."
    )
    imageUrl: Annotated[Text | None, BeforeValidator(bare)] = Field(None, max_length=2000, description="Likewise.")
    title: Text | None = Field(None, max_length=400, description="What is known of a picture without `imageId`; told to the model.")
    description: Text | None = Field(None, max_length=8000, description="Likewise.")
    tags: list[Text] | None = Field(None, max_length=200, description="Likewise.")
    category: Text | None = Field(None, max_length=400, description="Likewise.")
    variationCount: Int = Field(0, description="With `imageId`: so many variations are ordered as well, 12 at most. The key needs `moderate`.")
    modificationMode: Text | None = Field(None, description="Of the variations, as at `/discordModerate`.")
    variationType: Text | None = Field(None, description="What bots of before called it: `shot_type` or `style`.")
    variationDetail: Text | None = Field(None, max_length=modes.MAX_DETAIL)

    @property
    def variations(self) -> Wish:
        """What is to be made of the picture besides."""
        return Wish(self.variationCount, self.modificationMode or self.variationType, self.variationDetail)

    @property
    def wish(self) -> GlanceWish | None:
        """What is to be looked at at once; None for a picture of the library. Raises Invalid naming what is missing."""
        if not self.storageId and not self.imageUrl:
            missing = ["imageUrl"] if self.imageId else ["imageId", "imageUrl"]
            raise Invalid(WHAT_TO_ANALYSE, fields=dict.fromkeys(missing, "This is required."))
        if self.imageId:
            return None
        told = {"title": self.title, "description": self.description, "tags": ", ".join(self.tags or []), "category": self.category}
        words = tuple((name, clean_text(text, field=name, max_length=8000)[:500]) for name, text in told.items() if text)
        return GlanceWish(self.storageId or None, None if self.storageId else self.imageUrl, words)


class Described(Output):
    """What a machine finds in a picture; nothing of it is kept. Without a model only the colours are told."""

    description: str | None
    tags: list[str]
    colors: list[str]
    category: str | None


class BackfillInput(Input):
    limit: Int = Field(200, description="From 1 to 1000; anything beyond counts as the nearer of the two.")
    dryRun: bool = Field(False, description="Only say what would be done.")
    refreshVariants: bool = Field(False, description="Make sizes again that are there.")
    imageIds: list[Id] | None = Field(None, max_length=1000, description="Only these pictures.")

    @property
    def most(self) -> int:
        return max(1, min(1000, self.limit))


class BackfilledImage(Output):
    imageId: str
    mode: Literal["already_stored", "republish_existing", "rebuild_renditions", "reupload_from_source", "unrecoverable"]


class StorageBackfill(Output):
    """A worker does what is about bytes, after all that somebody waits for."""

    dryRun: bool
    refreshVariants: bool
    limit: int
    scanned: int
    migrated: int = Field(description="Pictures that are stored, sized or shown again.")
    failed: int = Field(description="Pictures that have neither usable bytes nor an address.")
    skipped: int = Field(description="Pictures that lack nothing, or that a job is about.")
    results: list[BackfilledImage] = Field(description="At most 50.")


class QuarantineInput(Input):
    limit: Int = Field(200, description="How many pictures are looked at: from 1 to 1000; anything beyond counts as the nearer of the two.")
    dryRun: bool = Field(False, description="Only say what would be hidden.")

    @property
    def most(self) -> int:
        return max(1, min(1000, self.limit))


class BrokenImage(Output):
    imageId: str
    title: str
    reason: str


class Quarantined(Output):
    scanned: int
    quarantined: int
    dryRun: bool
    results: list[BrokenImage] = Field(description="At most 100.")


class Decided(Output):
    """`status` and `aiStatus` are those of the picture now; a rejected one has none."""

    ok: bool
    message: str
    imageId: str
    userId: str
    status: str | None = None
    aiStatus: str | None = None


def _required(name: str, value: str | None) -> str:
    if not value:
        raise Invalid(f"Missing required fields: {name}", fields={name: "This is required."})
    return value
