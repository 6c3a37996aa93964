"""Tending the words of a field: which it has and how many pictures have each, what was found about them, and one that becomes another
word in all pictures, brings another one along or is forbidden, as an action that can be taken back."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from pindeck import access, db, terms
from pindeck.access import Actor
from pindeck.errors import Invalid, invalid, no_image
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger, merging, new_terms, tag_findings
from pindeck.services.images.fields import FIELDS, Kept
from pindeck.services.images.tag_findings import Finding
from pindeck.terms import CRAFT

TENDED = verb("fields.tend", "Vocabulary: {field}")
NAMES = ("group", "category", "genre", "shot", "style", *CRAFT)
PAGE = 50
COMPARED = 2000  # words of a field, in their order
RENAME, ADD, FORBID = "rename", "add", "forbid"
SAYS = {
    RENAME: "“{word}” became “{means}” in {label}",
    ADD: "“{means}” stands beside “{word}” in {label}",
    FORBID: "“{word}” is forbidden in {label}",
}


class WordCount(NamedTuple):
    word: str
    pictures: int


class Alike(NamedTuple):
    """Two words that may be one, and why; `word` would become `means`."""

    kind: Finding
    word: WordCount
    means: WordCount


class Found(NamedTuple):
    """`alike` are words that may be one, `together` pairs of which the first hardly comes without the second, `once` words of one
    picture."""

    alike: list[Alike]
    together: list[tuple[WordCount, WordCount]]
    once: list[WordCount]


@dataclass(frozen=True)
class WordChange:
    """What becomes of a word: `ids` are the pictures that have it and that the actor may edit."""

    field: str
    word: str
    means: str
    ids: list[str]
    how: str = RENAME

    @property
    def told(self) -> str:
        return SAYS[self.how].format(word=self.word, means=self.means, label=FIELDS[self.field].label)

    @property
    def given(self) -> dict[str, str]:
        return {"field": self.field, "word": self.word, "means": self.means, "how": self.how}


def list_words(actor: Actor, field: str, *, after: str = "", limit: int = PAGE) -> tuple[list[WordCount], str | None]:
    """The words that stand in a field of the library's pictures, in their order, and where to go on. One statement."""
    access.require(actor, "tags.tend")
    images = access.browsed(actor)
    if _known(field) in CRAFT:
        table, word = "image_craft c JOIN image i ON i.seq = c.seq", "c.term"
        where = "c.field = :field AND c.place IS NOT NULL AND "
    else:
        table, word, where = "image i", f'i."{field}"', ""
    sql = (
        f"SELECT {word}, COUNT(*) FROM {table} WHERE {where}{word} > :after AND ({images.text('i')})"
        f" GROUP BY {word} ORDER BY {word} LIMIT :most"
    )
    asked = {"field": field} if where else {}
    rows = db.sql(sql, after=after, most=limit + 1, **asked, **images.values).fetchall()
    found = [WordCount(*row) for row in rows[:limit]]
    return found, found[-1].word if len(rows) > limit else None


def find(actor: Actor, field: str) -> Found:
    """What may want tidying among COMPARED words of a field, the most frequent first. Two statements."""
    words, _ = list_words(actor, field, limit=COMPARED)
    count = dict(words)
    pairs = [(kind, *_turned(field, one, other)) for kind, one, other in tag_findings.alike(count)]
    alike = [Alike(kind, WordCount(one, count[one]), WordCount(other, count[other])) for kind, one, other in pairs]
    often = tag_findings.often(_pictured(actor, field), count) if FIELDS[field].is_list else []
    together = [(WordCount(one, count[one]), WordCount(other, count[other])) for one, other in often]
    return Found(alike, together, [each for each in words if each.pictures == 1][: tag_findings.MOST])


def _pictured(actor: Actor, field: str) -> list[tuple[int, str]]:
    """The newest pictures with the words that stand in a field of several."""
    images = access.browsed(actor)
    sql = (
        f"SELECT c.seq, c.term FROM image_craft c JOIN (SELECT i.seq FROM image i WHERE {images.text('i')} ORDER BY i.seq DESC"
        " LIMIT :among) i ON i.seq = c.seq WHERE c.field = :field AND c.place IS NOT NULL ORDER BY c.seq, c.place"
    )
    return db.sql(sql, field=field, among=tag_findings.AMONG, **images.values).fetchall()


def _turned(field: str, one: str, other: str) -> tuple[str, str]:
    """The word that goes, and the one that stays: the standard spelling of both, where one of them is that."""
    try:
        return (other, one) if new_terms.words_in(FIELDS[field].clean(other)) == [one] else (one, other)
    except Invalid:
        return other, one  # the field does not take this one any more


def ask(actor: Actor, field: str, word: str, means: str = "", how: str = RENAME) -> WordChange:
    """Raises Forbidden for guests, Invalid for what the field cannot have, and NotFound where no picture of the actor has the word."""
    access.require(actor, "tags.tend")
    other = _checked(_known(field), word, means, how)
    having = merging.having(field, word)
    mine = access.edited_by(actor).expression()
    parts = (having[at : at + 500] for at in range(0, len(having), 500))
    ids = [image.id for part in parts for image in Image.select(Image.id).where(Image.id.in_(part) & mine).order_by(Image.id)]
    if not ids:
        raise no_image()
    return WordChange(field, word, other, ids, how)


def _checked(field: str, word: str, means: str, how: str) -> str:
    """The other word; none where this one is forbidden."""
    spec = FIELDS[field]
    if how not in SAYS or (how == ADD and not spec.is_list):
        raise invalid("how", f"Say rename, {'add ' if spec.is_list else ''}or forbid.")
    if how == FORBID:
        if field not in terms.FIELDS or terms.FIELDS[field].read(word) is not None:
            raise invalid("word", f"“{word}” is a word that {spec.label} needs, so it is not forbidden. Rename it.")
        return ""
    words = new_terms.words_in(spec.clean(means))
    if len(words) != 1:
        raise invalid("means", "Name one other word.")
    if words[0] == word:
        raise invalid("means", "Name another word than the one that is there.")
    return words[0]


def _known(field: str) -> str:
    if field not in NAMES:
        raise invalid("field", "Choose a field of the vocabulary.")
    return field


def decided(asked: WordChange) -> list[Step]:
    """Inside a transaction: what holds of a forbidden word from now on, as a step."""
    return new_terms.refuse(asked.field, asked.word) if asked.how == FORBID else []


def some(
    actor: Actor, ids: list[str], action_id: str, *, field: str, word: str, means: str, how: str = RENAME
) -> tuple[list[Step], int]:
    """Inside a transaction: a slice of the pictures, as far as they still have the word and the actor may edit them."""
    live = Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)
    images = [image for image in db.locked(live) if access.can(actor, "image.edit", image)]
    becomes = {RENAME: [means], ADD: [word, means], FORBID: []}[how]
    changes: dict[str, dict[str, Kept]] = {}
    for image_id, of_image in ledger.values_of_many(images, [field]).items():
        value: Any = of_image[field]
        words = new_terms.words_in(value)
        if word in words:
            changed = list(dict.fromkeys(new for each in words for new in (becomes if each == word else [each])))
            changes[image_id] = {field: changed if isinstance(value, list) else next(iter(changed), None)}
    fits = {i: of for i, of in changes.items() if not FIELDS[field].is_list or len(new_terms.words_in(of[field])) <= FIELDS[field].most}
    touched = [image for image in images if image.id in fits]
    written = ledger.write_many(touched, fits, ledger.person(actor), action_id) if touched else None
    activity.note(actor, TENDED.name, word=word, field=field, term=means, to=how, images=len(touched))
    return [], len(written.image_ids) if written else 0


def at_once(actor: Actor, asked: WordChange) -> str | None:
    """For 250 pictures at most: the id of the action, None where nothing changed."""

    def work(ids: list[str], action_id: str) -> tuple[list[Step], int]:
        steps, images = some(actor, ids, action_id, **asked.given)
        return [*steps, *decided(asked)], images

    return log.in_parts(actor, TENDED, asked.ids, work, fields=[asked.told])
