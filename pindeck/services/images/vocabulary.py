"""What administrators and curators decide about words that the vocabulary does not have. Each decision is an action that can be undone."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import VocabularyTerm
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import large, merging, new_terms
from pindeck.services.images.merging import DECIDED
from pindeck.states import TermState
from pindeck.terms import FIELDS, key_of

KIND = new_terms.KIND


@dataclass(frozen=True)
class Decided:
    """What was decided about a word, and the action; none if that was so already. One that `is_running` has pictures left
    for a job to change."""

    row: VocabularyTerm
    action_id: str | None
    is_running: bool = False


def list_page(
    actor: Actor, *, state: TermState | None = None, limit: int, after: str | None = None
) -> tuple[list[VocabularyTerm], bool]:
    """Words in the order in which they came up, and whether there are more."""
    if not access.can(actor, "admin"):  # which a program may as well
        access.require(actor, "tags.tend")
    rows = VocabularyTerm.select().order_by(VocabularyTerm.id).limit(limit + 1)
    if state is not None:
        rows = rows.where(VocabularyTerm.state == state)
    if after:
        rows = rows.where(VocabularyTerm.id > after)
    found = list(rows)
    return found[:limit], len(found) > limit


def decide(actor: Actor, term_id: str, state: TermState, *, means: str = "") -> Decided:
    """Accept a word as a term, as another word for the term that it `means`, or refuse it.

    Pictures that have a word that was merged get the term in its place, in the same action; more than 250 of them by a job.
    Raises NotFound; Invalid for a term that the field does not have; Conflict when somebody else decided at the same time.
    """
    access.require(actor, "tags.tend")
    row = VocabularyTerm.get_or_none(VocabularyTerm.id == term_id)
    if row is None:
        raise NotFound("There is no such word.")
    before = new_terms.state_of(row)
    after = {"state": str(state), "term": _term(row, means) if state == TermState.MERGED else None}
    # A merge that broke off after some of its pictures goes on with the others when it is decided again.
    ids = merging.having(row.field, row.spelling) if state == TermState.MERGED else []
    if before == after and not ids:
        return Decided(row, None)
    action_id, is_running = db.retried(lambda: _write(actor, row, before, after, ids))
    return Decided(VocabularyTerm.get_by_id(row.id), action_id, is_running)


def _write(
    actor: Actor, row: VocabularyTerm, before: dict[str, Any], after: dict[str, Any], ids: list[str]
) -> tuple[str, bool]:
    """Inside a transaction: the decision, and what it means for pictures or the job for that."""
    steps = []
    if before != after and new_terms.move(row.id, before, after):
        steps.append(Step(KIND, "", before, after, key=row.id))
        activity.note(actor, DECIDED.name, word=row.spelling, field=row.field, to=after["state"], term=after["term"])
    elif new_terms.state_of(VocabularyTerm.get_by_id(row.id)) != after:
        raise Conflict("Somebody else decided about this word just now. Look at it again.")
    named = [f"“{row.spelling}”"]
    running = large.begin(actor, "merge", ids, named, steps, term_id=row.id, meaning=after["term"])
    if running:
        return running, True
    action_id = db.new_id()
    images = merging.replace(actor, ids, action_id, term_id=row.id, meaning=after["term"])
    return log.record(actor, DECIDED, steps, images=images, action_id=action_id, fields=named), False


def _term(row: VocabularyTerm, means: str) -> str:
    """A term of the field, one of the files or one that was accepted. Raises Invalid."""
    known = FIELDS[row.field].read(means) if row.field in FIELDS else None
    if known:
        return known.name
    same = next((word for word in new_terms.accepted().get(row.field, []) if key_of(word) == key_of(means)), None)
    if same is None or key_of(means) == row.key:
        raise invalid("term", f"Choose a term of {FIELDS[row.field].label}, such as {FIELDS[row.field].names[0]}.")
    return same


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """A decision is taken back as long as nobody decided otherwise since, by who may decide."""
    if not access.can(taking.actor, "tags.tend"):
        return [Left(step, "can no longer be changed by you") for step in steps]
    return [
        Left(step, "has been decided differently since") for step in steps if not new_terms.move(step.key, step.after, step.before)
    ]
