"""What is written down of a change: who and what in the trail, version and time in the image."""


import pytest

from pindeck.access import Actor
from pindeck.models import Activity
from pindeck.services import activity
from pindeck.states import ClientKind


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


def test_only_one_place_writes_versions_and_the_trail() -> None:
    from pathlib import Path

    root = Path(__file__).resolve().parent.parent.parent / "pindeck"
    models = {"models/boards.py", "models/decks.py", "models/images.py", "models/outgoing.py", "models/sources.py", "models/storyboards.py"}  # each of its own rows
    for words, places in (("version + 1", models), ("Activity.create(", set()), ("no such image", {"errors.py"})):
        paths = [path for path in root.rglob("*.py") if words in path.read_text() and "api" not in path.parts]
        assert {str(path.relative_to(root)) for path in paths} <= places, words
