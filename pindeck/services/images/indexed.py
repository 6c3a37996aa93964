"""What the process `index` reads of images: how they look, all of them at its start and later those that changed."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from peewee import EXCLUDED, JOIN, chunked

from pindeck import config, db
from pindeck.imaging import amounts
from pindeck.imaging.amounts import Amount
from pindeck.imaging.lab import hex_to_rgb
from pindeck.models import EmbeddingDue, Image, ImageEmbedding, IndexChange, Look, StoredFile

BATCH = 5_000
KEPT_MS = 60 * 60 * 1000  # a process that was away for longer begins anew


class Looked(NamedTuple):
    """The number of an image, its colours with their amounts, and its light, as `imaging` packs them; and what its words mean
    (`vision.embeddings`), empty where nobody knows."""

    seq: int
    amounts: bytes
    light: bytes
    meaning: bytes = b""


def changed(seqs: Iterable[int]) -> None:
    """Inside a transaction: these images look different from now on, or have other colours."""
    now = db.now_ms()
    for part in chunked([{"seq": seq, "at": now} for seq in seqs], 500):
        row = IndexChange.insert_many(part)
        row.on_conflict(conflict_target=[IndexChange.seq], update={IndexChange.at: EXCLUDED.at}).execute()


def reworded(seqs: Iterable[int]) -> None:
    """Inside the transaction that wrote words of these images: a model is to read them. Nothing where no address of embeddings is named."""
    if not config.current().embeddings_is_on:
        return
    mark = db.new_id()
    for part in chunked([{"seq": seq, "mark": mark} for seq in seqs], 500):
        row = EmbeddingDue.insert_many(part)
        row.on_conflict(conflict_target=[EmbeddingDue.seq], preserve=[EmbeddingDue.mark]).execute()


def changes(since: int) -> Iterator[list[tuple[int, int]]]:
    """Number and moment (ms) of what changed since one, the oldest first, in parts: many may have changed in the same moment."""
    at, after, is_more = since, 0, True
    while is_more and (part := _changed(at, after)):
        yield part
        after, at = part[-1]
        is_more = len(part) == BATCH


def _changed(at: int, after: int) -> list[tuple[int, int]]:
    beyond = (IndexChange.at >= at) & ((IndexChange.at > at) | (IndexChange.seq > after))
    rows: Any = IndexChange.select(IndexChange.seq, IndexChange.at).where(beyond)
    return list(rows.order_by(IndexChange.at, IndexChange.seq).limit(BATCH).tuples())


def forget() -> int:
    """What every running process has read long ago goes; how many rows."""
    return int(IndexChange.delete().where(IndexChange.at < db.now_ms() - KEPT_MS).execute())


def everything() -> Iterator[list[Looked]]:
    """All images that have a look, in parts."""
    after = 0
    while part := _read(Image.seq > after):
        yield part
        after = part[-1].seq


def some(seqs: list[int]) -> list[Looked]:
    """Those of these images that there are and that have a look."""
    return _read(Image.seq.in_(seqs)) if seqs else []


def _read(which: Any) -> list[Looked]:
    model = config.current().embeddings_model if config.current().embeddings_is_on else ""
    rows: Any = (
        Image.select(Image.seq, Image.colors, Look.amounts, Look.light, *((ImageEmbedding.numbers,) if model else ()))
        .join(StoredFile, on=(Image.file == StoredFile.id))
        .join(Look, on=(Look.blob == StoredFile.blob))
        .where(which)
        .order_by(Image.seq)
        .limit(BATCH)
    )
    if model:
        mine = (ImageEmbedding.seq == Image.seq) & (ImageEmbedding.model == model)
        rows = rows.switch(Image).join(ImageEmbedding, JOIN.LEFT_OUTER, on=mine)
    return [
        Looked(seq, _chosen(bytes(packed), palette), bytes(light), *(bytes(each or b"") for each in meaning))
        for seq, palette, packed, light, *meaning in rows.tuples()
    ]


def _chosen(packed: bytes, palette: list[str]) -> bytes:
    """The colours of a picture as its palette has them: a person may have chosen others than were measured."""
    named = [hex_to_rgb(code) for code in palette or ()]
    measured = amounts.unpacked(packed)
    if [one.rgb for one in measured[: len(named)]] == named:
        return packed
    parts = {one.rgb: one.part for one in measured}
    chosen = [Amount(rgb, parts.get(rgb) or 1 / len(named)) for rgb in named]
    return amounts.packed([*chosen, *measured[5:]][: amounts.MOST])
