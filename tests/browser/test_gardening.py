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


@pytest.mark.parametrize(("width", "javascript"), [(1440, True), (360, True), (360, False)])
def test_03_a_word_of_a_field_is_merged_and_taken_back(open_page, state, stack, width, javascript):
    word = f"Noire {width} {javascript}"
    with bound_to(stack.settings):
        user = User.get()
        olga = Actor(user.id, user.role, user.name)
        for genre in (word, word, "Noir", "Drama", "Western"):
            make_row(olga, genre=genre)
    page = open_page(width, javascript=javascript, state=state)
    page.goto("/vocabulary/tags")
    page.get_by_role("link", name="Tidy the fields").click()
    expect(page.locator("#tags")).to_contain_text(word)
    if javascript:
        assert serious_faults(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    field = page.get_by_label(f"The word that takes the place of {word}")
    field.fill("Noir")
    field.press("Enter")
    expect(page.locator(".toast").last).to_contain_text(f"“{word}” became “Noir” in Genre, in 2 pictures.")
    expect(page.locator("#tags li", has_text=word)).to_have_count(0)
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(page.locator("#tags li", has_text=word)).to_have_count(1)
