"""What is known of a picture before a machine looks at it, so that the machine speaks the library's language."""

from pindeck import db
from pindeck.models import Image
from pindeck.services.images import house_rules, ledger, projects
from pindeck.services.images.fields import FIELDS, Kept
from pindeck.states import WriterKind
from pindeck.vision.base import Context
from pindeck.vocabulary import SYSTEM_TAGS

AMONG = 2_000  # of the newest pictures of the library, whose tags are counted
TAGS = 40
LONGEST = 500  # letters of one value


def of(image: Image) -> Context:
    """What people wrote about it, its project, the tags that the library uses most, and the rules of the house. Four
    queries."""
    return Context(_written(image), projects.name_of(image.project_id) or "", _used_tags(), house_rules.text())


def of_words(words: dict[str, str]) -> Context:
    """The same for a picture that is not here yet: `words` are what a person has typed, by the label of the field."""
    return Context(words, tags=_used_tags(), rules=house_rules.text())


def _written(image: Image) -> dict[str, str]:
    last = ledger.latest(image.id)
    return {
        FIELDS[name].label.lower(): _text(event.new)[:LONGEST]
        for name, event in sorted(last.items())
        if name in FIELDS and name not in ("project", "rights") and event.writer == WriterKind.PERSON and event.new
    }


def _text(value: Kept) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _used_tags() -> tuple[str, ...]:
    rows = db.sql(
        "SELECT tag FROM image_tag WHERE image_id IN"
        " (SELECT id FROM image WHERE is_listed ORDER BY seq DESC LIMIT :among)"
        " GROUP BY tag ORDER BY COUNT(*) DESC, tag LIMIT :most",
        among=AMONG,
        most=TAGS + len(SYSTEM_TAGS),
    ).fetchall()
    return tuple(tag for (tag,) in rows if tag not in SYSTEM_TAGS and not tag.startswith("sref:"))[:TAGS]
