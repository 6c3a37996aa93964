"""What a worker finds about the tags of the library: those that only a model wrote, lone ones, plurals, near spellings, one word
in two guises, and words that come together. Read by whoever tends them; the tags of pictures that are not in the library are not among them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

from peewee import chunked, fn

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.models import Job, TagFinding, TagRule
from pindeck.services.images.fields import MAX_TAGS
from pindeck.services.images.tag_rules import RuleKind
from pindeck.states import JobStatus, WriterKind
from pindeck.terms import key_of
from pindeck.vocabulary import SYSTEM_TAGS

MOST = 500  # of a kind, the most frequent first
NEAR = 5  # letters that a word has at least, for one more or less to be a slip
AMONG = 20_000  # of the newest pictures, in which words are counted that come together or that a model wrote
OFTEN, ALWAYS = 5, 0.9  # how many pictures have both, and how many of those that have the one
IN_ONE = 20  # tags of a picture that are compared with one another
KEY = "tags"  # of the job
_LATIN = str.maketrans(dict(zip("абвгдезийклмнопрстуфхыэё", "abvgdeziyklmnoprstufhyee", strict=True)) | {
    "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ь": "", "ъ": "",
    "α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n",
    "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ω": "o",
})  # fmt: skip


class Finding(StrEnum):
    NEW = "new"
    SAME = "same"
    PLURAL = "plural"
    NEAR = "near"
    TOGETHER = "together"
    SINGLE = "single"


Pair = tuple[str, str]


def ask(actor: Actor) -> None:
    """Have a worker look through the tags; once at a time."""
    access.require(actor, "tags.tend")
    with db.writing():
        queue.enqueue(queue.TEND, user_id=actor.user_id, dedupe_key=KEY)


def is_looking() -> bool:
    waits = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    return bool(Job.select().where((Job.dedupe_key == KEY) & waits).exists())


def list_page(
    actor: Actor, kind: Finding, *, after: int = 0, limit: int = 50
) -> tuple[list[TagFinding], bool]:
    """Raises NotSignedIn or Forbidden."""
    access.require(actor, "tags.view")
    rows = TagFinding.select().where((TagFinding.kind == kind) & (TagFinding.id > after) & _is_open()).order_by(TagFinding.id)
    found = list(rows.limit(limit + 1))
    return found[:limit], len(found) > limit


def counts(actor: Actor) -> tuple[dict[str, int], int | None]:
    """How many of each kind there are to decide, and when they were found."""
    access.require(actor, "tags.view")
    rows: Any = TagFinding.select(TagFinding.kind, fn.COUNT(TagFinding.id)).where(_is_open()).group_by(TagFinding.kind).tuples()
    return dict(rows), TagFinding.select(fn.MAX(TagFinding.found_at)).scalar()


def _is_open() -> Any:
    """No rule says yet what becomes of these words."""
    rules, implied = TagRule.alias(), TagRule.alias()
    one = rules.select().where((rules.kind != RuleKind.IMPLY) & rules.tag.in_([TagFinding.tag, TagFinding.other]))
    beside = implied.select().where(
        (implied.kind == RuleKind.IMPLY) & (implied.tag == TagFinding.tag) & (implied.means == TagFinding.other)
    )
    return ~(fn.EXISTS(one) | fn.EXISTS(beside))


def look(told: Callable[[int, int], None]) -> None:
    """What the job does. All that was found before gives way in one transaction."""
    count = {tag: n for tag, n in _counted() if tag not in SYSTEM_TAGS and not tag.startswith("sref:")}
    told(1, 3)
    found = alike(count)
    told(2, 3)
    found += [(Finding.NEW, tag, "") for tag in _new(count)]
    found += [(Finding.TOGETHER, one, other) for one, other in _together(count)]
    found += [(Finding.SINGLE, tag, "") for tag in sorted(tag for tag, n in count.items() if n == 1)[:MOST]]
    now = db.now_ms()
    rows = [
        dict(id=n, kind=kind, tag=one, tag_count=count[one], other=other, other_count=count.get(other, 0), found_at=now)
        for n, (kind, one, other) in enumerate(found, 1)
    ]
    with db.writing():
        TagFinding.delete().execute()
        for part in chunked(rows, 500):
            TagFinding.insert_many(part).execute()
    told(3, 3)


def alike(count: dict[str, int]) -> list[tuple[Finding, str, str]]:
    """Pairs of words that may be one: in two guises, one and many, or a letter apart; each pair once, the rarer word first."""
    found: list[tuple[Finding, str, str]] = []
    known: set[Pair] = set()
    for kind, pairs in ((Finding.SAME, _same(count)), (Finding.PLURAL, _plurals(count)), (Finding.NEAR, _near(count))):
        for one, other in _ranked(pairs, count):
            if (one, other) not in known:
                known |= {(one, other), (other, one)}
                found.append((kind, one, other))
    return found


def _counted() -> list[tuple[str, int]]:
    return db.sql(
        "SELECT t.tag, COUNT(*) FROM image_tag t JOIN image i ON i.id = t.image_id WHERE i.is_listed GROUP BY t.tag"
    ).fetchall()


def _ranked(pairs: Iterable[Pair], count: dict[str, int]) -> list[Pair]:
    """The rarer word first, which may become the other; the most frequent pairs first."""
    turned = {(one, other) if (count[one], one) <= (count[other], other) else (other, one) for one, other in pairs}
    return sorted(turned, key=lambda pair: (-count[pair[0]] - count[pair[1]], pair))[:MOST]


def _same(count: dict[str, int]) -> Iterator[Pair]:
    """One word with other hyphens, spaces, accents or script."""
    groups = defaultdict(list)
    for tag in count:
        groups[key_of(key_of(tag).translate(_LATIN))].append(tag)
    return _beside(groups.values(), count)


def _beside(groups: Iterable[list[str]], count: dict[str, int]) -> Iterator[Pair]:
    """Each with the most frequent one of its group."""
    for group in groups:
        first = max(group, key=lambda tag: (count[tag], tag))
        yield from ((tag, first) for tag in group if tag != first)


def _plurals(count: dict[str, int]) -> Iterator[Pair]:
    for tag in count:
        endings = [tag + "s", tag + "es", *([tag[:-1] + "ies"] if tag.endswith("y") else [])]
        yield from ((tag, many) for many in endings if len(tag) > 2 and many in count)


def _near(count: dict[str, int]) -> Iterator[Pair]:
    """One letter more, less, other or in the wrong place: both have a text in common from which one was left out."""
    groups = defaultdict(list)
    for tag in count:
        if len(tag) >= NEAR:
            for shorter in {tag, *(tag[:n] + tag[n + 1 :] for n in range(len(tag)))}:
                groups[shorter].append(tag)
    for group in groups.values():
        if len(group) <= MAX_TAGS:
            yield from ((one, other) for n, one in enumerate(group) for other in group[n + 1 :] if not _numbers(one, other))


def _numbers(one: str, other: str) -> bool:
    """“route 66” and “route 67” are two things."""
    return any(letter.isdigit() for letter in one + other)


def _new(count: dict[str, int]) -> list[str]:
    """What no person, import or rule has written anywhere: words that a model brought, to be kept or tended."""
    rows = db.sql(
        "SELECT t.tag, COUNT(*) FROM image_tag t JOIN"
        " (SELECT id FROM image WHERE is_listed ORDER BY seq DESC LIMIT :among) i ON i.id = t.image_id"
        " JOIN field_event e ON e.id = (SELECT MAX(last.id) FROM field_event last"
        " WHERE last.image_id = t.image_id AND last.field = 'tags') AND e.writer = :machine GROUP BY t.tag",
        among=AMONG, machine=WriterKind.MACHINE,
    )  # fmt: skip
    brought = {tag for tag, n in rows.fetchall() if count.get(tag) == n}
    return sorted(brought, key=lambda tag: (-count[tag], tag))[:MOST]


def _together(count: dict[str, int]) -> list[Pair]:
    rows = db.sql(
        "SELECT t.image_id, t.tag FROM image_tag t JOIN"
        " (SELECT id FROM image WHERE is_listed ORDER BY seq DESC LIMIT :among) i ON i.id = t.image_id"
        " ORDER BY t.image_id, t.position",
        among=AMONG,
    )
    return often(rows.fetchall(), count)


def often(rows: Iterable[tuple[Any, str]], count: dict[str, int]) -> list[Pair]:
    """Pairs of words of which the first one hardly ever comes without the second one, given pictures with their words."""
    alone, both = Counter[str](), Counter[Pair]()
    of: dict[str, list[str]] = defaultdict(list)
    for image_id, tag in rows:
        if count.get(tag, 0) >= OFTEN and len(of[image_id]) < IN_ONE:
            of[image_id].append(tag)
    for tags in of.values():
        alone.update(tags)
        both.update((one, other) for one in tags for other in tags if one != other)
    found = [pair for pair, n in both.items() if n >= OFTEN and n >= ALWAYS * alone[pair[0]]]
    return sorted(found, key=lambda pair: (-both[pair], pair))[:MOST]
