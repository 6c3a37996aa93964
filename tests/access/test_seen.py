"""Who sees which images and files: the check in Python and the condition in SQL say the same of every row.

Each test asks about every state that an image can be in; Hypothesis chooses who asks and under which settings.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import JOIN

from pindeck import access, db
from pindeck.access import VISITOR, Actor, Condition, conditions
from pindeck.models import Image, StoredFile
from pindeck.states import ImageStatus, Visibility
from tests.access.conftest import PROJECTS, EveryState, people, programs
from tests.conftest import ChangeSettings

EVERYBODY = [*people(), *programs()]
CONDITIONS: dict[str, Callable[[Actor], Condition]] = {
    "shown": lambda _: access.SHOWN,
    "listed": lambda _: access.LISTED,
    "seen": access.seen,
    "owned": access.owned_by,
    "drafts": access.drafts_of,
    "waiting": access.waiting_for,
    "trash": access.trash_of,
    "browsed": access.browsed,
    "browsed in a project": access.browsed_in,
    "hung": access.hung,
    "found": access.found_by,
    "managed": access.managed,
    "managed in the trash": lambda actor: access.managed(actor, trashed=True),
}

anybody = given(actor=st.sampled_from(EVERYBODY), public=st.booleans())
on_one_table = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ids_of(query) -> set[str]:  # type: ignore[no-untyped-def]
    return {row[0] for row in query.tuples()}


@anybody
@on_one_table
def test_python_and_sql_agree_on_every_image(
    every_state: EveryState, change_settings: ChangeSettings, actor: Actor, public: bool
) -> None:
    change_settings(public_library=public)
    for name, of in CONDITIONS.items():
        condition = of(actor)
        wanted = {image.id for image in every_state.images if condition.holds(image)}
        assert ids_of(Image.select(Image.id).where(condition.expression())) == wanted, name
        spelt = db.PreparedQuery.of(Image.select(Image.id).where(condition.shape.expression()))
        assert {row[0] for row in spelt.rows(**condition.values)} == wanted, name
        found = db.sql(f"SELECT i.id FROM image i WHERE {condition.text('i')}", **condition.values)
        assert {row[0] for row in found.fetchall()} == wanted, name


@anybody
@on_one_table
def test_python_and_sql_agree_on_every_file(
    every_state: EveryState, change_settings: ChangeSettings, actor: Actor, public: bool
) -> None:
    change_settings(public_library=public)
    condition = access.files_of(actor)
    pairs = [(every_state.file_of(image), image) for image in every_state.images if image.file_id]
    wanted = {file.id for file, image in pairs if condition.holds(file, image)}
    wanted |= {file.id for file in every_state.loose if condition.holds(file, None)}
    rows = StoredFile.select(StoredFile.id).join(Image, JOIN.LEFT_OUTER, on=(Image.file == StoredFile.id))
    assert ids_of(rows.where(condition.expression())) == wanted


@anybody
@on_one_table
def test_no_list_shows_more_than_its_reader_sees(
    every_state: EveryState, change_settings: ChangeSettings, actor: Actor, public: bool
) -> None:
    change_settings(public_library=public)
    seen = {image.id for image in every_state.images if access.sees(actor, image)}
    mine = ["owned", "drafts", "waiting", "trash", "browsed", "browsed in a project", "hung", "found"]
    managed = (
        ["managed", "managed in the trash"] if access.can(actor, "image.list") and not actor.is_extension else []
    )
    for name in [*mine, *managed]:
        # A list of a project is asked for one project, and a key of a project for no other.
        projects = [actor.project_id] if name in managed and actor.project_id else PROJECTS
        shown = {
            image.id
            for image in every_state.images
            if CONDITIONS[name](actor).holds(image) and image.project_id in projects
        }
        assert shown <= seen, name


@anybody
@on_one_table
def test_what_one_sees_is_what_the_rules_say_in_words(
    every_state: EveryState, change_settings: ChangeSettings, actor: Actor, public: bool
) -> None:
    change_settings(public_library=public)
    for image in every_state.images:
        assert access.sees(actor, image) == _may_see(actor, image, public=public), (actor, image.__data__)


def _may_see(actor: Actor, image: Image, *, public: bool) -> bool:
    """The rules in the order in which the documentation tells them."""
    owns = actor.user_id == image.user_id
    is_active, is_private = image.status == ImageStatus.ACTIVE, image.visibility == Visibility.PRIVATE
    if not actor.is_program:
        if owns or actor.is_admin:
            return True
        if not is_active or is_private or image.is_trashed:
            return False
        return image.visibility == Visibility.UNLISTED or public or actor.is_signed_in
    if actor.project_id not in (None, image.project_id):
        return False
    is_ready = is_active or image.client_id == actor.client_id
    if actor.is_extension:
        return owns and is_ready
    return owns or actor.is_admin or (is_ready and not is_private)


@pytest.mark.parametrize("public", [True, False])
def test_the_counter_of_a_project_and_the_column_of_lists_mean_the_same_images(
    every_state: EveryState, change_settings: ChangeSettings, public: bool
) -> None:
    change_settings(public_library=public)
    counted = dict(
        db.database.execute_sql("SELECT project_id, n FROM project_count WHERE kind = 'listed'").fetchall()
    )
    shown = [image for image in every_state.images if access.SHOWN.holds(image)]
    assert counted == {name: sum(image.project_id == name for image in shown) for name in PROJECTS}
    assert all(image.is_listed == access.LISTED.holds(image) for image in every_state.images)
    open_to_all = {image.id for image in every_state.images if access.sees(VISITOR, image)}
    assert open_to_all == {image.id for image in shown if public or image.visibility == Visibility.UNLISTED}


def test_conditions_that_differ_in_a_column_alone_are_different() -> None:
    """The queries of a page are kept by their condition."""
    actor = Actor("x", "curator")
    same, other = access.drafts_of(actor), access.trash_of(actor)
    assert same == access.drafts_of(actor) and hash(same) == hash(access.drafts_of(actor))
    assert same != other and len({same, other}) == 2
    assert same.shape == access.drafts_of(Actor("y", "curator")).shape != same
    assert conditions.Filled(Image.user) != conditions.Filled(Image.client)
