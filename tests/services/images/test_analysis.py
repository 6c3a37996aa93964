"""Describing pictures: states, what a machine may not touch, and work that never ended."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, NotFound, NotSignedIn, Upstream
from pindeck.models import Image, Job
from pindeck.services.images import analysis, ledger, trash
from pindeck.states import AiStatus, JobStatus
from pindeck.vision.base import Analysis, Subject
from tests.conftest import RunJobs
from tests.factories import fresh, jobs_of, make_draft, make_row


class Describer:
    """Says what a test wants, or fails as often as it wants."""

    def __init__(self, failures: int = 0, **words: object) -> None:
        self.is_at_hand = False
        self.failures = failures
        self.words = {"title": "Machine's", "tags": ["rain"], "genre": "Noir", **words}
        self.seen: list[Subject] = []

    def describe(self, subject: Subject) -> Analysis:
        self.seen.append(subject)
        if self.failures:
            self.failures -= 1
            raise Upstream("The provider does not answer.")
        return Analysis(backend="test", **self.words)  # type: ignore[arg-type]


@pytest.fixture
def describer(olga: Actor) -> Describer:
    made = Describer()
    analysis.bind(made)
    return made


def age(image: Image, *, hours: float, status: str = "processing") -> None:
    Image.update(ai_status=status, ai_started_at=db.now_ms() - int(hours * db.HOUR_MS)).where(
        Image.seq == image.seq
    ).execute()


def test_an_upload_is_described_once_it_is_safe(olga: Actor, run_jobs: RunJobs, describer: Describer) -> None:
    image = make_draft(olga, name="alley.jpg")
    assert image.ai_status == AiStatus.PROCESSING
    run_jobs()
    image = fresh(image)
    assert (image.ai_status, image.ai_error) == (AiStatus.COMPLETED, None)
    assert (image.title, image.genre) == ("Machine's", "Noir")
    (subject,) = describer.seen
    assert subject.filename == "alley.jpg"
    event = ledger.latest(image.id)["genre"]
    assert (event.writer, event.program) == ("machine", "test")


def test_without_a_provider_the_file_names_the_picture_and_nothing_else_is_written(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga, name="IMG_rainy-alley.jpg")
    run_jobs()
    image = fresh(image)
    assert (image.title, image.ai_status, len(image.colors)) == ("IMG rainy-alley", AiStatus.COMPLETED, 5)
    assert ledger.tags_of(image.id) == ["original"]
    assert (image.category, image.style, image.genre, image.shot) == ("General", None, None, None)
    assert fresh(image).meta == {}  # that is a program's own


def test_a_title_that_a_person_gave_survives(olga: Actor, run_jobs: RunJobs, describer: Describer) -> None:
    image = make_draft(olga, title="Olga's")
    run_jobs()
    assert (fresh(image).title, fresh(image).genre) == ("Olga's", "Noir")


@pytest.mark.parametrize(("visibility", "moved"), [("library", True), ("unlisted", False), ("private", False)])
def test_a_machine_moves_no_image_that_a_program_put_into_a_project(
    visibility: str, moved: bool, olga: Actor, describer: Describer
) -> None:
    image = make_row(olga, project="P", visibility=visibility, ai_status="processing")
    describer.words["project"] = "Blade Runner"
    analysis.run(image.id)
    assert (fresh(image).project_id != image.project_id) is moved
    assert fresh(image).ai_status == AiStatus.COMPLETED


def test_tags_of_the_system_stay_and_come_first(olga: Actor, run_jobs: RunJobs, describer: Describer) -> None:
    image = make_draft(olga)
    run_jobs()
    assert ledger.tags_of(image.id) == ["original", "rain"]
    row = make_row(olga, tags=["imported", "sref:123", "old"], ai_status="processing")
    analysis.run(row.id)
    assert ledger.tags_of(row.id) == ["imported", "sref:123", "rain"]


def test_no_more_than_fifty_tags_are_kept(olga: Actor, describer: Describer) -> None:
    describer.words["tags"] = [f"tag {number}" for number in range(80)]
    row = make_row(olga, tags=["original"], ai_status="processing")
    analysis.run(row.id)
    assert len(ledger.tags_of(row.id)) == 50
    assert fresh(row).ai_status == AiStatus.COMPLETED


def test_what_the_machine_does_not_know_changes_nothing(olga: Actor, describer: Describer) -> None:
    describer.words.update(title=None, tags=[], genre=None)
    row = make_row(olga, title="Rain", tags=["neon"], genre="Drama", ai_status="processing")
    analysis.run(row.id)
    row = fresh(row)
    assert (row.title, row.genre, ledger.tags_of(row.id)) == ("Rain", "Drama", ["neon"])
    assert row.ai_status == AiStatus.COMPLETED


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_what_has_ended_is_not_described_again(olga: Actor, describer: Describer, status: str) -> None:
    row = make_row(olga, ai_status=status)
    analysis.run(row.id)
    analysis.run("missing")
    assert describer.seen == []
    assert fresh(row).ai_status == status


def test_a_provider_that_is_away_is_asked_again_later(olga: Actor, run_jobs: RunJobs, describer: Describer) -> None:
    describer.failures = 1
    image = make_draft(olga)
    run_jobs()
    (job,) = jobs_of("analyse")
    assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, 1, "The provider does not answer.")
    assert fresh(image).ai_status == AiStatus.PROCESSING
    run_jobs(include_later=True)
    assert fresh(image).ai_status == AiStatus.COMPLETED


def test_a_provider_that_stays_away_fails_with_a_reason_and_a_retry_works(
    olga: Actor, run_jobs: RunJobs, describer: Describer
) -> None:
    describer.failures = 100
    image = make_draft(olga)
    run_jobs(include_later=True)
    failed = fresh(image)
    assert (failed.ai_status, failed.ai_error) == (AiStatus.FAILED, "The provider does not answer.")
    assert failed.persist_status == "succeeded"
    describer.failures = 0
    again = analysis.retry(olga, image.id)
    assert (again.ai_status, again.ai_error) == (AiStatus.PROCESSING, None)
    run_jobs()
    assert fresh(image).ai_status == AiStatus.COMPLETED


def test_an_unknown_fault_is_not_shown_with_its_inside(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, describer: Describer
) -> None:
    def broken(subject: Subject) -> Analysis:
        raise ValueError("password=hunter2")

    monkeypatch.setattr(describer, "describe", broken)
    image = make_draft(olga)
    run_jobs(include_later=True)
    assert "ValueError" in str(fresh(image).ai_error)
    assert "hunter2" not in str(fresh(image).ai_error) + str(Job.get(Job.kind == "analyse").error)


def test_a_retry_of_what_succeeded_describes_it_again(olga: Actor, run_jobs: RunJobs, describer: Describer) -> None:
    image = make_draft(olga)
    run_jobs()
    describer.words["genre"] = "Drama"
    analysis.retry(olga, image.id)
    assert Job.select().where((Job.kind == "analyse") & (Job.status == "queued")).count() == 1
    analysis.retry(olga, image.id)
    assert Job.select().where((Job.kind == "analyse") & (Job.status == "queued")).count() == 1
    run_jobs()
    assert fresh(image).genre == "Drama"


def test_what_a_model_looks_at_just_now_is_not_asked_for_again(olga: Actor, run_jobs: RunJobs, describer: Describer) -> None:
    image = make_draft(olga)
    run_jobs()
    analysis.retry(olga, image.id)
    mine = (Job.kind == "analyse") & (Job.image_id == image.id)
    Job.update(status="running").where(mine & (Job.status == "queued")).execute()
    analysis.retry(olga, image.id)
    assert not Job.select().where(mine & (Job.status == "queued")).exists()


def test_a_picture_that_is_not_safe_yet_waits(olga: Actor) -> None:
    with pytest.raises(Conflict):
        analysis.retry(olga, make_draft(olga).id)


def test_who_may_ask_for_a_retry(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    row = make_row(olga, ai_status="failed")
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden), (sam, Forbidden)):
        with pytest.raises(error):
            analysis.retry(actor, row.id)
    assert analysis.retry(mo, row.id).ai_status == AiStatus.PROCESSING
    with pytest.raises(NotFound):
        analysis.retry(sam, make_row(olga, status="draft").id)


def test_an_image_purged_while_it_is_described_is_no_fault(
    olga: Actor, describer: Describer, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = make_draft(olga)
    describe = describer.describe

    def purge_first(subject: Subject) -> Analysis:
        trash.purge(olga, image.id)
        return describe(subject)

    monkeypatch.setattr(describer, "describe", purge_first)
    run_jobs(include_later=True)
    assert Image.select().count() == 0


# What never ended


def test_an_analysis_older_than_the_limit_counts_as_failed(olga: Actor) -> None:
    young, old = make_row(olga), make_row(olga)
    age(young, hours=17)
    age(old, hours=19)
    assert analysis.sweep_stale(hours=18) == 1
    assert fresh(young).ai_status == AiStatus.PROCESSING
    assert fresh(old).ai_status == AiStatus.FAILED
    assert "18 hours" in str(fresh(old).ai_error)
    assert analysis.sweep_stale(hours=18) == 0


def test_the_limit_is_never_less_than_an_hour(olga: Actor) -> None:
    young, old = make_row(olga), make_row(olga)
    age(young, hours=0.5)
    age(old, hours=1.5)
    assert analysis.sweep_stale(hours=0) == 1
    assert fresh(young).ai_status == AiStatus.PROCESSING


@pytest.mark.parametrize("status", ["completed", "failed", "queued"])
def test_only_what_is_being_described_can_be_stale(olga: Actor, status: str) -> None:
    row = make_row(olga)
    age(row, hours=1000, status=status)
    assert analysis.sweep_stale(hours=18) == 0
    assert fresh(row).ai_status == status


def test_a_sweep_for_one_person_leaves_others_alone(olga: Actor, sam: Actor) -> None:
    mine, theirs = make_row(olga), make_row(sam)
    age(mine, hours=19)
    age(theirs, hours=19)
    assert analysis.sweep_stale(hours=18, user_id=olga.user_id) == 1
    assert fresh(theirs).ai_status == AiStatus.PROCESSING


def test_a_description_that_comes_after_all_does_not_undo_the_sweep_of_a_finished_image(olga: Actor) -> None:
    row = make_row(olga, ai_status="processing")
    subject = fresh(row)
    age(row, hours=19)
    analysis.sweep_stale(hours=18)
    analysis.apply(subject, Analysis(backend="late", title="Late"))
    assert fresh(row).ai_status == AiStatus.FAILED
