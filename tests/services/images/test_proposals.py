"""What a machine suggests where somebody has written: made, accepted, refused, taken back."""

from dataclasses import replace

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, NotFound, NotSignedIn
from pindeck.models import Client, FieldEvent, Image, Proposal, VocabularyTerm
from pindeck.services.actions import shown
from pindeck.services.images import analysis, history, ledger, proposals, runs, trash, undoing
from pindeck.services.images.fields import MAX_TERMS
from pindeck.services.images.ledger import Writer
from pindeck.states import WriterKind
from pindeck.vision.base import Analysis
from tests.factories import fresh, make_row, together
from tests.services.images.words import value


def describe(image: Image, *, model: str = "eye-1", prompt: str = "3", **words: object) -> None:
    Image.update(ai_status="processing").where(Image.seq == image.seq).execute()
    analysis.apply(fresh(image), Analysis("openai", model=model, prompt_version=prompt, **words))  # type: ignore[arg-type]


def waiting(actor: Actor, image: Image) -> dict[str, object]:
    return {each.field: each.value for each in proposals.list_open(actor, image.id)}


def test_what_a_person_wrote_or_cleared_gets_a_suggestion_and_the_rest_is_written(olga: Actor) -> None:
    image = make_row(olga, title="Old", tags=["original"], genre="Drama")
    ledger.edit(olga, image.id, "title", "Olga's")
    ledger.edit(olga, image.id, "genre", "")
    ledger.edit(olga, image.id, "tags", "fog, original")
    describe(image, title="Machine's", genre="Noir", tags=["rain", "fog"], shot="Wide")
    image = fresh(image)
    assert (image.title, image.genre, image.shot, ledger.tags_of(image.id)) == ("Olga's", None, value(image, "shot"), ["fog", "original"])
    assert waiting(olga, image) == {"title": "Machine's", "genre": "Noir", "tags": ["rain"]}
    (one, *_) = proposals.list_open(olga, image.id)
    assert (one.current, one.model, one.prompt_version, one.label) == ("Olga's", "eye-1", "3", "Title")


def test_the_craft_of_a_frame_is_written_or_suggested_and_words_that_are_no_terms_are_counted(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "size", "CU")
    ledger.edit(olga, image.id, "light", "soft")
    describe(image, craft={"size": ["MCU"], "light": ["low key", "Foggy glow"], "time": ["magic hour"], "era": ["Once"]})
    kept = {name: value(image, name) for name in ("size", "light", "time", "era")}
    assert kept == {"size": "Close-Up", "light": ["Soft"], "time": "Golden Hour", "era": None}
    assert waiting(olga, image) == {"size": "Medium Close-Up", "light": ["Low-Key"]}
    assert {(row.field, row.spelling) for row in VocabularyTerm.select()} == {("light", "Foggy glow"), ("era", "Once")}
    proposals.accept(olga, image.id, [each.id for each in proposals.list_open(olga, image.id)])
    assert (value(image, "size"), value(image, "light")) == ("Medium Close-Up", ["Soft", "Low-Key"])


def test_terms_of_a_machine_are_added_to_those_of_a_person_and_one_that_was_refused_stays_away(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "light", "soft, hard")
    describe(image, craft={"light": ["Soft Light", "Low-Key", "Silhouette"]})
    assert waiting(olga, image) == {"light": ["Low-Key", "Silhouette"]}
    (one,) = proposals.list_open(olga, image.id)
    assert one.is_added
    ledger.edit(olga, image.id, "light", "hard, low-key")  # written by hand meanwhile
    assert waiting(olga, image) == {"light": ["Silhouette"]}
    action = proposals.accept(olga, image.id)
    assert value(image, "light") == ["Hard", "Low-Key", "Silhouette"]
    undoing.undo(olga, str(action))
    assert value(image, "light") == ["Hard", "Low-Key"]
    proposals.refuse(olga, image.id)
    describe(image, craft={"light": ["Silhouette", "Glowing"]})
    assert waiting(olga, image) == {"light": ["Glowing"]}


def test_a_field_that_is_full_takes_what_it_has_room_for(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "lens", ", ".join(f"word {n}" for n in range(MAX_TERMS - 1)))
    describe(image, craft={"lens": ["Anamorphic", "Fisheye"]})
    proposals.accept(olga, image.id)
    assert value(image, "lens")[-1] == "Anamorphic" and len(value(image, "lens")) == MAX_TERMS


def test_words_of_an_import_outrank_a_machine_and_its_own_tags_do_not(olga: Actor) -> None:
    image = make_row(olga)
    ledger.write(image.id, {"genre": "Drama", "tags": ["imported"]}, Writer(WriterKind.IMPORT, olga.user_id, program="pinterest"))
    describe(image, genre="Noir", tags=["rain"])
    assert waiting(olga, image) == {"genre": "Noir"}
    assert ledger.tags_of(image.id) == ["imported", "rain"]


@pytest.mark.parametrize(
    ("name", "title"),
    [("alley_01.jpg", "alley_01.jpg"), ("alley_01.jpg", "alley 01"), ("alley_01.jpg", "Discord import 3"), ("-_-.jpg", "- -")],
)
def test_a_title_that_is_a_default_counts_as_nothing_typed(olga: Actor, name: str, title: str) -> None:
    image = make_row(olga, title="x", original_filename=name)
    ledger.edit(olga, image.id, "title", title)
    describe(image, title="Rain on stairs")
    assert fresh(image).title == "Rain on stairs"
    assert waiting(olga, image) == {}


def test_a_title_that_a_person_cleared_stays(olga: Actor) -> None:
    image = make_row(olga, title="x")
    ledger.edit(olga, image.id, "title", "")
    describe(image, title="Rain on stairs")
    assert fresh(image).title == "Untitled"
    assert waiting(olga, image) == {"title": "Rain on stairs"}


def test_an_accepted_suggestion_is_the_persons_word_and_can_be_undone(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, tags=["original"])
    ledger.edit(olga, image.id, "title", "Olga's")
    ledger.edit(olga, image.id, "tags", "fog, original")
    describe(image, title="Machine's", tags=["rain"])
    title, tags = proposals.list_open(sam, image.id)
    action = proposals.accept(sam, image.id, [title.id])
    assert fresh(image).title == "Machine's"
    event = ledger.latest(image.id)["title"]
    assert (event.writer, event.user_id) == ("person", sam.user_id)
    assert history.history(olga, image.id)[0].who == "Sam, suggested by eye-1, prompt 3"
    assert Proposal.get_by_id(title.id).decided_by == sam.user_id
    with pytest.raises(Conflict) as decided:
        proposals.refuse(olga, image.id, [title.id])
    assert decided.value.code == "ALREADY_DECIDED"
    (line,) = [each for each in shown.list_actions(sam)[0] if each.id == action]
    assert line.what == "Accepted a suggestion for Title"
    assert proposals.accept(sam, image.id) is not None
    assert ledger.tags_of(image.id) == ["fog", "original", "rain"]
    undoing.undo(sam, str(action))
    assert fresh(image).title == "Olga's"
    assert waiting(olga, image) == {"title": "Machine's"}


def test_what_was_refused_does_not_come_back_from_the_same_model_and_prompt(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "Olga's")
    ledger.edit(olga, image.id, "tags", "fog")
    describe(image, title="No", tags=["rain", "neon"])
    action = proposals.refuse(olga, image.id)
    describe(image, title="No", tags=["neon", "rain", "steam"])
    assert waiting(olga, image) == {"tags": ["steam"]}
    describe(image, title="No", prompt="4")
    describe(image, title="No", model="eye-2")
    assert waiting(olga, image)["title"] == "No"
    assert Proposal.select().where((Proposal.field == "title") & (Proposal.state == "proposed")).count() == 1
    undoing.undo(olga, str(action))  # the older one gives way to the one that waits
    assert Proposal.select().where((Proposal.field == "title") & (Proposal.state == "proposed")).count() == 1
    assert proposals.accept(olga, image.id) is not None
    assert proposals.accept(olga, image.id) is None


def test_a_newer_run_replaces_what_waits_and_the_same_value_is_suggested_once(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "Olga's")
    for title in ("One", "Two", "One", "One"):
        describe(image, title=title)
        assert waiting(olga, image) == {"title": title}
    assert Proposal.select().count() == 2
    ledger.edit(olga, image.id, "title", "One")
    assert waiting(olga, image) == {}
    describe(image, title="One")
    assert waiting(olga, image) == {}


def test_who_may_decide(olga: Actor, sam: Actor, gus: Actor, mo: Actor) -> None:
    image, hidden = make_row(olga), make_row(olga, visibility="private")
    for row in (image, hidden):
        ledger.edit(olga, row.id, "title", "Olga's")
        describe(row, title="Machine's")
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        for act in (proposals.list_open, proposals.accept, proposals.refuse):
            with pytest.raises(error):
                act(actor, image.id)
    with pytest.raises(NotFound):
        proposals.accept(sam, hidden.id)
    (theirs,) = proposals.list_open(olga, hidden.id)
    with pytest.raises(NotFound):
        proposals.accept(sam, image.id, [theirs.id])
    assert proposals.accept(mo, image.id)


def test_a_project_key_accepts_no_other_project(olga: Actor) -> None:
    image = make_row(olga, project="Blade")
    ledger.edit(olga, image.id, "genre", "Drama")
    ledger.write(image.id, {"project": "Blade"}, ledger.person(olga))
    proposals.make(image, {"project": "Alien", "genre": "Noir"}, "eye", "1", "run")
    made = Client.create(id="key", kind="project", identifier="key", project=image.project_id, created_at=1)
    scopes = frozenset(("images:read", "images:write"))
    key = replace(olga, client_id=made.id, client_kind="project", project_id=image.project_id, scopes=scopes)
    with pytest.raises(Forbidden, match="another project"):
        proposals.accept(key, image.id)
    assert (fresh(image).project_id, fresh(image).genre) == (image.project_id, "Drama")


def test_two_who_decide_at_once_leave_one_answer(olga: Actor, sam: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "Olga's")
    describe(image, title="Machine's")
    (one,) = proposals.list_open(olga, image.id)

    decide = (proposals.accept, proposals.refuse)
    results = together(2, lambda number: decide[number](olga if number else sam, image.id, [one.id]))
    (late,) = [each for each in results if isinstance(each, Exception)]
    assert isinstance(late, Conflict)
    assert late.code == "ALREADY_DECIDED"
    state = Proposal.get_by_id(one.id).state
    assert (state, fresh(image).title) in (("accepted", "Machine's"), ("refused", "Olga's"))


def test_a_whole_run_is_taken_back_as_one_action_and_what_people_did_since_stays(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="x", genre=None)
    ledger.edit(olga, image.id, "title", "Olga's")
    describe(image, title="Machine's", genre="Noir", description="Rain.", tags=["rain"])
    ledger.edit(sam, image.id, "genre", "Drama")
    run = FieldEvent.get(FieldEvent.field == "description").action_id
    assert [event.run_id for event in history.history(olga, image.id)].count(run) == 1
    undone = runs.take_back(olga, image.id, run)
    image = fresh(image)
    assert (image.title, image.genre, image.description, ledger.tags_of(image.id)) == ("Olga's", "Drama", None, [])
    assert [left.step.key for left in undone.left] == ["genre"]
    assert waiting(olga, image) == {}
    with pytest.raises(Conflict):
        runs.take_back(olga, image.id, run)
    describe(image, description="Rain.", title="Machine's")
    assert waiting(olga, image) == {"title": "Machine's", "description": "Rain."}  # a person has spoken by now


def test_a_run_of_another_picture_is_none(olga: Actor) -> None:
    image, other = make_row(olga), make_row(olga)
    describe(image, genre="Noir")
    run = ledger.latest(image.id)["genre"].action_id
    edit = ledger.edit(olga, other.id, "genre", "Drama").action_id
    for image_id, wanted in ((other.id, run), (other.id, edit + "0"), (image.id, "missing")):
        with pytest.raises(NotFound):
            runs.take_back(olga, image_id, wanted)
    assert fresh(image).genre == "Noir"


def test_a_picture_that_is_deleted_for_good_takes_its_suggestions_along(olga: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "title", "Olga's")
    describe(image, title="Machine's")
    trash.purge(olga, image.id)
    assert Proposal.select().count() == 0


def test_a_run_that_moved_a_picture_to_another_project_takes_it_back_there(olga: Actor) -> None:
    image = make_row(olga)
    describe(image, project="Alien", title="Seen")
    assert ledger.values_of(fresh(image), ["project"]) == {"project": "Alien"}
    undone = runs.take_back(olga, image.id, ledger.latest(image.id)["title"].action_id)
    assert not undone.left and ledger.values_of(fresh(image), ["project"]) == {"project": None}
