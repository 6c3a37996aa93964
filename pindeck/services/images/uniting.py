"""Copies of a picture merged into one: what they were given is the one's from now on, and they go to the trash.

One transaction and one action. What a picture belongs to and what belongs to it (boards, likes, memos, history, variations) moves in
`_move_belongings`.
"""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, invalid
from pindeck.models import Alias, Board, BoardImage, FieldEvent, Flow, Image, InheritedEvent, Like, Memo
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.redo import Again
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.canvas import objects
from pindeck.services.images import adopting, ledger, names, publishing, standing, swapping, trash
from pindeck.services.images.fields import FIELDS, Kept, Value
from pindeck.states import PersistStatus

MERGED = verb("image.merge", "Merged copies")
LIKES, MEMOS, HISTORY, BOARDS = "merged_likes", "merged_memos", "merged_history", "merged_boards"
ALIAS, IN_FLOW = "merged_alias", "merged_flow_alias"
MOVED = (BOARDS, standing.PLACES, LIKES, MEMOS, HISTORY, adopting.PARENTS)
REASON = "Merged into another picture"
MOST = 60
BLANK = {"title": "Untitled", "category": "General"}


@dataclass(frozen=True)
class Merged:
    """The picture that stays, the action, and aliases that nobody has now, with their @."""

    image: Image
    action_id: str
    lost: list[str]


def merge(actor: Actor, keep_id: str, ids: list[str]) -> Merged:
    """Merge the pictures `ids` into the one that is kept. Raises NotFound, Forbidden, Invalid, or Conflict."""
    ids = sorted(set(ids))
    if not ids:
        raise invalid("ids", "Choose the copies to merge.")
    if keep_id in ids:
        raise invalid("ids", "The picture to keep cannot be one of the copies.")
    if len(ids) > MOST:
        raise invalid("ids", f"These are {len(ids)} pictures; at most {MOST} are merged at once.")
    access.image_for(actor, "image.edit", keep_id)
    for image_id in ids:
        access.image_for(actor, "image.trash", image_id)
    merged, tokens = db.retried(lambda: _merge(actor, keep_id, ids))
    db.database.after_commit(lambda: publishing.remove_all_now(tokens))
    return merged


def _merge(actor: Actor, keep_id: str, ids: list[str]) -> tuple[Merged, list[str]]:
    boards_of = _boards_of(ids)  # boards before pictures
    wanted = Image.select(Image.project).where(Image.id.in_([keep_id, *ids])).distinct()
    names.lock_projects({image.project_id for image in wanted})
    found = {image.id: image for image in db.locked(Image.select().where(Image.id.in_([keep_id, *ids])).order_by(Image.seq))}
    if len(found) <= len(ids) or any(image.is_trashed for image in found.values()):
        raise Conflict("One of these pictures is gone. Read the group again.")
    keep, others = found[keep_id], [found[image_id] for image_id in ids]
    access.require(actor, "image.edit", keep)
    for other in others:
        access.require(actor, "image.trash", other)
    if any(image.persist_status != PersistStatus.SUCCEEDED for image in found.values()):
        raise Conflict("One of these pictures is still being stored. Merge them when that is done.")
    action_id = db.new_id()
    written = ledger.write_many([keep], {keep.id: _words(keep, others)}, ledger.person(actor), action_id)
    held = names.held_by(ids)
    belongings = _move_belongings(keep, others, boards_of, action_id)
    gone, tokens = trash.put_in(actor, ids, reason=REASON)
    taken, lost = _take_names(keep, others, held)
    swapped, more = swapping.take_largest(keep, others)
    activity.note(actor, "image.merge", keep.id, ids=ids)
    steps = [*written.steps, *belongings, *gone, *taken, *swapped]
    log.record(actor, MERGED, steps, images=len(found), action_id=action_id)
    return Merged(Image.get(Image.seq == keep.seq), action_id, lost), [*tokens, *more]


def _boards_of(ids: list[str]) -> list[Board]:
    on_boards = BoardImage.select(BoardImage.board).where(BoardImage.image_id.in_(ids))
    return list(db.locked(Board.select().where(Board.id.in_(on_boards)).order_by(Board.id)))


def _words(keep: Image, others: list[Image]) -> dict[str, Kept]:
    """What the copies say more: words of lists are added, and a field that is empty takes the first that is not."""
    values = ledger.values_of_many([keep, *others], [name for name in FIELDS if name != "unique_tag"])
    mine, theirs = values[keep.id], [values[other.id] for other in others]
    wanted: dict[str, Kept] = {}
    for name, spec in FIELDS.items():
        given = [of[name] for of in theirs if name in of and not _is_blank(name, of[name])]
        if spec.is_list:
            joined = list(dict.fromkeys([*(mine[name] or []), *(word for words in given for word in words or [])]))
            wanted[name] = joined[: max(spec.most, len(mine[name] or []))]
        elif name in mine and given and _is_blank(name, mine[name]):
            wanted[name] = given[0]
    project = wanted.get("project", mine["project"])
    places = [other.project_order for other in others if values[other.id]["project"] == project and other.project_order is not None]
    if keep.project_order is None and places:
        wanted["project_order"] = min(places)
    return wanted


def _is_blank(name: str, value: Value) -> bool:
    return not value or value == BLANK.get(name)


def _move_belongings(keep: Image, others: list[Image], boards_of: list[Board], action_id: str) -> list[Step]:
    """Inside the transaction: what the copies belong to and what belongs to them goes to the picture that stays."""
    ids = [other.id for other in others]
    return [
        *_boards(keep, ids, boards_of), *standing.take(keep, ids), *_likes(keep, ids), *_memos(keep, ids),
        *_history(keep, others, action_id), *adopting.adopt(keep, others),
    ]  # fmt: skip


def _boards(keep: Image, ids: list[str], found: list[Board]) -> list[Step]:
    """On each board of a copy, whoever it is of, the picture stands where the first copy stood, with that one's note. The copies
    stay there as well: a board shows nothing that lies in the trash, and all that comes out of it."""
    there = {row.board_id for row in BoardImage.select().where(BoardImage.image_id == keep.id)}
    steps: list[Step] = []
    for board in found:
        if board.id in there:
            continue
        rows = list(pictures.on_board(board.id, ids).values())
        first = min(rows, key=lambda row: (row.section_id or "", row.position), default=None)
        if first is None:
            continue
        note = next((row.note for row in [first, *rows] if row.note), None)
        row = dict(
            board=board.id, image_id=keep.id, section_id=first.section_id, position=first.position, note=note,
            user_id=first.user_id, created_at=first.created_at,
        )  # fmt: skip
        BoardImage.insert(row).execute()
        boards.touch(board)
        steps.append(Step(BOARDS, keep.id, None, pictures.state(row), key=board.id))
    return steps


def _likes(keep: Image, ids: list[str]) -> list[Step]:
    mine = {like.user_id for like in Like.select().where(Like.image_id == keep.id)}
    theirs: Any = Like.select(Like.user_id, fn.MIN(Like.created_at)).where(Like.image_id.in_(ids)).group_by(Like.user_id)
    rows = [dict(user_id=user, image_id=keep.id, created_at=at) for user, at in theirs.tuples() if user not in mine]
    if not rows:
        return []
    Like.insert_many(rows).execute()
    _count_likes(keep.id)
    return [Step(LIKES, keep.id, [], sorted(row["user_id"] for row in rows))]


def _count_likes(image_id: str) -> None:
    count = Like.select(fn.COUNT(Like.user_id)).where(Like.image_id == image_id)
    Image.update(likes=count).where(Image.id == image_id).execute()


def _memos(keep: Image, ids: list[str]) -> list[Step]:
    """Each is one person's alone, and the newest of a person stays where that person has none yet."""
    mine = {memo.user_id for memo in Memo.select().where(Memo.image_id == keep.id)}
    newest: dict[str, Memo] = {}
    for memo in Memo.select().where(Memo.image_id.in_(ids)).order_by(Memo.updated_at):
        newest[memo.user_id] = memo
    rows = [dict(user_id=m.user_id, image_id=keep.id, text=m.text, updated_at=m.updated_at) for m in newest.values() if m.user_id not in mine]
    if not rows:
        return []
    Memo.insert_many(rows).execute()
    return [Step(MEMOS, keep.id, [], sorted([row["user_id"], row["updated_at"]] for row in rows))]


def _history(keep: Image, others: list[Image], action_id: str) -> list[Step]:
    """Copies of their changes, and of what they took over themselves: the copies may be deleted for good one day."""
    titles = {other.id: other.title for other in others}
    told = ("field", "old", "new", "writer", "user_id", "client_id", "program", "at")
    events: list[tuple[FieldEvent | InheritedEvent, int, str]] = [
        (event, event.id, titles[event.image_id])
        for event in FieldEvent.select().where(FieldEvent.image_id.in_(list(titles)))
    ]
    events += [
        (event, event.event_id, event.title)
        for event in InheritedEvent.select().where(InheritedEvent.image_id.in_(list(titles)))
    ]
    rows = [
        {**{name: getattr(event, name) for name in told}, "image_id": keep.id, "event_id": number, "title": title, "action_id": action_id}
        for event, number, title in events
    ]
    for at in range(0, len(rows), log.PART):
        InheritedEvent.insert_many(rows[at : at + log.PART]).on_conflict_ignore().execute()
    return [Step(HISTORY, keep.id, None, action_id)] if rows else []


def _take_names(keep: Image, others: list[Image], held: dict[str, list[names.Row]]) -> tuple[list[Step], list[str]]:
    """The names of the copies, which are free now: an image has one in its project, and any number in its flows."""
    rows = [row for other in others for row in held[other.id]]
    wanted = {row["flow_id"] for row in rows if row["flow_id"]}
    inside = {flow.id for flow in Flow.select(Flow.id).where(Flow.id.in_(list(wanted)) & (Flow.project_id == keep.project_id))}
    has_one = any(row["project_id"] for row in names.held_by([keep.id])[keep.id])
    taken: list[names.Row] = []
    lost: list[str] = []
    for row in rows:
        if row["flow_id"] in inside or (row["project_id"] == keep.project_id and not has_one):
            has_one |= bool(row["project_id"])
            taken.append({**row, "id": db.new_id(), "image_id": keep.id, "updated_at": db.now_ms()})
        else:
            lost.append(f"@{row['name']}")
    if not taken:
        return [], lost
    Alias.insert_many(taken).execute()
    Image.change().where(Image.seq == keep.seq).execute()
    kinds = [(ALIAS, "") if row["project_id"] else (IN_FLOW, f"{row['flow_id']}:{row['name_key']}") for row in taken]
    return [Step(kind, keep.id, None, row, key=key) for (kind, key), row in zip(kinds, taken, strict=True)], lost


# Done again


def again(kind: str) -> Again:
    """What the copies have by now goes to the picture that stays, as when they were merged: they went to the trash before this."""

    def move(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
        made: list[Step] = []
        for keep_id in dict.fromkeys(step.image_id for step in steps):
            others = [image for image in taking.images.values() if image.id != keep_id and image.is_trashed]
            made += _move_one(kind, taking.images[keep_id], others, taking.undo_id)
        return [], made

    return move


def _move_one(kind: str, keep: Image, others: list[Image], action_id: str) -> list[Step]:
    ids = [other.id for other in others]
    if kind == LIKES:
        return _likes(keep, ids)
    if kind == MEMOS:
        return _memos(keep, ids)
    if kind == HISTORY:
        return _history(keep, others, action_id)
    if kind == adopting.PARENTS:
        return adopting.adopt(keep, others)
    if kind == standing.PLACES:
        return standing.take(keep, ids)
    return _boards(keep, ids, _boards_of(ids))


# The inverses


def return_boards(taking: Taking, steps: list[Step]) -> list[Left]:
    """A place or a note that was changed since stays, and so does a picture that has a place on the canvas still."""
    left = []
    for step in steps:
        board = db.locked(Board.select().where(Board.id == step.key)).get_or_none()
        row = pictures.on_board(step.key, [step.image_id]).get(step.image_id)
        if board is None or row is None:
            continue
        if pictures.state(row) != step.after or objects.of_pictures(step.key, [step.image_id]):
            left.append(Left(step, "has another place or note on a board since"))
            continue
        BoardImage.delete().where((BoardImage.board == step.key) & (BoardImage.image_id == step.image_id)).execute()
        boards.touch(board)
    return left


def return_likes(taking: Taking, steps: list[Step]) -> list[Left]:
    """Who liked the picture itself since has a like of that day and loses it: nobody can tell them apart."""
    for step in steps:
        Like.delete().where((Like.image_id == step.image_id) & Like.user_id.in_(step.after)).execute()
        _count_likes(step.image_id)
    return []


def return_memos(taking: Taking, steps: list[Step]) -> list[Left]:
    """A memo that was changed since stays."""
    for step in steps:
        for user_id, at in step.after:
            mine = (Memo.image_id == step.image_id) & (Memo.user_id == user_id) & (Memo.updated_at == at)
            Memo.delete().where(mine).execute()
    return []


def return_history(taking: Taking, steps: list[Step]) -> list[Left]:
    for step in steps:
        mine = (InheritedEvent.image_id == step.image_id) & (InheritedEvent.action_id == step.after)
        InheritedEvent.delete().where(mine).execute()
    return []
