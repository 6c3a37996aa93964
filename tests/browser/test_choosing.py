"""Choosing pictures on the wall of the gallery, and doing something with all of them: with a pointer, keys, a thumb, and without scripts."""

import zipfile

import pytest
from playwright.sync_api import Locator, Page, expect

from pindeck.models import Blob
from tests.browser.conftest import serious_faults, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def chosen(page: Page) -> Locator:
    return page.locator("#grid .check:checked")


def test_01_pictures_are_chosen_by_keys_and_pointer_and_stay_chosen(open_page, state, photos):
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[:8])
    expect(page.locator("#tray .up.done")).to_have_count(8, timeout=120_000)
    page.goto("/review/")
    page.get_by_role("button", name="Publish all").click()
    expect(page.locator(".tile.waits")).to_have_count(0)
    page.context.storage_state(path=state)
    page.goto("/")
    tiles = page.locator("#grid .tile")
    expect(tiles).to_have_count(8)
    tiles.first.locator("a").focus()
    page.keyboard.press("s")
    bar = page.locator("#choose-form")
    expect(bar.locator("[data-chosen]")).to_have_text("1 chosen")
    expect(bar).to_contain_text("All 8 that match")
    tiles.nth(3).locator("a").click(modifiers=["Shift"])
    expect(bar.locator("[data-chosen]")).to_have_text("4 chosen")
    tiles.nth(6).locator("a").click()  # while some are chosen a plain press chooses
    expect(chosen(page)).to_have_count(5)
    page.reload()
    expect(bar.locator("[data-chosen]")).to_have_text("5 chosen")
    expect(chosen(page)).to_have_count(5)
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    expect(bar.locator("[data-chosen]")).to_have_text("")
    bar.get_by_role("button", name="Done").click()
    expect(bar).to_have_count(0)
    expect(page.locator("#grid .pick")).to_have_count(0)
    page.keyboard.press("Control+a")  # nothing is chosen yet, and the bar is not there
    expect(bar.locator("[data-chosen]")).to_have_text("8 chosen")


def test_01b_rows_of_the_table_are_chosen_as_tiles_are(open_page, state):
    page = open_page(state=state)
    page.goto("/?view=table")
    rows, bar = page.locator("#cells tr[data-id]"), page.locator("#choose-form")
    expect(rows).to_have_count(8)
    told = bar.locator("[data-chosen]")
    rows.nth(1).locator("th").click()
    page.keyboard.press("s")
    expect(told).to_have_text("1 chosen")
    page.keyboard.press("Shift+ArrowDown")
    expect(told).to_have_text("2 chosen")
    expect(rows.nth(2).locator("th")).to_be_focused()
    rows.nth(4).locator("time").click(modifiers=["Shift"])
    expect(told).to_have_text("4 chosen")
    rows.nth(2).locator("th").click(modifiers=["Control"])
    expect(told).to_have_text("3 chosen")
    rows.nth(6).locator(".tile > a").click()
    expect(told).to_have_text("4 chosen")
    assert rows.evaluate_all("all => all.map((row) => row.querySelector('.check').checked)") == [False, True, False, True, True, False, True, False]
    page.keyboard.press("Control+a")
    expect(told).to_have_text("8 chosen")
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    expect(told).to_have_text("")
    bar.get_by_role("button", name="Done").click()
    expect(page.locator("#cells .pick")).to_have_count(0)
    page.locator("#cells a", has_text="Type").click()  # a heading that sorts
    expect(page.locator("#cells [data-column=group]")).to_have_attribute("aria-sort", "ascending")
    expect(rows).to_have_count(8)


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_02_words_of_many_are_foreseen_saved_and_taken_back(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.locator("[data-choose]").click()
    bar, inspector = page.locator("#choose-form"), page.locator("#inspector.open")
    bar.get_by_label("that match").check()
    bar.get_by_role("button", name="Edit").click()
    expect(inspector.get_by_role("heading", name="8 pictures")).to_be_visible()
    inspector.get_by_label("Tags", exact=True).fill(f"wet{width}")
    inspector.get_by_role("button", name="Preview").click()
    expect(inspector.locator(".foretold")).to_contain_text("8 pictures change")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inspector.get_by_role("button", name="Save for all 8").click()
    expect(inspector.locator(".held", has_text=f"wet{width}")).to_contain_text(f"wet{width} 8")
    inspector.get_by_label("What happens to tags").select_option("remove")
    inspector.get_by_label("Tags", exact=True).fill(f"wet{width}")
    inspector.get_by_role("button", name="Save for all 8").click()
    expect(inspector.locator(".held", has_text=f"wet{width}")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back")


def test_03_the_chosen_are_one_download_and_go_to_the_trash(open_page, state, stack, tmp_path):
    page = open_page(state=state)
    page.goto("/")
    page.locator("[data-choose]").click()
    for number in range(2):
        page.locator("#grid .tile").nth(number).hover()
        page.locator("#grid .check").nth(number).check(force=True)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="ZIP").click()
    waiting.value.save_as(tmp_path / "two.zip")
    assert len(zipfile.ZipFile(tmp_path / "two.zip").namelist()) == 3  # with the table of both
    page.locator("#choose-form").get_by_role("button", name="Delete").click()
    page.locator("dialog[open]").get_by_role("button").last.click()
    expect(page.locator("#grid .tile")).to_have_count(6)
    expect(page.locator(".toast").last).to_contain_text("2 pictures are in the trash.")
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(page.locator("#grid .tile")).to_have_count(8)
    # More than is streamed is prepared: the page says so, and has the file when it is made.
    with stack.bound():
        sizes = {blob.id: blob.size for blob in Blob.select()}
        Blob.update(size=200 * 10**6).execute()
    page.goto("/")
    page.locator("[data-choose]").click()
    for number in range(3):
        page.locator("#grid .tile").nth(number).hover()
        page.locator("#grid .check").nth(number).check(force=True)
    page.get_by_role("button", name="ZIP").click()
    page.wait_for_url("**/exports/*")
    expect(page.locator(".toast")).to_contain_text("is prepared first")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert len(zipfile.ZipFile(waiting.value.path()).namelist()) == 4
    with stack.bound():
        for blob_id, size in sizes.items():
            Blob.update(size=size).where(Blob.id == blob_id).execute()


def test_04_without_scripts_a_page_has_the_boxes(open_page, state):
    page = open_page(360, javascript=False, state=state)
    page.goto("/")
    page.get_by_role("link", name="Choose").click()
    page.locator(".pick .check").first.check()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("heading", name="1 picture")).to_be_visible()
    page.get_by_label("Genre", exact=True).fill("Noir")
    page.get_by_role("button", name="Save for this picture").click()
    expect(page.locator(".toast")).to_contain_text("Genre saved.")


def test_05_a_frame_drawn_from_the_ground_chooses_and_with_ctrl_lets_go(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    tiles, told = page.locator("#grid .tile"), page.locator("#choose-form [data-chosen]")
    expect(page.locator("#tells")).to_have_count(1)  # the modules are there
    for key in (None, "Control"):
        if key:
            page.keyboard.down(key)
        first, last = tiles.first.bounding_box(), tiles.nth(1).bounding_box()
        begin = (first["x"] - 7, first["y"] + 30)
        page.mouse.move(*begin)
        page.mouse.down()
        page.mouse.move(last["x"] + 30, last["y"] + 60, steps=6)
        expect(page.locator(".band")).to_be_visible()
        expect(page.locator(".tile.inband")).to_have_count(2)
        page.mouse.up()
        expect(page.locator(".band")).to_have_count(0)
        expect(told).to_have_text("" if key else "2 chosen")
        if not key:
            expect(page.locator("#tells")).to_have_text("8 pictures, 2 chosen")
    page.keyboard.up("Control")
    page.locator("#sort > summary").click()
    page.locator("#sort").get_by_role("link", name="By name").click()
    expect(page.locator("#tells")).to_have_text("In order: by name. 8 pictures")


@pytest.mark.parametrize("width", [390, 360])
def test_06_a_thumb_that_rests_on_a_picture_chooses_it_and_then_a_tap_does(open_page, chromium, stack, state, width):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, base_url=stack.base, storage_state=state, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/")
    tiles, told = page.locator("#grid .tile"), page.locator("#choose-form [data-chosen]")
    expect(page.locator("#tells")).to_have_count(1)  # the modules are there
    box, touch = tiles.nth(1).bounding_box(), context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": box["x"] + 50, "y": box["y"] + 60}]})
    expect(told).to_have_text("1 chosen")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#drawer.open")).to_have_count(0)
    tiles.nth(3).tap()
    expect(told).to_have_text("2 chosen")
    page.reload()
    expect(told).to_have_text("2 chosen")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Done").click()
    page.goto("/?view=table")
    expect(page.locator("#tells")).to_have_count(1)
    cell, small = page.locator("#lines th").first, page.locator("#lines .tile").nth(1)
    heading = page.locator("[data-column=title] a").bounding_box()
    assert min(heading["height"], small.bounding_box()["height"], cell.bounding_box()["height"]) >= 44
    cell.tap()
    expect(cell.locator("[name=value]")).to_be_focused()
    page.keyboard.type("Tapped")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("Tapped")
    box = small.bounding_box()
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": box["x"] + 40, "y": box["y"] + 20}]})
    expect(told).to_have_text("1 chosen")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.get_by_role("button", name="Done").click()
    small.tap()
    expect(page.locator("#drawer.open .sheet")).to_be_visible()
    context.close()


def test_07_under_a_thumb_a_picture_has_its_strip_and_a_bare_heart(open_page, chromium, stack, state):
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, base_url=stack.base, storage_state=state, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/")
    tile = page.locator("#grid > .tile").nth(2)
    heart = tile.locator(".like")
    expect(heart).to_have_css("opacity", "1")
    expect(heart).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    box, whole = heart.bounding_box(), tile.bounding_box()
    assert box["width"] >= 40 and box["height"] >= 40
    assert box["x"] + box["width"] <= whole["x"] + whole["width"]
    heart.tap()
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#drawer.open")).to_have_count(0)
    for part in (".acts", ".hues"):  # also where the last tap was
        expect(tile.locator(part)).to_be_attached()
        expect(tile.locator(part)).not_to_be_visible()
    assert tile.evaluate("tile => getComputedStyle(tile, '::after').opacity") == "1"
    tile.locator("> a").tap()
    expect(page.locator("#drawer.open")).to_be_visible()
    context.close()
