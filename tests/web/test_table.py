"""The gallery as a table: columns, order, cells that are edited, and ranges that are pasted as one action."""

import re

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Image
from pindeck.services.images import ledger, together
from tests.conftest import HTMX, ClientFor, count_queries
from tests.factories import make_row


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def heads(page: str) -> list[tuple[str, str]]:
    return re.findall(r'data-column="(\w+)"(?: aria-sort="(\w+)")?', page)


def titles(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><span class="words">(.*?)</span>', page)


def test_the_table_shows_the_library_in_its_columns(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    make_row(olga, title="Pier", tags=["original", "wet", "night", "neon", "rain"], project="Alien", group="Film", likes=1200, sref="--sref 7")
    make_row(olga, title="<b>Attic</b>", likes=3)
    page = client_for(olga).get("/?view=table").text
    assert titles(page) == ["&lt;b&gt;Attic&lt;/b&gt;", "Pier"] and "1,200" in page and "--sref 7" in page
    assert page.count('class="tag plain"') == 3 and "+1</span>" in page
    assert heads(page)[:3] == [("title", "none"), ("date", "descending"), ("group", "none")]
    assert titles(client_for(olga).get("/?view=table&sort=name").text)[1] == "Pier"
    for sort, column, told in (("name", "title", "ascending"), ("oldest", "date", "ascending"), ("likes", "likes", "descending"), ("type", "group", "ascending"), ("tag_words", "tags", "ascending"), ("tags", "tags", "descending")):
        assert (column, told) in heads(client_for(olga).get(f"/?view=table&sort={sort}").text)
    assert titles(client_for(olga).get("/?view=table&tag=wet").text) == ["Pier"]
    assert titles(client_for(olga).get("/?view=table&sort=type").text) == ["Pier", "&lt;b&gt;Attic&lt;/b&gt;"]
    assert ">By type<" in client_for(olga).get("/?sort=type").text and "By type" not in client_for(olga).get("/orders").text
    assert "data-choose" in page and "data-choose" not in client_for(None).get("/?view=table").text
    stranger = client_for(None).get("/?view=table").text
    assert "data-edit" not in stranger and "paste-form" not in stranger and len(titles(stranger)) == 2
    assert client_for(olga).get("/?view=table&tag=nothing").text.count("No picture matches") == 1


def test_columns_are_chosen_and_sized_and_stay(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, title="Pier", project="Alien")
    client = client_for(olga)
    given = {"at": "gallery", "choose": "some", "column": ["project", "likes"], "width-project": "333", "width-tags": "200"}
    assert client.post("/view", data={**given, "next": "/?view=table"}).headers["Location"] == "/?view=table"
    page = client.get("/?view=table").text
    assert [name for name, _ in heads(page)] == ["title", "project", "likes"] and "width:333px" in page and ">Alien<" in page
    ledger.edit(olga, Image.get().id, "rights", "reference")
    client.post("/view", data={**given, "column": ["rights"], "next": "/?view=table"})
    assert ">Reference only<" in client.get("/?view=table").text
    client.post("/view", data={"at": "gallery", "columns": "likes:10~nothing~title:400"})
    page = client.get("/?view=table").text
    assert [name for name, _ in heads(page)] == ["title", "likes"] and "width:400px" in page and "width:48px" in page
    client.post("/view", data={"at": "gallery", "choose": "usual"})
    assert len(heads(client.get("/?view=table").text)) == 11


def test_a_page_goes_on_and_costs_the_same_number_of_statements(client_for: ClientFor, olga: Actor) -> None:
    client = client_for(olga)
    counted = []
    for many in (3, 60):
        for n in range(many):
            make_row(olga, title=f"{many} {n}", tags=["a"], project=f"P{n}")
        client.get("/?view=table")
        with count_queries() as statements:
            page = client.get("/?view=table").text
        counted.append(len(statements))
    assert counted[1] <= counted[0] + 1, counted  # where there is more, how many is counted
    following = re.search(r'class="more" href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")  # type: ignore[index]
    rest = client.get(following, headers=HTMX).text
    assert "view=table" in following and "<html" not in rest and len(titles(page)) == 50 and len(titles(rest)) == 13


def test_a_cell_is_edited_with_undo_and_conflicts_as_the_field_is(
    client_for: ClientFor, olga: Actor, mo: Actor, sam: Actor, gus: Actor
) -> None:
    image = make_row(olga, title="Pier")
    client, cell = client_for(olga), f"/table/{image.id}/title"
    editor = client.get(cell, headers=HTMX).text
    assert f'hx-post="{cell}"' in editor and "<html" not in editor and "<h1>Title</h1>" in client.get(cell).text
    based_on = re.search(r'name="based_on" value="(\d+)"', editor)[1]  # type: ignore[index]
    saved = client.post(cell, data={"value": "Pier at night", "based_on": based_on}, headers=HTMX).text
    assert '<span class="words">Pier at night</span>' in saved and "Title saved." in saved and "/undo" in saved
    ledger.edit(mo, image.id, "title", "Mo's pier")
    late = client.post(cell, data={"value": "Mine", "based_on": based_on}, headers=HTMX)
    assert late.status_code == 409 and "It now says “Mo&#39;s pier”" in late.text and f'hx-post="{cell}"' in late.text
    assert client.post(cell, data={"value": "x" * 201}, headers=HTMX).status_code == 422
    assert client.post(cell, data={"value": "x" * 201}).status_code == 422
    assert client.get(f"/table/{image.id}/colour", headers=HTMX).status_code == 404
    assert client.get("/table/none/title", headers=HTMX).status_code == 404
    for answer in (client_for(gus).get(cell, headers=HTMX), client_for(gus).post(cell, data={"value": "Mine"}, headers=HTMX)):
        assert answer.status_code == 403
    private = make_row(olga, title="Private", visibility="private")
    assert client_for(sam).get(f"/table/{private.id}/title", headers=HTMX).status_code == 404
    assert client_for(sam).post(f"/table/{private.id}/title", data={"value": "Mine"}, headers=HTMX).status_code == 404
    assert client_for(None).post(cell, data={"value": "Mine"}, headers=HTMX).status_code in (401, 403)
    assert Image.get_by_id(image.seq).title == "Mo's pier"


def form_of(images: list[Image], columns: str, text: str) -> dict[str, str]:
    ids = " ".join(image.id for image in images)
    return {"ids": ids, "columns": columns, "text": text, "since": str(together.last_event()), "next": "/?view=table"}


def test_a_range_is_shown_before_it_is_pasted_as_one_action_and_taken_back(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    images = [make_row(olga, title=f"{n}", tags=["old"]) for n in range(3)]
    client = client_for(olga)
    given = form_of(images, "title tags group", 'One\twet, "neon"\tFilm\n2\t"a\nb"\tNothing like it\n' + "x" * 201 + "\told\tFilm\textra\nover\n")
    preview = client.post("/table/paste", data=given).text
    assert "<b>6</b> cells change, 1 stays as it is, 2 are refused" in " ".join(preview.split())
    assert "1 row lies beyond the table" in " ".join(preview.split()) and "1 column lies" in preview and "Choose one of" in preview
    assert [image.title for image in Image.select().order_by(Image.seq)] == ["0", "1", "2"] and not Action.select().exists()
    done = client.post("/table/paste/apply", data=given)
    assert done.headers["Location"] == "/?view=table"
    toast = client.get("/?view=table").text
    assert "6 cells were changed. 2 were refused." in toast
    assert [(i.title, ledger.tags_of(i.id), i.group) for i in Image.select().order_by(Image.seq)] == [
        ("One", ["wet", '"neon"'], "Film"), ("2", ["a", "b"], None), ("2", ["old"], "Film"),
    ]  # fmt: skip
    (action,) = Action.select()
    assert client.post(f"/actions/{action.id}/undo").status_code in (200, 303)
    assert [(i.title, ledger.tags_of(i.id), i.group) for i in Image.select().order_by(Image.seq)] == [
        (f"{n}", ["old"], None) for n in range(3)
    ]


def test_a_paste_leaves_what_somebody_changed_and_what_may_not_be_edited(client_for: ClientFor, olga: Actor, mo: Actor) -> None:
    mine, theirs = make_row(olga, title="Mine"), make_row(mo, title="Theirs")
    given = form_of([mine, theirs], "title category", "New\tGeneral\nTaken\tGeneral")
    ledger.edit(mo, mine.id, "title", "Meanwhile")
    page = client_for(olga).post("/table/paste", data=given).text
    assert "has changed it meanwhile" in page
    client_for(olga).post("/table/paste/apply", data=given)
    assert Image.get_by_id(mine.seq).title == "Meanwhile"


def test_a_large_range_is_looked_at_with_as_many_statements_as_a_small_one(client_for: ClientFor, olga: Actor) -> None:
    images = [make_row(olga, title=f"{n}") for n in range(40)]
    client, counted = client_for(olga), []
    for many in (2, 40):
        given = form_of(images[:many], "category light", "".join(f"{n} word\tlight {n}\n" for n in range(many)))
        with count_queries() as statements:
            page = client.post("/table/paste", data=given).text
        assert f"{2 * many} are refused" in " ".join(page.split()) and page.count("is a new word here") == 2 * many
        counted.append(len(statements))
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"text": ""}, "There is nothing to paste"), ({"text": "a\n" * 251}, "at most 250"), ({"text": "x" * 500_001}, "at most 500,000"),
     ({"text": '"' + "y" * 140_000}, "cannot be read as cells"), ({"columns": "nothing"}, "column"), ({"columns": ""}, "column"),
     ({"ids": ""}, "picture")],
)  # fmt: skip
def test_what_is_no_range_is_refused_with_a_sentence(client_for: ClientFor, olga: Actor, changes: dict[str, str], told: str) -> None:
    image = make_row(olga, title="Pier")
    given = form_of([image], "title", "New")
    for address in ("/table/paste", "/table/paste/apply"):
        answer = client_for(olga).post(address, data={**given, **changes})
        assert answer.status_code == 422 and told in answer.text, answer.text[-600:]
    assert client_for(None).post("/table/paste/apply", data=given).status_code in (302, 303, 401, 403)
    page = client_for(olga).post("/table/paste", data={k: v for k, v in given.items() if k != "text"})
    assert page.status_code == 200 and "the columns are Title" in page.text
    assert Image.get().title == "Pier"
