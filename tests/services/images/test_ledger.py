"""Every change of a field is an event; who may write over whom, and how it is taken back."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.imaging.shades import completed
from pindeck.models import FieldEvent, Image, ImageColour
from pindeck.services.actions import shown
from pindeck.services.images import history, ledger, undoing
from pindeck.services.images.fields import FIELDS, LEDGER
from pindeck.services.images.ledger import Writer
from pindeck.services.library import filters, gallery
from pindeck.states import WriterKind
from tests.factories import fresh, make_row, together
from tests.services.images.words import MACHINE, events, value

IMPORT = Writer(WriterKind.IMPORT, program="Folder import")


def last(image: Image, name: str) -> FieldEvent:
    return ledger.latest(image.id, [name])[name]


def test_every_changed_field_leaves_one_event(olga: Actor) -> None:
    image = make_row(olga, title="Rain", tags=["neon"])
    before = events(image)
    written = ledger.write(image.id, {"title": "Snow", "genre": "Noir", "tags": "neon"}, ledger.person(olga))
    assert set(written.events) == {"title", "genre"}
    assert events(image) == before + 2
    event = last(image, "title")
    assert (event.id, event.old, event.new) == (written.events["title"], "Rain", "Snow")
    assert (event.writer, event.user_id, event.action_id) == ("person", olga.user_id, written.action_id)
    assert abs(event.at - db.now_ms()) < 60_000


@pytest.mark.parametrize(
    ("name", "raw", "kept"),
    [
        ("title", "  Snow ", "Snow"),
        ("description", "one\r\ntwo", "one\ntwo"),
        ("tags", "Neon, wet  street\n#rain,neon", ["neon", "wet street", "rain"]),
        ("project", "Blade", "Blade"),
        ("category", "Cinematic", "Cinematic"),
        ("group", "Film", "Film"),
        ("genre", "Noir", "Noir"),
        ("genre", "sci fi", "Sci-Fi"),
        ("genre", "Giallo", "Giallo"),
        ("shot", "ecu", "Extreme Close-Up"),
        ("style", "16mm", "16mm"),
        ("sref", "--sref 123", "--sref 123"),
        ("moodboard", "Night", "Night"),
        ("source", "https://example.org/a", "https://example.org/a"),
        ("rights", "reference", "Reference only"),
        ("unique_tag", "BR-01", "BR-01"),
        ("size", "ecu", "Extreme Close-Up"),
        ("angle", "low, OTS, low angle", ["Low Angle", "Over-the-Shoulder"]),
        ("lens", ["anamorphic", " long lens "], ["Anamorphic", "Telephoto"]),
        ("light", "hazy\nsoft", ["Volumetric", "Soft"]),
        ("light_from", "contre-jour", ["Backlight"]),
        ("light_source", "neon sign, a jar of fireflies", ["Neon", "a jar of fireflies"]),
        ("time", "magic hour", "Golden Hour"),
        ("setting", "ext.", "Exterior"),
        ("composition", "2-shot, symmetry", ["Two-Shot", "Symmetrical"]),
        ("palette", "teal & orange,", ["Teal and Orange"]),
        ("era", "'80s", "1980s"),
        ("medium", "Photo", "Photograph"),
    ],
)
def test_every_field_can_be_written_and_read_again(olga: Actor, name: str, raw: str, kept: Any) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, name, raw)
    assert value(image, name) == kept
    assert last(image, name).new == kept


def test_every_field_is_tried_above() -> None:
    tried = {case[0] for case in test_every_field_can_be_written_and_read_again.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tried == set(FIELDS)


def test_what_is_written_can_be_searched_at_once(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    ledger.edit(olga, image.id, "description", "A lighthouse")
    assert [image.id for image in gallery.list_page(olga, filters.wanted(q="lighthouse")).images] == [image.id]
    ledger.edit(olga, image.id, "description", "")
    assert gallery.list_page(olga, filters.wanted(q="lighthouse")).images == []


def test_an_empty_field_goes_back_to_what_stands_for_empty(olga: Actor) -> None:
    image = make_row(olga, title="Rain", category="Film", genre="Noir")
    for name, kept in (("title", "Untitled"), ("category", "General"), ("genre", None)):
        ledger.edit(olga, image.id, name, "  ")
        assert value(image, name) == kept


# Fields that no form shows


def test_colours_are_kept_and_looked_for_together(olga: Actor) -> None:
    image = make_row(olga)
    before = events(image)
    ledger.write(image.id, {"colors": ["#e0457b", "#101820"]}, ledger.person(olga))
    assert (fresh(image).colors, last(image, "colors").old) == (completed(["#e0457b", "#101820"]), [])
    assert ImageColour.select().where(ImageColour.seq == image.seq).exists()
    ledger.write(image.id, {"colors": ["#e0457b", "#101820"]}, ledger.person(olga))
    assert events(image) == before + 1
    ledger.write(image.id, {"colors": None}, ledger.person(olga))
    assert fresh(image).colors == [] and not ImageColour.select().where(ImageColour.seq == image.seq).exists()
    assert list(ledger.write(image.id, {"colors": ["#101820"]}, IMPORT).skipped) == ["colors"]


@pytest.mark.parametrize(
    ("name", "bad"),
    [("colors", value) for value in ("#101820", 7, ["red"], ["#ABCDEF"], [7], [None], ["#101820"] * 101, {})]
    + [("project_order", value) for value in ("1", 1.5, True, -1, 2**31, [1])],
    ids=str,
)
def test_what_is_no_colour_and_no_place_is_refused(olga: Actor, name: str, bad: object) -> None:
    image = make_row(olga)
    with pytest.raises(Invalid) as caught:
        ledger.write(image.id, {name: bad}, ledger.person(olga))
    assert list(caught.value.fields) == [name]
    assert (fresh(image).colors, fresh(image).project_order) == ([], None)


def test_a_place_is_written_and_counted_from_one_for_people(olga: Actor) -> None:
    image = make_row(olga, title="Lamp")
    for place in (0, 3):
        ledger.write(image.id, {"project_order": place}, ledger.person(olga))
    ledger.revert(olga, image.id, last(image, "project_order").id)
    assert fresh(image).project_order == 0
    ledger.write(image.id, {"project_order": None}, ledger.person(olga))
    shown = [(event.label, event.old, event.new) for event in history.history(olga, image.id)[:4]]
    assert shown == [("Place in the row", *pair) for pair in (("1", ""), ("4", "1"), ("1", "4"), ("", "1"))]
    assert [image.id for image in gallery.list_page(olga, filters.wanted(q="lamp")).images] == [image.id]


def test_nobody_edits_them_in_a_form(olga: Actor) -> None:
    image = make_row(olga)
    for name in LEDGER.keys() - FIELDS.keys():
        with pytest.raises(NotFound):
            ledger.edit(olga, image.id, name, "1")
        assert name not in ledger.values_of(image)


# Conflicts


def test_a_person_is_told_of_the_newer_change_of_another_person(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain")
    seen = last(image, "title").id
    ledger.edit(sam, image.id, "title", "Sam's", based_on=seen)
    with pytest.raises(Conflict) as caught:
        ledger.edit(olga, image.id, "title", "Olga's", based_on=seen)
    assert caught.value.details["theirs"] == "Sam's"
    assert caught.value.details["yours"] == "Olga's"
    newest = caught.value.details["based_on"]
    assert value(image, "title") == "Sam's"
    ledger.edit(olga, image.id, "title", "Olga's", based_on=int(str(newest)))
    assert value(image, "title") == "Olga's"


def test_a_machine_that_was_quicker_is_no_conflict(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    seen = last(image, "title").id
    ledger.write(image.id, {"title": "Machine's"}, MACHINE)
    ledger.edit(olga, image.id, "title", "Olga's", based_on=seen)
    assert value(image, "title") == "Olga's"


def test_changes_of_different_fields_are_no_conflict(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain", genre="Noir")
    seen = last(image, "genre").id
    ledger.edit(sam, image.id, "title", "Sam's")
    ledger.edit(olga, image.id, "genre", "Drama", based_on=seen)
    assert (value(image, "title"), value(image, "genre")) == ("Sam's", "Drama")


def test_of_two_people_who_write_at_once_one_is_told(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain")
    seen, people = last(image, "title").id, [olga, sam]
    results = together(2, lambda n: ledger.edit(people[n], image.id, "title", f"By {n}", based_on=seen))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "EditResult"]
    assert events(image) == events(make_row(olga, title="Rain")) + 1


# Who may write over whom


def test_a_machine_replaces_what_a_rule_wrote_as_default(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    assert list(ledger.write(image.id, {"title": "Machine's"}, MACHINE).skipped) == []
    assert value(image, "title") == "Machine's"


def test_a_machine_never_replaces_what_a_person_wrote(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "Olga's")
    written = ledger.write(image.id, {"title": "Machine's", "genre": "Noir"}, MACHINE)
    assert (list(written.skipped), set(written.events)) == (["title"], {"genre"})
    assert value(image, "title") == "Olga's"


@pytest.mark.parametrize("writer", [MACHINE, IMPORT, ledger.RULE], ids=["machine", "import", "rule"])
def test_no_automatic_writer_fills_what_a_person_cleared(olga: Actor, writer: Writer) -> None:
    image = make_row(olga, genre="Noir", tags=["neon"])
    ledger.edit(olga, image.id, "genre", "")
    ledger.edit(olga, image.id, "tags", "")
    assert list(ledger.write(image.id, {"genre": "Drama", "tags": ["x"]}, writer).skipped) == ["genre", "tags"]
    assert (value(image, "genre"), value(image, "tags")) == (None, [])


def test_authority_goes_from_machine_to_import_to_rule_to_person(olga: Actor) -> None:
    rule = Writer(WriterKind.RULE, program="folder rule")
    ladder = [MACHINE, IMPORT, rule, ledger.person(olga)]
    for high, holder in enumerate(ladder):
        for low, other in enumerate(ladder):
            image = make_row(olga)
            ledger.write(image.id, {"genre": "Noir"}, holder)
            skipped = ledger.write(image.id, {"genre": "Drama"}, other).skipped
            assert list(skipped) == (["genre"] if low < high else []), (holder, other)


def test_a_person_replaces_what_anybody_wrote(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "Olga's")
    ledger.edit(sam, image.id, "title", "Sam's")
    assert value(image, "title") == "Sam's"


# Taking it back


def test_reverting_an_event_gives_back_the_value_before_it(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="Rain", tags=["neon", "wet"])
    event = ledger.edit(sam, image.id, "tags", "x").events["tags"]
    ledger.edit(sam, image.id, "tags", "y")
    written = ledger.revert(olga, image.id, event)
    assert value(image, "tags") == ["neon", "wet"]
    newest = last(image, "tags")
    assert (newest.id, newest.reverts_id, newest.user_id) == (written.events["tags"], event, olga.user_id)


def test_an_event_of_another_image_cannot_be_reverted_here(olga: Actor) -> None:
    one, other = make_row(olga), make_row(olga)
    event = ledger.edit(olga, one.id, "title", "Snow").events["title"]
    for wrong in (event, 10**9):
        with pytest.raises(NotFound):
            ledger.revert(olga, other.id, wrong)


def test_undoing_one_edit(olga: Actor) -> None:
    image = make_row(olga, title="Rain")
    action = ledger.edit(olga, image.id, "title", "Snow").action_id
    undone = undoing.undo(olga, action)
    assert (undone.image_ids, undone.left) == ([image.id], [])
    assert value(image, "title") == "Rain"
    assert last(image, "title").reverts_id is not None


def test_undoing_an_edit_of_many_takes_back_all_of_it(olga: Actor) -> None:
    rows = [make_row(olga, genre=genre) for genre in ("Noir", "Drama", None)]
    action = ledger.set_many(olga, [row.id for row in rows], {"genre": "Horror"})
    assert [value(row, "genre") for row in rows] == ["Horror"] * 3
    assert FieldEvent.select().where(FieldEvent.action_id == action).count() == 3
    undone = undoing.undo(olga, str(action))
    assert (undone.image_ids, undone.left) == (sorted(row.id for row in rows), [])
    assert [value(row, "genre") for row in rows] == ["Noir", "Drama", None]


def test_what_was_changed_again_since_is_left_and_counted(olga: Actor, sam: Actor) -> None:
    rows = [make_row(olga, genre="Noir") for _ in range(2)]
    action = ledger.set_many(olga, [row.id for row in rows], {"genre": "Horror"})
    ledger.edit(sam, rows[0].id, "genre", "Doc")
    undone = undoing.undo(olga, str(action))
    assert (undone.image_ids, [one.who for one in undone.left]) == ([rows[1].id], ["Sam"])
    assert shown.told(undone) == "One of 2 pictures has been changed since by Sam. The rest was taken back."
    assert [value(row, "genre") for row in rows] == ["Doc", "Noir"]


def test_an_edit_of_many_is_all_or_nothing(olga: Actor, sam: Actor) -> None:
    mine, hidden = make_row(olga, genre="Noir"), make_row(sam, status="draft")
    with pytest.raises(NotFound):
        ledger.set_many(olga, [mine.id, hidden.id], {"genre": "Horror"})
    with pytest.raises(Invalid):
        ledger.set_many(olga, [mine.id], {"genre": "x" * 121})
    assert value(mine, "genre") == "Noir"


def test_a_title_that_differs_by_capitals_alone_is_another_title(olga: Actor) -> None:
    image = make_row(olga, title="Storm")
    for title in ("storm", "STORM"):
        assert ledger.edit(olga, image.id, "title", title).image_ids and fresh(image).title == title
