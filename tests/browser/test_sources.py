"""A feed in a real browser with a real worker: added, tested, run, decided about; with scripts and without, wide and narrow."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import another_page, sign_up
from tests.fetching.hostile import answer, serving
from tests.stack import Stack
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        items = "".join(
            f"<item><guid>{n}</guid><title>Still {n}</title><enclosure url='/{n}.jpg' type='image/jpeg'/></item>" for n in range(4)
        )
        running.pages = {f"/{n}.jpg": answer(jpeg(n, (720, 405)), "Content-Type: image/jpeg") for n in range(4)}
        running.pages["/feed"] = answer(f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode())
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory, site):
    stack = Stack(tmp_path_factory.mktemp("stack"), {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{site.port}"}).start()
    yield stack
    stack.stop()


def test_a_feed_is_added_tested_run_and_its_pictures_are_kept_or_discarded(open_page, site, state):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    page.goto("/")
    page.get_by_role("navigation", name="Views", exact=True).get_by_role("link", name="Sources").click()
    expect(page.get_by_text("No source yet")).to_be_visible()
    expect(page.get_by_label("Links", exact=True)).to_be_hidden()
    page.get_by_label("Address", exact=True).fill(f"{site.base}/feed")
    page.get_by_label("Name").fill("Stills of the week")
    page.get_by_role("button", name="Add the source").click()
    expect(page.get_by_role("heading", name="Stills of the week")).to_be_visible()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("4 pictures found, the first 3 shown")).to_be_visible(timeout=60_000)
    expect(page.locator("#source-test img")).to_have_count(3)
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("4 new, 0 skipped, 0 failed")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("4 here wait for you")).to_be_visible(timeout=60_000)
    expect(page.locator("#source-test img")).to_have_count(3)  # what was tested stays to be compared
    page.get_by_label("Choose Still 1").check()
    expect(page.locator("#source-items img")).to_have_count(4, timeout=60_000)  # they come while it is chosen
    page.get_by_label("Choose Still 2").check()
    page.get_by_role("button", name="Keep chosen").click()
    expect(page.get_by_text("2 pictures are in the library.")).to_be_visible()
    page.get_by_label("Choose Still 3").check()
    page.get_by_role("button", name="Discard chosen").click()
    expect(page.get_by_text("1 picture is in the trash.")).to_be_visible()
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 here wait for you")).to_be_visible()


def test_the_same_works_without_scripts_on_a_narrow_screen(open_page, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/sources")
    page.get_by_label("Kind").select_option("links")
    expect(page.get_by_label("Links", exact=True)).to_be_visible()
    expect(page.get_by_label("Address", exact=True)).to_be_hidden()
    with another_page(page):
        page.locator(".sourcecard").get_by_role("link", name=re.compile("^Stills of the week")).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Choose Still 0").check()
    page.get_by_role("button", name="Keep chosen").click()
    expect(page.get_by_text("1 here waits for you")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused").first).to_be_visible()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("link", name="Look again").or_(page.get_by_text("pictures found"))).to_be_visible()
    page.get_by_text("Delete this source").click()
    expect(page.get_by_text("Its pictures stay")).to_be_visible()
    page.get_by_role("button", name="Delete the source").click()
    expect(page.get_by_text("No source yet")).to_be_visible()
