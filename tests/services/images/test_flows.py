"""Flows: who works with them, and what goes with one."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotFound, NotSignedIn
from pindeck.models import Alias, Flow, Generation, Image
from pindeck.services.images import aliases, flows, projects
from tests.factories import fresh, make_row, together


def flow_with(actor: Actor, count: int) -> tuple[str, list[Image]]:
    flow = flows.create(actor, projects.DEFAULT_ID).flow.id
    return flow, [make_row(actor, flow_id=flow, visibility="unlisted") for _ in range(count)]


def test_who_works_with_flows(olga: Actor, gus: Actor) -> None:
    flow, _ = flow_with(olga, 0)
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        for act in (
            lambda who: flows.create(who, projects.DEFAULT_ID), lambda who: flows.get(who, flow),
            lambda who: flows.delete(who, flow), lambda who: flows.set_aliases(who, flow, {}),
            lambda who: flows.remove_alias(who, flow, "@a"),
            lambda who: flows.list_flows(who, projects.DEFAULT_ID, limit=1, offset=0),
        ):  # fmt: skip
            with pytest.raises(error):
                act(actor)
    assert Flow.select().count() == 1


def test_deleting_keeps_what_a_person_may_not_delete(olga: Actor, sam: Actor, mo: Actor) -> None:
    flow, (one, two) = flow_with(olga, 2)
    aliases.assign(olga, one.id, "@hero")
    with pytest.raises(Forbidden):
        flows.delete(sam, flow)
    assert fresh(two).flow_id == flow
    flows.delete(mo, flow)
    assert (fresh(one).flow_id, Image.select().count()) == (None, 1)


def test_names_and_runs_go_and_versions_move(olga: Actor) -> None:
    flow, (one,) = flow_with(olga, 1)
    aliases.assign(olga, one.id, "@hero")
    flows.set_aliases(olga, flow, {"@scene": one.id})
    Generation.create(
        id=db.new_id(), project_id=projects.DEFAULT_ID, flow_id=flow, status="completed", created_at=1, updated_at=1
    )
    before = fresh(one).version
    flows.delete(olga, flow)
    assert (Generation.select().count(), Flow.select().count()) == (0, 0)
    assert [alias.name for alias in Alias.select()] == ["hero"]
    assert fresh(one).version == before + 1


def test_two_deletions_at_once_are_one(olga: Actor) -> None:
    flow, _ = flow_with(olga, 4)
    results = together(2, lambda _: flows.delete(olga, flow))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "NotFound"]
    assert Image.select().count() == 0


def test_a_name_given_while_the_flow_goes_saves_its_image_or_goes_with_it(olga: Actor) -> None:
    flow, (one,) = flow_with(olga, 1)

    def work(number: int) -> None:
        if number:
            flows.delete(olga, flow)
        else:
            aliases.assign(olga, one.id, "@hero")

    named, deleted = together(2, work)
    assert deleted is None
    if named is None:
        assert fresh(one).flow_id is None and Alias.select().count() == 1
    else:
        assert isinstance(named, NotFound) and Image.select().count() == 0


def test_parallel_writers_of_names_lose_nothing(olga: Actor) -> None:
    flow, (one,) = flow_with(olga, 1)
    assert together(6, lambda n: flows.set_aliases(olga, flow, {f"@a{n}": one.id}) and None) == [None] * 6
    assert set(flows.get(olga, flow).aliases) == {f"@a{n}" for n in range(6)}
