"""Pictures from a link: asked for, chosen, brought in and decided about; and what a stranger can make of it."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.models import Image, ImportBatch, Job, User
from pindeck.services.images import projects
from pindeck.services.ingest.links import looking, seeing
from pindeck.services.maintenance import cleanup
from tests.conftest import HTMX, Browser, ClientFor, RunJobs, count_queries
from tests.factories import objects
from tests.fetching.hostile import HostileServer, answer, redirect, serving
from tests.stills import jpeg

PAGE = """<title>Rain</title><meta property="og:title" content="Rain &lt;b&gt;&quot;on&quot; glass"><meta property="og:image" content="/0.jpg">
<picture><source srcset="/1.jpg 900w"><img src="/small.jpg" alt="<script>alert(1)</script>"></picture>
<a href="/2.jpg"><img src="/3.jpg" alt="Alley"></a><a href="/wiki/4.jpg"><img src="/3.jpg?x"></a><img src="/0.jpg">
<img src="/icon.jpg"><img src="/gone.jpg"><img src="http://169.254.169.254/a.jpg"><img src="javascript:alert(1)"><img src="/same.jpg">"""
HTML = "Content-Type: text/html"


@pytest.fixture(scope="module")
def web() -> Iterator[HostileServer]:
    with serving() as running:
        running.pages = {f"/{n}.jpg": answer(jpeg(n, (240, 160)), "Content-Type: image/jpeg") for n in range(4)}
        running.pages |= {
            "/page": answer(PAGE.encode(), HTML),
            "/same.jpg": running.pages["/0.jpg"],
            "/3.jpg?x": answer(jpeg(8, (160, 240)), "Content-Type: image/jpeg"),
            "/wiki/4.jpg": answer(b"<p>About a file", HTML),
            "/icon.jpg": answer(jpeg(9, (64, 64))),
            "/text": answer(b"Hello", "Content-Type: text/plain"),
            "/empty": answer(b"<title>Nothing</title>", HTML),
            "/inside": redirect("http://169.254.169.254/latest"),
            "/secret": answer(b"", status="403 Forbidden"),
        }
        yield running


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}"}


@pytest.fixture
def owner(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


def look(browser: Browser, url: str, **form: str) -> str:
    """The address of a look that was asked for."""
    asked = browser.post("/import", data={"url": url, **form})
    assert asked.status_code == 303, asked.text
    found: str = asked.headers["Location"]
    return found


def offered(page: str) -> dict[str, str]:
    """What stands below each picture that can be chosen, by its number."""
    items = re.findall(r'<li class="gone">.*?</li>', page, re.S)
    told = {re.search(r'name="ids" value="(\d+)"', item)[1]: re.search(r'class="hint reason">(.*?)</p>', item, re.S)[1] for item in items}  # type: ignore[index]
    return {number: " ".join(text.split()) for number, text in told.items()}


def test_a_page_is_looked_at_by_a_worker_and_its_pictures_are_chosen_and_kept(
    owner: Browser, web: HostileServer, run_jobs: RunJobs
) -> None:
    web.requests.clear()
    here = look(owner, f"{web.base}/page")
    assert web.requests == [] and "A worker looks at the page" in owner.get(here).text
    assert 'id="look"' in owner.get(here, headers={**HTMX, "HX-Target": "look"}).text
    run_jobs()
    page = owner.get(here).text
    assert offered(page) == {
        "0": "240 × 160", "1": "240 × 160", "2": "240 × 160", "3": "160 × 240",
        "5": "The server says that there is nothing at this address (404).",
        "6": "This address does not lead to the public internet, so Pindeck does not fetch from it.",
    }  # fmt: skip
    assert "1 more is small" in page and "load delay" not in page
    assert 'value="Rain &lt;b&gt;&#34;on&#34; glass"' in page and "<script>alert" not in page and "javascript:alert" not in page
    small = owner.get(f"{here}/1")
    assert small.status_code == 200 and small.mimetype == "image/webp" and "private" in small.headers["Cache-Control"]
    assert owner.get(f"{here}/5").status_code == owner.get(f"{here}/99").status_code == 404
    form = {"ids": ["0", "2"], "title": "Rain", "tags": "Night, wet", "project": "Glass", "moderated": "1"}
    told = owner.post(here, data=form)
    there = told.headers["Location"]
    assert told.status_code == 303 and "2 pictures are on the way" in owner.get(there).text
    run_jobs(include_later=True)
    images = list(Image.select().order_by(Image.seq))
    assert [image.external_url for image in images] == [f"{web.base}/0.jpg", f"{web.base}/2.jpg"]
    assert {(image.title, image.status, image.attribution, image.source_url, image.persist_status) for image in images} == {
        ("Rain", "pending", "127.0.0.1", f"{web.base}/page", "succeeded")
    }
    assert projects.name_of(images[0].project_id) == "Glass"
    page = owner.get(there).text
    assert "2 wait for a decision" in page and "load delay" not in page
    assert "1 picture is in the library." in owner.post(f"{there}/keep", data={"ids": images[0].id}, headers=HTMX).text
    gone = owner.post(f"{there}/discard", data={"ids": [image.id for image in images]}, headers=HTMX).text
    assert "1 picture is in the trash." in gone and "/undo" in gone
    assert [(image.status, image.is_trashed) for image in Image.select().order_by(Image.seq)] == [("active", False), ("pending", True)]
    again = owner.post(here, data={**form, "ids": ["0"]})
    assert "1 picture is in your library already." in owner.get(again.headers["Location"]).text and Image.select().count() == 2


def test_a_link_to_a_picture_is_the_one_choice_and_goes_to_the_library_at_once_where_that_is_wanted(
    owner: Browser, web: HostileServer, run_jobs: RunJobs
) -> None:
    web.requests.clear()
    here = look(owner, f" <{web.base}/1.jpg> ")
    run_jobs()
    page = owner.get(here).text
    assert offered(page) == {"0": "240 × 160"} and "checked" in page.split('name="ids"')[1].split(">")[0] and len(web.requests) == 1
    owner.post(here, data={"ids": "0", "title": ""})
    run_jobs(include_later=True)
    image = Image.get()
    assert (image.status, image.persist_status, image.title) == ("active", "succeeded", "1")


@pytest.mark.parametrize(
    ("path", "says"),
    [("/text", "neither a page nor a picture"), ("/missing", "404"), ("/secret", "403"), ("/inside", "public internet"), ("/empty", "No picture was found")],
)
def test_what_cannot_be_looked_at_says_why_and_what_to_do(
    owner: Browser, web: HostileServer, run_jobs: RunJobs, path: str, says: str
) -> None:
    here = look(owner, web.base + path)
    run_jobs()
    page = owner.get(here).text
    assert says in page and 'name="url"' in page and "add the file" in page and f'value="{web.base}{path}"' in page
    assert owner.post(here, data={"ids": "0"}).status_code == 422
    assert objects() == [] and Image.select().count() == 0


def test_what_the_browser_saw_is_offered_too_even_where_the_page_cannot_be_read(
    owner: Browser, web: HostileServer, run_jobs: RunJobs
) -> None:
    found = "\r\n".join([f"{web.base}/1.jpg", f"{web.base}/1.jpg", "javascript:alert(1)", "http://169.254.169.254/x", "", "data:x", f"{web.base}/2.jpg"])
    here = look(owner, f"{web.base}/secret", found=found, title="Told <b>title")
    run_jobs()
    page = owner.get(here).text
    assert list(offered(page)) == ["0", "1", "2"] and "public internet" in offered(page)["1"]
    assert "could not be read" in page and "403" in page and 'value="Told &lt;b&gt;title"' in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("url", "says"), [("", "Give the address"), ("javascript:alert(1)", "not a web address"), ("ftp://x.example/", "https://"), ("http://a:b@x.example/", "password"), ("http://x.example/" + "y" * 2000, "longer")]
)  # fmt: skip
def test_an_address_that_is_none_is_told_at_the_field(owner: Browser, headers: dict[str, str], url: str, says: str) -> None:
    answered = owner.post("/import", data={"url": url}, headers=headers)
    assert answered.status_code == 422 and says in answered.text and 'id="e-link"' in answered.text
    assert Job.select().count() == 0 and 'href="javascript:alert' not in answered.text


def test_words_that_are_too_long_stand_at_their_fields_and_the_choice_stays(owner: Browser, web: HostileServer, run_jobs: RunJobs) -> None:
    here = look(owner, f"{web.base}/page")
    run_jobs()
    for field, value in (("title", "x" * 300), ("tags", "x" * 61), ("project", "x" * 121)):
        wrong = owner.post(here, data={"ids": "1", field: value})
        assert wrong.status_code == 422 and 'class="error"' in wrong.text
        assert [number for number, box in re.findall(r'name="ids" value="(\d)"([^>]*)', wrong.text) if "checked" in box] == ["1"]
        assert 'name="moderated" value="1">' in wrong.text  # it was not ticked
    for ids in ([], ["7"], ["x"], ["-1"], ["1e3"]):
        assert "Choose at least one" in owner.post(here, data={"ids": ids}).text
    assert Image.select().count() == ImportBatch.select().count() == 0


def test_the_form_is_filled_by_the_bookmarklet_and_by_other_apps_and_sends_itself_for_its_person_alone(
    owner: Browser, client_for: ClientFor, sam: Actor
) -> None:
    def starts(browser: Browser, query: str, **headers: str) -> bool:
        page = browser.get(f"/import?{query}", headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert page.status_code == 200
        return "data-start" in page.text

    def mark_of(browser: Browser) -> str:
        script = unquote(unescape(re.search(r'href="(javascript:[^"]+)"', browser.get("/import").text)[1]))  # type: ignore[index]
        assert "//" not in script.replace("http://", "") and "localhost/import?" in script
        return re.search(r'mark: "(\w+)"', script)[1]  # type: ignore[index]

    page = owner.get('/import?title=A+"><script>&text=Look+at+this:+(https://a.example/x?y=1%262),+please.').text
    assert 'value="https://a.example/x?y=1&amp;2"' in page and "<script>&" not in page
    assert 'name="title" value="A &#34;&gt;&lt;script&gt;"' in page
    link = "url=https://a.example/"
    assert not starts(owner, link) and not starts(owner, link, Sec_Fetch_Site="cross-site")
    assert starts(owner, link, Sec_Fetch_Site="none") and not starts(owner, "", Sec_Fetch_Site="none")
    mine = mark_of(owner)
    assert mine != mark_of(client_for(sam))
    assert starts(owner, f"{link}&mark={mine}", Sec_Fetch_Site="cross-site")
    assert not starts(client_for(sam), f"{link}&mark={mine}") and not starts(owner, f"{link}&mark=é")
    assert Job.select().count() == 0  # whoever leads somebody there has changed nothing
    assert 'value="javascript:alert(1)"' in owner.get("/import?url=javascript:alert(1)").text


def test_who_may_look_and_who_sees_what_was_found(
    owner: Browser, client_for: ClientFor, web: HostileServer, sam: Actor, gus: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    here = look(owner, f"{web.base}/page")
    run_jobs()
    there = owner.post(here, data={"ids": "0", "moderated": "1"}).headers["Location"]
    image_id = Image.get().id
    for who, status in ((sam, 404), (mo, 404), (gus, 403)):
        browser = client_for(who)
        assert {browser.get(each).status_code for each in (here, f"{here}/0", there)} == {status}
        posts = {browser.post(each, data={"ids": [image_id, "0"]}).status_code for each in (here, f"{there}/keep", f"{there}/discard")}
        assert posts == {status}
    assert client_for(gus).post("/import", data={"url": web.base}).status_code == 403
    assert "data-linkform" not in client_for(gus).get("/upload").text and "data-linkform" in owner.get("/upload").text
    visitor = client_for(None)
    assert "/sign-in?next=" in visitor.get("/import?url=https://a.example/").headers["Location"]
    assert visitor.post("/import", data={"url": web.base}).status_code == 303
    assert client_for(owner_of(here), csrf=False).post("/import", data={"url": web.base}).status_code == 400
    assert owner.get("/import/nothing").status_code == owner.get("/import/batches/nothing").status_code == 404
    other = Job.create(id=db.new_id(), kind="persist", queue="media", user_id=owner_of(here).user_id, due_at=0, created_at=0)
    assert owner.get(f"/import/{other.id}").status_code == 404
    assert Job.select().where(Job.kind == "look_at_page").count() == 1


def owner_of(here: str) -> Actor:
    user = User.get_by_id(Job.get_by_id(here.rsplit("/", 1)[1]).user_id)
    return Actor(user.id, user.role, user.name, user.email)


def test_one_person_has_so_many_looks_at_once_and_the_same_one_waits_once(owner: Browser, web: HostileServer, olga: Actor) -> None:
    first = look(owner, f"{web.base}/page")
    assert look(owner, f"{web.base}/page") == first
    for n in range(looking.AT_ONCE - 1):
        look(owner, f"{web.base}/{n}")
    refused = owner.post("/import", data={"url": f"{web.base}/more"})
    assert refused.status_code == 429 and "5 pages are being looked at" in refused.text and f"{web.base}/more" in refused.text
    assert Job.select().count() == looking.AT_ONCE


def test_a_look_ends_with_the_right_of_its_person_and_when_it_is_cancelled(
    owner: Browser, web: HostileServer, olga: Actor, run_jobs: RunJobs
) -> None:
    web.requests.clear()
    here = look(owner, f"{web.base}/page")
    User.update(role="guest").where(User.id == olga.user_id).execute()
    run_jobs()
    assert web.requests == [] and Job.get_by_id(here.rsplit("/", 1)[1]).status == "failed"


def test_a_page_of_many_or_large_pictures_is_looked_at_within_bounds(
    owner: Browser, web: HostileServer, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.pages["/many"] = answer("".join(f"<img src='/0.jpg?{n}'>" for n in range(200)).encode(), HTML)
    web.pages |= {f"/0.jpg?{n}": web.pages["/0.jpg"] for n in range(200)}
    monkeypatch.setattr(seeing, "ALL_BYTES", 4 * len(web.pages["/0.jpg"]))
    web.requests.clear()
    here = look(owner, f"{web.base}/many")
    with count_queries() as seen:
        run_jobs()
    assert len(web.requests) <= 1 + looking.MOST and len(seen) < 5 * looking.MOST
    page = owner.get(here).text
    assert "140 more are small, or too many" in page and "too large to look at all of them" in page
    monkeypatch.setattr(seeing, "LASTS_S", -1)
    web.requests.clear()
    here = look(owner, f"{web.base}/many?", found=f"{web.base}/1.jpg")
    web.pages["/many?"] = web.pages["/many"]
    run_jobs()
    page = owner.get(here).text
    assert len(web.requests) == 1 and len(offered(page)) == looking.MOST and "Not looked at" in page
    assert owner.post(here, data={"ids": "3"}).status_code == 303  # it can be chosen all the same


def test_small_pictures_of_a_look_are_swept_and_its_page_still_stands(owner: Browser, web: HostileServer, run_jobs: RunJobs) -> None:
    here = look(owner, f"{web.base}/page")
    run_jobs()
    assert len(objects("staging/")) == 4
    cleanup.sweep_staging(older_than_ms=-1000)
    assert objects("staging/") == [] and owner.get(here).status_code == 200 and owner.get(f"{here}/0").status_code == 404
    with count_queries() as seen:
        owner.get(here)
    assert len(seen) < 12 and queue.SPECS["look_at_page"].stops
