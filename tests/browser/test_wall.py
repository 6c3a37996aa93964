"""The wall and the drawer under quick hands and slow answers, beside panoramas, on touch, signed out and offline."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from pindeck.access import Actor
from pindeck.models import User
from pindeck.states import Role
from tests.browser.conftest import PASSWORD, again, another_page, held, let_go, serious_faults, sign_up
from tests.factories import make_row
from tests.stack import bound_to
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PANORAMAS = {"a long coast": (3000, 420), "a tower": (300, 1200), "a mast": (200, 1400), "a longer coast": (4000, 400)}
# Whatever can be pressed and is smaller than a thumb; a box stands for the label around it.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true})
        && !one.matches('.sr, .skip, .backdrop'))
    .map((one) => one.closest('label') ?? one)
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 39.5 || box.height < 39.5))
    .map(([one, box]) => `${one.className} ${one.tagName} ${one.name} ${one.textContent.trim().slice(0, 20)} ${box.width}x${box.height}`)"""


# How many toasts stood there at most, after the page had its say about it.
COUNTED = """() => {
    const toasts = document.getElementById("toasts");
    window.most = 0;
    new MutationObserver(() => { window.most = Math.max(window.most, toasts.childElementCount); }).observe(toasts, {childList: true});
}"""


def hrefs(page: Page) -> list[str]:
    return page.eval_on_selector_all(".tile > a", "all => all.map(a => a.getAttribute('href'))")


def sheet(page: Page) -> Locator:
    return page.locator("#drawer.open .sheet")


def test_01_pictures_of_every_shape_are_published(open_page, state, photos, tmp_path):
    shapes = []
    for number, (name, size) in enumerate(PANORAMAS.items()):
        shapes.append(tmp_path / f"{name}.jpg")
        shapes[-1].write_bytes(jpeg(number, size))
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', [*photos[:14], *map(str, shapes)])
    expect(page.locator("#tray .up.done")).to_have_count(18, timeout=240_000)
    page.goto("/review/")
    page.get_by_role("button", name="Publish all 18").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    page.context.storage_state(path=state)


def test_02_presses_are_not_lost_and_no_slow_answer_overtakes(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    pages = hrefs(page)
    waiting = held(page, "**/images/*")
    page.locator(".tile > a").first.focus()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # from the picture that was asked for, also before it is there
    let_go(page, "**/images/*", waiting)
    expect(sheet(page)).to_have_attribute("data-page", pages[4])
    page.wait_for_url("**" + pages[4])
    expect(page.locator("#drawer")).to_be_focused()
    waiting = held(page, "**" + pages[5])
    page.locator('#drawer [data-step="1"]').click()
    page.locator('#drawer [data-step="1"]').click()
    expect(sheet(page)).to_have_attribute("data-page", pages[6])
    let_go(page, "**" + pages[5], waiting)  # the slow one comes after the one that was asked for later
    page.keyboard.press("ArrowRight")
    expect(sheet(page)).to_have_attribute("data-page", pages[7])
    page.wait_for_url("**" + pages[7])
    expect(page.locator(".tile > a[aria-current]")).to_have_attribute("href", pages[7])
    expect(page.locator(".tile > a[aria-current]")).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    expect(page.locator(".tile > a[aria-current]")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"^https?://[^/]+/$"))


def test_03_a_search_is_typed_beside_the_picture_that_is_open(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    count = len(hrefs(page))
    page.locator(".tile > a").nth(2).click()
    opened = sheet(page).get_attribute("data-page")
    page.fill("#q", "harbour")
    expect(page.locator(".chip", has_text="harbour")).to_be_visible()
    expect(sheet(page)).to_have_attribute("data-page", opened)
    expect(page.locator("#q")).to_be_focused()
    page.locator("#drawer").get_by_label("Close").click()
    page.wait_for_url("**/?q=harbour")  # what was found stays
    expect(page.locator(".chip", has_text="harbour")).to_be_visible()
    page.go_back()
    expect(page.locator(".tile")).to_have_count(count)
    expect(page.locator("#q")).to_have_value("")


def test_04_a_deleted_picture_makes_way_for_the_next(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    pages = hrefs(page)
    page.locator(".tile > a").nth(1).click()
    page.locator("#drawer").get_by_role("button", name="Delete").click()
    expect(sheet(page)).to_have_attribute("data-page", pages[2])
    expect(page.locator(".tile")).to_have_count(len(pages) - 1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".tile")).to_have_count(len(pages))
    page.keyboard.press("Escape")
    page.wait_for_url("**/")
    page.locator(".tile > a").last.click()
    page.locator("#drawer").get_by_role("button", name="Delete").click()
    expect(sheet(page)).to_have_attribute("data-page", pages[-2])
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".tile")).to_have_count(len(pages))


def test_04b_a_picture_that_is_pressed_as_soon_as_the_drawer_was_closed_opens(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    pages = hrefs(page)
    page.locator(".tile > a").nth(1).click()
    expect(sheet(page)).to_have_attribute("data-page", pages[1])
    waiting = held(page, "**/images/*")
    page.evaluate(
        """() => {
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}));
            document.querySelectorAll(".tile > a")[3].click();
        }"""
    )
    page.wait_for_url("**/")
    expect(page.locator("#drawer.open")).to_have_count(0)
    let_go(page, "**/images/*", waiting)
    expect(sheet(page)).to_have_attribute("data-page", pages[3])
    page.wait_for_url("**" + pages[3])
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.wait_for_url("**/")


def test_05_the_last_press_on_a_heart_holds(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    heart = page.locator(".tile .like").nth(3)
    was = heart.get_attribute("aria-pressed")
    other = "false" if was == "true" else "true"
    waiting = held(page, "**/like")
    page.locator(".tile").nth(3).hover()
    heart.click()
    heart.click()
    let_go(page, "**/like", waiting)
    expect(page.locator(".like.htmx-request")).to_have_count(0)
    expect(heart).to_have_attribute("aria-pressed", was)
    page.reload()
    expect(heart).to_have_attribute("aria-pressed", was)
    waiting = held(page, "**/like")
    page.locator(".tile").nth(3).hover()
    heart.click()  # and the page is left before this arrives
    page.unroute("**/like")
    page.goto("/")
    again(page, lambda: heart.get_attribute("aria-pressed") == other, "the last press")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_06_rows_are_full_and_the_icons_of_a_narrow_picture_keep_apart(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    rows = page.evaluate(
        """() => {
            const rows = new Map(), end = document.querySelector('.grid').getBoundingClientRect().right;
            for (const tile of document.querySelectorAll('.tile')) {
                const {top, right, height} = tile.getBoundingClientRect();
                const row = rows.get(Math.round(top)) ?? {hole: Infinity, heights: []};
                row.hole = Math.min(row.hole, end - right);
                row.heights.push(Math.round(height));
                rows.set(Math.round(top), row);
            }
            return [...rows.values()];
        }"""
    )
    assert [row for row in rows[:-1] if row["hole"] > 1] == []
    assert [row for row in rows if len(set(row["heights"])) > 1] == []
    for tile in page.locator(".tile").all():
        if tile.bounding_box()["width"] > 124:
            continue
        tile.locator("> a").focus()
        expect(tile.locator(".acts")).to_be_visible()
        if tile.locator(".like").get_attribute("aria-pressed") == "false":
            tile.locator(".like").click()  # its number makes it wider
            page.mouse.move(0, 0)
        expect(tile.locator(".like")).to_have_attribute("aria-pressed", "true")
        acts, heart = tile.locator(".acts").bounding_box(), tile.locator(".like").bounding_box()
        assert acts["x"] + acts["width"] <= heart["x"]


def test_07_after_enter_the_focus_stays_on_the_field(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").nth(3).click()
    title = page.locator("#drawer").get_by_label("Title")
    title.fill("Where the hand stays")
    title.press("Enter")
    expect(page.locator("#drawer .mark")).to_be_attached()
    expect(title).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" on")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer h2")).to_have_text("Where the hand stays on")
    expect(title).to_be_focused()
    expect(title).to_have_value("Where the hand stays on")


def test_08_whatever_is_pressed_while_signed_out_says_so_and_goes_on_after_signing_in_there(open_page, state, photos):
    page = open_page(state=state)
    page.goto("/")
    page.evaluate("document.querySelector('#main').dataset.witness = 'the same page'")
    page.context.clear_cookies()
    page.locator(".tile").nth(4).hover()
    heart = page.locator(".tile .like").nth(4)
    was = heart.get_attribute("aria-pressed")
    heart.click()
    expect(page.locator(".toast.error")).to_contain_text("Your session has ended")
    page.evaluate("document.querySelector('#toasts').replaceChildren()")
    page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement('canvas'), {width: 320, height: 200});
            canvas.getContext('2d').fillRect(0, 0, 90, 80);
            const data = new DataTransfer();
            for (const name of ['one.png', 'two.png']) {
                const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
                data.items.add(new File([blob], name, {type: 'image/png'}));
            }
            document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
        }"""
    )
    expect(page.locator("#tray .up.failed")).to_have_count(2)
    expect(page.locator(".toast.error")).to_have_count(1)
    page.locator(".toast").get_by_role("button", name="Sign in").click()
    door = page.locator("#door")
    expect(door).to_be_visible()
    assert serious_faults(page) == []
    door.get_by_label("E-mail").fill("olga@example.org")
    door.get_by_label("Password").fill("not the password")
    door.get_by_role("button", name="Sign in").click()
    expect(door.locator(".error")).to_be_visible()
    door.get_by_label("Password").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    expect(door).not_to_be_visible()
    expect(page.locator("#tray .up.done")).to_have_count(2, timeout=60_000)  # the files were kept
    assert page.locator("#main").get_attribute("data-witness") == "the same page"
    page.locator(".tile").nth(4).hover()
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    page.context.storage_state(path=state)


def test_09_offline_it_is_said_once_and_files_go_when_the_connection_is_back(open_page, state, photos):
    page = open_page(state=state)
    page.goto("/upload")
    page.context.set_offline(True)
    page.set_input_files('input[type="file"]', photos[14:16])
    expect(page.locator("#tray .up.failed")).to_have_count(2)
    expect(page.locator("#tray .up.failed").first).to_contain_text("connection")
    page.context.set_offline(False)
    expect(page.locator("#tray .up.done")).to_have_count(2, timeout=60_000)
    page.goto("/")
    page.context.set_offline(True)
    for number in (2, 3, 4):
        page.locator(".tile > a").nth(number).click()
    expect(page.locator(".toast.error")).to_have_count(1)
    expect(page.locator(".toast.error")).to_contain_text("no connection")
    page.locator(".toast.error").get_by_label("Dismiss").click()
    expect(page.locator(".toast")).to_have_count(0)
    page.context.set_offline(False)


@pytest.mark.parametrize(
    "path",
    ["/", "/?q=harbour", "/upload", "/review/", "/trash/", "/account", "/history", "/admin/users", "/admin/programs"]
    + ["/admin/workers", "/admin/files", "/vocabulary", "/vocabulary/leftovers", "/sources", "/work"],
)
def test_10_a_thumb_hits_everything(open_page, state, path):
    page = open_page(390, state=state)
    page.goto(path)
    assert page.evaluate(SMALL) == []
    if path == "/":
        page.locator(".tile > a").first.click()
        expect(page.locator("#drawer.open .facts")).to_be_visible()  # with what it holds
        assert page.evaluate(SMALL) == []


def test_11_toasts_pile_up_no_higher_than_three(open_page, state):
    page = open_page(state=state)
    page.goto("/review/")
    page.locator(".tile.waits .check").first.check(force=True)
    page.get_by_role("button", name="Edit").click()
    inspector = page.locator("#inspector.open")
    page.evaluate(COUNTED)
    for word, field in (("One", "Genre"), ("Two", "Shot"), ("Three", "Style"), ("Four", "Title")):
        inspector.get_by_label(field, exact=True).fill(word)
        inspector.get_by_role("button", name="Save").click()
        expect(page.locator(".toast", has_text=f"{field} saved.")).to_be_visible()
        expect(inspector.get_by_label(field, exact=True)).to_have_value(word)
    assert page.evaluate("window.most") == 3  # they leave by themselves, so how many are there now says nothing
    last = page.locator(".toast", has_text="Title saved.")
    last.get_by_label("Dismiss").click()
    expect(last).to_have_count(0)


def test_12_what_went_wrong_stays_in_sight_on_a_phone(open_page, state):
    page = open_page(390, state=state)
    page.goto("/")
    page.evaluate(
        """() => {
            for (const [name, text] of [["toast error", "It failed"], ["toast", "One"], ["toast", "Two"], ["toast", "Three"]]) {
                const box = Object.assign(document.createElement("div"), {className: name, innerHTML: `<p>${text}</p>`});
                box.dataset.toast = "";
                document.getElementById("toasts").append(box);
            }
        }"""
    )
    shown = page.locator(".toast").evaluate_all("all => all.map((box) => [box.textContent, box.checkVisibility()])")  # before one leaves
    assert shown == [["It failed", True], ["Two", False], ["Three", True]]


@pytest.mark.parametrize("width", [1440, 390])
def test_13_the_place_of_a_picture_that_has_not_come_can_be_used(open_page, stack, state, width):
    with bound_to(stack.settings):
        user = User.get()
        make_row(
            Actor(user.id, Role(user.role), user.name), title="Averylongwordofatitle" * 8, file=None,
            external_url="https://elsewhere.example/a.jpg", persist_status="failed", persist_error="The server said 500.",
        )  # fmt: skip
    page = open_page(width, state=state)
    page.goto("/")
    place = page.locator(".tile.absent").first
    expect(place).to_contain_text("It never arrived: The server said 500.")
    place.get_by_role("link", name="Open the original").click(trial=True)  # nothing lies over it
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_faults(page) == []
    place.locator("> a").click()
    expect(sheet(page)).to_contain_text("The picture is not here yet.")
    page.keyboard.press("Escape")
    expect(sheet(page)).to_have_count(0)
    place.get_by_role("button", name="Try again").click()
    expect(page.locator(".toast")).to_contain_text("Trying again.")
    expect(page.locator(".tile.absent").first).to_contain_text("It has not arrived yet: ")


def test_14_a_guest_and_a_visitor_look_and_do_not_touch(open_page):
    page = open_page()
    page.goto("/")
    assert page.locator(".tile").count() > 0
    expect(page.locator(".like")).to_have_count(0)
    page.goto("/upload")
    page.wait_for_url("**/sign-in**")
    with another_page(page):
        page.click("text=Continue as guest")
    page.goto("/")
    page.locator(".tile > a").first.click()
    expect(page.locator("#drawer.open")).to_be_visible()
    expect(page.locator("#drawer form.field")).to_have_count(0)
    assert serious_faults(page) == []
