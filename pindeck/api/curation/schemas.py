"""What the operations of curation share."""

from typing import Any, Literal

from pydantic import Field

from pindeck.api.operations import Fault, Reply
from pindeck.api.schemas import at_once_or_by_a_worker
from pindeck.api.types import Output, Query, Text, limit_type

ACTION_ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c11"
IMAGE_ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
COPY_ID = "0198c5a0-ab20-7d22-9b63-7e2f4f1d0c42"
INDEX_AWAY = Fault(503, "INDEX_AWAY", "The index of colours and likeness does not answer. Try again.")
RELEASES = Fault(409, "RELEASES_ALIASES", "Aliases would be let go, which `details.aliases` names. Send it with `confirmed` to go on.")


class Places(Query):
    """A page of a list whose cursor is the id or name of the last thing."""

    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Text | None = Field(None, max_length=200, description="`nextCursor` of the page before.")


class Acted(Output):
    id: str | None = Field(description="The action, which `GET actions/{id}` tells of and `POST actions/{id}/undo` takes back; null where nothing changed.")
    status: Literal["running", "done"]
    released: list[str] = Field(description="Aliases that were released, with their @.")


ACTED = {"id": ACTION_ID, "status": "done", "released": []}
ACTED_OR_RUNNING = at_once_or_by_a_worker(Acted, ACTED)


def acted(action_id: str | None, *, released: list[str] | None = None) -> dict[str, Any]:
    return {"id": action_id, "status": "done", "released": released or []}


def runs(action_id: str, *, released: list[str] | None = None) -> Reply:
    return Reply({"id": action_id, "status": "running", "released": released or []}, 202)
