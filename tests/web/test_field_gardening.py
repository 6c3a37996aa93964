"""The page of the fields: what stands in each, who may rename and merge, each with scripts and without, and the way back."""

import re

import pytest

from pindeck.models import Action, Image, VocabularyTerm
from pindeck.services.actions import log, shown
from pindeck.services.images import ledger
from tests.conftest import HTMX, count_queries
from tests.factories import fresh, make_row

PAGE = "/vocabulary/fields"


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_who_may_tidy(client_for, olga, mo, gus):
    image = make_row(olga, genre="Noir")
    for actor, page, door in ((None, (302, 303), (303,)), (gus, (403,), (403,)), (mo, (200,), (303,))):
        client = client_for(actor)
        assert client.get(PAGE).status_code in page
        assert client.post(PAGE, data={"field": "genre", "word": "Noir", "means": "Drama"}).status_code in door
        assert fresh(image).genre == ("Drama" if actor is mo else "Noir")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_word_is_merged_in_all_pictures_and_comes_back(client_for, olga, sam, headers):
    noir = [make_row(actor, genre="Noir") for actor in (olga, sam)]
    drama, gone = make_row(olga, genre="Drama"), make_row(olga, genre="Noir", deleted_at=1)
    make_row(sam, genre="Secret", visibility="private")
    client = client_for(olga)
    page = client.get(f"{PAGE}?field=genre", headers=headers).text
    assert page.index(">Drama</a> 1") < page.index(">Noir</a> 2") and "Secret" not in page
    sent = {"field": "genre", "word": "Noir", "means": "Drama"}
    assert client.post(PAGE, data=sent, headers=headers).status_code == (200 if headers else 303)
    assert [fresh(image).genre for image in (*noir, drama, gone)] == ["Drama", "Drama", "Drama", "Noir"]
    assert ">Drama</a> 3" in client.get(PAGE, headers=headers).text
    assert Action.select().count() == 1 and "“Noir” became “Drama” in Genre" in shown.list_actions(olga)[0][0].what
    client.post("/actions/last/undo", headers=headers)
    assert [fresh(image).genre for image in (*noir, drama)] == ["Noir", "Noir", "Drama"]
    ledger.edit(olga, noir[0].id, "light", "soft, silhouette")
    ledger.edit(olga, noir[1].id, "light", "silhouette")
    client.post(PAGE, data={"field": "light", "word": "Silhouette", "means": "Soft"}, headers=headers)
    assert [ledger.values_of(fresh(image), ["light"])["light"] for image in noir] == [["Soft"], ["Soft"]]
    for wrong, status in (
        ({**sent, "means": ""}, 422), ({**sent, "means": "Noir"}, 422), ({**sent, "field": "title"}, 422), ({**sent, "word": "Nothing"}, 404),
        ({"field": "group", "word": "Film", "means": "No type"}, 422), ({}, 422),
    ):  # fmt: skip
        assert client.post(PAGE, data=wrong, headers=headers).status_code == status, wrong
    for field in ("group", "category", "light", "nonsense", ""):
        assert client.get(f"{PAGE}?field={field}&after=x").status_code == 200


def test_words_that_may_be_one_are_found_and_merged(client_for, olga):
    for word in ("Documentary", "Documentery", "Chase", "Chases", "Chases", "noir", "noir", "Noir"):
        image = make_row(olga)
        Image.update(genre=word).where(Image.seq == image.seq).execute()
    client = client_for(olga)
    page = client.get(f"{PAGE}?field=genre", headers=HTMX).text
    part = page[page.index("May be one word") : page.index("Used once")]
    found = re.findall(r'name="word" value="([^"]+)">\s*<input[^>]*"rename">\s*<button[^>]*value="([^"]+)"', part)
    assert ("noir", "Noir") in found and ("Chase", "Chases") in found and len(found) == 3  # the standard spelling stays
    for word, means in found:
        assert client.post(PAGE, data={"field": "genre", "word": word, "means": means}, headers=HTMX).status_code == 200
    assert len({image.genre for image in Image.select()}) == 3 and "May be one word" not in client.get(PAGE).text


@pytest.mark.parametrize("part", [2, 250])
def test_words_used_once_and_words_that_come_together_are_found_and_one_is_forbidden(
    client_for, olga, run_jobs, monkeypatch, part
):
    images = [make_row(olga) for _ in range(6)]
    for n, image in enumerate(images):
        ledger.edit(olga, image.id, "light", "Fog glow, Haze glow" if n < 5 else "Fog glow, Lampz")
    client = client_for(olga)
    page = client.get(f"{PAGE}?field=light", headers=HTMX).text
    together, once = (page[page.index(f">{start}") : page.index(end)] for start, end in (("Often together", "Used once"), ("Used once", "</details>")))
    assert re.findall(r'name="word" value="([^"]+)"[^$]*?name="means" value="([^"]+)"', together) == [("Haze glow", "Fog glow")]
    assert "Lampz" in once and "Haze" not in once
    monkeypatch.setattr(log, "PART", part)
    before = [ledger.values_of(fresh(image), ["light"])["light"] for image in images]
    for word, how, means, after in (
        ("Fog glow", "add", "Soft", [["Fog glow", "Soft", "Haze glow"]] * 5 + [["Fog glow", "Soft", "Lampz"]]),
        ("Fog glow", "forbid", "", [["Haze glow"]] * 5 + [["Lampz"]]),
    ):
        client.post(PAGE, data={"field": "light", "word": word, "how": how, "means": means}, headers=HTMX)
        run_jobs()
        assert [ledger.values_of(fresh(image), ["light"])["light"] for image in images] == after
        if how == "forbid":
            assert VocabularyTerm.get(VocabularyTerm.spelling == word).state == "refused"
        client.post("/actions/last/undo", headers=HTMX)
        run_jobs()
        assert [ledger.values_of(fresh(image), ["light"])["light"] for image in images] == before
    assert VocabularyTerm.get(VocabularyTerm.spelling == "Fog glow").state == "proposed"
    for field, word, how in (("light", "Soft", "forbid"), ("category", "Film", "forbid"), ("genre", "Noir", "add"), ("light", "Lampz", "burn")):
        wrong = client.post(PAGE, data={"field": field, "word": word, "how": how, "means": "Soft"}, headers=HTMX)
        assert wrong.status_code == 422


def test_many_are_changed_by_a_job_and_the_page_costs_the_same(client_for, olga, run_jobs, monkeypatch):
    client = client_for(olga)
    for many in (2, 60):
        for n in range(many):
            make_row(olga, genre=f"Genre {n:02}", style="Old")
        with count_queries() as counted:
            page = client.get(PAGE, headers=HTMX).text
        if many == 2:
            few = len(counted)
    assert len(counted) == few and "after=Genre+49" in page and ">Genre 59</a> 1" in client.get(f"{PAGE}?after=Genre+49").text
    monkeypatch.setattr(log, "PART", 10)
    assert "of 62 pictures so far" in client.post(PAGE, data={"field": "style", "word": "Old", "means": "New"}, headers=HTMX).text
    run_jobs()
    assert {image.style for image in Image.select()} == {"New"}
    client.post("/actions/last/undo", headers=HTMX)
    run_jobs()
    assert {image.style for image in Image.select()} == {"Old"}
