"""Every JobSpec resolves to a job, and every status has its moves."""

import inspect

from pindeck import jobs, queue, states
from pindeck.services.maintenance import work_control


def test_every_jobspec_resolves_to_a_function_of_one_job():
    for spec in queue.SPECS.values():
        function = jobs.function_of(spec.path)
        assert list(inspect.signature(function).parameters) == ["job"], spec.kind
        if spec.on_failed:
            given_up = jobs.function_of(spec.on_failed)
            assert list(inspect.signature(given_up).parameters) == ["job", "message"], spec.kind


def test_every_jobspec_is_listed_and_names_a_queue():
    named = {value for value in vars(queue).values() if isinstance(value, queue.JobSpec)}
    assert named == set(queue.SPECS.values())
    assert {spec.queue for spec in named} <= {"media", "io", "ai", "out"}


def test_every_status_has_moves():
    for kind in (states.ImageStatus, states.AiStatus, states.PersistStatus, states.JobStatus, states.BlobState):
        assert set(states.MOVES[kind]) == set(kind), kind


def test_a_job_that_is_cancelled_while_it_waits_tells_whoever_waits_for_it():
    told = {spec.kind for spec in queue.SPECS.values() if spec.can_cancel and spec.on_failed}
    assert told == set(work_control.GIVEN_UP)
