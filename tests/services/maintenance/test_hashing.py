"""Pictures of before get their hash by themselves: in parts, once, and wherever a worker dies."""

import pytest

from pindeck import db, queue, storage
from pindeck import jobs as doing
from pindeck.access import Actor
from pindeck.errors import Upstream
from pindeck.imaging import likeness
from pindeck.models import Image, Job, Look, Setup
from pindeck.services.maintenance import doctor, hashing, sweeps, work
from pindeck.states import WorkState
from tests.conftest import run_due_jobs
from tests.factories import fresh, make_draft, make_row, photo
from tests.stills import jpeg

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def chores() -> list[Job]:
    return list(Job.select().where(Job.kind == queue.HASH.kind))


def told() -> doctor.Finding:
    return next(found for found in doctor.examine(lambda: True) if found.part == "likeness")


def rest() -> None:
    """The chore goes on at once."""
    Job.update(due_at=0).where((Job.kind == queue.HASH.kind) & (Job.status == "queued")).execute()


@pytest.fixture
def before(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Five pictures whose hash is not known, and what it would be; one that shows nothing, and one without bytes."""
    made = [make_draft(olga, jpeg(seed, (360, 203))) for seed in range(5)]
    make_draft(olga, photo((90, 90, 90), size=(64, 48), mark="flat"))
    run_due_jobs()
    hashes = {image.id: fresh(image).phash for image in made}
    Image.update(phash=None, phash_middle=None).execute()
    Look.delete().execute()
    make_row(olga, persist_status="succeeded")
    monkeypatch.setattr(hashing, "PART", 2)
    monkeypatch.setattr(hashing, "SLICE_S", -1.0)
    return hashes


def is_near(before: dict[str, int]) -> list[bool]:
    """From a rendition, and not from the original, so it may differ by a little."""
    found = {image.id: image.phash for image in Image.select().where(Image.id.in_(list(before)))}
    return [found[i] is not None and likeness.distance(found[i], phash) <= likeness.RADIUS for i, phash in before.items()]


def test_a_sweep_begins_and_one_job_goes_on_until_all_are_read_once(before: dict[str, int], mo: Actor) -> None:
    assert told().ok and "within ten minutes" in told().message
    assert sweeps.sweep(["likeness"]).found == {"likeness": 1}
    assert sweeps.sweep(["likeness"]).found == {"likeness": 0}
    assert told().ok and told().message.startswith("7 older pictures")
    slices = 0
    while not hashing.progress().is_done:
        rest()
        run_due_jobs()
        slices += 1
        assert slices < 9
    assert slices == 4 and all(is_near(before)) and Look.select().count() == 6  # of the flat one as well
    job = chores()[0]
    assert len(chores()) == 1 and (job.status, job.lane, job.attempts) == ("completed", "later", 4)
    assert [view.attempt for view in work.look(mo, kind=queue.HASH.kind).views] == [1]  # none of them failed
    assert told().ok and "among all" in told().message
    assert sweeps.sweep(["likeness"]).found == {"likeness": 0} and len(chores()) == 1


def test_it_goes_on_where_it_died_and_what_two_do_at_once_counts_once(before: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    hashing.sweep()
    run_due_jobs()
    place = Setup.get(Setup.name == hashing.NAME).value
    read = hashing._look_of

    def dies(file_id: str) -> None:
        raise SystemExit  # the child of the worker is killed

    monkeypatch.setattr(hashing, "_look_of", dies)
    rest()
    with pytest.raises(SystemExit):
        doing.run(chores()[0].id)
    assert Setup.get(Setup.name == hashing.NAME).value == place
    Job.update(status="queued", due_at=0).execute()

    def overtaken(file_id: str) -> object:
        monkeypatch.setattr(hashing, "_look_of", read)
        assert hashing._part(hashing._place())  # somebody else does this part meanwhile
        blob_id, looked = read(file_id)
        return blob_id, looked._replace(look=likeness.Look(-1, -1))

    monkeypatch.setattr(hashing, "_look_of", overtaken)
    run_due_jobs()
    assert not Image.select().where(Image.phash_middle == -1).exists()
    hashing.sweep()
    while not hashing.progress().is_done:
        rest()
        run_due_jobs()
    assert all(is_near(before))


def test_a_store_that_is_away_loses_nothing_and_others_go_first(before: dict[str, int], olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "SLICE_S", 60.0)
    hashing.sweep()
    real = storage.current().open

    def away(*_: object, **__: object) -> object:
        raise Upstream("The store is away.")

    monkeypatch.setattr(storage.current(), "open", away)
    doing.run(chores()[0].id)
    assert (chores()[0].status, chores()[0].error) == ("queued", "The store is away.")
    monkeypatch.setattr(storage.current(), "open", real)
    Job.update(status="failed", ended_at=db.now_ms()).where(Job.kind == queue.HASH.kind).execute()
    assert hashing.sweep() == 1  # a job that was given up is followed by another
    make_draft(olga)  # its job waits
    second = next(job for job in chores() if job.status == "queued")
    doing.run(second.id)
    assert hashing.progress().left == 5 and Job.get_by_id(second.id).due_at > db.now_ms() + 5000
    place = Setup.get(Setup.name == hashing.NAME)
    late = place.value.replace(f'"at": {hashing.progress().at}', '"at": 1000')
    Setup.update(value=late).where(Setup.name == hashing.NAME).execute()
    assert not told().ok and "since 1970" in told().message
    assert work.state_of(Job.get_by_id(second.id)) == WorkState.WAITING


def test_an_empty_library_has_nothing_to_read_and_a_person_may_have_it_done_again(olga: Actor) -> None:
    assert hashing.sweep() == 0 and hashing.progress().is_done and chores() == []
    image = make_draft(olga, jpeg(3, (360, 203)))
    run_due_jobs()
    known = fresh(image)
    Image.update(phash_middle=None).execute()
    assert hashing.sweep() == 0
    assert hashing.begin_again() is True and hashing.begin_again() is False
    run_due_jobs()
    assert (fresh(image).phash, fresh(image).phash_middle is not None) == (known.phash, True) and hashing.progress().is_done
