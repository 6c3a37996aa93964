"""What is new since somebody was here, and the mark that moves when they have looked and never otherwise."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import NotFound, NotSignedIn
from pindeck.models import SeenMark
from pindeck.services.library import filters, gallery, seen
from pindeck.states import ImageStatus
from tests.conftest import HTMX, ClientFor
from tests.factories import make_row


def test_the_mark_moves_on_a_look_and_never_back(olga: Actor, sam: Actor) -> None:
    rows = [make_row(sam, title=str(n)) for n in range(4)]
    first = seen.since(olga)
    assert first and (first.count.number, first.newest) == (0, rows[3].id)  # nobody who comes first has missed anything
    seen.look(olga, rows[1].id)
    for _ in range(2):
        news = seen.since(olga)
        assert news and (news.count.number, news.oldest, news.newest) == (2, rows[2].id, rows[3].id)
    seen.look(olga, rows[3].id)
    seen.look(olga, rows[0].id)
    assert seen.since(olga) is None and SeenMark.get().seq == rows[3].seq


def test_news_are_pictures_of_others_that_hang_there(olga: Actor, sam: Actor) -> None:
    seen.look(olga, make_row(sam).id)
    make_row(olga)
    make_row(sam, status=ImageStatus.DRAFT)
    make_row(sam, visibility="private")
    make_row(sam, visibility="unlisted")
    assert seen.since(olga) is None


def test_the_search_knows_what_is_new(olga: Actor, sam: Actor) -> None:
    rows = [make_row(who, title=str(n), created_at=1) for n, who in enumerate((sam, sam, olga, sam))]

    def found(actor: Actor, text: str) -> list[str]:
        return [image.title for image in gallery.list_page(actor, {filters.WORDS: text}).images]

    assert found(olga, "is:new") == [] == found(VISITOR, "is:new")  # no mark yet: nothing of the last seven days
    seen.look(olga, rows[0].id)
    assert found(olga, "is:new") == ["3", "1"] and found(olga, "-is:new") == ["2", "0"] and found(sam, "is:new") == []
    seen.look(olga, rows[3].id)
    make_row(sam, title="4", created_at=1)
    assert found(olga, "is:new") == ["4"]


def test_who_has_a_mark(olga: Actor, sam: Actor, gus: Actor) -> None:
    shown, hidden = make_row(sam), make_row(sam, visibility="private")
    assert seen.since(VISITOR) is None and seen.since(gus) is None
    with pytest.raises(NotSignedIn):
        seen.look(VISITOR, shown.id)
    for wrong in (hidden.id, "nothing", ""):
        with pytest.raises(NotFound):
            seen.look(olga, wrong)


def test_asking_for_the_page_is_no_look(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    seen.look(olga, make_row(sam).id)
    new = make_row(sam)
    client = client_for(olga)
    for _ in range(2):
        client.get("/")
        assert ">1 new<" in client.get("/counts", headers=HTMX).text
    assert client.post("/seen", data={"id": new.id}, headers=HTMX).status_code == 200
    assert " new<" not in client.get("/counts", headers=HTMX).text
    assert client.post("/seen", data={"id": "x"}, headers=HTMX).status_code == 404
