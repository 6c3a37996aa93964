"""Review of more drafts than a page holds."""

import pytest
from playwright.sync_api import expect

from pindeck.access import Actor
from pindeck.models import User
from pindeck.services.actions import log
from tests.browser.conftest import serious_faults, sign_up
from tests.factories import make_row

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


@pytest.mark.parametrize("width", [1440, 390])
def test_05_keys_and_the_history_take_back_what_was_done(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/history")
    acts = page.locator(".history li")
    expect(acts.first).to_contain_text("Published" if width == 1440 else "Moved to the trash")
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back: published.")
    taken = acts.filter(has_text="taken back")
    expect(taken).to_have_count(1 if width == 1440 else 4)
    acts.filter(has=page.get_by_role("button", name="Undo")).first.get_by_role("button", name="Undo").press("Enter")
    expect(taken).to_have_count(2 if width == 1440 else 5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert serious_faults(page) == []
    if width == 1440:
        expect(page.locator("#nav-drafts")).to_have_text("2")
        page.goto("/review/")
        expect(page.locator(".card")).to_have_count(2)
        page.locator("#q").fill("a word")
        page.keyboard.press("Control+z")  # in a field it is the browser's
        expect(page.locator(".toast")).to_have_count(0)
        page.locator(".card").first.get_by_role("button", name="Discard").click()
        expect(page.locator(".card")).to_have_count(1)
        page.locator("#main").focus()
        page.keyboard.press("Control+z")
        expect(page.locator(".card")).to_have_count(2)


def test_06_without_scripts_the_history_takes_back_too(open_page, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/history")
    offered = page.locator(".history").get_by_role("button", name="Undo")
    count = offered.count()
    offered.first.click()
    page.wait_for_url("**/history")
    expect(page.locator(".toast")).to_contain_text("Taken back")
    expect(offered).to_have_count(count - 1)


def test_07_a_toast_follows_what_a_job_does_and_offers_the_undo_at_the_end(open_page, state, stack):
    with stack.bound():
        olga = User.get()
        for _ in range(log.PART + 1):
            make_row(Actor(olga.id, olga.role, olga.name), status="draft", persist_status="pending")
    page = open_page(state=state)
    page.goto("/review/")
    count = int(page.locator("#review-all").inner_text())
    page.get_by_role("button", name="Publish all").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text(f"Published: {count} pictures.", timeout=60_000)
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Taken back: published.", timeout=60_000)
    expect(page.locator("#review-all")).to_have_text(str(count))
