"""A suggestion at its field, answered with a key, on a phone and without scripts, and taken back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import again, serious_faults, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def suggested(page: Page):
    """The suggestion for the title; the worker needs a moment for it."""
    offer = page.locator('.field:has(label:text-is("Title")) .offer')
    again(page, offer.count, "the suggestion")
    expect(offer).to_be_visible()
    return offer


def test_01_a_suggestion_is_refused_accepted_and_taken_back_with_keys(open_page, state, photos):
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[:1])
    expect(page.locator("#tray .up.done")).to_have_count(1, timeout=120_000)
    page.goto("/review/")
    page.get_by_role("button", name="Publish all").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    page.context.storage_state(path=state)
    page.goto("/")
    page.goto(page.locator(".tile > a").first.get_attribute("href"))
    title = page.get_by_label("Title", exact=True)
    title.fill("A long title of Olga's own that says what it is about")
    title.press("Enter")
    expect(page.get_by_text("saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Describe again").click()
    expect(page.get_by_text("Describing it again.")).to_be_visible()
    offer = suggested(page)
    word = offer.locator("p").inner_text().removeprefix("Suggested").strip()
    assert serious_faults(page) == []
    page.keyboard.press("y")
    expect(title).to_have_value(word)
    expect(offer).to_have_count(0)
    expect(page.get_by_role("heading", name=word)).to_be_visible()
    page.keyboard.press("Control+z")  # no field took the focus, so the next key is a key; the page is read again
    expect(title).to_have_value("A long title of Olga's own that says what it is about")
    expect(offer).to_be_visible()
    page.wait_for_load_state()  # the scripts of the page that was read again hear the keys
    page.keyboard.press("n")
    expect(page.get_by_text("Refused.")).to_be_visible()
    expect(offer).to_have_count(0)
    expect(title).to_have_value("A long title of Olga's own that says what it is about")
    page.keyboard.press("Control+z")
    expect(offer).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_02_it_fits_its_place(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    offer = page.locator("#drawer .offer").first
    expect(offer).to_be_visible()
    offer.scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in offer.get_by_role("button").all():
        box = button.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_03_without_scripts_it_is_a_form(open_page, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/")
    page.goto(page.locator(".tile > a").first.get_attribute("href"))
    offer = page.locator('.field:has(label:text-is("Title")) .offer')
    offer.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("Refused.")).to_be_visible()
    expect(offer).to_have_count(0)
    expect(page.get_by_label("Title", exact=True)).to_have_value("A long title of Olga's own that says what it is about")
