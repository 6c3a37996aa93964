"""Which job is next: what somebody waits for, and in which order the rest."""

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.images import publishing
from pindeck.states import Lane
from tests.conftest import RunJobs
from tests.factories import jobs_of, make_draft
from tests.services.test_jobs import add, change, nowhere


def test_without_a_queue_the_first_queue_comes_first_and_in_it_the_oldest(olga: Actor) -> None:
    with db.writing():
        later, io = add(), queue.enqueue(queue.FETCH_FILE)
        first = add()
        queue.enqueue(queue.ANALYSE, delay_s=60)
    change(first, due_at=1)
    assert [due(*names) for names in (["ai", "io"], ["io", "ai"])] == [first, io]
    assert jobs.claim(first)
    assert due("media", "ai") == later
    assert due("media") is None


def due(*queues: str) -> str | None:
    job = jobs.next_due(queue.Turns(queues).order)
    return job and job.id


def test_what_somebody_waits_for_comes_before_an_import_and_its_sweeps(olga: Actor) -> None:
    with db.writing():
        sweep = queue.enqueue(queue.SWEEP)
        with queue.in_lane(Lane.LATER):
            imported = queue.enqueue(queue.PERSIST)
        asked = queue.enqueue(queue.ANALYSE)
    change(str(imported), due_at=1)
    queues = "media", "io", "ai"
    assert due(*queues) == asked and jobs.claim(str(asked))
    assert due(*queues) == imported and jobs.claim(str(imported))
    assert due(*queues) == sweep


def test_what_a_job_asks_for_goes_in_its_lane(olga: Actor, run_jobs: RunJobs) -> None:
    with queue.in_lane(Lane.LATER):
        imported = make_draft(olga)
    uploaded = make_draft(olga)
    lanes = {job.image_id: job.lane for job in jobs_of("persist")}
    assert lanes == {imported.id: Lane.LATER, uploaded.id: Lane.NOW}
    for image in (imported, uploaded):
        publishing.publish(olga, image.id)
    assert jobs_of("publish") == [], "the pictures are not stored yet"
    run_jobs()
    lanes = {job.image_id: job.lane for job in jobs_of("publish")}
    assert lanes == {imported.id: Lane.LATER, uploaded.id: Lane.NOW}


def test_lanes_that_can_wait_have_turns_and_the_others_keep_their_order() -> None:
    turns = queue.Turns(["media", "io"])
    now, media, io = [("media", Lane.NOW), ("io", Lane.NOW)], ("media", Lane.LATER), ("io", Lane.LATER)
    assert turns.order == [*now, media, io]
    turns.took(*media)
    assert turns.order == [*now, io, media]
    turns.took(*media)
    turns.took(*now[0])
    assert turns.order == [*now, io, media]
    turns.took(*io)
    assert turns.order == [*now, media, io]


def test_a_pump_sends_what_somebody_waits_for_first_and_names_the_lane(olga: Actor) -> None:
    sent: list[tuple[str, Lane]] = []
    queue.bind(lambda spec, job_id, attempt, lane: sent.append((job_id, lane)))
    with db.writing():
        sweep = str(queue.enqueue(queue.SWEEP))
        asked = add()
    change(sweep, due_at=1)
    Job.update(pushed_at=None).execute()
    sent.clear()
    assert jobs.pump(nowhere) == 2
    assert sent == [(asked, Lane.NOW), (sweep, Lane.LATER)]
