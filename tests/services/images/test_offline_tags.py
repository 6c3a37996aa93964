"""Tags that describing without a model wrote in earlier versions are taken away as one action, and no others are."""

from dataclasses import replace
from typing import Any

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotSignedIn
from pindeck.models import Action, FieldEvent, Image
from pindeck.services.actions import log
from pindeck.services.images import findings, large, ledger, offline_tags, undoing
from pindeck.services.images.ledger import Writer
from pindeck.states import ActionStatus, WriterKind
from pindeck.vision.base import Analysis
from tests.conftest import RunJobs
from tests.factories import fresh, make_row
from tests.services.images.snapshots import tables
from tests.services.images.words import MACHINE, value

MODEL = Writer(WriterKind.MACHINE, program="eye, prompt 3")
IMPORT = Writer(WriterKind.IMPORT, program="import")


def left_over(owner: Actor, *tags: str, **columns: Any) -> Image:
    """A picture as an earlier version described it."""
    image = make_row(owner, tags=["original"], **columns)
    ledger.write(image.id, {"tags": ["original", *(tags or ("landscape", "blue"))]}, MACHINE)
    return image


def found(actor: Actor) -> set[str]:
    return set(offline_tags.ids_of(actor))


def test_what_the_machine_alone_wrote_goes_and_one_undo_brings_it_back(olga: Actor, sam: Actor, mo: Actor) -> None:
    rows = [left_over(olga), left_over(sam, "portrait", "blue", "sref:12"), left_over(sam, visibility="private")]
    before = tables()
    told = offline_tags.offer(mo)
    assert (told.count, told.words[0], set(told.words)) == (3, "blue", {"blue", "landscape", "portrait"})
    action_id, count = offline_tags.remove(mo)
    assert count == 3 and [value(row, "tags") for row in rows] == [["original"], ["original", "sref:12"], ["original"]]
    assert offline_tags.count(mo) == 0 and offline_tags.offer(mo).words == []
    assert offline_tags.remove(mo) == (None, 0)
    assert set(undoing.undo(mo, str(action_id)).image_ids) == {row.id for row in rows}
    assert tables() == before and offline_tags.count(mo) == 3


def test_what_somebody_or_something_else_wrote_stays(olga: Actor, mo: Actor) -> None:
    saved, added, first, seen, imported, gone = (left_over(olga) for _ in range(6))
    ledger.edit(olga, saved.id, "tags", "blue, original")  # saved with one of them in the list
    ledger.set_many(olga, [added.id], {"tags": "rain"})
    ledger.write(seen.id, {"tags": ["original", "blue", "harbour"]}, MODEL)
    ledger.write(seen.id, {"tags": ["original", "blue", "square"]}, MACHINE)
    ledger.write(imported.id, {"tags": ["original", "blue", "storm"]}, IMPORT)
    Image.update(deleted_at=db.now_ms()).where(Image.id == gone.id).execute()
    before = [value(row, "tags") for row in (saved, added, seen, imported, gone)]
    assert found(mo) == {first.id}
    offline_tags.remove(mo)
    assert [value(row, "tags") for row in (saved, added, seen, imported, gone)] == before
    assert value(first, "tags") == ["original"]


def test_what_was_taken_back_is_nobodys_word(olga: Actor, mo: Actor) -> None:
    image = left_over(olga)
    edit = ledger.edit(olga, image.id, "tags", "rain, blue")
    assert found(mo) == set()
    undoing.undo(olga, edit.action_id)
    assert found(mo) == {image.id}


def test_a_model_may_describe_what_was_emptied(olga: Actor, mo: Actor) -> None:
    image = left_over(olga)
    offline_tags.remove(mo)
    findings.keep(fresh(image), Analysis(backend="openai", model="eye", prompt_version="3", tags=["harbour"]))
    assert value(image, "tags") == ["original", "harbour"]
    event = FieldEvent.select().where(FieldEvent.image_id == image.id).order_by(FieldEvent.id)[-2]
    assert (event.writer, event.user_id) == ("rule", mo.user_id)  # the history names who pressed


def test_a_job_does_it_to_many_and_leaves_what_was_confirmed_meanwhile(
    olga: Actor, mo: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 3)
    rows = [left_over(olga) for _ in range(7)]
    before = tables()
    action_id = str(large.remove_offline_tags(mo))
    assert Action.get_by_id(action_id).status == ActionStatus.RUNNING and offline_tags.count(mo) == 7
    edit = ledger.edit(olga, rows[0].id, "tags", "blue, original")
    run_jobs()
    action = Action.get_by_id(action_id)
    assert (action.status, action.done) == ("done", 6) and value(rows[0], "tags") == ["blue", "original"]
    assert {tuple(value(row, "tags")) for row in rows[1:]} == {("original",)}
    assert undoing.begin(mo, action_id)
    run_jobs()
    undoing.undo(olga, edit.action_id)
    assert tables() == before


def test_only_administrators_do_it(olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART", 1)
    rows = [left_over(olga) for _ in range(2)]
    for actor, error in ((sam, Forbidden), (VISITOR, NotSignedIn), (replace(mo, role="curator"), Forbidden)):
        for act in (offline_tags.offer, offline_tags.count, offline_tags.remove, large.remove_offline_tags):
            with pytest.raises(error):
                act(actor)
    assert not Action.select().exists()
    large.remove_offline_tags(mo)
    monkeypatch.setattr(Actor, "is_admin", property(lambda self: False))  # who asked is none any more when it runs
    run_jobs()
    assert {tuple(value(row, "tags")) for row in rows} == {("original", "landscape", "blue")}


@pytest.mark.plans
def test_an_index_finds_them(mo: Actor, engine: str) -> None:
    query, values = offline_tags._found(mo).sql()
    with db.writing():
        if engine != "sqlite":  # a table of a few rows is read whole otherwise
            db.database.execute_sql("SET LOCAL enable_seqscan = off")
        words = "EXPLAIN QUERY PLAN" if engine == "sqlite" else "EXPLAIN"
        plan = "\n".join(str(row) for row in db.database.execute_sql(f"{words} {query}", values).fetchall())
    assert "field_event_offline" in plan and "field_event_field" in plan, plan
