"""Review of more drafts than a page holds."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serious_faults, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_01_twenty_four_drafts_are_made(open_page, state, photos):
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos)
    expect(page.locator("#tray .up.done")).to_have_count(20, timeout=240_000)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[:4])
    expect(page.locator("#tray .up.done")).to_have_count(4, timeout=60_000)
    page.context.storage_state(path=state)


def test_02_older_drafts_follow_on_scrolling_down(open_page, state):
    page = open_page(390, state=state)
    page.goto("/review/")
    expect(page.locator(".card")).to_have_count(20)
    page.locator(".card").last.scroll_into_view_if_needed()
    expect(page.locator(".card")).to_have_count(24)
    expect(page.get_by_text("Older drafts")).to_have_count(0)
    assert serious_faults(page) == []
    page.locator(".card").last.get_by_label("Title").fill("The last of them")
    page.keyboard.press("Tab")
    expect(page.locator(".card").last.get_by_text("saved")).to_be_visible()


def test_03_without_scripts_they_are_on_a_page_of_their_own(open_page, state):
    page = open_page(javascript=False, state=state)
    page.goto("/review/")
    page.get_by_role("link", name="Older drafts").click()
    expect(page.locator(".card")).to_have_count(4)


def test_04_who_publishes_one_by_one_gets_the_next(open_page, state):
    page = open_page(state=state)
    page.goto("/review/")
    expect(page.locator(".card")).to_have_count(20)
    for left in range(23, 0, -1):
        page.locator(".card").first.get_by_role("button", name="Publish").click()
        expect(page.locator("#review-count")).to_contain_text(str(left))
    page.locator(".card").first.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
