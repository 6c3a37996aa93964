"""Imports that belong together, over the API: begun, filled, read; and what nobody else learns of them."""

from typing import Any

from pindeck.access import Actor
from pindeck.models import Image, ImportBatch
from pindeck.services.images import projects
from tests.api.gallery import BASE, HOSTED, external, good
from tests.conftest import Browser, ClientFor, RunJobs
from tests.programs import Program, ProgramFor, new_key, refused

BATCHES = f"{BASE}/batches"


def begun(caller: Any, **body: Any) -> str:
    return str(good(caller.post(BATCHES, json=body), 201)["id"])


def test_a_batch_is_begun_filled_and_its_counts_are_read(owner: Browser, run_jobs: RunJobs) -> None:
    answer = owner.post(BATCHES, json={"sourceType": "pinterest", "sourceUrl": "https://example.org/board"})
    batch = good(answer, 201)
    assert (batch["sourceType"], batch["sourceUrl"]) == ("pinterest", "https://example.org/board")
    assert (batch["status"], batch["createdCount"], batch["skippedCount"], batch["failedCount"]) == ("done", 0, 0, 0)
    assert batch["updatedAt"] == batch["createdAt"]
    here = f"{BATCHES}/{batch['id']}"
    assert good(owner.get(here)) == batch
    for address in ("?1", "?2", "?1"):
        good(external(owner, imageUrl=f"{HOSTED}{address}", importBatchId=batch["id"]))
    told = good(owner.get(here))
    assert (told["status"], told["createdCount"], told["skippedCount"], told["failedCount"]) == ("running", 2, 1, 0)
    run_jobs(include_later=True)  # nobody answers there
    told = good(owner.get(here))
    assert (told["status"], told["createdCount"], told["skippedCount"], told["failedCount"]) == ("done", 2, 1, 2)
    assert told["updatedAt"] > batch["updatedAt"]
    bare = good(owner.post(BATCHES), 201)
    assert (bare["sourceType"], bare["sourceUrl"]) == ("upload", None)


def test_batches_are_listed_page_by_page(owner: Browser) -> None:
    made = [begun(owner) for _ in range(5)][::-1]
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = good(owner.get(BATCHES, query_string=query))
        found += [batch["id"] for batch in page["data"]]
        if page["nextCursor"] is None:
            break
        begun(owner)  # what is begun meanwhile moves nothing
        query["cursor"] = page["nextCursor"]
    assert found == made
    assert len(good(owner.get(BATCHES, query_string={"limit": 999}))["data"]) == 7
    for name, wrong in (("cursor", "x"), ("cursor", "é"), ("limit", "0"), ("limit", "x")):
        assert name in refused(owner.get(BATCHES, query_string={name: wrong}), 400, "VALIDATION_ERROR")


def test_a_batch_is_its_persons(
    owner: Browser, other: Browser, visitor: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor,
    gus: Actor, mo: Actor,
) -> None:  # fmt: skip
    batch = begun(owner)
    here = f"{BATCHES}/{batch}"
    for caller in (other, client_for(mo), client_for(gus)):
        refused(caller.get(here), 404, "BATCH_NOT_FOUND")
        assert good(caller.get(BATCHES))["data"] == []
    for method, path in (("GET", here), ("GET", BATCHES), ("POST", BATCHES)):
        refused(visitor.call(method, path), 401, "UNAUTHORIZED")
        refused(program_for("pd_m_wrong").call(method, path), 401, "UNAUTHORIZED")
        refused(program_for(new_key("master")).call(method, path), 403, "USER_REQUIRED")
        extension = new_key("extension", identifier=f"e{len(path)}{method}", install_scope="user", actor=olga)
        refused(program_for(extension).call(method, path), 403, "FORBIDDEN")
    refused(client_for(gus).post(BATCHES), 403, "FORBIDDEN")
    reader = program_for(new_key("master", actor=olga, scopes=("images:read",)))
    assert good(reader.get(here))["id"] == batch
    refused(reader.post(BATCHES), 403, "FORBIDDEN")
    refused(external(other, importBatchId=batch), 400, "VALIDATION_ERROR")
    for wrong in ({"sourceType": "rss"}, {"sourceUrl": "ftp://x"}, {"sourceUrl": 5}, {"source": "x"}):
        assert set(wrong) == set(refused(owner.post(BATCHES, json=wrong), 400, "VALIDATION_ERROR"))
    refused(owner.get(f"{BATCHES}/nothing"), 400, "VALIDATION_ERROR")
    assert ImportBatch.select().count() == 1 and Image.select().count() == 0


def test_a_project_key_knows_the_batches_of_its_project(owner: Browser, program_for: ProgramFor, olga: Actor) -> None:
    blade, alien = (program_for(new_key(project=name, actor=olga)) for name in ("Blade", "Alien"))
    batch, outside = begun(blade), begun(owner)
    for key, unseen in ((alien, batch), (alien, outside), (blade, outside)):
        refused(key.get(f"{BATCHES}/{unseen}"), 404, "BATCH_NOT_FOUND")
        refused(external(key, importBatchId=unseen), 400, "VALIDATION_ERROR")
    made = good(external(blade, importBatchId=batch))
    assert projects.name_of(Image.get(Image.id == made).project_id) == "Blade"
    assert [one["id"] for one in good(blade.get(BATCHES))["data"]] == [batch]
    assert {one["id"] for one in good(owner.get(BATCHES))["data"]} == {batch, outside}
