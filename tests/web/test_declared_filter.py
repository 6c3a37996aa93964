"""A filter that is declared once is known to the address, the form, the chips, the rail, the condition and the
document of the API. The one of this file is declared here and nowhere else."""

import re

import pytest
from flask import Flask
from peewee import SQL

from pindeck.access import Actor
from pindeck.api.filtering import Filtered, offers
from pindeck.api.operations import Answer, operation
from pindeck.models import Image
from pindeck.services.library import filters, gallery, query
from pindeck.services.library.query import Filter
from tests.conftest import HTMX, ClientFor
from tests.factories import make_row

MOOD = Filter(
    "mood",
    "Exactly this mood.",
    lambda rows, value: rows.where(Image.moodboard == value),
    label="Mood",
    param="moodKind",
    example="Close-up",
    chip=lambda value: f"Mood: {value}",
    choices=lambda actor: ["Close-up", "Wide"],
    style="pills",
)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "OF_GALLERY", (*filters.OF_GALLERY, MOOD))


def shown(text: str) -> list[str]:
    return re.findall(r'<a href="/images/([^"]+)">\s*<img', text)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_page_knows_it(declared: None, client_for: ClientFor, olga: Actor, headers: dict[str, str]) -> None:
    wide = make_row(olga, moodboard="Wide", category="Film")
    make_row(olga, moodboard="Close-up", category="Film")
    make_row(olga, category="Art")
    page = client_for(None).get("/?mood=Wide&category=Film", headers=headers).text
    assert shown(page) == [wide.id]
    # The chip takes it away, the links of the rail set it, take it away, and keep it beside others.
    assert re.search(r'<a class="chip" href="/\?category=Film" hx-get="/\?category=Film">Mood: Wide', page)
    assert '<a href="/?category=Film" aria-current="true">Wide</a>' in page
    both = "/?category=Film&amp;mood=Close-up"
    assert f'<a href="{both}">Close-up</a>' in page
    assert re.search(r'<a href="/\?category=Art&amp;mood=Wide"', page)
    assert '<span class="label">Mood</span>' in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_form_of_the_search_keeps_it(
    declared: None, client_for: ClientFor, olga: Actor, headers: dict[str, str]
) -> None:
    page = client_for(None).get("/?mood=Wide", headers=headers).text
    assert '<input type="hidden" name="mood" value="Wide">' in page


def test_the_next_page_keeps_it(declared: None, client_for: ClientFor, olga: Actor) -> None:
    expected = [make_row(olga, moodboard="Wide").id for _ in range(60)][::-1]
    make_row(olga, moodboard="Close-up")
    client = client_for(None)
    first = client.get("/?mood=Wide").text
    following = re.search(r'<a class="next" href="([^"]+)"', first)
    assert following and following[1].startswith("/?mood=Wide&amp;after=")
    rest = client.get(following[1].replace("&amp;", "&"), headers=HTMX).text
    assert shown(first) + shown(rest) == expected


def test_without_the_declaration_the_page_does_not_know_it(client_for: ClientFor, olga: Actor) -> None:
    make_row(olga, moodboard="Wide"), make_row(olga)
    page = client_for(None).get("/?mood=Wide").text
    assert len(shown(page)) == 2
    assert not re.search(r"[?;]mood=|name=.mood|Wide", page.partition("<body")[2].replace("/?mood=Wide", ""))


def test_an_operation_and_its_document_know_it(doors_apart: None, app: Flask, client_for: ClientFor, olga: Actor) -> None:
    @offers(MOOD)
    class MoodQuery(Filtered):
        pass

    @operation("library.view", surface="library", summary="Moods", query=MoodQuery, answers=Answer(list[str], example=[]))
    def list_moods(query: MoodQuery) -> list[str]:
        """Images of one mood."""
        return [image.id for image in gallery.list_page(olga, query.wanted).images]

    app.add_url_rule("/api/v1/library/moods", view_func=list_moods)
    wide = make_row(olga, moodboard="Wide")
    make_row(olga)
    client = client_for(None)
    assert client.get("/api/v1/library/moods?moodKind=Wide").get_json() == [wide.id]
    assert len(client.get("/api/v1/library/moods").get_json()) == 2
    assert client.get("/api/v1/library/moods?moodKind=" + "x" * 501).status_code == 400
    described = client.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/library/moods"]["get"]["parameters"]
    assert described == [
        {
            "name": "moodKind", "in": "query", "required": False, "description": "Exactly this mood.",
            "schema": {"type": "string", "maxLength": 500}, "example": "Close-up",
        }
    ]  # fmt: skip


def test_a_literal_filter_is_spelt_for_each_of_its_values(olga: Actor) -> None:
    """For a handful of values that an index speaks of; a slot would hide the index."""
    literal = Filter("kind", "", lambda rows, value: rows.where(Image.moodboard == SQL(f"'{value}'")), is_literal=True)
    (sql, values), *_ = query.statements(gallery.GALLERY, olga, {literal: "Wide"})
    assert "= 'Wide'" in sql and "Wide" not in values
