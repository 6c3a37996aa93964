"""The operations of decks: made, read with all blocks or as pages, changed as a whole and block by block."""

from typing import Any

from flask import Blueprint, g, url_for
from pydantic import Field

from pindeck import access, cursors, db
from pindeck.api import deck_schemas as schemas
from pindeck.api.boards import Link
from pindeck.api.deck_schemas import (
    DECK,
    PAGE,
    WHOLE,
    BlockChange,
    Deck,
    DeckChange,
    DeckIds,
    DeckPages,
    DeckTitle,
    NewBlock,
    NewDeck,
    WholeDeck,
)
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.preconditions import IF_MATCH, other_version, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Uuid, check_uuid
from pindeck.errors import invalid
from pindeck.http import urls
from pindeck.models import Board
from pindeck.models import Deck as DeckRow
from pindeck.services.boards import reading
from pindeck.services.boards.decks import decks, editing, pages, people, sharing
from pindeck.services.boards.decks.composing import Still

bp = Blueprint("api_decks", __name__, url_prefix=f"{PREFIX}/decks")

NOT_FOUND = Fault(404, "DECK_NOT_FOUND", "The caller has no such deck.")
BOARD_NOT_FOUND = Fault(404, "BOARD_NOT_FOUND", "The caller has no such board.")
IMAGE_NOT_FOUND = Fault(404, "IMAGE_NOT_FOUND", "The caller sees none of these images.")
BLOCK_NOT_FOUND = Fault(404, "BLOCK_NOT_FOUND", "The deck has no such block.")
LOCKED = Fault(409, "BLOCK_LOCKED", "The block is locked.")
FULL = Fault(409, "DECK_FULL", "It would have more than 1,000 blocks or images.")
CHANGED = other_version("deck")
PATH = {"deck_id": "The deck's id"}
BLOCK_PATH = {**PATH, "block_id": "A block of it"}
_COLUMNS = {
    "scrollFx": "scroll_fx", "overlayVariation": "overlay_variation", "overlaySeed": "overlay_seed", "fontFamily": "font_family",
    "credits": "has_credits",
}  # fmt: skip


def _boards(rows: list[DeckRow]) -> set[str]:
    ids = {row.board_id for row in rows if row.board_id}
    return {row.id for row in Board.select(Board.id).where(Board.id.in_(ids) & access.boards_of(g.actor))} if ids else set()


def _told(row: DeckRow, status: int = 200) -> Reply:
    opened = pages.open_one(row, reading.shown_to(g.actor))
    body = {
        **schemas.shape(row, _boards([row]), people.of_decks([row.id])),
        "images": [image.id for image in opened.chosen],
        "blocks": [schemas.block(view) for view in opened.views],
    }
    return schemas.with_tag(body, row, status)


@bp.post("")
@operation(
    "deck.edit",
    surface="decks",
    summary="Make a deck",
    body=JsonBody(NewDeck, optional=True, example={"boardId": DECK["boardId"]}),
    answers=Answer(WholeDeck, status=201, says="The new deck.", example=WHOLE, headers=("ETag",)),
    faults=(USER_REQUIRED, BOARD_NOT_FOUND, NOT_FOUND, IMAGE_NOT_FOUND, FULL,
            Fault(409, "BOARD_EMPTY", "The board has no images."), Fault(409, "BOARD_IS_SMART", "A query fills this board.")),
    bucket="write",
    repeats=Repeats.WHOLE,
)  # fmt: skip
def create_deck(body: NewDeck | None) -> Reply:
    """Of a board, of images, or blank with one page. With images it has ten blocks, over which they are spread."""
    wanted = body or NewDeck()
    if wanted.boardId is not None and wanted.ids is not None:
        raise invalid("ids", "Give either a board or images.")
    made, _ = decks.create(
        g.actor, title=wanted.title, board_id=wanted.boardId, ids=wanted.ids or (), template_id=wanted.templateId
    )
    return _told(made, 201)


class DecksOfBoard(CursorPages):
    board: Uuid | None = Field(None, description="Those that were made from one board alone.", examples=[DECK["boardId"]])


@bp.get("")
@operation(
    "deck.view",
    surface="decks",
    summary="List decks",
    query=DecksOfBoard,
    answers=cursor_pages(Deck, DECK),
    faults=(BOARD_NOT_FOUND,),
)
def list_decks(query: DecksOfBoard) -> dict[str, Any]:
    """Those that the caller keeps or edits, newest first, without their blocks."""
    found, more = decks.list_page(g.actor, query.board, limit=query.limit, after=query.after)
    known, editors = _boards(found), people.of_decks([row.id for row in found])
    return cursor_page([schemas.shape(row, known, editors) for row in found], cursors.write(found[-1].created_at, more) if more else None)


@bp.get("/<deck_id>")
@operation(
    "deck.view",
    surface="decks",
    summary="Get a deck",
    path=PATH,
    answers=Answer(WholeDeck, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND,),
)
def get_deck(deck_id: str) -> Reply:
    """One with all its blocks."""
    return _told(decks.find(g.actor, check_uuid(deck_id, "deck_id")))


@bp.get("/<deck_id>/pages")
@operation(
    "deck.view",
    surface="decks",
    summary="Get the pages of a deck",
    path=PATH,
    answers=Answer(DeckPages, example={"pages": [PAGE]}, headers=("ETag",)),
    faults=(NOT_FOUND,),
)
def get_deck_pages(deck_id: str) -> Reply:
    """As they are shown: the visible blocks, further pages where a text is long, and the credits."""
    row = decks.find(g.actor, check_uuid(deck_id, "deck_id"))
    found = pages.in_order(pages.open_one(row, reading.shown_to(g.actor)))
    return schemas.with_tag({"pages": [schemas.page(each) for each in found]}, row)


@bp.patch("/<deck_id>")
@operation(
    "deck.edit",
    surface="decks",
    summary="Change a deck",
    path=PATH,
    body=JsonBody(DeckChange, example={"title": "Night ride, second try", "style": "noir"}),
    answers=Answer(WholeDeck, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def change_deck(deck_id: str, body: DeckChange) -> Reply:
    """What is not named stays."""
    deck_id = check_uuid(deck_id, "deck_id")
    named, versions = body.model_fields_set - {"collaborators"}, versions_of(deck_id)
    given = {_COLUMNS.get(name, name): getattr(body, name) for name in named}

    def work() -> None:
        if body.collaborators is not None:
            people.set_all(g.actor, deck_id, body.collaborators, versions=versions)
        if given or body.collaborators is None:
            decks.update(g.actor, deck_id, versions=versions if body.collaborators is None else None, **given)

    db.retried(work)
    return _told(decks.find(g.actor, deck_id))


@bp.delete("/<deck_id>")
@operation(
    "deck.edit",
    surface="decks",
    summary="Delete a deck",
    path=PATH,
    answers=Answer(status=204, says="It is deleted. Board and images stay."),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def delete_deck(deck_id: str) -> Reply:
    """By who keeps it. The action can be undone for 30 days."""
    deck_id = check_uuid(deck_id, "deck_id")
    decks.delete(g.actor, deck_id, versions=versions_of(deck_id))
    return Reply(None, 204)


@bp.post("/<deck_id>/duplicate")
@operation(
    "deck.edit",
    surface="decks",
    summary="Duplicate a deck",
    path=PATH,
    body=JsonBody(DeckTitle, optional=True, example={"title": "Night ride, second try"}),
    answers=Answer(WholeDeck, status=201, says="The copy.", example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, USER_REQUIRED),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def duplicate_deck(deck_id: str, body: DeckTitle | None) -> Reply:
    """Another one of the caller's, with the same blocks and the images that it sees."""
    copy, _ = decks.duplicate(g.actor, check_uuid(deck_id, "deck_id"), body and body.title)
    return _told(copy, 201)


@bp.put("/<deck_id>/images")
@operation(
    "deck.edit",
    surface="decks",
    summary="Choose the images of a deck",
    path=PATH,
    body=JsonBody(DeckIds, example={"ids": WHOLE["images"]}),
    answers=Answer(WholeDeck, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, IMAGE_NOT_FOUND, LOCKED, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def choose_deck_images(deck_id: str, body: DeckIds) -> Reply:
    """These, in this order. Others leave it, and the blocks that showed them."""
    deck_id = check_uuid(deck_id, "deck_id")
    return _told(editing.choose(g.actor, deck_id, body.ids, versions=versions_of(deck_id)).deck)


@bp.post("/<deck_id>/share")
@operation(
    "deck.edit",
    surface="decks",
    summary="Make the public link of a deck",
    path=PATH,
    answers=Answer(Link, status=201, says="The new link.", example={"url": "https://pindeck.example/share/5f0c…"}),
    faults=(NOT_FOUND,),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def share_deck(deck_id: str) -> Reply:
    """Everybody who has it sees the visible pages without an account, with those of their images that are in the library and not private,
    and without speaker notes. The link before it ends. For the owner and administrators."""
    token, _ = sharing.share(g.actor, check_uuid(deck_id, "deck_id"))
    return Reply({"url": urls.absolute(url_for("shares.index", token=token))}, 201, {"Cache-Control": "no-store"})


@bp.delete("/<deck_id>/share")
@operation(
    "deck.edit",
    surface="decks",
    summary="Revoke the public link of a deck",
    path=PATH,
    answers=Answer(status=204, says="The deck has no link."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def revoke_deck_link(deck_id: str) -> Reply:
    """It stops at once."""
    sharing.revoke(g.actor, check_uuid(deck_id, "deck_id"))
    return Reply(None, 204)


# Its blocks


@bp.post("/<deck_id>/blocks")
@operation(
    "deck.edit",
    surface="decks",
    summary="Add a block to a deck",
    path=PATH,
    body=JsonBody(NewBlock, example={"kind": "tone", "text": "Slow, and close."}),
    answers=Answer(WholeDeck, status=201, says="The deck with it.", example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, BLOCK_NOT_FOUND, FULL, CHANGED),
    bucket="write",
    headers=IF_MATCH,
    repeats=Repeats.WHOLE,
)
def add_deck_block(deck_id: str, body: NewBlock) -> Reply:
    """A page at the end, or before another one."""
    deck_id = check_uuid(deck_id, "deck_id")
    added = editing.add(
        g.actor, deck_id, body.kind, before=body.before, ids=body.ids or (), title=body.title, text=body.text,
        versions=versions_of(deck_id),
    )  # fmt: skip
    return _told(added.deck, 201)


@bp.patch("/<deck_id>/blocks/<block_id>")
@operation(
    "deck.edit",
    surface="decks",
    summary="Change a block of a deck",
    path=BLOCK_PATH,
    body=JsonBody(BlockChange, example={"text": "Nobody sleeps.", "variant": "B"}),
    answers=Answer(WholeDeck, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, BLOCK_NOT_FOUND, LOCKED, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def change_deck_block(deck_id: str, block_id: str, body: BlockChange) -> Reply:
    """What is not named stays."""
    deck_id, versions = check_uuid(deck_id, "deck_id"), versions_of(check_uuid(deck_id, "deck_id"))
    named = body.model_fields_set
    if "before" in named:
        if len(named) > 1:
            raise invalid("before", "Move a block in a request of its own.")
        return _told(editing.move(g.actor, deck_id, block_id, body.before or None, versions=versions).deck)
    given: dict[str, Any] = {name: getattr(body, name) for name in named & {"title", "text", "notes", "variant"}}
    if body.hidden is not None:
        given["is_on"] = not body.hidden
    if body.locked is not None:
        given["is_locked"] = body.locked
    if body.images is not None:
        given["stills"] = [each and Still(each.id, each.focalX, each.focalY) for each in body.images]
    return _told(editing.change(g.actor, deck_id, block_id, versions=versions, **given).deck)


@bp.post("/<deck_id>/blocks/<block_id>/duplicate")
@operation(
    "deck.edit",
    surface="decks",
    summary="Duplicate a block of a deck",
    path=BLOCK_PATH,
    answers=Answer(WholeDeck, status=201, says="The deck with the copy.", example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, BLOCK_NOT_FOUND, FULL),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def duplicate_deck_block(deck_id: str, block_id: str) -> Reply:
    """The copy stands behind it, and is not locked."""
    return _told(editing.duplicate(g.actor, check_uuid(deck_id, "deck_id"), block_id).deck, 201)


@bp.delete("/<deck_id>/blocks/<block_id>")
@operation(
    "deck.edit",
    surface="decks",
    summary="Remove a block of a deck",
    path=BLOCK_PATH,
    answers=Answer(WholeDeck, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, BLOCK_NOT_FOUND, LOCKED, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def remove_deck_block(deck_id: str, block_id: str) -> Reply:
    """Its images stay among those of the deck."""
    deck_id = check_uuid(deck_id, "deck_id")
    return _told(editing.remove(g.actor, deck_id, block_id, versions=versions_of(deck_id)).deck)
