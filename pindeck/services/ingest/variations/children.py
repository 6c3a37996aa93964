"""The picture that a run made becomes an image, once."""

from contextlib import suppress

from pindeck import config, db
from pindeck.access import Actor
from pindeck.discord.status import Event
from pindeck.errors import PindeckError
from pindeck.models import Generation, Image
from pindeck.services.blobs import staging
from pindeck.services.images import announcing, generations, ledger, origins, telling
from pindeck.services.images.ledger import Writer
from pindeck.services.images.lineage import lineage_of
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival, Staged
from pindeck.states import AiStatus, GenerationStatus, ImageStatus, Origin, Rights, Visibility, WriterKind
from pindeck.varying.base import Made

MADE = ("generated", "variation")
PASSED_ON = ("description", "category", "group", "moodboard")
_OPENNESS = (Visibility.PRIVATE, Visibility.UNLISTED, Visibility.LIBRARY)


class ParentGone(PindeckError):
    """Nothing is stored for a picture that was deleted."""


class _Ended(PindeckError):
    """Another worker was faster."""


def keep(actor: Actor, run: Generation, staged: Staged, made: Made, attribution: str) -> None:
    """Store what was staged as the child of the run's parent, in the transaction that completes the run.

    A run that has its picture keeps it: the bytes are dropped then. Raises ParentGone.
    """
    try:
        parent = _parent(run)
        arrival = _arrival(actor, run, parent, lineage_of(parent), made, attribution)
    except BaseException:
        staging.drop(staged.key)
        raise

    def lock() -> None:
        still = db.locked(Generation.select().where(Generation.id == run.id)).get_or_none()
        if still is None or still.status != GenerationStatus.PROCESSING:
            raise _Ended("This run has ended already.")
        _parent(run)

    def complete(image: Image) -> None:
        generations.move(run.id, GenerationStatus.COMPLETED, output_image_id=image.id, cost=made.cost, error=None)
        announcing.tell(Event.GENERATED, image, actor)
        if image.status == ImageStatus.ACTIVE:
            telling.published([image], actor)

    with suppress(_Ended):
        uploads.record(actor, staged, f"{parent.title[:120] or 'variation'}.png", arrival, first=lock, then=complete)


def _parent(run: Generation) -> Image:
    found = Image.get_or_none((Image.id == run.inputs[0]) & Image.deleted_at.is_null()) if run.inputs else None
    if found is None:
        raise ParentGone("The picture it began from was deleted in the meantime, so the result was not stored.")
    return found


def _arrival(actor: Actor, run: Generation, parent: Image, above: list[Image], made: Made, attribution: str) -> Arrival:
    visibility = _visibility(actor, parent)
    status = _status(parent, above, is_own=visibility != Visibility.LIBRARY)
    tags = [tag for tag in ledger.tags_of(parent.id) if tag not in ("original", *MADE)]
    columns = {name: getattr(parent, name) for name in PASSED_ON}
    columns |= {
        "title": parent.title,
        "sref": parent.sref or above[-1].sref,
        "parent_id": parent.id,
        "generation_id": run.id,
        "attribution": attribution,
        "rights": Rights.GENERATED,
        "source_url": made.url or parent.source_url or above[-1].source_url,
    }
    if status == ImageStatus.PENDING:  # it is described when somebody keeps it
        columns |= {"ai_status": AiStatus.QUEUED, "ai_started_at": None}
    return Arrival(
        status=status,
        visibility=visibility,
        project_id=parent.project_id,
        file_project=actor.project_id,
        flow_id=run.flow_id,
        subject_character=run.params.get("character"),
        subject_chat=run.params.get("chat"),
        origin=Origin.AI,
        tags=(*tags, *MADE),
        columns=columns,
        writer=Writer(WriterKind.RULE, program="variation"),
    )


def _visibility(actor: Actor, parent: Image) -> Visibility:
    """Never more open than the parent: what a project key orders is unlisted, what an extension orders private."""
    own = Visibility.PRIVATE if actor.is_extension else Visibility.UNLISTED if actor.project_id else Visibility.LIBRARY
    return min(own, Visibility(parent.visibility), key=_OPENNESS.index)


def _status(parent: Image, above: list[Image], *, is_own: bool) -> ImageStatus:
    """What is not in the library waits for nobody."""
    if is_own:
        return ImageStatus.ACTIVE
    if config.current().generated_status != "lineage":
        return ImageStatus(config.current().generated_status)
    if any(origins.is_moderated(Origin(image.origin)) for image in above):
        return ImageStatus.PENDING
    return ImageStatus.ACTIVE if parent.status == ImageStatus.ACTIVE else ImageStatus.DRAFT
