"""Decks on pages: every act with htmx and without scripts, its errors, its readers, and what it costs."""

import html
import re

import pytest
from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.models import Action, Deck, Image, User
from pindeck.services.boards import boards, people, pictures
from pindeck.services.boards.decks import blocks, chosen, decks, editing
from pindeck.services.images import undoing
from pindeck.web import decks as doors
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_active, make_row

either_way = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def ids(olga: Actor) -> list[str]:
    colours = ["#c8643c", "#204060", "#f0e0c0", "#503020", "#101820"]
    return [make_row(olga, title=f"Still {n}", colors=colours).id for n in range(5)]


@pytest.fixture
def deck(olga: Actor, ids: list[str]) -> Deck:
    return decks.create(olga, title="Night ride", ids=ids)[0]


@pytest.fixture
def browser(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


@either_way
def test_one_is_made_of_a_board_of_what_is_chosen_of_another_one_and_blank(
    browser: Browser, olga: Actor, ids: list[str], headers: dict[str, str]
) -> None:
    assert "No deck yet" in browser.get("/decks").text
    board, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, board.id, ids)
    assert "Make a deck" in browser.get(f"/boards/{board.id}").text
    for form in ({"board": board.id}, {"ids": " ".join(ids[:2]), "query": ""}, {"title": "Blank"}, {"all": "1", "query": "still"}):
        made = browser.post("/decks/create", data=form, headers=headers)
        where = made.headers.get("HX-Redirect") or made.location
        assert browser.get(where).status_code == 200, form
    model = Deck.select().order_by(Deck.id).first()
    browser.post("/decks/create", data={"template": model.id, "title": "Again"}, headers=headers)
    listed = browser.get("/decks").text
    assert listed.count('class="deckcard"') == 5 and "from Night ride" in listed and "5 pictures" in listed
    assert "Night ride Deck" in browser.get(f"/boards/{board.id}").text
    wrong = browser.post("/decks/create", data={"title": "x" * 201}, headers=headers)
    assert wrong.status_code == 422 and "at most 200" in wrong.text and Deck.select().count() == 5
    assert browser.post("/decks/create", data={"query": "still"}, headers=headers).status_code == 422
    copied = browser.post(f"/decks/{model.id}/duplicate", headers=headers)
    assert browser.get(copied.headers.get("HX-Redirect") or copied.location).status_code == 200
    gone = browser.post(f"/decks/{model.id}/delete", headers=headers)
    assert gone.status_code == (200 if headers else 303) and browser.get(f"/decks/{model.id}").status_code == 404


@either_way
def test_its_pages_are_edited_where_they_stand(browser: Browser, deck: Deck, ids: list[str], headers: dict[str, str]) -> None:
    here = f"/decks/{deck.id}"
    hero, line, story, world, *_ = (f"{here}/blocks/{block.id}" for block in blocks.read(deck.id))
    for path, form in (
        (f"{line}/write", {"title": "", "text": "Nobody sleeps.", "based_title": "", "based_text": ""}),
        (f"{line}/write", {"notes": "Slowly", "based_notes": ""}),
        (f"{story}/form", {"variant": "B"}),
        (f"{story}/form", {"is_on": ""}),
        (f"{hero}/form", {"is_locked": ""}),
        (f"{world}/up", {}),
        (f"{world}/duplicate", {}),
        (f"{story}/remove", {}),
        (f"{here}/blocks", {"kind": "theme"}),
        (f"{line}/places/0", {"image": ids[4]}),
        (f"{line}/places/0/aim", {"x": "20", "y": "80"}),
        (f"{world}/places/1", {"image": ""}),
        (f"{here}/pictures/first", {"ids": ids[3]}),
        (f"{here}/pictures/remove", {"ids": ids[1]}),
        (f"{here}/pictures/add", {"ids": ids[1]}),
        (f"{here}/change", {"title": "Day ride", "style": "neon", "layout": "collage", "overlay": "70", "font_family": "plex"}),
        (f"{here}/change", {"primary": "#112233"}),
        (f"{here}/change", {"credits": ""}),
        (f"{here}/shuffle", {}),
        (f"{here}/sample", {"image": ids[0]}),
        (f"{here}/sample", {}),
    ):
        answer = browser.post(path, data=form, headers=headers)
        assert answer.status_code == (200 if headers else 303), (path, form, answer.text)
    now = blocks.read(deck.id)
    assert [str(block.kind) for block in now][:4] == ["hero", "logline", "world", "world"] and now[-1].kind == "theme"
    assert (now[1].title, now[1].text, now[1].notes) == (None, "Nobody sleeps.", "Slowly")
    assert now[1].stills[0] == (ids[4], 0.2, 0.8) and now[2].stills[1] is None and list(chosen.read(deck.id))[0] == ids[3]
    page = browser.get(here).text
    assert "Nobody sleeps." in page and "object-position:20.0% 80.0%" in page and 'value="Day ride"' in page and "Credits" not in page
    row = Deck.get_by_id(deck.id)
    assert (row.style, row.layout, row.overlay, row.palette, row.overlay_seed) == ("neon", "collage", 70, None, 1)


def test_pictures_are_found_in_place(browser: Browser, deck: Deck, olga: Actor, ids: list[str]) -> None:
    make_row(olga, title="Lantern")
    place = f"/decks/{deck.id}/blocks/{blocks.read(deck.id)[1].id}/places/0"
    own = browser.get(place, headers=HTMX).text
    assert own.count('name="image" value="0') == 5 and "Lantern" not in own and f"like:{ids[1]}" in own.replace("%3A", ":")
    found = browser.get(f"{place}?q=lantern", headers=HTMX).text
    assert "Lantern" in found and "Still" not in found and "Back to the deck" in browser.get(place).text
    for n in range(40):
        make_row(olga, title=f"Fog {n}", tags=["fog"] if n else [])
    narrow = browser.get(f"{place}?view=narrow&q=fog", headers=HTMX).text
    line = re.search(r'<a href="([^"]+)">fog <span class="count">39</span>', narrow)
    assert line and line[1].startswith(place) and "view=narrow" in line[1]
    for headers in (HTMX, {}):
        seen: list[str] = []
        here = html.unescape(line[1])
        while here:
            page = browser.get(here, headers=headers).text
            seen += re.findall(r'title="(Fog \d+)"', page)
            following = re.search(r'class="btn more" href="([^"]+)"', page)
            here = html.unescape(following[1]) if following else ""
        assert sorted(seen) == sorted(f"Fog {n}" for n in range(1, 40))
    assert browser.get(place.replace("/0", "/7"), headers=HTMX).status_code == 404


def test_what_is_wrong_is_told_and_changes_nothing(browser: Browser, deck: Deck, olga: Actor) -> None:
    here = f"/decks/{deck.id}"
    hero, line, *_ = blocks.read(deck.id)
    before = blocks.read(deck.id)
    for path, form, status in (
        (f"blocks/{hero.id}/write", {"title": "X"}, 409),
        (f"blocks/{hero.id}/remove", {}, 409),
        (f"blocks/{line.id}/write", {"text": "x" * 20_001}, 422),
        (f"blocks/{line.id}/form", {"variant": "C"}, 422),
        (f"blocks/{line.id}/places/3", {"image": ""}, 422),
        (f"blocks/{line.id}/places/0", {"image": "no"}, 422),
        (f"blocks/{line.id}/places/0/aim", {"x": "far", "y": "1"}, 422),
        (f"blocks/{line.id}/places/0/aim", {"x": "nan", "y": "1"}, 422),
        ("blocks/no/remove", {}, 404),
        ("blocks", {"kind": "divider"}, 422),
        ("pictures/add", {"ids": ""}, 422),
        ("change", {"title": ""}, 422),
        ("change", {"style": "round"}, 422),
        ("change", {"primary": "red"}, 422),
        ("sample", {"image": "no"}, 422),
    ):
        assert browser.post(f"{here}/{path}", data=form, headers=HTMX).status_code == status, (path, form)
    assert blocks.read(deck.id) == before
    editing.change(olga, deck.id, line.id, text="Theirs")
    met = browser.post(f"{here}/blocks/{line.id}/write", data={"text": "Mine", "based_text": ""}, headers=HTMX)
    assert met.status_code == 409 and "Theirs" in met.text and re.search(r">\s*Mine\s*</textarea>", met.text)


def test_others_do_not_find_it_and_hidden_pictures_stay_hidden(
    browser: Browser, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, mo: Actor, ids: list[str]
) -> None:
    board, _ = boards.create(olga, name="Night ride")
    secret = make_row(olga, title="Secret still", visibility="private").id
    pictures.add(olga, board.id, [secret, *ids])
    people.set_all(olga, board.id, [str(sam.user_id)])
    shared, alone = decks.create(olga, board_id=board.id)[0], decks.create(olga, ids=ids)[0]
    for actor, status in ((sam, 404), (gus, 403), (mo, 200), (olga, 200)):
        assert client_for(actor).get(f"/decks/{alone.id}").status_code == status
        assert client_for(actor).post(f"/decks/{alone.id}/shuffle", headers=HTMX).status_code == status
    assert client_for(None).get(f"/decks/{alone.id}").status_code == 303
    theirs = client_for(sam).get(f"/decks/{shared.id}").text
    assert "Secret still" in browser.get(f"/decks/{shared.id}").text and "Secret still" not in theirs and secret not in theirs
    assert "A picture that is private or in the trash" in theirs
    listed = client_for(sam).get("/decks").text
    assert shared.title in listed and alone.id not in listed and "Secret still" not in listed
    assert "Delete" not in theirs and client_for(sam).post(f"/decks/{shared.id}/delete").status_code == 403


def test_it_costs_as_many_statements_for_many_as_for_few(browser: Browser, olga: Actor, deck: Deck, ids: list[str]) -> None:
    for path in (f"/decks/{deck.id}", "/decks"):
        browser.get(path)
    counts = []
    for more in (0, 6):
        for _ in range(more):
            editing.add(olga, deck.id, "tone", ids=ids)
            decks.create(olga, ids=ids)
        with count_queries() as queries:
            browser.get(f"/decks/{deck.id}")
            browser.get("/decks")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "Added a page to a deck" in browser.get("/history").text


def test_many_pages_are_edited_some_at_a_time(browser: Browser, deck: Deck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "PAGES", 4)
    here, ids = f"/decks/{deck.id}", [block.id for block in blocks.read(deck.id)]

    def shown(page: TestResponse) -> list[int]:
        return [ids.index(each) for each in re.findall(r'id="block-([^"]+)"', page.text)]

    assert shown(browser.get(here)) == [0, 1, 2, 3] and shown(browser.get(f"{here}?from=99")) == [8, 9]
    assert shown(browser.get(f"{here}?at={ids[5]}")) == [4, 5, 6, 7] == shown(browser.get(f"{here}?from=5"))
    moved = browser.post(f"{here}/blocks/{ids[6]}/form", data={"variant": "B"})
    assert shown(browser.get(moved.location)) == [4, 5, 6, 7] and moved.location.endswith(f"#block-{ids[6]}")
    late = {**HTMX, "HX-Current-URL": f"http://localhost{here}?from=8"}
    assert shown(browser.post(f"{here}/shuffle", headers=late)) == [8, 9]
    assert shown(browser.post(f"{here}/blocks/{ids[2]}/form", data={"variant": "B"}, headers=late)) == [0, 1, 2, 3]


def test_it_is_presented_page_by_page(browser: Browser, client_for: ClientFor, deck: Deck, olga: Actor, sam: Actor, ids: list[str]) -> None:
    line = blocks.read(deck.id)[1].id
    editing.change(olga, deck.id, line, text="Word. " * 400, notes="Slowly now")
    here = f"/decks/{deck.id}/present"
    page = browser.get(here).text
    assert page.count('class="slide"') == 12 and 'data-fx="parallax"' in page and "Slowly now" in page  # nine pages, two more of text, credits
    assert f"/i/{ids[1]}?size=large" in page and here in browser.get(f"/decks/{deck.id}").text
    assert client_for(sam).get(here).status_code == 404 and client_for(None).get(here).status_code == 303


def test_a_link_shows_what_is_on_its_pages_and_nothing_else(
    client_for: ClientFor, olga: Actor, sam: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    change_settings(public_library=False)
    shown, private, trashed, beside = (make_active(olga, title=title) for title in ("Shown", "Secret still", "Secret trash", "Elsewhere"))
    run_jobs()
    deck, _ = decks.create(olga, title="Night ride", ids=[image.id for image in (shown, private, trashed, beside)])
    for block in blocks.read(deck.id)[3:]:
        editing.remove(olga, deck.id, block.id)
    hero, line, story = blocks.read(deck.id)
    editing.change(olga, deck.id, story.id, stills=[], notes="Secret notes", text="Word. " * 400)
    editing.change(olga, deck.id, editing.duplicate(olga, deck.id, story.id).block_id, is_on=False, text="Secret page")
    Image.update(visibility="private").where(Image.id == private.id).execute()
    Image.update(deleted_at=1).where(Image.id == trashed.id).execute()
    owner, visitor = client_for(olga), client_for(None)
    answer = owner.post(f"/decks/{deck.id}/share")
    found = re.search(r"<code>[^<]*(/share/[0-9a-f]{32})</code>", answer.text)
    assert found and answer.headers["Cache-Control"] == "no-store" and "1 picture does not appear there" in answer.text
    link = found[1]
    assert link not in owner.get(f"/decks/{deck.id}").text
    for page in (visitor.get(link), visitor.get(f"{link}/present"), visitor.get(f"{link}/present?view=speaker")):
        assert page.status_code == 200 and "Night ride" in page.text and "Word." in page.text and f"{link}/{shown.id}.webp" in page.text
        for secret in ("Secret", "Elsewhere", "Olga", str(olga.user_id), private.id, trashed.id, beside.id, hero.id, line.id, "/images/", "/i/", "/decks"):
            assert secret not in page.text, secret
        assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    for size in ("large", "screen"):
        assert visitor.get(f"{link}/{shown.id}.webp", query_string={"size": size}).status_code == 200
    for image in (private, trashed, beside):
        assert visitor.get(f"{link}/{image.id}.webp?size=screen").status_code == 404
    assert visitor.get(f"{link}/{shown.id}").status_code == 404  # only boards show pictures by themselves
    with count_queries() as few:
        visitor.get(link)
    for _ in range(20):
        editing.add(olga, deck.id, "logline", ids=[shown.id])
    with count_queries() as many:
        visitor.get(link)
    assert len(few) == len(many)
    assert owner.post(f"/decks/{deck.id}/people", data={"person": str(sam.user_id)}, headers=HTMX).status_code == 200
    other = client_for(sam)
    assert "People and link" in other.get(f"/decks/{deck.id}").text and "Public link" not in other.get(f"/decks/{deck.id}").text
    for path in ("share", "revoke", f"people/{olga.user_id}/remove"):
        assert other.post(f"/decks/{deck.id}/{path}").status_code == 403
    assert "no longer works" in owner.post(f"/decks/{deck.id}/revoke", headers=HTMX).text
    for path in (link, f"{link}/present", f"{link}/{shown.id}.webp"):
        assert visitor.get(path).status_code == 404
    undoing.undo(olga, Action.select().order_by(Action.id.desc()).get().id)
    for disabled_at, status in ((1, 404), (None, 200)):
        User.update(disabled_at=disabled_at).where(User.id == olga.user_id).execute()
        assert visitor.get(link).status_code == status
    decks.delete(olga, deck.id)
    assert visitor.get(link).status_code == 404


@either_way
def test_people_come_later_leave_and_are_removed(
    browser: Browser, client_for: ClientFor, deck: Deck, olga: Actor, sam: Actor, gus: Actor, headers: dict[str, str]
) -> None:
    here, other = f"/decks/{deck.id}", client_for(sam)
    wrong = browser.post(f"{here}/people", data={"person": str(gus.user_id)}, headers=headers)
    assert wrong.status_code == 422 and "Choose people who have an account" in wrong.text
    assert browser.post(f"{here}/people", data={"person": str(sam.user_id)}, headers=headers).status_code == (200 if headers else 303)
    assert other.get(here).status_code == 200 and other.post(f"{here}/people", data={"person": str(olga.user_id)}).status_code == 403
    assert "“Night ride” (Sam)" in browser.get("/history").text
    left = other.post(f"{here}/people/{sam.user_id}/remove", headers=headers)
    assert (left.headers.get("HX-Redirect") or left.location) == "/decks" and other.get(here).status_code == 404
    assert other.post(f"{here}/people", data={"person": str(sam.user_id)}, headers=headers).status_code == 404
    browser.post(f"{here}/people", data={"person": str(sam.user_id)})
    gone = browser.post(f"{here}/people/{sam.user_id}/remove", headers=headers)
    assert gone.status_code == (200 if headers else 303) and other.get(here).status_code == 404
