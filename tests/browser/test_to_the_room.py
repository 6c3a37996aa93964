"""The whole way of a director in one browser: from pictures of the gallery to a board, its canvas and storyboard, a deck, the room,
and every file that is left behind."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import another_page, publish_photos, read_again, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
MADE: dict[str, str] = {}  # the addresses of what the first test makes
# Of each thing the files that can be made, and how they begin.
FILES = {
    "board": {"contact": b"%PDF", "html": b"PK"}, "storyboard": {"storyboard": b"%PDF", "csv": b"\xef\xbb\xbfFrame"},
    "deck": {"deck": b"%PDF", "pptx": b"PK", "zip": b"PK"},
}  # fmt: skip


def here(page: Page) -> str:
    return re.sub(r"^https?://[^/]+|[?#].*$", "", page.url)


def test_01_from_the_gallery_to_the_room(open_page, photos, state):
    page = open_page()
    publish_photos(page, photos[:4], state)
    page.goto("/")
    page.locator("#grid .tile a").first.focus()
    page.keyboard.press("s")
    expect(page.locator("[data-chosen]")).to_have_text("1 chosen")
    page.locator("#grid .tile").nth(3).locator("a").click(modifiers=["Shift"])
    expect(page.locator("[data-chosen]")).to_have_text("4 chosen")
    page.keyboard.press("b")
    page.get_by_label("Name of a board, old or new").fill("Night ride")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("Night ride")
    page.goto("/boards")
    page.get_by_role("link", name=re.compile("Night ride")).first.click()
    expect(page.locator(".tile")).to_have_count(4)
    MADE["board"] = here(page)
    page.get_by_role("link", name="Canvas").click()
    page.get_by_text("Arrange", exact=True).click()
    page.get_by_role("button", name="By colour").click()
    expect(page.locator("li.object")).to_have_count(4)
    assert serious_faults(page) == []
    page.get_by_role("link", name="Wall").click()
    with another_page(page):
        page.get_by_role("button", name="New storyboard").click()
    MADE["storyboard"] = here(page)
    page.locator(".railshot").first.click()
    page.locator(".frame .slot").first.get_by_role("button").click()
    expect(page.locator(".slot[data-shot]:not([data-shot=''])")).to_have_count(1)
    page.goto(MADE["board"])
    with another_page(page):
        page.get_by_role("button", name="Make a deck").click()
    MADE["deck"] = here(page)
    title = page.get_by_label("Title of page 2")
    title.fill("Who drives")
    title.press("Tab")
    expect(page.locator(".toast").last).to_contain_text("Saved")
    first = page.locator(".deckblock").nth(1).locator(".still img").first
    before = str(first.get_attribute("alt"))
    page.get_by_label("Swap picture 1 of page 2").click()
    other = page.locator(f'.offer > button:not([title="{before}"])').first
    wanted = str(other.get_attribute("title"))
    with read_again(page, "#deck"):
        other.click()
    expect(first).to_have_attribute("alt", wanted)
    with read_again(page, "#deck"):
        page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(first).to_have_attribute("alt", before)
    with read_again(page, "#deck"):
        page.get_by_label("Move down page 2").click()
    expect(page.get_by_label("Title of page 3")).to_have_value("Who drives")
    page.goto(f"{MADE['deck']}/present")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    expect(speaker.locator("#at")).to_have_text("1")
    speaker.keyboard.press("PageDown")
    expect(page.locator("#at")).to_have_text("2")
    page.keyboard.press("End")
    expect(speaker.locator(".slide.on")).to_have_id(str(page.locator("#at").text_content()))
    speaker.close()


def test_02_each_file_is_made_and_read(open_page, state):
    page = open_page(state=state)
    asked = []
    for thing, kinds in FILES.items():
        for kind, begins in kinds.items():
            page.goto(f"/exports/new?{thing}={MADE[thing].rpartition('/')[2]}")
            page.get_by_label("File", exact=True).select_option(kind)
            with another_page(page):
                page.get_by_role("button", name="Make the file").click()
            asked.append((page.url, begins))
    for address, begins in asked:
        page.goto(address)
        expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=120_000)
        assert page.request.get(f"{address}/file").body().startswith(begins), address


@pytest.mark.parametrize("width", [390, 360])
def test_03_all_of_it_has_room_on_a_phone_also_without_scripts(open_page, state, width):
    page = open_page(width, javascript=width == 390, state=state)
    for path in (*MADE.values(), f"{MADE['board']}/canvas", *(f"{each}/present" for each in MADE.values()), f"/exports/new?deck={MADE['deck'].rpartition('/')[2]}", "/exports"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if width == 390 and ("/canvas" in path or "/exports" in path):
            assert serious_faults(page) == [], path
    if width == 360:
        page.goto(f"/exports/new?board={MADE['board'].rpartition('/')[2]}")
        page.get_by_role("button", name="Make the file").click()
        expect(page.get_by_role("heading", name="Night ride")).to_be_visible()
