"""What the public link of a storyboard shows: what stands in its frames and is part of the library.

The link is made by who keeps the board, ends with either, and rests while the account of the board's owner is disabled.
"""

from typing import Any

from pindeck.access import Actor
from pindeck.errors import no_image
from pindeck.models import Board, Image, Storyboard, StoryboardShot, User
from pindeck.services.boards import boards
from pindeck.services.boards.public_links import OPEN, Links
from pindeck.services.boards.storyboards import storyboards


def _kept(actor: Actor, storyboard_id: str) -> Storyboard:
    row = storyboards.locked(actor, storyboard_id)
    boards.find(actor, row.board_id, "board.manage")
    return row


def _open_rows(share_hash: str) -> Any:
    mine = (Storyboard.share_hash == share_hash) & Storyboard.deleted_at.is_null() & Board.deleted_at.is_null()
    return Storyboard.select().join(Board).join(User, on=(User.id == Board.user_id)).where(mine & User.disabled_at.is_null())


LINKS = Links("storyboard", storyboards.SHARED, storyboards.REVOKED, _kept, storyboards.set_columns, _open_rows)
share, revoke = LINKS.share, LINKS.revoke


def picture(storyboard: Storyboard, image_id: str) -> Image:
    """A picture that the link shows: one in a slot. Raises NotFound."""
    placed = _placed(storyboard) & (StoryboardShot.image_id == image_id)
    found = Image.select().join(StoryboardShot, on=(StoryboardShot.image_id == Image.id)).where(placed & OPEN.expression()).get_or_none()
    if found is None:
        raise no_image()
    return found  # type: ignore[no-any-return]


def count_hidden(storyboard: Storyboard) -> int:
    """How many of the placed pictures the link does not show."""
    placed = _placed(storyboard)
    shots = StoryboardShot.select().where(placed)
    seen = Image.select().join(StoryboardShot, on=(StoryboardShot.image_id == Image.id)).where(placed & OPEN.expression())
    return int(shots.count() - seen.count())


def _placed(storyboard: Storyboard) -> Any:
    return (StoryboardShot.storyboard == storyboard.id) & StoryboardShot.frame_id.is_null(False)
