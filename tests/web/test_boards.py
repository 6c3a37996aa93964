"""The pages of boards: with htmx and without, for everybody who asks, and what a public link tells."""

import re
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.models import Action, Board, BoardImage, BoardPerson, BoardSection, Image
from pindeck.services.boards import boards, pictures, sections, sharing
from pindeck.services.library import smart_boards
from tests.conftest import HTMX, Browser, ChangeSettings, ClientFor, RunJobs, count_queries
from tests.factories import make_active, make_draft, make_row, photo


def board_of(actor: Actor, *ids: str, name: str = "Night ride") -> Board:
    board, _ = boards.create(actor, name=name)
    if ids:
        pictures.add(actor, board.id, ids)
    return board


def order(page: TestResponse) -> list[str]:
    return re.findall(r'data-id="([^"]+)"', page.text)


def test_an_answer_carries_the_boards_of_a_picture_only_where_they_are_shown(client_for: ClientFor, olga: Actor) -> None:
    client, image, board = client_for(olga), make_row(olga), board_of(olga)
    for address, is_shown in (("/", False), (f"/images/{image.id}", True)):
        there = {**HTMX, "HX-Current-URL": f"http://localhost{address}?q=rain"}
        put = client.post("/boards/put", data={"ids": image.id, "board": board.id}, headers=there)
        assert "on “Night ride”" in put.text and (f'id="boards-{image.id}"' in put.text) is is_shown
    nothing = client.get("/?q=tag:nothing").text
    assert nothing.count('id="sort"') == nothing.count('id="news"') == 1  # what the numbers bring beside them has its places


def test_files_of_a_form_go_onto_the_board_that_it_names(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    client = client_for(olga)

    def send(board: str, *names: str, headers: dict[str, str] | None = None) -> TestResponse:
        files = [(BytesIO(photo(mark=name)), f"{name}.jpg") for name in names]
        return client.post("/upload", data={"board": board, "files": files}, headers=headers)

    assert send(" Night ride ", "a", "b").location == "/review/"
    assert "2 pictures are safe and on “Night ride”." in client.get("/review/").text
    board, titles = Board.get(), [image.title for image in Image.select().order_by(Image.seq)]
    assert board.name == "Night ride" and titles == ["a", "b"] and BoardImage.select().count() == 2
    assert send("night RIDE", "c", headers=HTMX).status_code == 200
    assert Board.select().count() == 1 and len(order(client.get(f"/boards/{board.id}"))) == 3
    assert f'href="/upload?board={board.name.replace(" ", "+")}"' not in client.get(f"/boards/{board.id}").text
    client.post(f"/boards/{board.id}/people", data={"person": str(sam.user_id)})
    assert order(client_for(sam).get(f"/boards/{board.id}")) == []  # they wait for their owner
    refused = send("x" * 201, "d", headers=HTMX)
    assert refused.status_code == 422 and "at most 200 are allowed" in refused.text and Image.select().count() == 3
    newest, first = Action.select().where(Action.verb == "board.add").get(), Action.select().where(Action.verb == "board.create").get()
    assert client.post(f"/actions/{newest.id}/undo").status_code == 303 and BoardImage.select().count() == 2
    assert first.total == 1 and 'value="Quiet"' in client.get("/upload?board=Quiet").text


def test_a_board_is_made_renamed_duplicated_and_deleted(client_for: ClientFor, olga: Actor) -> None:
    client, image = client_for(olga), make_row(olga, title="Alley")
    assert "No board yet" in client.get("/boards").text
    wrong = client.post("/boards/create", data={"name": " "}, headers=HTMX)
    assert wrong.status_code == 422 and "This cannot be empty." in wrong.text
    made = client.post("/boards/create", data={"name": "Night ride", "description": "Sodium"})
    page = f"/boards/{Board.get().id}"
    assert (made.status_code, made.location) == (303, page)
    assert "Nothing on this board yet" in client.get(page).text
    put = client.post("/boards/put", data={"ids": image.id, "name": "night RIDE", "next": f"/images/{image.id}"})
    assert (put.status_code, put.location) == (303, f"/images/{image.id}")
    assert order(client.get(page)) == [image.id]
    assert "Night ride" in client.get(f"/images/{image.id}").text
    changed = client.post(f"{page}/change", data={"name": "Ride", "description": ""}, headers=HTMX)
    assert "<h1>Ride</h1>" in changed.text and "/undo" in changed.text
    assert client.post(f"{page}/change", data={"name": "x" * 201}).status_code == 422
    copied = client.post(f"{page}/duplicate")
    assert order(client.get(str(copied.location))) == [image.id]
    assert "Delete “Ride”? Its pictures stay in the library" in client.get(page).text
    cards = client.get("/boards").text
    assert f'hx-post="{page}/delete"' in cards and f'name="board" value="{Board.get().id}"' in cards and "Make a deck" in cards
    gone = client.post(f"{page}/delete")
    undo = re.search(r'action="(/actions/[^"]+/undo)"', client.get(str(gone.location)).text)
    assert gone.location == "/boards" and client.get(page).status_code == 404
    assert undo and client.post(undo[1]).status_code == 303
    assert order(client.get(page)) == [image.id]


def test_pictures_are_chosen_moved_noted_and_taken_off(client_for: ClientFor, olga: Actor) -> None:
    client, ids = client_for(olga), [make_row(olga, title=f"Still {n}").id for n in range(3)]
    choice = client.get("/boards/choose", query_string={"ids": ids}, headers=HTMX)
    assert "Add 3 pictures to a board" in choice.text and "<html" not in choice.text
    matching = client.post("/boards/choose", data={"all": "1", "query": "q=Still"}, headers=HTMX)
    assert "Add 3 pictures to a board" in matching.text and ids[0] not in matching.text
    client.post("/boards/put", data={"all": "1", "query": "q=Still", "name": "All of them"})
    with count_queries() as seen:  # as each letter is typed
        assert "All of them" in client.post("/boards/offers", data={"all": "1", "query": "q=Still", "name": "all"}, headers=HTMX).text
    assert not any('FROM "image"' in statement for statement in seen)
    assert {row.image_id for row in BoardImage.select()} == set(ids)
    Board.delete().execute()
    wrong = client.post("/boards/put", data={"ids": ids}, headers=HTMX)
    assert wrong.status_code == 422 and "type a name for a new one" in wrong.text
    client.post("/boards/put", data={"ids": ids, "name": "Night ride"})
    page = f"/boards/{Board.get().id}"
    assert "on it" in client.post("/boards/offers", data={"ids": " ".join(ids), "name": "night"}).text
    client.post(f"{page}/sections", data={"section": "Exterior"})
    section = BoardSection.get().id
    moved = client.post(f"{page}/move", data={"ids": ids[0], "section": section}, headers=HTMX)
    assert order(moved) == [ids[1], ids[2], ids[0]]
    assert moved.text.index("boardsection") < moved.text.index(f"p-{ids[0]}")
    client.post(f"{page}/move", data={"ids": ids[2], "by": "back"})
    quiet = client.post(f"{page}/move", data={"ids": ids[0], "before": ids[1], "quiet": "1"}, headers=HTMX)
    assert order(quiet) == [] and "Moved." in quiet.text
    assert order(client.get(page)) == [ids[2], ids[0], ids[1]]
    pin = f"{page}/pictures/{ids[0]}"
    noted = client.post(f"{pin}/note", data={"note": "<b>Lamp</b>"}, headers=HTMX)
    assert "&lt;b&gt;Lamp" in noted.text and "&lt;b&gt;Lamp" in client.get(f"{page}?view=captions").text
    assert client.post(f"{pin}/note", data={"note": "x" * 2001}, headers=HTMX).status_code == 422
    client.post(f"{page}/cover", data={"ids": ids[1]})
    assert Board.get().cover_id == ids[1]
    off = client.post(f"{page}/remove", data={"ids": ids[:2]}, headers=HTMX)
    assert order(off) == [ids[2]] and "2 pictures are off the board." in off.text
    assert client.post(f"{page}/sections/{section}/nothing").status_code == 404 and BoardSection.select().count() == 1
    assert "The section is at the end already." in client.post(f"{page}/sections/{section}/down", headers=HTMX).text
    for act in ("rename", "up", "remove"):
        client.post(f"{page}/sections/{section}/{act}", data={"section": "Night"})
    assert BoardSection.select().count() == 0
    assert client.get("/boards/rail").text.count("data-drop") == 1


def test_who_may_do_what(client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    image = make_row(olga)
    page = f"/boards/{board_of(olga, image.id).id}"
    acts = {
        "/change": {"name": "Mine"}, "/delete": {}, "/duplicate": {}, "/add": {"ids": image.id}, "/remove": {"ids": image.id},
        "/move": {"ids": image.id}, "/sections": {"section": "A"}, "/people": {"person": str(sam.user_id)}, "/share": {},
        "/revoke": {}, "/cover": {"ids": image.id}, f"/pictures/{image.id}/note": {"note": "Seen"},
        f"/unpin/{image.id}": {},
    }  # fmt: skip
    before = Action.select().count()
    for actor, status in ((sam, 404), (gus, 403), (None, 303)):
        client: Browser = client_for(actor)
        assert client.get(page).status_code == status
        for act, form in acts.items():
            answer = client.post(page + act, data=form)
            assert answer.status_code == status, act
    assert Action.select().count() == before and Board.select().count() == 1
    client_for(olga).post(f"{page}/people", data={"person": str(sam.user_id)})
    assert BoardPerson.select().count() == 1
    theirs = client_for(sam)
    assert "Public link" not in theirs.get(page).text and f"{page}/delete" not in theirs.get("/boards").text
    assert [theirs.post(page + act, data=acts[act]).status_code for act in ("/share", "/delete", "/people")] == [403] * 3
    assert theirs.post(f"{page}/people/{sam.user_id}/remove").location == "/boards"
    assert client_for(mo).get(page).status_code == 200


def test_the_public_link_shows_the_board_and_nothing_else(
    client_for: ClientFor, olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    change_settings(public_library=False)
    shown, elsewhere = make_active(olga, title="Shown"), make_active(olga, title="Elsewhere")
    draft, private = make_draft(olga, title="Draft"), make_active(olga, title="Secret still")
    run_jobs()
    board = board_of(olga, shown.id, draft.id, private.id)
    pictures.write_note(olga, board.id, private.id, "Secret note")
    Image.update(visibility="private").where(Image.id == private.id).execute()
    owner, visitor = client_for(olga), client_for(None)
    answer = owner.post(f"/boards/{board.id}/share")
    found = re.search(r"<code>[^<]*(/share/[0-9a-f]{32})</code>", answer.text)
    assert found and answer.headers["Cache-Control"] == "no-store" and "2 pictures do not appear there" in answer.text
    link = found[1]
    assert link not in owner.get(f"/boards/{board.id}").text
    page = visitor.get(link)
    assert page.status_code == 200 and "Shown" in page.text
    for secret in ("Secret", "Draft", "Elsewhere", "Olga", str(olga.user_id), private.id, draft.id, "/images/", "/i/"):
        assert secret not in page.text, secret
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "private, no-store")
    assert "noindex" in page.headers["X-Robots-Tag"]
    for size in ("small", "medium", "large", "full", "../x"):
        picture = visitor.get(f"{link}/{shown.id}.webp", query_string={"size": size})
        assert (picture.status_code, picture.mimetype) == (200, "image/webp")
        assert picture.headers["Cache-Control"] == "private, no-cache"
    for image in (draft, private, elsewhere):
        assert visitor.get(f"{link}/{image.id}.webp").status_code == 404
        assert visitor.get(f"/i/{image.id}").status_code in (401, 404)
    for wrong in ("/share/" + "0" * 32, "/share/x", f"{link}x"):
        assert visitor.get(wrong).status_code == 404
    assert visitor.post(link).status_code == 405
    Image.update(deleted_at=1).where(Image.id == shown.id).execute()
    assert "Nothing to see here yet" in visitor.get(link).text
    assert visitor.get(f"{link}/{shown.id}.webp").status_code == 404
    Image.update(deleted_at=None).where(Image.id == shown.id).execute()
    owner.post(f"/boards/{board.id}/revoke")
    assert [visitor.get(address).status_code for address in (link, f"{link}/{shown.id}.webp")] == [404, 404]


def test_pages_cost_the_same_number_of_statements(client_for: ClientFor, olga: Actor) -> None:
    client, ids = client_for(olga), [make_row(olga).id for _ in range(70)]
    board = board_of(olga, *ids[:5])
    token, _ = sharing.share(olga, board.id)
    addresses = (f"/boards/{board.id}", "/boards", "/boards/rail", f"/share/{token}")

    def counted() -> list[int]:
        found = []
        for address in addresses:
            with count_queries() as statements:
                assert client.get(address).status_code == 200
            found.append(len(statements))
        return found

    few = counted()
    pictures.add(olga, board.id, ids)
    for n in range(15):
        board_of(olga, ids[n], name=f"Board {n}")
    assert counted() == few
    assert few[0] <= 16 and few[1] <= 9 and few[3] <= 6, few
    first = client.get(f"/boards/{board.id}")
    more = re.search(r'class="next" href="([^"]+)"', first.text)
    assert more and order(first) + order(client.get(more[1].replace("&amp;", "&"), headers=HTMX)) == ids


@pytest.mark.parametrize("after", ["", "x", "~~", "a~b~c", "~\x00~", "~i00000~" + "x" * 3000])
def test_a_place_that_is_none_is_the_beginning_or_the_end(client_for: ClientFor, olga: Actor, after: str) -> None:
    board = board_of(olga, make_row(olga).id)
    assert client_for(olga).get(f"/boards/{board.id}", query_string={"after": after}).status_code == 200
    assert BoardImage.select().count() == 1


def test_a_picture_of_a_shared_board_opens_as_a_page_with_ways_to_the_others(client_for: ClientFor, olga: Actor) -> None:
    one, two, three, beside = (make_active(olga, title=title) for title in ("One", "Two", "Three", "Beside"))
    hidden = make_active(olga, title="Hidden")
    board, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, board.id, [one.id, hidden.id, two.id])
    section, _ = sections.add(olga, board.id, "Exterior")
    pictures.add(olga, board.id, [three.id], section_id=section)
    pictures.write_note(olga, board.id, two.id, "The <lamp>")
    Image.update(visibility="private").where(Image.id == hidden.id).execute()
    token, _ = sharing.share(olga, board.id)
    visitor = client_for(None)
    assert f'href="/share/{token}/{one.id}"' in visitor.get(f"/share/{token}").text

    def ways(image: Image) -> list[tuple[str, str]]:
        return re.findall(r'href="/share/[^/"]+/([0-9a-f-]{36})" rel="(prev|next)"', visitor.get(f"/share/{token}/{image.id}").text)

    assert ways(one) == [(two.id, "next")]
    assert ways(two) == [(one.id, "prev"), (three.id, "next")] and ways(three) == [(two.id, "prev")]
    answer = visitor.get(f"/share/{token}/{two.id}")
    assert "The &lt;lamp&gt;" in answer.text and f'src="/share/{token}/{two.id}.webp?size=large"' in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer" and "no-store" in answer.headers["Cache-Control"]
    for other in (hidden.id, beside.id, "x"):
        assert visitor.get(f"/share/{token}/{other}").status_code == 404
    sharing.revoke(olga, board.id)
    assert visitor.get(f"/share/{token}/{two.id}").status_code == 404


def test_the_card_of_a_smart_board_asks_for_its_first_pictures_when_it_is_seen(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    board, _ = smart_boards.create(olga, name="Rain", text="tag:rain")
    plain, _ = boards.create(olga, name="Plain")
    for n in range(4):
        make_active(olga, photo((10 * n, 90, 90)), title=f"Rain {n}", tags=["rain"])
    make_row(sam, tags=["rain"], visibility="private")
    client = client_for(olga)
    page = client.get("/boards").text
    assert page.count(f'hx-get="/boards/{board.id}/cover"') == 1 and f"/boards/{plain.id}/cover" not in page
    cover = client.get(f"/boards/{board.id}/cover", headers=HTMX).text
    assert cover.count("<img") == 3 and "hx-get" not in cover and "<html" not in cover
    assert client.get(f"/boards/{plain.id}/cover").status_code in (302, 303)
    assert client_for(sam).get(f"/boards/{board.id}/cover").status_code == 404
    assert client_for(None).get(f"/boards/{board.id}/cover").status_code in (302, 303)
