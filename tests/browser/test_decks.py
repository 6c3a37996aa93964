"""A deck from a board to the room: edited where it stands, its pictures swapped, its pages moved, two people in one place, presented."""

import os
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from pindeck.access import Actor
from pindeck.models import Deck, Image, User
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.decks import blocks, editing
from pindeck.states import Role
from tests.browser.conftest import another_page, publish_photos, read_again, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SHOTS = os.environ.get("DECK_SHOTS")


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    if SHOTS:
        page.wait_for_timeout(700)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=whole)


def shown(page: Page, place: int) -> str:
    """The picture at a place of the second page."""
    return str(page.locator(".deckblock").nth(1).locator(".still img").nth(place).get_attribute("alt"))


def test_01_a_deck_is_made_edited_swapped_ordered_and_presented(open_page, photos, state, stack):
    page = open_page()
    publish_photos(page, photos[:6], state)
    with stack.bound():
        user = User.get()
        actor = Actor(user.id, Role(user.role))
        board, _ = boards.create(actor, name="Night ride")
        pictures.add(actor, board.id, [row.id for row in Image.select().order_by(Image.id)][:4])
    page.goto(f"/boards/{board.id}")
    with another_page(page):
        page.get_by_role("button", name="Make a deck").click()
    expect(page.get_by_label("Title of the deck")).to_have_value("Night ride Deck")
    shoot(page, "made-1440")
    assert serious_faults(page) == []
    title, text = page.get_by_label("Title of page 2"), page.get_by_label("Text of page 2")
    title.fill("Who drives")
    text.fill("Nobody sleeps. 🌧️")
    text.press("Tab")
    expect(page.locator(".toast").last).to_contain_text("Saved")
    # A picture of the library, by keys alone.
    before = shown(page, 0)
    page.get_by_label("Swap picture 1 of page 2").focus()
    page.keyboard.press("Enter")
    picker = page.locator(".deckblock").nth(1).locator(".picker")
    expect(picker.get_by_label("Search the library")).to_be_focused()
    expect(picker.locator(".offer")).to_have_count(4)
    picker.get_by_role("link", name="Library").click()
    expect(picker.locator(".offer")).to_have_count(6)
    shoot(page, "picker-1440")
    picker.locator(".offer > button").first.focus()
    page.keyboard.press("End")
    expect(picker.locator(".offer > button").last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    wanted = str(picker.locator(".offer > button").nth(1).get_attribute("title"))
    page.keyboard.press("Escape")
    expect(picker.locator(".offer")).to_have_count(0)
    expect(page.get_by_label("Swap picture 1 of page 2")).to_be_focused()
    page.keyboard.press("Enter")
    picker.get_by_role("link", name="Library").click()
    expect(picker.locator(".offer")).to_have_count(6)
    picker.get_by_role("link", name="Narrow").click()
    expect(picker.locator(".facets .box").first).to_be_visible()
    shoot(page, "narrow-1440")
    assert serious_faults(page) == []
    with read_again(page, "#deck"):
        picker.locator(f'.offer > button[title="{wanted}"]').click()
    assert shown(page, 0) == wanted
    expect(page.get_by_label("Swap picture 1 of page 2")).to_be_focused()
    with read_again(page, "#deck"):
        page.locator(".toast").last.get_by_role("button", name="Undo").click()
    assert shown(page, 0) == before
    with read_again(page, "#deck"):
        page.get_by_label("Move down page 2").click()
    expect(page.get_by_label("Title of page 3")).to_have_value("Who drives")
    expect(page.get_by_label("Move down page 3")).to_be_focused()
    with read_again(page, "#deck"):
        page.get_by_label("Move up page 3").click()
    # Somebody else writes in the same place.
    with stack.bound():
        deck = Deck.get()
        line = blocks.read(deck.id)[1]
        editing.change(actor, deck.id, line.id, text="Everybody sleeps.")
    text.fill("Mine.")
    with read_again(page, "#deck"):
        text.press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("Everybody sleeps.")
    expect(text).to_have_value("Mine.")
    shoot(page, "met-1440")
    page.locator(".deckblock").nth(1).get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast").last).to_contain_text("Saved")
    page.reload()
    expect(text).to_have_value("Mine.")
    # What is long, odd and small.
    with stack.bound():
        every = blocks.read(deck.id)
        editing.change(actor, deck.id, every[2].id, title="🎬 " + "Word" * 40, text="A long sentence about rain. " * 360)
        editing.change(actor, deck.id, every[3].id, title="x" * 400)
        Image.update(width=1, height=1).where(Image.id == every[3].stills[0].image_id).execute()
    page.reload()
    shoot(page, "long-1440", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    with another_page(page):
        page.get_by_role("link", name="Present").click()
    for number in (1, 2, 3, 4, 5):
        expect(page.locator(".slide.on")).to_have_id(str(number))
        shoot(page, f"present-{number}-1440")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/decks/{deck.id}**")
    page.get_by_text("People and link").click()
    with read_again(page, "#deck"):
        page.get_by_role("button", name="Make a link").click()
    link = str(page.locator(".secret code").text_content())
    shoot(page, "link-1440")
    assert serious_faults(page) == []
    stranger = open_page(390)
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Night ride Deck").first).to_be_visible()
    shoot(stranger, "shared-390", whole=True)
    assert serious_faults(stranger) == [] and stranger.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [390, 360])
def test_02_on_a_phone_and_without_scripts(open_page, state, width):
    page = open_page(width, javascript=width == 390, state=state)
    page.goto("/decks")
    page.get_by_role("link", name=re.compile("Night ride Deck")).first.click()
    expect(page.get_by_label("Title of the deck")).to_have_value("Night ride Deck")
    shoot(page, f"deck-{width}", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Swap picture 1 of page 2").click()
    expect(page.locator(".offer").first).to_be_visible()
    shoot(page, f"picker-{width}")
    if width == 390:
        assert serious_faults(page) == []
    else:
        page.get_by_role("link", name="Library").click()
        wanted = str(page.locator(".offer > button").last.get_attribute("title"))
        page.locator(".offer > button").last.click()
        assert shown(page, 0) == wanted
        page.get_by_label("Move down page 2").click()
        expect(page.get_by_label("Title of page 3")).to_have_value("Who drives")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_03_its_web_page_opens_from_a_disk_without_a_network(open_page, chromium, state, stack, tmp_path):
    page = open_page(state=state)
    with stack.bound():
        deck_id = Deck.get().id
    page.goto(f"/exports/new?deck={deck_id}")
    expect(page.get_by_label("Paper of a PDF")).to_be_visible()
    page.get_by_label("File", exact=True).select_option("html")
    expect(page.get_by_label("Paper of a PDF")).to_be_hidden()  # only what is asked of this kind is shown
    shoot(page, "export-1440")
    with another_page(page):
        page.get_by_role("button", name="Make the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as whole:
        whole.extractall(tmp_path)
    asked, problems = [], []
    with chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, offline=True) as alone:
        found = alone.new_page()
        found.on("request", lambda each: asked.append(each.url))
        found.on("pageerror", lambda error: problems.append(str(error)))
        found.on("console", lambda told: problems.append(told.text))
        found.goto((tmp_path / "index.html").as_uri())
        at, veil, loaded = found.locator("#at"), found.locator("#veil"), "[...document.querySelectorAll('.slide.on img')].every((each) => each.naturalWidth > 0)"
        last = str(found.locator("body").get_attribute("data-count"))
        for key, number in (("ArrowRight", "2"), (" ", "3"), ("ArrowLeft", "2"), ("End", last), ("Home", "1")):
            found.keyboard.press(key)
            expect(at).to_have_text(number)
            found.wait_for_function(loaded)
        assert found.locator(".slide.on img").count() == 1 and found.evaluate("location.hash") == "#1"
        for key, shade in (("b", "black"), ("w", "white")):
            found.keyboard.press(key)
            expect(veil).to_have_attribute("data-is", shade)
        found.keyboard.press("Escape")
        expect(veil).to_be_hidden()
        found.touchscreen.tap(350, 400)
        expect(at).to_have_text("2")
        assert problems == [] and [each for each in asked if not each.startswith(("file:", "data:"))] == []
        assert len([each for each in asked if "/pictures/" in each]) >= 2
        assert serious_faults(found) == [] and found.evaluate("document.documentElement.scrollWidth") <= 390
    with chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, offline=True) as plain:
        found = plain.new_page()
        found.goto((tmp_path / "index.html").as_uri())
        found.get_by_role("link", name="Next").first.click()
        expect(found.locator(".slide").nth(1)).to_be_in_viewport()
        assert found.evaluate("document.documentElement.scrollWidth") <= 360
