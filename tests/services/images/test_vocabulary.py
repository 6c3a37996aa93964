"""Words that are no terms: a machine's is no value, a person's is kept and counted, and an administrator decides."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Action, FieldEvent, VocabularyTerm
from pindeck.services.actions import log, shown
from pindeck.services.images import ledger, new_terms, undoing, vocabulary
from pindeck.services.images.ledger import Writer
from pindeck.states import TermState, WriterKind
from tests.conftest import ChangeSettings, RunJobs, count_queries
from tests.factories import make_row, together
from tests.services.images.snapshots import tables
from tests.services.images.words import MACHINE, value

IMPORT = Writer(WriterKind.IMPORT, program="import")


def words() -> dict[tuple[str, str], tuple[str, int]]:
    return {(row.field, row.spelling): (row.state, row.count) for row in VocabularyTerm.select()}


def word(spelling: str) -> Any:
    return VocabularyTerm.get(VocabularyTerm.spelling == spelling)


def test_a_word_of_a_machine_is_counted_and_no_value(olga: Actor) -> None:
    image = make_row(olga)
    found = {"light": ["soft", "glowworms"], "era": "cyberpunk", "genre": "Giallo", "time": "dusk", "style": "16mm"}
    written = ledger.write(image.id, found, MACHINE)
    assert set(written.events) == {"light", "time", "style"}
    assert (value(image, "light"), value(image, "era"), value(image, "genre")) == (["Soft"], None, None)
    assert words() == dict.fromkeys((("light", "glowworms"), ("era", "cyberpunk"), ("genre", "Giallo")), ("proposed", 1))  # fmt: skip
    ledger.write(image.id, {"light": ["Glow-Worms"]}, MACHINE)  # takes nothing away
    assert value(image, "light") == ["Soft"] and words()["light", "glowworms"] == ("proposed", 2)


def test_a_word_of_a_person_or_an_import_is_kept_in_one_spelling(olga: Actor, sam: Actor) -> None:
    rows = [make_row(olga) for _ in range(3)]
    ledger.edit(olga, rows[0].id, "light_source", "fireflies, neon")
    ledger.edit(sam, rows[1].id, "light_source", "Fire-Flies")
    ledger.write(rows[2].id, {"light_source": ["FIREFLIES"]}, IMPORT)
    assert [value(row, "light_source") for row in rows] == [["fireflies", "Neon"], ["fireflies"], ["fireflies"]]
    assert words() == {("light_source", "fireflies"): ("proposed", 3)}
    ledger.edit(olga, rows[0].id, "light_source", "fireflies")  # it was there before
    assert words() == {("light_source", "fireflies"): ("proposed", 3)}
    ledger.set_many(olga, [make_row(olga).id for _ in range(4)], {"light_source": "fireflies"})
    assert words() == {("light_source", "fireflies"): ("proposed", 7)}


def test_an_accepted_word_is_a_term_for_everybody(olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.write(image.id, {"light_source": ["Fireflies"]}, MACHINE)
    decided = vocabulary.decide(mo, word("Fireflies").id, TermState.ACCEPTED)
    assert decided.action_id and new_terms.accepted() == {"light_source": ["Fireflies"]}
    ledger.write(image.id, {"light_source": ["fire flies"]}, MACHINE)
    assert value(image, "light_source") == ["Fireflies"]
    assert vocabulary.decide(mo, decided.row.id, TermState.ACCEPTED).action_id is None  # it is one


@pytest.mark.parametrize(("field", "many"), [("light_source", True), ("time", False), ("genre", False)])
def test_a_merged_word_becomes_the_term_it_means_and_one_undo_gives_it_back(olga: Actor, mo: Actor, field: str, many: bool) -> None:
    term = {"light_source": "Practicals", "time": "Night", "genre": "Noir"}[field]
    text = "witching, neon" if many else "witching"
    image, other = make_row(olga), make_row(olga)
    ledger.edit(olga, image.id, field, text)
    ledger.edit(olga, other.id, field, term)
    kept, before = value(image, field), tables()
    decided = vocabulary.decide(mo, word("witching").id, TermState.MERGED, means=term.lower())
    assert value(image, field) == ([term, "Neon"] if many else term)
    assert (decided.row.state, decided.row.term) == ("merged", term)
    ledger.edit(olga, other.id, field, "")
    ledger.edit(olga, other.id, field, "WITCHING")
    assert value(other, field) == ([term] if many else term)
    for edit in FieldEvent.select().where(FieldEvent.image_id == other.id).order_by(FieldEvent.id.desc()).limit(2):
        undoing.undo(olga, edit.action_id)
    told = undoing.undo(mo, str(decided.action_id))
    assert told.image_ids == [image.id] and value(image, field) == kept
    assert {**tables(), "vocabulary_term": []} == {**before, "vocabulary_term": []} and word("witching").state == "proposed"


def test_a_decision_about_no_picture_is_undone_until_somebody_decides_otherwise(olga: Actor, mo: Actor) -> None:
    ledger.write(make_row(olga).id, {"era": "cyberpunk"}, MACHINE)
    row = word("cyberpunk")
    refused = vocabulary.decide(mo, row.id, TermState.REFUSED)
    undone = undoing.undo(mo, str(refused.action_id))
    assert word("cyberpunk").state == "proposed" and undone.left == []
    assert Action.get_by_id(refused.action_id).status == "undone"
    with pytest.raises(Conflict):
        undoing.undo(mo, str(refused.action_id))
    first = vocabulary.decide(mo, row.id, TermState.REFUSED)
    vocabulary.decide(mo, row.id, TermState.MERGED, means="far future")
    with pytest.raises(Conflict) as caught:
        undoing.undo(mo, str(first.action_id))
    assert "since" in caught.value.message
    assert (word("cyberpunk").state, word("cyberpunk").term) == ("merged", "Far Future")
    assert Action.get_by_id(first.action_id).status == "done"


def test_only_terms_of_the_field_can_be_meant(olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "light", "glowworms")
    ledger.edit(olga, image.id, "era", "cyberpunk")
    for means in ("Golden Hour", "", "glowworms", "?"):
        with pytest.raises(Invalid) as caught:
            vocabulary.decide(mo, word("glowworms").id, TermState.MERGED, means=means)
        assert list(caught.value.fields) == ["term"]
    ledger.edit(olga, image.id, "light", "glow, lanterns")
    vocabulary.decide(mo, word("lanterns").id, TermState.ACCEPTED)
    vocabulary.decide(mo, word("glowworms").id, TermState.MERGED, means="LANTERNS")
    ledger.write(image.id, {"light": ["glowworms"]}, ledger.person(olga))
    assert value(image, "light") == ["lanterns"]


def test_curators_decide_where_they_edit_the_words_of_others_else_administrators(
    sam: Actor, olga: Actor, mo: Actor, change_settings: ChangeSettings
) -> None:
    ledger.edit(olga, make_row(olga).id, "era", "cyberpunk")
    hidden = make_row(olga, visibility="private")
    ledger.edit(olga, hidden.id, "era", "cyberpunk")
    merged = vocabulary.decide(sam, word("cyberpunk").id, TermState.MERGED, means="Far Future")
    assert value(hidden, "era") == "cyberpunk"  # Sam does not see it
    undoing.undo(sam, str(merged.action_id))
    change_settings(metadata_edit_policy="owner")
    row = word("cyberpunk")
    for actor, error in ((sam, Forbidden), (VISITOR, NotSignedIn)):
        with pytest.raises(error):
            vocabulary.decide(actor, row.id, TermState.ACCEPTED)
        with pytest.raises(error):
            vocabulary.list_page(actor, limit=5)
    with pytest.raises(NotFound):
        vocabulary.decide(mo, db.new_id(), TermState.ACCEPTED)
    assert word("cyberpunk").state == "proposed"


def test_two_who_decide_at_once_do_not_undo_each_other(olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "era", "cyberpunk")
    row, before = word("cyberpunk"), Action.select().count()
    states = (TermState.ACCEPTED, TermState.MERGED, TermState.REFUSED, TermState.MERGED)
    told = together(4, lambda n: vocabulary.decide(mo, row.id, states[n], means="Far Future"))
    done = [each for each in told if not isinstance(each, Exception)]
    assert all(isinstance(each, Conflict) for each in told if isinstance(each, Exception))
    assert Action.select().count() - before == len({each.action_id for each in done if each.action_id}) >= 1
    assert word("cyberpunk").state in {each.row.state for each in done}
    is_merged = any(each.row.state == TermState.MERGED for each in done)
    assert value(image, "era") == ("Far Future" if is_merged else "cyberpunk")


def test_many_pictures_of_a_merged_word_are_changed_by_a_job_and_come_back(
    olga: Actor, mo: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 3)
    rows = [make_row(olga) for _ in range(7)]
    ledger.set_many(olga, [row.id for row in rows], {"era": "cyberpunk"})
    before = tables()
    decided = vocabulary.decide(mo, word("cyberpunk").id, TermState.MERGED, means="Far Future")
    action_id = str(decided.action_id)
    assert decided.is_running and decided.row.state == "merged" and {value(row, "era") for row in rows} == {"cyberpunk"}
    assert shown.progress(mo, action_id).told == "Decided about the word “cyberpunk”: 0 of 7 pictures so far."
    ledger.edit(olga, rows[6].id, "era", "80s")  # chosen while the job waits
    run_jobs()
    assert [value(row, "era") for row in rows] == ["Far Future"] * 6 + ["1980s"]
    assert (Action.get_by_id(action_id).status, Action.get_by_id(action_id).done) == ("done", 6)
    assert undoing.begin(mo, action_id)
    run_jobs()
    undoing.undo(olga, str(Action.select().where(Action.user_id == olga.user_id).order_by(Action.id.desc()).get().id))
    assert tables() == before and word("cyberpunk").state == "proposed"


def test_a_merge_that_found_nothing_left_to_change_is_still_a_decision(
    olga: Actor, mo: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 1)
    rows = [make_row(olga) for _ in range(2)]
    ledger.set_many(olga, [row.id for row in rows], {"era": "cyberpunk"})
    action_id = str(vocabulary.decide(mo, word("cyberpunk").id, TermState.MERGED, means="Far Future").action_id)
    for row in rows:
        ledger.edit(olga, row.id, "era", "80s")
    run_jobs()
    assert Action.get_by_id(action_id).status == "done"
    undoing.undo(mo, action_id)
    assert word("cyberpunk").state == "proposed"


def test_a_word_that_means_something_else_by_now_is_not_written(
    olga: Actor, mo: Actor, sam: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 1)
    rows = [make_row(olga) for _ in range(2)]
    ledger.set_many(olga, [row.id for row in rows], {"era": "cyberpunk"})
    vocabulary.decide(mo, word("cyberpunk").id, TermState.MERGED, means="Far Future")
    vocabulary.decide(mo, word("cyberpunk").id, TermState.REFUSED)
    run_jobs()
    assert {value(row, "era") for row in rows} == {"cyberpunk"} and word("cyberpunk").state == "refused"


def test_a_merge_that_broke_off_goes_on_when_it_is_decided_again(olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "era", "steampunk")
    row = word("steampunk")
    VocabularyTerm.update(state="merged", term="19th Century").where(VocabularyTerm.id == row.id).execute()
    before = tables()
    action_id = vocabulary.decide(mo, row.id, TermState.MERGED, means="19th century").action_id
    assert action_id and value(image, "era") == "19th Century"
    assert vocabulary.decide(mo, row.id, TermState.MERGED, means="19th century").action_id is None
    assert undoing.undo(mo, action_id).left == []
    assert (value(image, "era"), tables() == before) == ("steampunk", True)


def test_known_words_cost_nothing(olga: Actor) -> None:
    image = make_row(olga)
    with count_queries() as known:
        ledger.write(image.id, {"era": "60s"}, ledger.person(olga))
    assert not any("vocabulary_term" in statement for statement in known)
