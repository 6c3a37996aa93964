"""The views of the gallery: chosen from a menu, remembered, sized by a slider, and each returns to the same pixel."""

import pytest
from playwright.sync_api import Page, expect

from pindeck import db
from pindeck.models import Image
from pindeck.services.images import projects
from tests.browser.conftest import publish_photos, serious_faults
from tests.stack import bound_to

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LEFTS = "[...document.querySelectorAll('.filmrow, .tablebox')].map(box => box.scrollLeft)"
VIEWS = ("wall", "masonry", "sheet", "project")


def settled(page: Page) -> None:
    """The numbers are there, which the page asks for, and it stands still."""
    if page.locator("#many").count():
        expect(page.locator("#many")).to_contain_text("picture")
    page.wait_for_load_state("networkidle")


def top_of(page: Page, number: int) -> float:
    return page.locator(".grid > .tile").nth(number).bounding_box()["y"]


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
    page.locator(".grid > .tile > a").nth(number).click()
    expect(page.locator("#drawer.open .sheet")).to_be_visible()
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.wait_for_function("([n, top]) => Math.abs(document.querySelectorAll('.grid > .tile')[n].getBoundingClientRect().y - top) < 1", arg=[number, top])
    page.fill("#q", "aquarium")
    expect(page.locator(".grid > .tile")).to_have_count(1)
    settled(page)
    page.go_back()
    expect(page.locator(".grid > .tile")).to_have_count(20)
    page.wait_for_function("([n, top]) => Math.abs(document.querySelectorAll('.grid > .tile')[n].getBoundingClientRect().y - top) < 1", arg=[number, top])
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
    page.get_by_role("button", name="Wall").click()
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
