"""Suggestions while somebody types into the search box: real values with their numbers, and nothing of what is hidden."""

from pindeck.access import VISITOR, Actor
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
    assert len(asked) <= 1 + 2 * suggest.LOOKED_AT
