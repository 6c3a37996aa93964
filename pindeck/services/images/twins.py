"""Groups of pictures that are the same: equal bytes, or copies of one scene made smaller, compressed, cropped or graded.

A row of `twin_due` says that a picture's group is to be found; a job takes those rows within ten minutes, and what it finds it writes in the
transaction that removes them. So it may die anywhere, and no page ever compares pictures.
"""

from collections.abc import Collection, Iterable
from typing import Any

from peewee import chunked

from pindeck import db
from pindeck.imaging import likeness
from pindeck.models import Image, Look, NotTwin, StoredFile, Twin, TwinDue
from pindeck.services.images import indexed, looks

PART = looks.TOGETHER
MOST = 60  # pictures in a group; what comes after makes another one
COMPARED = 120  # candidates of a picture whose light is compared

Near = dict[int, list[int]]  # by the number of an image: those that are the same, the likest first


def due(seqs: Iterable[int]) -> None:
    """Inside a transaction: these images look different, so their groups are to be found. The next sweep asks a worker, once for all of them."""
    seqs = list(seqs)
    indexed.changed(seqs)
    for part in chunked([{"seq": seq} for seq in seqs], 500):
        TwinDue.insert_many(part).on_conflict_ignore().execute()


def near_of(seqs: list[int]) -> Near:
    """Which images are the same as these, whoever may see them. Six statements for up to 20 images."""
    images = list(Image.select(Image.seq, Image.phash, Image.phash_middle, Image.file).where(Image.seq.in_(seqs)))
    look_of = {image.seq: look for image in images if (look := looks.of(image)) is not None}
    wanted = _likely(look_of, looks.candidates(look_of.values()) if look_of else set())
    same = _same_bytes(images)
    lights = _lights({*look_of, *(other for others in wanted.values() for other in others)})
    return {image.seq: [*same.get(image.seq, []), *_judged(image.seq, wanted, lights, same)] for image in images}


def _likely(look_of: dict[int, likeness.Look], found: looks.Found) -> Near:
    wanted: Near = {}
    for seq, look in look_of.items():
        near = [
            (likeness.distance(look.whole, other.whole), number)
            for number, other in found
            if number != seq and likeness.may_be_same(look, other)
        ]
        wanted[seq] = [number for _, number in sorted(near)[:COMPARED]]
    return wanted


def _judged(seq: int, wanted: Near, lights: dict[int, bytes], same: Near) -> list[int]:
    from pindeck.imaging import light  # a decoder, which the web process does not load

    mine, known = lights.get(seq), set(same.get(seq, []))
    if mine is None:
        return []
    others = [other for other in wanted.get(seq, []) if other in lights and other not in known]
    return [other for other in others if light.is_same_scene(mine, lights[other])]


def _lights(seqs: Collection[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for part in chunked(sorted(seqs), 500):
        rows: Any = (
            Image.select(Image.seq, Look.light)
            .join(StoredFile, on=(Image.file == StoredFile.id))
            .join(Look, on=(Look.blob == StoredFile.blob))
            .where(Image.seq.in_(part))
            .tuples()
        )
        found.update((seq, bytes(light)) for seq, light in rows)
    return found


def _same_bytes(images: list[Image]) -> Near:
    files: Any = StoredFile.select(StoredFile.id, StoredFile.blob).where(
        StoredFile.id.in_([image.file_id for image in images if image.file_id])
    )
    blob_of = dict(files.tuples())
    rows: Any = (
        Image.select(Image.seq, StoredFile.blob)
        .join(StoredFile, on=(Image.file == StoredFile.id))
        .where(StoredFile.blob.in_(set(blob_of.values())))
        .order_by(Image.seq)
        .limit(PART * MOST)
        .tuples()
    )
    holders: dict[str, list[int]] = {}
    for seq, blob in rows:
        holders.setdefault(blob, []).append(seq)
    held = {image.seq: holders.get(blob_of.get(image.file_id, ""), []) for image in images}
    return {seq: [other for other in others if other != seq][:MOST] for seq, others in held.items()}


def place(seqs: list[int], near: Near) -> None:
    """Inside a transaction: each of these images into the group it belongs to, or out of the one it left."""
    mine = {row.seq for row in db.locked(TwinDue.select().where(TwinDue.seq.in_(seqs)).order_by(TwinDue.seq))}
    if not mine:
        return  # another run was here
    group_of, members = _groups({*mine, *(other for seq in mine for other in near.get(seq, []))})
    apart = _apart(mine)
    for seq in sorted(mine):
        alike, group = [other for other in near.get(seq, []) if (seq, other) not in apart], group_of[seq]
        if group is None or not _fits(seq, alike, members[group] - {seq}, apart):
            _leave(seq, group_of, members)
            _join(seq, alike, group_of, members, apart)
    before = {row.seq: row.group_id for row in Twin.select().where(Twin.seq.in_(list(group_of)))}
    changed = [seq for seq, group in group_of.items() if before.get(seq) != group]
    there = {row.seq for row in Image.select(Image.seq).where(Image.seq.in_(changed))}
    Twin.delete().where(Twin.seq.in_(changed)).execute()
    rows = [{"seq": seq, "group_id": group} for seq in changed if seq in there and (group := group_of[seq])]
    if rows:
        Twin.insert_many(rows).execute()
    TwinDue.delete().where(TwinDue.seq.in_(list(mine))).execute()


def _groups(seqs: set[int]) -> tuple[dict[int, str | None], dict[str, set[int]]]:
    """Of these images and all that are in a group with one of them: the group by number, and the members by group."""
    groups = {row.group_id for row in Twin.select(Twin.group_id).where(Twin.seq.in_(list(seqs))).distinct()}
    group_of: dict[int, str | None] = dict.fromkeys(seqs)
    members: dict[str, set[int]] = {}
    for row in Twin.select().where(Twin.group_id.in_(list(groups))):
        group_of[row.seq] = row.group_id
        members.setdefault(row.group_id, set()).add(row.seq)
    return group_of, members


def _apart(seqs: set[int]) -> set[tuple[int, int]]:
    """In both orders, what people said is not the same."""
    mine = list(seqs)
    rows = NotTwin.select().where(NotTwin.one.in_(mine) | NotTwin.other.in_(mine))
    return {pair for row in rows for pair in ((row.one, row.other), (row.other, row.one))}


def _leave(seq: int, group_of: dict[int, str | None], members: dict[str, set[int]]) -> None:
    group = group_of[seq]
    if group is None:
        return
    group_of[seq] = None
    members[group].discard(seq)
    if len(members[group]) == 1:  # one alone is no group
        group_of[members.pop(group).pop()] = None


def _join(
    seq: int, near: list[int], group_of: dict[int, str | None], members: dict[str, set[int]], apart: set[tuple[int, int]]
) -> None:
    """Into the group of the likest one that it fits: it is the same as the first or as half of that group. So no chain of
    small differences leads to another scene."""
    for other in near:
        group = group_of.get(other)
        if group is None:
            group_of[seq] = group_of[other] = group = db.new_id()
            members[group] = {seq, other}
            return
        if len(members[group]) < MOST and _fits(seq, near, members[group], apart):
            group_of[seq] = group
            members[group].add(seq)
            return


def _fits(seq: int, near: list[int], members: set[int], apart: set[tuple[int, int]]) -> bool:
    known = members.intersection(near)
    return bool(members) and (min(members) in known or 2 * len(known) >= len(members)) and not any((seq, other) in apart for other in members)
