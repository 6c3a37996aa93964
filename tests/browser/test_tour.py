"""A curator's morning on the demonstration, step by step as `docs/tour.md` tells it. With `TOUR_SHOTS` naming a folder, each step
leaves its picture there; `TOUR_PICTURES` says how many the demonstration has."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from pindeck.models import Image, TwinDue
from pindeck.states import PersistStatus
from tests.browser.conftest import PASSWORD, WIDTHS, again, serious_faults, wait_for_index
from tests.stack import Stack, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SHOTS, PICTURES = os.environ.get("TOUR_SHOTS"), os.environ.get("TOUR_PICTURES", "64")


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("tour")).start()
    stack.start_index()
    yield stack
    stack.stop()


def shoot(page: Page, name: str) -> None:
    """The page as it stands at a desk, and on a phone where it is one that people open there."""
    if SHOTS:
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        width = (page.viewport_size or {})["width"]
        page.screenshot(path=f"{SHOTS}/tour-{name}-{width}.jpg", type="jpeg", quality=62)


def toast(page: Page, text: str) -> None:
    expect(page.locator("#toasts .toast").last).to_contain_text(text)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def tiles(page: Page):
    return page.locator("#grid > .tile")


def found_by_look(page: Page, address: str) -> None:
    """A page that asks the index, which has a second to answer; where that was too short, it is asked again."""
    page.goto(address)
    if not page.locator(".grid .tile").count():
        again(page, page.locator(".grid .tile").count, "an answer of the index")


def test_01_an_empty_installation_is_filled_by_one_command_and_its_link_signs_in(open_page, stack, state):
    told = stack.run("demo", "--pictures", PICTURES)
    link = re.search(r"http://localhost:\d+(/reset/\S+)", told)
    assert link and f"{PICTURES} generated pictures are there." in told
    with stack.bound():
        waits = Image.persist_status != PersistStatus.SUCCEEDED
        wait_for(lambda: not Image.select().where(waits).exists(), 600, "the pictures to be stored", stack.log)
    page = open_page()
    page.goto(link.group(1))
    page.fill('[name="password"]', PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_url("**/")
    page.context.storage_state(path=state)
    expect(tiles(page).first).to_be_visible()


def test_02_the_morning_begins_with_what_is_new(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    news = page.locator("#news button")
    expect(news).to_contain_text("new")
    oldest = page.locator("#news").get_attribute("data-oldest")
    shoot(page, "gallery")
    assert serious_faults(page) == []
    page.locator(f"#grid > .tile > a[href='{oldest}']").scroll_into_view_if_needed()
    expect(news).to_have_count(0, timeout=30_000)  # it was looked at
    page.reload()
    expect(tiles(page).first).to_be_visible()
    expect(page.locator("#news button")).to_have_count(0)
    small = open_page(390, state=state)
    small.goto("/")
    shoot(small, "gallery")
    assert fits(small)


def test_03_what_waits_is_kept_held_or_discarded(open_page, state):
    page = open_page(state=state)
    page.goto("/review/")
    waiting = page.locator(".tile.waits")
    expect(waiting.first).to_be_visible()
    count = waiting.count()
    shoot(page, "review")
    waiting.first.locator("> a").focus()
    page.keyboard.press("p")
    expect(waiting).to_have_count(count - 1)
    waiting.first.locator("> a").focus()
    page.keyboard.press("x")
    expect(waiting).to_have_count(count - 2)
    page.locator("#toasts .toast").last.get_by_role("button", name="Undo").click()
    expect(waiting).to_have_count(count - 1)


def test_04_a_question_is_one_line_of_words_and_craft(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.fill("#q", "light:street time:night lamps")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=light**")
    expect(page.locator(".chips .chip")).to_have_count(3)
    some = tiles(page).count()
    assert 0 < some < int(PICTURES) / 2
    shoot(page, "search")
    assert serious_faults(page) == []
    page.locator(".chips .chip").last.click()
    expect(page.locator(".chips .chip")).to_have_count(2)
    assert tiles(page).count() >= some
    page.fill("#q", "genre:noir (sea or")
    page.keyboard.press("Enter")
    expect(page.locator("#main, main").first).to_contain_text("genre", ignore_case=True)  # what was understood still counts
    assert page.locator(".chips .chip").count() >= 1
    small = open_page(390, state=state)
    small.goto("/?q=light:street time:night")
    shoot(small, "search")
    assert fits(small)


def test_05_a_colour_and_a_likeness_lead_further(open_page, state, stack):
    wait_for_index(stack)
    page = open_page(state=state)
    found_by_look(page, "/colours?c=d81e5b~25")
    expect(page.locator(".grid .tile").first).to_be_visible()
    shoot(page, "colours")
    assert serious_faults(page) == []
    page.goto("/?q=project:%22Violet Dusk%22")
    tiles(page).first.locator("> a").click()
    address = page.locator("#drawer").get_by_role("link", name="More like this").get_attribute("href")
    found_by_look(page, str(address))
    expect(page.locator("h1")).to_contain_text("More like")
    near = page.locator(".grid .tile .cap").all_text_contents()[:10]
    assert sum("Violet Dusk" in title for title in near) >= 2
    shoot(page, "like")
    small = open_page(390, state=state)
    small.goto(str(address))
    assert fits(small)


def test_06_many_are_chosen_and_edited_after_a_preview(open_page, state):
    page = open_page(state=state)
    page.goto("/?q=project:%22Violet Dusk%22")
    count = tiles(page).count()
    tiles(page).first.locator("> a").focus()
    page.keyboard.press("s")
    bar = page.locator("#choose-form")
    bar.get_by_label("that match").check()
    bar.get_by_role("button", name="Edit").click()
    inspector = page.locator("#inspector.open")
    expect(inspector.get_by_role("heading", name=f"{count} pictures")).to_be_visible()
    inspector.get_by_label("Tags", exact=True).fill("act two")
    inspector.get_by_role("button", name="Preview").click()
    expect(inspector.locator(".foretold")).to_contain_text(f"{count} pictures change")
    shoot(page, "bulk")
    assert serious_faults(page) == []
    inspector.get_by_role("button", name=f"Save for all {count}").click()
    expect(inspector.locator(".held", has_text="act two")).to_contain_text(f"act two {count}")
    page.goto('/?q=tag:"act two"')
    expect(tiles(page)).to_have_count(count)


def test_07_they_go_onto_a_board_and_are_arranged(open_page, state):
    page = open_page(state=state)
    page.goto('/?q=tag:"act two"')
    tiles(page).first.locator("> a").focus()
    page.keyboard.press("s")
    page.locator("#choose-form").get_by_label("that match").check()
    page.locator("#choose-form").get_by_role("button", name="Add to board").click()
    dialog = page.locator("#board-choice")
    dialog.locator("[name=name]").fill("Act two")
    page.keyboard.press("Enter")
    toast(page, "Act two")
    page.goto("/boards")
    page.get_by_role("link", name="Act two").first.click()
    pins = page.locator(".pins .tile")
    expect(pins.nth(1)).to_be_visible()
    before = pins.locator(".cap").all_text_contents()
    pins.first.locator("> a").focus()
    page.keyboard.press("Alt+ArrowRight")
    toast(page, "Moved.")
    page.reload()
    after = pins.locator(".cap").all_text_contents()
    assert after[:2] == [before[1], before[0]]
    page.goto("/boards")
    page.get_by_role("link", name="Night ride: references").first.click()
    expect(page.locator(".boardsection").first).to_have_text("On the road")
    shoot(page, "board")
    assert serious_faults(page) == []
    small = open_page(390, state=state)
    small.goto(page.url)
    shoot(small, "board")
    assert fits(small)


def test_08_the_row_of_a_project_is_put_in_order(open_page, state):
    page = open_page(state=state)
    page.goto("/projects")
    shoot(page, "projects")
    page.get_by_role("link", name="Violet Dusk").first.click()
    row = page.locator(".grid > .tile")
    before = row.locator(".cap").all_text_contents()
    row.first.locator("> a").focus()
    with page.expect_response("**/put"):
        page.keyboard.press("Alt+ArrowRight")
    page.reload()
    assert row.locator(".cap").all_text_contents()[:2] == [before[1], before[0]]
    shoot(page, "project")


def test_09_copies_are_merged_into_the_best_one(open_page, state, stack):
    page = open_page(state=state)
    stack.run("sweep", "twins")  # which workers do every ten minutes
    with stack.bound():
        wait_for(lambda: not TwinDue.select().exists(), 60, "all pictures to be compared", stack.log)
    page.goto("/duplicates")
    groups = page.locator(".copies")
    count = groups.count()
    assert count > 0
    shoot(page, "duplicates")
    assert serious_faults(page) == []
    groups.first.get_by_role("button", name="Merge the copies").click()
    toast(page, "merged into")
    expect(groups).to_have_count(count - 1)
    page.keyboard.press("Control+z")
    toast(page, "Taken back")
    page.reload()
    expect(groups).to_have_count(count)


def test_10_all_of_it_stands_in_the_history_and_is_taken_back(open_page, state):
    page = open_page(state=state)
    page.goto("/history")
    lines = page.locator("ol.history li")
    expect(lines.filter(has_text="Set Tags").first).to_be_visible()
    shoot(page, "history")
    assert serious_faults(page) == []
    lines.filter(has_text="Set Tags").first.get_by_role("button", name="Undo").click()
    toast(page, "Taken back")
    page.goto('/?q=tag:"act two"')
    expect(tiles(page)).to_have_count(0)
    page.keyboard.press("Control+Shift+Z")
    toast(page, "Done again")


@pytest.mark.parametrize("width", [1440, 360])
def test_11_the_same_morning_without_scripts(open_page, state, width):
    WIDTHS.setdefault(360, 780)
    page = open_page(width, javascript=False, state=state)
    for address, text in (
        ("/", "pictures"), ("/review/", "Publish"), ("/?q=light:street+time:night", "Street"), ("/boards", "Night ride: references"),
        ("/projects", "Violet Dusk"), ("/duplicates", "Merge the copies"), ("/history", "Undo"),
    ):  # fmt: skip
        page.goto(address)
        expect(page.locator("body")).to_contain_text(text)
        assert fits(page), address
    page.goto("/duplicates")
    page.get_by_role("button", name="Merge the copies").first.click()
    expect(page.locator(".toast").last).to_contain_text("merged into")
    page.goto("/history")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("body")).to_contain_text("Taken back")
