"""Tending the words of a field: which it has and how many pictures have each, and one that becomes another word in all of them,
as an action that can be taken back. A word that becomes one that there is, is merged into it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from pindeck import access, db
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


class WordCount(NamedTuple):
    word: str
    pictures: int


class Alike(NamedTuple):
    """Two words that may be one, and why; `word` would become `means`."""

    kind: Finding
    word: WordCount
    means: WordCount


@dataclass(frozen=True)
class WordChange:
    """A word that becomes another one: `ids` are the pictures that have it and that the actor may edit."""

    field: str
    word: str
    means: str
    ids: list[str]

    @property
    def told(self) -> str:
        return f"“{self.word}” became “{self.means}” in {FIELDS[self.field].label}"

    @property
    def given(self) -> dict[str, str]:
        return {"field": self.field, "word": self.word, "means": self.means}


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


def list_alike(actor: Actor, field: str) -> list[Alike]:
    """Words of a field that may be one: another case or spelling, a plural, a letter apart; the most frequent pairs first, of
    COMPARED words. One statement."""
    words, _ = list_words(actor, field, limit=COMPARED)
    count = dict(words)
    pairs = [(kind, *_turned(field, one, other)) for kind, one, other in tag_findings.alike(count)]
    return [Alike(kind, WordCount(one, count[one]), WordCount(other, count[other])) for kind, one, other in pairs]


def _turned(field: str, one: str, other: str) -> tuple[str, str]:
    """The word that goes, and the one that stays: the standard spelling of both, where one of them is that."""
    try:
        return (other, one) if new_terms.words_in(FIELDS[field].clean(other)) == [one] else (one, other)
    except Invalid:
        return other, one  # the field does not take this one any more


def ask(actor: Actor, field: str, word: str, means: str) -> WordChange:
    """Raises Forbidden for guests, Invalid for what the field cannot have, and NotFound where no picture of the actor has the word."""
    access.require(actor, "tags.tend")
    words = new_terms.words_in(FIELDS[_known(field)].clean(means))
    if len(words) != 1:
        raise invalid("means", "Name one word that takes its place.")
    if words[0] == word:
        raise invalid("means", "Name another word than the one that is there.")
    having = merging.having(field, word)
    mine = access.edited_by(actor).expression()
    parts = (having[at : at + 500] for at in range(0, len(having), 500))
    ids = [image.id for part in parts for image in Image.select(Image.id).where(Image.id.in_(part) & mine).order_by(Image.id)]
    if not ids:
        raise no_image()
    return WordChange(field, word, words[0], ids)


def _known(field: str) -> str:
    if field not in NAMES:
        raise invalid("field", "Choose a field of the vocabulary.")
    return field


def some(actor: Actor, ids: list[str], action_id: str, *, field: str, word: str, means: str) -> tuple[list[Step], int]:
    """Inside a transaction: a slice of the pictures, as far as they still have the word and the actor may edit them."""
    live = Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)
    images = [image for image in db.locked(live) if access.can(actor, "image.edit", image)]
    changes: dict[str, dict[str, Kept]] = {}
    for image_id, of_image in ledger.values_of_many(images, [field]).items():
        value: Any = of_image[field]
        words = new_terms.words_in(value)
        if word in words:
            changed = list(dict.fromkeys(means if each == word else each for each in words))
            changes[image_id] = {field: changed if isinstance(value, list) else changed[0]}
    touched = [image for image in images if image.id in changes]
    written = ledger.write_many(touched, changes, ledger.person(actor), action_id) if touched else None
    activity.note(actor, TENDED.name, word=word, field=field, term=means, images=len(touched))
    return [], len(written.image_ids) if written else 0


def at_once(actor: Actor, asked: WordChange) -> str | None:
    """For 250 pictures at most: the id of the action, None where nothing changed."""
    return log.in_parts(actor, TENDED, asked.ids, lambda ids, action_id: some(actor, ids, action_id, **asked.given), fields=[asked.told])
