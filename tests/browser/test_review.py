"""The tray, and Review of more drafts than a page holds."""

import signal

import pytest
from playwright.sync_api import expect

from pindeck.access import Actor
from pindeck.models import User
from pindeck.services.actions import log
from tests.browser.conftest import held, let_go, serious_faults, sign_up
from tests.factories import make_row
from tests.stack import kill_group

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
    tray.get_by_role("button", name="Clear").click()
    expect(tray).not_to_be_visible()
    page.goto("/upload")
    expect(tray).not_to_be_visible()
    page.set_input_files('input[type="file"]', photos[:4])
    expect(page.locator("#tray .up.done")).to_have_count(4, timeout=60_000)
    page.context.storage_state(path=state)


@pytest.mark.parametrize("width", [1440, 390])
def test_02_the_bar_stays_in_sight_keeps_the_selection_and_is_pressed_once(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/review/")
    page.locator(".card .check").nth(0).check()
    page.locator(".card .check").nth(5).check()
    page.mouse.move(600 if width == 1440 else 200, 600)
    page.mouse.wheel(0, 700)
    page.wait_for_function("scrollY > 600")
    bar = page.locator(".reviewbar")
    under = page.locator(".bar").bounding_box()["height"]
    assert abs(bar.bounding_box()["y"] - under) <= 1, "the bar left with the pictures"
    page.select_option('[name="field"]', "group")
    page.fill('.reviewbar [name="value"]', "Film" if width == 1440 else "Commercial")
    waiting = held(page, "**/review/set")
    page.click("text=Set for chosen")
    expect(page.locator(".reviewbar .btn:not([disabled])")).to_have_count(0)
    let_go(page, "**/review/set", waiting)
    for number in (0, 5):
        card = page.locator(".card").nth(number)
        expect(card.get_by_label("Type")).to_have_value("Film" if width == 1440 else "Commercial")
        expect(card.locator(".check")).to_be_checked()
    expect(page.locator(".cards .check:checked")).to_have_count(2)
    expect(page.get_by_role("button", name="Set for chosen")).to_be_focused()
    assert serious_faults(page) == []


def test_03_older_drafts_follow_on_scrolling_down(open_page, state):
    page = open_page(390, state=state)
    page.goto("/review/")
    expect(page.locator(".card")).to_have_count(20)
    page.locator(".cards > .next").scroll_into_view_if_needed()
    expect(page.locator(".card")).to_have_count(24)
    expect(page.get_by_text("Older drafts")).to_have_count(0)
    assert serious_faults(page) == []
    page.locator(".card").last.get_by_label("Title").fill("The last of them")
    page.keyboard.press("Tab")
    expect(page.locator(".card").last.get_by_text("saved")).to_be_visible()


def test_04_without_scripts_they_are_on_a_page_of_their_own(open_page, state):
    page = open_page(javascript=False, state=state)
    page.goto("/review/")
    page.get_by_role("link", name="Older drafts").click()
    expect(page.locator(".card")).to_have_count(4)


def test_04b_a_new_category_is_asked_about_in_the_bar_in_a_card_and_without_scripts(open_page, state):
    page = open_page(390, state=state)
    page.goto("/review/")
    first, second = page.locator(".card").nth(0), page.locator(".card").nth(1)
    first.locator(".check").check()
    page.select_option('[name="field"]', "category")
    page.fill('.reviewbar [name="value"]', "Neon noir")
    page.click("text=Set for chosen")
    question = page.locator("#new-word")
    expect(question).to_contain_text("“Neon noir” is new. Add it?")
    expect(first.get_by_label("Category")).to_have_value("General")
    assert serious_faults(page) == []
    question.get_by_role("button", name="Add it").click()
    expect(first.get_by_label("Category")).to_have_value("Neon noir")
    expect(question).to_be_empty()
    category = second.get_by_label("Category")
    category.fill("Neon blanc")
    category.press("Enter")
    expect(second.get_by_role("alert")).to_contain_text("“Neon blanc” is new. Add it?")
    assert serious_faults(page) == []
    second.get_by_role("button", name="Keep “General”").click()
    expect(category).to_have_value("General")
    expect(second.get_by_role("alert")).to_have_count(0)
    category.fill("Neon blanc")
    category.press("Enter")
    second.get_by_role("button", name="Add it").click()
    expect(second.get_by_role("alert")).to_have_count(0)
    page.reload()
    expect(category).to_have_value("Neon blanc")
    plain = open_page(javascript=False, state=state)
    plain.goto("/review/")
    field = plain.locator(".card").nth(2).locator('form[action$="/fields/category"]')
    field.get_by_label("Category").fill("Day for night")
    field.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("heading", name="“Day for night” is new. Add it?")).to_be_visible()
    plain.get_by_role("button", name="Add it").click()
    expect(plain.locator(".card").nth(2).get_by_label("Category")).to_have_value("Day for night")


def test_05_who_publishes_one_by_one_gets_the_next(open_page, state):
    page = open_page(state=state)
    page.goto("/review/")
    expect(page.locator(".card")).to_have_count(20)
    for left in range(23, 0, -1):
        page.locator(".card").first.get_by_role("button", name="Publish").click()
        expect(page.locator("#review-count")).to_contain_text(str(left))
    page.locator(".card").first.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_06_keys_and_the_history_take_back_what_was_done(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/history")
    acts = page.locator(".history li")
    expect(acts.first).to_contain_text("Published" if width == 1440 else "Moved to the trash")
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast").last).to_contain_text("Taken back: published.")
    taken = acts.filter(has_text="taken back")
    expect(taken).to_have_count(1 if width == 1440 else 4)
    acts.filter(has=page.get_by_role("button", name="Undo")).first.get_by_role("button", name="Undo").press("Enter")
    expect(taken).to_have_count(2 if width == 1440 else 5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert serious_faults(page) == []
    if width == 1440:
        expect(page.locator("#nav-drafts")).to_have_text("2")
        page.goto("/review/")
        expect(page.locator(".card")).to_have_count(2)
        page.locator("#q").fill("a word")
        page.keyboard.press("Control+z")  # in a field it is the browser's
        expect(page.locator(".toast")).to_have_count(0)
        page.locator(".card").first.get_by_role("button", name="Discard").click()
        expect(page.locator(".card")).to_have_count(1)
        page.locator("#main").focus()
        page.keyboard.press("Control+z")
        expect(page.locator(".card")).to_have_count(2)


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
    card = page.locator(".card").first
    expect(card.get_by_role("status")).to_contain_text("Safe")
    expect(card.get_by_role("button", name="Publish")).to_have_count(0)
    card.locator(".check").check()
    page.get_by_role("button", name="Publish chosen").click()
    expect(page.locator(".toast").last).to_contain_text("still being stored")
    stack.start_worker()
    expect(page.locator(".card").first.get_by_role("button", name="Publish")).to_be_visible(timeout=60_000)
    page.locator(".card").first.get_by_role("button", name="Publish").click()
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
    page.get_by_role("button", name="Discard chosen").click()
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
    expect(page.locator(".card").first.get_by_text("The same picture is already here")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    row = page.locator("#tray .up").last
    expect(row).to_have_class("up done", timeout=60_000)
    name = row.locator(".nm").inner_text()
    keep = row.get_by_role("button", name="Keep the one that is there")
    assert serious_faults(page) == []
    keep.click()
    page.wait_for_url("**/images/*")
    expect(page.locator(".toast")).to_contain_text("is in the trash; the picture that was there is kept.")
    expect(page.locator("#tray .up", has_text=name)).to_have_count(0)
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
    page.get_by_role("button", name="Keep the one that is there").first.click()
    page.wait_for_url("**/images/*")
    expect(page.locator(".toast")).to_contain_text("is in the trash; the picture that was there is kept.")
