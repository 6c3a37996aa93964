"""Describing many pictures again: what it would cost, the parts, limits, stopping, and who may."""

from collections.abc import Iterator

import pytest

from pindeck import db, vision
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Action, AnalysisRound, Image, Job, MachineCall, Proposal, User
from pindeck.services.actions import log, shown
from pindeck.services.images import analysis, ledger, round_log, rounds, runs, trash, undoing
from pindeck.services.images.calls import Calls
from pindeck.services.library import describing, query
from pindeck.services.library.choices import Choice
from pindeck.services.library.lacking import FIELDS_OF_A_MODEL, IDLE, LACKING
from pindeck.services.maintenance import work_control
from pindeck.states import AiStatus, ImageStatus, JobStatus, Lane, RoundState, Visibility, WriterKind
from tests.conftest import ChangeSettings, RunJobs, count_queries
from tests.factories import fresh, jobs_of, make_draft, make_row
from tests.servers.vision import VisionServer, serving_vision

ALL = Choice(is_all=True)


@pytest.fixture(scope="module")
def server() -> Iterator[VisionServer]:
    with serving_vision() as running:
        yield running


@pytest.fixture
def use_model(olga: Actor, server: VisionServer, change_settings: ChangeSettings) -> Iterator[ChangeSettings]:
    def use(model: str, **values: object) -> Settings:
        settings = change_settings(vision_base_url=server.base, vision_model=model, vision_timeout_s=5.0, **values)
        analysis.bind(vision.from_settings(settings, Calls()))
        return settings

    use("good")
    yield use


def described(actor: Actor, **columns: object) -> Image:
    return make_row(actor, ai_status=AiStatus.COMPLETED, **columns)


def stored(actor: Actor, run_jobs: RunJobs, count: int) -> list[Image]:
    """Drafts with bytes, described without a model."""
    analysis.bind(vision.from_settings(Settings(secret_key="x" * 20), Calls()))
    images = [make_draft(actor, name=f"{n}.jpg") for n in range(count)]
    run_jobs()
    assert {fresh(image).ai_status for image in images} == {AiStatus.COMPLETED}
    return images


def in_round(row: AnalysisRound) -> set[str | None]:
    return {job.image_id for job in Job.select().where(Job.round_id == row.id)}


def planned(actor: Actor, choice: Choice) -> int:
    return describing.plan(actor, choice).count


def test_a_plan_counts_those_that_the_actor_may_have_described(olga: Actor, sam: Actor, mo: Actor, use_model: ChangeSettings) -> None:
    rainy = described(olga, tags=["rain"])
    described(olga, visibility=Visibility.PRIVATE)
    described(sam, title="Neon alley", tags=["rain"])
    described(olga, status=ImageStatus.PENDING)
    described(olga, persist_status="failed")
    gone = described(olga)
    trash.trash(olga, gone.id)
    assert [planned(actor, ALL) for actor in (olga, sam, mo)] == [2, 1, 3]
    assert planned(mo, Choice(query="tag=rain")) == 2 and planned(olga, Choice(query="tag=rain")) == 1
    assert planned(mo, Choice(query="neon")) == 1 and planned(mo, Choice(query="project=Nothing")) == 0
    assert planned(olga, Choice(ids=(rainy.id,))) == 1
    assert not jobs_of("analyse") and not AnalysisRound.select().exists()
    analysis.retry(olga, rainy.id)
    assert planned(olga, ALL) == 1, "What a model is asked about already is left out."


def test_who_may_and_what_is_no_choice(olga: Actor, sam: Actor, gus: Actor, use_model: ChangeSettings, change_settings: ChangeSettings) -> None:
    mine, hidden = described(olga), described(olga, visibility=Visibility.PRIVATE)
    for actor, image, error in (
        (VISITOR, mine, NotSignedIn), (gus, mine, Forbidden), (sam, mine, Forbidden), (sam, hidden, NotFound),
    ):  # fmt: skip
        for ask in (describing.plan, describing.begin):
            with pytest.raises(error):
                ask(actor, Choice(ids=(image.id,)))
    for choice, field in (
        (Choice(), "ids"), (Choice(ids=(mine.id,), query="rain"), "ids"), (Choice(lacking="likes"), "lacking"),
        (Choice(query="colour=red"), "query"), (Choice(ids=(mine.id,) * 1 + tuple(map(str, range(5001)))), "ids"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as wrong:
            describing.begin(olga, choice)
        assert set(wrong.value.fields) == {field}
    with pytest.raises(Conflict):
        describing.begin(olga, Choice(query="nobody wrote this"))
    change_settings(vision_base_url="", vision_api_key="")
    with pytest.raises(Conflict) as off:
        describing.begin(olga, ALL)
    assert off.value.code == "VISION_OFF" and not AnalysisRound.select().exists() and not jobs_of("analyse")


def test_a_selection_is_described_at_once_and_costs_what_was_foreseen(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    images = stored(olga, run_jobs, 3)
    use_model("good")
    assert describing.plan(olga, ALL).cost_micro is None
    first = describing.begin(olga, Choice(ids=(images[0].id,)))
    assert {job.lane for job in jobs_of("analyse")} == {Lane.NOW} and not jobs_of("describe_many")
    run_jobs()
    plan = describing.plan(olga, ALL)
    assert (plan.count, plan.price_micro, plan.cost_micro, plan.left.now, plan.later) == (3, 213, 639, None, 0)
    view = rounds.get(olga, first.id)
    assert (view.state, view.done, view.cost_micro, view.to_come) == ("done", 1, 213, 0)
    assert fresh(images[0]).title == "Neon Alley" and fresh(images[1]).title == "1"


def test_many_become_jobs_a_part_after_the_other(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = stored(olga, run_jobs, 9)
    use_model("good")
    monkeypatch.setattr(rounds, "FIRST", 2)
    monkeypatch.setattr(rounds, "MOST", 4)
    monkeypatch.setattr(rounds, "AWAITED", 8)
    row = describing.begin(olga, ALL)
    assert not jobs_of("analyse") and rounds.get(olga, row.id).to_come == 9
    with pytest.raises(Conflict):
        describing.begin(olga, ALL)  # a second press would pay for all of them twice
    run_jobs()
    assert in_round(row) == {image.id for image in images[-2:]}, "The newest two show first whether it works."
    assert rounds.get(olga, row.id).state == "running"
    run_jobs(include_later=True)
    view = rounds.get(olga, row.id)
    assert (view.state, view.done, view.row.asked, view.failed) == ("done", 9, 9, 0)
    assert {job.lane for job in jobs_of("analyse") if job.round_id} == {Lane.LATER}
    assert not [job for job in jobs_of("describe_many") if job.status != JobStatus.COMPLETED]
    assert describing.go_on(olga, row.id) is None, "A second one adds nothing."
    assert len(in_round(row)) == 9
    chosen = Choice(ids=tuple(image.id for image in images[:3]))
    describing.begin(olga, chosen)
    with pytest.raises(Conflict):
        describing.begin(olga, chosen)


def test_a_round_that_only_fails_ends_before_it_cost_much(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [described(olga) for _ in range(12)]
    monkeypatch.setattr(rounds, "FIRST", 3)
    monkeypatch.setattr(rounds, "IN_A_ROW", 3)
    row = describing.begin(olga, ALL)  # they have no bytes, so each fails for good
    run_jobs(include_later=True)
    view = rounds.get(olga, row.id)
    assert (view.state, view.failed, view.done, len(in_round(row))) == ("stopped", 3, 0, 3)
    assert str(view.row.said).startswith("It ended by itself: 3 pictures failed one after the other. ")
    assert [fresh(image).ai_status for image in images].count(AiStatus.COMPLETED) == 9


def test_what_a_limit_holds_back_waits_and_says_so(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings
) -> None:
    images = stored(olga, run_jobs, 4)
    use_model("good", daily_analysis_limit=1)
    plan = describing.plan(olga, ALL)
    assert (plan.left.today, plan.left.month, plan.later) == (1, None, 3)
    row = describing.begin(olga, ALL)
    run_jobs()
    view = rounds.get(olga, row.id)
    assert (view.done, view.waiting, view.failed, view.state) == (1, 3, 0, "running")
    assert str(view.reason).endswith("It goes on tomorrow.") and (view.waits_until or 0) > db.now_ms()
    assert describing.plan(olga, Choice(ids=tuple(image.id for image in images))).left.today == 0


def test_a_round_that_is_stopped_leaves_pictures_as_they_were(
    olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "FIRST", 2)
    good, bad = described(olga), make_row(olga, ai_status=AiStatus.FAILED)
    late = described(olga)
    row = describing.begin(olga, ALL)
    for job in jobs_of("describe_many"):
        describing.go_on(olga, job.payload["round"])
    assert (fresh(late).ai_status, fresh(bad).ai_status) == (AiStatus.PROCESSING, AiStatus.PROCESSING)
    with pytest.raises(NotFound):
        rounds.stop(sam, row.id)
    assert rounds.stop(mo, row.id).state == "stopped", "An administrator stops everybody's."
    view = rounds.get(olga, row.id)
    assert (view.stopped, view.waiting, view.to_come, view.row.said) == (2, 0, 0, "It was stopped.")
    assert [fresh(image).ai_status for image in (good, late, bad)] == [AiStatus.COMPLETED] * 2 + [AiStatus.FAILED]
    run_jobs(include_later=True)
    assert not MachineCall.select().exists() and len(in_round(row)) == 2
    with pytest.raises(Conflict):
        rounds.stop(olga, row.id)


def test_one_picture_of_a_round_or_its_adding_is_cancelled_where_work_is(
    olga: Actor, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = described(olga)
    describing.begin(olga, Choice(ids=(image.id,)))
    work_control.cancel(olga, jobs_of("analyse")[0].id)
    assert (fresh(image).ai_status, fresh(image).ai_error) == (AiStatus.COMPLETED, None)
    monkeypatch.setattr(rounds, "FIRST", 0)
    row = describing.begin(olga, ALL)
    work_control.cancel(olga, jobs_of("describe_many")[0].id)
    assert rounds.get(olga, row.id).state == "stopped"


def test_a_person_who_may_no_longer_ends_the_round(olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "FIRST", 0)
    described(olga)
    row = describing.begin(olga, ALL)
    User.update(disabled_at=1).where(User.id == olga.user_id).execute()
    run_jobs()
    assert AnalysisRound.get_by_id(row.id).state == RoundState.STOPPED and not jobs_of("analyse")


@pytest.mark.parametrize("name", FIELDS_OF_A_MODEL)
def test_a_field_is_lacking_where_it_is_empty_and_nobody_cleared_it(mo: Actor, name: str) -> None:
    machine = ledger.Writer(WriterKind.MACHINE, program="model")
    known = ledger.LEDGER[name].suggestions  # of most fields a machine writes no other words
    value: object = {"tags": ["rain"], "category": "Cinematic"}.get(name) or (known[0] if known else "Words")
    empty, filled, cleared = described(mo, tags=["original"]), described(mo), described(mo)
    for image in (filled, cleared):
        ledger.write(image.id, {name: value}, machine)
    ledger.edit(mo, cleared.id, name, "")
    assert [image.id for image in query.images(describing.DESCRIBED, mo, {LACKING: name}, limit=9)] == [empty.id]
    assert planned(mo, Choice(ids=(empty.id, filled.id, cleared.id), lacking=name)) == 1


def test_lists_ask_as_many_statements_for_one_round_as_for_many(olga: Actor, mo: Actor, use_model: ChangeSettings) -> None:
    for count in (1, 4):
        for _ in range(count):
            describing.begin(olga, Choice(ids=(described(olga).id,)))
        with count_queries() as seen:
            found, more = rounds.list_page(mo, limit=4)
        assert len(seen) == 5 and more == (found[-1].row.id if count == 4 else None)
        assert found[0].who == "Olga" and found[0].waiting == 1
    rest, more = rounds.list_page(olga, limit=4, after=more)
    assert len(rest) == 1 and more is None and rest[0].who == ""
    AnalysisRound.update(created_at=1).execute()
    assert rounds.sweep() == 5


@pytest.mark.plans
def test_what_is_asked_walks_along_indexes(olga: Actor, mo: Actor) -> None:
    if db.is_postgres():
        return
    for actor, walk in ((olga, "image_owner (user_id=? AND status=? AND seq<?)"), (mo, "INTEGER PRIMARY KEY (rowid<?)")):
        sql, values = query.statements(describing.DESCRIBED, actor, {LACKING: "genre", IDLE: True}, after=("9",))[0]
        plan = " | ".join(row[-1] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
        assert walk in plan and "field_event_field" in plan and "job_image" in plan, plan


def test_a_whole_round_is_one_action_and_what_people_did_since_stays(
    olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = stored(olga, run_jobs, 4)
    use_model("good")
    ledger.edit(olga, images[1].id, "title", "Typed")  # so that something is suggested there
    before = {image.id: ledger.values_of(fresh(image)) for image in images}
    row = describing.begin(olga, ALL)
    with pytest.raises(Conflict, match="still running"):
        undoing.undo(olga, row.id)
    with monkeypatch.context() as patched:
        patched.setattr(round_log, "settle", lambda _: None)  # as when the worker dies then
        run_jobs()
    assert Action.get_by_id(row.id).status == "running" and rounds.sweep() == 1 and rounds.sweep() == 0
    action = Action.get_by_id(row.id)
    assert (action.status, action.total, action.user_id) == ("done", 4, olga.user_id)
    (listed, *_), _ = shown.list_actions(olga)
    assert (listed.id, listed.what, listed.images, listed.can_undo) == (row.id, "Described by a model", 4, True)
    assert rounds.get(olga, row.id).can_undo and {fresh(image).title for image in images} == {"Neon Alley", "Typed"}
    ledger.edit(olga, images[0].id, "genre", "Drama")
    with pytest.raises(NotFound):
        undoing.undo(sam, row.id)
    undone = undoing.undo(olga, row.id)
    assert len(undone.image_ids) == 4 and [(each.step.image_id, each.step.key) for each in undone.left] == [(images[0].id, "genre")]
    assert shown.told(undone) == "One of 4 pictures has been changed since by Olga. The rest was taken back."
    now = {image.id: ledger.values_of(fresh(image)) for image in images}
    assert now == {**before, images[0].id: {**before[images[0].id], "genre": "Drama"}}
    assert not Proposal.select().where(Proposal.state == "proposed").exists()


def test_a_large_round_is_taken_back_by_a_job_and_a_picture_of_it_by_itself(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = stored(olga, run_jobs, 5)
    use_model("good")
    before = {image.id: ledger.values_of(fresh(image)) for image in images}
    row = describing.begin(olga, ALL)
    run_jobs()
    assert Action.get_by_id(row.id).status == "done", "The last description ends it."
    runs.take_back(olga, images[2].id, ledger.latest(images[2].id)["title"].action_id)
    monkeypatch.setattr(log, "PART", 2)
    undo_id = str(undoing.begin(olga, row.id))
    run_jobs()
    assert shown.progress(olga, undo_id).told == "Taken back: described by a model."
    assert Action.get_by_id(row.id).status == "undone" and rounds.get(olga, row.id).is_undone
    assert {image.id: ledger.values_of(fresh(image)) for image in images} == before
    again = describing.begin(olga, Choice(ids=(images[0].id,)))
    rounds.stop(olga, again.id)
    assert Action.get_or_none(Action.id == again.id) is None, "What changed nothing is no action."
