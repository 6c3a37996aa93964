"""Rules of the house: what an administrator tells the model besides. Every version is kept, and the last one counts.

They are part of the prompt and of its version, so that a value says under which rules it was written.
"""

from dataclasses import dataclass

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import HouseRules, User
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.text import clean_text
from pindeck.vision import prompt

KIND = "house_rules"
WROTE = verb("vision.rules", "Changed the house rules for the model")
MOST = 2000  # letters
SHOWN = 20  # versions


@dataclass(frozen=True)
class Version:
    """`prompt` is the version of the prompt that they are part of; `id` is the basis of the next change, `at` ms."""

    id: str
    text: str
    prompt: str
    who: str
    at: int


def text() -> str:
    """What counts now; empty where there are none. One query."""
    row = _last()
    return row.text if row else ""


def _last() -> HouseRules | None:
    return HouseRules.select().order_by(HouseRules.id.desc()).first()  # type: ignore[no-any-return]


def list_versions(actor: Actor) -> list[Version]:
    """The last twenty, the one that counts first. For administrators."""
    access.require(actor, "admin")
    rows = list(HouseRules.select().order_by(HouseRules.id.desc()).limit(SHOWN))
    ids = {row.user_id for row in rows if row.user_id}
    names = {user.id: user.display_name for user in User.select().where(User.id.in_(list(ids)))}
    return [
        Version(row.id, row.text, prompt.version(row.text), names.get(row.user_id, "Someone"), row.created_at)
        for row in rows
    ]


def write(actor: Actor, raw: object, *, based_on: str | None = None) -> str | None:
    """Let other rules count from now on, or none; the id of the action, None where nothing changed.

    `based_on` is the id of the version that the writer had seen, empty for none. Raises Forbidden, Invalid, or Conflict
    when somebody else changed them since.
    """
    access.require(actor, "admin")
    new = clean_text(raw, field="rules", max_length=MOST, multiline=True).strip()

    def work() -> str | None:
        db.take_turn(KIND)
        last = _last()
        before = last.text if last else ""
        if new == before:
            return None
        if based_on is not None and based_on != (last.id if last else ""):
            raise Conflict("Somebody else changed the house rules since you read them.", code="CHANGED_SINCE")
        _add(actor.user_id, new)
        return log.record(actor, WROTE, [Step(KIND, "", before, new)], images=0)

    return db.retried(work)


def _add(user_id: str | None, new: str) -> None:
    HouseRules.insert(id=db.new_id(), text=new, user_id=user_id, created_at=db.now_ms()).execute()


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The inverse of writing them: the rules of before count again, as a version of their own."""
    if not access.can(taking.actor, "admin"):
        return [Left(step, "can no longer be changed by you") for step in steps]
    db.take_turn(KIND)
    left = []
    for step in steps:
        if text() == step.after:
            _add(taking.actor.user_id, step.before)
        else:
            left.append(Left(step, "was changed since"))
    return left
