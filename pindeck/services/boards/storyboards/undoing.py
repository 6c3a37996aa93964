"""How acts on storyboards are taken back: guarded, so that what somebody changed since stays."""

from typing import Any

from pindeck import access
from pindeck.models import Board, Image, Storyboard, StoryboardFrame, User
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.boards.collaborators import NOW_OTHERS
from pindeck.services.boards.storyboards import frames, storyboards

NOT_THERE = "was in a storyboard that is no longer there"


def take_back_frames(taking: Taking, steps: list[Step]) -> list[Left]:
    """Each frame stands as before, if it still stands as after and its shots stand in no other frame by now."""
    left: list[Left] = []
    for storyboard_id in dict.fromkeys((step.before or step.after)["storyboard"] for step in steps):
        mine = [step for step in steps if (step.before or step.after)["storyboard"] == storyboard_id]
        if storyboards.editable(taking.actor, storyboard_id) is None:
            left += [Left(step, NOT_THERE) for step in mine]
        else:
            left += _frames_back(storyboard_id, mine)
            Storyboard.change().where(Storyboard.id == storyboard_id).execute()
    return left


def _frames_back(storyboard_id: str, steps: list[Step]) -> list[Left]:
    now = {frame.id: frames.state(storyboard_id, frame) for frame in frames.read(storyboard_id)}
    fit = [step for step in steps if now.get(step.key) == step.after]
    while True:  # one that stays may hold a shot of another one
        back = {step.key: step.before for step in fit}
        held = set(frames.shots_in(each for key, each in now.items() if key not in back))
        kept = [step for step in fit if not held & set(frames.shots_in([step.before]))]
        if len(kept) == len(fit):
            break
        fit = kept
    frames.put(storyboard_id, _without_gone(back))
    places = {step.key for step in fit}
    return [Left(step, NOW_OTHERS) for step in steps if step.key not in places]


def _without_gone(states: dict[str, Any]) -> dict[str, Any]:
    """Pictures that were deleted for good come back in no slot."""
    wanted = frames.shots_in(states.values())
    there: set[str] = set()
    for start in range(0, len(wanted), 500):
        there |= {image.id for image in Image.select(Image.id).where(Image.id.in_(wanted[start : start + 500]))}
    return {
        key: each and {**each, "slots": [shot if shot in there else None for shot in each["slots"]]} for key, each in states.items()
    }


def take_back_fields(taking: Taking, steps: list[Step]) -> list[Left]:
    left = []
    for step in steps:
        storyboard_id, _, column = step.key.partition(":")
        row = storyboards.editable(taking.actor, storyboard_id, deleted=column == "deleted_at")
        if row is None:
            left.append(Left(step, NOT_THERE))
        elif column == "share_hash" and not access.can(taking.actor, "board.manage", row.board):
            left.append(Left(step, "can no longer be changed by you"))
        elif getattr(row, column) != step.after:
            left.append(Left(step, NOW_OTHERS, now=getattr(row, column) if column == "title" else None))
        else:
            Storyboard.change(**{column: step.before}).where(Storyboard.id == row.id).execute()
    return left


def unmake(taking: Taking, steps: list[Step]) -> list[Left]:
    """A storyboard that the action made goes when its frames went before it and nobody named it since."""
    left = []
    for step in steps:
        row = storyboards.editable(taking.actor, step.key)
        if row is None:
            left.append(Left(step, NOT_THERE))
        elif row.is_shared or storyboards.state(row) != step.after or StoryboardFrame.select().where(StoryboardFrame.storyboard == row.id).exists():
            left.append(Left(step, NOW_OTHERS))
        else:
            Storyboard.delete().where(Storyboard.id == row.id).execute()
    return left


def make_again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """It is there again with its id and without frames, which follow."""
    left, made = [], []
    for step in steps:
        was = step.after
        board = access.can(taking.actor, "board.edit") and Board.select().where(
            (Board.id == was["board_id"]) & access.boards_of(taking.actor)
        ).exists()
        is_kept = User.select().where(User.id == was["user_id"]).exists()
        if not board or not is_kept or Storyboard.select().where(Storyboard.id == step.key).exists():
            left.append(Left(step, NOT_THERE))
        else:
            Storyboard.insert(id=step.key, updated_at=taking.now, **was).execute()
            made.append(step)
    return left, made
