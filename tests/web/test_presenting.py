"""Slides of boards and storyboards: what stands on them, for whom, in pages of 200, and from a link."""

import re

import pytest
from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.models import Action, CanvasObject, Image
from pindeck.services.boards import boards, people, pictures, presenting, sections, sharing
from pindeck.services.boards.canvas import acting
from pindeck.services.boards.storyboards import arranging, frames, shots, storyboards
from pindeck.services.images import undoing
from pindeck.services.library import smart_boards
from tests.conftest import HTMX, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_active, make_row


def words(page: TestResponse) -> list[str]:
    return re.findall(r"<figcaption>\s*<b>([^<]*)</b>", page.text)


def board_of(actor: Actor, *ids: str, name: str = "Night ride") -> str:
    made, _ = boards.create(actor, name=name)
    pictures.add(actor, made.id, list(ids))
    return str(made.id)


def test_a_board_is_shown_in_its_order_with_its_notes(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    one, two, three = (make_active(olga, title=title) for title in ("One", "Two", "Three"))
    board = board_of(olga, two.id, one.id)
    section, _ = sections.add(olga, board, "Exterior")
    pictures.add(olga, board, [three.id], section_id=section)
    pictures.write_note(olga, board, one.id, "The <lamp>")
    Image.update(width=6000, height=4000).where(Image.id == one.id).execute()
    page = client_for(olga).get(f"/boards/{board}/present")
    assert words(page) == ["Two", "One", "Three"] and "The &lt;lamp&gt;" in page.text and "Exterior" in page.text
    assert f'data-sharper="2560 /i/{one.id}?size=screen 6000 /i/{one.id}"' in page.text
    assert f'src="/i/{two.id}?size=large"' in page.text and 'id="3"' in page.text and 'href="#2"' in page.text
    assert f'href="/boards/{board}"' in page.text and f'href="/boards/{board}/present"' in client_for(olga).get(f"/boards/{board}").text
    assert client_for(olga).get(f"/boards/{board}/present?at=3").location == f"/boards/{board}/present#3"
    for at in ("x", "²", "9" * 40):
        assert client_for(olga).get(f"/boards/{board}/present", query_string={"at": at, "from": at, "after": at}).status_code == 200
    assert client_for(sam).get(f"/boards/{board}/present").status_code == 404
    assert client_for(None).get(f"/boards/{board}/present").status_code in (303, 401)
    assert client_for(olga).get("/boards/nothing/present").status_code == 404
    pictures.remove(olga, board, [one.id, two.id, three.id])
    assert "Nothing to show here yet" in client_for(olga).get(f"/boards/{board}/present").text


def test_a_storyboard_is_shown_in_its_mask_with_the_words_of_its_shots(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    one, two, gone = (make_active(olga, title=title) for title in ("One", "Two", "Gone"))
    board = board_of(olga, one.id, two.id, gone.id)
    made, _ = storyboards.create(olga, board, is_quick=True)
    (frame,) = frames.read(made.id)
    shots.describe(olga, made.id, two.id, number="12A", shot_size="MCU", action="She turns.", dialogue="Now.", duration="3.5")
    arranging.write_note(olga, made.id, frame.id, "Ask about the lamp.", based_on="")
    Image.update(focal_x=0.25, focal_y=0.5).where(Image.id == two.id).execute()
    Image.update(deleted_at=1).where(Image.id == gone.id).execute()
    client = client_for(olga)
    page = client.get(f"/storyboards/{made.id}/present")
    assert words(page) == ["One", "12A · MCU · 3.5 s"] and "--a:" not in page.text
    assert all(text in page.text for text in ("She turns.", "Now.", "Frame 01", "Ask about the lamp."))
    storyboards.update(olga, made.id, aspect="16:9")
    page = client.get(f"/storyboards/{made.id}/present?view=speaker")
    assert "--a:16 / 9;--aim:25.0% 50.0%" in page.text and 'id="clock"' in page.text
    assert f"/storyboards/{made.id}/present" in client.get(f"/storyboards/{made.id}").text
    assert client_for(sam).get(f"/storyboards/{made.id}/present").status_code == 404


def looks(page: TestResponse) -> list[str]:
    """What the slides of a canvas are called, in their order."""
    return re.findall(r'<p class="sr" data-box="[-0-9 ]+"[^>]*>([^<]*)</p>', page.text)


def test_a_canvas_is_walked_through_and_shows_what_its_reader_sees(
    client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    change_settings(public_library=False)
    shown, secret, loose = (make_active(olga, title=title) for title in ("Shown", "Secret still", "Without a place"))
    run_jobs()
    board = board_of(olga, shown.id, secret.id, loose.id)
    here, owner, visitor = f"/boards/{board}/canvas/present", client_for(olga), client_for(None)
    link = f"/share/{sharing.share(olga, board)[0]}"
    assert "Nothing to show here yet" in owner.get(here).text and f"{link}/canvas" not in visitor.get(link).text
    acting.add(olga, board, "picture", image_id=secret.id, x=0, y=500, text="Secret caption")
    Image.update(visibility="private").where(Image.id == secret.id).execute()
    assert f"{link}/canvas" not in visitor.get(link).text and "Nothing to show here yet" in visitor.get(f"{link}/canvas").text
    right = acting.add(olga, board, "note", text="Rain <b>", x=400, y=-30).ids[0]
    acting.add(olga, board, "picture", image_id=shown.id, x=0, y=0)
    pictures.write_note(olga, board, shown.id, "Ask for the <lamp>.")
    pictures.write_note(olga, board, secret.id, "Secret note")
    swatch = acting.add(olga, board, "swatch", color="#aabbcc", x=700, y=20).ids[0]
    acting.add(olga, board, "arrow", x=300, y=40, width=-90, height=0)
    acting.group(olga, board, [right, swatch])
    page = owner.get(here)
    assert looks(page) == ["Night ride", "Shown", "Rain &lt;b&gt;, #aabbcc", "Secret still"]
    assert page.text.count('<li class="object"') == 5 and "Without a place" not in page.text and "Secret caption" in page.text
    assert '<div class="aside">Ask for the &lt;lamp&gt;.</div>' in page.text and page.text.count('class="aside"') == 2
    row = CanvasObject.get(CanvasObject.image_id == secret.id)
    assert f'data-box="0 500 {row.width} {row.height + 24}" data-large>Secret still' in page.text  # with its caption
    assert 'data-box="0 -30 820 ' in page.text and f'href="{here}"' in owner.get(f"/boards/{board}/canvas").text
    assert client_for(sam).get(here).status_code == 404 and client_for(gus).get(here).status_code == 403
    people.add(olga, board, str(sam.user_id))
    for reader, way in ((client_for(sam), here), (visitor, f"{link}/canvas")):
        page = reader.get(way)
        assert looks(page) == ["Night ride", "Shown", "Rain &lt;b&gt;, #aabbcc"] and page.text.count('<li class="object"') == 4
        assert "Secret" not in page.text and secret.id not in page.text and 'method="post"' not in page.text
    assert not any(told in page.text for told in ("Olga", str(olga.user_id), "/images/", "/i/", board))
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert f"{link}/canvas" in visitor.get(link).text and f'"{link}/{shown.id}.webp?size=small"' in page.text
    assert visitor.get(here).status_code in (303, 401)
    drawn, _ = storyboards.create(olga, board, is_quick=True)
    of_drawn = re.search(r"/share/[0-9a-f]{32}", owner.post(f"/storyboards/{drawn.id}/share").text)
    assert of_drawn and visitor.get(f"{of_drawn[0]}/canvas").status_code == 404
    sharing.revoke(olga, board)
    assert visitor.get(f"{link}/canvas").status_code == 404
    smart, _ = smart_boards.create(olga, name="All", text="shot")
    assert owner.get(f"/boards/{smart.id}/canvas/present").status_code == 409


def test_many_slides_come_in_pages_and_cost_the_same(
    client_for: ClientFor, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenting, "PAGE", 4)
    ids = [make_row(olga, title=f"Shot {n}").id for n in range(10)]
    board, (smart, _) = board_of(olga, *ids), smart_boards.create(olga, name="All", text="shot")
    drawn, _ = storyboards.create(olga, board, is_quick=True)
    client = client_for(olga)
    for path in (f"/boards/{board}/present", f"/boards/{smart.id}/present", f"/storyboards/{drawn.id}/present"):
        seen, cost, here = [], set(), path
        while here:
            with count_queries() as statements:
                page = client.get(here.replace("&amp;", "&"), headers=HTMX if seen else {})
            cost.add(len(statements))
            seen += re.findall(r'<section class="slide" id="(\d+)"', page.text)
            found = re.search(r'id="more" href="([^"]+)"', page.text)
            here = found[1] if found else ""
        assert seen == [str(n) for n in range(1, 11)], path
        assert max(cost) <= 12, cost


def test_a_link_shows_a_storyboard_and_its_slides_and_nothing_else(
    client_for: ClientFor, olga: Actor, sam: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    change_settings(public_library=False)
    shown, private, beside = (make_active(olga, title=title) for title in ("Shown", "Secret still", "Elsewhere"))
    run_jobs()
    board = board_of(olga, shown.id, private.id, beside.id)
    made, _ = storyboards.create(olga, board, is_quick=True)
    arranging.clear(olga, made.id, [beside.id])
    shots.describe(olga, made.id, shown.id, number="12A", action="She turns.")
    shots.describe(olga, made.id, private.id, number="13", action="Secret words")
    Image.update(visibility="private").where(Image.id == private.id).execute()
    owner, visitor = client_for(olga), client_for(None)
    answer = owner.post(f"/storyboards/{made.id}/share")
    found = re.search(r"<code>[^<]*(/share/[0-9a-f]{32})</code>", answer.text)
    assert found and answer.headers["Cache-Control"] == "no-store" and "1 picture does not appear there" in answer.text
    link = found[1]
    assert link not in owner.get(f"/storyboards/{made.id}").text
    frames_page, slides = visitor.get(link), visitor.get(f"{link}/present")
    assert "Shown" in frames_page.text and "12A" in frames_page.text and words(slides) == ["12A"]
    for page in (frames_page, slides):
        for secret in ("Secret", "Elsewhere", "Olga", str(olga.user_id), private.id, beside.id, "/images/", "/i/", str(board)):
            assert secret not in page.text, secret
        assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    for size in ("large", "screen", "full"):
        assert visitor.get(f"{link}/{shown.id}.webp", query_string={"size": size}).status_code == 200
    for image in (private, beside):
        assert visitor.get(f"{link}/{image.id}.webp?size=screen").status_code == 404
    people.add(olga, board, str(sam.user_id))
    assert client_for(sam).post(f"/storyboards/{made.id}/share").status_code == 403
    assert client_for(sam).post(f"/storyboards/{made.id}/revoke").status_code == 403
    of_board, _ = sharing.share(olga, board)
    assert words(visitor.get(f"/share/{of_board}/present")) == ["Shown", "Elsewhere"]
    assert "no longer works" in owner.post(f"/storyboards/{made.id}/revoke", headers=HTMX).text
    for path in (link, f"{link}/present", f"{link}/{shown.id}.webp", "/share/x/present"):
        assert visitor.get(path).status_code == 404
    undoing.undo(olga, Action.select().order_by(Action.id.desc()).get().id)
    assert visitor.get(link).status_code == 200
    boards.delete(olga, board)
    assert visitor.get(link).status_code == 404
