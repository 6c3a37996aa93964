"""Pictures that look alike: all within seven bits are found by indexes, and only those that the reader may see."""

import random

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, NotFound
from pindeck.imaging import likeness
from pindeck.models import Image
from pindeck.services.images import alike, looks
from tests.conftest import count_queries, run_due_jobs
from tests.factories import fresh, make_draft, make_row
from tests.stills import jpeg

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])

BASE = likeness.signed(0xF0E1D2C3B4A59687)


def turned(phash: int, bits: list[int]) -> int:
    value = phash & (2**64 - 1)
    for bit in bits:
        value ^= 1 << bit
    return likeness.signed(value)


def ids(found: dict[str, list[Image]], image: Image) -> list[str]:
    return [other.id for other in found.get(image.id, [])]


def test_all_within_seven_bits_are_found_and_none_beyond(olga: Actor) -> None:
    chance = random.Random(7)
    mine = make_row(olga, phash=BASE)
    near, far = [], []
    for bits in range(13):
        for _ in range(6):
            other = make_row(olga, phash=turned(BASE, chance.sample(range(64), bits)))
            (near if bits <= 7 else far).append(other.id)
    for _ in range(40):
        make_row(olga, phash=likeness.signed(chance.getrandbits(64)))
    found = ids(alike.alike(olga, [mine], limit=1000), mine)
    assert sorted(found) == sorted(near)
    distances = [likeness.distance(BASE, Image.get(Image.id == one).phash) for one in found]
    assert distances == sorted(distances)
    assert len(ids(alike.alike(olga, [mine]), mine)) == alike.SHOWN


def test_the_reader_is_told_only_what_it_may_see(olga: Actor, sam: Actor, mo: Actor, change_settings) -> None:
    change_settings(public_library=False)
    mine = make_row(olga, phash=BASE)
    shown = make_row(sam, phash=BASE)
    for hidden in (dict(status="draft"), dict(visibility="private"), dict(visibility="unlisted"), dict(deleted_at=1)):
        make_row(sam, phash=BASE, **hidden)
    own = make_row(olga, phash=BASE, status="draft")
    assert ids(alike.alike(olga, [mine], limit=100), mine) == [shown.id, own.id]
    assert ids(alike.alike(VISITOR, [mine], limit=100), mine) == []


def test_the_statements_do_not_grow_and_a_crowd_is_capped(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [make_row(olga, phash=BASE) for _ in range(30)]
    with count_queries() as one:
        alike.alike(olga, images[:1])
    with count_queries() as many:
        found = alike.alike(olga, images)
    assert len(one) == len(many) == 3
    assert all(len(ids(found, image)) == alike.SHOWN for image in images)
    monkeypatch.setattr(looks, "MOST", 5)
    assert len(ids(alike.alike(olga, images[:1], limit=100), images[0])) <= 8 * 5
    with count_queries() as none:
        assert alike.alike(olga, [make_row(olga)]) == {}
    assert [sql for sql in none if "phash >>" in sql] == []


@pytest.mark.plans
def test_the_database_looks_each_quarter_up_in_its_index(olga: Actor, engine: str) -> None:
    chance = random.Random(3)
    with db.writing():
        for _ in range(300):
            make_row(olga, phash=likeness.signed(chance.getrandbits(64)), phash_middle=likeness.signed(chance.getrandbits(64)))
    with count_queries() as seen:
        looks.candidates([likeness.Look(BASE, BASE)])
    (sql,) = seen
    if engine == "postgres":
        db.database.execute_sql("ANALYZE image")
        db.database.execute_sql("SET enable_seqscan = off")  # a table this small is quicker read whole
    values = []
    for within in looks.WITHIN.values():
        for shift in looks.SHIFTS:
            values += [*looks._around((BASE >> shift) & 65535) * len(within), looks.MOST]
    explain = "EXPLAIN QUERY PLAN " if engine == "sqlite" else "EXPLAIN "
    plan = "\n".join(str(row) for row in db.database.execute_sql(explain + sql, values).fetchall())
    for column in looks.WITHIN:
        for shift in looks.SHIFTS:
            assert f"image_{column}_{shift}" in plan, plan
    assert "SCAN image" not in plan and "Seq Scan" not in plan, plan


def test_a_crop_and_its_picture_find_each_other_and_a_chance_likeness_does_not(olga: Actor) -> None:
    chance = random.Random(4)
    middle = likeness.signed(chance.getrandbits(64))
    picture = make_row(olga, phash=turned(middle, list(range(10))), phash_middle=middle)
    crop = make_row(olga, phash=turned(middle, [60, 61, 62]), phash_middle=turned(middle, list(range(30, 40))))
    strange = make_row(olga, phash=turned(middle, [58, 59]), phash_middle=likeness.signed(chance.getrandbits(64)))
    assert ids(alike.alike(olga, [picture]), picture) == [crop.id]
    assert picture.id in ids(alike.alike(olga, [crop]), crop)
    assert picture.id not in ids(alike.alike(olga, [strange]), strange)


def test_a_stored_picture_has_its_hash_and_the_copy_is_kept_out(olga: Actor, sam: Actor) -> None:
    first = make_draft(olga, jpeg(1, (720, 405)))
    second = make_draft(olga, jpeg(1, (360, 203)))
    strange = make_draft(sam, jpeg(1, (400, 225)))
    other = make_draft(olga, jpeg(2, (720, 405)))
    run_due_jobs()
    first, second = fresh(first), fresh(second)
    assert likeness.distance(first.phash, second.phash) <= likeness.RADIUS
    found = alike.alike(olga, [first, second, fresh(other)])
    assert (ids(found, first), ids(found, second), ids(found, fresh(other))) == ([second.id], [first.id], [])
    with pytest.raises(NotFound):
        alike.keep_other(sam, second.id, first.id)
    for not_alike in (other.id, strange.id, "nothing"):
        with pytest.raises(Conflict):
            alike.keep_other(olga, second.id, not_alike)
    gone, kept = alike.keep_other(olga, second.id, first.id)
    assert fresh(second).is_trashed and kept.id == first.id and gone.action_id
    with pytest.raises((Conflict, NotFound)):
        alike.keep_other(olga, second.id, first.id)


def test_the_same_bytes_are_told_elsewhere(olga: Actor) -> None:
    data = jpeg(3, (720, 405))
    first, second = make_draft(olga, data), make_draft(olga, data)
    run_due_jobs()
    assert alike.alike(olga, [fresh(first), fresh(second)]) == {first.id: [], second.id: []}
