"""The page of work: who may open it, what it offers, and asking again that costs nothing."""

import re

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.models import Job, MachineCall
from pindeck.services.ingest.links import looking
from pindeck.services.ingest.sources import runs, sources, trying
from pindeck.services.maintenance import workers
from tests.conftest import HTMX, ClientFor, count_queries, run_due_jobs
from tests.factories import fresh, make_draft, make_row


def job_of(image) -> Job:
    return Job.get(Job.image_id == image.id)


def test_who_may_open_it(client_for: ClientFor, olga: Actor, gus: Actor, change_settings) -> None:
    assert client_for(None).get("/work").status_code in (302, 303)
    change_settings(guest_uploads=False)
    assert client_for(gus).get("/work").status_code == 403
    page = client_for(olga).get("/work")
    assert page.status_code == 200 and "Nothing to do" in page.text and "<html" in page.text


def test_a_job_is_told_in_words_with_its_picture_and_number(client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor) -> None:
    image = make_draft(olga, name="<b>Rain</b>.jpg")
    for actor, is_told in ((olga, True), (mo, True), (sam, False)):
        page = client_for(actor).get("/work").text
        assert ("Store a picture:" in page) == is_told
        assert (f"/images/{image.id}" in page) == is_told
        assert f'<span class="count" id="nav-work">{"1" if is_told else ""}</span>' in page
        assert "<b>Rain" not in page
    assert "for Olga" in client_for(mo).get("/work").text


def test_asking_again_costs_nothing_until_something_changed(client_for: ClientFor, olga: Actor) -> None:
    make_draft(olga)
    client = client_for(olga)
    first = client.get("/work", headers=HTMX)
    tag = first.headers["ETag"]
    assert "no-cache" in first.headers["Cache-Control"] and 'every 2s' in first.text
    again = client.get("/work", headers={**HTMX, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    run_due_jobs()
    changed = client.get("/work", headers={**HTMX, "If-None-Match": tag})
    assert changed.status_code == 200 and "Done" in changed.text and "every 15s" in changed.text
    assert 'id="nav-work" hx-swap-oob="true"></span>' in changed.text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_person_cancels_and_tries_again(client_for: ClientFor, olga: Actor, sam: Actor, headers) -> None:
    image = make_draft(olga)
    client, job = client_for(olga), job_of(image)
    page = client.get("/work?state=waiting").text
    url = re.search(r'formaction="(/jobs/[0-9a-f-]+/cancel[^"]*)"', page)[1].replace("&amp;", "&")
    assert url == f"/jobs/{job.id}/cancel?state=waiting"
    assert client_for(sam).post(url, headers=headers).status_code == 404
    answer = client.post(url, headers=headers)
    if headers:
        assert answer.status_code == 200 and "It is cancelled." in answer.text and 'id="work"' in answer.text
    else:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/work?state=waiting")
    assert fresh(image).persist_status == "failed"
    assert client.post(url, headers=headers).status_code == 409
    assert "Cancelled" in client.get("/work").text.split('id="work-rows"')[1]
    assert client.post(f"/jobs/{job.id}/retry", headers=headers).status_code == (200 if headers else 303)
    run_due_jobs()
    assert fresh(image).persist_status == "succeeded"
    for strange in ("nothing", "%00", "x" * 3000):
        assert client.post(f"/jobs/{strange}/cancel", headers=headers).status_code == 404


def test_a_failure_tells_its_reason_and_the_next_try(client_for: ClientFor, olga: Actor) -> None:
    with db.writing():
        job_id = queue.enqueue(queue.SWEEP, user_id=olga.user_id, payload={"names": []})
    Job.update(attempts=2, error="The store is <away>.", due_at=db.now_ms() + 200_000, lane="later").execute()
    page = client_for(olga).get("/work").text.split('id="work-rows"')[1]
    page = " ".join(re.sub("</?time[^>]*>", "", page).split())
    for words in ("attempt 2 failed", "The store is &lt;away&gt;.", "next try in 3 min", "goes after what people wait for"):
        assert words in page, page
    Job.update(status="running", stage="sizing", done=40, total=100, started_at=db.now_ms()).where(Job.id == job_id).execute()
    for path in ("/work", "/jobs/panel"):
        assert "Sizing, 40 %" in " ".join(client_for(olga).get(path, headers=HTMX).text.split()), path
    Job.update(status="failed", ended_at=db.now_ms(), started_at=db.now_ms() - 1500).where(Job.id == job_id).execute()
    page = client_for(olga).get("/work?state=failed&kind=sweep").text
    assert "took 1.5 s" in page and "Try again" in page and '<option value="failed" selected>' in page


def test_filters_stand_in_the_address_and_strange_ones_are_no_error(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga)
    make_draft(olga)
    client = client_for(olga)
    assert "Nothing here" in client.get("/work?state=failed").text
    assert "Nothing here" in client.get("/work?kind=sweep").text
    assert "Store a picture:" in client.get("/work?kind=persist&state=waiting").text
    for strange in ("state=x", "kind=%00", "after=nonsense", "after=" + "9" * 400, "state=waiting&after=%F0"):
        assert client.get(f"/work?{strange}").status_code == 200


def test_administrators_see_who_works_and_what_waits(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    workers.tell("a", host="<host>", pid=7, queues=["media", "io"], started_at=db.now_ms(), memory_bytes=50 * 2**20)
    workers.tell("b", host="there", pid=8, queues=[workers.BOT], started_at=db.now_ms(), memory_bytes=None)
    make_draft(olga)
    page = client_for(mo).get("/admin/workers")
    assert page.status_code == 200
    for words in ("&lt;host&gt;, process 7", "50.0 MB", "No job is late", "it waits for work", "media, io", "The bot", "Connected to Discord"):
        assert words in page.text, words
    assert "<html" not in client_for(mo).get("/admin/workers", headers=HTMX).text
    assert client_for(olga).get("/admin/workers").status_code == 403


def test_the_panel_of_the_bar_asks_while_it_is_open_and_the_number_while_work_is_under_way(
    client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, change_settings
) -> None:
    image = make_draft(olga)
    client = client_for(olga)
    page = client.get("/").text
    assert 'id="bar-work" data-every="5"' in page and 'hx-trigger="every 5s">1</span>' in page
    assert 'hx-get="/jobs/panel" hx-trigger="open"' in page and "every 2s" not in page  # shut, it does not ask
    for path in ("/jobs/panel", "/jobs/badge"):
        assert client.get(path).headers["Location"] == "/work"
        first = client.get(path, headers=HTMX)
        again = client.get(path, headers={**HTMX, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert client_for(None).get(path, headers=HTMX).status_code == 401
    panel = client.get("/jobs/panel", headers=HTMX).text
    assert "1 waiting" in panel and f"/images/{image.id}" in panel and 'hx-trigger="every 2s"' in panel
    assert f"/images/{image.id}" not in client_for(sam).get("/jobs/panel", headers=HTMX).text
    with count_queries() as few:
        client.get("/jobs/panel", headers=HTMX)
    for _ in range(9):
        make_draft(olga)
    with count_queries() as many:
        assert "7 more wait" in client.get("/jobs/panel", headers=HTMX).text
    assert len(many) == len(few)
    run_due_jobs()
    panel, badge = (client.get(path, headers=HTMX).text for path in ("/jobs/panel", "/jobs/badge"))
    assert "0 running, 0 waiting" in panel and 'hx-trigger="every 15s"' in panel
    assert 'hx-trigger="pindeck:changed from:body"></span>' in badge and 'id="nav-work" hx-swap-oob="true"></span>' in badge
    assert "Nothing is under way" in client_for(sam).get("/jobs/panel", headers=HTMX).text
    change_settings(guest_uploads=False)
    assert client_for(gus).get("/jobs/panel", headers=HTMX).status_code == 403
    assert "workpop" not in client_for(gus).get("/").text


def test_what_a_job_cost_is_told_beside_it(client_for: ClientFor, olga: Actor) -> None:
    image = make_draft(olga)
    run_due_jobs()
    with db.writing():
        job_id = queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=olga.user_id)
    for micro in (1500, 600, None):
        MachineCall.insert(
            id=db.new_id(), job_id=job_id, model="m", prompt_version="1", form="plain", outcome="answered", cost_micro=micro,
            created_at=db.now_ms(),
        ).execute()  # fmt: skip
    client = client_for(olga)
    assert "cost $0.0021" in client.get("/work").text and "$0.0021" in client.get("/jobs/panel", headers=HTMX).text


def test_work_about_a_source_or_an_address_names_it(client_for: ClientFor, olga: Actor, mo: Actor, sam: Actor) -> None:
    def add(number: int) -> str:
        source = sources.create(olga, "feed", url=f"https://x.example/{number}", name=f"Stills <{number}>").source
        runs.run(olga, source.id)
        trying.ask(olga, source.id)
        looking.ask(olga, f"https://x.example/page/{number}")
        return source.id

    first = add(1)
    client = client_for(olga)
    page, panel = client.get("/work").text, client.get("/jobs/panel", headers=HTMX).text
    assert page.count(f'<a href="/sources/{first}">Stills &lt;1&gt;</a>') == 2 and "Look at a page: https://x.example/page/1" in page
    assert "Read a source: Stills &lt;1&gt;" in panel and f"/sources/{first}" in client_for(mo).get("/work").text
    assert "Stills" not in client_for(sam).get("/work").text
    with count_queries() as few:
        client.get("/work")
    for number in range(2, 5):
        add(number)
    with count_queries() as many:
        client.get("/work")
    assert len(many) == len(few)
    sources.delete(olga, first)
    assert "Stills &lt;1&gt;" not in client.get("/work").text
