"""Tidying the tags in the browser: what a worker found becomes a rule, on a desk and a phone, with the keyboard."""

import pytest
from playwright.sync_api import expect

from pindeck.access import Actor
from pindeck.models import User
from tests.browser.conftest import serious_faults, sign_up
from tests.factories import make_row
from tests.stack import bound_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(200)]


def test_01_a_finding_is_merged_and_taken_back(open_page, state, stack):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    with bound_to(stack.settings):
        user = User.get()
        olga = Actor(user.id, user.role, user.name)
        for tags in (["film noir", "lamp"], ["film-noir", "lamps"], ["film noir"], ["corridor"], ["coridor"]):
            make_row(olga, tags=tags)
    page.goto("/vocabulary/tags")
    page.get_by_role("button", name="Look through the tags").click()
    button = page.get_by_role("button", name="Always “film noir”")
    expect(button).to_be_visible(timeout=60_000)
    assert serious_faults(page) == []
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tags")).to_contain_text("“film-noir” means “film noir”")
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back")
    expect(page.locator("#tags")).not_to_contain_text("“film-noir” means “film noir”")


@pytest.mark.parametrize(("width", "javascript"), [(360, True), (390, False)])
def test_02_on_a_phone_and_without_scripts(open_page, state, width, javascript):
    page = open_page(width, javascript=javascript, state=state)
    page.goto("/vocabulary/tags?kind=plural")
    expect(page.locator("#tags")).to_contain_text("lamps")
    if javascript:
        assert serious_faults(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Tag", exact=True).fill("coridor")
    page.get_by_label("What to do with it").select_option("rename")
    page.get_by_label("Other word").fill("corridor")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator(".toast").last).to_contain_text("“coridor” became “corridor”" if javascript else "Nothing was changed.")
