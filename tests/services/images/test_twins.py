"""Groups of pictures that are the same: made by a job that may die and run twice, of copies and not of other scenes."""

from io import BytesIO

import pytest

from pindeck import jobs as doing
from pindeck import queue
from pindeck.access import Actor
from pindeck.models import Image, Job, NotTwin, Twin, TwinDue
from pindeck.services.images import twins
from pindeck.services.maintenance import sweeps
from tests.conftest import run_due_jobs
from tests.factories import fresh, make_draft, photo
from tests.stills import still

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def copy(seed: int, part: float = 1.0, quality: int = 85, kind: str = "JPEG") -> bytes:
    picture = still(seed, (480, 270))
    width, height = round(480 * part), round(270 * part)
    left, top = (480 - width) // 2, (270 - height) // 2
    out = BytesIO()
    picture.crop((left, top, left + width, top + height)).save(out, kind, quality=quality)
    return out.getvalue()


def group() -> None:
    """As the worker does it after its sweep."""
    sweeps.sweep(["twins"])
    run_due_jobs()


def groups() -> list[set[int]]:
    found: dict[str, set[int]] = {}
    for row in Twin.select():
        found.setdefault(row.group_id, set()).add(row.seq)
    return sorted(found.values(), key=min)


def test_copies_and_equal_bytes_are_groups_and_other_scenes_are_not(olga: Actor, sam: Actor) -> None:
    flat = photo((90, 90, 90), size=(64, 48), mark="flat")  # shows nothing: equal bytes alone make it the same
    first = [make_draft(olga, copy(3)), make_draft(sam, copy(3, 0.9)), make_draft(olga, copy(3, quality=40))]
    second = [make_draft(olga, flat), make_draft(sam, flat)]
    for seed in (13, 23, 33):  # other scenes in the same light
        make_draft(olga, copy(seed))
    run_due_jobs()
    assert TwinDue.select().count() == 8 and groups() == []
    assert sweeps.sweep(["twins"]).found == {"twins": 1} and sweeps.sweep(["twins"]).found == {"twins": 0}
    run_due_jobs()
    assert groups() == [{image.seq for image in first}, {image.seq for image in second}]
    assert TwinDue.select().count() == 0 and sweeps.sweep(["twins"]).found == {"twins": 0}
    before = groups()
    twins.due(image.seq for image in Image.select())
    group()
    assert groups() == before
    third = make_draft(olga, copy(3, 0.95))
    run_due_jobs()
    group()
    assert groups()[0] == {image.seq for image in [*first, third]}
    NotTwin.insert_many([(min(third.seq, one.seq), max(third.seq, one.seq)) for one in first], [NotTwin.one, NotTwin.other]).execute()
    twins.due([third.seq])
    group()
    assert groups()[0] == {image.seq for image in first}
    Image.delete().where(Image.seq.in_([first[1].seq, first[2].seq])).execute()
    twins.due([first[0].seq])
    group()
    assert groups() == [{image.seq for image in second}]


def test_a_job_that_dies_is_followed_by_another_and_two_at_once_count_once(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make_draft(olga, copy(3)), make_draft(olga, copy(3, quality=40))]
    run_due_jobs()
    sweeps.sweep(["twins"])
    real = twins.near_of

    def dies(seqs: list[int]) -> twins.Near:
        raise SystemExit

    monkeypatch.setattr(twins, "near_of", dies)
    job = Job.get(Job.kind == queue.GROUP.kind)
    with pytest.raises(SystemExit):
        doing.run(job.id)
    assert TwinDue.select().count() == 2
    monkeypatch.setattr(twins, "near_of", real)
    seqs = [fresh(image).seq for image in made]
    near = real(seqs)
    twins.place(seqs, near)
    before = groups()
    twins.place(seqs, near)  # the other one, which compared the same pictures meanwhile
    assert groups() == before == [set(seqs)]
