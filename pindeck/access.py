"""Every permission rule. Services ask here; pages ask here only to hide a button.

What an actor may not see does not exist (404); what it may see but not change is refused (403).
Sources: unification §4, pindeck §11, decisions 2, 3, 36, 38, 42.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from peewee import Expression

from pindeck import config, db
from pindeck.errors import Forbidden, NotSignedIn, no_image
from pindeck.models import Image, StoredFile
from pindeck.states import ClientKind, ImageStatus, Role, Visibility


@dataclass(frozen=True)
class Actor:
    """Who is asking: a visitor, a guest, a curator, an administrator, or a program with a key.

    A program has a `client_id` and `scopes`. Its `user_id` is the person it acts for, if there is one: the one
    a key is bound to, or the one an extension serves. `project_id` is the wall of a project key.
    """

    user_id: str | None = None
    role: str | None = None
    name: str = ""
    email: str | None = None
    session_id: str | None = None
    key_id: str | None = None
    client_id: str | None = None
    client_kind: str | None = None
    identifier: str = ""
    project_id: str | None = None
    install_scope: str | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def is_admin(self) -> bool:
        """An administrator, or a master key that acts for one. Project and extension keys never grow beyond theirs."""
        if self.is_program and (self.client_kind != ClientKind.MASTER or "admin" not in self.scopes):
            return False
        return self.role == Role.ADMIN

    @property
    def is_guest(self) -> bool:
        return self.role == Role.GUEST

    @property
    def is_curator(self) -> bool:
        """A person with an account, or a program that acts for one on the gallery's surface."""
        return self.role in (Role.ADMIN, Role.CURATOR)

    @property
    def is_program(self) -> bool:
        return self.client_id is not None

    @property
    def is_extension(self) -> bool:
        return self.client_kind == ClientKind.EXTENSION

    @property
    def is_manager(self) -> bool:
        """A program that manages images: a master or project key."""
        return self.client_kind in (ClientKind.MASTER, ClientKind.PROJECT)

    def acting_for(self, user_id: str) -> "Actor":
        """An operator extension on behalf of one user."""
        return replace(self, user_id=user_id)


VISITOR = Actor()


def _owns(actor: Actor, image: Image | None) -> bool:
    return image is not None and actor.user_id is not None and image.user_id == actor.user_id


def _made(actor: Actor, image: Image) -> bool:
    return actor.client_id is not None and image.client_id == actor.client_id


def _owner_or_admin(actor: Actor, image: Image | None) -> bool:
    """Of a program: the owner it acts for. An extension only tags pictures and never decides about them."""
    return not actor.is_extension and (actor.is_admin or _owns(actor, image))


def _walled(actor: Actor, image: Image) -> bool:
    """Whether the wall of a project key stands between."""
    return actor.project_id is not None and image.project_id != actor.project_id


def _sees(actor: Actor, image: Image | None) -> bool:
    """One image by its id. Lists are built from `listed` and its sisters, `unlisted` ones open by their link."""
    if image is None:
        return False
    if actor.is_program:
        return _program_sees(actor, image)
    if _owner_or_admin(actor, image):
        return True
    if image.deleted_at is not None or image.status != ImageStatus.ACTIVE:
        return False
    if image.visibility == Visibility.PRIVATE:
        return False
    if image.visibility == Visibility.UNLISTED:
        return True
    return config.current().public_library or actor.is_signed_in


def _program_sees(actor: Actor, image: Image) -> bool:
    """Unification §4.1: the images of its project or of its user. Drafts only if it made them (decision 42).

    Trashed ones count as seen: whoever looks for images says whether the trash is meant (`image_for`).
    """
    if _walled(actor, image):
        return False
    if actor.is_extension:
        return _owns(actor, image) and (image.status == ImageStatus.ACTIVE or _made(actor, image))
    if _owner_or_admin(actor, image):
        return True
    if image.visibility == Visibility.PRIVATE:
        return False
    return image.status == ImageStatus.ACTIVE or _made(actor, image)


def _edits(actor: Actor, image: Image | None) -> bool:
    if image is None or not _sees(actor, image):
        return False
    if actor.is_manager:
        return True
    if not actor.is_curator:
        return False
    return _owner_or_admin(actor, image) or config.current().metadata_edit_policy == "any_user"


def _trashes(actor: Actor, image: Image | None) -> bool:
    """Its project for a key, its user's images for an extension (unification §4.4)."""
    if actor.is_extension:
        others = "images:delete_any" in actor.scopes
        return image is not None and _sees(actor, image) and (others or _made(actor, image))
    if actor.is_program:
        return image is not None and _sees(actor, image)
    return _decides(actor, image)


def _purges(actor: Actor, image: Image | None) -> bool:
    if actor.is_extension:
        return image is not None and _sees(actor, image) and _made(actor, image)
    return _trashes(actor, image)


def _decides(actor: Actor, image: Image | None) -> bool:
    """What only an owner or an administrator does with an image."""
    return actor.is_signed_in and _owner_or_admin(actor, image)


def _uploads(actor: Actor, _: Image | None) -> bool:
    if actor.is_program:
        return actor.is_manager or actor.is_signed_in
    return actor.is_curator or (actor.is_guest and config.current().guest_uploads)


def _stores(actor: Actor, _: Image | None) -> bool:
    return actor.is_manager or (actor.is_curator and not actor.is_extension)


Rule = Callable[[Actor, Image | None], bool]

RULES: dict[str, Rule] = {
    "library.own": lambda actor, _: actor.is_signed_in or actor.is_program,  # surface G: one's own work
    # Its doors, before any image is looked for, and what only its operations ask. Keys act as a person there.
    "library.change": _uploads,
    "library.delete": _uploads,
    "library.count": _sees,
    "library.remove": _decides,
    "library.paths": _decides,  # where in the store an image lies
    "library.view": lambda actor, _: actor.is_signed_in or actor.is_program or config.current().public_library,
    "image.view": _sees,
    "image.original": _sees,
    "image.list": lambda actor, _: actor.is_manager or actor.is_curator,  # surface M: all of a project
    # The doors of surface M before any image is looked for; the service asks again with the image.
    "images.read": lambda actor, _: actor.is_program or actor.is_signed_in,
    "images.write": lambda actor, _: actor.is_manager or actor.is_curator,
    "images.delete": lambda actor, _: actor.is_manager or actor.is_curator,
    "image.like": lambda actor, image: actor.is_curator and _sees(actor, image),
    "image.edit": _edits,
    "image.alias": _edits,
    "image.history": lambda actor, image: actor.is_curator and _sees(actor, image),
    "image.place": _owner_or_admin,  # GPS position: shown to the owner when asked for, never served by default
    "image.publish": _decides,
    "image.trash": _trashes,
    "image.restore": _trashes,
    "image.purge": _purges,
    "image.retry": _decides,
    "image.visibility": lambda actor, image: actor.is_curator and _owner_or_admin(actor, image),
    "upload": _uploads,
    "file.read": _stores,
    "file.write": _stores,
    "flow.view": lambda actor, _: actor.is_manager or actor.is_curator,
    "flow.edit": lambda actor, _: actor.is_manager or actor.is_curator,
    "extension.read": lambda actor, _: actor.is_extension,
    "extension.write": lambda actor, _: actor.is_extension,
    "extension.delete": lambda actor, _: actor.is_extension,
    "job.view": lambda actor, _: actor.is_signed_in or actor.is_program,
    "account": lambda actor, _: actor.is_curator and not actor.is_program,
    "admin": lambda actor, _: actor.is_admin or (actor.client_kind == ClientKind.MASTER and "admin" in actor.scopes),
}

# The scope a key needs for each action (unification §4.2). What is not named here no key may do.
SCOPE_OF: dict[str, str] = {
    "job.view": "",  # none: what is its own any key may ask about
    "library.view": "images:read",
    "library.own": "images:read",
    "library.change": "images:write",
    "library.delete": "images:delete",
    "library.count": "images:write",
    "library.remove": "images:delete",
    "library.paths": "images:read",
    "image.view": "images:read",
    "image.original": "images:read",
    "image.list": "images:read",
    "images.read": "images:read",
    "images.write": "images:write",
    "images.delete": "images:delete",
    "image.history": "images:read",
    "image.like": "images:write",
    "image.edit": "images:write",
    "image.alias": "images:write",
    "image.publish": "images:write",
    "image.retry": "images:write",
    "image.visibility": "images:write",
    "image.trash": "images:delete",
    "image.restore": "images:delete",
    "image.purge": "images:delete",
    "upload": "images:write",
    "file.read": "storage:read",
    "file.write": "storage:write",
    "flow.view": "images:read",
    "flow.edit": "flows:write",
    "extension.read": "images:read",
    "extension.write": "images:write",
    "extension.delete": "images:delete",
    "admin": "admin",
}


def has_scope(actor: Actor, action: str) -> bool:
    """Whether a program holds the scope of an action; people need none."""
    return not actor.is_program or SCOPE_OF.get(action) in ("", *actor.scopes)


def can(actor: Actor, action: str, image: Image | None = None) -> bool:
    return has_scope(actor, action) and RULES[action](actor, image)


def require(actor: Actor, action: str, image: Image | None = None) -> None:
    """Raises NotSignedIn for a visitor, Forbidden for anyone else who may not."""
    if can(actor, action, image):
        return
    if actor.is_program:
        raise _refused_program(actor, action)
    if not actor.is_signed_in:
        raise NotSignedIn("Sign in to do this.")
    if actor.is_guest:
        raise Forbidden("Guests cannot do this. Make an account first.")
    raise Forbidden("You may not do this.")


def _refused_program(actor: Actor, action: str) -> Forbidden:
    scope = SCOPE_OF.get(action)
    if scope is not None and scope not in actor.scopes:
        if actor.is_extension:  # extensions match on this prefix (extension-images §3)
            return Forbidden(
                f"PERMISSION_DENIED: images. This extension lacks the permission {scope}.", code="PERMISSION_DENIED"
            )
        return Forbidden(f"This key may not do this: it lacks the scope {scope}.")
    return Forbidden("This key may not do this.")


def require_person(actor: Actor) -> str:
    """The user an action is done as. Raises NotSignedIn, or Forbidden `USER_REQUIRED` for a key bound to nobody."""
    if actor.user_id is None and actor.is_program:
        raise Forbidden(
            "This needs a person. Use a key that is bound to a user (`--user`), or a session.", code="USER_REQUIRED"
        )
    if actor.user_id is None:
        raise NotSignedIn("Sign in to do this.")
    return actor.user_id


@db.per_engine
def _by_id() -> db.Spelt:
    return db.Spelt.of(Image.select().where(Image.id == db.Slot("id")))


def sees(actor: Actor, image: Image) -> bool:
    """Whether the image exists for the actor at all, whatever the scopes of its key allow."""
    return _sees(actor, image)


def is_seen(actor: Actor, image_id: str) -> bool:
    """Whether the actor may learn that there is such an image, be it in the trash or not."""
    image = _image(image_id)
    return image is not None and _sees(actor, image)


def _image(image_id: str) -> Image | None:
    row = _by_id().row(id=image_id)
    return None if row is None else Image.of_row(row)


def find_image(actor: Actor, image_id: str, *, trashed: bool = False) -> Image:
    """An image the actor may see. Raises NotFound otherwise: nobody learns whether there is one.

    A trashed image is found only where `trashed` says that it is looked for.
    """
    image = _image(image_id)
    if image is None or not _sees(actor, image) or (image.is_trashed and not trashed):
        raise no_image()
    return image


def image_for(actor: Actor, action: str, image_id: str, *, trashed: bool = False) -> Image:
    """Load an image to act on. Raises NotFound for one the actor may not see, Forbidden otherwise.

    A key that lacks the scope is refused before anything is looked for.
    """
    if not has_scope(actor, action):
        require(actor, action)
    image = find_image(actor, image_id, trashed=trashed)
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


# Surface M lists by SQL that is spelt once. The words are literal, because only then does either engine know that
# the partial indexes serve (decision 42: the active images of a project that are not private).
MANAGED = "i.status = 'active' AND i.visibility <> 'private'"


def managed(actor: Actor, *, trashed: bool) -> tuple[str, list[str]]:
    """The condition of the images `i` that surface M lists, and its values, with `{p}` for a placeholder.

    With `trashed` those in the trash instead: all of them for a key or an administrator, one's own for others.
    """
    if not trashed:
        return f"{MANAGED} AND i.deleted_at IS NULL", []
    if actor.is_manager or actor.is_admin:
        return f"{MANAGED} AND i.deleted_at IS NOT NULL", []
    return f"{MANAGED} AND i.deleted_at IS NOT NULL AND i.user_id = {{p}}", [str(actor.user_id)]


# Files (surface S): whoever made one, its project's keys, and administrators


def files_of(actor: Actor) -> Expression:
    """The condition of the files an actor may see, each with the image whose original it is, or none (left join).

    The file of a picture is seen only while the picture is: moved, hidden or trashed, it takes its file along.
    """
    if actor.is_admin and not actor.is_program:
        return StoredFile.id.is_null(False)
    return _held_by(actor) & (Image.seq.is_null() | _pictured(actor))


def naming(actor: Actor) -> Expression:
    """The condition of the images that let an actor learn the name of their project.

    A person learns it by a picture of the library or an own one, a key by any picture that it sees.
    """
    return _pictured(actor) if actor.is_program else (listed() | (Image.user == actor.user_id))


def _held_by(actor: Actor) -> Expression:
    """Those of a key, its project or a person, whether they are pictures' or not."""
    if actor.is_admin:
        return StoredFile.id.is_null(False)
    if actor.client_kind == ClientKind.MASTER:
        return StoredFile.project.is_null(False) | (StoredFile.client == actor.client_id)
    if actor.client_kind == ClientKind.PROJECT:
        return StoredFile.project == actor.project_id
    return StoredFile.user == actor.user_id


def _pictured(actor: Actor) -> Expression:
    """The condition of the images whose files an actor may see: its own, or what `_program_sees` gives a key.

    What lies in the trash only people find, as at the public address of the image.
    """
    own = Image.user == actor.user_id
    if not actor.is_program:
        return own
    shown = (Image.status == ImageStatus.ACTIVE) | (Image.client == actor.client_id)
    seen = (shown & (Image.visibility != Visibility.PRIVATE)) | own
    if actor.is_admin:
        seen = Image.seq.is_null(False)
    if actor.project_id is not None:
        seen &= Image.project == actor.project_id
    return seen & Image.deleted_at.is_null()
