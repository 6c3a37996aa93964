"""What actions were about besides pictures: a board by its name, with its sections or people, or projects, for those who may
know them."""

from collections.abc import Sequence
from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Action, Board, Deck, Project, Storyboard, User
from pindeck.services.actions import remaining

BOARD, NAME, PARTS, PEOPLE, PROJECTS = "board", "name", "parts", "people", "projects"  # of the detail of an action
STORYBOARD, DECK = "storyboard", "deck"
DETAIL = (BOARD, NAME, PARTS, PEOPLE, PROJECTS, STORYBOARD, DECK)


def of_actions(actor: Actor, actions: Sequence[Action]) -> dict[str, str]:
    """By action: `“Night ride” (Exterior)`. Two statements at most for boards and one each for projects, storyboards and decks; none
    where no action is about any."""
    return {**_boards(actor, actions), **_projects(actor, actions), **_storyboards(actor, actions), **_decks(actor, actions)}


def _storyboards(actor: Actor, actions: Sequence[Action]) -> dict[str, str]:
    """By the titles that they have now, those of boards that the actor knows."""
    ids = {action.detail[STORYBOARD] for action in actions if STORYBOARD in action.detail}
    if not ids:
        return {}
    known = Board.select(Board.id).where(access.boards_named(actor))
    rows = Storyboard.select(Storyboard.id, Storyboard.title).where(Storyboard.id.in_(ids) & Storyboard.board.in_(known))
    titles = {row.id: f"“{row.title}”" for row in rows}
    return {action.id: titles[action.detail[STORYBOARD]] for action in actions if action.detail.get(STORYBOARD) in titles}


def _decks(actor: Actor, actions: Sequence[Action]) -> dict[str, str]:
    """By the titles that they have now, those that the actor knows, and what it kept and has deleted; with people, if it was about them."""
    ids = {action.detail[DECK] for action in actions if DECK in action.detail}
    if not ids:
        return {}
    known = access.decks_of(actor) | ((Deck.user_id == actor.user_id) if actor.project_id is None else (Deck.id == ""))
    titles = {row.id: row.title for row in Deck.select(Deck.id, Deck.title).where(Deck.id.in_(ids) & known)}
    told = [action for action in actions if action.detail.get(DECK) in titles]
    people = _names({user_id for action in told for user_id in action.detail.get(PEOPLE, ())})
    return {action.id: _beside(titles[action.detail[DECK]], _people(action, people)) for action in told}


def _projects(actor: Actor, actions: Sequence[Action]) -> dict[str, str]:
    """`“Day ride” into “Night ride”`, by the names that they have now."""
    ids = {project_id for action in actions for project_id in action.detail.get(PROJECTS, ())}
    if not ids:
        return {}
    known = Project.select(Project.id, Project.name).where(Project.id.in_(ids) & ~Project.is_default & access.projects_named(actor))
    names = {row.id: f"“{row.name}”" for row in known}
    named = {action.id: [names[each] for each in action.detail.get(PROJECTS, ()) if each in names] for action in actions}
    return {action_id: " into ".join(those) for action_id, those in named.items() if those}


def _boards(actor: Actor, actions: Sequence[Action]) -> dict[str, str]:
    ids = {action.detail[BOARD] for action in actions if BOARD in action.detail}
    if not ids:
        return {}
    boards: dict[str, Board] = {row.id: row for row in Board.select(Board.id, Board.name).where(Board.id.in_(ids) & access.boards_named(actor))}
    people = _names({user_id for action in actions for user_id in action.detail.get(PEOPLE, ())})
    there = {row.id for row in Board.select(Board.id).where(Board.id.in_(ids))} if ids - boards.keys() else ids
    found = {}
    for action in actions:
        board_id = action.detail.get(BOARD)
        # A board whose making was taken back has no row: who made it knows what it was called.
        is_gone = board_id not in there and actor.user_id is not None and action.user_id == actor.user_id
        name = boards[board_id].name if board_id in boards else action.detail.get(NAME) if is_gone else None
        if name:
            found[action.id] = _beside(name, [*action.detail.get(PARTS, ()), *_people(action, people)])
    return found


def _people(action: Action, names: dict[str, str]) -> list[str]:
    return [names[each] for each in action.detail.get(PEOPLE, ()) if each in names]


def _beside(name: str, parts: list[str]) -> str:
    return f"“{name}” ({', '.join(parts)})" if parts else f"“{name}”"


def _names(user_ids: set[str]) -> dict[str, str]:
    rows: Any = User.select(User.id, User.name, User.email, User.role).where(User.id.in_(user_ids)).tuples() if user_ids else []
    return {user_id: remaining.name_of(*named) for user_id, *named in rows}
