"""A category that nobody has used is asked about before it is written: in the page, as a page, for one and for many."""

import html
import re

import pytest

from pindeck.models import FieldEvent
from pindeck.services.images import ledger
from tests.api.gallery import BASE, good
from tests.conftest import HTMX
from tests.factories import fresh, make_active, make_draft, make_row

QUESTION = "“Neon noir” is new. Add it?"


@pytest.fixture
def image(olga):
    return make_row(olga, category="Film")


def send(client, image, value, headers=HTMX, **more):
    return client.post(f"/images/{image.id}/fields/category", data={"value": value, **more}, headers=headers)


def page_form(page: str) -> tuple[str, dict[str, list[str]]]:
    """Where the question of a page is sent to, and with what."""
    form = re.search(r'<form class="row" method="post" action="([^"]+)">(.*?)</form>', page, re.S)
    data: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]):
        data.setdefault(name, []).append(html.unescape(value))
    return form[1], data


def test_a_new_category_is_asked_about_and_added_when_it_is_confirmed(client_for, image, olga):
    client = client_for(olga)
    asked = send(client, image, " Neon noir ")
    assert asked.status_code == 422 and QUESTION in asked.text
    assert fresh(image).category == "Film" and 'data-take="Film"' in asked.text
    assert re.search(r'name="new" value="Neon noir">Add it<', asked.text)
    assert "“Neon blanc” is new" in send(client, image, "Neon blanc", new="Neon noir").text
    assert send(client, image, "Neon noir", new="Neon noir").status_code == 200
    assert fresh(image).category == "Neon noir"
    other = make_row(olga, category="Film")
    assert send(client, other, "NEON  NOIR").status_code == 200
    assert fresh(other).category == "Neon noir"


@pytest.mark.parametrize(("typed", "kept"), [("sci-fi", "Sci-Fi"), ("", "General"), ("general", "General")])
def test_known_categories_are_taken_whatever_their_case(client_for, image, olga, typed, kept):
    assert send(client_for(olga), image, typed).status_code == 200
    assert fresh(image).category == kept


def test_what_stands_at_the_picture_already_is_not_new(client_for, olga, mo):
    hidden = make_row(olga, category="Secret", visibility="private")
    before = FieldEvent.select().count()
    assert send(client_for(mo), hidden, "Secret").status_code == 200
    assert FieldEvent.select().count() == before


def test_a_hidden_picture_of_somebody_else_makes_no_word_known(client_for, image, olga, sam):
    make_row(sam, category="Secret", visibility="private")
    assert "“Secret” is new" in send(client_for(olga), image, "Secret").text


def test_a_browser_without_scripts_is_asked_by_a_page(client_for, image, olga):
    client = client_for(olga)
    asked = send(client, image, "Neon noir", headers=None, next="/?q=rain", based_on="0")
    assert asked.status_code == 422 and QUESTION in asked.text and 'href="/?q=rain"' in asked.text
    assert fresh(image).category == "Film"
    action, data = page_form(asked.text)
    assert action == f"/images/{image.id}/fields/category"
    answer = client.post(action, data=data)
    assert (answer.status_code, answer.location) == (303, "/?q=rain")
    assert fresh(image).category == "Neon noir"


@pytest.mark.parametrize("headers", [None, HTMX])
def test_many_are_asked_about_once(client_for, olga, headers):
    client = client_for(olga)
    chosen, other = [make_draft(olga), make_draft(olga)], make_draft(olga)
    data = {"ids": [image.id for image in chosen], "category": "Neon noir", "was-category": "General", "genre": "Drama"}
    asked = client.post("/inspector/save", data=data, headers=headers)
    assert asked.status_code == 422 and QUESTION in asked.text
    assert {(fresh(image).category, fresh(image).genre) for image in chosen} == {("General", None)}
    assert re.search(r'name="was-genre" value=""', asked.text)  # it is sent once more, and still a change
    data["new-category"] = re.search(r'name="new-category" value="([^"]+)"', asked.text)[1]
    answer = client.post("/inspector/save", data=data, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    assert [fresh(image).category for image in (*chosen, other)] == ["Neon noir", "Neon noir", "General"]
    assert {fresh(image).genre for image in chosen} == {"Drama"}


def test_two_fields_with_new_words_ask_once_each_and_a_preview_keeps_the_answers(client_for, olga):
    client, images = client_for(olga), [make_draft(olga), make_draft(olga)]
    data = {"ids": [image.id for image in images], "category": "Neon noir", "was-category": "General", "light": "Foggy glow", "how-light": "add"}
    for field, door, status in (("category", "save", 422), ("light", "preview", 200)):
        asked = client.post("/inspector/save", data=data, headers=HTMX)
        assert asked.status_code == 422
        data |= dict([re.search(rf'<button [^>]*name="(new-{field})" value="([^"]+)">Add it<', asked.text).groups()])
        asked = client.post(f"/inspector/{door}", data=data, headers=HTMX)
        assert asked.status_code == status
        hidden = dict(re.findall(r'type="hidden" name="(new-\w+)" value="([^"]+)"', asked.text))
        assert hidden == {name: value for name, value in data.items() if name.startswith("new-")}
    assert client.post("/inspector/save", data={**data, **hidden}, headers=HTMX).status_code == 200
    assert {(fresh(image).category, *ledger.values_of(fresh(image), ["light"])["light"]) for image in images} == {("Neon noir", "Foggy glow")}


def test_programs_write_new_categories_as_they_are(client_for, olga):
    image = make_active(olga)
    good(client_for(olga).patch(f"{BASE}/images/{image.id}", json={"category": "Neon noir"}))
    assert fresh(image).category == "Neon noir"
