"""Runs that make pictures, and the images they began from."""

import pytest
from peewee import Query

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Generation, GenerationInput
from pindeck.services.images import flows, generations, projects
from tests.factories import make_row


def add(inputs: list[str], flow: str | None = None) -> Generation:
    return generations.add(inputs, project_id=projects.DEFAULT_ID, flow_id=flow, status="completed")


def rows() -> set[tuple[str, str]]:
    return {(row.generation_id, row.image_id) for row in GenerationInput.select()}


def test_a_run_keeps_its_inputs_in_order_and_as_rows(olga: Actor) -> None:
    one, two = make_row(olga).id, make_row(olga).id
    run = add([two, one, two, "gone"])
    assert Generation.get_by_id(run.id).inputs == [two, one, two, "gone"]
    assert rows() == {(run.id, one), (run.id, two)}
    assert [each.id for each in generations.users_of(one)] == [run.id]
    assert generations.users_of("gone") == [] == generations.users_of("")


def test_an_image_leaves_the_inputs_of_every_run_that_used_it(olga: Actor) -> None:
    one, two = make_row(olga).id, make_row(olga).id
    first, second = add([one, two]), add([one])
    generations.forget(one)
    assert [Generation.get_by_id(run.id).inputs for run in (first, second)] == [[two], []]
    assert rows() == {(first.id, two)}


def test_the_rows_of_a_run_go_with_it(olga: Actor) -> None:
    run, other = add([make_row(olga).id]), add([make_row(olga).id])
    Generation.delete().where(Generation.id == run.id).execute()
    assert {each for each, _ in rows()} == {other.id}


def plan(query: Query, engine: str) -> str:
    sql, values = query.sql()
    if engine == "sqlite":
        found = db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        return "\n".join(row[3] for row in found)
    with db.writing():  # a handful of rows is quicker read whole; what counts is that many need not be
        db.database.execute_sql("SET LOCAL enable_seqscan = off")
        found = db.database.execute_sql(f"EXPLAIN {sql}", values).fetchall()
    return "\n".join(row[0] for row in found)


@pytest.mark.plans
def test_the_runs_of_an_image_and_of_a_flow_are_read_from_indexes(olga: Actor, engine: str) -> None:
    image = make_row(olga).id
    flow = flows.create(olga, projects.DEFAULT_ID).flow
    for _ in range(30):
        add([image], flow.id)
    of_image = plan(generations._users_of(image), engine)
    assert "generation_input_image" in of_image and "Seq Scan" not in of_image, of_image
    of_flow = plan(Generation.select(Generation.id).where(Generation.flow_id.in_([flow.id])), engine)
    assert "generation_flow" in of_flow, of_flow
    for text in (of_image, of_flow):
        assert not any(line.startswith("SCAN") for line in text.splitlines()), text
