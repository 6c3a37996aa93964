"""Variations of copies that are merged: they are variations of the picture that stays from then on."""

from pindeck.models import Image
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import lineage

PARENTS = "merged_parents"  # the kind of step


def adopt(keep: Image, others: list[Image]) -> list[Step]:
    """Inside the transaction that merges: one step about the picture that stays, because whoever merges may not see what
    others made of a copy. A picture that was made of one of its copies is a variation of what the copy was made of."""
    ids = [other.id for other in others]
    made = Image.select(Image.id, Image.parent_id).where(Image.parent_id.in_(ids) & Image.id.not_in([keep.id, *ids]))
    before = {child.id: child.parent_id for child in made}
    above = _above(keep, ids)
    if above == keep.parent_id and not before:
        return []
    step = Step(PARENTS, keep.id, {"of": before, "own": keep.parent_id}, {"own": above})
    _write(keep, above, dict.fromkeys(before, keep.id))
    return [step]


def _above(keep: Image, ids: list[str]) -> str | None:
    """The parent that the picture may keep: nothing is made of itself, nor of what is made of it by now."""
    line = lineage.lineage_of(keep)
    last = max((n for n, image in enumerate(line) if image.id in ids), default=None)
    return keep.parent_id if last is None else line[last].parent_id


def _write(keep: Image, own: str | None, parents: dict[str, str | None]) -> None:
    for parent in set(parents.values()):
        mine = [child for child, of in parents.items() if of == parent]
        Image.change(parent_id=parent).where(Image.id.in_(mine)).execute()
    if own != keep.parent_id:
        Image.change(parent_id=own).where(Image.seq == keep.seq).execute()
        keep.parent_id = own


def give_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """To the copies that are there still. A variation that has another parent since stays with it."""
    for step in steps:
        keep, wanted = taking.images[step.image_id], step.before["of"]
        theirs = Image.select(Image.id).where(Image.id.in_(list(wanted)) & (Image.parent_id == keep.id))
        there = {image.id for image in Image.select(Image.id).where(Image.id.in_(set(wanted.values())))}
        parents = {child.id: wanted[child.id] for child in theirs if wanted[child.id] in there}
        is_own = keep.parent_id == step.after["own"]
        own = step.before["own"] if is_own and _is_there(step.before["own"]) else keep.parent_id
        _write(keep, own, parents)
    return []


def _is_there(image_id: str | None) -> bool:
    return image_id is None or Image.select().where(Image.id == image_id).exists()
