"""Saved and recent searches: each person's own, at every door, and taken back by that person alone."""

import re

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import RecentSearch, SavedSearch
from pindeck.services.actions import shown
from pindeck.services.boards import recent_searches, searches
from pindeck.services.images import undoing
from pindeck.services.library import sorting, suggest
from tests.conftest import HTMX, ClientFor
from tests.factories import make_row, together


def names(actor: Actor) -> list[str]:
    return [row.name for row in searches.list_all(actor)]


def test_each_person_has_their_own(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    made, _ = searches.keep(olga, name=" Night  ride ", query="tag:rain -fog", sort="likes")
    searches.keep(sam, name="night ride", query="rain")
    assert (names(olga), names(sam), names(mo)) == (["Night  ride"], ["night ride"], [])
    for other in (sam, mo):
        for act in (searches.find, searches.remove, lambda a, i: searches.change(a, i, name="x")):
            with pytest.raises(NotFound):
                act(other, made.id)
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        for deny in (searches.list_all, recent_searches.list_all, recent_searches.clear, lambda a: searches.keep(a, name="x", query="y")):
            with pytest.raises(error):
                deny(actor)
        recent_searches.note(actor, "rain")
        assert searches.known_to(actor) == [] == recent_searches.known_to(actor)
    assert not RecentSearch.select().exists() and set(searches.SORTS) == set(sorting.Sort)


def test_what_cannot_be_saved_names_its_field(olga: Actor) -> None:
    made, _ = searches.keep(olga, name="Rain", query="rain")
    wrong = [
        ({"name": " ", "query": "("}, {"name", "query"}), ({"name": "x" * 101, "query": "rain"}, {"name"}), ({"name": "RAIN", "query": "rain"}, {"name"}),
        ({"name": "a", "query": "ratio:wide"}, {"query"}), ({"name": "a", "query": "x" * 501}, {"query"}), ({"name": 1, "query": None}, {"name", "query"}),
        ({"name": "a", "query": "-"}, {"query"}), ({"name": "a", "query": "rain", "sort": "up"}, {"sort"}), ({"name": "\ud800", "query": "a\0"}, {"name", "query"}),
    ]  # fmt: skip
    for given, fields in wrong:
        with pytest.raises(Invalid) as error:
            searches.keep(olga, **given)
        assert set(error.value.fields) == fields, given
    other, _ = searches.keep(olga, name="Fog", query="fog")
    with pytest.raises(Invalid, match="of this name"):
        searches.change(olga, other.id, name="rain")
    assert searches.change(olga, made.id, name="RAIN") and searches.change(olga, made.id, name="RAIN", query="rain") is None
    assert names(olga) == ["Fog", "RAIN"]


def test_two_at_once_are_not_two_of_a_name_and_not_too_many(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST", 3)
    together(4, lambda _: searches.keep(olga, name="Same", query="rain"))
    assert names(olga) == ["Same"]
    results = together(4, lambda n: searches.keep(olga, name=f"n{n}", query="rain"))
    assert sum(isinstance(result, Conflict) for result in results) == 2 and len(names(olga)) == 3


def test_two_that_get_one_name_at_once_are_told_apart(olga: Actor) -> None:
    made = [searches.keep(olga, name=f"Rain {n}", query="rain")[0].id for n in range(4)]
    renamed = together(4, lambda n: searches.change(olga, made[n], name="Fog"))
    assert sum(isinstance(each, str) for each in renamed) == 1 and sum(isinstance(each, Invalid) for each in renamed) == 3


def test_all_three_are_taken_back_and_done_again(olga: Actor, mo: Actor) -> None:
    made, kept = searches.keep(olga, name="Rain", query="rain")
    changed = searches.change(olga, made.id, name="Fog", query="fog", sort="name")
    rows = list(SavedSearch.select().dicts())
    removed = searches.remove(olga, made.id)
    assert names(olga) == [] and [view.what for view in shown.list_actions(mo)[0]] == []
    with pytest.raises(NotFound):
        undoing.undo(mo, removed)
    undone = undoing.undo(olga, removed)
    again = list(SavedSearch.select().dicts())
    assert [{**row, "updated_at": 0} for row in again] == [{**row, "updated_at": 0} for row in rows]
    undoing.redo(olga, undone.undo_id if hasattr(undone, "undo_id") else None)
    assert names(olga) == []
    searches.keep(olga, name="fog", query="other")
    last = shown.last(olga)
    assert last
    undoing.undo(olga, last.id)
    assert names(olga) == []
    assert changed and kept


def test_what_took_the_name_since_stays(olga: Actor) -> None:
    made, _ = searches.keep(olga, name="Rain", query="rain")
    removed = searches.remove(olga, made.id)
    searches.keep(olga, name="rain", query="another")
    with pytest.raises(Conflict):
        undoing.undo(olga, removed)
    other, _ = searches.keep(olga, name="Fog", query="fog")
    renamed = searches.change(olga, other.id, name="Mist")
    searches.change(olga, other.id, name="Haze")
    with pytest.raises(Conflict):
        undoing.undo(olga, str(renamed))
    assert [(row.name, row.query) for row in searches.list_all(olga)] == [("Haze", "fog"), ("rain", "another")]


def test_the_last_twenty_are_kept_and_typing_on_is_one(olga: Actor, sam: Actor) -> None:
    for text in ("ne", "neon", "neon", " neon   rain ", "neon", "-", ""):
        recent_searches.note(olga, text)
    assert recent_searches.list_all(olga) == ["neon", "neon rain"] and recent_searches.list_all(sam) == []
    with db.writing():
        RecentSearch.update(at=RecentSearch.at - 120_000).execute()
    for n in range(30):
        recent_searches.note(olga, f"{n:02d} rain")
    assert recent_searches.list_all(olga) == [f"{n:02d} rain" for n in range(29, 9, -1)]
    together(4, lambda n: recent_searches.note(olga, f"many {n}"))
    assert RecentSearch.select().count() == recent_searches.MOST
    recent_searches.note(sam, "fog")
    recent_searches.clear(olga)
    assert recent_searches.list_all(olga) == [] and recent_searches.list_all(sam) == ["fog"]


def test_the_box_offers_them(olga: Actor, sam: Actor) -> None:
    make_row(olga, tags=["night"])
    searches.keep(olga, name="Wet nights", query="tag:rain time:night")
    recent_searches.note(olga, "nightfall")

    def told(actor: Actor, text: str) -> list[tuple[str, str]]:
        return [(each.kind, each.text) for each in suggest.of(actor, text)]

    own = [("saved", "tag:rain time:night"), ("recent", "nightfall")]
    assert told(olga, "") == own and told(olga, "ni") == [*own, ("value", "tag:night ")]
    assert told(olga, "tag:ra") == own[:1] and told(olga, "nightfall") == []
    assert told(sam, "ni") == [("value", "tag:night ")] and told(sam, "") == [] == told(VISITOR, "")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_page_saves_changes_and_removes(client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, headers: dict[str, str]) -> None:
    make_row(olga, tags=["rain"])
    client = client_for(olga)
    page = client.get("/?q=wet+or+fog&tag=rain&liked=1&sort=likes", headers=headers).text
    address = re.search(r'href="(/searches\?[^"]+)"', page)
    assert address
    form = client.get(address[1].replace("&amp;", "&"), headers=headers).text
    assert 'value="(wet or fog) tag:rain is:liked"' in form and '<option value="likes" selected>' in form
    for name, status in (("Wet", 200 if headers else 303), ("wet", 422), ("", 422)):
        given = {"name": name, "query": "(wet or fog) tag:rain is:liked", "sort": "likes"}
        answer = client.post("/searches/create", data=given, headers=headers)
        assert answer.status_code == status, answer.text
        assert status != 422 or 'aria-invalid="true"' in answer.text
    row = SavedSearch.get()
    shown_at = f'href="/?q={"(wet+or+fog)+tag:rain+is:liked"}&amp;sort=likes"'
    for where in ("/searches", "/counts", "/go"):
        assert shown_at in client.get(where).text, where
        assert shown_at not in client_for(sam).get(where).text
    assert "Saved: Wet" in client.get("/suggest?q=we").text
    for other in (sam, gus, None):
        answer = client_for(other).post(f"/searches/{row.id}/remove", headers=headers)
        assert answer.status_code in {sam: (404,), gus: (403,), None: (401, 303, 302)}[other]
    assert client.post(f"/searches/{row.id}/change", data={"name": "Dry", "query": "ratio:x", "sort": ""}, headers=headers).status_code == 422
    assert client.post(f"/searches/{row.id}/change", data={"name": "Dry", "query": "dust", "sort": ""}, headers=headers).status_code < 400
    assert [(row.name, row.query, row.sort) for row in SavedSearch.select()] == [("Dry", "dust", "newest")]
    assert client.post("/boards/create", data={"name": "Dry", "query": "dust"}, headers=headers).status_code < 400
    client.post(f"/searches/{row.id}/remove", headers=headers)
    assert not SavedSearch.select().exists()
    client.post("/actions/last/undo", headers=headers)
    client.post("/actions/last/undo", headers=headers)
    assert SavedSearch.get().name in ("Dry", "Wet")


def test_searches_that_were_made_are_kept_and_cleared(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, tags=["rain"])
    client = client_for(olga)
    client.get("/?q=fog&typed=1")
    assert recent_searches.list_all(olga) == ["fog"]
    fragment = client.get("/?q=tag:rain", headers=HTMX).text
    assert "searches/recent" in fragment and recent_searches.list_all(olga) == ["fog"]
    client.post("/searches/recent", data={"q": "tag:rain"}, headers=HTMX)
    assert recent_searches.list_all(olga) == ["tag:rain", "fog"]
    assert ">fog</a>" in client.get("/searches").text
    client.post("/searches/recent/clear")
    assert ">fog</a>" not in client.get("/searches").text
    client_for(None).get("/?q=fog&typed=1")
    assert not RecentSearch.select().exists()
