"""Who else looks at a canvas: each page says so every few seconds while it is seen."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Board, CanvasVisit, User

EVERY_MS, HERE_MS = 4_000, 15_000  # how often a page asks, and for how long somebody counts as there after that


def others(actor: Actor, board: Board) -> list[User]:
    """The other people who are there, by name. Writes down at most every few seconds that the actor is; a program never is."""
    now, found = db.now_ms(), []
    is_noted = actor.user_id is None or actor.client_id is not None
    rows = CanvasVisit.select(CanvasVisit.user_id, CanvasVisit.seen_at).where(
        (CanvasVisit.board == board.id) & (CanvasVisit.seen_at > now - HERE_MS)
    )
    for row in rows:
        if row.user_id != actor.user_id:
            found.append(row.user_id)
        else:
            is_noted = is_noted or row.seen_at > now - HERE_MS // 3
    if not is_noted:
        _note(board, access.require_person(actor), now)
    people = User.select().where(User.id.in_(found)) if found else []
    return sorted(people, key=lambda user: str(user.display_name))


def _note(board: Board, user_id: str, now: int) -> None:
    row = {"board": board.id, "user_id": user_id, "seen_at": now}
    target = [CanvasVisit.board, CanvasVisit.user_id]
    with db.writing():
        CanvasVisit.insert(row).on_conflict(conflict_target=target, preserve=[CanvasVisit.seen_at]).execute()


def forget() -> int:
    """Visits of the day before go; how many."""
    return CanvasVisit.delete().where(CanvasVisit.seen_at < db.now_ms() - db.DAY_MS).execute()
