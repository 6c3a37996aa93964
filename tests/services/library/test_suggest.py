"""Suggestions while somebody types into the search box: real values with their numbers, and nothing of what is hidden."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.models import Board, BoardImage, Image, Source, SourceItem
from pindeck.services.images import craft
from pindeck.services.library import suggest
from tests.conftest import count_queries
from tests.factories import make_row


def told(actor: Actor, text: str) -> list[tuple[str, str]]:
    return [(each.text, str(each.count)) for each in suggest.of(actor, text)]


def test_what_begins_so_is_suggested_with_its_number_as_far_as_it_is_seen(olga: Actor, sam: Actor) -> None:
    for n in range(3):
        make_row(olga, title="A", tags=["rain", "rain at night"][: 1 + n % 2], project="Night Ride", category="Cinematic", genre="Noir")
    make_row(olga, title="B", tags=["raincoat"], visibility="private", project="Nightmare", category="Cinema secret")
    for actor in (olga, sam, VISITOR):
        assert told(actor, "neon tag:ra") == [("neon tag:rain ", "3"), ('neon tag:"rain at night" ', "1")]
        assert told(actor, "(rai") == [("(tag:rain ", "3"), ('(tag:"rain at night" ', "1")]
        assert told(actor, "-project:ni") == [('-project:"Night Ride" ', "3")]
        assert told(actor, "category:cin") == [("category:Cinematic ", "3")]
        assert told(actor, "genre:n") == [("genre:Noir ", "3")]
        assert told(actor, "by:ol") == [("by:Olga ", "3")]
        assert told(actor, "by:sa") == [] == told(actor, "time:n") == told(actor, "neon ")
    assert told(olga, "is:v") == [("is:variation ", "None")] and told(olga, "x color:te") == [("x color:teal ", "None")]
    assert [text for text, _ in told(olga, "ta")] == ["tag:"] and told(olga, "") == [] == told(olga, "foo:b")
    with count_queries() as asked:
        told(olga, "tag:r")
    assert len(asked) == 4


@pytest.fixture
def named(olga: Actor, sam: Actor) -> list[Image]:
    """Two pictures on a board of Olga's that her source brought, and on a board and from a source of Sam's as well."""
    images = [
        make_row(olga, title="A", project="Night Ride", genre="Noir", group="Music Video", sref=sref, tags=["wet"]) for sref in ("--sref 12 3", "123")
    ]
    with db.writing():
        craft.write(images[:1], {images[0].id: {"light_source": ["Street Light"], "light_from": ["Backlight"]}})
    for actor, board, source in ((olga, "Night looks", "Stills Weekly"), (sam, "Nightmares", "Stills of Sam")):
        kept = Board.create(id=db.new_id(), user_id=actor.user_id, name=board, name_key=board.lower(), created_at=1, updated_at=1)
        feed = Source.create(id=db.new_id(), kind="feed", name=source, user=actor.user_id, created_at=1, updated_at=1)
        for n, image in enumerate(images):
            BoardImage.create(board=kept.id, image_id=image.id, position=f"{n}", user_id=actor.user_id, created_at=1)
            SourceItem.create(id=db.new_id(), source=feed.id, external_id=f"k{n}", state="sent", image_id=image.id, created_at=1, updated_at=1)
    return images


def test_boards_sources_and_style_references_are_suggested_to_those_who_know_them(named: list[Image], olga: Actor, sam: Actor) -> None:
    assert told(olga, "board:ni") == [('board:"Night looks" ', "2")] and told(sam, "board:ni") == [("board:Nightmares ", "2")]
    assert told(olga, "x source:st") == [('x source:"Stills Weekly" ', "2")] and told(olga, "from:u") == [("from:upload ", "None")]
    assert told(VISITOR, "board:ni") == [] == told(VISITOR, "from:st")
    for actor in (olga, VISITOR):
        assert told(actor, "sref:1") == [("sref:12 ", "1"), ("sref:123 ", "1")] and told(actor, "sref:3") == [("sref:3 ", "1")]


def test_a_field_is_known_inside_quotes_after_a_comma_and_by_its_other_names(named: list[Image], olga: Actor) -> None:
    assert told(olga, 'project:"Night R') == [('project:"Night Ride" ', "2")] == told(olga, 'project:"')
    assert told(olga, 'a genre:drama,"film noir",no') == [('a genre:drama,"film noir",Noir ', "2")]
    assert told(olga, 'project:"Night Ride"') == [] == told(olga, 'genre:""')
    assert told(olga, "group:mus") == [('group:"Music Video" ', "2")] and told(olga, "person:ol") == [("person:Olga ", "2")]
    assert told(olga, "light-from:back") == [("light-from:Backlight ", "1")]
    assert told(olga, "light:sod") == [('light:"Street Light" ', "1")] and told(olga, "orientation:po") == [("orientation:portrait ", "None")]


def test_a_plain_word_may_be_a_project_a_person_or_a_board(named: list[Image], olga: Actor, sam: Actor) -> None:
    assert told(olga, "-nig") == [('-project:"Night Ride" ', "2"), ('-board:"Night looks" ', "2")]
    assert told(olga, '"night r') == [('project:"Night Ride" ', "2")]
    assert told(VISITOR, "nig") == [('project:"Night Ride" ', "2")] and told(sam, "ol") == [("by:Olga ", "2")]
    with count_queries() as few:
        told(olga, "nig")
    for n in range(10):
        make_row(olga, project="Night Ride", tags=["night", f"night {n}"])
    assert [text.split(":")[0] for text, _ in told(olga, "nig")] == ["tag", "tag", "tag", "tag", "project", "board"]
    with count_queries() as many:
        told(olga, "nig")
    assert len(many) == len(few) + 1 <= 10  # one counts the tags
