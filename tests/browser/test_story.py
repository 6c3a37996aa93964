"""The whole story in Chromium: make an account, drop twenty photographs, watch, correct, publish, find again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import (
    again,
    another_page,
    drop,
    held,
    serious_faults,
    settled_scroll,
    sign_in,
    sign_up,
    stands_at,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_01_the_first_account_is_made_and_is_administrator(open_page, state):
    page = open_page()
    page.goto("/sign-in")
    expect(page.get_by_text("This is the first account")).to_be_visible()
    assert serious_faults(page) == []
    sign_up(page)
    expect(page.get_by_role("heading", name="The library is empty")).to_be_visible()
    page.click('summary[aria-label^="Account"]')
    expect(page.get_by_role("link", name="People")).to_be_visible()
    assert serious_faults(page) == []
    page.context.storage_state(path=state)


def test_02_twenty_photographs_dropped_on_the_page_become_safe_sized_and_coloured(open_page, state, photos):
    page = open_page(state=state)
    page.goto("/")
    drop(page, "main", photos)
    expect(page.locator("#tray")).to_be_visible()
    expect(page.locator("#tray .up.done")).to_have_count(20, timeout=240_000)
    expect(page.locator("#tray summary")).to_contain_text("20 ready to review")
    page.goto("/")
    expect(page.get_by_role("heading", name="20 pictures wait in Review")).to_be_visible()
    assert serious_faults(page) == []


def test_03_words_are_corrected_in_place_and_the_drafts_published(open_page, state):
    page = open_page(state=state)
    page.goto("/review/")
    tiles = page.locator(".tile.waits")
    expect(tiles).to_have_count(20)
    assert serious_faults(page) == []
    tiles.first.locator("> a").click()
    drawer = page.locator("#drawer.open")
    title = drawer.get_by_label("Title")
    title.fill("Lighthouse at dusk")
    title.press("Enter")
    expect(drawer.locator('[id$="-title"] .mark')).to_have_text("saved")
    tags = drawer.get_by_label("Add a tag")
    with page.expect_response("**/fields/tags"):
        tags.press_sequentially("beacon,")
    expect(drawer.locator(".tag", has_text="beacon")).to_be_visible()
    tags = drawer.get_by_label("Add a tag")
    tags.fill("sea")
    with page.expect_response("**/fields/tags"):
        tags.press("Enter")
    expect(drawer.locator(".tag", has_text="sea").last).to_be_visible()
    page.goto("/review/")
    expect(tiles.first.locator(".cap")).to_have_text("Lighthouse at dusk")
    for number, project in ((0, "Nocturne"), (1, None)):
        tiles.nth(number).locator(".check").check(force=True)
        if project:
            page.get_by_role("button", name="Edit").click()
            page.locator("#inspector").get_by_label("Project").fill(project)
            page.locator("#inspector").get_by_role("button", name="Save").click()
            expect(page.locator(".toast").last).to_contain_text("Project saved")
    inspector = page.locator("#inspector.open")
    expect(inspector.get_by_role("heading", name="2 pictures")).to_be_visible()
    inspector.get_by_label("Type", exact=True).fill("Film")
    inspector.get_by_role("button", name="Save for all 2").click()
    expect(page.locator(".toast").last).to_contain_text("Type saved")
    expect(inspector.get_by_label("Type", exact=True)).to_have_value("Film")
    page.click(".toast:last-child >> text=Undo")
    expect(page.locator(".toast").last).to_contain_text("Taken back")
    page.reload()
    page.get_by_role("button", name="Edit").click()
    expect(inspector.get_by_label("Type", exact=True)).to_have_value("")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Publish all 20").click()
    expect(page.locator(".toast").last).to_contain_text("20 pictures are in the library")
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_04_they_are_found_again_in_the_gallery(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    expect(page.locator(".tile")).to_have_count(20)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    page.fill("#q", "lightho")
    expect(page.locator(".tile")).to_have_count(1)
    page.wait_for_url("**/?q=lightho")
    assert serious_faults(page) == []
    page.fill("#q", "submarine")
    expect(page.get_by_text("No picture matches")).to_be_visible()
    page.click("text=Clear filters")
    expect(page.locator(".tile")).to_have_count(20)
    page.go_back()
    expect(page.get_by_text("No picture matches")).to_be_visible()
    page.goto("/?q=lighthouse+beacon")
    expect(page.locator(".tile")).to_have_count(1)


@pytest.mark.parametrize("width", [1440, 390])
def test_05_the_drawer_opens_at_its_own_address_and_back_is_exact(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    tile = page.locator(".tile > a").nth(12)
    tile.scroll_into_view_if_needed()
    before = settled_scroll(page)
    address = tile.get_attribute("href")
    tile.click()
    expect(page.locator("#drawer.open")).to_be_visible()
    assert page.url.endswith(address)
    assert serious_faults(page) == []
    box = page.locator("#drawer").bounding_box()
    assert box["width"] == min(440, width)
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    stands_at(page, before)
    tile.click()
    expect(page.locator("#drawer.open")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)
    expect(tile).to_be_focused()
    page.wait_for_url("**/")
    page.goto(address)
    expect(page.locator(".imagepage")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_faults(page) == []


def test_06_fields_are_edited_in_the_drawer_with_error_conflict_history_and_put_back(open_page, state):
    page = open_page(state=state)
    other = open_page(state=state)
    page.goto("/?q=lighthouse")
    page.locator(".tile > a").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_label("Title")).to_have_value("Lighthouse at dusk")
    drawer.get_by_label("Title").fill("x" * 201)
    drawer.get_by_label("Title").press("Enter")
    expect(drawer.locator(".under.error")).to_contain_text("at most 200")
    drawer.get_by_label("Title").fill("Lighthouse before dawn")
    drawer.get_by_label("Title").press("Enter")
    expect(drawer.locator(".mark")).to_have_text("saved")
    other.goto(page.url)
    theirs = other.locator(".side").get_by_label("Description")
    theirs.fill("Seen from the boat")
    theirs.blur()
    expect(other.locator(".side .mark")).to_have_text("saved")
    mine = drawer.get_by_label("Description")
    mine.fill("Seen from the shore")
    mine.blur()
    expect(drawer.locator(".under.error")).to_contain_text("Seen from the boat")
    drawer.get_by_text("Keep mine").click()
    expect(drawer.locator(".under.error")).to_have_count(0)
    expect(drawer.get_by_label("Description")).to_have_value("Seen from the shore")
    drawer.get_by_text("Add a detail").click()
    drawer.get_by_label("Genre").fill("Noir")
    drawer.get_by_label("Genre").press("Escape")
    expect(drawer.get_by_label("Genre")).to_have_value("")
    drawer.get_by_text("History").click()
    expect(drawer.locator(".history li").first).to_contain_text("Seen from the shore")
    expect(drawer.locator(".history li").first).to_contain_text("Olga")
    drawer.locator(".history li", has_text="before dawn").get_by_text("Put back").click()
    expect(drawer.get_by_label("Title")).to_have_value("Lighthouse at dusk")


def test_07_likes_answer_at_once_and_are_taken_back_with_a_message_on_error(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    tile = page.locator(".tile").first
    tile.hover()
    like = tile.locator(".like")
    with page.expect_response("**/like"):
        like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_text("1")
    page.reload()
    expect(page.locator(".tile .like").first).to_have_attribute("aria-pressed", "true")
    page.route("**/like", lambda route: route.abort())
    page.locator(".tile").first.hover()
    page.locator(".tile .like").first.click()
    expect(page.locator(".toast.error")).to_contain_text("no connection")
    expect(page.locator(".tile .like").first).to_have_attribute("aria-pressed", "true")
    page.unroute("**/like")
    page.click("text=Liked by you")
    expect(page.locator(".tile")).to_have_count(1)


def test_08_delete_goes_to_the_trash_with_undo_and_the_trash_restores(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").nth(3).click()
    page.locator("#drawer").get_by_role("button", name="Delete").click()
    expect(page.locator(".tile")).to_have_count(19)
    page.click(".toast >> text=Undo")
    expect(page.locator(".tile")).to_have_count(20)
    page.keyboard.press("Escape")
    page.wait_for_url("**/")
    page.locator(".tile > a").nth(3).click()
    title = page.locator("#drawer h2").inner_text()
    page.locator("#drawer").get_by_role("button", name="Delete").click()
    expect(page.locator(".tile")).to_have_count(19)
    page.goto("/trash/")
    expect(page.locator(".gone")).to_contain_text(title)
    assert serious_faults(page) == []
    page.locator(".gone").get_by_role("button", name="Restore").click()
    expect(page.locator(".gone")).to_have_count(0)
    page.goto("/")
    expect(page.locator(".tile")).to_have_count(20)


@pytest.mark.parametrize("width", [1440, 390])
def test_09_the_lightbox_moves_zooms_closes_and_gives_the_focus_back(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.locator(".tile > a").nth(1).focus()
    page.keyboard.press("Space")
    box = page.locator("#lightbox")
    expect(box).to_be_visible()
    first = box.locator(".top p").inner_text()
    page.keyboard.press("ArrowRight")
    expect(box.locator(".top p")).not_to_have_text(first)
    page.keyboard.press("+")
    expect(box).to_have_class(re.compile("zoomed"))
    assert serious_faults(page) == []
    expect(box.locator(".top span")).to_contain_text("3 / 20")
    like = page.locator(".tile .like").nth(2)
    was = like.get_attribute("aria-pressed")
    page.keyboard.press("l")
    expect(like).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    expect(box).to_have_class(re.compile("quiet"))  # nobody moves
    page.keyboard.press("0")
    expect(box).not_to_have_class(re.compile("quiet"))
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(1)
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(box).not_to_be_visible()
    third = page.locator(".tile > a").nth(2)
    expect(third).to_be_focused()
    page.keyboard.press("Space")
    expect(box).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator("#drawer.open .sheet")).to_have_attribute("data-page", third.get_attribute("href"))


def test_10_the_keyboard_moves_opens_and_ignores_modifiers_and_typing(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tile > a").nth(1)).to_be_focused()
    page.keyboard.press("Control+u")
    assert page.url.endswith("/")
    page.keyboard.press("/")
    page.keyboard.type("u?")
    assert page.locator("#q").input_value() == "u?"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto("/")
    with page.expect_file_chooser():
        page.keyboard.press("u")
    assert page.url.endswith("/")


def test_11_refused_files_say_why_and_pasting_uploads(open_page, state, tmp_path):
    page = open_page(state=state)
    page.goto("/upload")
    (tmp_path / "page.jpg").write_text("<!doctype html><p>not a picture")
    (tmp_path / "empty.png").write_bytes(b"")
    page.set_input_files('input[type="file"]', [str(tmp_path / "page.jpg"), str(tmp_path / "empty.png")])
    expect(page.locator("#tray .up.failed")).to_have_count(2)
    expect(page.locator("#tray .up.failed", has_text="page.jpg")).to_contain_text("HTML")
    expect(page.locator("#tray .up.failed", has_text="empty.png")).to_contain_text("empty")
    assert serious_faults(page) == []
    page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 48});
            canvas.getContext('2d').fillRect(0, 0, 40, 30);
            const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
            const data = new DataTransfer();
            data.items.add(new File([blob], 'clip.png', {type: 'image/png'}));
            document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
        }"""
    )
    expect(page.locator("#tray .up.done", has_text="clip.png")).to_be_visible(timeout=60_000)


def test_12_leaving_the_page_does_not_lose_what_was_sent(open_page, state, photos):
    page = open_page(state=state)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[:3])
    expect(page.locator("#tray .up.waiting, #tray .up.sending")).to_have_count(0)
    page.goto("/")
    expect(page.locator("#tray .up:not(.done)")).to_have_count(0, timeout=60_000)
    held(page, "**/uploads/progress*")  # the next page knows without asking
    page.goto("/trash/")
    expect(page.locator("#tray [data-summary]")).to_have_text(re.compile("[0-9]+ ready to review"))
    page.goto("/review/")
    assert page.locator(".tile.waits").count() >= 3


def test_13_a_swatch_copies_and_tweaks_stay(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    swatch = page.locator("#drawer .swatch > summary").first
    code = swatch.get_attribute("data-copy")
    swatch.click()
    panel = page.locator("#drawer .swatch[open] .body")
    expect(panel).to_contain_text(code)
    expect(panel.locator("[data-told]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.evaluate("navigator.clipboard.writeText('something else')")
    swatch.click()
    expect(panel).to_have_count(0)
    assert page.evaluate("navigator.clipboard.readText()") == "something else"
    page.goto("/")
    page.click('summary[aria-label="Appearance"]')
    with page.expect_response("**/tweaks"):
        page.locator(".seg label", has_text="Light").click()
    page.locator('.accents label[title="Amber"]').click()
    expect(page.locator("html")).to_have_attribute("data-accent", "amber")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_14_everything_works_without_javascript(open_page, photos, width):
    page = open_page(width, javascript=False)
    sign_in(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[4:6])
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/review/")
    expect(page.locator(".toast").first).to_contain_text("2 pictures are safe")
    again(page, lambda: not page.locator(".tile[data-busy]").count(), "what was sent to be ready")
    with another_page(page):
        page.locator(".tile.waits > a").first.click(force=True)
    field = page.locator('[id$="-title"]')
    field.locator('[name="value"]').fill(f"By hand at {width}")
    field.get_by_role("button", name="Save").click()
    expect(page.locator(".toast").first).to_contain_text("Title saved")
    expect(page.get_by_label("Title")).to_have_value(f"By hand at {width}")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/review/")
    page.goto("/")
    page.fill("#q", f"hand at {width}")
    page.press("#q", "Enter")
    page.wait_for_url("**q=hand*")
    expect(page.locator(".tile")).to_have_count(1)
    page.locator(".tile .like").click(force=True)
    expect(page.locator(".tile .like")).to_have_attribute("aria-pressed", "true")
    page.locator(".tile > a").click(force=True)
    page.wait_for_url("**/images/*")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".toast")).to_contain_text("in the trash")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Taken back")
    page.goto(f"/?q=hand+at+{width}")
    expect(page.locator(".tile")).to_have_count(1)


def test_15_an_edit_is_taken_back_with_one_press(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    drawer = page.locator("#drawer")
    was = drawer.get_by_label("Title").input_value()
    drawer.get_by_label("Title").fill("A passing thought")
    drawer.get_by_label("Title").press("Enter")
    drawer.locator('[id$="-title"] .undo').click()
    expect(drawer.get_by_label("Title")).to_have_value(was)
    expect(page.locator(".toast").last).to_contain_text("Taken back")
