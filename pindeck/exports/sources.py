"""What a file is made of: a title, and pictures with their words in order, as far as its owner sees them now.

Each kind of thing is one function here; what is made of them knows none.
"""

from collections.abc import Callable
from typing import Any

from peewee import chunked

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.exports import deck_content
from pindeck.exports.asking import MOST, Of, too_many
from pindeck.exports.content import Content, Part, Shot, Still
from pindeck.models import Blob, Board, Image, StoredFile
from pindeck.search import editing
from pindeck.services.boards import boards, reading
from pindeck.services.boards.storyboards import storyboards


def title_of(actor: Actor, of: Of, value: Any) -> str:
    """What the thing is called. Raises NotFound when the actor does not know of it, Invalid for a search that cannot be read."""
    return _SOURCES[of][0](actor, value)


def content_of(actor: Actor, of: Of, value: Any) -> Content:
    """All of it, as the actor sees it now. Raises NotFound, or Invalid for more than one file takes."""
    found = _SOURCES[of][1](actor, value)
    if not found.pages and not any(True for _ in found.stills):
        raise NotFound("There is no picture to put into a file.")
    return found


def filters_of(actor: Actor, of: Of, value: Any, words: str) -> dict[str, str] | None:
    """What the gallery is asked for to show those of its pictures that these words mean too; None of what no search can name."""
    from pindeck.services.library import choices, filters

    asked = dict(choices.wanted_of(value)) if of == "q" else {}
    if of == "board":
        board: Board = boards.find(actor, value)
        if board.is_smart:
            asked = dict(choices.wanted_of(str(board.query)))
        else:
            asked[filters.WORDS] = editing.spelt("board", [board.name])
    elif of == "project":
        asked[filters.WORDS] = editing.spelt("project", [_project_title(actor, value)])
    elif of != "q":
        return None
    before = asked.get(filters.WORDS)
    asked[filters.WORDS] = f"({before}) {words}" if before else words
    return {filter.name: filter.write(told) for filter, told in asked.items()}


def _stills(actor: Actor, ids: list[str]) -> dict[str, Still]:
    """By id, those that the actor sees outside of the trash, and that are stored."""
    found: dict[str, Still] = {}
    shown = access.seen(actor) & access.LIVE
    for part in chunked(ids, 500):
        rows: Any = Image.select(Image, Blob.id.alias("bytes_id"), Blob.sha256.alias("digest"))
        rows = rows.join(StoredFile).join(Blob)
        for row in rows.where(Image.id.in_(list(part)) & shown.expression()).objects():
            found[row.id] = _still(row)
    return found


def _still(row: Any) -> Still:
    said = (row.attribution or "").strip()
    is_address = said.startswith(("http://", "https://"))
    return Still(
        row.id, row.title or "Untitled", row.original_filename or "", said, said if is_address else row.source_url or "",
        row.description or "", tuple(row.colors or ()), row.width or 1, row.height or 1,
        (0.5 if row.focal_x is None else row.focal_x, 0.5 if row.focal_y is None else row.focal_y), row.mime or "", row.bytes_id, row.digest,
        row.rights,
    )  # fmt: skip


def _plain(actor: Actor, title: str, ids: list[str]) -> Content:
    return _of_parts(actor, title, [("", ids)])


def _of_parts(actor: Actor, title: str, parts: list[tuple[str, list[str]]], notes: dict[str, str] | None = None) -> Content:
    """`notes` are what is said of some of the pictures, by their ids."""
    said = notes or {}
    every = [image_id for _, ids in parts for image_id in ids]
    if len(every) > MOST:
        raise too_many(len(every))
    stills = _stills(actor, every)
    there = [(name, [stills[each] for each in ids if each in stills]) for name, ids in parts]
    made = tuple(Part(name, stills=tuple(some), told=tuple(said.get(still.id, "") for still in some)) for name, some in there)
    return Content(title, tuple(part for part in made if part.stills), _dated(every))


def _dated(ids: list[str]) -> int:
    last = 0
    for part in chunked(ids, 500):
        times: Any = Image.select(Image.updated_at).where(Image.id.in_(list(part))).tuples()
        last = max([last, *(row[0] for row in times)])
    return last


def _board_title(actor: Actor, board_id: str) -> str:
    return str(boards.find(actor, board_id).name)


def _board(actor: Actor, board_id: str) -> Content:
    board: Board = boards.find(actor, board_id)
    if board.is_smart:
        return _plain(actor, board.name, _found(actor, str(board.query)))
    rows = reading.all_rows(actor, board.id)
    sections = [(None, ""), *((section.id, section.name) for section in reading.sections_of(board.id))]
    parts = [(name, [row.image_id for row in rows if row.section_id == key]) for key, name in sections]
    return _of_parts(actor, board.name, parts, {row.image_id: row.note for row in rows if row.note})


def _storyboard_title(actor: Actor, storyboard_id: str) -> str:
    return str(storyboards.find(actor, storyboard_id).title)


def _storyboard(actor: Actor, storyboard_id: str) -> Content:
    from pindeck.services.boards.storyboards import reading as frames
    from pindeck.services.boards.storyboards import shots

    row = storyboards.find(actor, storyboard_id)
    views = frames.views_of(row.id, reading.shown_to(actor))
    placed = [slot for view in views for slot in view.slots if slot.image is not None]
    if len(placed) > MOST:
        raise too_many(len(placed))
    stills = _stills(actor, [slot.image.id for slot in placed if slot.image])
    parts = tuple(
        Part(f"Frame {view.number}", view.frame.note or "", shots=tuple(_shot(slot, stills) for slot in view.slots if slot.shot is not None))
        for view in views
    )
    total = shots.total_ms([slot.told for slot in placed if slot.told is not None])
    dated = max(row.updated_at, _dated(list(stills)))
    return Content(row.title, tuple(part for part in parts if part.shots or part.note), dated, row.aspect, total)


def _shot(slot: Any, stills: dict[str, Still]) -> Shot:
    still = stills.get(slot.image.id) if slot.image is not None else None
    told = slot.told
    if told is None or slot.image is None:  # what is said of a picture that its owner does not see stays with it
        return Shot(still)
    return Shot(
        still, told.number or "", told.shot_size or "", told.lens or "", told.movement or "", told.action or "", told.dialogue or "",
        told.duration_ms,
    )  # fmt: skip


def _deck(actor: Actor, deck_id: str) -> Content:
    opened = deck_content.opened(actor, deck_id)
    ids = deck_content.images_of(opened)
    if len(ids) > MOST:
        raise too_many(len(ids))
    return deck_content.content(opened, _stills(actor, ids), _dated(ids))


def _project_title(actor: Actor, slug: str) -> str:
    from pindeck.services.library import places

    return places.find(actor, slug).name


def _project(actor: Actor, slug: str) -> Content:
    from pindeck.services.library import places

    place, ids, after = places.find(actor, slug), [], None
    while True:
        page = places.row_page(actor, place, after=after, limit=500)
        ids += [seen.id for seen in page.images]
        after = page.next_after
        if after is None or len(ids) > MOST:
            return _plain(actor, place.name, ids)


def _search_title(actor: Actor, text: str) -> str:
    from pindeck.services.library import choices

    access.require(actor, "library.view")
    choices.meant_by(text)
    return choices.Choice(query=text).text


def _found(actor: Actor, text: str) -> list[str]:
    from pindeck.services.library import choices, choosing, query

    choices.meant_by(text)
    rows = query.rows(choosing.SHOWN, actor, choices.whole(choices.wanted_of(text)), limit=MOST + 1)
    return [row[0] for row in rows]


def _search(actor: Actor, text: str) -> Content:
    return _plain(actor, _search_title(actor, text), _found(actor, text))


def _chosen_title(actor: Actor, ids: list[str]) -> str:
    return f"{len(ids)} chosen {'picture' if len(ids) == 1 else 'pictures'}"


def _chosen(actor: Actor, ids: list[str]) -> Content:
    return _plain(actor, _chosen_title(actor, ids), ids)


_SOURCES: dict[str, tuple[Callable[[Actor, Any], str], Callable[[Actor, Any], Content]]] = {
    "board": (_board_title, _board),
    "storyboard": (_storyboard_title, _storyboard),
    "deck": (deck_content.title, _deck),
    "project": (_project_title, _project),
    "q": (_search_title, _search),
    "ids": (_chosen_title, _chosen),
}
