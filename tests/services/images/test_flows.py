"""Flows: who works with them, and what goes with one."""

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotFound, NotSignedIn
from pindeck.models import Alias, Flow, Generation, Image
from pindeck.services.actions import shown
from pindeck.services.images import aliases, flows, projects, undoing
from pindeck.services.ingest import api_uploads, uploads
from pindeck.services.ingest.api_uploads import UploadOptions
from tests.factories import fresh, make_row, new_photo, together


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


def names(flow: str) -> dict[str, str]:
    return {row.name: row.image_id for row in Alias.select().where(Alias.flow_id == flow)}


def test_names_of_a_flow_come_back_from_whom_they_were_taken(olga: Actor, sam: Actor) -> None:
    flow, (one, two) = flow_with(olga, 2)
    flows.set_aliases(olga, flow, {"@a": one.id, "@b": one.id})
    rows = sorted(map(str, Alias.select().dicts()))
    flows.set_aliases(sam, flow, {"@A": two.id, "@b": one.id})
    assert names(flow) == {"A": two.id, "b": one.id}
    taken = shown.last(sam)
    flows.remove_alias(olga, flow, "@b")
    removed = shown.last(olga)
    assert taken and removed
    for actor, action in ((olga, removed), (sam, taken)):
        undoing.undo(actor, action.id)
    assert sorted(map(str, Alias.select().dicts())) == rows


def test_names_that_stand_already_are_no_action(olga: Actor) -> None:
    flow, (one,) = flow_with(olga, 1)
    flows.set_aliases(olga, flow, {"@a": one.id})
    before = shown.last(olga)
    flows.set_aliases(olga, flow, {"@a": one.id})
    assert before and shown.last(olga) == before


def test_what_an_upload_takes_from_others_can_be_given_back(olga: Actor, sam: Actor) -> None:
    flow, (one,) = flow_with(olga, 1)
    aliases.assign(olga, one.id, "@hero")
    flows.set_aliases(olga, flow, {"@take": one.id})
    rows = sorted(map(str, Alias.select().dicts()))
    assert shown.last(sam) is None
    options = UploadOptions(alias="hero", flow_id=flow, flow_alias="take")
    new = api_uploads.take_in(sam, uploads.stage([new_photo()]), "a.jpg", projects.DEFAULT_ID, options)
    assert {row.image_id for row in Alias.select()} == {new.id}
    action = shown.last(sam)
    assert action and (shown.what_of(action), action.total) == ("Took names for an upload", 2)
    undoing.undo(sam, action.id)
    assert shown.last(sam) is None  # one upload, one action
    assert sorted(map(str, Alias.select().dicts())) == rows
    options = UploadOptions(alias="other", flow_id=flow, flow_alias="other")
    api_uploads.take_in(sam, uploads.stage([new_photo()]), "b.jpg", projects.DEFAULT_ID, options)
    assert shown.last(sam) is None  # nobody had these names
