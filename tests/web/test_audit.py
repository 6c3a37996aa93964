"""The page of the audit: for administrators, filtered, and as a file that is sent while it is read."""

import json

from pindeck.access import Actor
from pindeck.models import Activity
from pindeck.services import activity
from pindeck.services.images import trash
from pindeck.services.ingest import deciding
from tests.conftest import ClientFor, count_queries
from tests.factories import make_row


def test_only_administrators_see_it(client_for: ClientFor, olga: Actor, gus: Actor) -> None:
    for path in ("/admin/audit", "/admin/audit/trail.csv", "/admin/audit/trail.jsonl"):
        assert client_for(None).get(path).status_code == 303
        for actor in (olga, gus):
            assert client_for(actor).get(path).status_code == 403
    assert "/admin/audit" not in client_for(olga).get("/").text


def test_it_tells_and_filters_and_is_exported_as_it_is_shown(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    assert "Nothing yet" in client_for(mo).get("/admin/audit").text
    waiting = make_row(olga, title="<b>Harbour", status="pending", origin="discord")
    deciding.reject(olga, waiting.id, reason="too dark")
    activity.note(mo, "account.role", account=olga.user_id, to="admin")
    page = client_for(mo).get("/admin/audit").text
    assert "/admin/audit" in client_for(mo).get("/").text
    for words in ("Discarded a picture that waited", "&lt;b&gt;Harbour", "“too dark”", "Olga", "Page", "Changed a role"):
        assert words in page
    narrowed = client_for(mo).get("/admin/audit?who=olga@example.org&verb=image.reject").text
    listed = narrowed.split('class="history"')[1]
    assert "too dark" in listed and "Changed a role" not in listed
    assert "/admin/audit/trail.csv?" in narrowed and "verb=image.reject" in narrowed
    trash.purge(olga, waiting.id)
    assert "deleted for good" in client_for(mo).get(f"/admin/audit?image={waiting.id}").text
    answer = client_for(mo).get("/admin/audit/trail.jsonl?verb=image.reject")
    assert answer.is_streamed and answer.content_length is None
    assert answer.mimetype == "application/x-ndjson" and "attachment" in answer.headers["Content-Disposition"]
    assert [json.loads(line)["why"] for line in answer.text.splitlines()] == ["too dark"]
    for wrong in ("verb=moon", "since=moon", "who=nobody@example.org", "after=moon"):
        answer = client_for(mo).get(f"/admin/audit?{wrong}")
        assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert client_for(mo).get("/admin/audit/trail.csv?since=moon").status_code in (400, 422)
    assert client_for(mo).get("/admin/audit/trail.xml").status_code == 404
    assert "No" in client_for(mo).get("/admin/audit?verb=source.add").text


def test_a_longer_trail_costs_no_more_and_goes_on(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    client = client_for(mo)
    activity.note(olga, "image.publish", make_row(olga).id)
    with count_queries() as few:
        client.get("/admin/audit")
    for _ in range(60):
        activity.note(olga, "image.publish", make_row(olga).id)
    with count_queries() as many:
        page = client.get("/admin/audit").text
    assert len(many) == len(few)
    following = page.split('class="next"><a class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
    rest = client.get(following).text.split('class="history"')[1]
    assert rest.count("<li>") == Activity.select().count() - 50
    assert client.get("/admin/audit/trail.csv").text.count("\r\n") == Activity.select().count() + 1
