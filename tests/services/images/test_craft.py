"""The craft of the frame at a picture: what is kept, what follows from it, who may write it, and what it costs."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Invalid
from pindeck.models import Image, ImageCraft
from pindeck.services.images import craft, history, ledger, undoing
from pindeck.services.images.ledger import Writer
from pindeck.services.library import filters, gallery
from pindeck.states import WriterKind
from tests.conftest import count_queries
from tests.factories import fresh, make_row
from tests.services.images.words import MACHINE, value

Named = tuple[str, str]


def rows(image: Image) -> tuple[list[Named], set[Named]]:
    """What was said of an image, in order, and what follows."""
    found = list(ImageCraft.select().where(ImageCraft.seq == image.seq).order_by(ImageCraft.field, ImageCraft.place))
    said = [(row.field, row.term) for row in found if row.place is not None]
    return said, {(row.field, row.term) for row in found if row.place is None}


def found(text: str) -> list[str]:
    return [image.id for image in gallery.list_page(VISITOR, filters.wanted(q=text)).images]


def test_what_follows_is_found_and_not_said(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "time", "magic hour")
    assert rows(image) == ([("time", "Golden Hour")], {("time", "Day's End"), ("setting", "Exterior")})
    assert (value(image, "time"), value(image, "setting")) == ("Golden Hour", None)
    assert found("golden hour") == found("exterior") == [image.id]
    ledger.edit(olga, image.id, "time", "")
    assert rows(image) == ([], set()) and found("golden") == found("exterior") == []


def test_what_somebody_says_outweighs_what_follows(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "time", "sunset")
    ledger.edit(olga, image.id, "setting", "int")
    assert rows(image) == ([("setting", "Interior"), ("time", "Sunset")], {("time", "Day's End")})
    ledger.edit(olga, image.id, "setting", "")
    assert rows(image)[1] == {("time", "Day's End"), ("setting", "Exterior")}


def test_a_shot_says_how_near_the_frame_is(olga: Actor) -> None:
    image = make_row(olga, shot="Close-Up")  # a new one
    assert rows(image) == ([], {("size", "Close-Up")})
    ledger.edit(olga, image.id, "shot", "low angle")
    assert rows(image)[1] == {("angle", "Low Angle")}
    ledger.edit(olga, image.id, "angle", "low angle, eye level")
    assert rows(image) == ([("angle", "Low Angle"), ("angle", "Eye Level")], set())


def test_terms_of_one_field_keep_their_order(olga: Actor) -> None:
    image = make_row(olga)
    for text, kept in (("soft, dappled", ["Soft", "Dappled"]), ("dappled, soft", ["Dappled", "Soft"])):
        ledger.edit(olga, image.id, "light", text)
        assert value(image, "light") == kept
    shown = history.history(olga, image.id)[0]
    assert (shown.label, shown.old, shown.new) == ("Light", "Soft, Dappled", "Dappled, Soft")


@pytest.mark.parametrize(
    ("name", "bad"),
    [("light", ", ".join(f"word {n}" for n in range(21))), ("light", "x" * 61), ("size", "x" * 61), ("light", 7)]
    + [("light", ["soft", 7]), ("size", ["Close-Up"]), ("light", {"soft": 1})],
)
def test_what_is_no_term_is_refused_at_its_field(olga: Actor, name: str, bad: object) -> None:
    image = make_row(olga)
    with pytest.raises(Invalid) as caught:
        ledger.edit(olga, image.id, name, bad)
    assert list(caught.value.fields) == [name] and rows(image) == ([], set())


def test_a_machine_fills_what_nobody_said_and_leaves_the_rest(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "light", "hard")
    ledger.edit(olga, image.id, "time", "night")
    ledger.edit(olga, image.id, "time", "")  # cleared: an answer, too
    written = ledger.write(image.id, {"light": ["soft"], "time": "dusk", "size": "cu"}, MACHINE)
    assert list(written.skipped) == ["light", "time"]
    assert (value(image, "light"), value(image, "time"), value(image, "size")) == (["Hard"], None, "Close-Up")


def test_many_get_a_term_beside_those_they_have_and_one_undo_takes_it_back(olga: Actor) -> None:
    one, other = make_row(olga), make_row(olga, shot="ECU")
    ledger.edit(olga, one.id, "light", "soft")
    before = rows(one), rows(other)
    action = ledger.set_many(olga, [one.id, other.id], {"light": "silhouette, soft"})
    assert (value(one, "light"), value(other, "light")) == (["Soft", "Silhouette"], ["Silhouette", "Soft"])
    assert ("light_from", "Backlight") in rows(one)[1] & rows(other)[1]
    undoing.undo(olga, str(action))
    assert (rows(one), rows(other)) == before and found("silhouette") == []
    action = ledger.set_many(olga, [one.id, other.id], {"time": "dusk"})
    assert found("dusk") == [other.id, one.id]
    undoing.undo(olga, str(action))
    assert found("dusk") == [] and (rows(one), rows(other)) == before


def test_one_statement_more_or_less_for_many(olga: Actor) -> None:
    def cost(count: int) -> int:
        ids = [make_row(olga).id for _ in range(count)]
        with count_queries() as seen:
            ledger.set_many(olga, ids, {"light": "soft"})
        return len(seen)

    assert cost(3) == cost(40)


def test_the_picture_takes_its_terms_with_it(olga: Actor) -> None:
    image, other = make_row(olga), make_row(olga)
    for each in (image, other):
        ledger.edit(olga, each.id, "time", "dawn")
    assert craft.words_of([image, other]) == {image.seq: ["Dawn"], other.seq: ["Dawn"]}
    with db.writing():
        Image.delete().where(Image.seq == image.seq).execute()
    assert [row.seq for row in ImageCraft.select()] == [other.seq]


def test_an_import_outweighs_a_machine_and_yields_to_a_person(olga: Actor) -> None:
    image, giver = make_row(olga), Writer(WriterKind.IMPORT, program="import")
    ledger.write(image.id, {"era": "60s"}, MACHINE)
    ledger.write(image.id, {"era": "70s"}, giver)
    assert list(ledger.write(image.id, {"era": "80s"}, MACHINE).skipped) == ["era"]
    ledger.edit(olga, image.id, "era", "1990s")
    assert list(ledger.write(image.id, {"era": "70s"}, giver).skipped) == ["era"]
    assert value(fresh(image), "era") == "1990s"
