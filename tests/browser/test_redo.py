"""Undo and redo by keys, and both values of a conflict to choose from."""

import pytest
from playwright.sync_api import expect

from pindeck.access import Actor
from pindeck.models import Image, User
from pindeck.services.images import aliases, ledger
from tests.browser.conftest import serious_faults, sign_up
from tests.factories import make_row
from tests.stack import bound_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(200)]


def test_01_keys_take_back_and_do_again(open_page, state, stack):
    page = open_page(expected=503)  # the pictures are rows alone
    sign_up(page)
    page.context.storage_state(path=state)
    with bound_to(stack.settings):
        user = User.get()
        image = make_row(Actor(user.id, user.role, user.name), title="Rain")
        ledger.edit(Actor(user.id, user.role, user.name), image.id, "title", "Snow")
    page.goto("/history")
    for key, told, title in (("z", "Taken back", "Rain"), ("Shift+Z", "Done again", "Snow"), ("z", "Taken back", "Rain")):
        page.keyboard.press(f"Control+{key}")
        expect(page.locator(".toast").last).to_contain_text(told)
        with bound_to(stack.settings):
            assert Image.get().title == title
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_02_a_conflict_shows_both_values_and_one_is_chosen(open_page, state, stack, width):
    with bound_to(stack.settings):
        user = User.get()
        olga = Actor(user.id, user.role, user.name)
        image = make_row(olga, title="Rain")
        ledger.edit(olga, image.id, "title", "Snow")
        Image.update(title="Ice").where(Image.id == image.id).execute()
    page = open_page(width, state=state, expected=503)
    page.goto("/history")
    page.locator("ol.history li").first.get_by_role("button", name="Undo").click()
    page.locator(".toast").last.get_by_role("link", name="Compare").click()
    expect(page.locator("#compare")).to_contain_text("Ice")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#compare").get_by_role("checkbox").check()
    page.get_by_role("button", name="Put these back").click()
    expect(page.locator("#compare")).to_contain_text("Nothing to compare")
    with bound_to(stack.settings):
        assert Image.get_by_id(image.seq).title == "Rain"


def test_03_a_change_that_releases_an_alias_is_put_back_after_a_question(open_page, state, stack):
    with bound_to(stack.settings):
        user = User.get()
        olga = Actor(user.id, user.role, user.name)
        image = make_row(olga, title="Hero", project="Alien")
        ledger.edit(olga, image.id, "project", "Blade")
        aliases.assign(olga, image.id, "@hero")
    page = open_page(state=state, expected=503)
    page.goto(f"/images/{image.id}")
    page.locator("a.line", has_text="History").click()
    line = page.locator("ol.history li", has_text="Alien → Blade")
    line.get_by_role("button", name="Put back").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("@hero is released, because aliases do not move to “Alien”.")
    question.get_by_role("button", name="Move it").click()
    expect(page.locator(".toast").last).to_contain_text("Put back. @hero is released.")
