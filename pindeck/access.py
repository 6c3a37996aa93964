"""Every permission rule. Services ask here; pages ask here only to hide a button.

What an actor may not see does not exist (404); what it may see but not change is refused (403).
Sources: unification §4, pindeck §11, decisions 2, 3, 38, 42.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from peewee import Expression

from pindeck import db
from pindeck.errors import Forbidden, NotFound, NotSignedIn
from pindeck.models import Image
from pindeck.states import ImageStatus, Role, Visibility


@dataclass(frozen=True)
class Policy:
    """The settings that permissions depend on."""

    public_library: bool = True
    guests_allowed: bool = True
    guest_uploads: bool = False
    edit_any: bool = True


_policy = Policy()


def bind(policy: Policy) -> None:
    global _policy
    _policy = policy


def policy() -> Policy:
    return _policy


@dataclass(frozen=True)
class Actor:
    """Who is asking: a visitor (no `user_id`), a guest, a curator or an administrator."""

    user_id: str | None = None
    role: str | None = None
    name: str = ""
    email: str | None = None
    session_id: str | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_guest(self) -> bool:
        return self.role == Role.GUEST

    @property
    def is_curator(self) -> bool:
        """A person with an account: curators and administrators."""
        return self.role in (Role.ADMIN, Role.CURATOR)


VISITOR = Actor()


def _owns(actor: Actor, image: Image | None) -> bool:
    return image is not None and actor.user_id is not None and image.user_id == actor.user_id


def _owner_or_admin(actor: Actor, image: Image | None) -> bool:
    return actor.is_admin or _owns(actor, image)


def _sees(actor: Actor, image: Image | None) -> bool:
    """One image by its id. Lists are built from `listed_to`, `unlisted` ones open by their link."""
    if image is None:
        return False
    if _owner_or_admin(actor, image):
        return True
    if image.deleted_at is not None or image.status != ImageStatus.ACTIVE:
        return False
    if image.visibility == Visibility.PRIVATE:
        return False
    if image.visibility == Visibility.UNLISTED:
        return True
    return _policy.public_library or actor.is_signed_in


def _edits(actor: Actor, image: Image | None) -> bool:
    if not actor.is_curator or image is None:
        return False
    if _owner_or_admin(actor, image):
        return True
    return _policy.edit_any and _sees(actor, image)


Rule = Callable[[Actor, Image | None], bool]

RULES: dict[str, Rule] = {
    "library.view": lambda actor, _: actor.is_signed_in or _policy.public_library,
    "image.view": _sees,
    "image.original": _sees,
    "image.like": lambda actor, image: actor.is_curator and _sees(actor, image),
    "image.edit": _edits,
    "image.history": lambda actor, image: actor.is_curator and _sees(actor, image),
    "image.place": _owner_or_admin,  # GPS position: shown to the owner when asked for, never served by default
    "image.publish": lambda actor, image: actor.is_signed_in and _owner_or_admin(actor, image),
    "image.trash": lambda actor, image: actor.is_signed_in and _owner_or_admin(actor, image),
    "image.purge": lambda actor, image: actor.is_signed_in and _owner_or_admin(actor, image),
    "image.retry": lambda actor, image: actor.is_signed_in and _owner_or_admin(actor, image),
    "image.visibility": lambda actor, image: actor.is_curator and _owner_or_admin(actor, image),
    "upload": lambda actor, _: actor.is_curator or (actor.is_guest and _policy.guest_uploads),
    "account": lambda actor, _: actor.is_curator,
    "admin": lambda actor, _: actor.is_admin,
}


def can(actor: Actor, action: str, image: Image | None = None) -> bool:
    return RULES[action](actor, image)


def require(actor: Actor, action: str, image: Image | None = None) -> None:
    """Raises NotSignedIn for a visitor, Forbidden for anyone else who may not."""
    if can(actor, action, image):
        return
    if not actor.is_signed_in:
        raise NotSignedIn("Sign in to do this.")
    if actor.is_guest:
        raise Forbidden("Guests cannot do this. Make an account first.")
    raise Forbidden("You may not do this.")


@lru_cache(maxsize=2)
def _by_id(postgres: bool) -> db.Spelt:
    return db.Spelt.of(Image.select().where(Image.id == db.Slot("id")))


def image_for(actor: Actor, action: str, image_id: str, *, trashed: bool = False) -> Image:
    """Load an image to act on. Raises NotFound for one the actor may not see, Forbidden otherwise.

    A trashed image is found only where `trashed` says that it is looked for.
    """
    query = _by_id(db.is_postgres())
    image = next(iter(Image.raw(query.sql, *query.filled(id=image_id))), None)
    if image is None or not _sees(actor, image) or (image.is_trashed and not trashed):
        raise NotFound("There is no such image.")
    require(actor, action, image)
    return image


def listed() -> Expression:
    """The images of lists and searches (decision 42): active, in the library, not in the trash."""
    return Image.is_listed == True  # noqa: E712 — peewee builds SQL from the comparison


def drafts_of(actor: Actor) -> Expression:
    return (Image.user_id == actor.user_id) & (Image.status == ImageStatus.DRAFT) & Image.deleted_at.is_null()


def trash_of(actor: Actor) -> Expression:
    """Trashed images the actor may restore: its own, or everybody's for an administrator."""
    gone = Image.deleted_at.is_null(False)
    return gone if actor.is_admin else gone & (Image.user_id == actor.user_id)
