"""A wall of many pictures: what is far away leaves the page, the address follows the place, and a scroll bar knows the whole."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from pindeck import db
from pindeck.models import Image, StoredFile
from tests.browser.conftest import publish_photos, serious_faults
from tests.stack import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MONTHS = [(2027, month) for month in range(3, 13)]
EACH = 70  # pictures of each month


def id_of(ms: int, number: int) -> str:
    at = f"{ms:012x}"
    return f"{at[:8]}-{at[8:]}-7000-8000-{number:012x}"


def fill() -> None:
    """Copies of the published pictures, each with a file of its own, spread over ten months after them."""
    names = [column for column in Image._meta.sorted_field_names if column not in ("seq", "is_listed", "unique_tag")]
    originals = list(Image.select().order_by(Image.original_filename))  # three are sent at a time, and the rows follow their shapes
    with db.writing():
        images, files = [], []
        for number in range(len(MONTHS) * EACH):
            source, (year, month) = originals[number % len(originals)], MONTHS[number // EACH]
            ms = int(datetime(year, month, 1 + number % EACH * 28 // EACH, tzinfo=UTC).timestamp() * 1000) + number
            file = StoredFile.get_by_id(source.file_id).__data__ | {"id": id_of(ms, number), "file_key": db.new_token()}
            row = {name: source.__data__[name] for name in names} | {"id": id_of(ms, number), "file": file["id"]}
            images.append(row | {"title": f"Frame {number:04d}", "public_token": None, "external_id": None})
            files.append(file)
        for n in range(0, len(files), 50):
            StoredFile.insert_many(files[n : n + 50]).execute()
            Image.insert_many(images[n : n + 50]).execute()


TOTAL = len(MONTHS) * EACH + 4
STILL = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)));
  let last;
  do { last = `${scrollY} ${location.search}`; await frame(); await frame(); await frame(); await frame(); } while (last !== `${scrollY} ${location.search}`);
}"""
SEEN = """() => {
  const bar = document.getElementById("main").offsetTop;
  const tile = [...document.querySelectorAll(".grid > .tile")].find((one) => one.getBoundingClientRect().bottom > bar);
  return [tile.querySelector(".cap").textContent, Math.round(tile.getBoundingClientRect().top)];
}"""


NEXT = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 10)))"


def wheel_to(page: Page, is_done: Callable[[], object], step: int = 1200) -> None:
    def is_there() -> bool:
        if is_done():
            return True
        page.mouse.wheel(0, step)
        page.evaluate(NEXT)
        return False

    wait_for(is_there, 120, "the place to which it is scrolled", lambda: str(page.evaluate("[scrollY, location.search]")))


def is_at_top(page: Page) -> bool:
    return bool(page.evaluate("scrollY === 0 && !document.querySelector('#grid > .earlier')"))


def until(page: Page, done: str, given: object = None) -> None:
    """The page forbids scripts to wait in it."""
    wait_for(lambda: page.evaluate(done, given), 60, done)


@pytest.fixture(scope="module")
def wall(stack, chromium, state, photos):
    page = chromium.new_context(base_url=stack.base).new_page()
    publish_photos(page, photos[:4], state)
    with stack.bound():
        fill()
    page.context.close()
    return state


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_far_away_leaves_the_page_and_comes_back(open_page, wall, width):
    page = open_page(width, state=wall)
    page.goto("/")
    most = 0
    seen: set[str] = set()

    def is_end() -> int:
        nonlocal most
        most = max(most, page.locator("#grid > .tile").count())
        seen.update(page.eval_on_selector_all("#grid > .tile .cap", "all => all.map((one) => one.textContent)"))
        return page.locator("#grid > .end").count()

    wheel_to(page, is_end)
    page.evaluate(STILL)
    is_end()
    assert len(seen) == TOTAL and most < 420, (len(seen), most)
    assert page.locator("#grid > .parked").count() > 3
    height = page.evaluate("document.documentElement.scrollHeight")
    wheel_to(page, lambda: is_at_top(page), -1500)
    expect(page.locator("#grid > .tile .cap").first).to_have_text(f"Frame {TOTAL - 5:04d}")
    until(page, "height => Math.abs(document.documentElement.scrollHeight - height) <= 2", height)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_address_follows_and_everything_returns_to_the_same_pixel(open_page, wall, width):
    page = open_page(width, state=wall)
    page.goto("/")
    wheel_to(page, lambda: page.evaluate("document.querySelectorAll('.parked').length > 2 && location.search.includes('after=')"))
    page.evaluate(STILL)
    name, top = page.evaluate(SEEN)
    there = page.url
    tile = page.locator("#grid > .tile", has_text=name)

    def stands() -> None:
        expect(tile).to_have_count(1)
        until(page, "([name, top]) => Math.abs([...document.querySelectorAll('#grid > .tile')]"
            ".find((one) => one.textContent.includes(name)).getBoundingClientRect().top - top) < 2", [name, top])  # fmt: skip

    page.locator("#grid > .tile > a").evaluate_all("all => all.find((a) => a.getBoundingClientRect().top > 120).click()")
    expect(page.locator("#drawer.open .sheet")).to_be_visible()
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    stands()
    page.wait_for_url(there)
    page.reload()
    stands()
    page.goto("/boards")
    page.go_back()
    stands()
    page.wait_for_url(there)
    other = open_page(width, state=wall)
    other.goto(there)
    expect(other.locator("#grid > .tile", has_text=name)).to_have_count(1)
    wheel_to(other, lambda: is_at_top(other), -1500)
    expect(other.locator("#grid > .tile .cap").first).to_have_text(f"Frame {TOTAL - 5:04d}")
    until(other, """wanted => {
      const shown = [...document.querySelectorAll("#grid > .tile .cap")].map((one) => Number(one.textContent.split(" ")[1]));
      return String(shown.slice(0, 30)) === String(wanted) && shown.every((number, n) => !n || number < shown[n - 1]);
    }""", list(range(TOTAL - 5, TOTAL - 35, -1)))  # rows that left the page come back a frame after they are near
    other.wait_for_url(lambda url: "after=" not in url)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_scroll_bar_knows_the_whole_and_says_the_month(open_page, wall, width):
    page = open_page(width, state=wall)
    page.goto("/")
    bar = page.get_by_role("scrollbar", name="Place in the library")
    expect(bar).to_have_attribute("aria-valuetext", f"December 2027, picture 1 of {TOTAL}")
    bar.focus()
    page.keyboard.press("ArrowDown")
    expect(bar).to_have_attribute("aria-valuetext", f"November 2027, picture {EACH + 1} of {TOTAL}")
    page.wait_for_url("**/?after=*")
    expect(page.locator("#grid > .tile", has_text=f"Frame {TOTAL - 5 - EACH:04d}")).to_be_in_viewport()
    page.keyboard.press("End")
    expect(bar).to_have_attribute("aria-valuenow", str(TOTAL))
    expect(page.locator("#grid > .end")).to_have_count(1)
    page.keyboard.press("Home")
    until(page, "() => !location.search && scrollY === 0")
    thumb, whole = bar.locator(".thumb").bounding_box(), bar.bounding_box()
    page.mouse.move(thumb["x"] + 4, thumb["y"] + 20)
    page.mouse.down()
    page.mouse.move(whole["x"] + 4, whole["y"] + whole["height"] / 2, steps=6)
    expect(bar.locator(".says")).to_have_text(re.compile("July|August"))
    expect(bar.locator(".says")).to_be_visible()
    page.mouse.up()
    page.wait_for_url("**/?after=*")
    page.evaluate(STILL)
    number = int(page.evaluate(SEEN)[0].split()[1])
    assert abs(number - TOTAL / 2) < EACH
    wait_for(lambda: abs(int(bar.get_attribute("aria-valuenow")) - (TOTAL - 4 - number)) <= 1, 60, f"the bar to tell {number}")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/?sort=name")
    expect(bar).to_have_attribute("aria-valuetext", re.compile("^F, picture 1 of|^[A-Z], picture 1 of"))


def test_without_scripts_months_are_links_and_earlier_pictures_are_above(open_page, wall):
    page = open_page(360, javascript=False, state=wall)
    page.goto("/")
    page.get_by_role("link", name="Jump to").click()
    page.get_by_role("link", name="June 2027").click()
    last = (MONTHS.index((2027, 6)) + 1) * EACH - 1
    expect(page.locator("#grid > .tile .cap").first).to_have_text(f"Frame {last:04d}")
    page.get_by_role("link", name="Earlier pictures").click()
    expect(page.locator("#grid > .tile .cap").last).to_have_text(f"Frame {last + 1:04d}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


PLACED = """() => [...document.querySelectorAll("#grid > .tile")].map((tile) => {
  const { left, top } = tile.getBoundingClientRect();
  return [tile.querySelector(".cap").textContent, Math.round(left), Math.round(top + scrollY)];
}).filter(([, , top]) => top < innerHeight)"""


@pytest.mark.parametrize(("view", "width"), [("masonry", 1440), ("sheet", 390)])
def test_columns_and_contact_sheets_are_as_long(open_page, wall, view, width):
    page = open_page(width, state=wall)
    page.goto(f"/?view={view}")
    bar = page.get_by_role("scrollbar", name="Place in the library")
    expect(bar).to_have_attribute("aria-valuetext", f"December 2027, picture 1 of {TOTAL}")
    before = page.evaluate(PLACED)
    wheel_to(page, lambda: page.evaluate("document.querySelectorAll('.parked').length > 60 && location.search.includes('after=')"))
    page.evaluate(STILL)
    assert page.locator("#grid > .tile").count() < 300
    name, top = page.evaluate(SEEN)
    there = page.url
    wheel_to(page, lambda: is_at_top(page), -1500)
    until(page, f"before => String(({PLACED})()) === String(before)", before)  # each picture stands where it stood
    page.goto(there)  # elsewhere: what was before comes above, and what is seen stays where it is
    tile = page.locator("#grid > .tile", has_text=name)
    expect(tile).to_have_count(1)
    wheel_to(page, lambda: page.evaluate("document.querySelectorAll('#grid > :is(.tile, .parked)').length >= 100"), -40)
    until(page, """() => {
      const shown = [...document.querySelectorAll("#grid > .tile .cap")].map((one) => Number(one.textContent.split(" ")[1]));
      return shown.length > 60 && shown.every((number, n) => !n || number === shown[n - 1] - 1);
    }""")
    if view == "sheet":  # no row between them has a hole
        assert page.evaluate("""() => {
          const tops = new Map();
          for (const tile of document.querySelectorAll("#grid > :is(.tile, .parked)")) {
            const { top } = tile.getBoundingClientRect();
            tops.set(Math.round(top), (tops.get(Math.round(top)) ?? 0) + 1);
          }
          const rows = [...tops].sort(([one], [two]) => one - two).slice(1, -1).map(([, many]) => many);
          return rows.length > 3 && new Set(rows).size === 1;
        }""")
    bar.focus()
    page.keyboard.press("End")
    expect(bar).to_have_attribute("aria-valuenow", str(TOTAL))
    expect(page.locator("#grid > .end")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


ROW = """() => {
  const top = document.getElementById("main").offsetTop;
  const line = [...document.querySelectorAll("#lines > [data-id]")].find((one) => one.getBoundingClientRect().bottom > top);
  return [line.querySelector("th").textContent, Math.round(line.getBoundingClientRect().top)];
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_the_table_returns_to_the_same_row_and_has_the_bar(open_page, wall, width):
    page = open_page(width, state=wall)
    page.goto("/?view=table")
    bar = page.get_by_role("scrollbar", name="Place in the library")
    expect(bar).to_have_attribute("aria-valuetext", f"December 2027, picture 1 of {TOTAL}")
    wheel_to(page, lambda: page.evaluate("document.querySelectorAll('#lines > .parked').length > 1 && location.search.includes('after=')"))
    page.evaluate(STILL)
    assert page.locator("#lines > [data-id]").count() < 260
    seen, there = page.evaluate(ROW), page.url
    for leave in (page.reload, lambda: (page.goto("/boards"), page.go_back())):
        leave()
        until(page, f"seen => {{ const now = ({ROW})(); return now[0] === seen[0] && Math.abs(now[1] - seen[1]) < 2; }}", seen)
        assert page.url == there
    wheel_to(page, lambda: page.evaluate("scrollY === 0 && !document.querySelector('#lines > .earlier')"), -1500)
    until(page, """count => {
      const shown = [...document.querySelectorAll("#lines > [data-id] th")].map((one) => Number(one.textContent.split(" ")[1]));
      return shown[0] === count && shown.slice(0, 60).every((number, n) => !n || number === shown[n - 1] - 1);
    }""", TOTAL - 5)
    bar.focus()
    page.keyboard.press("End")
    expect(bar).to_have_attribute("aria-valuenow", str(TOTAL))
    until(page, "() => !document.querySelector('#lines > .next')")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
