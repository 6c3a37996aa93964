"""The page of a storyboard: every act on it with htmx and without scripts, its errors, its readers, and what it costs."""

import re

import pytest

from pindeck.access import Actor
from pindeck.models import Storyboard
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.storyboards import arranging, frames, shots, storyboards
from tests.conftest import HTMX, Browser, ClientFor, count_queries
from tests.factories import make_row

either_way = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


@pytest.fixture
def board(olga: Actor) -> str:
    made, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, made.id, [make_row(olga, title=f"Shot {n}").id for n in range(4)])
    return str(made.id)


@pytest.fixture
def browser(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


def ids(board_id: str, actor: Actor) -> list[str]:
    from pindeck.services.boards import reading

    return [row.image_id for row in reading.all_rows(actor, board_id)]


def slots(storyboard_id: str) -> list[list[str | None]]:
    return [list(frame.slots) for frame in frames.read(storyboard_id)]


@either_way
def test_one_is_made_from_its_board(browser: Browser, olga: Actor, board: str, headers: dict[str, str]) -> None:
    page = browser.get(f"/boards/{board}").text
    assert "New storyboard" in page and "Storyboard of all pictures" in page
    made = browser.post("/storyboards/create", data={"board": board, "quick": "1"}, headers=headers)
    where = made.headers.get("HX-Redirect") or made.location
    assert where == f"/storyboards/{Storyboard.get().id}"
    shown = browser.get(where).text
    assert "Night ride Storyboard" in shown and shown.count('class="slot"') == 9 and "4 shots" in shown
    assert where in browser.get(f"/boards/{board}").text
    assert browser.post(f"{where}/duplicate", headers=headers).status_code in (204, 303) and Storyboard.select().count() == 2
    gone = browser.post(f"{where}/delete", headers=headers)
    assert (gone.headers.get("HX-Redirect") or gone.location) == f"/boards/{board}" and browser.get(where).status_code == 404


@either_way
def test_shots_and_frames_are_arranged(browser: Browser, olga: Actor, board: str, headers: dict[str, str]) -> None:
    made, _ = storyboards.create(olga, board)
    here, (a, b, *_) = f"/storyboards/{made.id}", ids(board, olga)
    one, two = frames.read(made.id)
    for path, form in (
        (f"place?frame={one.id}&slot=0", {"image": a}),
        (f"place?frame={one.id}&slot=0", {"image": b}),
        (f"frames/{one.id}/form", {"style": "strip", "size": "2"}),
        (f"frames/{one.id}/note", {"note": "She turns", "based_on": ""}),
        (f"frames/{one.id}/fold", {"collapsed": "1"}),
        (f"frames/{two.id}/move", {"before": one.id}),
        ("frames", {"style": "hero", "size": "2"}),
        (f"clear?image={a}", {}),
        ("change", {"title": "Ride", "aspect": "2.39"}),
    ):
        answer = browser.post(f"{here}/{path}", data=form, headers=headers)
        assert answer.status_code == (200 if headers else 303), (path, answer.text)
    page = browser.get(here).text
    assert [frame.id for frame in frames.read(made.id)][:2] == [two.id, one.id] and slots(made.id)[1] == [b, None, None]
    assert "She turns" in page and 'data-aspect="2.39"' in page and "<h1>Ride</h1>" in page
    browser.post(f"{here}/frames/{one.id}/fold", data={"collapsed": ""})
    fallen = browser.post(f"{here}/frames/{one.id}/remove", headers=HTMX).text
    assert "One shot had no place any more" in fallen and re.search(r'action="/history/[^"]+/undo"|/undo', fallen)


def test_what_is_wrong_is_told_and_changes_nothing(browser: Browser, olga: Actor, board: str) -> None:
    made, _ = storyboards.create(olga, board)
    here, (a, *_) = f"/storyboards/{made.id}", ids(board, olga)
    one, _ = frames.read(made.id)
    before = frames.read(made.id)
    for path, form, status in (
        (f"place?frame={one.id}&slot=0", {}, 422),
        (f"place?frame={one.id}&slot=x", {"image": a}, 422),
        (f"place?frame={one.id}&slot=99", {"image": a}, 422),
        (f"place?frame={one.id}&slot=0", {"image": "no"}, 422),
        ("place?frame=no&slot=0", {"image": a}, 404),
        (f"frames/{one.id}/form", {"style": "round", "size": "3"}, 422),
        ("frames/no/remove", {}, 404),
        (f"frames/{one.id}/note", {"note": "x" * 5001}, 422),
        ("change", {"title": ""}, 422),
    ):
        assert browser.post(f"{here}/{path}", data=form, headers=HTMX).status_code == status, path
    assert frames.read(made.id) == before
    arranging.write_note(olga, made.id, one.id, "Theirs")
    met = browser.post(f"{here}/frames/{one.id}/note", data={"note": "Mine", "based_on": ""}, headers=HTMX)
    assert met.status_code == 409 and "Theirs" in met.text and ">Mine</textarea>" in re.sub(r"\s+<", "<", met.text)


def test_strangers_guests_and_others_do_not_find_it(
    browser: Browser, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, mo: Actor, board: str
) -> None:
    made, _ = storyboards.create(olga, board)
    here = f"/storyboards/{made.id}"
    for actor, status in ((sam, 404), (gus, 403), (mo, 200), (olga, 200)):
        assert client_for(actor).get(here).status_code == status
        wrong = client_for(actor).post(f"{here}/frames", headers=HTMX).status_code
        assert wrong == status
    assert client_for(None).get(here).status_code == 303
    assert made.title not in client_for(sam).get("/boards").text


def test_it_costs_as_many_statements_for_many_as_for_few(browser: Browser, olga: Actor, board: str) -> None:
    made, _ = storyboards.create(olga, board)
    a, b, c, d = ids(board, olga)
    arranging.save(olga, made.id, [{"slots": [a]}])
    browser.get(f"/storyboards/{made.id}")
    with count_queries() as few:
        browser.get(f"/storyboards/{made.id}")
    arranging.save(olga, made.id, [{"slots": [each]} for each in (a, b, c, d)] + [{}] * 30)
    with count_queries() as many:
        browser.get(f"/storyboards/{made.id}")
    assert len(few) == len(many)


def test_the_history_names_it_to_those_who_know_its_board(browser: Browser, client_for: ClientFor, olga: Actor, mo: Actor, board: str) -> None:
    made, _ = storyboards.create(olga, board)
    arranging.add_frame(olga, made.id)
    page = browser.get("/history").text
    assert "Added a frame" in page and page.count("“Night ride Storyboard”") == 2
    assert "“Night ride Storyboard”" in client_for(mo).get("/history?of=all").text


@either_way
def test_a_shot_is_described_on_a_page_of_its_own(browser: Browser, client_for: ClientFor, olga: Actor, sam: Actor, board: str, headers: dict[str, str]) -> None:
    made, _ = storyboards.create(olga, board, is_quick=True)
    a, *_ = ids(board, olga)
    here = f"/storyboards/{made.id}/shots/{a}"
    assert f'href="{here}"' in browser.get(f"/storyboards/{made.id}").text
    wrong = browser.post(here, data={"number": "12A", "duration": "long"}, headers=headers)
    assert wrong.status_code == 422 and "Write seconds, such as 3" in wrong.text and 'value="12A"' in wrong.text
    answer = browser.post(here, data={"number": "12A", "shot_size": "MCU", "duration": "1:05"}, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    page = browser.get(f"/storyboards/{made.id}").text
    assert "12A · MCU · 1:05 s" in page and "1:05 min" in page and 'value="1:05"' in browser.get(here).text
    assert client_for(sam).get(here).status_code == 404 and browser.get(f"/storyboards/{made.id}/shots/no").status_code == 404


def test_words_of_other_shots_are_offered_and_boards_name_their_storyboards(browser: Browser, client_for: ClientFor, olga: Actor, sam: Actor, board: str) -> None:
    made, _ = storyboards.create(olga, board, is_quick=True)
    one, two, *_ = ids(board, olga)
    shots.describe(olga, made.id, one, shot_size="MCU", lens="35 mm", movement="Dolly <in>")
    page = browser.get(f"/storyboards/{made.id}/shots/{two}").text
    assert all(f'<option value="{word}">' in page for word in ("MCU", "35 mm", "Dolly &lt;in&gt;")) and 'list="used-lens"' in page
    theirs, _ = boards.create(sam, name="Theirs")
    pictures.add(sam, theirs.id, [make_row(sam).id])
    drawn, _ = storyboards.create(sam, theirs.id, is_quick=True)
    assert "MCU" not in client_for(sam).get(f"/storyboards/{drawn.id}/shots/{ids(theirs.id, sam)[0]}").text
    assert f'href="/storyboards/{made.id}"' in browser.get("/boards").text and drawn.id not in browser.get("/boards").text
