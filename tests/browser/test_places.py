"""Projects as places: the row of a project, dragged, moved with keys and without scripts, and the gallery in rows."""

import re

import pytest
from playwright.sync_api import Page, expect

from pindeck import db
from pindeck.models import Image, Project
from pindeck.services.images import projects
from tests.browser.conftest import another_page, publish_photos, serious_faults
from tests.stack import bound_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TOASTS = "#toasts .toast"


def titles(page: Page, row: str = ".grid") -> list[str]:
    return page.locator(f"{row} .tile .cap").all_text_contents()


def drag(page: Page, tile, target, *, before: bool = True) -> None:
    one, other = tile.bounding_box(), target.bounding_box()
    page.mouse.move(one["x"] + one["width"] / 2, one["y"] + one["height"] / 2)
    page.mouse.down()
    page.mouse.move(one["x"] + one["width"] / 2 + 20, one["y"] + one["height"] / 2 + 4)
    page.mouse.move(other["x"] + (4 if before else other["width"] - 4), other["y"] + other["height"] / 2, steps=4)
    page.mouse.up()


def test_01_pictures_are_published_in_two_projects(open_page, state, photos, stack):
    publish_photos(open_page(), photos[:9], state)
    with bound_to(stack.settings), db.writing():
        for n, image in enumerate(list(Image.select().order_by(Image.seq))):
            name = "Night Ride" if n < 6 else "Harbour"
            Image.update(project=projects.find_or_create(name).id, title=f"{n}", title_key=f"{n}").where(Image.seq == image.seq).execute()


def test_02_a_picture_is_dragged_to_its_place_and_the_way_back_is_offered(open_page, state):
    page = open_page(state=state)
    page.goto("/projects/night-ride")
    assert titles(page) == list("012345")
    tiles = page.locator(".grid > .tile")
    drag(page, tiles.nth(4), tiles.nth(0))
    expect(page.locator(TOASTS)).to_contain_text("new place")
    assert titles(page) == list("401235")
    expect(page.locator("#drawer.open")).to_have_count(0)  # a drag is no press
    page.reload()
    assert titles(page) == list("401235")
    page.keyboard.press("Control+z")
    expect(page.locator(".tile .cap").first).to_have_text("0")
    assert titles(page) == list("012345")
    assert serious_faults(page) == []


def test_03_keys_move_it_and_the_focus_stays_with_it(open_page, state):
    page = open_page(state=state)
    page.goto("/projects/night-ride")
    page.locator(".tile > a").nth(1).focus()
    for key in ("Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowLeft"):
        with page.expect_response("**/put"):
            page.keyboard.press(key)
    assert titles(page) == list("021345")
    expect(page.locator(".tile > a").nth(2)).to_be_focused()
    page.reload()
    assert titles(page) == list("021345")
    page.locator(".tile > a").nth(1).focus()
    page.keyboard.press("b")
    expect(page.locator("#board-choice [name=name]")).to_be_focused()
    page.keyboard.type("Rain")
    page.keyboard.press("Enter")
    board = page.locator("#rail-boards a")
    expect(board.locator(".count")).to_have_text("1")
    tile = page.locator(".grid > .tile").nth(0).bounding_box()
    page.mouse.move(tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2)
    page.mouse.down()
    page.mouse.move(tile["x"] + tile["width"] / 2 + 20, tile["y"] + tile["height"] / 2 + 4)
    board.hover()
    expect(board).to_have_class("over")
    page.mouse.up()
    expect(board.locator(".count")).to_have_text("2")
    expect(page).to_have_url(re.compile("/projects/night-ride$"))
    page.reload()
    assert titles(page) == list("021345")
    expect(page.locator(".placehead").get_by_role("link", name="Rain")).to_be_visible()
    page.goto("/?view=table")
    page.locator("#cells th[tabindex]").first.focus()
    page.keyboard.press("b")
    expect(page.locator("#board-choice").get_by_role("button", name="Rain")).to_be_visible()


def test_04_a_picture_goes_to_another_row_by_drag_and_by_keys(open_page, state, stack):
    page = open_page(state=state)
    page.goto("/?rows=project")
    harbour, ride = page.locator(".filmrow").nth(0), page.locator(".filmrow").nth(1)
    with page.expect_response("**/put"):
        drag(page, ride.locator(".tile").nth(0), harbour.locator(".tile").nth(1))
    assert titles(page, ".rowof >> nth=0 >> .filmrow") == list("6078")
    harbour.locator(".tile > a").nth(0).focus()
    with page.expect_response("**/put"):
        page.keyboard.press("Alt+ArrowDown")
    page.reload()
    assert titles(page, ".rowof >> nth=0 >> .filmrow") == list("078")
    assert "6" in titles(page, ".rowof >> nth=1 >> .filmrow")
    with bound_to(stack.settings):
        assert Image.get(Image.title == "6").project_id == Project.get(Project.slug == "night-ride").id
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [390, 360])
def test_04b_a_finger_that_rests_takes_a_picture_up_and_one_that_moves_scrolls(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/projects/night-ride")
    before = titles(page)
    tiles = page.locator(".grid > .tile")
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, tile=None, part: float = 0.5) -> None:
        box = tile.bounding_box() if tile else None
        points = [{"x": box["x"] + box["width"] * part, "y": box["y"] + box["height"] / 2}] if box else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", tiles.nth(1))
    expect(page.locator(".ghost")).to_be_visible()
    touch("touchMove", tiles.nth(0), 0.3)
    touch("touchMove", tiles.nth(0), 0.1)
    expect(tiles.nth(0)).to_have_class(re.compile("lands"))
    with page.expect_response("**/put"):
        touch("touchEnd")
    expect(page.locator(".ghost")).to_have_count(0)
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.reload()
    assert titles(page) == [before[1], before[0], *before[2:]]
    box = tiles.nth(1).bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    # One command for all of it, because a finger that comes late to its next step has rested.
    finger.send("Input.synthesizeScrollGesture", {**at, "xDistance": -120, "yDistance": -120, "gestureSourceType": "touch", "speed": 3000})
    expect(page.locator(".ghost")).to_have_count(0)
    page.reload()
    assert titles(page) == [before[1], before[0], *before[2:]]
    page.goto("/?rows=project")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and serious_faults(page) == []


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_05_without_scripts_steps_and_moves_are_buttons(open_page, state, width):
    page = open_page(width, state=state, javascript=False)
    page.goto("/projects")
    with another_page(page):
        page.get_by_role("link", name="Night Ride").first.click()
    expect(page.locator("h1")).to_have_text("Night Ride")
    first, second = titles(page)[:2]
    page.get_by_role("link", name="Arrange").click()
    with another_page(page):
        page.get_by_role("button", name=f"Later: {first}").click()
    with another_page(page):
        page.get_by_role("link", name="Back to the project").click()
    expect(page.locator(".tile .cap").first).to_have_text(second)
    assert titles(page)[:2] == [second, first]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_06_a_project_is_renamed_where_it_stands(open_page, state):
    page = open_page(state=state)
    page.goto("/projects/harbour")
    page.locator("summary", has_text="Change").click()
    page.get_by_label("Name").fill("Harbour at dawn")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("h1")).to_have_text("Harbour at dawn")
    expect(page.locator(TOASTS)).to_contain_text("Harbour at dawn")
    page.goto("/")
    expect(page.locator("#places")).to_contain_text("Harbour at dawn")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Move between pictures")
    assert serious_faults(page) == []
