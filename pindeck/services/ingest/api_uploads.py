"""Pictures that programs bring: active at once, unlisted, with names and a flow in the same transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from peewee import IntegrityError

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Flow, Image
from pindeck.services.blobs import staging
from pindeck.services.images import aliases, flows
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival, Staged
from pindeck.states import ImageStatus, Visibility


@dataclass(frozen=True)
class UploadOptions:
    """What an upload asks for besides its bytes. Names are as they are kept; `flow_alias` needs a flow."""

    flow_id: str | None = None
    alias: str | None = None
    flow_alias: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)


def take_in(
    actor: Actor,
    staged: Staged,
    filename: str,
    project_id: str,
    options: UploadOptions = UploadOptions(),
    *,
    then: Callable[[Image], None] | None = None,
) -> Image:
    """Record staged bytes as an image of a project: all of it, or nothing remains.

    `then` runs in the transaction, with the image as it will be told. A name that another image has is taken over, which
    is one action for the project and the flow. Raises NotFound `FLOW_NOT_FOUND`, or Forbidden.
    """
    try:
        access.require(actor, "upload")
        flow = _flow(project_id, options.flow_id)
    except BaseException:
        staging.drop(staged.key)
        raise
    arrival = Arrival(
        status=ImageStatus.ACTIVE,
        visibility=Visibility.UNLISTED,
        project_id=project_id,
        file_project=project_id,
        flow_id=flow.id if flow else None,
        meta=options.meta,
        tags=(),
    )

    def lock() -> None:
        """Scopes and the holder before the image's own row, in the order every other change has."""
        if options.alias is not None:
            aliases.lock_project(project_id)
        if flow and options.flow_alias is not None:
            aliases.lock_flow(flow.id, project_id)
        if options.alias is not None:
            aliases.lock_holder(project_id, options.alias)

    def bind(image: Image) -> None:
        flows.take_over(actor, image, options.alias, flow, options.flow_alias)
        if then:
            then(Image.get(Image.seq == image.seq))  # the name it took counts as a version

    try:
        image = uploads.record(actor, staged, filename, arrival, first=lock, then=bind).image
    except IntegrityError:
        _flow(project_id, options.flow_id)  # it was deleted while the bytes came
        raise
    return Image.get_or_none(Image.seq == image.seq) or image  # the name it took counts as a version


def _flow(project_id: str, flow_id: str | None) -> Flow | None:
    if flow_id is None:
        return None
    flow = Flow.get_or_none(aliases.in_project(flow_id, project_id))
    if flow is None:
        raise aliases.no_flow()
    return flow
