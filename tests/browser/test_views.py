"""The views of the gallery: chosen from a menu, remembered, sized by a slider, and each returns to the same pixel."""

import pytest
from playwright.sync_api import Page, expect

from pindeck import db
from pindeck.models import Image
from pindeck.services.images import projects
from tests.browser.conftest import publish_photos, serious_faults
from tests.stack import bound_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TILES = ":is(.grid, .thumb) > .tile"
LEFTS = "[...document.querySelectorAll('.filmrow, .tablebox')].map(box => box.scrollLeft)"
VIEWS = ("wall", "masonry", "sheet", "project", "table")


def settled(page: Page) -> None:
    """The numbers are there, which the page asks for, and it stands still."""
    if page.locator("#many").count():
        expect(page.locator("#many")).to_contain_text("picture")
    page.wait_for_load_state("networkidle")


def top_of(page: Page, number: int) -> float:
    return page.locator(TILES).nth(number).bounding_box()["y"]


def test_01_twenty_pictures_hang_in_eight_projects(open_page, state, photos, stack):
    publish_photos(open_page(), photos, state)
    with bound_to(stack.settings), db.writing():
        for n, image in enumerate(list(Image.select().order_by(Image.seq))):
            project = projects.find_or_create("Salt" if n < 13 else f"Row {n}").id
            title = "A title that goes on and on, as directors like it. " * 3 if n == 7 else image.title
            Image.update(project=project, title=title, likes=n % 5).where(Image.seq == image.seq).execute()


@pytest.mark.parametrize("width", [1440, 390, 360])
@pytest.mark.parametrize("view", VIEWS)
def test_02_back_from_a_picture_and_from_a_search_leads_to_the_same_pixel(open_page, state, view, width):
    page = open_page(width, state=state)
    page.goto(f"/?view={view}")
    settled(page)
    page.evaluate("scrollTo({top: 130, behavior: 'instant'})")
    if view == "project":
        page.locator(".filmrow").last.evaluate("row => row.scrollTo({left: 190, behavior: 'instant'})")
    page.wait_for_function("scrollY > 100")
    sideways = page.evaluate(LEFTS)
    assert view != "project" or max(sideways) > 0
    number = next(n for n in range(20) if top_of(page, n) > 160)
    top = top_of(page, number)
    page.locator(f"{TILES} > a").nth(number).click()
    expect(page.locator("#drawer.open .sheet")).to_be_visible()
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.wait_for_function("([n, top]) => Math.abs(document.querySelectorAll('.grid > .tile, .cells .tile')[n].getBoundingClientRect().y - top) < 1", arg=[number, top])
    page.fill("#q", "aquarium")
    expect(page.locator(TILES)).to_have_count(1)
    settled(page)
    page.go_back()
    expect(page.locator(TILES)).to_have_count(20)
    page.wait_for_function("([n, top]) => Math.abs(document.querySelectorAll('.grid > .tile, .cells .tile')[n].getBoundingClientRect().y - top) < 1", arg=[number, top])
    assert page.evaluate(LEFTS) == sideways
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_03_columns_stand_in_the_order_in_which_they_are_read(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/?view=masonry")
    settled(page)
    boxes = page.evaluate("[...document.querySelectorAll('#grid > .tile')].map(t => { const r = t.getBoundingClientRect();"
                          " return [r.x, r.y, r.right, r.bottom, +getComputedStyle(t).getPropertyValue('--r')]; })")  # fmt: skip
    assert all(two[1] >= one[1] for one, two in zip(boxes, boxes[1:], strict=False))
    columns = sorted({round(box[0]) for box in boxes})
    assert len(columns) == {1440: 5, 390: 2, 360: 2}[width]
    for left, top, right, bottom, ratio in boxes:
        assert abs((right - left) / ratio - (bottom - top)) <= 5  # its own proportions, to half a row
        assert not any(l < right and r > left and t < bottom and b > top for l, t, r, b, _ in boxes if (l, t) != (left, top))
    page.locator("#grid > .tile > a").first.focus()
    for n in range(4):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("[...document.querySelectorAll('#grid > .tile > a')].indexOf(document.activeElement)") == n + 1
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_04_a_view_is_chosen_from_the_menu_and_stays(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    settled(page)
    page.locator(".viewmenu > summary").click()
    page.get_by_role("button", name="Contact sheet").click()
    page.wait_for_url("**/?view=sheet")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-view", "sheet")
    expect(page.locator("#grid .cap").first).to_be_visible()
    settled(page)
    assert serious_faults(page) == []
    page.locator(".viewmenu > summary").click()
    page.get_by_role("button", name="Wall", exact=True).click()
    page.wait_for_url("**/?view=wall")


def test_05_the_slider_sizes_tiles_at_once_and_the_size_stays(open_page, state):
    page = open_page(state=state)
    page.goto("/?view=sheet")
    settled(page)
    before = page.locator("#grid > .tile").first.bounding_box()["height"]
    page.locator(".viewmenu > summary").click()
    slider = page.locator("#tile-size")
    with page.expect_response(lambda r: r.request.method == "POST" and r.url.endswith("/view")):
        slider.fill("300")
    after = page.locator("#grid > .tile").first.bounding_box()["height"]
    assert after - before == 120
    page.keyboard.press("Escape")
    expect(page.locator(".viewmenu[open]")).to_have_count(0)
    page.reload()
    assert page.locator("#grid > .tile").first.bounding_box()["height"] == after
    page.goto("/projects/salt")  # a place of its own
    assert page.locator("html").get_attribute("style") is None


def test_06_without_scripts_there_are_links_and_steps(open_page, state):
    page = open_page(360, state=state, javascript=False)
    page.goto("/projects/salt")
    page.locator(".viewmenu > summary").click()
    page.get_by_role("link", name="All views").click()
    page.get_by_role("button", name="Large", exact=True).click()
    expect(page.locator("h1")).to_have_text("Salt")
    assert "--row:260px" in page.locator("html").get_attribute("style")
    page.goto("/view?at=project&next=/projects/salt")
    page.get_by_role("button", name="Columns").click()
    page.wait_for_url("**/projects/salt?view=masonry")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def focused(page: Page) -> list[str]:
    """The picture and the column of the cell that has the focus."""
    return page.evaluate("(c => [c.parentElement.querySelector('th').innerText, String(c.cellIndex)])(document.activeElement)")


def test_07_a_cell_is_reached_by_arrows_edited_saved_and_taken_back(open_page, state):
    page = open_page(state=state)
    page.goto("/?view=table")
    settled(page)
    assert serious_faults(page) == []
    cells = page.locator("#cells tbody tr")
    first = cells.nth(0).locator("th")
    title = first.inner_text()
    first.focus()
    for key, row, at in (("ArrowDown", 1, "1"), ("ArrowRight", 1, "2"), ("ArrowUp", 0, "2"), ("Home", 0, "1"), ("ArrowUp", 0, "1")):
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_be_visible()
        assert focused(page) == [cells.nth(row).locator("th").inner_text(), at] or key == "ArrowUp" and at == "1"
    first.focus()
    page.keyboard.press("Enter")
    expect(first.locator("input[name=value]")).to_be_focused()
    page.keyboard.type("Nothing of it")
    page.keyboard.press("Escape")
    expect(first).to_have_text(title)
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first.locator("input[name=value]")).to_be_focused()
    page.keyboard.type("Written in the table")
    page.keyboard.press("Enter")
    expect(first.locator(".words")).to_have_text("Written in the table")
    expect(page.locator("#toasts .toast")).to_contain_text("Title saved.")
    expect(first).to_be_focused()
    page.keyboard.press("Control+z")
    expect(cells.nth(0).locator("th")).to_have_text(title)


def test_08_a_range_is_pasted_where_it_begins_after_a_preview(open_page, state):
    page = open_page(state=state)
    page.goto("/?view=table")
    settled(page)
    second = page.locator("#cells tbody tr").nth(1).locator("th")
    old = page.locator("#cells tbody th").all_inner_texts()
    second.click()
    page.evaluate("navigator.clipboard.writeText('Second pasted\\nThird pasted\\n')")
    page.keyboard.press("Control+v")
    expect(page.get_by_role("status").first).to_contain_text("2 cells change")
    assert serious_faults(page) == []
    page.get_by_role("button", name="Paste 2 cells").click()
    expect(page.locator("#cells tbody th").nth(2)).to_have_text("Third pasted")
    expect(page.locator("#cells tbody th").nth(1)).to_have_text("Second pasted")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#cells tbody th")).to_have_text(old)


def test_09_columns_are_pulled_wider_and_stay(open_page, state):
    page = open_page(state=state)
    page.goto("/?view=table")
    settled(page)
    head = page.locator("[data-column=title]")
    grip = head.locator(".grip").bounding_box()
    wide = head.bounding_box()["width"]
    page.mouse.move(grip["x"] + 4, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 64, grip["y"] + 5, steps=3)
    with page.expect_response(lambda r: r.url.endswith("/view")):
        page.mouse.up()
    assert abs(head.bounding_box()["width"] - wide - 60) <= 2
    page.reload()
    assert abs(page.locator("[data-column=title]").bounding_box()["width"] - wide - 60) <= 2


def test_10_the_table_without_scripts_sorts_chooses_columns_and_edits_a_row(open_page, state):
    page = open_page(360, state=state, javascript=False)
    page.goto("/?view=table")
    page.get_by_role("link", name="Title", exact=True).click()
    expect(page.locator("[data-column=title]")).to_have_attribute("aria-sort", "ascending")
    page.locator(".columnform").evaluate("form => form.parentElement.open = true")
    page.get_by_label("Palette", exact=True).uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("[data-column=colors]")).to_have_count(0)
    page.get_by_role("button", name="Edit ").first.click()
    expect(page.locator("#many-title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


MAIN = (
    "/", "/?view=table", "/?q=nothing+at+all", "/upload", "/review/", "/projects", "/people", "/sources", "/boards", "/decks", "/exports", "/searches",
    "/history", "/work", "/trash/", "/account", "/admin/users",
)  # fmt: skip
# What is read in another order than it is seen: moved by the style sheet, or reached first by Tab.
TURNED = """[...document.querySelectorAll("body *")].filter((one) => {
  const { order, flexDirection } = getComputedStyle(one);
  return order !== "0" || flexDirection.endsWith("reverse") || one.tabIndex > 0;
}).map((one) => one.outerHTML.slice(0, 120))"""


def test_11_each_page_fits_a_small_screen_a_thumb_and_a_voice(open_page, state):
    page = open_page(360, state=state)
    for path in MAIN:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert page.evaluate(TURNED) == [], path
        assert serious_faults(page, targets=True) == [], path
