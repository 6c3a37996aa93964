"""Describing by a model over HTTP, through the job: what is written down of each call, limits, and nothing paid twice."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pindeck import db, vision
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Waits
from pindeck.models import Image, Job, MachineCall
from pindeck.services.images import analysis, calls, costs, detail, history, ledger, proposals
from pindeck.services.images.calls import Calls
from pindeck.services.images.ledger import Writer
from pindeck.states import AiStatus, JobStatus, WriterKind
from pindeck.vision.base import BilledTo
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import fresh, jobs_of, make_draft, make_row, new_photo
from tests.servers.vision import VisionServer, serving_vision


@pytest.fixture
def server() -> Iterator[VisionServer]:
    with serving_vision() as running:
        yield running


@pytest.fixture
def use_model(olga: Actor, server: VisionServer, change_settings: ChangeSettings) -> Iterator[ChangeSettings]:
    """`use_model("good")` has pictures described by that model from now on."""

    def use(model: str, **values: object) -> Settings:
        settings = change_settings(vision_base_url=server.base, vision_model=model, vision_timeout_s=5.0, **values)
        analysis.bind(vision.from_settings(settings, Calls()))
        return settings

    yield use


def rows() -> list[MachineCall]:
    return list(MachineCall.select().order_by(MachineCall.id))


def test_a_model_sees_a_small_picture_and_its_words_are_written(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("good")
    image = make_draft(olga, new_photo(size=(1600, 900)), name="alley.jpg")
    run_jobs()
    image = fresh(image)
    assert (image.title, image.genre, image.group, image.ai_status) == (
        "Neon Alley", "Sci-Fi", "Music Video", AiStatus.COMPLETED,
    )  # fmt: skip
    assert ledger.tags_of(image.id) == ["original", "rain", "neon"]
    assert str(ledger.latest(image.id)["genre"].program).startswith("good")
    (picture,) = server.pictures
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (1024, 576), {})
    (row,) = rows()
    (job,) = jobs_of("analyse")
    assert (row.image_id, row.user_id, row.job_id) == (image.id, olga.user_id, job.id)
    assert (row.model, row.prompt_version, row.form, row.outcome) == ("good", "2", "json_schema", "answered")
    assert (row.tokens_in, row.tokens_out, row.cost_micro, row.answer) == (1200, 80, 213, None)


def test_a_model_is_told_what_people_wrote_and_which_tags_the_library_uses(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("good")
    for tags in (["original", "neon", "fog"], ["imported", "neon"], ["sref:12"]):
        make_row(olga, tags=tags)
    make_row(olga, tags=["hidden"], visibility="private")
    image = make_draft(olga, project="Night Ride")
    ledger.edit(olga, image.id, "description", "She waits.")
    ledger.write(image.id, {"genre": "Drama"}, Writer(WriterKind.MACHINE, program="eye"))
    run_jobs()
    told = server.requests[0]["messages"][0]["content"][0]["text"]
    assert "Prefer these tags of the library where they are true: neon, fog." in told
    assert '"description": "She waits."' in told and '"project": "Night Ride"' in told
    assert not any(word in told for word in ('"Drama"', "sref:12", "hidden", '"genre": "D'))


def test_each_value_tells_which_model_prompt_and_price_it_came_with(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings
) -> None:
    use_model("nothing,good")  # the first answer is paid for as well
    image = make_draft(olga)
    ledger.edit(olga, image.id, "shot", "Wide")
    run_jobs()
    by = "nothing,good, prompt 2, $0.0004 for the whole description"
    shown = {field.name: field for field in detail.fields_of(olga, fresh(image))}
    assert (shown["genre"].by, shown["shot"].by, shown["shot"].suggested_by) == (by, "Olga", by)
    assert next(event for event in history.history(olga, image.id) if event.field == "genre").who == by
    proposals.accept(olga, image.id)
    assert detail.fields_of(olga, fresh(image), ["shot"])[0].by == f"Olga, suggested by {by}"
    analysis.retry(olga, image.id)  # a run of its own
    run_jobs()
    assert sorted(costs.of_runs({row.run_id for row in rows()}).values()) == [213, 426]
    assert detail.fields_of(olga, fresh(image), ["shot"])[0].by == f"Olga, suggested by {by}"


@pytest.mark.parametrize(
    ("micro", "told"),
    [(0, "$0.00"), (3, "less than $0.0001"), (213, "$0.0002"), (10_000, "$0.01"), (3_204_000, "$3.20")],
)
def test_a_price_is_as_exact_as_it_has_to_be(micro: int, told: str) -> None:
    assert costs.price(micro) == told


def test_the_form_that_a_model_takes_is_remembered(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings
) -> None:
    use_model("formless")
    for _ in range(2):
        make_draft(olga)
    run_jobs()
    assert server.forms == ["json_schema", "json_object", "plain", "plain"]
    assert [row.outcome for row in rows()] == ["refused", "refused", "answered", "answered"]


def test_a_provider_that_asks_to_wait_is_left_alone_for_as_long(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings
) -> None:
    use_model("wait,good")
    image = make_draft(olga)
    run_jobs()
    (job,) = jobs_of("analyse")
    assert job.status == JobStatus.QUEUED and job.due_at >= rows()[0].created_at + 77_000
    assert (fresh(image).ai_status, fresh(image).ai_error) == (AiStatus.PROCESSING, job.error)
    assert "asks to wait" in str(job.error)
    run_jobs(include_later=True)
    assert (fresh(image).ai_status, fresh(image).ai_error) == (AiStatus.COMPLETED, None)


def test_what_would_be_the_same_again_fails_at_once(olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings) -> None:
    use_model("keyless")
    image = make_draft(olga)
    run_jobs()
    assert fresh(image).ai_status == AiStatus.FAILED
    assert "Correct VISION_API_KEY" in str(fresh(image).ai_error)
    assert [(row.outcome, row.cost_micro) for row in rows()] == [("refused", None)]


def test_an_answer_that_came_before_the_job_died_is_used_and_not_paid_again(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_model("good")
    image = make_draft(olga)
    really = analysis.apply

    def die(*_: object) -> None:
        raise OSError("pulled the plug")

    monkeypatch.setattr(analysis, "apply", die)
    run_jobs()
    assert rows()[0].answer["title"] == "Neon Alley"
    monkeypatch.setattr(analysis, "apply", really)
    run_jobs(include_later=True)
    assert fresh(image).title == "Neon Alley"
    assert len(server.requests) == 1
    assert [(row.outcome, row.answer) for row in rows()] == [("answered", None)]
    analysis.retry(olga, image.id)  # who asks anew is answered anew
    run_jobs()
    assert len(server.requests) == 2


def test_a_call_over_which_the_worker_died_counts_as_lost(
    olga: Actor, run_jobs: RunJobs, use_model: ChangeSettings
) -> None:
    use_model("good")
    image = make_draft(olga)
    run_jobs()
    (job,) = jobs_of("analyse")
    MachineCall.update(outcome="asked").execute()
    Job.update(status=JobStatus.QUEUED, due_at=0).where(Job.id == job.id).execute()
    Image.update(ai_status=AiStatus.PROCESSING).where(Image.seq == image.seq).execute()
    run_jobs()
    assert [(row.outcome, row.error) for row in rows()] == [("lost", calls.DIED), ("answered", None)]


@pytest.mark.parametrize("name", ["daily_analysis_limit", "vision_monthly_limit"])
def test_what_is_beyond_a_limit_waits_and_says_so(
    olga: Actor, run_jobs: RunJobs, server: VisionServer, use_model: ChangeSettings, name: str
) -> None:
    use_model("good", **{name: 2})
    images = [make_draft(olga) for _ in range(3)]
    run_jobs()
    ends = [fresh(image).ai_status for image in images]
    assert sorted(ends) == ["completed", "completed", "processing"]
    (job,) = [job for job in jobs_of("analyse") if job.status == JobStatus.QUEUED]
    assert job.due_at > db.now_ms() and job.due_at % db.DAY_MS == 0
    assert "are used up. It goes on" in str(job.error)
    waiting = images[ends.index("processing")]
    assert fresh(waiting).ai_error == job.error
    for _ in range(8):  # however often it waits, its tries stay
        Job.update(due_at=0).where(Job.id == job.id).execute()
        run_jobs()
    assert Job.get_by_id(job.id).status == JobStatus.QUEUED
    MachineCall.update(created_at=MachineCall.created_at - 40 * db.DAY_MS).execute()
    Job.update(due_at=0).where(Job.id == job.id).execute()
    run_jobs()
    assert fresh(waiting).ai_status == AiStatus.COMPLETED
    assert len(server.requests) == 3


def test_calls_that_were_refused_and_those_of_others_use_up_nothing(
    olga: Actor, sam: Actor, change_settings: ChangeSettings
) -> None:
    change_settings(daily_analysis_limit=1)
    book = Calls()
    book.end(book.begin(BilledTo(user_id=olga.user_id), "m", "1", "plain"), "refused", ms=1)
    book.begin(BilledTo(user_id=olga.user_id), "m", "1", "plain")
    book.begin(BilledTo(user_id=sam.user_id), "m", "1", "plain")
    with pytest.raises(Waits):
        book.begin(BilledTo(user_id=olga.user_id), "m", "1", "plain")


def test_calls_at_once_do_not_pass_a_limit_together(olga: Actor, change_settings: ChangeSettings) -> None:
    change_settings(vision_monthly_limit=3)
    waited: list[str] = []

    def begin() -> None:
        db.connect()
        try:
            Calls().begin(BilledTo(), "m", "1", "plain")
        except Waits as error:
            waited.append(error.message)
        finally:
            db.close()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(rows()), len(waited)) == (3, 5)


@pytest.mark.parametrize(
    ("now", "due"), [("2026-12-31T23:59:00", "2027-01-01T00:00:00"), ("2026-02-01T00:00:00", "2026-03-01T00:00:00")]
)
def test_a_month_ends_where_the_calendar_says(olga: Actor, change_settings: ChangeSettings, now: str, due: str) -> None:
    change_settings(vision_monthly_limit=1)
    at, then = (int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000) for text in (now, due))
    Calls().begin(BilledTo(), "m", "1", "plain")
    MachineCall.update(created_at=at).execute()
    with pytest.raises(Waits) as caught:
        calls.check(None, at)
    assert caught.value.due_at == then
