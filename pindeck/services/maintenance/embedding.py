"""The job that has a model read the words of images, and the sweep that asks for it.

What was written lately stands in `embedding_due` and goes first. All others are walked through once for each model, from the newest to
the oldest; how far that is stands in one row of `setup`, which moves in the transaction that keeps what was read. So it may die anywhere
and run twice, and asks again only about words that changed.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from peewee import fn

from pindeck import config, db, queue
from pindeck.models import EmbeddingDue, Image, ImageEmbedding, Job, Setup
from pindeck.services import jobs
from pindeck.services.images import craft, indexed, untyped, word_store
from pindeck.states import JobStatus
from pindeck.vision.errors import FormRefused, TooMuch, VisionRefused
from pindeck.vocabulary import HIDDEN_TAGS

if TYPE_CHECKING:
    from pindeck.vision.embeddings import Embedder

NAME = "embeddings"  # in `setup`
PART = 32  # images that one call is about
SLICE_S, REST_S = 3.0, 1.0  # then other work goes first
PAUSE_MS = db.HOUR_MS  # after a failure, or when somebody has stopped it
LONGEST, SHORT = 2_000, 500  # letters: small models read no more, and of some scripts less


@dataclass(frozen=True)
class EmbeddedTo:
    """All images from the number `before` on were looked at, all of them when it is 0. `length` is how many numbers the model gives,
    0 while nobody knows."""

    model: str
    before: int
    length: int = 0


def sweep() -> int:
    """Ask for the job where something is left; 1 if it was asked for. What is switched off begins anew when it is switched on."""
    with db.writing():
        if not config.current().embeddings_is_on:
            Setup.delete().where(Setup.name == NAME).execute()
            return 0
        return int(_is_left(_place()) and not _rests() and _ask())


def begin_again() -> bool:
    """Forget what the model said and have it read all words; False while a worker is about to go on."""
    with db.writing():
        ImageEmbedding.delete().execute()
        Setup.delete().where(Setup.name == NAME).execute()
        _place()
        return _ask()


def left() -> int:
    """How many images wait to be read or looked at."""
    place = _known() or _first()
    return int(EmbeddingDue.select().count()) + int(Image.select().where(Image.seq < place.before).count())


def _is_left(place: EmbeddedTo) -> bool:
    return bool(place.before) or EmbeddingDue.select().exists()


def _rests() -> bool:
    lately = (Job.status == JobStatus.FAILED) & (Job.ended_at > db.now_ms() - PAUSE_MS)
    return Job.select().where((Job.kind == queue.EMBED.kind) & lately).exists()


def _ask() -> bool:
    at_work = (Job.kind == queue.EMBED.kind) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    return not Job.select().where(at_work).exists() and bool(queue.enqueue(queue.EMBED, dedupe_key=queue.EMBED.kind))


def _place() -> EmbeddedTo:
    """Inside a transaction: that of the model of the settings; the first one where there is none."""
    if place := _known():
        return place
    place = _first()
    made = Setup.insert(name=NAME, value=_text(place))
    made.on_conflict(conflict_target=[Setup.name], preserve=[Setup.value]).execute()
    return place


def _known() -> EmbeddedTo | None:
    row = Setup.get_or_none(Setup.name == NAME)
    place = EmbeddedTo(**json.loads(row.value)) if row else None
    return place if place and place.model == config.current().embeddings_model else None


def _first() -> EmbeddedTo:
    newest = Image.select(fn.MAX(Image.seq)).scalar()
    return EmbeddedTo(config.current().embeddings_model, newest + 1 if newest else 0)


def _text(place: EmbeddedTo) -> str:
    return json.dumps(asdict(place))


def run(job: Job) -> None:
    """What the job does: a few seconds of it, and then the same job goes on a little later. Raises VisionAway, VisionRefused and
    Cancelled."""
    from pindeck.vision.embeddings import Embedder

    settings, ends = config.current(), time.monotonic() + SLICE_S
    if not settings.embeddings_is_on:
        return
    embedder, total = Embedder(settings), Image.select(fn.MAX(Image.seq)).scalar() or 1
    with db.writing():
        place = _place()
    while _is_left(place):
        jobs.progress(job, "asking", max(0, min(99, 100 - 100 * place.before // total)))
        _part(embedder, place)
        with db.writing():
            place = _place()
        if time.monotonic() > ends:
            jobs.later(job, REST_S)
            return


def _part(embedder: "Embedder", place: EmbeddedTo) -> None:
    due, after = {row.seq: row.mark for row in EmbeddingDue.select().limit(PART)}, place
    seqs = list(due)
    if not due:
        rows: Any = Image.select(Image.seq).where(Image.seq < place.before).order_by(Image.seq.desc()).limit(PART).tuples()
        seqs = [seq for (seq,) in rows]
        after = replace(place, before=seqs[-1] if len(seqs) == PART else 0)
    texts = _texts(seqs)
    mine = ImageEmbedding.seq.in_(seqs) & (ImageEmbedding.model == place.model)
    known = {row.seq: row.text_hash for row in ImageEmbedding.select(ImageEmbedding.seq, ImageEmbedding.text_hash).where(mine)}
    wanted = {seq: text for seq, text in texts.items() if text and known.get(seq) != _hash(text)}
    found = _read(embedder, place, wanted)
    length = max(map(len, found.values()), default=0) or place.length
    db.retried(partial(_keep, place, replace(after, length=length), due, texts, found))


def _texts(seqs: list[int]) -> dict[int, str]:
    """What is said of images, the description last; nothing where nobody has said anything yet."""
    images = list(Image.select().where(Image.seq.in_(seqs)))
    tags, terms = word_store.tags_of_many([image.id for image in images]), craft.words_of(images)
    found = {}
    for image in images:
        kept = [tag for tag in tags[image.id] if tag not in HIDDEN_TAGS and not tag.startswith("sref:")]
        words = dict.fromkeys([*kept, *filter(None, (image.genre, image.shot, image.style)), *sorted(terms[image.seq])])
        title = "" if untyped.is_default_title(image) else image.title
        found[image.seq] = "\n".join(filter(None, (title, ", ".join(words), image.description)))[:LONGEST]
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read(embedder: "Embedder", place: EmbeddedTo, wanted: Mapping[int, str]) -> dict[int, bytes]:
    """What the model makes of each text; nothing of one that it refuses."""

    if not wanted:
        return {}
    try:
        found = dict(zip(wanted, embedder.embeddings_of(list(wanted.values())), strict=True))
    except (FormRefused, TooMuch):
        found = {seq: _alone(embedder, text) for seq, text in wanted.items()}
        if not any(found.values()) and (len(wanted) > 1 or not place.length):
            raise  # it is not about a text
    lengths = {len(numbers) for numbers in found.values() if numbers} | ({place.length} if place.length else set())
    if len(lengths) > 1:
        raise VisionRefused(
            f"{place.model} gives another number of dimensions than before ({', '.join(map(str, sorted(lengths)))}). "
            "Correct EMBEDDINGS_MODEL, or have all words read anew: pindeck backfill embeddings.",
            outcome="unusable",
        )
    return found


def _alone(embedder: "Embedder", text: str) -> bytes:
    for most in (LONGEST, SHORT):
        with suppress(FormRefused, TooMuch):
            return embedder.embeddings_of([text[:most]])[0]
    return b""


def _keep(place: EmbeddedTo, after: EmbeddedTo, due: Mapping[int, str], texts: Mapping[int, str], found: Mapping[int, bytes]) -> None:
    """Inside a transaction: what was read, as far as its images are there."""
    images = Image.select(Image.seq).where(Image.seq.in_(list(texts))).order_by(Image.seq)
    there = {image.seq for image in db.locked(images, "FOR KEY SHARE")}
    rows = [
        {"seq": seq, "model": place.model, "text_hash": _hash(texts[seq]), "numbers": numbers}
        for seq, numbers in sorted(found.items())
        if seq in there
    ]
    if rows:
        kept = ImageEmbedding.insert_many(rows)
        columns = [ImageEmbedding.model, ImageEmbedding.text_hash, ImageEmbedding.numbers]
        kept.on_conflict(conflict_target=[ImageEmbedding.seq], preserve=columns).execute()
    silent = [seq for seq, text in texts.items() if not text]
    ImageEmbedding.delete().where(ImageEmbedding.seq.in_(silent)).execute()
    indexed.changed(sorted(there & (found.keys() | silent)))
    if due:  # what was written meanwhile stays due
        read = reduce(or_, [(EmbeddingDue.seq == seq) & (EmbeddingDue.mark == mark) for seq, mark in due.items()])
        EmbeddingDue.delete().where(read).execute()
    Setup.update(value=_text(after)).where((Setup.name == NAME) & (Setup.value == _text(place))).execute()
