"""What people do with the objects of a canvas, each act one action that can be taken back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, invalid
from pindeck.models import Board, CanvasObject
from pindeck.services.actions import log
from pindeck.services.actions.verbs import Verb
from pindeck.services.boards import boards
from pindeck.services.boards.canvas import checks, layers, objects, shown
from pindeck.services.boards.canvas.layers import Way
from pindeck.services.boards.canvas.objects import WORDS, Kind, State
from pindeck.text import can_be_id


class Acted(NamedTuple):
    """`action_id` is None where nothing changed; `ids` are the objects that the act was about."""

    action_id: str | None
    ids: list[str]


Change = Callable[[Board, dict[str, CanvasObject]], dict[str, State | None]]


def add(actor: Actor, board_id: str, kind: object, *, image_id: str | None = None, **given: Any) -> Acted:
    """A new object in front of all others; without a place beside them, without a size in the usual one, and a picture in its own
    proportion. `given` as `checks.columns` takes it. A picture that stands there already moves to the place.

    Raises NotFound for a picture that the board does not show to the actor, Forbidden, Invalid naming the field, Conflict.
    """
    sort = checks.kind_of(kind)
    columns = checks.columns(given)
    if (sort == Kind.PICTURE) != (image_id is not None):
        raise invalid("image", "Choose a picture of this board." if image_id is None else "Only a picture has an image.")

    def work() -> Acted:
        board = locked(actor, board_id)
        row = shown.picture(actor, board, image_id) if image_id is not None else None
        there = objects.of_pictures(board.id, [image_id]).get(image_id) if image_id is not None else None
        if there is not None:
            now = {**objects.state(there), **columns}
            return _write(actor, board, objects.MOVED, {there.id: there}, {there.id: checks.fits(now)})
        every = objects.read(board.id)
        new: State = {"board": board.id, "kind": str(sort), "image_id": image_id, "group_id": None, "text": None, "color": None}
        width, height = checks.SIZES[sort] if row is None else shown.size_of(row)
        x, y = shown.beside(every.values())
        new |= {"x": x, "y": y, "width": width, "height": height, "layer": layers.front(every.values())}
        new |= {"color": checks.PLAIN} if sort == Kind.SWATCH else {}
        return _write(actor, board, objects.ADDED, {}, {db.new_id(): checks.fits({**new, **columns})})

    return db.retried(work)


def change(actor: Actor, board_id: str, changes: Mapping[str, Mapping[str, Any]]) -> Acted:
    """By object: some of `x`, `y`, `width`, `height`, `text` and `color`, and `version`, which it had when it was read.

    Raises Conflict CHANGED_SINCE with both values, and writes nothing, where one of them has another version by now; NotFound,
    Forbidden, Invalid naming the field.
    """
    wanted = {key: checks.columns({n: v for n, v in each.items() if n != "version"}) for key, each in changes.items()}

    def work(board: Board, found: dict[str, CanvasObject]) -> dict[str, State | None]:
        _meet(found, {key: (changes[key].get("version"), columns) for key, columns in wanted.items()})
        return {key: checks.fits({**objects.state(row), **wanted[key]}) for key, row in found.items()}

    is_moved = not any(columns.keys() & set(WORDS) for columns in wanted.values())
    return _act(actor, board_id, objects.MOVED if is_moved else objects.CHANGED, list(wanted), work)


def _meet(found: Mapping[str, CanvasObject], wanted: Mapping[str, tuple[Any, dict[str, Any]]]) -> None:
    """Raises Conflict where somebody changed an object since it was read, unless it stands as wanted by now."""
    met = []
    for key, (version, columns) in wanted.items():
        row = found[key]
        now = {name: getattr(row, name) for name in columns}
        if version is not None and version != row.version and now != columns:
            met.append({"id": key, "version": row.version, "now": now, "yours": columns})
    if met:
        raise Conflict("Somebody else changed this on the canvas meanwhile.", code="CHANGED_SINCE", details={"objects": met})


def remove(actor: Actor, board_id: str, ids: Sequence[str]) -> Acted:
    """They leave the canvas; a picture stays on the board. Raises NotFound, Forbidden, Conflict."""
    return _act(actor, board_id, objects.REMOVED, ids, lambda board, found: dict.fromkeys(found))


def layer(actor: Actor, board_id: str, ids: Sequence[str], way: object) -> Acted:
    """`front` or `back`: before or behind all others. `forward` or `backward`: past the next one that lies over or under them.
    They keep the order that they have among themselves. Raises NotFound, Forbidden, Conflict, Invalid."""
    if way not in list(Way):
        raise invalid("to", f"Choose one of {', '.join(Way)}.")

    def work(board: Board, found: dict[str, CanvasObject]) -> dict[str, State | None]:
        every = objects.read(board.id)
        changed = layers.moved(every, found, Way(str(way)), shown.visible(actor, every))
        stay = {key: row.layer for key, row in found.items()}
        return {key: {**objects.state(every[key]), "layer": layer} for key, layer in (stay | changed).items()}

    return _act(actor, board_id, objects.LAYERED, ids, work)


def group(actor: Actor, board_id: str, ids: Sequence[str]) -> Acted:
    """They are chosen and moved together from now on. Raises Invalid for less than two."""
    name = db.new_id()

    def work(board: Board, found: dict[str, CanvasObject]) -> dict[str, State | None]:
        if len(found) < 2:
            raise invalid("ids", "Choose at least two objects.")
        return _in_group(found, name)

    return _act(actor, board_id, objects.GROUPED, ids, work)


def ungroup(actor: Actor, board_id: str, ids: Sequence[str]) -> Acted:
    """The groups of these objects end, also for the others in them that the actor sees."""

    def work(board: Board, found: dict[str, CanvasObject]) -> dict[str, State | None]:
        names = {row.group_id for row in found.values() if row.group_id}
        every = shown.visible(actor, objects.read(board.id))
        return _in_group({key: row for key, row in every.items() if row.group_id in names}, None)

    return _act(actor, board_id, objects.GROUPED, ids, work)


def _in_group(found: Mapping[str, CanvasObject], name: str | None) -> dict[str, State | None]:
    return {key: {**objects.state(row), "group_id": name} for key, row in found.items()}


def _act(actor: Actor, board_id: str, how: Verb, ids: Sequence[str], change: Change) -> Acted:
    wanted = list(dict.fromkeys(each for each in ids if can_be_id(each)))
    if not wanted or len(wanted) > objects.MOST:
        message = f"Choose at most {objects.MOST:,} objects at a time." if wanted else "Choose at least one object."
        raise Invalid(message, fields={"ids": message})

    def work() -> Acted:
        board = locked(actor, board_id)
        found = shown.visible(actor, objects.read(board.id, wanted))
        if len(found) < len(wanted):
            raise not_found()
        return _write(actor, board, how, found, change(board, found))

    return db.retried(work)


def not_found() -> NotFound:
    return NotFound("There is no such object on this canvas. Somebody may have removed it.", code="OBJECT_NOT_FOUND")


def locked(actor: Actor, board_id: str) -> Board:
    """Inside a transaction: a board whose canvas the actor changes. Raises NotFound, Forbidden, Conflict for a smart one."""
    board = boards.locked(actor, board_id)
    boards.filled(board)
    return board


def _write(actor: Actor, board: Board, how: Verb, found: Mapping[str, CanvasObject], after: Mapping[str, State | None]) -> Acted:
    """Inside a transaction: what differs, and the action."""
    read = {**found, **objects.read(board.id, [key for key in after if key not in found])}
    return finish(actor, board, how, {key: objects.state(row) for key, row in read.items()}, after)


def finish(actor: Actor, board: Board, how: Verb, before: Mapping[str, State], after: Mapping[str, State | None]) -> Acted:
    """Inside a transaction that locked the board: objects become what `after` says, as one action."""
    made = objects.steps(before, after)
    if not made:
        return Acted(None, list(after))
    objects.put(board, {step.key: step.after for step in made})
    return Acted(log.record(actor, how, made, images=0, board=board.id), list(after))
