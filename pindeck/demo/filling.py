"""Bring the plan into an installation: people, pictures, then boards. Whatever is there already is left as it is.

Each picture is one transaction, so a run that was broken off goes on with the next one.
"""

import io
import multiprocessing
import os
import secrets
from collections.abc import Generator, Iterator
from concurrent.futures import ProcessPoolExecutor

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.demo import arranging, state
from pindeck.demo.drawing import draw
from pindeck.demo.plan import PEOPLE, Shot, shots
from pindeck.models import Image, Like
from pindeck.services.accounts import accounts
from pindeck.services.images import ledger, trash
from pindeck.services.ingest import uploads
from pindeck.services.ingest.uploads import Arrival
from pindeck.states import AiStatus, Lane, Role, Way

SPAN_MS = 150 * db.DAY_MS  # from the first picture to the last
AT_ONCE = 4


def fill(count: int) -> Generator[int, None, None]:
    """Bring in the first `count` pictures; after each, how many are there. Raises Conflict where anything else is kept."""
    began = state.begin()
    who = people()
    plan = shots(count)
    known = state.images()
    done = sum(shot.key in known for shot in plan)
    yield done
    missing = [(place, shot) for place, shot in enumerate(plan) if shot.key not in known]
    for (place, shot), drawn in zip(missing, _drawn([shot for _, shot in missing]), strict=True):
        _bring(who, shot, drawn, began - int(SPAN_MS * (1 - (place + 1) / len(plan)) ** 1.5))
        done += 1
        yield done
    arranging.arrange(who, plan, state.images())


def people() -> dict[str, Actor]:
    """The people of the demonstration, made where they are missing. Nobody knows their passwords, so a link has to set one."""
    known = state.people()
    for who, name in PEOPLE.items():
        if who not in known:
            known[who] = accounts.create(state.address_of(who), secrets.token_urlsafe(24), name=name, role=Role.CURATOR, way=Way.COMMAND)
    return {who: state.actor_of(user) for who, user in known.items()}


def _drawn(wanted: list[Shot]) -> Iterator[bytes]:
    """The pictures, in this order, drawn by processes beside this one; no more wait in memory than are drawn at once."""
    if not wanted:
        return
    size = min(AT_ONCE, os.cpu_count() or 1)
    with ProcessPoolExecutor(size, mp_context=multiprocessing.get_context("spawn")) as painters:
        for start in range(0, len(wanted), 4 * size):
            yield from painters.map(draw, wanted[start : start + 4 * size])


def _bring(who: dict[str, Actor], shot: Shot, drawn: bytes, at: int) -> None:
    """One picture with its words, likes and state, in one transaction. No model is asked about it."""
    actor = who[shot.owner]
    named = str(shot.words["title"]).replace(":", "")
    columns = {
        "external_id": state.PREFIX + shot.key, "ai_status": AiStatus.COMPLETED, "ai_started_at": None,
        "title": shot.words["title"], "held_at": at if shot.is_held else None,
        "created_at": at, "uploaded_at": at, "updated_at": at, "ingested_at": at,
    }  # fmt: skip
    arrival = Arrival(shot.status, shot.visibility, origin=shot.origin, tags=("original", "generated"), columns=columns)

    def then(image: Image) -> None:
        words = {name: value for name, value in shot.words.items() if name != "title"}
        words["tags"] = ["original", "generated", *shot.words["tags"]]
        ledger.write(image.id, words, ledger.person(actor))
        for fan in shot.liked_by:
            Like.insert(user_id=who[fan].user_id, image_id=image.id, created_at=at).execute()
        Image.update(likes=len(shot.liked_by)).where(Image.seq == image.seq).execute()
        if shot.is_trashed:
            trash.put_in(actor, [image.id])

    with queue.in_lane(Lane.LATER):
        uploads.record(actor, uploads.stage(io.BytesIO(drawn)), f"{named}.jpg", arrival, then=then)
