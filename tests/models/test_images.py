"""What the table of images itself holds to: versions that move with what programs read, and one file an image."""

from typing import Any

import pytest
from peewee import IntegrityError

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from tests.factories import fresh, make_draft, make_row


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


def test_a_file_is_claimed_by_one_image_at_most(olga: Actor) -> None:
    first, second = make_draft(olga), make_draft(olga)
    with pytest.raises(IntegrityError), db.writing():
        Image.update(file=first.file_id).where(Image.seq == second.seq).execute()
