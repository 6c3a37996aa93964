"""Tending tags: what becomes of a tag everywhere and from now on, what is found about tags, and the way back."""

from dataclasses import replace

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound
from pindeck.models import Action, Image, Job, TagFinding, TagRule
from pindeck.services.actions import log
from pindeck.services.images import gardening, large, ledger, tag_findings, undoing
from pindeck.services.images.tag_findings import Finding
from pindeck.states import Role, WriterKind
from tests.conftest import RunJobs
from tests.factories import make_row
from tests.services.images.snapshots import tables


def tags(image: Image) -> list[str]:
    return ledger.tags_of(image.id)


def tend(actor: Actor, how: str, tag: str, means: str = "") -> str | None:
    asked = gardening.ask(actor, how, tag, means)
    return large.tend_tags(actor, asked) or gardening.at_once(actor, asked)


@pytest.mark.parametrize(
    ("how", "means", "now", "later"),
    [
        ("rename", "rain", ["wet", "rain"], ["rains", "dark"]),
        ("alias", "Rain", ["wet", "rain"], ["rain", "dark"]),
        ("imply", "weather", ["wet", "rains", "weather"], ["rains", "dark", "weather"]),
        ("forbid", "", ["wet"], ["dark"]),
    ],
)
def test_each_act_changes_all_pictures_and_holds_from_now_on(
    olga: Actor, how: str, means: str, now: list[str], later: list[str]
) -> None:
    one, other, new = make_row(olga, tags=["wet", "rains"]), make_row(olga, tags=["fog"]), make_row(olga)
    before = tables()
    action = str(tend(olga, how, "Rains", means))
    assert (tags(one), tags(other)) == (now, ["fog"])
    ledger.edit(olga, new.id, "tags", "rains, dark")
    assert tags(new) == later
    written = Action.select().order_by(Action.id.desc()).get()
    undoing.undo(olga, written.id)
    undoing.undo(olga, action)
    assert tables() == before
    again = undoing.redo(olga)[1]
    assert tags(one) == now and TagRule.select().count() == (how != "rename")
    undoing.undo(olga, again)
    assert tables() == before


def test_a_tag_that_a_picture_has_already_stays_when_others_are_written(olga: Actor) -> None:
    image = make_row(olga, tags=["rains"])
    TagRule.create(id="r", tag="rains", kind="forbid", created_at=1)
    ledger.edit(olga, image.id, "tags", "rains, fog")
    assert tags(image) == ["rains", "fog"]
    assert tags(make_row(olga, tags=["rains", "dark"])) == ["dark"]  # as an import brings it


def test_many_are_a_job_and_its_rule_holds_at_once(olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART", 2)
    images = [make_row(olga, tags=["rains"]) for _ in range(5)]
    before = tables()
    action = str(tend(olga, "alias", "rains", "rain"))
    assert TagRule.get().means == "rain" and tags(images[0]) == ["rains"]
    run_jobs()
    assert all(tags(image) == ["rain"] for image in images)
    undoing.begin(olga, action)
    run_jobs()
    assert tables() == before


def test_what_cannot_be_is_named(olga: Actor, gus: Actor) -> None:
    tend(olga, "alias", "rains", "rain")
    for how, tag, means in (("alias", "rain", "rains"), ("forbid", "rains", ""), ("forbid", "rain", ""), ("alias", "rains", "x"), ("rename", "wet", "rains")):
        with pytest.raises(Conflict, match="means “rain” already"):
            tend(olga, how, tag, means)
    for how, tag, means in (("burn", "a", "b"), ("alias", "a", "a"), ("alias", "a, b", "c"), ("alias", "", "c"), ("forbid", "original", "")):
        with pytest.raises(Invalid):
            tend(olga, how, tag, means)
    for actor in (gus, replace(olga, role=Role.GUEST)):
        with pytest.raises(Forbidden):
            tend(actor, "forbid", "rain")
        with pytest.raises(Forbidden):
            tag_findings.list_page(actor, Finding.SAME)
    assert tend(olga, "alias", "rains", "rain") is None and TagRule.select().count() == 1


def test_a_rule_is_removed_and_back_and_gone_rules_are_told(olga: Actor) -> None:
    action = str(tend(olga, "alias", "rains", "rain"))
    rule = TagRule.get()
    removed = gardening.remove_rule(olga, rule.id)
    with pytest.raises(NotFound):
        gardening.remove_rule(olga, rule.id)
    with pytest.raises(Conflict, match="has been removed since"):
        undoing.undo(olga, action)
    undoing.undo(olga, removed)
    assert TagRule.get().means == "rain"
    with pytest.raises(Conflict, match="can no longer be changed by you"):
        undoing.undo(replace(olga, role=Role.GUEST), action)
    undoing.undo(olga, action)
    assert not TagRule.select().exists()


def test_administrators_alone_tend_tags_where_owners_alone_edit(olga: Actor, sam: Actor, mo: Actor, change_settings) -> None:  # type: ignore[no-untyped-def]
    made = [make_row(each, tags=["rains"]) for each in (olga, sam)]
    change_settings(metadata_edit_policy="owner")
    with pytest.raises(Forbidden):
        tend(olga, "rename", "rains", "rain")
    tend(mo, "rename", "rains", "rain")
    assert [tags(each) for each in made] == [["rain"], ["rain"]]


def test_a_worker_finds_what_may_be_one_word_in_pictures_of_the_library_alone(olga: Actor, run_jobs: RunJobs) -> None:
    for words in (["film noir", "lamp"], ["film-noir", "lamps"], ["corridor"], ["coridor"], ["москва"], ["moskva"], ["corridor"]):
        make_row(olga, tags=words)
    for _ in range(6):
        make_row(olga, tags=["neon", "night"])
    make_row(olga, tags=["secret"], visibility="private")
    make_row(olga, tags=["night"])
    tag_findings.ask(olga)
    tag_findings.ask(olga)
    assert Job.select().where(Job.kind == "tend_tags").count() == 1 and tag_findings.is_looking()
    run_jobs()
    found = {(row.kind, frozenset(filter(None, (row.tag, row.other)))) for row in TagFinding.select()}
    for kind, words in (("same", {"film noir", "film-noir"}), ("same", {"москва", "moskva"}), ("plural", {"lamp", "lamps"}),
                        ("near", {"coridor", "corridor"}), ("single", {"coridor"})):  # fmt: skip
        assert (kind, frozenset(words)) in found, (kind, words)
    together = {(row.tag, row.other) for row in TagFinding.select().where(TagFinding.kind == "together")}
    assert together == {("neon", "night")}
    assert "secret" not in {row.tag for row in TagFinding.select()}
    rows, more = tag_findings.list_page(olga, Finding.SAME, limit=1)
    assert len(rows) == 1 and more and tag_findings.list_page(olga, Finding.SAME, after=rows[0].id)[0]
    decided = [tend(olga, "alias", "lamps", "lamp"), tend(olga, "imply", "neon", "night")]
    assert not any(tag_findings.list_page(olga, kind)[0] for kind in (Finding.PLURAL, Finding.TOGETHER))
    counts, found_at = tag_findings.counts(olga)
    assert found_at and counts["same"] == 2 and "plural" not in counts and "together" not in counts
    undoing.undo(olga, str(decided[0]))
    assert [row.tag for row in tag_findings.list_page(olga, Finding.PLURAL)[0]] in (["lamp"], ["lamps"])


def test_words_that_a_model_alone_has_written_are_counted_as_new(olga: Actor, run_jobs: RunJobs) -> None:
    model = ledger.Writer(WriterKind.MACHINE, program="good, prompt 1")
    make_row(olga, tags=["neon"])
    for words in (["neon", "bokeh"], ["bokeh"], ["haze"]):
        ledger.write(make_row(olga).id, {"tags": words}, model, action_id=db.new_id())
    taken_over = Image.select().order_by(Image.seq.desc()).get()
    ledger.edit(olga, taken_over.id, "tags", "haze, alley")
    tag_findings.ask(olga)
    run_jobs()
    rows, _ = tag_findings.list_page(olga, Finding.NEW)
    assert [(row.tag, row.tag_count) for row in rows] == [("bokeh", 2)]
