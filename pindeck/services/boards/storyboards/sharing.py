"""The public link of a storyboard: whoever has it sees frames and shots without an account, until it is revoked.

It shows what stands in the frames and is part of the library, as the link of a board does, and rests with the account of the board's
owner. It is for who keeps the board.
"""

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import NotFound, no_image
from pindeck.models import Board, Image, Storyboard, StoryboardShot, User
from pindeck.services import activity
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards
from pindeck.services.boards.sharing import OPEN, hash_of
from pindeck.services.boards.storyboards import storyboards

SHARED = verb("storyboard.share", "Made the public link of a storyboard")
REVOKED = verb("storyboard.revoke", "Revoked the public link of a storyboard")


def share(actor: Actor, storyboard_id: str) -> tuple[str, str]:
    """The token of a new link, which is told this once, and the id of the action. The link before it ends.

    Raises NotFound, Forbidden for who does not keep the board.
    """
    token = db.new_token()

    def work() -> str:
        row = _kept(actor, storyboard_id)
        activity.note(actor, "storyboard.share", storyboard=row.id)
        return storyboards.set_columns(actor, row, SHARED, {"share_hash": hash_of(token)})

    return token, db.retried(work)


def revoke(actor: Actor, storyboard_id: str) -> str | None:
    """The link ends at once; the id of the action, None where there was none. Raises NotFound, Forbidden."""

    def work() -> str | None:
        row = _kept(actor, storyboard_id)
        if not row.is_shared:
            return None
        activity.note(actor, "storyboard.revoke", storyboard=row.id)
        return storyboards.set_columns(actor, row, REVOKED, {"share_hash": None})

    return db.retried(work)


def _kept(actor: Actor, storyboard_id: str) -> Storyboard:
    row = storyboards.locked(actor, storyboard_id)
    boards.find(actor, row.board_id, "board.manage")
    return row


def open_link(token: str) -> Storyboard:
    """Raises NotFound for a link that is none or has ended."""
    mine = (Storyboard.share_hash == hash_of(token)) & Storyboard.deleted_at.is_null() & Board.deleted_at.is_null()
    found = (
        Storyboard.select().join(Board).join(User, on=(User.id == Board.user_id)).where(mine & User.disabled_at.is_null()).get_or_none()
    )
    if found is None:
        raise NotFound("There is nothing at this address. Its link may have been revoked.")
    return found  # type: ignore[no-any-return]


def picture(token: str, image_id: str) -> Image:
    """A picture that the link shows: one in a slot. Raises NotFound."""
    row = open_link(token)
    placed = (StoryboardShot.storyboard == row.id) & (StoryboardShot.image_id == image_id) & StoryboardShot.frame_id.is_null(False)
    found = Image.select().join(StoryboardShot, on=(StoryboardShot.image_id == Image.id)).where(placed & OPEN.expression()).get_or_none()
    if found is None:
        raise no_image()
    return found  # type: ignore[no-any-return]


def count_hidden(storyboard: Storyboard) -> int:
    """How many of the placed pictures the link does not show."""
    placed = (StoryboardShot.storyboard == storyboard.id) & StoryboardShot.frame_id.is_null(False)
    shots = StoryboardShot.select().where(placed)
    seen = Image.select().join(StoryboardShot, on=(StoryboardShot.image_id == Image.id)).where(placed & OPEN.expression())
    return int(shots.count() - seen.count())
