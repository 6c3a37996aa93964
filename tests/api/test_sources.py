"""Sources over the API: added, changed, run, tested, listed; and who may."""

from collections.abc import Iterator
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import ImportBatch, Source
from tests.api.gallery import good
from tests.conftest import Browser, ClientFor, RunJobs, count_queries
from tests.factories import photo
from tests.fetching.hostile import HostileServer, answer, serving
from tests.programs import Program, ProgramFor, new_key, refused
from tests.services.ingest.sources.conftest import entry, rss

SOURCES = "/api/v1/sources"


@pytest.fixture(scope="module")
def web() -> Iterator[HostileServer]:
    with serving() as running:
        running.pages = {f"/{n}.jpg": answer(photo(mark=f"api {n}", size=(80, 60))) for n in range(3)}
        running.pages["/feed"] = answer(rss(*(entry(n) for n in range(3)), "<guid>x</guid><link>/none</link>"))
        yield running


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}"}


def add(caller: Any, url: str = "https://a.example/feed", **body: Any) -> dict[str, Any]:
    return good(caller.post(SOURCES, json={"kind": "feed", "url": url, **body}), 201)


def test_a_source_is_added_run_and_read(owner: Browser, web: HostileServer, run_jobs: RunJobs) -> None:
    made = add(owner, f"{web.base}/feed", name="Stills", tags=["Rain"], project="Alley", everyMinutes=60)
    assert (made["name"], made["tags"], made["project"], made["owner"]) == ("Stills", ["rain"], "Alley", "Olga")
    assert made["moderated"] and not made["paused"] and made["nextRunAt"] and made["lastRunId"] is None
    here = f"{SOURCES}/{made['id']}"
    asked = good(owner.post(f"{here}/run"), 202)
    assert asked["status"] == "running" and good(owner.post(f"{here}/run"), 202) == asked
    run_jobs()
    batch = good(owner.get(f"/api/v1/library/batches/{asked['id']}"))
    assert (batch["status"], batch["createdCount"], batch["failedCount"]) == ("done", 3, 1)
    assert batch["sourceId"] == made["id"] and batch["error"] is None
    assert good(owner.get(here))["lastRunId"] == asked["id"]
    first = good(owner.get(f"{here}/items", query_string={"limit": 3}))
    rest = good(owner.get(f"{here}/items", query_string={"limit": 3, "cursor": first["nextCursor"]}))
    items = [*first["data"], *rest["data"]]
    assert [item["status"] for item in items] == ["sent"] * 3 + ["failed"] and rest["nextCursor"] is None
    assert items[0]["imageId"] and items[0]["url"] == f"{web.base}/0.jpg" and "404" in items[3]["reason"]


def test_a_picture_names_its_source_to_those_who_know_it(
    owner: Browser, other: Browser, client_for: ClientFor, mo: Actor, web: HostileServer, run_jobs: RunJobs
) -> None:
    made = add(owner, f"{web.base}/feed", moderated=False)
    good(owner.post(f"{SOURCES}/{made['id']}/run"), 202)
    run_jobs()
    images, counts = "/api/v1/library/images", []
    for caller, known in ((owner, made["id"]), (client_for(mo), made["id"]), (other, None), (client_for(None), None)):
        listed = good(caller.get(images))
        assert len(listed) == 3 and {image.get("sourceId") for image in listed} == {known}
    for limit in (1, 3):
        with count_queries() as seen:
            owner.get(images, query_string={"limit": limit})
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert owner.delete(f"{SOURCES}/{made['id']}").status_code == 204
    assert not any("sourceId" in image for image in good(owner.get(images)))


def test_what_a_source_would_bring_is_polled(owner: Browser, other: Browser, web: HostileServer, run_jobs: RunJobs) -> None:
    here = f"{SOURCES}/{add(owner, f'{web.base}/feed')['id']}"
    job = good(owner.post(f"{here}/test"), 202)
    assert good(owner.get(f"/api/v1/jobs/{job['id']}")) == {"id": job["id"], "status": "queued"}
    run_jobs()
    found = good(owner.get(f"/api/v1/jobs/{job['id']}"))["found"]
    assert found["count"] == 4 and [each["title"] for each in found["first"]] == ["Still 0", "Still 1", "Still 2"]
    refused(other.get(f"/api/v1/jobs/{job['id']}"), 404, "JOB_NOT_FOUND")


def test_a_change_is_refused_where_the_source_is_another_version(owner: Browser) -> None:
    made = add(owner)
    here = f"{SOURCES}/{made['id']}"
    tag = owner.get(here).headers["ETag"]
    changed = owner.patch(here, json={"paused": True, "everyMinutes": 90, "name": None}, headers={"If-Match": tag})
    told = good(changed)
    assert (told["paused"], told["everyMinutes"], told["version"], told["name"]) == (True, 90, 2, "a.example/feed")
    for wrong in (tag, '"other"'):
        refused(owner.patch(here, json={"paused": False}, headers={"If-Match": wrong}), 412, "PRECONDITION_FAILED")
    assert good(owner.patch(here, json={"paused": False, "tags": None}, headers={"If-Match": "*"}))["tags"] == []
    assert owner.delete(here).status_code == 204
    refused(owner.delete(here), 404, "SOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "pigeon"}, {"url": "ftp://x"}, {"url": 5}, {"url": ""}, {"everyMinutes": 1}, {"everyMinutes": "60"},
     {"tags": ["x" * 61]}, {"tags": "rain"}, {"moderated": "yes"}, {"name": "x" * 121}, {"colour": "red"}, {"links": ["https://a.example/"]}],
)  # fmt: skip
def test_bad_input_names_its_field(owner: Browser, wrong: dict[str, Any]) -> None:
    body = {"kind": "feed", "url": "https://a.example/feed", **wrong}
    assert set(wrong) == {name.split(".")[0] for name in refused(owner.post(SOURCES, json=body), 400, "VALIDATION_ERROR")}
    assert Source.select().count() == 0
    if "kind" not in wrong:
        made = add(owner)
        details = refused(owner.patch(f"{SOURCES}/{made['id']}", json=wrong), 400, "VALIDATION_ERROR")
        assert set(wrong) == {name.split(".")[0] for name in details}


def test_who_may(
    owner: Browser, other: Browser, visitor: Program, client_for: ClientFor, program_for: ProgramFor, olga: Actor,
    gus: Actor, mo: Actor,
) -> None:  # fmt: skip
    here = f"{SOURCES}/{add(owner)['id']}"
    calls = (("GET", here), ("PATCH", here), ("DELETE", here), ("POST", f"{here}/run"), ("POST", f"{here}/test"), ("GET", f"{here}/items"))
    for method, path in calls:
        body = {"json": {"name": "x"}} if method == "PATCH" else {}
        refused(other.open(path, method=method, **body), 404, "SOURCE_NOT_FOUND")
        refused(client_for(gus).open(path, method=method, **body), 403, "FORBIDDEN")
        refused(visitor.call(method, path, **body), 401, "UNAUTHORIZED")
        extension = new_key("extension", identifier=f"e{len(path)}{method}", install_scope="user", actor=olga)
        refused(program_for(extension).call(method, path, **body), 403, "FORBIDDEN")
        refused(program_for(new_key("project", project="Alley", actor=olga)).call(method, path, **body), 403, "FORBIDDEN")
    assert good(other.get(SOURCES))["data"] == [] and len(good(client_for(mo).get(SOURCES))["data"]) == 1
    reader = program_for(new_key("master", actor=olga, scopes=("sources:read",)))
    assert good(reader.get(here))["owner"] == "Olga"
    refused(reader.post(f"{here}/run"), 403, "FORBIDDEN")
    assert ImportBatch.select().count() == 0


def test_the_key_of_a_project_keeps_sources_that_fill_it(owner: Browser, program_for: ProgramFor, olga: Actor) -> None:
    scopes = ("sources:read", "sources:write")
    blade, alien = (program_for(new_key(project=name, actor=olga, scopes=scopes)) for name in ("Blade", "Alien"))
    outside, made = add(owner), add(blade, project="Alien")
    assert made["project"] == "Blade"
    for key, unseen in ((alien, made), (blade, outside)):
        refused(key.get(f"{SOURCES}/{unseen['id']}"), 404, "SOURCE_NOT_FOUND")
    assert good(blade.patch(f"{SOURCES}/{made['id']}", json={"project": "Alien"}))["project"] == "Blade"
    assert [each["id"] for each in good(blade.get(SOURCES))["data"]] == [made["id"]]
    again = {"headers": {"Idempotency-Key": "once"}, "json": {"kind": "feed", "url": "https://b.example/"}}
    assert blade.post(SOURCES, **again).json == blade.post(SOURCES, **again).json


def test_a_list_of_links_and_a_channel_are_sources_too(owner: Browser) -> None:
    links = good(owner.post(SOURCES, json={"kind": "links", "links": ["https://a.example/1.jpg", "https://a.example/1.jpg"]}), 201)
    assert (links["kind"], links["links"], links["url"]) == ("links", ["https://a.example/1.jpg"], None)
    changed = good(owner.patch(f"{SOURCES}/{links['id']}", json={"links": ["https://a.example/2.jpg"]}))
    assert changed["links"] == ["https://a.example/2.jpg"]
    arena = good(owner.post(SOURCES, json={"kind": "arena", "url": "https://www.are.na/olga/alleys"}), 201)
    assert (arena["kind"], arena["links"]) == ("arena", None)
    for wrong, field in (({"kind": "links"}, "links"), ({"kind": "arena", "url": "https://a.example/"}, "url"),
                         ({"kind": "pinterest", "url": "https://www.pinterest.com/olga/"}, "kind"), ({"kind": "feed"}, "url")):  # fmt: skip
        assert field in refused(owner.post(SOURCES, json=wrong), 400, "VALIDATION_ERROR")


def test_folders_of_the_server_are_for_administrators(owner: Browser, client_for: ClientFor, mo: Actor) -> None:
    body = {"kind": "folder", "path": "/etc"}
    refused(owner.post(SOURCES, json=body), 403, "FORBIDDEN")
    assert "SOURCE_FOLDERS" in refused(client_for(mo).post(SOURCES, json=body), 400, "VALIDATION_ERROR")["path"]
