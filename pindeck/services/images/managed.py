"""Images as programs manage them: list, find by id or alias, focal point and metadata.

Focal point and `meta` are no words of the ledger. The ledger holds what people correct in forms, field by field,
and quotes it in a history; these two are a program's values, no form shows them, and a document of 16 KiB is no word
to quote. A guarded update with the version, a row of `activity` and a step of an action keep what is needed.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import aliases, projects
from pindeck.states import Origin

UPDATE = verb("image.update", "Changed the focal point or data")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
META_BYTES = 16 * 1024


class Record(NamedTuple):
    """What a program reads of an image. `meta` is JSON text; `external` an address until the bytes are ours."""

    id: str
    project_id: str
    flow_id: str | None
    external: str | None
    mime: str | None
    size: int | None
    width: int | None
    height: int | None
    origin: str
    alias: str | None
    focal_x: float | None
    focal_y: float | None
    meta: str
    created_at: int
    updated_at: int
    deleted_at: int | None
    status: str
    visibility: str
    credit: str | None
    rights: str | None


def record_of(image: Image) -> Record:
    return Record(
        id=image.id,
        project_id=image.project_id,
        flow_id=image.flow_id,
        external=image.external_url if image.file_id is None else None,
        mime=image.mime,
        size=image.size,
        width=image.width,
        height=image.height,
        origin=image.origin,
        alias=aliases.of_image(image.id),
        focal_x=image.focal_x,
        focal_y=image.focal_y,
        meta=json.dumps(image.meta),
        created_at=image.created_at,
        updated_at=image.updated_at,
        deleted_at=image.deleted_at,
        status=image.status,
        visibility=image.visibility,
        credit=image.attribution,
        rights=image.rights,
    )


def source_of(origin: str) -> str:
    """The `source` of an image as programs read it: `generated` by a machine, or `uploaded`."""
    return "generated" if origin == Origin.AI else "uploaded"


# Finding


def find(
    actor: Actor, ref: str, *, project: str | None = None, flow_id: str | None = None, trashed: bool = False
) -> Image:
    """The image a reference means: a UUID, or an alias with its `@`. Raises Invalid or NotFound.

    A trashed image has no alias; by its id it is found where `trashed` says that it is looked for.
    """
    if ref.startswith("@"):
        return aliases.resolve(actor, ref, projects.chosen(actor, project, flow_id), flow_id)
    if not UUID.fullmatch(ref):
        sentence = "Name an image by its UUID or by an alias that starts with @."
        raise Invalid(sentence, fields={"ref": sentence})
    return access.find_image(actor, ref.lower(), trashed=trashed)


def find_to_edit(actor: Actor, ref: str, *, project: str | None = None, flow_id: str | None = None) -> Image:
    """The same, for a change. Raises Conflict `IMAGE_DELETED` for one in the trash that the actor may see."""
    image = find(actor, ref, project=project, flow_id=flow_id, trashed=True)
    if image.is_trashed:
        raise Conflict("This image is in the trash. Restore it first.", code="IMAGE_DELETED")
    return image


# Changing


@dataclass(frozen=True)
class Change:
    """What an update names. `meta` replaces what is kept, or is merged into it, where None removes a key."""

    has_focal: bool = False
    focal: tuple[float, float] | None = None
    meta: dict[str, Any] | None = None
    merges: bool = False


def update(actor: Actor, image_id: str, change: Change, *, versions: frozenset[int] | None = None) -> Image:
    """Write the focal point and `meta`; what is not named stays, and nothing moves when nothing changed.

    `versions` are those the caller bases its change on. Raises Conflict `PRECONDITION_FAILED` (412) when the
    image is at another one, Conflict `IMAGE_DELETED`, NotFound, Forbidden, or Invalid for a `meta` that is too large.
    """
    image = access.image_for(actor, "image.edit", image_id, trashed=True)

    def work() -> Image:
        fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
        if fresh is None:
            return find(actor, image.id)  # raises NotFound
        if fresh.is_trashed:
            raise Conflict("This image is in the trash. Restore it first.", code="IMAGE_DELETED")
        if versions is not None and fresh.version not in versions:
            raise Conflict("The image has changed since you read it. Read it again.", code="PRECONDITION_FAILED", status=412)
        columns = _columns(fresh, change)
        if columns:
            Image.change(**columns).where(Image.seq == fresh.seq).execute()
            activity.note(actor, "image.update", fresh.id, **_before(fresh, columns))
            log.record(actor, UPDATE, _steps(fresh, columns), images=1)
        return Image.get_by_id(fresh.seq)

    return db.retried(work)


def _columns(image: Image, change: Change) -> dict[str, Any]:
    """The columns that really change."""
    columns: dict[str, Any] = {}
    if change.has_focal:
        x, y = change.focal or (None, None)
        if (x, y) != (image.focal_x, image.focal_y):
            columns |= {"focal_x": x, "focal_y": y}
    if change.meta is not None:
        meta = change.meta
        if change.merges:
            merged = {**image.meta, **meta}
            meta = {name: value for name, value in merged.items() if meta.get(name, 0) is not None}
        if len(json.dumps(meta, ensure_ascii=False, separators=(",", ":")).encode()) > META_BYTES:
            sentence = f"It would be larger than {META_BYTES // 1024} KiB."
            raise Invalid(f"meta: {sentence}", fields={"meta": sentence})
        if json.dumps(meta) != json.dumps(image.meta):  # as JSON, where 1, 1.0 and true are three values
            columns["meta"] = meta
    return columns


def _steps(image: Image, columns: dict[str, Any]) -> list[Step]:
    steps = []
    if "focal_x" in columns:
        point = [columns["focal_x"], columns["focal_y"]]
        steps.append(Step("focal", image.id, [image.focal_x, image.focal_y], point))
    if "meta" in columns:
        steps.append(Step("meta", image.id, image.meta, columns["meta"]))
    return steps


def _before(image: Image, columns: dict[str, Any]) -> dict[str, Any]:
    """What the activity remembers: the focal point that was, and the keys of `meta` that changed."""
    note: dict[str, Any] = {}
    if "focal_x" in columns:
        note["focal"] = {"from": [image.focal_x, image.focal_y], "to": [columns["focal_x"], columns["focal_y"]]}
    if "meta" in columns:
        new = columns["meta"]
        note["meta"] = sorted(name for name in {*image.meta, *new} if image.meta.get(name) != new.get(name))[:100]
    return note
