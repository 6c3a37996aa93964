"""The page of work in a browser: it follows what runs, puts in what changed alone, and works without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
STAY = "() => document.querySelectorAll('.job').forEach((line) => { line.known = true; })"
KNOWN = "() => [...document.querySelectorAll('.job')].map((line) => [line.dataset.state, line.known === true])"


def test_01_an_upload_is_followed_and_only_what_changed_comes_anew(open_page, stack, photos, state):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    stack.stop_workers()
    page.goto("/upload")
    page.set_input_files("input[type=file]", photos[:3])
    other = open_page(state=state)
    other.goto("/work?kind=persist")  # the first account is an administrator, who sees the sweeps too
    expect(other.locator(".job")).to_have_count(3, timeout=20_000)
    expect(other.locator("#nav-work")).not_to_have_text("")
    # One is cancelled with the keyboard; the others keep their nodes, and the focus its place.
    first = other.locator(".job").first
    first.get_by_role("button", name="Cancel").focus()
    other.evaluate(STAY)
    other.keyboard.press("Enter")
    expect(first.get_by_role("button", name="Try again")).to_be_focused()
    expect(first.get_by_role("button", name="Try again")).to_be_visible()
    assert other.evaluate(KNOWN) == [["cancelled", False], ["waiting", True], ["waiting", True]]
    other.keyboard.press("Enter")
    expect(first).to_contain_text("Waiting")
    other.evaluate("() => document.querySelector('#main').focus()")
    stack.start_worker()
    expect(other.locator('.job[data-state="done"]')).to_have_count(3, timeout=60_000)
    expect(other.locator(".job .thumb img")).to_have_count(3)


def test_02_asking_again_changes_nothing_while_nothing_changed(open_page, stack, state):
    page = open_page(state=state)
    page.goto("/work?kind=persist")
    page.evaluate(STAY)
    before = page.evaluate("() => scrollY")
    with page.expect_response(lambda answer: "/work?" in answer.url, timeout=30_000) as asked:
        pass
    assert asked.value.status in (200, 304)
    assert page.evaluate(KNOWN) == [["done", True]] * 3
    assert page.evaluate("() => scrollY") == before


def test_03_a_lost_connection_is_said_in_the_page_and_once(open_page, stack, state):
    page = open_page(state=state)
    page.goto("/work?kind=persist")
    page.route("**/work?*", lambda route: route.abort())
    expect(page.locator("[data-lost]")).to_be_visible(timeout=30_000)
    expect(page.locator(".toast")).to_have_count(0)
    page.unroute("**/work?*")
    expect(page.locator("[data-lost]")).to_be_hidden(timeout=30_000)


def test_04_without_scripts_on_a_small_screen(open_page, stack, photos, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/work?state=done&kind=persist")
    expect(page.locator(".job")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.select_option('[name="state"]', "failed")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".empty")).to_contain_text("Nothing here")
    page.get_by_role("link", name="Show all work").click()
    expect(page.locator(".job").filter(has_text="Store a picture")).to_have_count(3)
    expect(page.get_by_role("link", name="Look again")).to_be_visible()


def test_05_the_panel_of_the_bar_asks_while_it_is_open_and_not_when_it_is_shut(open_page, stack, state):
    page = open_page(390, state=state)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/jobs/panel" in request.url else None)
    page.goto("/")
    page.locator(".workpop summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#work-panel")).to_contain_text("In the last 24 hours", timeout=20_000)
    expect(page.locator("#panel-rows li").first).to_be_visible()
    box = page.locator(".workpop .body").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    with page.expect_response(lambda answer: "/jobs/panel" in answer.url, timeout=30_000):
        pass
    page.keyboard.press("Escape")
    expect(page.locator("#work-panel")).to_be_empty()
    count = len(asked)
    page.wait_for_timeout(2500)
    assert len(asked) == count
