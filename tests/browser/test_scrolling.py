"""Five hundred tiles: they arrive page by page, and nothing jumps."""

import re

import pytest
from playwright.sync_api import expect

from pindeck import db
from pindeck.models import Image, StoredFile
from tests.browser.conftest import settled_scroll, sign_up, stands_at
from tests.stack import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# What jumped by how much, where, and from which place to which: told by the assertion that fails.
SHIFTS = """
window.shift = 0;
window.shifts = [];
const rect = ({x, y, width, height}) => [x, y, width, height].map(Math.round).join(" ");
new PerformanceObserver((list) => {
  for (const entry of list.getEntries().filter((entry) => !entry.hadRecentInput)) {
    window.shift += entry.value;
    const moved = entry.sources.map(({node, previousRect, currentRect}) =>
      [(node?.outerHTML ?? String(node?.nodeValue)).slice(0, 120), rect(previousRect), rect(currentRect)]);
    window.shifts.push([entry.value, entry.startTime, scrollY, moved]);
  }
}).observe({type: 'layout-shift', buffered: true});
"""


def multiply(count: int) -> None:
    """Clone the published pictures until there are `count`, each with a file of its own."""
    with db.writing():
        originals = list(Image.select())
        for n in range(count - len(originals)):
            source = originals[n % len(originals)]
            file = StoredFile.get_by_id(source.file_id)
            fields = {**file.__data__, "id": db.new_id(), "file_key": db.new_token()}
            StoredFile.insert(**fields).execute()
            of_its_own = ("seq", "is_listed", "public_token", "unique_tag")
            row = {k: v for k, v in source.__data__.items() if k not in of_its_own}
            row |= {"id": db.new_id(), "file": fields["id"], "title": f"Frame {n:03d}", "genre": "Noir", "style": "16mm"}
            Image.insert(**row).execute()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_while_scrolling_five_hundred_tiles(open_page, stack, photos, width):
    page = open_page(width)
    page.context.add_init_script(SHIFTS)
    with stack.bound():
        if Image.select().count() == 0:
            sign_up(page)
            page.goto("/upload")
            page.set_input_files('input[type="file"]', photos[:8])
            expect(page.locator("#tray .up.done")).to_have_count(8, timeout=120_000)
            page.goto("/review/")
            page.get_by_role("button", name="Publish all").click()
            expect(page.locator(".tile")).to_have_count(0)
            wait_for(lambda: all(i.public_token for i in Image.select()), 120, "public copies", stack.log)
            multiply(500)
    page.goto("/")
    page.evaluate("window.shift = 0")
    seen: set[str] = set()  # those far away leave the page

    def are_all_seen() -> bool:
        seen.update(page.eval_on_selector_all(".tile > a", "all => all.map(a => a.href)"))
        if len(seen) == 500 and page.locator(".next").count() == 0:
            return True
        page.mouse.wheel(0, 1500)
        return False

    wait_for(are_all_seen, 120, "all five hundred", lambda: f"{len(seen)} were seen.")
    assert page.evaluate("window.shift") < 0.02, page.evaluate("window.shifts")


IN_TWO_PIECES = """
async ([first, second]) => {
  document.open();
  document.write(first);
  const laidOut = () => getComputedStyle(document.querySelector(".grid")).display === "flex";
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  do await frame(); while (!laidOut());
  for (let n = 0; n < 10; n++) await frame();
  const before = document.querySelectorAll(".tile").length;
  document.write(second);
  document.close();
  for (let n = 0; n < 10; n++) await frame();
  return [before, document.querySelectorAll(".tile").length];
}
"""


def test_nothing_jumps_while_a_wall_arrives_in_two_pieces(open_page):
    page = open_page(1440)
    page.context.add_init_script(SHIFTS)
    page.goto("/")
    expect(page.locator(".tile").first).to_be_visible()
    html = page.request.get(page.url).text()
    middle = [at.start() for at in re.finditer('<div class="tile"', html)][4]
    page.evaluate("window.shift = 0")
    before, after = page.evaluate(IN_TWO_PIECES, [html[:middle], html[middle:]])
    assert (before, after >= 50) == (4, True)
    expect(page.locator(".tile").first).to_be_visible()
    assert page.evaluate("window.shift") < 0.001, page.evaluate("window.shifts")


COLUMN = """() => {
  const right = Math.max(...[...document.querySelectorAll(".tile")].map((tile) => tile.getBoundingClientRect().right));
  const drawer = document.querySelector("#drawer.open")?.offsetLeft;
  return [Math.round(right), drawer ?? innerWidth];
}"""
TOP = "link => link.getBoundingClientRect().top"


def test_the_drawer_has_a_column_of_its_own_and_the_picture_stays_where_the_eye_is(open_page):
    page = open_page(1440)
    page.goto("/")
    page.locator(".tile").nth(30).scroll_into_view_if_needed()
    before = settled_scroll(page)
    right, _ = page.evaluate(COLUMN)
    at = page.evaluate(
        "() => [...document.querySelectorAll('.tile > a')].findIndex((a) => a.getBoundingClientRect().top > 260)"
    )
    tile = page.locator(".tile > a").nth(at)
    top = tile.evaluate(TOP)
    tile.click()
    expect(page.locator("#drawer.open .sheet")).to_be_visible()
    edge, drawer = page.evaluate(COLUMN)
    assert drawer == 1000 and drawer - 40 < edge <= drawer
    settled_scroll(page)
    assert abs(tile.evaluate(TOP) - top) < 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.wait_for_url(lambda url: "/images/" not in url)
    stands_at(page, before)
    assert page.evaluate(COLUMN)[0] == right
    page.go_forward()
    current = page.locator(".tile > a[aria-current]")
    expect(current).to_have_attribute("href", tile.get_attribute("href"))
    expect(current).to_be_in_viewport(ratio=0.99)
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(current).to_have_attribute("href", page.locator(".tile > a").nth(at + 9).get_attribute("href"))
    expect(current).to_be_in_viewport(ratio=0.99)
    assert page.evaluate(COLUMN)[1] >= current.evaluate("a => a.getBoundingClientRect().right")
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    stands_at(page, before)


def test_results_come_back_beside_the_drawer_and_alone_at_the_place_where_they_were_left(open_page):
    page = open_page(1440)
    page.goto("/")
    page.locator(".tile").nth(30).scroll_into_view_if_needed()
    before = settled_scroll(page)
    page.locator(".tile > a").nth(30).click()
    sheet = page.locator("#drawer.open .sheet")
    expect(sheet).to_be_visible()
    beside, address = settled_scroll(page), page.url
    page.locator("#drawer .swatch > summary").first.click()
    page.locator("#drawer").get_by_role("link", name="Find this colour").click()
    page.wait_for_url("**/?color=*")
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.go_back()
    expect(sheet).to_be_visible()
    page.wait_for_url(address)
    stands_at(page, beside)
    page.go_forward()
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.evaluate("history.go(-2)")
    page.wait_for_url(lambda url: url.endswith("/"))
    expect(page.locator(".tile > a").nth(30)).to_be_in_viewport()
    wait_for(lambda: abs(page.evaluate("scrollY") - before) < 400, 60, f"the page to stand near {before}")


@pytest.mark.parametrize(("width", "drawer", "on_page"), [(1440, 1, 1), (2300, 2, 2), (1800, 1, 2), (800, 2, 2), (390, 1, 1)])
def test_fields_stand_in_two_columns_where_there_is_room(open_page, width, drawer, on_page):
    page = open_page(width)
    page.goto("/")
    lefts = """fields => new Set([...fields.querySelectorAll(":scope > .field")]
        .map((field) => Math.round(field.getBoundingClientRect().left))).size"""
    page.locator(".tile > a").nth(3).click()
    assert page.locator("#drawer.open .fields").evaluate(lefts) == drawer
    page.reload()
    assert page.locator(".imagepage .fields").evaluate(lefts) == on_page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_open_drawer_has_a_column_of_its_own_from_1200_px_up(open_page):
    page = open_page(1200)
    page.goto("/")
    page.locator(".tile > a").nth(3).click()
    expect(page.locator("#drawer.open .facts")).to_be_visible()
    ends = "() => Math.max(...[...document.querySelectorAll('#grid > .tile')].map((tile) => tile.getBoundingClientRect().right))"
    for width, is_beside in ((1200, True), (1199, False), (1200, True)):
        page.set_viewport_size({"width": width, "height": 800})
        drawer = page.locator("#drawer").evaluate("drawer => innerWidth - drawer.offsetWidth")
        assert drawer == width - 440
        assert (page.evaluate(ends) <= drawer) is is_beside, width
        bar = page.locator(".bar").evaluate("bar => bar.getBoundingClientRect().bottom")
        assert page.locator("#drawer").evaluate("drawer => drawer.offsetTop") == (bar if is_beside else 0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator(".tile > a[aria-current]")).to_be_in_viewport()


def test_a_key_waits_for_the_modules_and_the_full_window_tells_the_number_above_the_wall(open_page):
    page = open_page()
    modules = []
    page.route("**/static/js-*/main.js", lambda route: modules.append(route))
    page.goto("/", wait_until="commit")
    page.locator(".tile").first.wait_for()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".tile > a").nth(1)).not_to_be_focused()
    modules[0].continue_()
    expect(page.locator(".tile > a").nth(1)).to_be_focused()
    page.keyboard.press("Space")
    total = page.locator("#many").inner_text().split(" ")[0]
    assert int(total) > 50
    where = page.locator("#lightbox .top span")
    expect(where).to_have_text(f"2 / {total}")
    page.evaluate("document.getElementById('many').textContent = '1,234 pictures'")
    page.keyboard.press("ArrowRight")
    expect(where).to_have_text("3 / 1,234")
