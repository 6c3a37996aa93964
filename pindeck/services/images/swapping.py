"""Two images change their files: the one that stays gets the larger picture, the copy that goes the smaller one."""

from typing import Any

from pindeck.models import Image, StoredFile
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import publishing, twins

BYTES = "bytes"  # the kind of step
# What the bytes say of an image. The palette stays: a person may have chosen it, and copies have nearly the same.
MEASURED = (
    "original_filename", "mime", "size", "width", "height", "dominant", "thumbhash", "phash", "phash_middle", "exif", "gps"
)  # fmt: skip


def take_largest(keep: Image, others: list[Image]) -> tuple[list[Step], list[str]]:
    """Inside a transaction that locked them: the step, if a copy is larger than the one that stays; public tokens to take
    away after the commit."""
    largest = max([keep, *others], key=lambda image: (_area(image), image.size or 0, image is keep))
    if largest is keep:
        return [], []
    before = {"file": keep.file_id, "with": largest.id}
    tokens = _swap(keep, largest)
    return [Step(BYTES, keep.id, before, {"file": keep.file_id, "with": largest.id})], tokens


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    left = []
    for step in steps:
        image = taking.images[step.image_id]
        other = taking.images.get(step.after["with"])
        if other is None or (image.file_id, other.file_id) != (step.after["file"], step.before["file"]):
            left.append(Left(step, "has another file since, or the copy is no longer there"))
        else:
            taking.tokens += _swap(image, other)
    return left


def _area(image: Image) -> int:
    return (image.width or 0) * (image.height or 0)


def _swap(one: Image, other: Image) -> list[str]:
    """Files, and what was measured of them. Public copies are made anew, at new addresses."""
    projects: dict[str | None, str | None] = {file.id: file.project_id for file in StoredFile.select().where(StoredFile.id.in_([one.file_id, other.file_id]))}
    mine: dict[str, Any] = {name: getattr(one, name) for name in MEASURED}
    theirs: dict[str, Any] = {name: getattr(other, name) for name in MEASURED}
    first, second, address = one.file_id, other.file_id, other.external_url
    # One file is of one image at any moment, and an image without a file has an address.
    Image.update(file=None, external_url=address or "moving").where(Image.seq == other.seq).execute()
    Image.change(file=second, **theirs).where(Image.seq == one.seq).execute()
    Image.change(file=first, external_url=address, **mine).where(Image.seq == other.seq).execute()
    if projects[first] != projects[second]:  # a file stays in the project of its image
        for file_id, project in ((second, projects[first]), (first, projects[second])):
            StoredFile.update(project=project).where(StoredFile.id == file_id).execute()
    changed = list(Image.select().where(Image.seq.in_([one.seq, other.seq])))
    tokens = publishing.withdraw_many(changed)
    for image in (one, other):
        now = next(row for row in changed if row.seq == image.seq)
        for name in ("file_id", *MEASURED):
            setattr(image, name, getattr(now, name))
        image.public_token = None
    publishing.request_many([one, other])
    twins.due([one.seq, other.seq])
    return tokens
