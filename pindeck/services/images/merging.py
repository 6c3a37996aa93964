"""A word that means a term: the pictures that have it get the term in its place."""

from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, ImageCraft, VocabularyTerm
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger, new_terms
from pindeck.services.images.fields import Kept
from pindeck.states import TermState
from pindeck.terms import CRAFT

DECIDED = verb("vocabulary.decide", "Decided about the word {field}")


def having(field: str, word: str) -> list[str]:
    """The ids of the images at which somebody wrote a word."""
    if field in CRAFT:
        rows = Image.select(Image.id).join(ImageCraft, on=(ImageCraft.seq == Image.seq))
        rows = rows.where((ImageCraft.field == field) & (ImageCraft.term == word) & ImageCraft.place.is_null(False))
    else:
        rows = Image.select(Image.id).where(getattr(Image, field) == word)
    return [image.id for image in rows.order_by(Image.id)]


def replace(actor: Actor, ids: list[str], action_id: str, *, term_id: str, meaning: str | None) -> int:
    """Inside a transaction: at most 250 images, of those that the actor may edit; how many changed. None where the word means something else by now."""
    row: Any = VocabularyTerm.get_or_none((VocabularyTerm.id == term_id) & (VocabularyTerm.state == TermState.MERGED))
    if not ids or row is None or row.term != meaning:
        return 0
    images = list(db.locked(Image.select().where(Image.id.in_(ids)).order_by(Image.seq)))
    if not access.can(actor, "admin"):
        images = [image for image in images if access.can(actor, "image.edit", image)]
    changes: dict[str, dict[str, Kept]] = {}
    for image_id, of_image in ledger.values_of_many(images, [row.field]).items():
        words = new_terms.words_in(of_image[row.field])
        if row.spelling in words:
            changed = list(dict.fromkeys(row.term if each == row.spelling else each for each in words))
            changes[image_id] = {row.field: changed if isinstance(of_image[row.field], list) else changed[0]}
    touched = [image for image in images if image.id in changes]
    written = ledger.write_many(touched, changes, ledger.person(actor), action_id) if touched else None
    return len(written.image_ids) if written else 0
