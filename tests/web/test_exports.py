"""The pages of exports: asked for with a form, followed while a job makes the file, and the file."""

import html
import re

import pytest

from pindeck.access import Actor
from pindeck.models import Export
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.storyboards import storyboards
from tests.conftest import HTMX, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_active


@pytest.fixture
def board(olga: Actor) -> str:
    made, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, made.id, [make_active(olga, title=f"Shot {n}").id for n in range(2)])
    return str(made.id)


def test_a_board_is_exported_and_downloaded(client_for: ClientFor, olga: Actor, sam: Actor, board: str, run_jobs: RunJobs) -> None:
    browser = client_for(olga)
    form = f"/exports/new?board={board}"
    assert form in browser.get(f"/boards/{board}").text and "Night ride" in browser.get(form).text
    wrong = browser.post("/exports", data={"board": board, "kind": "contact", "columns": "99"})
    assert wrong.status_code == 422 and "Use a whole number from 1 to 10." in wrong.text
    made = browser.post("/exports", data={"board": board, "kind": "contact", "columns": "2", "captions": ["title"]})
    assert made.status_code == 303
    page = browser.get(made.location).text
    assert "It waits for its turn." in page and "every 2s" in page and "Look again" in page
    assert browser.get(f"{made.location}/file").status_code == 409
    run_jobs()
    part = browser.get(made.location, headers=HTMX).text
    assert "every 2s" not in part and "<html" not in part and "Night-ride.pdf" in part and Export.get().sha256 in part
    file = browser.get(f"{made.location}/file")
    assert (file.status_code, file.mimetype, file.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert "attachment" in file.headers["Content-Disposition"] and file.headers["Cache-Control"] == "private, no-store"
    with count_queries() as asked:
        assert "Night ride" in browser.get("/exports").text
    assert len(asked) < 12
    for stranger in (client_for(sam), client_for(None)):
        assert {stranger.get(f"{made.location}{end}").status_code for end in ("", "/file")} <= {302, 303, 401, 404}
        assert stranger.post(f"{made.location}/delete").status_code in (302, 303, 401, 404)
    assert browser.post(f"{made.location}/again").location == made.location
    assert browser.post(f"{made.location}/delete").status_code == 303 and Export.select().count() == 0


def test_the_page_tells_what_is_not_cleared_and_refuses(client_for: ClientFor, olga: Actor, board: str, change_settings: ChangeSettings) -> None:
    browser, form = client_for(olga), f"/exports/new?board={board}"
    assert "Rights not cleared" not in browser.get(form).text
    change_settings(export_rights="mark")
    assert "2 pictures are not cleared. In the file they have a small sign" in " ".join(browser.get(form).text.split())
    # The gallery shows them, so that their rights are written at once; no search names what a deck or a choice holds.
    make_active(olga, title="Elsewhere", rights="reference", project="Night ride")
    cleared = make_active(olga, title="Cleared", rights="own", project="Night ride")
    smart, _ = boards.create(olga, name="Smart", query="q=Shot or Elsewhere")
    for of, titles in ((f"board={board}", ["Shot 0", "Shot 1"]), (f"board={smart.id}", ["Shot 0", "Shot 1", "Elsewhere"]),
                       ("project=night-ride", ["Elsewhere"]), ("q=Elsewhere or Cleared", ["Elsewhere"]), ("q=", ["Shot 0", "Shot 1", "Elsewhere"])):  # fmt: skip
        link = html.unescape(re.search(r'href="([^"]+)">Show in the gallery', browser.get(f"/exports/new?{of}").text)[1])  # type: ignore[index]
        shown = browser.get(link).text
        assert [title for title in ("Shot 0", "Shot 1", "Elsewhere", "Cleared") if f">{title}<" in shown] == titles, (of, link)
    assert "Show in the gallery" not in browser.get(f"/exports/new?ids={cleared.id}&ids={pictures.BoardImage.get().image_id}").text
    change_settings(export_rights="refuse")
    refused = browser.post("/exports", data={"board": board, "kind": "contact"})
    ids = [row.image_id for row in pictures.BoardImage.select()]
    assert refused.status_code == 409 and "“Shot 0” (rights unknown), “Shot 1” (rights unknown) are not cleared" in refused.text
    assert all(f'href="/images/{each}"' in refused.text for each in ids) and Export.select().count() == 0


def test_chosen_pictures_a_storyboard_and_a_project_have_their_buttons(client_for: ClientFor, olga: Actor, board: str) -> None:
    browser = client_for(olga)
    ids = [row.image_id for row in pictures.BoardImage.select()]
    assert "/exports/choose" in browser.get("/choose").text
    form = browser.post("/exports/choose", data={"ids": ids})
    assert "2 chosen pictures" in form.text and re.search(rf'name="ids" value="{ids[0]} {ids[1]}"', form.text)
    assert browser.post("/exports", data={"ids": " ".join(ids), "kind": "contact"}).status_code == 303
    made, _ = storyboards.create(olga, board, is_quick=True)
    assert f"/exports/new?storyboard={made.id}" in browser.get(f"/storyboards/{made.id}").text
    assert "Shots of a storyboard sheet" in browser.get(f"/exports/new?storyboard={made.id}").text
    assert browser.get("/exports/new").status_code == 422 and browser.get("/exports/new?board=x").status_code == 404
    assert browser.get("/exports/new?q=((").status_code == 422
