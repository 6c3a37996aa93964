"""Which images an actor sees, and which of them each kind of list shows.

A list shows a part of what its reader sees and never more, and so do names, counts and completions.
"""

from functools import lru_cache

from pindeck import config
from pindeck.access.actor import Actor
from pindeck.access.conditions import ALWAYS, NEVER, Condition, Differs, Filled, Kept, equal
from pindeck.models import Image
from pindeck.states import ImageStatus, PersistStatus, Visibility

LIVE = Filled(Image.deleted_at, empty=True)
TRASHED = Filled(Image.deleted_at)
ACTIVE = equal(Image.status, ImageStatus.ACTIVE)
NOT_PRIVATE = Differs(Image.visibility, Visibility.PRIVATE)
STORED = equal(Image.persist_status, PersistStatus.SUCCEEDED)
DECIDED = Differs(Image.status, ImageStatus.PENDING)
HAS_BYTES = Filled(Image.file)
WITHOUT_BYTES = Filled(Image.file, empty=True)
NOT_HELD = Filled(Image.held_at, empty=True)
HELD = Filled(Image.held_at)
DRAFT = equal(Image.status, ImageStatus.DRAFT)
PENDING = equal(Image.status, ImageStatus.PENDING)
UNLISTED = equal(Image.visibility, Visibility.UNLISTED)

# Active, not private, not in the trash: what a link opens, what programs list, what a project counts.
SHOWN = ACTIVE & NOT_PRIVATE & LIVE

# What lists and searches of the library show. An unlisted image opens by its link and stands in no list.
LISTED = Kept(Image.is_listed, ACTIVE & equal(Image.visibility, Visibility.LIBRARY) & LIVE)


def seen(actor: Actor) -> Condition:
    """The images that exist for an actor: one of them opens by its id.

    For a visitor these are the images that lie in the public place. What an owner, an administrator or a program
    sees may lie in the trash: who looks for an image says whether the trash is meant.
    """
    return _seen(actor, config.current().public_library)


@lru_cache(maxsize=1024)
def _seen(actor: Actor, public_library: bool) -> Condition:
    """Kept, because an answer with many images asks it for each of them."""
    if actor.is_program:
        return _seen_by_program(actor)
    if actor.is_admin:
        return ALWAYS
    return _mine(actor) | (SHOWN if actor.is_signed_in or public_library else SHOWN & UNLISTED)


def _seen_by_program(actor: Actor) -> Condition:
    """The images of its project or of its user; one that is not active yet only if the program made it."""
    ready = ACTIVE | _made(actor)
    if actor.is_extension:
        return _inside(actor, _mine(actor) & ready)
    return _inside(actor, ALWAYS if actor.is_admin else _mine(actor) | (NOT_PRIVATE & ready))


def _enters(actor: Actor) -> bool:
    """Whether the library is open to the actor."""
    return config.current().public_library or actor.is_signed_in or actor.is_program


def _mine(actor: Actor) -> Condition:
    return equal(Image.user, actor.user_id, "user_id")


def _made(actor: Actor) -> Condition:
    return equal(Image.client, actor.client_id, "client_id")


def _inside(actor: Actor, images: Condition) -> Condition:
    """Those inside the wall of a project key."""
    if actor.project_id is None:
        return images
    return images & equal(Image.project, actor.project_id, "project_id")


# Lists


def owned_by(actor: Actor) -> Condition:
    """Images of one's own that an actor sees, in whatever state."""
    if actor.is_extension:
        return seen(actor)
    return _inside(actor, _mine(actor))


def drafts_of(actor: Actor) -> Condition:
    """Own images that wait to be published."""
    return owned_by(actor) & DRAFT & LIVE


def waiting_for(actor: Actor) -> Condition:
    """What waits for a person to decide: one's own drafts and imports, or everybody's for an administrator."""
    whose = ALWAYS if actor.is_admin and not actor.is_program else owned_by(actor)
    return whose & (DRAFT | PENDING) & LIVE


def trash_of(actor: Actor) -> Condition:
    """Images in the trash that an actor may restore: its own, or everybody's for an administrator."""
    return TRASHED if actor.is_admin else owned_by(actor) & TRASHED


def described_by(actor: Actor) -> tuple[Condition, ...]:
    """Images that an actor may have described again: its own, or everybody's for an administrator, stored and not in the
    trash. An import that a person may still discard costs nothing. One's own are a part for each state, because the index
    of a person's images goes on with it."""
    if actor.is_admin:
        return ((seen(actor) if actor.is_program else ALWAYS) & STORED & DECIDED & LIVE,)
    mine = _mine(actor) & seen(actor) if actor.is_program else _mine(actor)
    return tuple(mine & equal(Image.status, status) & STORED & LIVE for status in ImageStatus if status != ImageStatus.PENDING)


def edited_by(actor: Actor) -> Condition:
    """Images outside the trash whose words an actor may correct, as the rule `image.edit` says of one."""
    if actor.is_manager:
        return seen(actor) & LIVE
    if not actor.is_curator:
        return NEVER
    may_all = actor.is_admin or config.current().metadata_edit_policy == "any_user"
    return (seen(actor) if may_all else seen(actor) & _mine(actor)) & LIVE


def trashed_by(actor: Actor) -> Condition:
    """Images outside the trash that a person or a program of a manager may put there, as the rule `image.trash` says of one."""
    if actor.is_manager:
        return seen(actor) & LIVE
    if actor.is_program or not actor.is_signed_in:
        return NEVER
    return (seen(actor) if actor.is_admin else seen(actor) & _mine(actor)) & LIVE


def shown_by(actor: Actor) -> Condition:
    """Images outside the trash of which an actor may say who sees them, as the rule `image.visibility` says of one; no import
    that waits for a decision."""
    if not actor.is_curator or actor.is_extension:
        return NEVER
    return (seen(actor) if actor.is_admin else seen(actor) & _mine(actor)) & DECIDED & LIVE


def browsed(actor: Actor) -> Condition:
    """What the lists and searches of the library show to an actor."""
    if not _enters(actor):
        return NEVER
    return owned_by(actor) & LISTED if actor.is_extension else _inside(actor, LISTED)


def hung(actor: Actor) -> Condition:
    """The same as pages hang it on their walls and count it. An import that never arrived has no picture to look at:
    it stands there for those alone who may try it again."""
    return browsed(actor) if actor.is_admin else browsed(actor) & (HAS_BYTES | _mine(actor))


def browsed_in(actor: Actor) -> Condition:
    """The same where a project is named: who works in projects also finds their unlisted images there."""
    works = (actor.is_curator or actor.is_manager) and not actor.is_extension
    return _inside(actor, SHOWN) if works else browsed(actor)


def found_by(actor: Actor) -> Condition:
    """The images that tell their words to an actor: names of projects, tags and completions come from these alone.

    A person meets words of the library and of images of its own, and none of an unlisted image; a program those of
    every image that it sees outside the trash.
    """
    if actor.is_program:
        return seen(actor) & LIVE
    return browsed(actor) | _mine(actor)


def managed(actor: Actor, *, trashed: bool = False) -> Condition:
    """What a program's list of a project shows: its active images that are not private.

    With `trashed` those in the trash instead: all of them for a key or an administrator, one's own for others.
    """
    if not trashed:
        return SHOWN
    gone = ACTIVE & NOT_PRIVATE & TRASHED
    return gone if actor.is_manager or actor.is_admin else gone & _mine(actor)


def with_files(actor: Actor) -> Condition:
    """The images whose files an actor reads as files. What lies in the trash only people find."""
    return seen(actor) & LIVE if actor.is_program else _mine(actor)
