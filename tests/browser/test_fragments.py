"""Likes, search, Back, the keyboard and the tray as people meet them, with scripts and without, at a desk and on a phone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import held, let_go, publish_photos, serious_faults, settled_scroll, sign_up, stands_at
from tests.servers.chromium import ARGUMENTS, chromium_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = [1440, 390]


def like_of(page: Page, nth: int):
    return page.locator(".tile .like").nth(nth)


def test_01_pictures_are_published_and_one_has_a_tag(open_page, state, photos):
    page = open_page()
    publish_photos(page, photos, state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    tags = page.locator("#drawer").get_by_label("Add a tag")
    tags.fill("harbour")
    with page.expect_response("**/fields/tags") as answer:
        tags.press("Enter")
    assert answer.value.status == 200


@pytest.mark.parametrize("width", WIDTHS)
def test_02_the_heart_shows_what_the_server_answered_wherever_the_picture_is(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    tile = page.locator(".tile").nth(1)
    tile.locator("a").click()
    heart = page.locator("#drawer .like")
    expect(heart).to_have_attribute("aria-pressed", "false")
    heart.focus()
    with page.expect_response("**/like") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200 and 'aria-pressed="true"' in answer.value.text()
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_have_text("1")
    expect(heart).to_be_focused()
    expect(tile.locator(".like")).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")
    expect(tile.locator(".like")).to_have_attribute("aria-pressed", "false")


def test_03_a_like_of_somebody_else_is_counted_by_the_answer(open_page, state):
    first, second = open_page(state=state), open_page()
    first.goto("/")
    sign_up(second, "Mo")
    address = like_of(second, 2).get_attribute("hx-post")
    like_of(second, 2).click()
    expect(like_of(second, 2)).to_have_text("1")
    heart = first.locator(f'.tile .like[hx-post="{address}"]')
    expect(heart).to_have_text("")  # this page was loaded before
    heart.click()
    expect(heart).to_have_text("2")


def test_04_a_like_that_does_not_arrive_changes_nothing_and_says_so(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.route("**/like", lambda route: route.abort())
    before = like_of(page, 5).get_attribute("aria-pressed")
    like_of(page, 5).click()
    expect(page.locator(".toast.error")).to_contain_text("no connection")
    assert like_of(page, 5).get_attribute("aria-pressed") == before


def test_05_without_scripts_a_like_is_a_form_that_returns_to_the_search(open_page, state):
    page = open_page(javascript=False, state=state)
    page.goto("/?category=General")
    was = like_of(page, 0).get_attribute("aria-pressed")
    like_of(page, 0).click(force=True)
    page.wait_for_url("**/?category=General")
    expect(like_of(page, 0)).to_have_attribute("aria-pressed", "false" if was == "true" else "true")


@pytest.mark.parametrize("width", WIDTHS)
def test_06_a_search_pushes_its_address_and_back_returns_to_the_same_nodes_and_pixel(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    expect(page.locator("#filters .count").first).to_be_attached()  # its numbers are there
    page.evaluate("document.querySelectorAll('.tile')[17].scrollIntoView({block: 'center'})")
    before = settled_scroll(page)
    assert before > 0
    page.evaluate("document.querySelector('.tile').dataset.witness = 'the same node'")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.headers.get("hx-request") else None)
    page.fill("#q", "har")
    page.wait_for_url("**/?q=har")
    page.fill("#q", "harbour")
    page.wait_for_url("**/?q=harbour")
    expect(page.locator(".chip", has_text="harbour")).to_be_visible()
    found = page.locator(".tile").count()
    assert 0 < found < 20
    stands_at(page, 0)
    expect(page.locator("#filters .count").first).to_be_attached()
    assert all("?q=" in url for url in asked) and asked
    del asked[:]
    page.go_back()  # what was typed is one entry
    expect(page.locator(".tile")).to_have_count(20)
    assert re.fullmatch(r"https?://[^/]+/", page.url)
    stands_at(page, before)
    assert page.locator(".tile").first.get_attribute("data-witness") == "the same node"
    assert asked == []
    page.go_forward()
    expect(page.locator(".tile")).to_have_count(found)
    expect(page.locator("#q")).to_have_value("harbour")
    page.go_back()
    expect(page.locator(".tile")).to_have_count(20)
    like_of(page, 0).click()  # what came back still works
    expect(like_of(page, 0)).to_have_attribute("aria-pressed", re.compile("true|false"))
    page.locator(".tile > a").first.click()
    expect(page.locator("#drawer.open")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_07_filters_are_links_to_fragments_and_the_search_keeps_them(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    if width < 900:
        page.click("[data-open-rail]")
    with page.expect_response("**/?category=General") as answer:
        page.locator("#filters").get_by_role("link", name="General", exact=True).click()
    assert answer.value.request.headers.get("hx-request") == "true"
    assert "<html" not in answer.value.text()
    page.wait_for_url("**/?category=General")
    expect(page.locator(".chip", has_text="General")).to_be_visible()
    expect(page.locator('#filters [aria-current="true"]')).to_have_text("General")
    expect(page.locator("#rail.open")).to_have_count(0)
    page.fill("#q", "harbour")
    page.wait_for_url(re.compile(r"\?(?=.*q=harbour)(?=.*category=General)"))
    expect(page.locator(".chip")).to_have_count(2)
    page.locator(".chip", has_text="harbour").click()
    page.wait_for_url("**/?category=General")
    expect(page.locator("#q")).to_have_value("")
    assert serious_faults(page) == []


def test_08_a_click_for_a_new_tab_is_left_to_the_browser(player, stack, state):
    """In a browser with windows: the one without breaks down over a tab that opens behind its page (Chromium 150)."""
    with player.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS) as browser:
        page = browser.new_context(base_url=stack.base, storage_state=state).new_page()
        page.goto("/")
        with page.context.expect_page() as opened:
            page.locator(".tile > a").nth(3).click(modifiers=["Control"])
        expect(opened.value.locator(".imagepage")).to_be_visible()
        expect(page.locator("#drawer.open")).to_have_count(0)
        with page.context.expect_page() as opened:
            page.locator("#filters").get_by_role("link", name="General", exact=True).click(modifiers=["Control"])
        opened.value.wait_for_url("**/?category=General")
        assert re.fullmatch(r"https?://[^/]+/", page.url)


def test_09_the_keyboard_alone_searches_opens_steps_likes_and_closes(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("st")  # a storm and a stairwell
    page.wait_for_url("**/?q=st")
    expect(page.locator(".tile")).not_to_have_count(20)
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    first, second = (page.locator(".tile > a").nth(n) for n in (0, 1))
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer.open")).to_be_visible()
    entries = page.evaluate("history.length")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**" + second.get_attribute("href"))
    assert page.evaluate("history.length") == entries  # one entry however many pictures
    heart = page.locator("#drawer .like")
    was = heart.get_attribute("aria-pressed")
    page.keyboard.press("l")
    expect(heart).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.wait_for_url("**/?q=st")
    expect(second).to_be_focused()


def test_09_a_press_that_comes_with_an_answer_is_the_fragments_and_no_forms(open_page, state):
    """The first moment of a fragment is like all others: nobody can press sooner than this script."""
    page = open_page(state=state)
    page.goto("/")
    page.evaluate(
        """() => document.addEventListener("htmx:afterSwap", function press(event) {
            const heart = event.target.id === "drawer" && document.querySelector("#drawer .like");
            if (!heart) return;
            document.removeEventListener("htmx:afterSwap", press);
            setTimeout(() => heart.click(), 1);
        })"""
    )
    with page.expect_response("**/like") as answer:
        page.locator(".tile > a").nth(3).click()
    assert answer.value.request.headers.get("hx-request") == "true"
    expect(page.locator("#drawer.open")).to_be_visible()


def busy(page: Page, times: int) -> list[str]:
    """The door for uploads says `times` times that it is busy, in the words of the real one; what it was asked."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        asked.append(route.request.method)
        if len(asked) > times:
            route.continue_()
            return
        route.fulfill(
            status=503,
            headers={"Retry-After": "1", "HX-Retarget": "#toasts", "HX-Reswap": "beforeend", "Content-Type": "text/html"},
            body='<div class="toast error" data-toast><p>Too many pictures are being looked at.</p></div>',
        )

    page.route("**/upload", answer)
    return asked


@pytest.mark.parametrize("width", WIDTHS)
def test_10_the_tray_sends_again_by_itself_when_the_server_was_busy(open_page, state, photos, width):
    page = open_page(width, state=state, expected=503)
    page.goto("/upload")
    asked = busy(page, 2)
    page.set_input_files('input[type="file"]', photos[:1])
    expect(page.locator("#tray .up.waiting")).to_have_count(1)
    expect(page.locator("#tray .up.done")).to_have_count(1, timeout=60_000)
    assert len(asked) == 3
    expect(page.locator(".toast.error")).to_have_count(0)
    assert page.locator("#tray .up img.pic").get_attribute("src").startswith("blob:")


def test_11_a_server_that_stays_busy_is_asked_six_times_and_then_by_hand(open_page, state, photos):
    page = open_page(state=state, expected=503)
    page.goto("/upload")
    asked = busy(page, 6)
    page.set_input_files('input[type="file"]', photos[1:2])
    failed = page.locator("#tray .up.failed")
    expect(failed).to_contain_text("Too many pictures", timeout=60_000)
    assert len(asked) == 6
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator("#tray .up.done")).to_have_count(1, timeout=60_000)


def test_12_no_script_asks_for_what_a_fragment_serves(open_page, state):
    """Every request of a page that is not for a file comes from htmx."""
    page = open_page(state=state)
    others: list[str] = []
    page.on(
        "request",
        lambda r: others.append(r.url) if r.resource_type in ("fetch", "xhr") and not r.headers.get("hx-request") else None,
    )
    page.goto("/")
    page.locator(".tile").first.hover()
    expect(page.locator(".tile .acts")).to_have_count(1)
    page.locator(".tile > a").first.click()
    page.locator("#drawer").get_by_label("Add a tag").press_sequentially("har")
    expect(page.locator("#known-tags option").first).to_be_attached()
    page.locator("#drawer").get_by_label("Add a tag").press("Escape")
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    assert others == []


@pytest.mark.parametrize("width", WIDTHS)
def test_13_numbers_come_after_the_page_and_belong_to_its_results(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    entry = page.locator("#filters li", has_text=re.compile("General"))  # on a small screen nobody sees it
    beside = entry.locator(".count")
    expect(beside).to_have_text("20")
    expect(page.locator("#many")).to_have_text("20 pictures")
    waiting = held(page, "**/counts?q=harbour")
    page.fill("#q", "harbour")
    page.wait_for_url("**/?q=harbour")
    found = page.locator(".tile").count()
    expect(page.locator("#many")).to_have_attribute("role", "status")
    page.wait_for_function("() => document.querySelector('#many').classList.contains('htmx-request')")
    page.go_back()  # before the numbers came: they are not wanted any more
    expect(page.locator(".tile")).to_have_count(20)
    let_go(page, "**/counts?q=harbour", waiting)
    expect(beside).to_have_text("20")
    link = entry.locator("a")
    expect(link).to_have_attribute("href", "/?category=General")
    page.go_forward()
    expect(beside).to_have_text(str(found))
    expect(link).to_have_attribute("href", "/?q=harbour&category=General")
    expect(page.locator("#many")).to_have_text(re.compile(rf"{found} pictures?"))


@pytest.mark.parametrize("width", WIDTHS)
def test_14_a_word_of_the_drawer_leads_to_its_pictures_and_its_editor_stays(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    tag = page.locator("#drawer .tagbox a").first
    word = tag.inner_text()
    with page.expect_response("**/?tag=*") as answer:
        tag.click()
    assert answer.value.request.headers.get("hx-request") == "true"
    expect(page.locator(".chip")).to_contain_text(f"#{word}")
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.go_back()
    expect(page.locator("#drawer.open .sheet")).to_be_visible()
    before = page.url
    field = page.locator('#drawer form[action$="/fields/category"]')
    category = field.locator('input[name="value"]')
    category.fill("Harbours")
    category.press("Enter")
    field.get_by_role("button", name="Add it").click()
    expect(field.locator(".mark")).to_be_attached()
    assert page.url == before
    page.locator("#drawer").get_by_role("link", name="Pictures with Category Harbours").click()
    page.wait_for_url("**/?category=Harbours")
    expect(page.locator("#many")).to_have_text("1 picture")
    expect(page.locator("#drawer.open")).to_have_count(0)
    page.locator(".tile > a").first.click()
    category.fill("General")
    category.press("Enter")
    expect(page.locator("#drawer").get_by_role("link", name="Pictures with Category General")).to_be_visible()
    assert serious_faults(page) == []


def test_15_a_colour_of_a_tile_leads_to_its_pictures(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    tile = page.locator(".tile").nth(2)
    tile.hover()
    hue = tile.locator(".hues a").nth(1)
    address = hue.get_attribute("href")
    with page.expect_response(f"**{address}") as answer:
        hue.click()
    assert answer.value.request.headers.get("hx-request") == "true"
    expect(page.locator(".chip")).to_contain_text("Colour")
    expect(page.locator("#drawer.open")).to_have_count(0)
