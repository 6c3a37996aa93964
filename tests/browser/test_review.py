"""The tray, and the sheet of review: choosing, deciding by keys, editing many, and twins side by side."""

import signal
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from pindeck.access import Actor
from pindeck.models import Image, User
from pindeck.services.actions import log
from tests.browser.conftest import another_page, held, let_go, serious_faults, sign_up
from tests.factories import imports_like, make_row
from tests.stack import kill_group, wait_for
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_01_the_tray_says_what_is_true_on_every_page_until_it_is_cleared(open_page, state, photos, tmp_path):
    (tmp_path / "page.jpg").write_text("<!doctype html><p>not a picture")
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    tray, rows, summary = page.locator("#tray"), page.locator("#tray .up"), page.locator("#tray [data-summary]")
    waiting = held(page, "**/upload")
    page.set_input_files('input[type="file"]', [*photos, str(tmp_path / "page.jpg")])
    expect(page.locator("#tray .up.sending")).to_have_count(3)
    shown = rows.evaluate_all("all => all.sort((a, b) => a.offsetTop - b.offsetTop).map(row => row.classList[1])")
    assert shown == ["sending"] * 3 + ["waiting"] * 18
    tray.locator("summary").click()
    let_go(page, "**/upload", waiting)
    expect(summary).to_have_text("20 ready to review, 1 could not be used", timeout=240_000)
    expect(tray.locator("details")).not_to_have_attribute("open", "")  # somebody folded it
    expect(page.locator("#nav-drafts")).to_have_text("20")
    page.goto("/trash/")
    expect(summary).to_have_text("20 ready to review", timeout=60_000)
    expect(tray.locator("details")).not_to_have_attribute("open", "")
    tray.locator("summary").click()
    page.wait_for_function("[...document.querySelectorAll('#tray .pic')].every(one => one.naturalWidth > 0)")
    waiting = held(page, "**/uploads/progress*")
    with page.expect_request("**/uploads/progress*"):
        page.reload()
    with page.expect_event("requestfailed"):  # nobody waits for an answer about rows that have left
        tray.get_by_role("button", name="Clear").click()
    expect(tray).not_to_be_visible()
    let_go(page, "**/uploads/progress*", waiting)
    page.goto("/upload")
    expect(tray).not_to_be_visible()
    page.set_input_files('input[type="file"]', photos[:4])
    expect(page.locator("#tray .up.done")).to_have_count(4, timeout=60_000)
    page.context.storage_state(path=state)


def tile_of(page: Page, number: int) -> Locator:
    return page.locator(".tile.waits").nth(number)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.tile')?.id"))


@pytest.mark.parametrize("width", [1440, 390])
def test_02_the_bar_stays_in_sight_and_what_is_chosen_is_edited_together(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/review/")
    for number in (0, 5):
        tile_of(page, number).locator(".check").check(force=True)
    page.mouse.move(600 if width == 1440 else 200, 600)
    page.mouse.wheel(0, 500)
    # The policy of the page lets no text be run that waits.
    wait_for(lambda: page.evaluate("scrollY") > 300, 60, "the page to scroll")
    under = page.locator(".bar").bounding_box()["height"]
    assert abs(page.locator(".reviewbar").bounding_box()["y"] - under) <= 1, "the bar left with the pictures"
    assert serious_faults(page) == []
    page.get_by_role("button", name="Edit").click()
    inspector = page.locator("#inspector.open")
    expect(inspector.get_by_role("heading", name="2 pictures")).to_be_visible()
    expect(inspector.get_by_label("Title", exact=True)).to_have_attribute("placeholder", "Mixed")
    inspector.get_by_label("Type", exact=True).fill("Film" if width == 1440 else "Commercial")
    inspector.get_by_label("Tags", exact=True).fill("wet, neon")
    assert serious_faults(page) == []
    inspector.get_by_role("button", name="Save for all 2").click()
    expect(page.locator(".toast").last).to_contain_text("Tags, Type saved.")
    expect(inspector.get_by_label("Type", exact=True)).to_have_value("Film" if width == 1440 else "Commercial")
    expect(inspector.locator(".held", has_text="neon")).to_contain_text("neon 2")
    if width == 1440:  # the inspector follows what is chosen
        # By itself, because the bar may lie over the box.
        tile_of(page, 3).locator(".check").dispatch_event("click")
        expect(inspector.get_by_role("heading", name="3 pictures")).to_be_visible()
        expect(inspector.get_by_label("Type", exact=True)).to_have_attribute("placeholder", "Mixed")
        tile_of(page, 3).locator(".check").dispatch_event("click")
        expect(inspector.get_by_role("heading", name="2 pictures")).to_be_visible()
    inspector.get_by_role("link", name="Close").click()
    expect(inspector).to_have_count(0)
    chosen = page.locator(".tile.waits .check:checked")
    expect(chosen).to_have_count(2)
    page.reload()
    expect(chosen).to_have_count(2)  # what is chosen is not lost with the page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_03_choosing_by_pointer_and_keys_outlives_filters_pages_and_decisions(open_page, state, stack):
    with stack.bound():
        olga = User.get()
        for number in range(50):
            make_row(Actor(olga.id, olga.role, olga.name), status="draft", persist_status="failed", title=f"Row {number}")
    page = open_page(state=state)
    page.goto("/review/")
    expect(page.locator(".tile.waits")).to_have_count(60)
    chosen = page.locator("[data-chosen]")
    first = tile_of(page, 0).locator(".check")
    first.check(force=True)
    tile_of(page, 3).locator("> a").click(modifiers=["Shift"])
    expect(chosen).to_have_text("4 chosen")
    tile_of(page, 5).locator("> a").click()  # plainly, because some are chosen
    tile_of(page, 0).locator("> a").click(modifiers=["Control"])
    expect(chosen).to_have_text("4 chosen")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("s")
    expect(chosen).to_have_text("4 chosen")
    page.locator("#grid > .next").scroll_into_view_if_needed()
    expect(page.locator(".tile.waits")).to_have_count(74)
    expect(chosen).to_have_text("4 chosen")
    page.locator("#filters").get_by_role("link", name="Could not be stored").click()
    expect(page.locator(".chip")).to_contain_text("Could not be stored")
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(chosen).to_have_text("4 chosen")
    page.keyboard.press("Control+a")
    expect(chosen).to_have_text("60 chosen")
    page.keyboard.press("Escape")
    expect(chosen).to_have_text("")
    tile_of(page, 2).locator("> a").focus()
    walk = """() => {
        for (let n = 0; n < 2; n += 1) {
            const press = {key: 'ArrowRight', shiftKey: true, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new KeyboardEvent('keydown', press));
        }
        return document.querySelector('[data-chosen]').textContent;
    }"""
    assert page.evaluate(walk) == "3 chosen"  # before any further key is heard
    page.keyboard.press("Escape")
    page.locator("#filters").get_by_role("link", name="Could not be stored").click()
    expect(page.locator(".tile.waits")).to_have_count(50)
    page.get_by_label("All here").check()
    page.locator('.reviewbar [name="reason"]').fill("Only rows")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("50 pictures are in the trash")
    page.goto("/history")
    expect(page.locator(".history li").first).to_contain_text("Only rows")


def test_04_sixty_pictures_a_minute_by_keys_and_none_is_lost(open_page, state, stack):
    """Each press acts at once on the picture that has the focus, whether or not the one before it was answered."""
    with stack.bound():
        rows = imports_like(Image.select().where(Image.persist_status == "succeeded", Image.deleted_at.is_null()).get(), 60)
    page = open_page(state=state)
    page.goto("/review/?state=import")
    expect(page.locator(".tile.waits")).to_have_count(60)
    page.locator(".tile.waits > a").first.focus()
    began = time.monotonic()
    for number in range(60):
        page.keyboard.press("pkxh"[number % 4])
    expect(page.locator(".tile.waits")).to_have_count(0)
    expect(page.get_by_text("Nothing waits here")).to_be_visible()
    print(f"60 pictures in {time.monotonic() - began:.1f} s")
    with stack.bound():
        left = [Image.get(Image.id == image_id) for image_id in reversed(rows)]
    states = [(one.status, one.is_trashed, one.held_at is not None) for one in left]
    expected = [("active", False, False), ("active", False, False), ("pending", True, False), ("pending", False, True)]
    assert states == expected * 15
    page.goto("/history")
    expect(page.locator(".history li")).to_have_count(50)  # each is an action of its own
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back")
    with stack.bound():
        again = [Image.get(Image.id == image_id) for image_id in reversed(rows)]
    now = [(one.status, one.is_trashed, one.held_at is not None) for one in again]
    assert sum(one != other for one, other in zip(now, states, strict=True)) == 1


def test_05_the_drawer_decides_shows_twins_side_by_side_and_goes_on(open_page, state, photos, tmp_path):
    page = open_page(state=state)
    page.goto("/upload")
    smaller = tmp_path / "smaller copy.jpg"
    smaller.write_bytes(jpeg(4, (360, 203)))
    page.set_input_files('input[type="file"]', [str(smaller), photos[1]])
    expect(page.locator("#tray .up.done")).to_have_count(2, timeout=60_000)
    page.goto("/review/")
    same, near = sorted((tile_of(page, 0), tile_of(page, 1)), key=lambda tile: "Here already" not in tile.inner_text())
    expect(same.locator(".twin img")).to_be_visible()
    expect(same).to_contain_text("Here already")
    expect(near).to_contain_text("Looks alike")
    assert serious_faults(page) == []
    count = page.locator(".tile.waits").count()
    same.locator("> a").click()
    drawer = page.locator("#drawer.open")
    expect(drawer.get_by_role("heading", name="The same picture is already here")).to_be_visible()
    expect(drawer.locator(".besides").first.locator("img")).to_have_count(2)
    assert serious_faults(page) == []
    sheet = drawer.locator(".sheet[data-page]")
    here = sheet.get_attribute("data-page")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" and "/review/" in request.url else None)
    waiting = held(page, "**/images/*")
    drawer.get_by_role("button", name="Keep the one that is there").first.click()
    expect(page.locator(".toast").last).to_contain_text("the picture that was there is kept")
    expect(page.locator(".tile.waits")).to_have_count(count - 1)
    page.keyboard.press("h")  # nobody has seen the next one yet, so this is about nothing
    drawer.locator('.verdict [data-act="x"]').click()
    let_go(page, "**/images/*", waiting)
    expect(sheet).not_to_have_attribute("data-page", here)  # the next one lies open
    expect(drawer.locator(".verdict")).to_be_visible()
    assert len(sent) == 1, sent
    here = sheet.get_attribute("data-page")
    page.keyboard.press("h")
    expect(page.locator(".tile.waits")).to_have_count(count - 2)
    expect(sheet).not_to_have_attribute("data-page", here)
    page.keyboard.press("Shift+X")
    page.keyboard.type("Out of focus")
    page.keyboard.press("Enter")
    expect(page.locator(".tile.waits")).to_have_count(count - 3)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    page.wait_for_url("**/review/")
    page.keyboard.press("Control+z")
    expect(page.locator(".tile.waits")).to_have_count(count - 2)
    page.go_back()
    page.go_forward()
    expect(page.locator(".tile.waits")).to_have_count(count - 2)


def test_05b_without_scripts_one_chooses_with_boxes_decides_and_edits(open_page, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/review/")
    count = page.locator(".tile.waits").count()
    for number in (0, 1):
        tile_of(page, number).locator(".check").check()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("heading", name="2 pictures")).to_be_visible()
    page.get_by_label("Genre").fill("Noir")
    page.get_by_label("Category").fill("Day for night")
    page.get_by_role("button", name="Save for all 2").click()
    expect(page.get_by_text("“Day for night” is new. Add it?")).to_be_visible()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".toast")).to_contain_text("Category, Genre saved.")
    for number in (0, 1):
        tile_of(page, number).locator(".check").check()
    page.get_by_role("button", name="Hold").click()
    expect(page.locator(".toast")).to_contain_text("2 pictures are held.")
    expect(page.locator(".tile.waits")).to_have_count(count - 2)
    page.goto("/review/?state=held")
    with another_page(page):
        tile_of(page, 0).locator("> a").click(force=True)
    page.get_by_role("button", name="Release").click()
    page.wait_for_url("**/review/")
    expect(page.locator(".tile.waits")).to_have_count(count - 1)
    page.goto("/review/")
    page.get_by_role("button", name="Publish all").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_06_keys_and_the_history_take_back_what_was_done(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/history")
    acts = page.locator(".history li")
    taken = acts.filter(has_text="taken back")
    before = taken.count()
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back")
    expect(taken).to_have_count(before + 1)
    acts.filter(has=page.get_by_role("button", name="Undo")).first.get_by_role("button", name="Undo").press("Enter")
    expect(taken).to_have_count(before + 2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert serious_faults(page) == []
    if width == 1440:
        page.goto("/review/")
        count = page.locator(".tile.waits").count()
        assert count > 1
        page.locator("#q").fill("a word")
        page.keyboard.press("Control+z")  # in a field it is the browser's
        expect(page.locator(".toast")).to_have_count(0)
        page.locator(".tile.waits > a").first.focus()
        page.keyboard.press("x")
        expect(page.locator(".tile.waits")).to_have_count(count - 1)
        page.locator("#main").focus()
        page.keyboard.press("Control+z")
        expect(page.locator(".tile.waits")).to_have_count(count)


def test_07_without_scripts_the_history_takes_back_too(open_page, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/history")
    offered = page.locator(".history").get_by_role("button", name="Undo")
    count = offered.count()
    offered.first.click()
    page.wait_for_url("**/history")
    expect(page.locator(".toast")).to_contain_text("Taken back")
    expect(offered).to_have_count(count - 1)


def test_08_a_draft_is_published_when_it_is_stored(open_page, stack, state, photos):
    page = open_page(state=state)
    kill_group(stack.workers[0], signal.SIGTERM)
    stack.workers[0].wait(60)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[4:5])
    expect(page.locator("#tray .up.sent")).to_have_count(1)
    page.goto("/review/")
    expect(tile_of(page, 0)).to_contain_text("Safe")
    tile_of(page, 0).locator(".check").check(force=True)
    publish, bar = page.get_by_role("button", name="Publish", exact=True), page.locator("#sheet-form")
    sending = held(page, "**/review/publish")
    publish.click()
    expect(bar.locator(".btn:enabled")).to_have_count(0)  # none of its buttons acts while one is on its way
    publish.evaluate("button => button.click()")
    assert len(sending) == 1
    let_go(page, "**/review/publish", sending)
    expect(page.locator(".toast").last).to_contain_text("still being stored")
    expect(bar.locator(".btn:disabled")).to_have_count(0)
    stack.start_worker()
    expect(tile_of(page, 0).locator("> a img")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-chosen]")).to_have_text("1 chosen")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".toast").last).to_contain_text("is in the library")


def test_09_a_toast_follows_what_a_job_does_and_offers_the_undo_at_the_end(open_page, state, stack):
    with stack.bound():
        olga = User.get()
        for _ in range(log.PART + 1):
            make_row(Actor(olga.id, olga.role, olga.name), status="draft", persist_status="pending")
    page = open_page(state=state)
    page.goto("/review/")
    count = int(page.locator("#review-all").inner_text())
    page.get_by_label("Older ones too").check()
    page.get_by_role("button", name="Discard").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text(f"{count} pictures", timeout=60_000)
    expect(page.get_by_text("Nothing waits for review")).to_be_visible(timeout=60_000)
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Taken back", timeout=60_000)
    expect(page.locator("#review-all")).to_have_text(str(count))


@pytest.mark.parametrize("width", [1440, 390])
def test_10_add_pictures_opens_the_chooser_and_one_goes_on_in_review(open_page, state, photos, width):
    page = open_page(width, state=state)
    for path in ("/", "/trash/", "/history", "/account"):
        page.goto(path)
        link = page.get_by_role("link", name="Add pictures").first
        with page.expect_file_chooser() as chosen:
            link.click()
        assert chosen.value.is_multiple() and page.url.endswith(path)
        expect(link).to_be_focused()
    page.goto("/review/")
    before = page.locator("#review-all").inner_text()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("link", name="Add pictures").last.click()
    one, other = (5, 6) if width == 1440 else (7, 8)
    chosen.value.set_files([photos[one], photos[other]])
    expect(page.locator("#tray .up[data-id]")).to_have_count(2, timeout=60_000)
    expect(page.locator("#review-all")).to_have_text(str(int(before) + 2), timeout=60_000)
    row = page.locator("#tray .up").last
    expect(row).to_have_class("up done", timeout=60_000)
    expect(tile_of(page, 0)).to_contain_text("Here already")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    name = row.locator(".nm").inner_text()
    keep = row.get_by_role("button", name="Keep the one that is there")
    assert serious_faults(page) == []
    keep.click()
    page.wait_for_url("**/images/*")
    expect(page.locator(".toast")).to_contain_text("is in the trash; the picture that was there is kept.")
    expect(page.locator("#tray .up", has_text=name)).to_have_count(0)
    with another_page(page):
        page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#nav-drafts")).to_have_text(str(int(before) + 2))  # the page is read again
    page.goto("/review/")
    expect(page.locator("#review-all")).to_have_text(str(int(before) + 2))


def test_11_without_scripts_it_leads_to_the_form_and_an_earlier_picture_is_kept(open_page, state):
    page = open_page(javascript=False, state=state)
    page.goto("/trash/")
    page.get_by_role("link", name="Add pictures").first.click()
    page.wait_for_url("**/upload")
    page.goto("/review/")
    with another_page(page):
        page.locator(".tile.paired > a").first.click(force=True)
    page.get_by_role("button", name="Keep the one that is there").first.click()
    page.wait_for_url("**/images/*")
    expect(page.locator(".toast")).to_contain_text("is in the trash; the picture that was there is kept.")
