"""Who is asking."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pindeck.states import ClientKind, Role, Way


class Asker(NamedTuple):
    """Somebody in Discord, by id and name, who made a program act."""

    id: str
    name: str


@dataclass(frozen=True)
class Actor:
    """Who is asking: a visitor, a guest, a curator, an administrator, or a program with a key.

    A program has a `client_id` and `scopes`. Its `user_id` is the person it acts for, if there is one: the one
    a key is bound to, or the one an extension serves. `project_id` is the wall of a project key. `asked_by` is who
    pressed the button, where that was outside of Pindeck: it opens nothing, and is written down. `door` is the right by
    which a bot acts for its person with scopes that it was lent. `comes_by` is where a person acts.
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
    asked_by: Asker | None = None
    door: str = ""
    comes_by: Way = Way.PAGE

    @property
    def way(self) -> Way:
        """From where it acts, as the trail tells it."""
        if self.asked_by is not None:
            return Way.DISCORD
        return Way.API if self.is_program else self.comes_by

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
        """A person with an account, or a program that acts for one in the library."""
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
