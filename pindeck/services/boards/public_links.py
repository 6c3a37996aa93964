"""Public links: whoever has one sees a board, a storyboard or a deck without an account, until it is revoked.

A thing has one link at a time, and the table keeps the SHA-256 of its token alone. Each kind of thing says who makes its link and
when it rests; what it shows stands beside the thing, in its `sharing.py`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.services import activity
from pindeck.services.actions.verbs import Verb

OPEN = access.SHOWN & access.HAS_BYTES  # nothing private, that waits, or lies in the trash, whoever put it there


@dataclass(frozen=True)
class Links:
    """Those of one kind of `thing`, as log and trail name it.

    `kept` gives its locked row, inside a transaction, for who keeps it; `write` puts values into columns of that as one action and
    gives the action's id. `open_rows` finds by a hash what is there and whose keeper's account is.
    """

    thing: str
    shared: Verb
    revoked: Verb
    kept: Callable[[Actor, str], Any]
    write: Callable[..., str]
    open_rows: Callable[[Any], Any]
    check: Callable[[Any], None] = lambda row: None

    def share(self, actor: Actor, thing_id: str) -> tuple[str, str]:
        """The token of a new link, which is told this once, and the id of the action. The link before it ends.

        Raises NotFound, Forbidden for who does not keep the thing, and what `check` raises.
        """
        token = db.new_token()

        def work() -> str:
            row = self.kept(actor, thing_id)
            self.check(row)
            activity.note(actor, self.shared.name, **{self.thing: row.id})
            return self.write(actor, row, self.shared, {"share_hash": hash_of(token)})

        return token, db.retried(work)

    def revoke(self, actor: Actor, thing_id: str) -> str | None:
        """The link ends at once; the id of the action, None where there was none. Raises NotFound, Forbidden."""

        def work() -> str | None:
            row = self.kept(actor, thing_id)
            if not row.is_shared:
                return None
            activity.note(actor, self.revoked.name, **{self.thing: row.id})
            return self.write(actor, row, self.revoked, {"share_hash": None})

        return db.retried(work)

    def find(self, token: str) -> Any:
        """What the link shows; None for one that is none of these or has ended."""
        return self.open_rows(hash_of(token)).get_or_none()


def hash_of(token: str) -> str:
    """What is kept of a link: nobody who reads the table can open it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
