"""How acts on boards are taken back: guarded, so that what somebody changed since stays."""

from collections.abc import Callable, Iterable
from typing import Any

from pindeck import access, db
from pindeck.models import Board, BoardImage, BoardPerson, BoardSection, CanvasObject, Image, Project, User
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.boards import boards, ordering, pictures, sections
from pindeck.services.boards.collaborators import NOW_OTHERS

NO_BOARD = "was on a board that is no longer there"


def lock(steps: list[Step]) -> None:
    """Boards before pictures, as the acts do."""
    _lock({step.key for step in steps if step.image_id})


def _lock(board_ids: Iterable[str]) -> dict[str, Board]:
    wanted = Board.select().where(Board.id.in_(sorted(board_ids))).order_by(Board.id)
    return {board.id: board for board in db.locked(wanted)}


def _editable(taking: Taking, found: dict[str, Board]) -> set[str]:
    """Those that the actor may edit."""
    if not access.can(taking.actor, "board.edit"):
        return set()
    mine = Board.id.in_(list(found)) & access.boards_of(taking.actor)
    return {board.id for board in Board.select(Board.id).where(mine)}


def _on_boards(write: Callable[[Taking, str, list[Step]], list[Left]]) -> Callable[[Taking, list[Step]], list[Left]]:
    """The inverse of steps about pictures, board by board."""

    def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
        found = _lock({step.key for step in steps})
        open_boards, left = _editable(taking, found), []
        for board_id in dict.fromkeys(step.key for step in steps):
            mine = [step for step in steps if step.key == board_id]
            if board_id not in open_boards:
                left += [Left(step, NO_BOARD) for step in mine]
                continue
            left += write(taking, board_id, mine)
            boards.touch(found[board_id])
        return left

    return take_back


def _presence(taking: Taking, board_id: str, steps: list[Step]) -> list[Left]:
    """What came goes, as it came; what went comes back, into its section if that is there."""
    there = pictures.on_board(board_id, [step.image_id for step in steps])
    known = {section.id for section in BoardSection.select(BoardSection.id).where(BoardSection.board == board_id)}
    left, go, come = [], [], []
    for step in steps:
        row = there.get(step.image_id)
        now = pictures.state(row) if row else None
        if now != step.after:
            left.append(Left(step, NOW_OTHERS))
        elif step.before is None:
            go.append(step.image_id)
        else:
            come.append(step)
    if go:
        BoardImage.delete().where((BoardImage.board == board_id) & BoardImage.image_id.in_(go)).execute()
    authors = _kept(step.before["by"] for step in come)
    rows = [
        dict(
            board=board_id, image_id=step.image_id, section_id=was["section"] if was["section"] in known else None,
            position=was["position"], note=was["note"], user_id=was["by"] if was["by"] in authors else None, created_at=was["at"],
        )
        for step in come
        for was in [step.before]
    ]  # fmt: skip
    db.insert_rows(BoardImage, rows)
    return left


def _kept(user_ids: Iterable[str | None]) -> set[str]:
    wanted = {user_id for user_id in user_ids if user_id}
    return {user.id for user in User.select(User.id).where(User.id.in_(sorted(wanted)))} if wanted else set()


def _place(taking: Taking, board_id: str, steps: list[Step]) -> list[Left]:
    there = pictures.on_board(board_id, [step.image_id for step in steps])
    known = {None, *(section.id for section in BoardSection.select(BoardSection.id).where(BoardSection.board == board_id))}
    left, back = [], {}
    for section_id, state in {step.before[0]: step.before[2] for step in steps if len(step.before) > 2}.items():
        if section_id not in known and state["board"] == board_id:  # it went with these pictures, and they come first
            sections.insert(board_id, section_id, state["name"], state["position"])
            known.add(section_id)
    for step in steps:
        row = there.get(step.image_id)
        if row is None or [row.section_id, row.position] != list(step.after)[:2]:
            left.append(Left(step, NOW_OTHERS))
        elif step.before[0] not in known:
            left.append(Left(step, "was in a section that is no longer there"))
        else:
            back[step.image_id] = (step.before[0], step.before[1])
    if back:
        ordering.set_places(board_id, back)
    return left


def _note(taking: Taking, board_id: str, steps: list[Step]) -> list[Left]:
    there = pictures.on_board(board_id, [step.image_id for step in steps])
    left = []
    for step in steps:
        row = there.get(step.image_id)
        if row is None or row.note != step.after:
            left.append(Left(step, NOW_OTHERS, now=row.note if row else None))
        else:
            pictures.set_note(board_id, step.image_id, step.before)
    return left


presence, place, note = _on_boards(_presence), _on_boards(_place), _on_boards(_note)


def take_back_sections(taking: Taking, steps: list[Step]) -> list[Left]:
    left = []
    for step in steps:
        board_id = (step.before or step.after)["board"]
        if board_id not in _editable(taking, _lock([board_id])):
            left.append(Left(step, NO_BOARD))
        elif not _section_back(step):
            left.append(Left(step, NOW_OTHERS))
    return left


def _section_back(step: Step) -> bool:
    row = BoardSection.get_or_none(BoardSection.id == step.key)
    now = sections.state(row) if row else None
    if now == step.before and now is not None and step.after is None:
        return True  # it came back before its pictures
    if now != step.after:
        return False
    if step.before is None:
        if BoardImage.select().where(BoardImage.section_id == step.key).exists():
            return False
        BoardSection.delete().where(BoardSection.id == step.key).execute()
    elif step.after is None:
        sections.insert(step.before["board"], step.key, step.before["name"], step.before["position"])
    else:
        BoardSection.update(name=step.before["name"], position=step.before["position"]).where(BoardSection.id == step.key).execute()
    Board.change().where(Board.id == (step.before or step.after)["board"]).execute()
    return True


def _manages(taking: Taking, board: Board) -> bool:
    return access.can(taking.actor, "board.manage", board)


# Deletion and the link are for who keeps the board; the rest is for everybody who edits it.
_KEPT = ("deleted_at", "share_hash")


def take_back_fields(taking: Taking, steps: list[Step]) -> list[Left]:
    left: list[Left] = []
    for step in steps:
        board_id, _, column = step.key.partition(":")
        board = _lock([board_id]).get(board_id)
        if board is None or (board.deleted_at and column != "deleted_at"):
            left.append(Left(step, NO_BOARD))
        elif not _may(taking, board, column):
            left.append(Left(step, "can no longer be changed by you"))
        elif getattr(board, column) != step.after or not _can_be(column, step.before):
            left.append(Left(step, NOW_OTHERS, now=_shown(board, column)))
        else:
            boards.write(board, {column: step.before})
    return left


def _may(taking: Taking, board: Board, column: str) -> bool:
    return _manages(taking, board) if column in _KEPT else board.id in _editable(taking, {board.id: board})


def _can_be(column: str, value: Any) -> bool:
    """Whether what stood there can stand there again: a cover may have been deleted for good."""
    return column != "cover_id" or value is None or Image.select().where(Image.id == value).exists()


def _shown(board: Board, column: str) -> Any:
    return getattr(board, column) if column in ("name", "description") else None


def unmake(taking: Taking, steps: list[Step]) -> list[Left]:
    """A board that the action made goes if nothing is on it any more; what others put there keeps it."""
    left = []
    for step in steps:
        board = _lock([step.key]).get(step.key)
        if board is None:
            continue
        if not _manages(taking, board):
            left.append(Left(step, "can no longer be changed by you"))
        elif _is_changed(board, step.after) or board.deleted_at or _holds(board):
            left.append(Left(step, NOW_OTHERS))
        else:
            Board.delete().where(Board.id == board.id).execute()
    return left


def _is_changed(board: Board, made: dict[str, Any]) -> bool:
    """What somebody wrote since would go with it."""
    words = ("name", "description", "query", "cover_id")
    return board.is_shared or any(getattr(board, name) != made[name] for name in words)


def _holds(board: Board) -> bool:
    return any(table.select().where(table.board == board.id).exists() for table in (BoardImage, BoardSection, BoardPerson, CanvasObject))


# Done again


def make_again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """The board that an action had made is there again, with its id and empty; what was on it follows."""
    left, made = [], []
    for step in steps:
        was = step.after
        people_left = _kept([was["user_id"]])
        if Board.select().where(Board.id == step.key).exists() or not people_left:
            left.append(Left(step, NOW_OTHERS))
        elif not access.can(taking.actor, "board.edit"):
            left.append(Left(step, "can no longer be changed by you"))
        else:
            known = Project.select().where(Project.id == was["project_id"]).exists()
            cover = was["cover_id"] if _can_be("cover_id", was["cover_id"]) else None
            columns = {**was, "project_id": was["project_id"] if known else None, "cover_id": cover}
            Board.insert(id=step.key, name_key=boards.key_of(was["name"]), updated_at=taking.now, **columns).execute()
            made.append(step)
    return left, made


def sections_again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """One that is to be removed again and holds pictures goes with them: they come next."""
    turned = [Step(step.kind, "", step.after, step.before, step.key, step.id) for step in steps]
    full = {step.key for step in turned if step.before is None and _is_full(step.key)}
    left = take_back_sections(taking, [step for step in turned if step.key not in full])
    gone = {one.step.key for one in left}
    return left, [step for step in steps if step.key not in gone]


def place_again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    turned = [Step(step.kind, step.image_id, step.after, step.before, step.key, step.id) for step in steps]
    left = place(taking, turned)
    for section_id in {step.before[0] for step in steps if len(step.before) > 2}:
        if not _is_full(section_id):
            BoardSection.delete().where(BoardSection.id == section_id).execute()
    places = {one.step.place for one in left}
    return left, [step for step in steps if step.place not in places]


def _is_full(section_id: str) -> bool:
    return bool(BoardImage.select().where(BoardImage.section_id == section_id).exists())
