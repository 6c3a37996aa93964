"""Boards with a hand, with keys, by touch and without scripts: pictures come onto them, are arranged, and are shown by a link."""

import os

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import another_page, publish_photos, read_again, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SHOTS = os.environ.get("BOARD_SHOTS")


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(500)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def titles(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".pins .tile .cap").all_inner_texts()]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def drag(page: Page, one: Locator, to: int, *, order: list[str]) -> None:
    """Drag a tile to the place `to`, and let it go when the board shows this order, as a person does."""
    start, end = one.bounding_box(), page.locator(".pins .tile").nth(to).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=6)
    for n in range(100):
        page.mouse.move(end["x"] + end["width"] * (0.1 + n % 2 / 50), end["y"] + end["height"] / 2, steps=2)
        if titles(page) == order:
            break
        page.wait_for_timeout(100)  # tiles on their way take nothing up
    page.mouse.up()


def test_01_a_picture_comes_onto_a_new_board_by_key_and_onto_another_by_dragging(open_page, photos, state):
    page = open_page()
    publish_photos(page, photos[:8], state)
    page.goto("/boards")
    expect(page.get_by_text("No board yet")).to_be_visible()
    shoot(page, "empty-1440")
    page.goto("/")
    page.locator(".tile > a").nth(0).focus()
    page.keyboard.press("b")
    dialog = page.locator("#board-choice")
    expect(dialog.locator("[name=name]")).to_be_focused()
    page.keyboard.type("Night ride")
    shoot(page, "choose-1440")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("on “Night ride” now")
    expect(dialog).not_to_be_visible()
    place = page.locator("#rail-boards a")
    expect(place).to_contain_text("Night ride")
    for n in range(1, 5):
        page.locator(".tile").nth(n).drag_to(place)
        expect(place.locator(".count")).to_have_text(str(n + 1))
    with read_again(page):  # a tile that leaves the page cannot be dragged
        page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back")
    page.locator(".tile").nth(4).drag_to(place)
    expect(page.locator(".toast").last).to_contain_text("on “Night ride” now")
    page.locator(".tile > a").nth(6).click()
    sheet = page.locator("#drawer .onboards")
    page.locator("#drawer [data-to-board]").click()
    dialog.get_by_role("button", name="Night ride").click()
    expect(sheet.get_by_role("link", name="Night ride")).to_be_visible()
    shoot(page, "drawer-1440")
    assert serious_faults(page) == []
    page.reload()
    expect(page.locator(".onboards").get_by_role("link", name="Night ride")).to_be_visible()


@pytest.mark.parametrize("width", [1440])
def test_02_the_order_changes_by_dragging_and_by_keys_and_comes_back(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/boards")
    page.get_by_role("link", name="Night ride").first.click()
    expect(page.locator(".pins .tile")).to_have_count(6)
    first = titles(page)
    page.wait_for_function("() => Boolean(window.Sortable)")
    moved = [first[3], *first[:3], *first[4:]]
    drag(page, page.locator(".pins .tile").nth(3), 0, order=moved)
    expect(page.locator(".toast").last).to_contain_text("Moved.")
    assert titles(page) == moved
    page.reload()
    assert titles(page) == moved
    page.locator(".pins .tile > a").nth(0).focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#moved")).to_have_text("Place 2 of 6.")
    expect(page.locator(".pins .tile > a").nth(1)).to_be_focused()
    expect(page.locator(".toast").last).to_contain_text("Moved.")
    page.reload()
    assert titles(page) == [moved[1], moved[0], *moved[2:]]
    for order in (moved, first):
        page.keyboard.press("Control+z")
        expect(page.locator(".pins .tile .cap")).to_have_text(order)
    expect(page.locator(".toast").last).to_contain_text("Taken back")
    page.reload()
    assert titles(page) == first


def test_02b_a_finger_that_rests_takes_a_picture_to_another_place(chromium, stack, state):
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, base_url=stack.base, storage_state=state, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/boards")
    page.get_by_role("link", name="Night ride").first.click()
    page.wait_for_function("() => Boolean(window.Sortable)")
    first, touch = titles(page), context.new_cdp_session(page)

    def finger(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    page.locator(".pins .tile").first.evaluate("tile => tile.scrollIntoView({block: 'center'})")
    one, other = (page.locator(".pins .tile").nth(n).bounding_box() for n in (0, 1))
    x, y = one["x"] + one["width"] / 2, one["y"] + one["height"] / 2
    finger("Start", x, y)
    expect(page.locator(".tile.sortable-chosen")).to_have_count(1)  # it has rested long enough
    for n in range(100):  # tiles on their way take nothing up
        part, far = min(1, (n + 1) / 10), 0.6 + n % 10 / 30
        finger("Move", x + (other["x"] + other["width"] * far - x) * part, y + (other["y"] + other["height"] * far - y) * part)
        if titles(page)[0] == first[1]:
            break
        page.wait_for_timeout(50)
    finger("End")
    expect(page.locator(".toast").last).to_contain_text("Moved.")
    page.reload()
    assert titles(page) == [first[1], first[0], *first[2:]]
    page.keyboard.press("Control+z")
    expect(page.locator(".pins .tile .cap")).to_have_text(first)
    context.close()


def test_03_sections_notes_and_the_cover(open_page, state):
    page = open_page(state=state)
    page.goto("/boards")
    page.get_by_role("link", name="Night ride").first.click()
    page.get_by_text("Name, sections, people and link").click()
    page.get_by_label("Name of a new section").fill("Exterior, night")
    page.get_by_role("button", name="Add section").click()
    expect(page.locator(".boardsection")).to_have_text("Exterior, night")
    page.locator(".pins .tile > a").nth(1).focus()
    page.keyboard.press("s")
    page.locator(".pins .tile .pick").nth(2).click()
    expect(page.locator("[data-chosen]")).to_have_text("2 chosen")
    page.get_by_label("Section to move to").select_option("Exterior, night")
    page.get_by_role("button", name="Move there").click()
    expect(page.locator(".boardsection ~ .tile")).to_have_count(2)
    page.locator(".pins .tile").nth(0).hover()
    page.locator(".pins .tile").nth(0).locator(".pinmore a").click()
    page.locator("#drawer").get_by_label("Note on this board").fill("The lamp, not the street.")
    shoot(page, "pin-1440")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".toast").last).to_contain_text("Saved.")
    page.locator("#drawer").get_by_role("button", name="Make it the").click()
    expect(page.locator(".toast").last).to_contain_text("The picture is the cover now.")
    page.keyboard.press("Escape")
    shoot(page, "board-1440")
    assert serious_faults(page) == []
    page.locator(".viewmenu summary").click()
    page.get_by_role("button", name="Captions").click()
    expect(page.locator(".captioned .pinnote").first).to_have_text("The lamp, not the street.")
    shoot(page, "captions-1440")
    page.goto("/boards")
    expect(page.locator(".boardcard")).to_have_count(1)
    shoot(page, "list-1440")
    assert serious_faults(page) == []


def test_04_the_link_opens_for_a_stranger_until_it_is_revoked(open_page, state):
    page, stranger = open_page(state=state), open_page(390)
    page.goto("/boards")
    page.get_by_role("link", name="Night ride").first.click()
    page.get_by_text("Name, sections, people and link").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#board-link code").inner_text()
    shoot(page, "manage-1440")
    assert serious_faults(page) == []
    stranger.goto(link)
    expect(stranger.locator(".tile")).to_have_count(6)
    stranger.wait_for_function("[...document.images].filter(i => i.loading !== 'lazy' || i.complete).every(i => i.complete)")
    assert stranger.evaluate("document.querySelector('.tile img').naturalWidth") > 0
    shoot(stranger, "share-390")
    assert fits(stranger) and serious_faults(stranger) == []
    wide = open_page(1440)
    wide.goto(link)
    shoot(wide, "share-1440")
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator(".toast").last).to_contain_text("no longer works")
    assert stranger.goto(link).status == 404


@pytest.mark.parametrize("width", [390, 360])
def test_05_it_works_without_scripts_on_a_small_screen(open_page, state, width):
    page = open_page(width, state=state, javascript=False)
    page.goto("/")
    page.locator(".tile > a").nth(7 if width == 390 else 5).click()
    page.get_by_role("link", name="Add to board").click()
    page.get_by_label("Name of a board, old or new").fill(f"Small {width}")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".onboards").get_by_role("link", name=f"Small {width}").click()
    expect(page.locator(".pins .tile")).to_have_count(1)
    page.locator(".pinmore a").click()
    page.get_by_label("Note on this board").fill("By hand")
    with another_page(page):
        page.get_by_role("button", name="Save the note").click()
    assert fits(page)
    page.locator(".pinmore a").click()
    page.get_by_role("button", name="Take off the board").click()
    expect(page.get_by_text("Nothing on this board yet")).to_be_visible()
    page.get_by_text("Name, sections, people and link").click()
    page.get_by_text("Delete the board").click()
    expect(page.get_by_text(f"Delete “Small {width}”?")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text(f"“Small {width}” is deleted.")).to_be_visible()
    assert fits(page)


@pytest.mark.parametrize("width", [390, 360])
def test_06_a_small_screen_has_room_for_all_of_it(open_page, state, width):
    page = open_page(width, state=state)
    for address in ("/boards", None):
        if address:
            page.goto(address)
        else:
            page.get_by_role("link", name="Night ride").first.click()
            expect(page.locator(".pins .tile")).to_have_count(6)
        shoot(page, f"{'list' if address else 'board'}-{width}")
        assert fits(page) and serious_faults(page) == []
    page.get_by_text("Name, sections, people and link").click()
    assert fits(page)
    shoot(page, f"manage-{width}")
    small = page.locator(".boardmanage .btn:visible, .pinmore .btn").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).filter(r => r.width && (r.width < 40 || r.height < 36)).length"
    )
    assert small == 0
