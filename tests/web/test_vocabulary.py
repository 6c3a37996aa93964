"""The page of the vocabulary: new words are asked about once, and an administrator decides about them."""

import re
from html import unescape

import pytest

from pindeck.access import Actor
from pindeck.models import Image, VocabularyTerm
from pindeck.services.actions import log
from pindeck.services.images import ledger
from tests.conftest import HTMX, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import fresh, make_draft, make_row
from tests.services.images.words import MACHINE, value


def word() -> VocabularyTerm:
    return VocabularyTerm.get()


def test_a_person_is_asked_before_a_new_word_of_the_craft_is_kept(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    image, other = make_row(olga), make_row(sam)
    client = client_for(olga)
    address = f"/images/{image.id}/fields/light"
    asked = client.post(address, data={"value": "soft, glowworms"}, headers=HTMX)
    assert asked.status_code == 422 and "“glowworms” is new. Add it?" in asked.text
    assert value(image, "light") == [] and VocabularyTerm.select().count() == 0
    confirmed = unescape(str(re.search(r'name="new" value="([^"]+)"', asked.text)[1]))  # type: ignore[index]
    saved = client.post(address, data={"value": confirmed, "new": confirmed}, headers=HTMX)
    assert saved.status_code == 200 and value(image, "light") == ["Soft", "glowworms"]
    again = client_for(sam).post(f"/images/{other.id}/fields/light", data={"value": "Glow-Worms"}, headers=HTMX)
    assert again.status_code == 200 and value(other, "light") == ["glowworms"]  # somebody has used it


def test_without_scripts_the_question_is_a_page(client_for: ClientFor, olga: Actor) -> None:
    image = make_row(olga)
    client = client_for(olga)
    address = f"/images/{image.id}/fields/era"
    asked = client.post(address, data={"value": "cyberpunk"})
    assert asked.status_code == 422 and "“cyberpunk” is new. Add it?" in asked.text
    assert client.post(address, data={"value": "cyberpunk", "new": "cyberpunk"}).status_code == 303
    assert value(fresh(image), "era") == "cyberpunk"


def test_many_drafts_are_asked_about_as_well(client_for: ClientFor, olga: Actor) -> None:
    draft = make_draft(olga)
    client = client_for(olga)
    sent = {"light": "glowworms", "ids": draft.id}
    asked = client.post("/inspector/save", data=sent, headers=HTMX)
    assert asked.status_code == 422 and "“glowworms” is new. Add it?" in asked.text
    assert client.post("/inspector/save", data={**sent, "new-light": "glowworms"}, headers=HTMX).status_code == 200
    assert value(draft, "light") == ["glowworms"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_administrator_decides_and_takes_it_back(client_for: ClientFor, olga: Actor, mo: Actor, headers: dict[str, str]) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "light_source", "glow <worms>")
    client = client_for(mo)
    page = client.get("/vocabulary", headers=headers).text
    assert "glow &lt;worms&gt;" in page and "1 time since" in page and "?light_source=glow+%3Cworms%3E" in page
    for what, data, state in (
        ("accept", {}, "accepted"), ("refuse", {}, "refused"), ("merge", {"term": "practical lamp"}, "merged"),
    ):  # fmt: skip
        done = client.post(f"/vocabulary/{word().id}/{what}", data=data, headers=headers)
        assert done.status_code == (200 if headers else 303) and word().state == state
    assert value(image, "light_source") == ["Practicals"]
    assert "Means “Practicals”" in client.get("/vocabulary").text
    assert client.post("/actions/last/undo", headers=HTMX).status_code == 200
    assert word().state == "refused" and value(image, "light_source") == ["glow <worms>"]
    told = client.post("/actions/last/undo", headers=HTMX)
    assert told.status_code == 200 and word().state == "accepted" and "Taken back" in told.text
    assert "Decided about the word" in client.get("/history").text


def test_wrong_terms_are_refused_at_the_field(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    ledger.edit(olga, make_row(olga).id, "light", "glowworms")
    client = client_for(mo)
    for data in ({}, {"term": "nothing like it"}, {"term": "glowworms"}):
        assert client.post(f"/vocabulary/{word().id}/merge", data=data).status_code == 422
    assert client.post("/vocabulary/nobody/accept").status_code == 404
    assert client.post(f"/vocabulary/{word().id}/forget").status_code == 404
    assert word().state == "proposed"


def test_it_is_for_curators_who_edit_the_words_of_others(
    client_for: ClientFor, olga: Actor, mo: Actor, sam: Actor, change_settings: ChangeSettings
) -> None:
    ledger.edit(olga, make_row(olga).id, "light", "glowworms")
    client = client_for(sam)
    page = client.get("/vocabulary").text
    assert "glowworms" in page and "leftovers" not in page and 'href="/vocabulary"' in client.get("/vocabulary/tags").text
    change_settings(metadata_edit_policy="owner")
    client = client_for(sam)
    assert client.get("/vocabulary").status_code == 403
    assert client.post(f"/vocabulary/{word().id}/accept").status_code == 403
    assert 'href="/vocabulary"' not in client.get("/").text and 'href="/vocabulary"' in client_for(mo).get("/").text


def test_accepted_words_are_offered_where_one_types(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.write(image.id, {"light": ["glowworms"]}, MACHINE)
    client = client_for(mo)
    assert "glowworms" not in client.get(f"/images/{image.id}").text
    client.post(f"/vocabulary/{word().id}/accept")
    assert '<option value="glowworms">' in client.get(f"/images/{image.id}").text


def test_the_page_goes_on(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.write(image.id, {"light": [f"word {n}" for n in range(20)], "lens": [f"lens {n}" for n in range(20)]}, MACHINE)
    ledger.write(image.id, {"palette": [f"mood {n}" for n in range(20)]}, MACHINE)
    client, address, seen = client_for(mo), "/vocabulary", []
    while address:
        page = client.get(address).text
        seen += re.findall(r">((?:word|lens|mood) \d+)</a>", page)
        more = re.search(r'class="btn" href="(/vocabulary\?after=[^"]+)"', page)
        address = unescape(more[1]) if more else ""
    assert len(seen) == len(set(seen)) == 60


def test_a_merge_of_many_is_followed_by_a_toast(
    client_for: ClientFor, olga: Actor, mo: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 1)
    rows = [make_row(olga) for _ in range(2)]
    ledger.set_many(olga, [row.id for row in rows], {"era": "cyberpunk"})
    client = client_for(mo)
    done = client.post(f"/vocabulary/{word().id}/merge", data={"term": "Far Future"}, headers=HTMX).text
    follow = str(re.search(r'hx-get="(/actions/[^"]+)"', done)[1])  # type: ignore[index]
    assert "Means “Far Future”" in done and "/undo" not in done and value(rows[0], "era") == "cyberpunk"
    run_jobs()
    assert "/undo" in client.get(follow, headers=HTMX).text and value(rows[0], "era") == "Far Future"


def left_over(owner: Actor) -> Image:
    image = make_row(owner, tags=["original"])
    ledger.write(image.id, {"tags": ["original", "land<scape>"]}, MACHINE)
    return image


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_words_of_earlier_versions_are_offered_removed_and_brought_back(
    client_for: ClientFor, olga: Actor, mo: Actor, headers: dict[str, str]
) -> None:
    client = client_for(mo)
    assert client.get("/vocabulary/leftovers/notice", headers=HTMX).text.strip() == ""
    assert "No words of earlier versions" in client.get("/vocabulary/leftovers", headers=headers).text
    images = [left_over(olga), left_over(olga)]
    assert 'href="/vocabulary/leftovers"' in client.get("/vocabulary").text
    assert "2 pictures carry" in client.get("/vocabulary/leftovers/notice", headers=HTMX).text
    assert client.get("/vocabulary/leftovers/notice").location.endswith("/vocabulary/leftovers")
    page = client.get("/vocabulary/leftovers", headers=headers).text
    assert "2 pictures carry" in " ".join(page.split()) and "land&lt;scape&gt;" in page and "?tag=land%3Cscape%3E" in page
    done = client.post("/vocabulary/leftovers/remove", headers=headers)
    assert done.status_code == (200 if headers else 303)
    told = done.text if headers else client.get(done.location).text
    assert "Removed from 2 pictures." in told and "/undo" in told and "No words of earlier versions" in told
    assert [value(image, "tags") for image in images] == [["original"]] * 2
    assert "Nothing was changed." in client.post("/vocabulary/leftovers/remove", headers=HTMX).text
    assert "Removed tags that no person and no model wrote" in client.get("/history").text
    assert client.post("/actions/last/undo", headers=HTMX).status_code == 200
    assert [value(image, "tags") for image in images] == [["original", "land<scape>"]] * 2


def test_a_job_removes_words_of_earlier_versions_from_many(
    client_for: ClientFor, olga: Actor, mo: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 1)
    images = [left_over(olga) for _ in range(3)]
    client = client_for(mo)
    told = client.post("/vocabulary/leftovers/remove", headers=HTMX).text
    follow = str(re.search(r'hx-get="(/actions/[^"]+)"', told)[1])  # type: ignore[index]
    assert "0 of 3 pictures so far" in told
    run_jobs()
    assert "/undo" in client.get(follow, headers=HTMX).text and {tuple(value(i, "tags")) for i in images} == {("original",)}


def test_words_of_earlier_versions_are_for_administrators(client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor) -> None:
    image, client = left_over(olga), client_for(sam)
    for address in ("/vocabulary/leftovers", "/vocabulary/leftovers/notice"):
        assert client.get(address).status_code == 403
    assert client.post("/vocabulary/leftovers/remove").status_code == 403
    assert value(image, "tags") == ["original", "land<scape>"]
    client = client_for(mo)
    with count_queries() as few:
        client.get("/vocabulary/leftovers")
    for _ in range(5):
        left_over(olga)
    with count_queries() as many:
        client.get("/vocabulary/leftovers")
    assert len(many) == len(few)
