"""Sources on pages: added, tested, run, decided about and deleted, with scripts and without."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, ImportBatch, Job, Source, SourceItem
from pindeck.services.ingest.sources import sources
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_row, photo
from tests.fetching.hostile import HostileServer, answer, serving
from tests.services.ingest.sources.conftest import entry, rss


@pytest.fixture(scope="module")
def web() -> Iterator[HostileServer]:
    with serving() as running:
        running.pages = {f"/{n}.jpg": answer(photo(mark=f"page {n}", size=(80, 60))) for n in range(4)}
        running.pages["/feed"] = answer(rss(*(entry(n) for n in range(4))))
        yield running


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}"}


@pytest.fixture
def owner(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


def add(browser: Browser, web: HostileServer, **form: str) -> str:
    """The address of a new source."""
    answered = browser.post("/sources/create", data={"kind": "feed", "url": f"{web.base}/feed", "name": "Stills", "moderated": "1", **form})
    assert answered.status_code == 303, answered.text
    found: str = answered.headers["Location"]
    return found


def test_the_page_says_what_to_do_while_there_is_no_source(owner: Browser) -> None:
    page = owner.get("/sources")
    assert page.status_code == 200 and "No source yet" in page.text and 'href="/sources" aria-current="page"' in page.text


def test_a_source_is_added_run_and_its_pictures_are_decided_about(
    owner: Browser, web: HostileServer, run_jobs: RunJobs
) -> None:
    here = add(owner, web, name="Stills, weekly", tags="Night, rain", every_minutes="1440", project="Alley")
    add(owner, web, name="Stills")
    page = owner.get(here).text
    assert "Nothing was found yet" in page and "Every day" in page and "Alley" in page
    assert owner.post(f"{here}/run").status_code == 303
    assert "under way" in owner.get(here).text
    run_jobs()
    page = owner.get(here).text
    assert "4 new, 0 skipped, 0 failed" in page and "4 here wait for you" in page
    ids = [item.image_id for item in SourceItem.select().order_by(SourceItem.id)]
    owner.post(f"{here}/keep", data={"ids": ids[:2]})
    told = owner.post(f"{here}/discard", data={"ids": ids[1:3]}, headers=HTMX).text
    assert "1 picture is in the trash." in told and "/undo" in told and "<html" not in told
    states = {image.id: (image.status, image.is_trashed) for image in Image.select()}
    assert [states[each] for each in ids] == [("active", False), ("active", False), ("pending", True), ("pending", False)]
    assert "1 here waits for you" in owner.get(here).text
    ways = [re.findall(r'href="(/\?q=from[^"]+)">Its pictures', owner.get(each).text) for each in ("/sources", here)]
    assert len(ways[0]) == 2 and ways[1] == [ways[0][1]]
    found = owner.get(ways[0][1]).text
    assert [each in found for each in ids] == [True, True, False, False] and ids[0] not in owner.get(ways[0][0]).text
    left = owner.get(re.findall(r'href="(/review/\?from=[^"]+)"', owner.get(here).text)[0]).text
    assert [f"t-{each}" in left for each in ids] == [False, False, False, True]
    Image.update(persist_status="failed").where(Image.id == ids[3]).execute()
    assert "It did not arrive" in owner.get(here).text and "Waits for you" not in owner.get(here).text
    assert owner.post(f"{here}/keep", data={}).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_a_source_would_bring_is_shown_and_not_kept(
    owner: Browser, web: HostileServer, run_jobs: RunJobs, headers: dict[str, str]
) -> None:
    here = add(owner, web)
    begun = owner.post(f"{here}/test", headers=headers)
    tested = f"{here}/tests/{Job.get(Job.kind == 'test_source').id}"
    if headers:
        assert tested in begun.text and "hx-trigger" in begun.text
    else:
        assert begun.headers["Location"] == tested
    assert "A worker looks at it" in owner.get(tested, headers=headers).text
    run_jobs()
    page = owner.get(tested, headers=headers).text
    assert "4 pictures found, the first 3 shown" in page and page.count("data:image/webp") == 3
    assert ("<html" in page) == (not headers) and "load delay:1s" not in page
    assert Image.select().count() == 0


def test_a_source_is_changed_paused_and_deleted_and_its_pictures_stay(
    owner: Browser, web: HostileServer, run_jobs: RunJobs
) -> None:
    here = add(owner, web)
    owner.post(f"{here}/run")
    run_jobs()
    owner.post(f"{here}/change", data={"url": f"{web.base}/feed", "name": "New name", "every_minutes": "60"})
    source = Source.get()
    assert (source.name, source.every_minutes, source.moderated) == ("New name", 60, False)
    owner.post(f"{here}/pause")
    assert "Paused" in owner.get(here).text and "Paused" in owner.get("/sources").text
    owner.post(f"{here}/resume")
    assert not Source.get().is_paused
    assert "Its pictures stay" in owner.get(here).text
    assert owner.post(f"{here}/delete").headers["Location"] == "/sources"
    assert Source.select().count() == 0 and Image.select().count() == 4
    assert owner.get(here).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [("url", "", "Give an address"), ("url", "ftp://x", "https://"), ("name", "x" * 121, "at most 120"),
     ("tags", "x" * 61, "too long"), ("every_minutes", "1", "from 15"), ("every_minutes", "x", "how often"),
     ("project", "x" * 121, "at most 120")],
)  # fmt: skip
def test_what_is_wrong_stands_at_the_field_and_the_rest_is_kept(
    owner: Browser, web: HostileServer, headers: dict[str, str], field: str, value: str, says: str
) -> None:
    form = {"kind": "feed", "url": f"{web.base}/feed", "name": "Kept name", "moderated": "1", field: value}
    answered = owner.post("/sources/create", data=form, headers=headers)
    assert answered.status_code == 422 and says in answered.text and Source.select().count() == 0
    if field != "name":
        assert "Kept name" in answered.text
    here = add(owner, web)
    changed = owner.post(f"{here}/change", data=form, headers=headers)
    assert changed.status_code == 422 and says in changed.text and Source.get().version == 1


def test_a_stranger_finds_nothing_a_guest_is_refused_and_a_visitor_signs_in(
    owner: Browser, web: HostileServer, client_for: ClientFor, sam: Actor, gus: Actor, mo: Actor
) -> None:
    here = add(owner, web)
    posts = ("change", "run", "pause", "resume", "delete", "keep", "discard", "test")
    for who, status in ((sam, 404), (gus, 403)):
        browser = client_for(who)
        assert browser.get(here).status_code == status
        assert {browser.post(f"{here}/{deed}", data={"ids": "x", "url": "https://a.example/"}).status_code for deed in posts} == {status}
    assert client_for(None).get("/sources").status_code in (302, 303, 401)
    assert client_for(gus).get("/sources").status_code == 403
    assert "/sources" not in re.search(r'<nav class="nav".*?</nav>', client_for(gus).get("/").text, re.S)[0]  # type: ignore[index]
    assert client_for(mo).get(here).status_code == 200
    assert ImportBatch.select().count() == 0


def test_pages_go_on_and_ask_the_same_number_of_queries(owner: Browser, olga: Actor) -> None:
    long = "Donaudampfschifffahrtsgesellschaft" * 3
    counts = []
    for n in range(30):
        made = sources.create(olga, "feed", url=f"https://a.example/{n}", name=f"{n} {long}").source
        if n in (1, 24):
            with count_queries() as seen:
                owner.get("/sources")
            counts.append(len(seen))
    assert counts[0] == counts[1]
    page = owner.get("/sources").text
    following = re.search(r'href="(/sources\?after=[^"]+)"', page)
    assert following and page.count("sourcecard") == 25 and owner.get(following[1]).text.count("sourcecard") == 5
    now = db.now_ms()
    rows = [
        dict(id=db.new_id(), source=made.id, external_id=str(n), title=long, state="failed", reason=long, created_at=now, updated_at=now)
        for n in range(60)
    ]
    SourceItem.insert_many(rows).execute()
    page = owner.get(f"/sources/{made.id}").text
    following = re.search(rf'href="(/sources/{made.id}\?after=[^"]+)"', page)
    assert following and page.count('class="gone"') == 50
    assert owner.get(following[1]).text.count('class="gone"') == 10
    assert owner.get(f"/sources/{made.id}?after=nothing").status_code == 200
    assert owner.get("/sources?after=nothing").status_code == 200
    assert owner.get("/sources/nothing").status_code == 404


def test_a_list_of_links_is_pasted_and_a_kind_that_is_not_offered_is_refused(
    owner: Browser, web: HostileServer, run_jobs: RunJobs
) -> None:
    page = owner.get("/sources").text
    assert 'value="links"' in page and 'value="pinterest"' not in page
    wrong = owner.post("/sources/create", data={"kind": "links", "links": f"{web.base}/1.jpg\nftp://x", "url": ""})
    assert wrong.status_code == 422 and "Line 2" in wrong.text and f"{web.base}/1.jpg" in wrong.text
    for kind, says in (("pinterest", "GALLERY_DL"), ("pigeon", "Choose one of"), ("", "Choose one of")):
        refused = owner.post("/sources/create", data={"kind": kind, "url": "https://www.pinterest.com/olga/"})
        assert refused.status_code == 422 and says in refused.text
    here = add(owner, web, kind="links", links=f"{web.base}/1.jpg\n{web.base}/2.jpg", name="")
    page = owner.get(here).text
    assert "2 addresses" in page and "List of links" in page and 'name="links"' in page and 'name="url"' not in page
    owner.post(f"{here}/change", data={"links": f"{web.base}/1.jpg"})
    owner.post(f"{here}/run")
    run_jobs()
    assert "1 new" in owner.get(here).text and "1 addresses" not in owner.get("/sources").text


def test_what_is_kept_from_pinterest_waits_in_review(owner: Browser, olga: Actor, run_jobs: RunJobs) -> None:
    now = db.now_ms()
    pins = Source.create(
        id=db.new_id(), kind="pinterest", name="Pins", url="https://www.pinterest.com/olga/", user=olga.user_id, created_at=now, updated_at=now
    )
    image = make_row(olga, status="pending", origin="pinterest", ai_status="queued")
    SourceItem.create(
        id=db.new_id(), source=pins, external_id="1", image_id=image.id, state="sent", created_at=now, updated_at=now
    )
    told = owner.post(f"/sources/{pins.id}/keep", data={"ids": image.id}, headers=HTMX).text
    assert "1 picture is in Review" in told and "in the library." not in told


def test_a_folder_of_the_server_is_chosen_by_administrators_alone(
    client_for: ClientFor, owner: Browser, mo: Actor, tmp_path: Path, change_settings: ChangeSettings, run_jobs: RunJobs
) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    (folder / "alley.jpg").write_bytes(photo(mark="of a folder"))
    admin = client_for(mo)
    assert 'value="folder"' not in admin.get("/sources").text
    change_settings(source_folders=str(tmp_path))
    assert 'value="folder"' in admin.get("/sources").text and 'value="folder"' not in owner.get("/sources").text
    assert owner.post("/sources/create", data={"kind": "folder", "path": str(folder)}).status_code == 403
    wrong = admin.post("/sources/create", data={"kind": "folder", "path": "/etc"})
    assert wrong.status_code == 422 and "SOURCE_FOLDERS" in wrong.text
    here = admin.post("/sources/create", data={"kind": "folder", "path": str(folder), "moderated": "1"}).headers["Location"]
    admin.post(f"{here}/run")
    run_jobs()
    page = admin.get(here).text
    assert str(folder) in page and "1 new" in page and "In Review" in page and 'name="path"' in page
