"""Suggestions at the fields of a picture: accepted and refused as forms and as fragments."""

import re

import pytest

from pindeck.models import FieldEvent, Image, Proposal
from pindeck.services.images import analysis, ledger
from pindeck.vision.base import Analysis
from tests.conftest import HTMX
from tests.factories import fresh, make_row


@pytest.fixture
def image(olga):
    made = make_row(olga, title="x")
    for name in ("title", "genre"):
        ledger.edit(olga, made.id, name, "" if name == "genre" else "Olga's")
    ledger.edit(olga, made.id, "tags", "fog")
    words = {"title": "<b>Machine's</b>", "genre": "Noir", "tags": ["rain"], "description": "Rain on stairs."}
    ledger.write(made.id, {"genre": "Drama"}, ledger.person(olga))
    ledger.edit(olga, made.id, "genre", "")
    Image.update(ai_status="processing").where(Image.seq == made.seq).execute()
    analysis.apply(fresh(made), Analysis("openai", model="eye-1", prompt_version="3", **words))
    return fresh(made)


def proposal(image, field):
    return Proposal.get((Proposal.image_id == image.id) & (Proposal.field == field)).id


def test_a_suggestion_stands_at_its_field_and_tells_who_makes_it(client_for, image, olga, gus):
    text = client_for(olga).get(f"/images/{image.id}").text
    assert text.count('class="under offer"') == 3
    assert text.count(">Suggested by eye-1, prompt 3</span>") == 3
    assert "&lt;b&gt;Machine&#39;s&lt;/b&gt;" in text
    assert re.search(r'data-field="tags".*?\+ rain', text, re.S)
    assert "3 suggestions" in text
    told = f"image-{image.id}-description-by"
    assert f'id="{told}">By eye-1, prompt 3</span>' in text and f'aria-describedby="{told}"' in text
    assert '>By Olga</span>' in text
    assert 'class="under offer"' not in client_for(gus).get(f"/images/{image.id}").text


def test_one_is_accepted_without_scripts_and_taken_back(client_for, image, olga):
    client = client_for(olga)
    answer = client.post(f"/images/{image.id}/proposals/{proposal(image, 'title')}/accept")
    assert (answer.status_code, answer.location) == (303, f"/images/{image.id}")
    assert fresh(image).title == "<b>Machine's</b>"
    page = client.get(answer.location).text
    undo = re.search(r'action="(/actions/[^"]+/undo)"', page).group(1)
    assert "2 suggestions" in page
    client.post(undo)
    assert fresh(image).title == "Olga's"
    assert "3 suggestions" in client.get(f"/images/{image.id}").text


def test_one_is_refused_by_htmx_and_the_field_comes_back(client_for, image, olga):
    client = client_for(olga)
    answer = client.post(f"/images/{image.id}/proposals/{proposal(image, 'title')}/refuse", headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<form")
    assert 'class="under offer"' not in answer.text
    assert "2 suggestions" in answer.text
    assert "Refused." in answer.text and "/undo" in answer.text
    again = client.post(f"/images/{image.id}/proposals/{proposal(image, 'title')}/accept", headers=HTMX)
    assert again.status_code == 409
    assert fresh(image).title == "Olga's"


@pytest.mark.parametrize(("answer", "genre", "tags"), [("accept", "Noir", ["fog", "rain"]), ("refuse", None, ["fog"])])
def test_all_of_a_picture_are_answered_at_once(client_for, image, olga, answer, genre, tags):
    client = client_for(olga)
    text = client.post(f"/images/{image.id}/proposals/{answer}", headers=HTMX).text
    assert 'class="sheet"' in text and 'class="under offer"' not in text
    assert (fresh(image).genre, ledger.tags_of(image.id)) == (genre, tags)
    assert client.post(f"/images/{image.id}/proposals/maybe").status_code == 404
    assert client.post(f"/images/{image.id}/proposals/x/maybe").status_code == 404


def test_a_whole_run_is_taken_back_from_the_history(client_for, image, olga):
    client = client_for(olga)
    run = FieldEvent.get(FieldEvent.field == "description").action_id
    history = client.get(f"/images/{image.id}/history").text
    assert f"/images/{image.id}/runs/{run}/undo" in history
    assert "eye-1, prompt 3" in history
    assert client.post(f"/images/{image.id}/runs/{run}/undo").status_code == 303
    assert fresh(image).description is None
    assert 'class="under offer"' not in client.get(f"/images/{image.id}").text
    assert f"/runs/{run}/undo" not in client.get(f"/images/{image.id}/history").text
