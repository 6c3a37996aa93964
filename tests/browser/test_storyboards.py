"""What is made of a board with a hand, with keys and without scripts: shots of a storyboard and objects of a canvas are placed,
dragged and taken out, and each act is taken back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from pindeck.access import Actor
from pindeck.models import CanvasObject, Image, User
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.canvas import acting
from pindeck.states import Role
from tests.browser.conftest import another_page, held, let_go, publish_photos, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


WHOLE = "all => all.length > 2 && all.every(img => img.clientHeight <= img.parentElement.clientHeight)"  # none hangs out of its place


def slot(page: Page, frame: int, number: int) -> Locator:
    return page.locator(".frame").nth(frame).locator(".slot").nth(number)


def touch(finger: Locator, kind: str, to: Locator) -> None:
    """A finger that came down on one place is over the middle of another one."""
    box = to.bounding_box()
    assert box
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    finger.evaluate(
        """(target, {kind, at}) => {
            const touch = new Touch({identifier: 1, target, clientX: at.x, clientY: at.y});
            const touches = kind === "touchend" ? [] : [touch];
            target.dispatchEvent(new TouchEvent(kind, {bubbles: true, cancelable: true, touches, changedTouches: [touch]}));
        }""",
        {"kind": kind, "at": at},
    )


def shot_of(rail: Locator) -> str:
    return str(rail.get_attribute("data-shot"))


def the_owner() -> Actor:
    user = User.get()
    return Actor(user.id, Role(user.role))


def test_01_a_board_gets_a_storyboard(open_page, photos, state, stack):
    page = open_page()
    publish_photos(page, photos[:4], state)
    with stack.bound():
        actor = the_owner()
        board, _ = boards.create(actor, name="Night ride")
        pictures.add(actor, board.id, [row.id for row in Image.select()])
    page.goto("/boards")
    page.get_by_role("link", name=re.compile("Night ride")).first.click()
    page.get_by_role("button", name="New storyboard").click()
    expect(page.get_by_role("heading", name="Night ride Storyboard")).to_be_visible()
    expect(page.locator(".frame")).to_have_count(2)
    assert serious_faults(page) == []


def test_02_shots_are_placed_dragged_taken_out_and_brought_back(open_page, state):
    page = open_page(state=state)
    page.goto("/boards")
    page.get_by_role("link", name=re.compile("Night ride")).first.click()
    page.get_by_role("link", name="Night ride Storyboard").click()
    rail = page.locator(".railshot")
    first, second = shot_of(rail.nth(0)), shot_of(rail.nth(1))
    rail.nth(0).click()
    slot(page, 1, 0).get_by_role("button").click()
    expect(slot(page, 1, 0)).to_have_attribute("data-shot", first)
    expect(rail.nth(0)).to_have_class(re.compile("used"))
    rail.nth(1).drag_to(slot(page, 1, 0))
    expect(slot(page, 1, 0)).to_have_attribute("data-shot", second)
    expect(slot(page, 1, 1)).to_have_attribute("data-shot", first)
    slot(page, 1, 1).drag_to(slot(page, 0, 4))
    expect(slot(page, 0, 4)).to_have_attribute("data-shot", first)
    expect(slot(page, 1, 1).get_by_role("button")).to_be_visible()
    assert page.locator(".railshot img, .slot img").evaluate_all(WHOLE)
    slot(page, 0, 4).locator("> a").first.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".toast").last).to_contain_text("The slot is empty")
    expect(slot(page, 0, 4).locator(".put")).to_be_visible()
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(slot(page, 0, 4)).to_have_attribute("data-shot", first)
    page.locator(".frame").nth(0).get_by_label("Size of frame 1").select_option("2")
    expect(page.locator(".toast").last).to_contain_text("One shot had no place any more")
    expect(page.locator(".frame").nth(0).locator(".slot")).to_have_count(4)
    note = page.get_by_label("Note of frame 1")
    note.fill("She turns into the light.")
    note.press("Tab")
    expect(page.locator(".toast").last).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_label("Note of frame 1")).to_have_value("She turns into the light.")
    slot(page, 1, 0).get_by_role("link", name="Shot:").click()
    sheet = page.locator("#shot-sheet")
    sheet.get_by_label("Number").fill("12A")
    sheet.get_by_label("Duration, in seconds").fill("1:05")
    sheet.get_by_role("button", name="Save").click()
    expect(slot(page, 1, 0).get_by_role("link", name="Shot: 12A")).to_be_visible()
    expect(page.get_by_text("1:05 min")).to_be_visible()
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    third, last = shot_of(rail.nth(2)), slot(page, 1, 3)
    touch(rail.nth(2), "touchstart", rail.nth(2))
    expect(page.locator("#storyboard")).to_have_class(re.compile("carries"))
    last.scroll_into_view_if_needed()
    touch(rail.nth(2), "touchmove", last)
    expect(last).to_have_class(re.compile("over"))
    touch(rail.nth(2), "touchend", last)
    expect(last).to_have_attribute("data-shot", third)
    last.get_by_role("button", name="Empty slot").click()
    expect(last.locator(".put")).to_be_visible()


@pytest.mark.parametrize("width", [390, 360])
def test_03_the_same_without_scripts_on_a_phone(open_page, state, width):
    page = open_page(width, javascript=False, state=state)
    page.goto("/boards")
    page.get_by_role("link", name=re.compile("Night ride")).first.click()
    page.get_by_role("link", name="Night ride Storyboard").click()
    rail = page.locator(".railshot")
    third = shot_of(rail.nth(2))
    rail.nth(2).click()
    with another_page(page):
        slot(page, 1, 3).locator(".put").click()
    expect(slot(page, 1, 3)).to_have_attribute("data-shot", third)
    slot(page, 1, 3).get_by_role("button", name="Empty slot").click()
    expect(slot(page, 1, 3).locator(".put")).to_be_visible()
    page.get_by_role("button", name="Move frame 1 down").click()
    expect(page.locator(".frame").nth(1).locator("textarea")).to_have_value("She turns into the light.")
    page.get_by_role("button", name="Move frame 2 up").click()
    expect(page.locator(".frame").nth(0).locator("textarea")).to_have_value("She turns into the light.")
    page.get_by_role("button", name="Minimize").nth(1).click()
    expect(page.get_by_role("button", name="Expand")).to_have_count(1)
    with another_page(page):  # a page that is not there yet has none of them either
        page.get_by_role("button", name="Expand").click()
    expect(page.get_by_role("button", name="Expand")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def box(thing: Locator) -> list[int]:
    """Where an object of a canvas stands, as the page knows it."""
    return [int(part) for part in str(thing.get_attribute("data-box")).split()]


def drag(page: Page, thing: Locator, dx: int, dy: int, *, is_held: bool = False) -> None:
    at = thing.bounding_box()
    assert at
    x, y = at["x"] + 12, at["y"] + 40
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=6)
    if not is_held:
        page.mouse.up()


def resize(page: Page, dx: float) -> None:
    """The hand stays down on the grip of what is chosen, so many pixels to the right."""
    at = page.locator(".objectgrip").bounding_box()
    assert at
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y, steps=6)


def open_canvas(page: Page) -> Locator:
    page.goto("/boards")
    page.get_by_role("link", name=re.compile("Night ride")).first.click()
    page.get_by_role("link", name="Canvas").click()
    expect(page.get_by_role("link", name="Wall")).to_be_visible()
    return page.locator("li.object")


# How many pixels of a caption lie over other objects.
COVERED = """() => [...document.querySelectorAll(".object:not([data-kind=note]) > .objecttext")].map((words) => {
  const one = words.getBoundingClientRect();
  return [...document.querySelectorAll(".object")].filter((each) => each !== words.parentElement).map((each) => {
    const two = each.getBoundingClientRect();
    const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
    return Math.max(0, wide) * Math.max(0, Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top));
  }).reduce((sum, each) => sum + each, 0);
})"""


def test_04_a_canvas_is_arranged_moved_grouped_and_shared_by_two_pages(open_page, state, stack):
    page, other = open_page(state=state), open_page(state=state, expected=409)
    things = open_canvas(page)
    expect(page.locator("#canvas[data-ready]")).to_be_visible()
    expect(page.locator(".trayshot")).to_have_count(4)
    menu, opener = page.locator("#canvas-form details.pop[open]"), page.get_by_text("Arrange", exact=True)
    opener.click()
    page.get_by_role("button", name="By colour").click()
    expect(things).to_have_count(4)
    expect(menu).to_have_count(0)  # it closes after a choice, with Esc, and when something else is pressed
    expect(opener).to_be_focused()
    opener.press("Enter")
    expect(menu).to_have_count(1)
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    page.locator("#canvas-view").click(position={"x": 5, "y": 5})
    expect(menu).to_have_count(0)
    with stack.bound():
        row = CanvasObject.get(CanvasObject.id == things.first.get_attribute("data-id"))
        acting.change(the_owner(), row.board_id, {row.id: {"text": "She turns into the light and does not know yet. " * 6}})
    opener.click()
    with page.expect_response(lambda answer: answer.url.endswith("/arrange/packed")):
        page.get_by_role("button", name="Packed").click()
    expect(page.locator(".objecttext")).to_have_count(1)
    assert page.evaluate(COVERED) == [0]
    page.get_by_role("button", name="Note", exact=True).click()
    page.get_by_label("Text of the note").fill("Rain on glass.")
    page.keyboard.press("Control+Enter")
    note = things.filter(has_text="Rain on glass.")
    expect(note).to_have_count(1)
    page.get_by_role("button", name="Fit").click()
    note.dblclick(position={"x": 8, "y": 8})
    expect(page.get_by_label("Text of the note")).to_be_focused()
    page.keyboard.press("Escape")
    first = things.nth(0)
    was = box(first)
    with page.expect_response(lambda answer: answer.url.endswith("/canvas/change")):
        drag(page, first, 60, -30)
    expect(page.locator("#canvas-chosen")).to_have_text("1 chosen")
    opener.click()
    page.keyboard.press("Escape")  # the menu's, not that of what is chosen
    expect(menu).to_have_count(0)
    expect(page.locator("#canvas-chosen")).to_have_text("1 chosen")
    expect(first).not_to_have_attribute("data-box", " ".join(map(str, was)))
    moved = box(first)
    waiting = held(page, "**/canvas/change")  # the server is slow: the page stays ahead of what it answers
    with page.expect_request("**/canvas/change"):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")  # told when a hand comes
    changed = [moved[0] + 10, moved[1], moved[2], moved[3] + 10]
    expect(first).to_have_attribute("data-box", " ".join(map(str, changed)))
    lines = {n for x, _, width, _ in map(box, things.all()[1:]) for n in (x, x + width / 2, x + width)}
    line = min(n for n in lines if n > changed[0] + changed[2] + 30)
    scale = float(page.locator("#canvas-view").evaluate("view => view.style.getPropertyValue('--zoom')"))
    resize(page, (line - changed[0] - changed[2]) * scale + 3)
    expect(page.locator(".guides i:visible")).to_have_count(1)
    page.mouse.up()
    expect(page.locator(".guides i:visible")).to_have_count(0)
    x, y, width, height = box(first)
    assert [x, y, width, height] != changed
    heights = {n for _, y, _, height in map(box, things.all()[1:]) for n in (y, y + height / 2, y + height)}
    assert x + width in {round(n) for n in lines} or y + height in {round(n) for n in heights}  # a guide holds the grip
    assert abs(width / height - changed[2] / changed[3]) < 0.02
    changed = [x, y, width, height]
    for _ in range(2):
        with page.expect_request("**/canvas/change"):
            waiting.pop().continue_()
        assert box(first) == changed
    with page.expect_response("**/canvas/change"):
        let_go(page, "**/canvas/change", waiting)
    expect(first).to_have_attribute("data-box", " ".join(map(str, changed)))
    others = open_canvas(other)  # it shows what was kept
    expect(other.locator("#canvas[data-ready]")).to_be_visible()
    expect(others.nth(0)).to_have_attribute("data-box", " ".join(map(str, changed)))
    drag(other, others.nth(0), 30, 30, is_held=True)
    with page.expect_response(lambda answer: answer.url.endswith("/canvas/change")):
        page.keyboard.press("Alt+ArrowLeft")
    other.mouse.up()
    expect(other.get_by_role("alert")).to_contain_text("Somebody else changed this meanwhile")
    other.get_by_text("Keep theirs").click()
    expect(others.nth(0)).to_have_attribute("data-box", re.compile(f"^{changed[0] - 1} "))
    expect(first).to_have_attribute("data-layer", "0")
    page.keyboard.press("Shift+]")
    expect(first).not_to_have_attribute("data-layer", "0")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+g")
    expect(page.locator("li[data-group]")).to_have_count(5)
    page.keyboard.press("Escape")
    note.locator(".objectpick").focus()
    page.keyboard.press("Space")
    expect(page.locator("#canvas-chosen")).to_have_text("5 chosen")
    page.keyboard.press("Control+Shift+G")
    expect(page.locator("li[data-group]")).to_have_count(0)
    assert serious_faults(page) == []
    page.keyboard.press("Control+z")
    expect(page.locator("li[data-group]")).to_have_count(5)
    page.keyboard.press("Delete")
    expect(things).to_have_count(0)
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(things).to_have_count(5)
    expect(others).to_have_count(5)


def test_05_fingers_pan_pinch_and_move_what_is_chosen(open_page, state):
    page = open_page(390, state=state)
    things = open_canvas(page)
    expect(page.locator("#canvas[data-ready]")).to_be_visible()
    hand = page.context.new_cdp_session(page)
    hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    page.locator("#canvas-view").scroll_into_view_if_needed()

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]})

    def slide(x: float, y: float, dx: float, dy: float) -> None:
        fingers("touchStart", (x, y))
        fingers("touchMove", (x + dx / 2, y + dy / 2))
        fingers("touchMove", (x + dx, y + dy))
        fingers("touchEnd")

    picture = page.locator('li.object[data-kind="picture"]').last
    at = picture.bounding_box()
    assert at
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    was = box(picture)
    slide(x, y, 40, 20)  # what is not chosen pans
    expect(page.locator("#canvas-chosen")).to_have_text("")
    panned = picture.bounding_box()
    assert panned and box(picture) == was and panned["x"] > at["x"] + 20
    page.get_by_role("button", name="Fit").click()
    fingers("touchStart", (x, y))
    fingers("touchEnd")
    expect(page.locator("#canvas-chosen")).to_have_text("5 chosen")  # with its group
    slide(x, y, 40, 20)
    expect(picture).not_to_have_attribute("data-box", " ".join(map(str, was)))
    own = page.locator('[data-scale="0"]')
    before = own.text_content()
    fingers("touchStart", (100, 400), (200, 400))
    fingers("touchMove", (60, 400), (260, 400))
    fingers("touchEnd")
    expect(own).not_to_have_text(str(before))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and things


def test_06_a_canvas_without_scripts_on_a_phone(open_page, state):
    page = open_page(360, javascript=False, state=state)
    things = open_canvas(page)
    expect(things).to_have_count(5)
    page.get_by_role("button", name="Note", exact=True).click()
    expect(things).to_have_count(6)
    page.get_by_role("link", name="Edit Empty note").click()
    page.get_by_label("Text", exact=True).fill("Fog")
    page.get_by_role("button", name="Save").click()
    note = things.filter(has_text="Fog")
    expect(note).to_have_count(1)
    for number in range(6):
        things.nth(number).locator(".objectpick").focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Take off").click()
    expect(page.locator(".trayshot")).to_have_count(4)
    expect(things).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
