"""Five hundred tiles: they arrive page by page, and nothing jumps."""

import re

import pytest
from playwright.sync_api import expect

from pindeck import db
from pindeck.models import Image, StoredFile
from tests.browser.conftest import sign_up
from tests.stack import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
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
            row |= {"id": db.new_id(), "file": fields["id"], "title": f"Frame {n:03d}"}
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
            expect(page.locator(".card")).to_have_count(0)
            wait_for(lambda: all(i.public_token for i in Image.select()), 30, "public copies", stack.log)
            multiply(500)
    page.goto("/")
    page.evaluate("window.shift = 0")
    for _ in range(400):
        if page.locator(".tile").count() >= 500 and page.locator(".next").count() == 0:
            break
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(60)
    assert page.locator(".tile").count() == 500
    assert len(set(page.eval_on_selector_all(".tile a", "all => all.map(a => a.href)"))) == 500
    assert page.evaluate("window.shift") < 0.02


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
    assert page.evaluate("window.shift") < 0.001
