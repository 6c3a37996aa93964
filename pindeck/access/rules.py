"""What each action asks: the scope a key needs, what the action is about, and who may do it.

An actor that may not see a thing is told that it does not exist (404); one that sees it and may not do this is
refused (403). Services ask here; pages ask only to hide a button.
"""

from collections.abc import Callable
from dataclasses import dataclass

from peewee import Model

from pindeck import config
from pindeck.access.actor import Actor
from pindeck.access.images import seen
from pindeck.errors import Forbidden, NotSignedIn
from pindeck.models import Board, Deck, Image
from pindeck.states import ClientKind, ImageStatus


@dataclass(frozen=True)
class Rule:
    """`scope` is what a key needs: none at all if it is empty, and None lets no key do this.

    `about` is the table whose row the action is about, and `test` takes the actor and that row. A rule about
    nothing takes the actor alone: it opens a door before anything is looked for.
    """

    scope: str | None
    test: Callable[..., bool]
    about: type[Model] | None = None
    for_extensions: str | None = None  # the scope that an extension needs instead

    def allows(self, actor: Actor, thing: Model | None) -> bool:
        """Raises TypeError for a thing of another kind: a mistake in the code, never an answer to somebody."""
        if self.about is None and thing is None:
            return self.test(actor)
        if self.about is None or not isinstance(thing, self.about):
            wanted = "nothing" if self.about is None else self.about.__name__
            raise TypeError(f"This rule is about {wanted}, not about {type(thing).__name__}.")
        return self.test(actor, thing)


# Of actors


def _asks(actor: Actor) -> bool:
    return actor.is_signed_in or actor.is_program


def _enters(actor: Actor) -> bool:
    return _asks(actor) or config.current().public_library


def _works(actor: Actor) -> bool:
    return actor.is_manager or actor.is_curator


def _uploads(actor: Actor) -> bool:
    if actor.is_program:
        return actor.is_manager or actor.is_signed_in
    return actor.is_curator or (actor.is_guest and config.current().guest_uploads)


def _stores(actor: Actor) -> bool:
    return actor.is_manager or (actor.is_curator and not actor.is_extension)


def _orders(actor: Actor) -> bool:
    """An extension orders for the user that it serves, whom the operation may still name."""
    return actor.is_extension or _works(actor)


def _has_account(actor: Actor) -> bool:
    return actor.is_curator and not actor.is_program


def _administers(actor: Actor) -> bool:
    return actor.is_admin or (actor.client_kind == ClientKind.MASTER and "admin" in actor.scopes)


def _is_administrator(actor: Actor) -> bool:
    return actor.is_admin and not actor.is_program


def _keeps_order(actor: Actor) -> bool:
    return actor.is_curator and not actor.is_extension


def _names_projects(actor: Actor) -> bool:
    """What a project is called, all its pictures say: whoever may correct the pictures of all. No key of one project."""
    if actor.project_id is not None or actor.is_extension:
        return False
    return _administers(actor) or (actor.is_curator and config.current().metadata_edit_policy == "any_user")


def _beyond_walls(actor: Actor) -> bool:
    """What is remembered of the whole library, and what a person looks for: nothing that the key of one project is told."""
    return _keeps_order(actor) and actor.project_id is None


def _tends(actor: Actor) -> bool:
    """A word stands at the pictures of all, as the name of a project does."""
    return _beyond_walls(actor) and _names_projects(actor)


def _is_manager(actor: Actor) -> bool:
    return actor.is_manager


def _is_extension(actor: Actor) -> bool:
    return actor.is_extension


# Of actors and images


def _sees(actor: Actor, image: Image) -> bool:
    return seen(actor).holds(image)


def _owner_or_admin(actor: Actor, image: Image) -> bool:
    """Of a program: the owner it acts for, inside its wall. An extension only tags pictures and decides about none."""
    owns = actor.is_admin or (actor.user_id is not None and image.user_id == actor.user_id)
    return owns and not actor.is_extension and (not actor.is_program or _sees(actor, image))


def _decides(actor: Actor, image: Image) -> bool:
    """What only an owner or an administrator does with an image."""
    return actor.is_signed_in and _owner_or_admin(actor, image)


def _curates(actor: Actor, image: Image) -> bool:
    return actor.is_curator and _sees(actor, image)


def _shows(actor: Actor, image: Image) -> bool:
    return actor.is_curator and _owner_or_admin(actor, image)


def _edits(actor: Actor, image: Image) -> bool:
    if not _sees(actor, image):
        return False
    if actor.is_manager:
        return True
    return actor.is_curator and (_owner_or_admin(actor, image) or config.current().metadata_edit_policy == "any_user")


def _varies(actor: Actor, image: Image) -> bool:
    """What is in the library by anybody with an account; what is not yet, by those who decide about it."""
    if actor.is_program:
        return _sees(actor, image) and (actor.is_manager or actor.is_signed_in)
    return actor.is_curator and _sees(actor, image) and (image.status == ImageStatus.ACTIVE or _owner_or_admin(actor, image))


def _trashes(actor: Actor, image: Image) -> bool:
    """A key trashes what it sees of its project, an extension what it made of its user's."""
    if actor.is_extension:
        return _sees(actor, image) and ("images:delete_any" in actor.scopes or _made(actor, image))
    return _sees(actor, image) if actor.is_program else _decides(actor, image)


def _purges(actor: Actor, image: Image) -> bool:
    if actor.is_extension:
        return _sees(actor, image) and _made(actor, image)
    return _trashes(actor, image)


def _made(actor: Actor, image: Image) -> bool:
    return actor.client_id is not None and image.client_id == actor.client_id


# Of actors and boards


def _manages_board(actor: Actor, board: Board) -> bool:
    """What collaborators do not do. A key of a project shows nothing to anybody beyond its wall."""
    owns = actor.is_admin or (actor.user_id is not None and board.user_id == actor.user_id)
    return owns and _keeps_order(actor) and actor.project_id is None


def _manages_deck(actor: Actor, deck: Deck) -> bool:
    """What collaborators do not do. The key of a project knows only decks that it made."""
    return actor.is_admin or (actor.user_id is not None and deck.user_id == actor.user_id)


def _shares_deck(actor: Actor, deck: Deck) -> bool:
    """A key of a project shows nothing to anybody beyond its wall."""
    return _manages_deck(actor, deck) and _keeps_order(actor) and actor.project_id is None


NO_SCOPE, NO_KEY = "", None

RULES: dict[str, Rule] = {
    # Doors: asked before anything is looked for; the service asks again with what it found.
    "library.view": Rule("images:read", _enters),
    "library.own": Rule("images:read", _asks),
    "library.change": Rule("images:write", _uploads),
    "library.delete": Rule("images:delete", _uploads),
    "images.read": Rule("images:read", _asks),
    "images.write": Rule("images:write", _works),
    "images.delete": Rule("images:delete", _works),
    "image.list": Rule("images:read", _works),  # all images of a project
    "upload": Rule("images:write", _uploads),
    "file.read": Rule("storage:read", _stores),
    "file.write": Rule("storage:write", _stores),
    "file.delete_used": Rule(NO_KEY, _is_administrator),  # the image that uses it loses its original
    "flow.view": Rule("images:read", _works),
    "flow.edit": Rule("flows:write", _works),
    "extension.read": Rule("images:read", _is_extension),
    "extension.write": Rule("images:write", _is_extension),
    "extension.delete": Rule("images:delete", _is_extension),
    "project.edit": Rule("images:write", _names_projects),
    "source.view": Rule("sources:read", _keeps_order),
    "source.edit": Rule("sources:write", _keeps_order),
    "board.view": Rule("boards:read", _keeps_order),
    "board.edit": Rule("boards:write", _keeps_order),
    "deck.view": Rule("decks:read", _keeps_order),
    "deck.edit": Rule("decks:write", _keeps_order),
    "export.view": Rule("exports:read", _keeps_order),
    "export.make": Rule("exports:write", _keeps_order),
    "search.view": Rule("images:read", _beyond_walls),  # the searches that the actor keeps
    "search.keep": Rule("images:write", _beyond_walls),
    "twins.view": Rule("images:read", _keeps_order),
    "twins.part": Rule("images:write", _keeps_order),
    "news.view": Rule("images:read", _beyond_walls),  # the mark up to which a person has looked at the library
    "news.look": Rule("images:write", _beyond_walls),
    "library.bulk": Rule("images:write", _keeps_order),  # many at once; the service finds which of them
    "tags.view": Rule("images:read", _beyond_walls),
    "tags.tend": Rule("images:write", _tends),  # and the words of the fields
    "action.view": Rule("images:read", _keeps_order),
    "action.undo": Rule("actions:undo", _keeps_order),
    "link.look": Rule(NO_KEY, _has_account),  # the server goes to an address that a person gives, on pages alone
    "generate": Rule("generate", _orders, for_extensions="images:write"),
    "ingest": Rule("ingest", _is_manager),  # bots and scripts: the service finds the person they act for
    "moderate": Rule("moderate", _is_manager),
    "describe": Rule("images:write", _keeps_order),  # what a model is paid for; the service finds whose pictures
    "job.view": Rule(NO_SCOPE, _asks),  # any key may ask about its own
    "job.control": Rule("images:write", _asks),
    "account": Rule(NO_KEY, _has_account),
    "admin": Rule("admin", _administers),
    # One image
    "image.view": Rule("images:read", _sees, Image),
    "image.original": Rule("images:read", _sees, Image),
    "image.like": Rule("images:write", _curates, Image),
    "image.memo": Rule("images:write", _curates, Image),  # the actor's own; there is no way to anybody else's
    "image.edit": Rule("images:write", _edits, Image),
    "image.alias": Rule("images:write", _edits, Image),
    "image.history": Rule("images:read", _curates, Image),
    "image.place": Rule(NO_KEY, _owner_or_admin, Image),  # the GPS position: shown to the owner who asks for it
    "image.vary": Rule("generate", _varies, Image, for_extensions="images:write"),
    "image.publish": Rule("images:write", _decides, Image),
    "image.trash": Rule("images:delete", _trashes, Image),
    "image.restore": Rule("images:delete", _trashes, Image),
    "image.purge": Rule("images:delete", _purges, Image),
    "image.retry": Rule("images:write", _decides, Image),
    "image.visibility": Rule("images:write", _shows, Image),
    "image.collect": Rule("boards:write", _curates, Image),  # to put it on a board
    "library.count": Rule("images:write", _sees, Image),
    "library.remove": Rule("images:delete", _decides, Image),
    "library.paths": Rule("images:read", _decides, Image),  # where in the store an image lies
    # One board, which the actor has found
    "board.manage": Rule("boards:write", _manages_board, Board),  # its people, its link, its end
    "deck.manage": Rule("decks:write", _manages_deck, Deck),  # its end
    "deck.share": Rule("decks:write", _shares_deck, Deck),  # its people and its link
}


def has_scope(actor: Actor, action: str) -> bool:
    """Whether a program holds the scope of an action; people need none."""
    return not actor.is_program or _scope(actor, action) in (NO_SCOPE, *actor.scopes)


def _scope(actor: Actor, action: str) -> str | None:
    rule = RULES[action]
    return rule.for_extensions if actor.is_extension and rule.for_extensions else rule.scope


def can(actor: Actor, action: str, thing: Model | None = None) -> bool:
    """`thing` is the row that the action is about, for a rule that names a table."""
    return has_scope(actor, action) and RULES[action].allows(actor, thing)


def require(actor: Actor, action: str, thing: Model | None = None) -> None:
    """Raises NotSignedIn for a visitor, Forbidden for anyone else who may not."""
    if can(actor, action, thing):
        return
    if actor.is_program:
        raise _refused_program(actor, action)
    if not actor.is_signed_in:
        raise NotSignedIn("Sign in to do this.")
    if actor.is_guest:
        raise Forbidden("Guests cannot do this. Make an account first.")
    raise Forbidden("You may not do this.")


def _refused_program(actor: Actor, action: str) -> Forbidden:
    scope = _scope(actor, action)
    if scope and scope not in actor.scopes:
        if actor.is_extension:  # extensions match on this prefix
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
