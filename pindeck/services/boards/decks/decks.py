"""Decks as things: made from a board, from chosen pictures, from another deck or from nothing; named, shaped, copied and deleted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pindeck import access, db, errors
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid, no_image
from pindeck.models import Board, BoardPerson, Deck, DeckPerson
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, pictures, reading
from pindeck.services.boards.decks import blocks, chosen, composing
from pindeck.services.boards.decks.composing import Block, Blocks
from pindeck.services.boards.decks.kinds import DeckLayout, Effect, Kind, Style
from pindeck.text import clean_text

MADE = verb("deck.create", "Made a deck")
CHANGED = verb("deck.change", "Changed {field} of a deck")
DELETED = verb("deck.delete", "Deleted a deck")
SHARED = verb("deck.share", "Made the public link of a deck")  # `sharing.py`
REVOKED = verb("deck.revoke", "Revoked the public link of a deck")
# Of its pages: `editing.py`
WROTE = verb("deck.write", "Wrote on a page of a deck")
FORMED = verb("deck.form", "Changed a page of a deck")
SWAPPED = verb("deck.picture", "Swapped a picture of a deck")
ADDED = verb("deck.block", "Added a page to a deck")
REMOVED = verb("deck.unblock", "Removed a page of a deck")
MOVED = verb("deck.move", "Moved a page of a deck")
CHOSEN = verb("deck.choose", "Chose the pictures of a deck")
DECK, FIELD = "deck", "deck_field"  # kinds of steps; the key of a field is `<deck>:<column>`
MAX_TITLE = 200
EMPTY = "This board has no pictures yet. Add some, and then make the deck."
SHAPE = (
    "style", "layout", "scroll_fx", "overlay", "overlay_variation", "overlay_seed", "palette", "font_family", "has_credits",
)  # fmt: skip


def find(actor: Actor, deck_id: str, action: str = "deck.view") -> Deck:
    """Raises NotFound for one that does not exist for the actor, and Forbidden."""
    is_about = access.RULES[action].about is not None
    access.require(actor, "deck.edit" if is_about else action)
    found = Deck.get_or_none((Deck.id == deck_id) & access.decks_of(actor))
    if found is None:
        raise _no_deck()
    if is_about:
        access.require(actor, action, found)
    return found  # type: ignore[no-any-return]


def _no_deck() -> NotFound:
    return NotFound("There is no such deck.", code="DECK_NOT_FOUND")


def locked(actor: Actor, deck_id: str, versions: frozenset[int] | None = None, action: str = "deck.edit") -> Deck:
    """Inside a transaction: the same for who edits it, and nobody else changes it until the end.

    Raises Conflict when it has none of the `versions` any more.
    """
    find(actor, deck_id, action)
    found = db.locked(Deck.select().where((Deck.id == deck_id) & Deck.deleted_at.is_null())).get_or_none()
    if found is None:
        raise _no_deck()
    if versions is not None and found.version not in versions:
        raise Conflict("The deck has changed since you read it. Read it again.", code="PRECONDITION_FAILED", status=412)
    return found  # type: ignore[no-any-return]


def editable(actor: Actor, deck_id: str, *, deleted: bool = False) -> Deck | None:
    """Inside a transaction: the locked deck, if the actor edits it; with `deleted` also one that was deleted."""
    if not access.can(actor, "deck.edit"):
        return None
    mine = (Deck.id == deck_id) & access.decks_of(actor, deleted=deleted)
    return db.locked(Deck.select().where(mine)).get_or_none()  # type: ignore[no-any-return]


def list_page(
    actor: Actor, board_id: str | None = None, *, limit: int, after: str | None = None
) -> tuple[list[Deck], str | None]:
    """All that the actor keeps or edits, or those that were made from a board, the newest first, and the id to go on from."""
    access.require(actor, "deck.view")
    wanted = access.decks_of(actor)
    if board_id is not None:
        wanted &= Deck.board == boards.find(actor, board_id).id
    if after is not None:
        wanted &= Deck.id < after
    found = list(Deck.select().where(wanted).order_by(Deck.id.desc()).limit(limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def of_board(actor: Actor, board_id: str) -> list[Deck]:
    """Those that were made from a board and that the actor knows, the newest first."""
    if not access.can(actor, "deck.view"):
        return []
    return list(Deck.select().where((Deck.board == board_id) & access.decks_of(actor)).order_by(Deck.id.desc()).limit(100))


def create(
    actor: Actor, *, title: object = None, board_id: str | None = None, ids: Sequence[str] = (), template_id: str | None = None
) -> tuple[Deck, str]:
    """One of the pictures of a board, of chosen ones, or without any, and the id of the action. With a template it has the
    blocks, words and looks of that deck, and other pictures.

    Raises NotFound, Forbidden, Invalid naming the field, and Conflict for a board without pictures or too many of them.
    """
    access.require(actor, "deck.edit")
    name = clean_text(title, field="title", max_length=MAX_TITLE) if title is not None else ""

    def work() -> tuple[Deck, str]:
        board = boards.find(actor, board_id) if board_id is not None else None
        model = find(actor, template_id) if template_id is not None else None
        if board is not None:
            boards.filled(board)
        shown = _pictures(actor, board, ids)
        if model is not None:
            made = composing.pour(blocks.read(model.id), shown, db.new_id)
        elif shown:
            made = composing.compose(shown, db.new_id)
        else:
            made = (Block(db.new_id(), Kind.HERO),)
        return _insert(actor, name or _new_title(board, model), made, shown, board, model)

    return db.retried(work)


def _pictures(actor: Actor, board: Board | None, ids: Sequence[str]) -> list[str]:
    """In their order. Raises Conflict for a board without any, and NotFound where the actor sees none of the chosen ones."""
    if board is not None:
        rank = {None: 0} | {section.id: n for n, section in enumerate(reading.sections_of(board.id), 1)}
        rows = sorted(reading.all_rows(actor, board.id), key=lambda row: rank.get(row.section_id, 0))
        if not rows:
            raise Conflict(EMPTY, code="BOARD_EMPTY")
        return chosen.seen_among(actor, [row.image_id for row in rows])
    if not ids:
        return []
    wanted = pictures.ids_in(ids, chosen.MOST)
    if not (found := chosen.seen_among(actor, wanted)):
        raise no_image()
    return found


def _new_title(board: Board | None, model: Deck | None) -> str:
    name = board.name if board else model.title if model else "New"
    return f"{name[: MAX_TITLE - 5]} Deck" if board or not model else name


def _insert(
    actor: Actor, title: str, made: Blocks, ids: Sequence[str], board: Board | None = None, model: Deck | None = None
) -> tuple[Deck, str]:
    blocks.check(made)
    now, user_id = db.now_ms(), access.require_person(actor)
    shape = {name: getattr(model, name) for name in SHAPE} if model else {}
    new = Deck.create(
        id=db.new_id(), board=board and board.id, user_id=user_id, project_id=actor.project_id, title=title,
        created_at=now, updated_at=now, **shape,
    )  # fmt: skip
    beside = {row.user_id for row in BoardPerson.select().where(BoardPerson.board == board.id)} | {board.user_id} if board else set()
    people = sorted(beside - {user_id})
    db.insert_rows(DeckPerson, [dict(deck=new.id, user_id=each) for each in people])
    steps = [
        Step(DECK, "", None, {**state(new), "people": people}, new.id),
        *chosen.set_all(new.id, list(ids)),
        *blocks.write(new.id, (), made),
    ]
    activity.note(actor, "deck.create", deck=new.id)
    return Deck.get_by_id(new.id), log.record(actor, MADE, steps, images=0, deck=new.id, name=title)


def state(row: Deck) -> dict[str, Any]:
    """How the step of having made it keeps it, to make it again."""
    return {name: getattr(row, name) for name in ("board_id", "user_id", "project_id", "title", "created_at", *SHAPE)}


def duplicate(actor: Actor, deck_id: str, title: object = None) -> tuple[Deck, str]:
    """Another one of the actor's with the same blocks and pictures; and the id of the action. Raises NotFound, Forbidden, Invalid."""
    name = clean_text(title, field="title", max_length=MAX_TITLE) if title is not None else ""

    def work() -> tuple[Deck, str]:
        source = find(actor, deck_id, "deck.edit")
        copies = tuple(replace(block, id=db.new_id()) for block in blocks.read(source.id))
        # What the actor does not see is not carried on.
        ids = list(chosen.read(source.id))
        hidden = set(composing.used_in(copies) + ids)
        hidden -= set(chosen.seen_among(actor, sorted(hidden)))
        copies = composing.without(copies, hidden)
        board = Board.get_or_none((Board.id == source.board_id) & access.boards_of(actor)) if source.board_id else None
        return _insert(actor, name or f"{source.title[: MAX_TITLE - 7]} (copy)", copies, [each for each in ids if each not in hidden], board, source)

    return db.retried(work)


def update(actor: Actor, deck_id: str, *, versions: frozenset[int] | None = None, **given: Any) -> str | None:
    """Change `title` or one of SHAPE; the id of the action, None where nothing changed. A locked block that bears the title of
    the deck keeps what it shows; the others follow. Raises NotFound, Forbidden, Invalid naming each field at fault, Conflict."""
    found, faults = errors.gathered(given, lambda name, value: {name: _CHECKS[name](value)})
    if faults:
        raise errors.at_fault(faults)
    columns = {name: value for told in found.values() for name, value in told.items()}

    def work() -> str | None:
        row = locked(actor, deck_id, versions)
        news = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not news:
            return None
        before = blocks.read(row.id) if "title" in news else ()
        kept = tuple(replace(block, title=row.title) if _is_fixed(block) else block for block in before)
        return set_columns(actor, row, CHANGED, news, blocks.write(row.id, before, kept), fields=[LABELS[name] for name in news])

    return db.retried(work)


def _is_fixed(block: Block) -> bool:
    return block.is_locked and block.title is None and block.kind == Kind.HERO


def _one_of(field: str, values: Any) -> Any:
    known = [str(each) for each in values]

    def check(value: object) -> str:
        if value not in known:
            raise invalid(field, f"Choose one of {', '.join(known)}.")
        return str(value)

    return check


def _number(field: str, most: int) -> Any:
    def check(value: object) -> int:
        text = str(value)
        if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) <= most):
            raise invalid(field, f"Choose a number from 0 to {most:,}.")
        return int(text)

    return check


def _palette(value: object) -> list[str] | None:
    from pindeck.services.boards.decks.palettes import NAMES

    if not value:
        return None
    if not isinstance(value, list | tuple) or not 5 <= len(value) <= len(NAMES) or not all(_is_colour(each) for each in value):
        raise invalid("palette", f"Give 5 to {len(NAMES)} colours such as #d2dc64, or none for those of the style.")
    return [str(each).lower() for each in value]


def _is_colour(value: object) -> bool:
    return isinstance(value, str) and len(value) == 7 and value[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in value[1:])


def _seed(value: object) -> int:
    from pindeck.services.boards.decks import overlays

    return _number("overlay_seed", overlays.MOST_SEED)(value)  # type: ignore[no-any-return]


def _font(value: object) -> str:
    from pindeck.services.boards.decks import typography

    return _one_of("font_family", typography.PRESETS)(value)  # type: ignore[no-any-return]


_CHECKS: dict[str, Any] = {
    "title": lambda value: clean_text(value, field="title", max_length=MAX_TITLE, required=True),
    "style": _one_of("style", Style),
    "layout": _one_of("layout", DeckLayout),
    "scroll_fx": _one_of("scroll_fx", Effect),
    "overlay": _number("overlay", 100),
    "overlay_variation": _number("overlay_variation", 100),
    "overlay_seed": _seed,
    "palette": _palette,
    "font_family": _font,
    "has_credits": bool,
}
LABELS = {
    "title": "the title", "style": "the style", "layout": "the layout", "scroll_fx": "the scroll effect", "overlay": "the overlay",
    "overlay_variation": "the overlay", "overlay_seed": "the overlay", "palette": "the colours", "font_family": "the fonts",
    "has_credits": "the credits",
}  # fmt: skip


def delete(actor: Actor, deck_id: str, *, versions: frozenset[int] | None = None) -> str:
    """It leaves every list; the id of the action, which can be taken back for 30 days. Raises NotFound, Forbidden for a
    collaborator, Conflict."""

    def work() -> str:
        row = locked(actor, deck_id, versions, "deck.manage")
        activity.note(actor, "deck.delete", deck=row.id, name=row.title)
        return set_columns(actor, row, DELETED, {"deleted_at": db.now_ms()})

    return db.retried(work)


def set_columns(actor: Actor, row: Deck, how: Any, news: dict[str, Any], more: Sequence[Step] = (), **detail: Any) -> str:
    """Inside a transaction: other values in columns of a locked deck; the id of the action."""
    steps = [Step(FIELD, "", getattr(row, name), value, f"{row.id}:{name}") for name, value in news.items()]
    Deck.change(**news).where(Deck.id == row.id).execute()
    return log.record(actor, how, [*steps, *more], images=0, deck=row.id, name=row.title, **detail)


def forget(limit: int = 1000) -> int:
    """Those whose deletion can no longer be taken back go for good; how many."""
    due = [row.id for row in Deck.select(Deck.id).where(Deck.deleted_at < log.oldest()).limit(limit)]
    return Deck.delete().where(Deck.id.in_(due)).execute() if due else 0
