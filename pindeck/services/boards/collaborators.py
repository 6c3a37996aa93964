"""Collaborators: people who edit a board or a deck of somebody else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import User
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import Verb
from pindeck.states import Role

MOST = 50
NOW_OTHERS = "has been changed since"


@dataclass(frozen=True)
class Collaborators:
    """Those of one kind of `thing`, as rows and log name it; `model` holds the things, `rows` who edits them besides their owners.

    `locked` gives the thing inside a transaction, for who may do the `action` named and where it has one of the `versions` given.
    `edits` and `manages` are the rules of editing a thing and of choosing its people.
    """

    thing: str
    model: Any
    rows: Any
    locked: Callable[..., Any]
    edits: str
    manages: str
    changed: Verb

    @property
    def kind(self) -> str:
        """Of steps; their key is `<thing>:<person>`."""
        return f"{self.thing}_person"

    def _of(self, thing_id: str) -> Any:
        return getattr(self.rows, self.thing) == thing_id

    def list_of(self, thing_id: str) -> list[User]:
        """By name."""
        mine = self.rows.select(self.rows.user_id).where(self._of(thing_id))
        return sorted(User.select().where(User.id.in_(mine)), key=lambda user: user.display_name.casefold())

    def of_many(self, thing_ids: list[str]) -> dict[str, list[str]]:
        """By thing: the ids of its collaborators."""
        found: dict[str, list[str]] = {}
        for row in self.rows.select().where(getattr(self.rows, self.thing).in_(thing_ids)).order_by(self.rows.user_id):
            found.setdefault(getattr(row, f"{self.thing}_id"), []).append(row.user_id)
        return found

    def offered(self, row: Any) -> list[User]:
        """People who could edit it as well, by name: everybody with an account."""
        there = self.rows.select(self.rows.user_id).where(self._of(row.id))
        able = User.disabled_at.is_null() & (User.role != Role.GUEST) & (User.id != row.user_id) & User.id.not_in(there)
        return sorted(User.select().where(able).limit(500), key=lambda user: user.display_name.casefold())

    def set_all(
        self, actor: Actor, thing_id: str, user_ids: Sequence[str], *, versions: frozenset[int] | None = None
    ) -> str | None:
        """Let these people edit it, and nobody else besides its owner; the id of the action, None where nothing changed.

        Raises NotFound, Forbidden for who does not keep it, Invalid for somebody without an account, Conflict.
        """

        def work() -> str | None:
            row = self.locked(actor, thing_id, action=self.manages, versions=versions)
            wanted = set(user_ids) - {row.user_id}
            before = self._there(row)
            self._check(wanted, before)
            return self._change(actor, row, wanted - before, before - wanted)

        return db.retried(work)

    def add(self, actor: Actor, thing_id: str, user_id: str) -> str | None:
        """The same for one more."""

        def work() -> str | None:
            row = self.locked(actor, thing_id, action=self.manages)
            before = self._there(row)
            wanted = before | {user_id} - {row.user_id}
            self._check(wanted, before)
            return self._change(actor, row, wanted - before, set())

        return db.retried(work)

    def remove(self, actor: Actor, thing_id: str, user_id: str) -> str | None:
        """One less. A collaborator may leave."""

        def work() -> str | None:
            row = self.locked(actor, thing_id, action=self.edits if user_id == actor.user_id else self.manages)
            return self._change(actor, row, set(), {user_id}) if user_id in self._there(row) else None

        return db.retried(work)

    def _there(self, row: Any) -> set[str]:
        return {each.user_id for each in self.rows.select().where(self._of(row.id))}

    def _change(self, actor: Actor, row: Any, come: set[str], go: set[str]) -> str | None:
        steps = [Step(self.kind, "", False, True, f"{row.id}:{user_id}") for user_id in sorted(come)]
        steps += [Step(self.kind, "", True, False, f"{row.id}:{user_id}") for user_id in sorted(go)]
        if not steps:
            return None
        self.write(row.id, come, go)
        activity.note(actor, self.changed.name, **{self.thing: row.id}, added=sorted(come), removed=sorted(go))
        return log.record(actor, self.changed, steps, images=0, **{self.thing: row.id}, people=sorted(come | go))

    def write(self, thing_id: str, come: set[str], go: set[str]) -> None:
        """Inside a transaction: these people come, and these go."""
        db.insert_rows(self.rows, [{self.thing: thing_id, "user_id": user_id} for user_id in sorted(come)])
        if go:
            self.rows.delete().where(self._of(thing_id) & self.rows.user_id.in_(sorted(go))).execute()
        self.model.change().where(self.model.id == thing_id).execute()

    def _check(self, wanted: set[str], before: set[str]) -> None:
        new = sorted(wanted - before)
        able = User.id.in_(new) & User.disabled_at.is_null() & (User.role != Role.GUEST)
        if new and User.select().where(able).count() < len(new):
            raise _wrong("Choose people who have an account.")
        if len(wanted) > MOST:
            raise _wrong(f"A {self.thing} has at most {MOST} collaborators.")

    def take_back(self, taking: Taking, steps: list[Step]) -> list[Left]:
        """Each is there as before, if it still is as after, and has an account still."""
        left = []
        for step in steps:
            thing_id, _, user_id = step.key.partition(":")
            row = db.locked(self.model.select().where(self.model.id == thing_id)).get_or_none()
            if row is None or row.deleted_at is not None:
                left.append(Left(step, f"was in a {self.thing} that is no longer there"))
            elif not access.can(taking.actor, self.manages, row):
                left.append(Left(step, "can no longer be changed by you"))
            elif (user_id in self._there(row)) != step.after or (step.before and not User.select().where(User.id == user_id).exists()):
                left.append(Left(step, NOW_OTHERS))
            else:
                self.write(thing_id, {user_id} if step.before else set(), set() if step.before else {user_id})
        return left


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"collaborators": sentence})
