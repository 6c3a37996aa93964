"""Narrowing by facets, and the palette that leads anywhere, by keys, by touch and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from pindeck import db
from pindeck.models import Image
from pindeck.services.images import projects
from tests.browser.conftest import held, let_go, publish_photos, read_again, serious_faults
from tests.stack import bound_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_01_pictures_are_published(open_page, state, photos, stack):
    publish_photos(open_page(), photos[:8], state)
    with bound_to(stack.settings), db.writing():
        for n, image in enumerate(list(Image.select().order_by(Image.seq))):
            columns = {"genre": "Drama" if n % 2 else "Film Noir", "group": "Film" if n < 6 else "Commercial"}
            Image.update(project=projects.find_or_create("Night Ride").id, title=f"Still {n}", **columns).where(
                Image.seq == image.seq
            ).execute()


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_02_values_are_put_together_denied_and_taken_away(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    if width < 900:
        page.locator("[data-open-rail]").click()
    page.locator("#facets summary", has_text="Narrow").click()
    panel = page.locator("#facets .boxes")
    expect(panel.get_by_role("link", name="Film 6", exact=True)).to_be_visible()
    panel.get_by_role("link", name="Film 6", exact=True).click()
    expect(page.locator("#grid > .tile")).to_have_count(6)
    expect(page).to_have_url(re.compile(r"\?q=type%3AFilm"))
    if width < 900:  # the menu gave way to what was asked for
        page.locator("[data-open-rail]").click()
    expect(panel.get_by_role("link", name="Film 6", exact=True)).to_have_attribute("aria-current", "true")
    expect(panel.get_by_role("link", name="Drama 3", exact=True)).to_be_visible()
    panel.get_by_role("link", name="All but Drama").click()
    expect(page.locator("#grid > .tile")).to_have_count(3)
    assert serious_faults(page) == []
    page.go_back()
    expect(page.locator("#grid > .tile")).to_have_count(6)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_03_the_palette_leads_there_by_keys_alone(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.type("night r")
    expect(page.locator("#go-results a", has_text="Night Ride")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/night-ride")
    page.keyboard.press("Control+k")
    page.keyboard.type("trash")  # at once, before anything has come
    expect(page.locator("#go-results a").first).to_contain_text("Trash")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#go-results a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("tras")
    expect(page.locator("#go-results a").first).to_contain_text("Trash")
    waiting = held(page, "**/go?q=trash")
    with page.expect_request("**/go?q=trash"):
        page.keyboard.type("h")
    page.keyboard.press("ArrowDown")  # before newer lines have come: they leave the keys where they stand
    expect(page.locator("#go-results a").first).to_be_focused()
    with read_again(page, "#go-results"):
        let_go(page, "**/go?q=trash", waiting)
    expect(page.locator("#go-results a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("colo")
    expect(page.locator("#go-results a").first).to_contain_text("Colours")
    page.keyboard.press("Escape")  # once, also while something is typed
    expect(page.locator("#palette")).not_to_be_visible()


def test_04_what_is_chosen_is_dealt_with_from_the_palette(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator("#grid > .tile > a").first.focus()
    page.keyboard.press("s")
    expect(page.locator("#choose-form")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("edit")
    page.locator("#go-results button", has_text="Edit").click()
    expect(page.locator("#inspector .sheet, #inspector form").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 360])
def test_05_both_are_pages_without_scripts(open_page, state, width):
    page = open_page(width, state=state, javascript=False)
    page.goto("/facets")
    page.get_by_role("link", name="Commercial 2", exact=True).click()
    expect(page.locator("#grid > .tile")).to_have_count(2)
    page.goto("/go?q=night")
    page.get_by_role("link", name="Night Ride").first.click()
    expect(page.locator("h1")).to_have_text("Night Ride")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
