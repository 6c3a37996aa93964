"""What administrators decide about words that the vocabulary does not have. Each decision is an action that can be undone."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import Image, ImageCraft, VocabularyTerm
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger, new_terms
from pindeck.services.images.fields import Kept
from pindeck.states import TermState
from pindeck.terms import CRAFT, FIELDS, key_of

KIND = "vocabulary"
DECIDED = verb("vocabulary.decide", "Decided about the word {field}")


@dataclass(frozen=True)
class Decided:
    """What was decided about a word, and the action; none if that was so already."""

    row: VocabularyTerm
    action_id: str | None


def list_page(
    actor: Actor, *, state: TermState | None = None, limit: int, after: str | None = None
) -> tuple[list[VocabularyTerm], bool]:
    """Words in the order in which they came up, and whether there are more. For administrators."""
    access.require(actor, "admin")
    rows = VocabularyTerm.select().order_by(VocabularyTerm.id).limit(limit + 1)
    if state is not None:
        rows = rows.where(VocabularyTerm.state == state)
    if after:
        rows = rows.where(VocabularyTerm.id > after)
    found = list(rows)
    return found[:limit], len(found) > limit


def decide(actor: Actor, term_id: str, state: TermState, *, means: str = "") -> Decided:
    """Accept a word as a term, as another word for the term that it `means`, or refuse it.

    Pictures that have a word that was merged get the term in its place, in the same action. Raises NotFound; Invalid for
    a term that the field does not have; Conflict when somebody else decided at the same time.
    """
    access.require(actor, "admin")
    row = VocabularyTerm.get_or_none(VocabularyTerm.id == term_id)
    if row is None:
        raise NotFound("There is no such word.")
    before = _state_of(row)
    after = {"state": str(state), "term": _term(row, means) if state == TermState.MERGED else None}
    # A merge that broke off after some of its pictures goes on with the others when it is decided again.
    ids = _having(row.field, row.spelling) if state == TermState.MERGED else []
    if before == after and not ids:
        return Decided(row, None)

    def work(part: list[str], action_id: str) -> tuple[list[Step], int]:
        steps = []
        if before != after and _move(row.id, before, after):
            steps.append(Step(KIND, "", before, after, key=row.id))
        elif _state_of(VocabularyTerm.get_by_id(row.id)) != after:
            raise Conflict("Somebody else decided about this word just now. Look at it again.")
        return steps, _replace(actor, part, row.field, row.spelling, str(after["term"]), action_id)

    if ids:
        action_id = log.in_parts(actor, DECIDED, ids, work, fields=[f"“{row.spelling}”"])
    else:
        action_id = db.retried(lambda: _alone(actor, row, work))
    return Decided(VocabularyTerm.get_by_id(row.id), action_id)


def _alone(actor: Actor, row: VocabularyTerm, work: log.Work) -> str:
    action_id = db.new_id()
    steps, _ = work([], action_id)
    return log.record(actor, DECIDED, steps, images=0, action_id=action_id, fields=[f"“{row.spelling}”"])


def _term(row: VocabularyTerm, means: str) -> str:
    """A term of the field, one of the files or one that was accepted. Raises Invalid."""
    known = FIELDS[row.field].read(means) if row.field in FIELDS else None
    if known:
        return known.name
    same = next((word for word in new_terms.accepted().get(row.field, []) if key_of(word) == key_of(means)), None)
    if same is None or key_of(means) == row.key:
        raise invalid("term", f"Choose a term of {FIELDS[row.field].label}, such as {FIELDS[row.field].names[0]}.")
    return same


def _state_of(row: VocabularyTerm) -> dict[str, Any]:
    return {"state": str(row.state), "term": row.term}


def _move(term_id: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    same = VocabularyTerm.term.is_null() if before["term"] is None else VocabularyTerm.term == before["term"]
    mine = (VocabularyTerm.id == term_id) & (VocabularyTerm.state == before["state"]) & same
    return bool(VocabularyTerm.update(**after).where(mine).execute())


def _having(field: str, word: str) -> list[str]:
    """The ids of the images at which somebody wrote a word."""
    if field in CRAFT:
        rows = Image.select(Image.id).join(ImageCraft, on=(ImageCraft.seq == Image.seq))
        rows = rows.where((ImageCraft.field == field) & (ImageCraft.term == word) & ImageCraft.place.is_null(False))
    else:
        rows = Image.select(Image.id).where(getattr(Image, field) == word)
    return [image.id for image in rows.order_by(Image.id)]


def _replace(actor: Actor, ids: list[str], field: str, word: str, meaning: str, action_id: str) -> int:
    if not ids:
        return 0
    images = list(db.locked(Image.select().where(Image.id.in_(ids)).order_by(Image.seq)))
    changes: dict[str, dict[str, Kept]] = {}
    for image_id, of_image in ledger.values_of_many(images, [field]).items():
        words = new_terms.words_in(of_image[field])
        if word in words:
            changed = list(dict.fromkeys(meaning if each == word else each for each in words))
            changes[image_id] = {field: changed if isinstance(of_image[field], list) else changed[0]}
    touched = [image for image in images if image.id in changes]
    written = ledger.write_many(touched, changes, ledger.person(actor), action_id) if touched else None
    return len(written.image_ids) if written else 0


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """A decision is taken back as long as nobody decided otherwise since."""
    return [
        Left(step, "was decided otherwise since") for step in steps if not _move(step.key, step.after, step.before)
    ]
