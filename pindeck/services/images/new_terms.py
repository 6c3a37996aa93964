"""Words that the files of the vocabulary do not have: counted where they come up, and read as was decided about them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from peewee import chunked

from pindeck import db
from pindeck.models import VocabularyTerm
from pindeck.services.actions.steps import Step
from pindeck.services.images import tag_rules
from pindeck.services.images.fields import Kept
from pindeck.states import TermState, WriterKind
from pindeck.terms import FIELDS, key_of

KIND = "vocabulary"  # of a step; its key is the word
Changes = Mapping[str, Mapping[str, Kept]]  # by image id and field
Word = tuple[str, str]  # a field, and the key of a word


def words_in(value: Kept) -> list[str]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def settled(wanted: Changes, old: Changes, kind: WriterKind) -> dict[str, dict[str, Kept]]:
    """Inside a transaction: the changes as they are to be written.

    An accepted word is a term, a merged one the term that it means. Another word stays where a person or an import wrote
    it, in the spelling in which it came up first, and is left out where a machine did. Each is counted, once for an
    image. Costs no statement where every word is known.
    """
    wanted = tag_rules.settled(wanted, old)
    strange = {
        (name, key_of(word)): word
        for of_image in wanted.values()
        for name, value in of_image.items()
        for word in _strange(name, value)
    }
    if not strange:
        return {image_id: dict(of_image) for image_id, of_image in wanted.items()}
    rows = _rows_of(strange)
    seen: Counter[Word] = Counter()
    found: dict[str, dict[str, Kept]] = {}
    for image_id, of_image in wanted.items():
        found[image_id] = {}
        for name, value in of_image.items():
            unknown, before = _strange(name, value), words_in(old[image_id][name])
            seen.update((name, key_of(word)) for word in unknown if word not in before)
            kept = [_meant(rows.get((name, key_of(w))), w, kind) if w in unknown else w for w in words_in(value)]
            written = list(dict.fromkeys(word for word in kept if word))
            if not unknown or isinstance(value, list) and written:
                found[image_id][name] = written if unknown else value
            elif written:
                found[image_id][name] = written[0]
    _count(seen, strange)
    return found


def _strange(name: str, value: Kept) -> list[str]:
    field = FIELDS.get(name)
    return [word for word in words_in(value) if field.read(word) is None] if field else []


def _rows_of(words: Iterable[Word]) -> dict[Word, VocabularyTerm]:
    keys = sorted({key for _, key in words})
    parts = [VocabularyTerm.select().where(VocabularyTerm.key.in_(list(part))) for part in chunked(keys, 1000)]
    return {(row.field, row.key): row for rows in parts for row in rows}


def _meant(row: VocabularyTerm | None, word: str, kind: WriterKind) -> str | None:
    if row is not None and row.state in (TermState.ACCEPTED, TermState.MERGED):
        return str(row.term or row.spelling)
    if kind == WriterKind.MACHINE:
        return None
    return str(row.spelling) if row is not None and row.state == TermState.PROPOSED else word


def _count(seen: Counter[Word], spelt: Mapping[Word, str]) -> None:
    for (name, key), count in sorted(seen.items()):  # one order for all, so that two writers cannot deadlock
        db.sql(
            "INSERT INTO vocabulary_term (id, field, key, spelling, state, count, first_seen_at)"
            " VALUES (:id, :field, :key, :spelling, :state, :count, :now)"
            " ON CONFLICT (field, key) DO UPDATE SET count = vocabulary_term.count + excluded.count",
            id=db.new_id(), field=name, key=key, spelling=spelt[name, key], state=TermState.PROPOSED, count=count,
            now=db.now_ms(),
        )  # fmt: skip


# What is decided about a word


def state_of(row: VocabularyTerm) -> dict[str, Any]:
    return {"state": str(row.state), "term": row.term}


def move(term_id: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Inside a transaction: from one decision to another, unless somebody decided otherwise meanwhile."""
    same = VocabularyTerm.term.is_null() if before["term"] is None else VocabularyTerm.term == before["term"]
    mine = (VocabularyTerm.id == term_id) & (VocabularyTerm.state == before["state"]) & same
    return bool(VocabularyTerm.update(**after).where(mine).execute())


def refuse(field: str, word: str) -> list[Step]:
    """Inside a transaction: a machine writes this word no more, and a person is asked before; the step, none where that was so."""
    named = (field, key_of(word))
    if named not in _rows_of([named]):
        _count(Counter([named]), {named: word})
    row = _rows_of([named])[named]
    before, after = state_of(row), {"state": str(TermState.REFUSED), "term": None}
    return [Step(KIND, "", before, after, key=row.id)] if before != after and move(row.id, before, after) else []


def new_among(words: Iterable[Word]) -> set[Word]:
    """Of words as they were typed, each with its field: those that are no term of it and that nobody has used, or that were
    refused, by their keys. One statement for a thousand."""
    strange = {(name, key_of(word)) for name, word in words if FIELDS[name].read(word) is None}
    known = {word for word, row in _rows_of(strange).items() if row.state != TermState.REFUSED} if strange else set()
    return strange - known


def accepted() -> dict[str, list[str]]:
    """By field: the words that became terms, alphabetical."""
    found: dict[str, list[str]] = {}
    rows = VocabularyTerm.select().where(VocabularyTerm.state == TermState.ACCEPTED)
    for row in sorted(rows, key=lambda row: row.spelling.casefold()):
        found.setdefault(row.field, []).append(row.spelling)
    return found
