"""The version of an image moves with what its record says and with who reads it, and with nothing else."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.errors import PindeckError
from pindeck.models import Image, Job
from pindeck.services.derivatives import build
from pindeck.services.images import aliases, analysis, detail, ledger, managed, moderation, publishing, storing, trash
from pindeck.services.images.managed import Change
from pindeck.services.maintenance import repair
from pindeck.states import AiStatus, PersistStatus
from tests.api.managing import IMAGES, World, upload
from tests.conftest import ChangeSettings, ClientFor, run_due_jobs
from tests.factories import make_draft, make_row
from tests.programs import ProgramFor, new_key, refused

Step = Callable[[], object]


def backfilled(mo: Actor) -> None:
    Job.delete().execute()  # none is about to store it
    repair.backfill_persistence(mo, limit=5)


def stores(mo: Actor, image: str) -> list[Step]:
    """What jobs do, and what people ask of them: nothing of it is in the record of an upload."""
    return [
        lambda: build.fail(image, "The disk is full."),
        lambda: storing.retry(mo, image),
        lambda: build.fail(image, "The disk is full."),
        lambda: backfilled(mo),
        lambda: build.run(image, lambda *_: None),
        lambda: analysis.run(image),
        run_due_jobs,
        lambda: moderation.set_ai_status(mo, image, AiStatus.FAILED),
        lambda: analysis.retry(mo, image),
        run_due_jobs,
    ]


def test_an_upload_keeps_its_version_until_somebody_changes_it(mo: Actor, world: World) -> None:
    """Whoever uploads may go on with the version of the answer, whatever the worker did meanwhile."""
    image = upload(world.k)
    path = f"{IMAGES}/{image['id']}"
    answer = world.k.get(path)
    for step in stores(mo, image["id"]):
        step()
        unchanged = world.k.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert unchanged.status_code == 304
    assert world.k.get(path).get_json()["data"] == image
    stored = Image.get(Image.id == image["id"])
    assert (stored.persist_status, stored.ai_status) == (PersistStatus.SUCCEEDED, AiStatus.COMPLETED)
    based_on = {"If-Match": answer.headers["ETag"]}
    assert world.k.put(path, json={"meta": {"a": 1}}, headers=based_on).status_code == 200
    refused(world.k.put(path, json={"meta": {}}, headers=based_on), 412, "PRECONDITION_FAILED")


def changing(mo: Actor, image: str) -> list[Step]:
    """Everything else that happens to an image, what programs read of it and what they do not."""
    return [
        lambda: ledger.edit(mo, image, "title", "Snow"),
        lambda: ledger.edit(mo, image, "tags", "neon"),
        lambda: ledger.edit(mo, image, "project", "Q"),
        lambda: ledger.edit(mo, image, "project", "P"),
        lambda: moderation.like(mo, image),
        lambda: detail.count_view(mo, image),
        lambda: aliases.assign(mo, image, "@hero"),
        lambda: aliases.assign(mo, image, "@Hero"),
        lambda: aliases.assign(mo, image, None),
        lambda: managed.update(mo, image, Change(has_focal=True, focal=(0.5, 0.25))),
        lambda: managed.update(mo, image, Change(has_focal=True)),
        lambda: managed.update(mo, image, Change(meta={"a": "é", "b": [1]})),
        lambda: managed.update(mo, image, Change(meta={})),
        lambda: publishing.publish(mo, image),
        lambda: moderation.update(mo, image, {"genre": "Noir"}, visibility="private"),
        lambda: moderation.update(mo, image, {}, visibility="unlisted"),
        lambda: moderation.update(mo, image, {}, visibility="library"),
        lambda: trash.trash(mo, image),
        lambda: trash.restore(mo, image),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_version_moves_if_and_only_if_the_record_or_its_readers_do(
    seed: int, mo: Actor, olga: Actor, world: World, program_for: ProgramFor, client_for: ClientFor,
    change_settings: ChangeSettings,
) -> None:  # fmt: skip
    change_settings(cdn_base_url="https://cdn.example.org", public_library=bool(seed % 2))
    drawn = random.Random(seed)
    if seed == 0:
        image = upload(world.k)["id"]
    else:
        image = make_draft(olga).id
        Image.update(width=None, height=None).where(Image.id == image).execute()  # as a ticket leaves it
    readers: list[Any] = [world.k, program_for(new_key(project="P")), program_for(new_key("master"))]
    readers += [client_for(olga), client_for(mo)]

    def told() -> list[Any]:
        return [reader.get(f"{IMAGES}/{image}?format=json&includeDeleted=true").get_json() for reader in readers]

    def row() -> tuple[int, Any]:
        found = Image.get(Image.id == image)
        return found.version, (found.status, found.visibility, found.deleted_at)

    steps = [*stores(mo, image), *changing(mo, image)]
    (version, seen), answers = row(), told()
    moved = 0
    for step in [drawn.choice(steps) for _ in range(60)]:
        try:
            step()
        except PindeckError:
            pass  # it cannot be done now
        (version_now, seen_now), answers_now = row(), told()
        assert (version_now != version) == (answers_now != answers or seen_now != seen)
        moved += version_now != version
        (version, seen), answers = (version_now, seen_now), answers_now
    assert 5 < moved < 55


def test_many_at_once_move_only_those_of_which_something_else_is_read(mo: Actor, olga: Actor) -> None:
    private, shown = make_row(olga, visibility="private"), make_row(olga)
    for step in (lambda: ledger.set_many(mo, [private.id, shown.id], {"title": "Snow"}), run_due_jobs):
        step()
        assert [Image.get_by_id(image.seq).version for image in (private, shown)] == [1, 1]
    ledger.set_many(mo, [private.id, shown.id], {"project": "P"})
    ledger.set_many(mo, [private.id, shown.id], {"project": "P"})
    assert [Image.get_by_id(image.seq).version for image in (private, shown)] == [2, 2]
