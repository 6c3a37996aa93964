"""One change of all images that somebody chose, as one action; and what it would do, before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import no_image
from pindeck.services.boards import pictures
from pindeck.services.images import foretold, inspector, large
from pindeck.services.images.foretold import Foretold
from pindeck.services.images.inspector import Changes
from pindeck.services.library import choices, choosing
from pindeck.services.library.choices import Choice
from pindeck.services.library.query import Listing


@dataclass(frozen=True)
class Words:
    """Clean values by field, what becomes of lists, and where the history stood when somebody read them."""

    values: Mapping[str, Any]
    hows: Mapping[str, str]
    since: int | None = None


@dataclass(frozen=True)
class Done:
    """The action, of which a job `runs` or not; `total` images were chosen that the actor may change, `refused` besides."""

    action_id: str | None
    runs: bool
    total: int
    refused: int
    released: list[str] = field(default_factory=list)  # aliases that moves let go, or will where it runs


def foresee(actor: Actor, choice: Choice, words: Words) -> Foretold:
    """What `change` would do. Raises as that does."""
    found = _found(actor, choice)
    looked = inspector.look_at_all(actor, found.ids, refused=found.refused)
    return foretold.foretell(actor, looked, dict(words.values), Changes({}, words.hows, words.since))


def change(actor: Actor, choice: Choice, words: Words) -> Done:
    """Write these words. What another person wrote `since`, and what the actor may not edit, is left. Raises Invalid, and
    NotFound when none of the images is there for the actor."""
    found = _found(actor, choice)
    written = inspector.write(actor, found.ids, words.values, words.hows, words.since)
    done = _done(written.action_id or written.runs_as, bool(written.runs_as), len(found.ids), found.refused + written.left)
    return replace(done, released=written.released)


def trash(actor: Actor, choice: Choice) -> Done:
    """Into the trash, what the actor may put there."""
    removed = choosing.remove(actor, _read(choice))
    if not removed.ids:
        raise no_image()
    return _done(removed.action_id or removed.runs_as, bool(removed.runs_as), len(removed.ids), removed.skipped)


def like(actor: Actor, choice: Choice, *, wanted: bool) -> Done:
    """Like them, or no longer."""
    access.require_person(actor)
    return _act(actor, "like" if wanted else "unlike", choice, choosing.SHOWN)


def read_palettes(actor: Actor, choice: Choice) -> Done:
    """The five colours as they were measured, in the place of others."""
    return _act(actor, "palette", choice, choosing.EDITED)


def show_to(actor: Actor, choice: Choice, visibility: str) -> Done:
    """One visibility for all of them; of a query those that are the actor's to show, wherever they hang."""
    return _act(actor, "visibility", choice, choosing.SHOWABLE, visibility=visibility)


def decide(actor: Actor, choice: Choice, *, publishes: bool) -> Done:
    """What waits is published, or kept: drafts and imports that are the actor's to decide about. One that is not stored stays."""
    if publishes:
        return _act(actor, "publish", choice, choosing.PUBLISHABLE)
    return _act(actor, "keep", choice, choosing.WAITING)


def _act(actor: Actor, act: str, choice: Choice, may: Listing, **given: Any) -> Done:
    access.require(actor, "library.bulk")
    found = choosing.find(actor, _read(choice), may)
    if not found.ids:
        raise no_image()
    action_id, runs = large.do(actor, act, found.ids, **given)
    return _done(action_id, runs, len(found.ids), found.refused)


def put_on_board(actor: Actor, choice: Choice, board_id: str) -> Done:
    """At the end of a board. Raises NotFound, Conflict."""
    ids = choosing.find(actor, _read(choice)).ids
    put, action_id = pictures.add(actor, board_id, ids)
    return Done(action_id, False, len(put), 0)


def take_off_board(actor: Actor, choice: Choice, board_id: str) -> Done:
    """Off a board. Raises NotFound, Conflict."""
    ids = choosing.find(actor, _read(choice)).ids
    gone, action_id = pictures.remove(actor, board_id, ids)
    return Done(action_id, False, len(gone), 0)


def _read(choice: Choice) -> Choice:
    """Raises Invalid for a query of which a part cannot be read: it might find more than was meant."""
    return choice if choice.ids else choices.checked(choice)


def _found(actor: Actor, choice: Choice) -> choosing.Chosen:
    found = choosing.find(actor, _read(choice), choosing.EDITED)
    if not found.ids:
        raise no_image()
    return found


def _done(action_id: str | None, runs: bool, total: int, refused: int) -> Done:
    if action_id:
        large.tell_refused(action_id, refused)
    return Done(action_id, runs, total, refused)
