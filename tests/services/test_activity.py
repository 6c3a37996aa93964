"""What is written down of a change: who and what in the trail, version and time in the image."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Activity, Image
from pindeck.services import activity
from pindeck.states import ClientKind
from tests.factories import fresh, make_row


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_note_names_who_did_what_to_which_image(olga: Actor) -> None:
    activity.note(olga, "image.any", "an image", before=None, to="é", verb="said")
    row = Activity.select().order_by(Activity.id.desc()).get()
    assert (row.user_id, row.client_id, row.verb, row.image_id) == (olga.user_id, None, "image.any", "an image")
    assert row.detail == {"before": None, "to": "é", "verb": "said"}


def test_a_note_of_an_extension_names_it_and_one_of_nobody_names_nobody(olga: Actor) -> None:
    program = Actor(olga.user_id, client_kind=ClientKind.EXTENSION, identifier="pins")
    activity.note(program, "extension.any", kind="chat")
    activity.note(None, "file.any")
    own, nobody = Activity.select().order_by(Activity.id.desc()).limit(2)[::-1]
    assert (own.user_id, own.detail) == (olga.user_id, {"extension": "pins", "kind": "chat"})
    assert (nobody.user_id, nobody.client_id, nobody.image_id, nobody.detail) == (None, None, None, {})


def test_a_change_that_programs_read_raises_the_version_and_is_later_even_within_a_millisecond(olga: Actor) -> None:
    """On both engines one statement decides, with nothing (NULL) as a value like any other."""
    image = make_row(olga)
    before, ahead = fresh(image), db.now_ms() + 1000
    changes: list[tuple[int, dict[str, Any], int]] = [
        (ahead, {"title": "New"}, 0),  # nobody reads it in a record that has a version
        (ahead, {"width": 5, "title": "Newer"}, ahead),
        (ahead, {"width": 5}, 0),
        (ahead, {"width": None}, ahead + 1),
        (ahead, {"width": None, "focal_x": None, "meta": {}}, 0),
        (ahead - 500, {"meta": {"a": "é"}}, ahead + 2),
        (ahead, {"meta": {"a": "é"}}, 0),
        (ahead, {}, ahead + 3),
    ]
    version, at = before.version, before.updated_at
    for now, columns, expected in changes:
        assert Image.change(now=now, **columns).where(Image.seq == image.seq).execute() == 1
        version, at = version + bool(expected), expected or at
        assert (fresh(image).version, fresh(image).updated_at) == (version, at), columns
    assert (fresh(image).title, fresh(image).width, fresh(image).meta) == ("Newer", None, {"a": "é"})


def test_only_one_place_writes_versions_and_the_trail() -> None:
    from pathlib import Path

    root = Path(__file__).resolve().parent.parent.parent / "pindeck"
    models = {"models/boards.py", "models/decks.py", "models/images.py", "models/outgoing.py", "models/sources.py", "models/storyboards.py"}  # each of its own rows
    for words, places in (("version + 1", models), ("Activity.create(", set()), ("no such image", {"errors.py"})):
        paths = [path for path in root.rglob("*.py") if words in path.read_text() and "api" not in path.parts]
        assert {str(path.relative_to(root)) for path in paths} <= places, words
