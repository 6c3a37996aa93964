"""What programs send and get of decks."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from pindeck.api.images.schemas import iso
from pindeck.api.operations import Reply
from pindeck.api.types import Input, Int, Output, RightsWord, Text, Uuid, told_rights
from pindeck.models import Deck as DeckRow

KindName = Literal["hero", "logline", "story", "world", "character", "tone", "motif", "theme", "stakes", "closing"]
StyleName = Literal["cinematic", "minimal", "neon", "bold", "noir"]
LayoutName = Literal["editorial", "collage"]
EffectName = Literal["parallax", "snap", "kinetic", "dolly", "sequence"]
_IMAGE = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c13"

PICTURE = {"id": _IMAGE, "focalX": 0.5, "focalY": 0.4}
BLOCK = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6e12",
    "kind": "logline",
    "title": "Logline",
    "text": "Nobody sleeps.",
    "notes": None,
    "variant": None,
    "hidden": False,
    "locked": False,
    "images": [PICTURE],
}
DECK = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6e11",
    "boardId": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b11",
    "title": "Night ride Deck",
    "style": "cinematic",
    "layout": "editorial",
    "scrollFx": "parallax",
    "overlay": 58,
    "overlayVariation": 32,
    "overlaySeed": 0,
    "palette": ["#d2dc64", "#334135", "#fff5a6", "#8ea871", "#08090b", "#13161a", "#eef3df", "#bac2aa", "#5a6e4c"],
    "fontFamily": "agency",
    "credits": True,
    "collaborators": [],
    "shared": False,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:00.125Z",
}
WHOLE = {**DECK, "images": [_IMAGE], "blocks": [BLOCK]}
PAGE = {
    "number": 1,
    "kind": "logline",
    "blockId": BLOCK["id"],
    "part": 1,
    "title": "Logline",
    "text": "Nobody sleeps.",
    "notes": None,
    "dense": False,
    "images": [PICTURE],
    "overlay": {"side": "bottom", "strength": 52},
    "credits": [],
}


class NewDeck(Input):
    model_config = ConfigDict(extra="forbid")

    title: Text | None = Field(None, description="Without one it is the name of the board with “Deck”.")
    boardId: Uuid | None = Field(None, description="All images of this board, in reading order. Not with `ids`.")
    ids: list[Text] | None = Field(None, max_length=1000, description="These images, in this order.")
    templateId: Uuid | None = Field(None, description="A deck whose pages, words and look it gets, with its own images.")


class DeckChange(Input):
    model_config = ConfigDict(extra="forbid")

    title: Text | None = None
    style: StyleName | None = None
    layout: LayoutName | None = None
    scrollFx: EffectName | None = None
    overlay: Int | None = Field(None, description="Percent.")
    overlayVariation: Int | None = Field(None, description="Percent.")
    overlaySeed: Int | None = Field(None, description="Another number lays the shades elsewhere.")
    palette: list[Text] | None = Field(None, max_length=9, description="5 to 9 colours; null for those of the style.")
    fontFamily: Text | None = Field(None, description="The name of a pair of fonts.")
    credits: bool | None = Field(None, description="Whether the last pages name the sources of the images.")
    collaborators: list[Uuid] | None = Field(
        None, max_length=50, description="Ids of all users who may edit it besides its owner. For the owner and administrators."
    )


class DeckTitle(Input):
    model_config = ConfigDict(extra="forbid")

    title: Text | None = Field(None, description="Without one it is the title of the deck with “(copy)”.")


class DeckIds(Input):
    model_config = ConfigDict(extra="forbid")

    ids: list[Text] = Field(max_length=1000)


class PictureInput(Input):
    model_config = ConfigDict(extra="forbid")

    id: Uuid
    focalX: float | None = Field(None, ge=0, le=1, description="What the crop keeps in sight, across; null leaves it to the image.")
    focalY: float | None = Field(None, ge=0, le=1, description="The same, down.")


class NewBlock(Input):
    model_config = ConfigDict(extra="forbid")

    kind: KindName
    title: Text | None = None
    text: Text | None = None
    ids: list[Text] | None = Field(None, max_length=24, description="Without them: images of the deck that no block shows yet.")
    before: Text | None = Field(None, description="The block that it stands before; at the end without one.")


class BlockChange(Input):
    model_config = ConfigDict(extra="forbid")

    title: Text | None = Field(None, description="Null leaves it to the deck, an empty text is none. So it is with `text`.")
    text: Text | None = None
    notes: Text | None = Field(None, description="For who speaks.")
    variant: Literal["A", "B"] | None = Field(None, description="Wide or dense; null is as the deck.")
    hidden: bool | None = None
    locked: bool | None = Field(None, description="A locked block changes in nothing but this.")
    images: list[PictureInput | None] | None = Field(None, max_length=24, description="By place; null leaves one empty.")
    before: Text | None = Field(None, description="Moves it: the block that it stands before, empty for the end. By itself.")


class DeckPicture(Output):
    id: str
    focalX: float
    focalY: float


class DeckBlock(Output):
    id: str
    kind: str
    title: str = Field(description="What stands on the page: words of a person, or those that Pindeck chose.")
    text: str
    notes: str | None
    variant: str | None
    hidden: bool
    locked: bool
    images: list[DeckPicture | None] = Field(description="By place; null is an empty one, or an image that the caller does not see.")


class Deck(Output):
    id: str
    boardId: str | None = Field(description="The board that it was made from, where the caller knows it.")
    title: str
    style: str
    layout: str
    scrollFx: str
    overlay: int
    overlayVariation: int
    overlaySeed: int
    palette: list[str] = Field(description="Primary, secondary, accent, tertiary, background, surface, text, muted, border.")
    fontFamily: str
    credits: bool
    collaborators: list[str] = Field(description="Ids of the users who may edit it besides its owner.")
    shared: bool = Field(description="Whether it has a public link.")
    version: int
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


class WholeDeck(Deck):
    images: list[str] = Field(description="Ids of the images that were chosen for it, whether a block shows them or not.")
    blocks: list[DeckBlock]


class DeckOverlay(Output):
    side: str = Field(description="Where it is darkest.")
    strength: int = Field(description="Percent.")


class DeckCredit(Output):
    imageId: str
    title: str
    credit: str | None
    address: str | None
    rights: RightsWord


class DeckPage(Output):
    number: int
    kind: str = Field(description="That of its block, or `credits`.")
    blockId: str | None
    part: int = Field(description="Above 1 it goes on with the text of the page before.")
    title: str
    text: str
    notes: str | None
    dense: bool
    images: list[DeckPicture | None]
    overlay: DeckOverlay | None
    credits: list[DeckCredit]


class DeckPages(Output):
    pages: list[DeckPage]


def shape(row: DeckRow, boards: set[str], editors: dict[str, list[str]]) -> dict[str, Any]:
    """`boards` are the ids of those that the caller knows, `editors` by deck those of its collaborators."""
    from pindeck.services.boards.decks import palettes

    return {
        "id": row.id,
        "boardId": row.board_id if row.board_id in boards else None,
        "title": row.title,
        "style": row.style,
        "layout": row.layout,
        "scrollFx": row.scroll_fx,
        "overlay": row.overlay,
        "overlayVariation": row.overlay_variation,
        "overlaySeed": row.overlay_seed,
        "palette": list(palettes.of(row.style, row.palette)),
        "fontFamily": row.font_family,
        "credits": bool(row.has_credits),
        "collaborators": editors.get(row.id, []),
        "shared": row.is_shared,
        "version": row.version,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }


def picture(found: Any) -> dict[str, Any] | None:
    return {"id": found.image.id, "focalX": found.focal_x, "focalY": found.focal_y} if found else None


def block(view: Any) -> dict[str, Any]:
    own = view.block
    return {
        "id": own.id,
        "kind": view.kind,
        "title": view.title,
        "text": view.text,
        "notes": own.notes,
        "variant": own.variant or None,
        "hidden": not own.is_on,
        "locked": own.is_locked,
        "images": [picture(each) for each in view.pictures],
    }


def page(found: Any) -> dict[str, Any]:
    return {
        "number": found.number,
        "kind": found.kind,
        "blockId": found.block_id or None,
        "part": found.part,
        "title": found.title,
        "text": found.text,
        "notes": found.notes or None,
        "dense": found.is_dense,
        "images": [picture(each) for each in found.pictures],
        "overlay": found.overlay and {"side": found.overlay.side, "strength": found.overlay.strength},
        "credits": [
            {"imageId": each.image.id, "title": each.title, "credit": each.credit, "address": each.address, "rights": told_rights(each.image.rights)} for each in found.credits
        ],
    }


def with_tag(body: dict[str, Any], row: DeckRow, status: int = 200) -> Reply:
    return Reply(body, status, {"ETag": f'"{row.id}-v{row.version}"'})
