"""The table of rules: what each action asks of a key, what it is about, and that nobody acts on what it does not see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck import access
from pindeck.access import RULES, VISITOR, Actor
from pindeck.access.scopes import ALLOWED_SCOPES, DEFAULT_SCOPES, SCOPES
from pindeck.http.site import Site
from pindeck.models import Image, StoredFile
from tests.access.conftest import EveryState
from tests.access.test_seen import EVERYBODY, on_one_table
from tests.conftest import ChangeSettings

OF_IMAGES = sorted(action for action, rule in RULES.items() if rule.about is Image)


@pytest.fixture
def engine() -> str:
    """Rules read no table."""
    return "sqlite"


def test_every_scope_of_a_rule_exists_and_every_scope_opens_something() -> None:
    asked = {scope for rule in RULES.values() for scope in (rule.scope, rule.for_extensions)} - {None, ""}
    assert asked <= set(SCOPES)
    assert set(SCOPES) - asked == {"images:delete_any"}  # it widens another one
    assert {rule.for_extensions for rule in RULES.values()} - {None} <= set(ALLOWED_SCOPES["extension"])
    for kind, allowed in ALLOWED_SCOPES.items():
        assert set(DEFAULT_SCOPES[kind]) <= set(allowed) <= set(SCOPES)


def test_a_door_asks_a_rule_about_nothing(app: Site) -> None:
    """Before a view runs nothing was looked for that a rule could be about."""
    actions = set()
    assert app.later()
    for view in app.view_functions.values():
        actions.add(getattr(view, "access", "public"))
        if hasattr(view, "operation"):
            actions.add(view.operation.action)
    actions.discard("public")
    assert len(actions) > 10
    assert {action for action in actions if RULES[action].about is not None} == set()


@given(actor=st.sampled_from(EVERYBODY), public=st.booleans(), edit_any=st.booleans(), uploads=st.booleans())
@on_one_table
def test_nobody_acts_on_an_image_that_it_does_not_see(
    every_state: EveryState,
    change_settings: ChangeSettings,
    actor: Actor,
    public: bool,
    edit_any: bool,
    uploads: bool,
) -> None:
    change_settings(
        public_library=public, metadata_edit_policy="any_user" if edit_any else "owner", guest_uploads=uploads
    )
    for image in every_state.images:
        if not access.sees(actor, image):
            assert [action for action in OF_IMAGES if access.can(actor, action, image)] == []


@given(actor=st.sampled_from(EVERYBODY))
@on_one_table
def test_a_key_without_scopes_does_nothing_to_an_image(every_state: EveryState, actor: Actor) -> None:
    bare = Actor(**{**actor.__dict__, "scopes": frozenset()})
    allowed = {action for action in OF_IMAGES for image in every_state.images if access.can(bare, action, image)}
    assert not actor.is_program or allowed == set()
    reading = Actor(**{**actor.__dict__, "scopes": frozenset({"images:read"})})
    if actor.is_program:
        may = {action for action in OF_IMAGES for image in every_state.images if access.can(reading, action, image)}
        assert may <= {"image.view", "image.original", "image.history", "library.paths"}


def test_a_rule_about_one_thing_takes_no_other() -> None:
    admin = Actor("mo", "admin")
    for action, thing in (("image.view", StoredFile()), ("image.edit", None), ("upload", Image())):
        with pytest.raises(TypeError):
            access.can(admin, action, thing)
    assert not access.can(VISITOR, "upload")
