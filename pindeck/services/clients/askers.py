"""In whose name a job works that goes out for somebody: asked again when it runs, which may be much later."""

from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Forbidden
from pindeck.models import ApiKey, Job, User
from pindeck.services.clients import api_keys, ingest_key, on_behalf
from pindeck.states import Way


def told(actor: Actor) -> dict[str, Any]:
    """What a job's payload holds to know its asker by. Person and client stand in the row itself."""
    known = {"key_id": actor.key_id, "door": actor.door, "way": "" if actor.comes_by == Way.PAGE else actor.comes_by}
    return {name: value for name, value in known.items() if value}


def check(job: Job, action: str) -> None:
    """Raises Forbidden when the actor that asked may no longer do this: key, client or account ended, or the right did.

    A job that nobody asked for, such as a sweep's, may go on.
    """
    if not (job.payload.get("key_id") or job.client_id or job.user_id):
        return
    if not access.can(asker(job), action):
        raise Forbidden("The person or key that asked for this may no longer do it: the right was taken back.")


def asker(job: Job) -> Actor:
    """The actor that asked, as it is now. Raises Forbidden when its key, client or account has ended."""
    actor = _asker(job)
    if actor is None:
        raise Forbidden("The person or key that asked for this may no longer do it: the key or account has ended.")
    return actor


def _asker(job: Job) -> Actor | None:
    user = User.get_or_none((User.id == job.user_id) & User.disabled_at.is_null()) if job.user_id else None
    if job.user_id and user is None:
        return None
    key_id = job.payload.get("key_id")
    if key_id:
        program = ingest_key.actor() if key_id == ingest_key.KEY_ID else api_keys.actor_of_id(key_id)
    elif job.client_id:  # asked by an earlier version, which did not note the key
        program = _of_client(job.client_id)
    else:
        return Actor(user.id, user.role, user.name, user.email, comes_by=Way(job.payload.get("way", Way.PAGE))) if user else None
    if program and job.payload.get("door"):
        return on_behalf.person(program, job.user_id, job.payload["door"])
    if program and user and program.is_extension and program.user_id is None:
        return program.acting_for(user.id)
    return program


def _of_client(client_id: str) -> Actor | None:
    """The client by any of its keys that is good."""
    every = ApiKey.select(ApiKey.id).where(ApiKey.client == client_id)
    return next((actor for key in every if (actor := api_keys.actor_of_id(key.id))), None)
