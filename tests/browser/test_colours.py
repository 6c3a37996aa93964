"""From a swatch to the pictures that have its colour and back, at a desk, on a phone and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import another_page, drop, publish_photos, serious_faults, settled_scroll, stands_at

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_01_pictures_are_published(open_page, state, photos):
    publish_photos(open_page(), photos, state)


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_02_a_swatch_finds_its_colour_and_back_is_exact(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    tile = page.locator(".tile > a").nth(9)
    tile.scroll_into_view_if_needed()
    before = settled_scroll(page)
    address = tile.get_attribute("href")
    tile.click()
    swatch = page.locator("#drawer .swatch > summary").nth(1)
    code = swatch.get_attribute("data-copy")
    swatch.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#drawer .swatch[open] .body")
    expect(panel).to_be_visible()
    assert serious_faults(page) == []
    box = panel.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(panel.get_by_role("link", name="Find this colour")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/?color=%23{code[1:]}")
    expect(page.locator("#drawer.open")).to_have_count(0)
    expect(page.locator(".chip", has_text="Colour")).to_be_visible()
    found = page.locator(".tile").count()
    assert 0 < found < 20
    assert page.locator(f'.tile > a[href="{address}"]').count() == 1
    assert serious_faults(page) == []
    page.go_back()
    expect(page.locator("#drawer.open")).to_be_visible()
    assert page.url.endswith(address)
    expect(page.locator(".tile")).to_have_count(20)
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    assert page.url.endswith("/")
    stands_at(page, before)
    page.go_forward()
    expect(page.locator("#drawer.open")).to_be_visible()
    page.go_forward()
    expect(page.locator(".tile")).to_have_count(found)
    page.locator(".chip", has_text="Colour").click()
    expect(page.locator(".tile")).to_have_count(20)


def test_03_a_search_within_a_colour_keeps_it(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    page.locator("#drawer .swatch > summary").first.click()
    page.get_by_role("link", name="Find this colour").click()
    expect(page.locator(".chip", has_text="Colour")).to_be_visible()
    page.fill("#q", "submarine")
    page.wait_for_url("**q=submarine**")
    assert "color=%23" in page.url
    expect(page.get_by_text("No picture matches")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 360])
def test_04_a_swatch_leads_to_its_colour_without_scripts(open_page, state, width):
    page = open_page(width, javascript=False, state=state)
    page.goto("/")
    address = page.locator(".tile > a").nth(4).get_attribute("href")
    page.goto(address)
    page.locator(".swatch > summary").nth(2).click()
    panel = page.locator(".swatch[open] .body")
    expect(panel.get_by_role("button")).to_have_count(0)
    panel.get_by_role("link", name="Find this colour").click()
    page.wait_for_url("**/?color=%23*")
    assert page.locator(f'.tile > a[href="{address}"]').count() == 1
    page.locator(".chip", has_text="Colour").click()
    page.wait_for_url("**/")
    expect(page.locator(".tile")).to_have_count(20)


def test_05_esc_closes_the_panel_first_and_then_the_drawer(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    swatch = page.locator("#drawer .swatch > summary").first
    swatch.click()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer .swatch[open]")).to_have_count(0)
    expect(swatch).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)


def tab_round(page, key, presses=60):
    """Where the focus goes: `drawer`, `page` for what lies under it, or `none`."""
    seen = set()
    for _ in range(presses):
        page.keyboard.press(key)
        seen.add(
            page.evaluate(
                "() => { const at = document.activeElement;"
                " return at.closest('#drawer') ? 'drawer' : at === document.body ? 'none' : 'page'; }"
            )
        )
    return seen


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_06_on_a_phone_the_focus_stays_in_the_drawer_until_it_closes(open_page, state, key):
    page = open_page(390, state=state)
    page.goto("/")
    tile = page.locator(".tile > a").nth(5)
    tile.click()
    expect(page.locator("#drawer.open")).to_be_visible()
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    assert "page" not in tab_round(page, key)
    assert serious_faults(page) == []
    page.locator("#drawer").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)
    expect(tile).to_be_focused()
    assert page.locator("[inert]").count() == 0
    page.wait_for_url("**/")
    tile.click()
    page.locator("#drawer").get_by_label("Close").click()
    expect(tile).to_be_focused()
    page.wait_for_url("**/")
    tile.click()
    expect(page.locator("#drawer.open")).to_be_visible()
    page.go_back()
    expect(page.locator("#drawer.open")).to_have_count(0)
    assert page.locator("[inert]").count() == 0
    expect(tile).to_be_focused()


def test_07_beside_the_grid_the_drawer_holds_nobody(open_page, state):
    page = open_page(1440, state=state)
    page.goto("/")
    page.locator(".tile > a").nth(5).click()
    expect(page.locator("#drawer.open")).to_be_visible()
    assert page.locator("[inert]").count() == 0
    assert "page" in tab_round(page, "Shift+Tab", 3)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    assert page.locator("[inert]").count() > 0
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("[inert]")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_08_the_numbers_of_review_follow_each_card(open_page, state, photos, width):
    page = open_page(width, state=state)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos[:3])
    expect(page.locator("#tray .up.done")).to_have_count(3, timeout=120_000)
    page.goto("/review/")
    tiles, number = page.locator(".tile.waits"), page.locator("#nav-drafts" if width > 900 else "#bottom-drafts")
    expect(page.get_by_role("button", name="Publish all 3")).to_be_visible()

    def decide(key: str) -> None:
        tiles.first.locator("> a").focus()
        page.keyboard.press(key)

    decide("p")
    expect(page.locator("#review-count")).to_contain_text("2 pictures wait")
    expect(page.get_by_role("button", name="Publish all 2")).to_be_visible()
    expect(number).to_have_text("2")
    expect(tiles.first.locator("> a")).to_be_focused()
    assert serious_faults(page) == []
    decide("x")
    expect(page.locator("#review-count")).to_contain_text("1 picture waits")
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(page.locator("#review-count")).to_contain_text("2 pictures wait")
    expect(number).to_have_text("2")
    decide("p")
    expect(page.locator("#review-count")).to_contain_text("1 picture waits")
    expect(page.locator(".toast").last).to_be_visible()
    expect(page.locator("#tray")).to_be_visible()
    decide("p")
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    expect(page.locator("#bottom-drafts")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 390])
def test_09_a_search_is_saved_found_again_and_opens_the_picker(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.fill("#q", "-tag:submarine")
    page.wait_for_url("**q=-tag%3Asubmarine**")
    page.locator(".atmany").get_by_role("link", name="Save").click()
    page.locator("#f-name").fill(f"Dry {width}")
    page.get_by_role("button", name="Save it").click()
    expect(page.locator(".toast p").last).to_contain_text("is saved")
    expect(page.locator(".keptsearches")).to_contain_text("-tag:submarine")
    assert serious_faults(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/?q=-tag:submarine")
    if width < 900:
        page.get_by_role("link", name="Menu and filters").click()
    expect(page.locator("#places").get_by_role("link", name=f"Dry {width}")).to_be_visible()
    swatch = page.locator("#places .ownpalette a").first
    code = swatch.get_attribute("href").rpartition("c=")[2]
    swatch.click()
    page.wait_for_url("**/colours?**")
    expect(page.get_by_label("Asked colour")).to_have_value(f"#{code}")
    expect(page.get_by_label("Among what this search finds")).to_have_value("-tag:submarine")
    assert serious_faults(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_10_a_saved_search_is_removed_without_scripts_and_comes_back(open_page, state):
    page = open_page(360, javascript=False, state=state)
    page.goto("/searches")
    page.locator(".keptsearches summary").first.click()
    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator(".keptsearches li")).to_have_count(1)
    with another_page(page):
        page.get_by_role("button", name="Undo").click()
    page.goto("/searches")
    expect(page.locator(".keptsearches li")).to_have_count(2)
    page.goto("/")
    page.fill("#q", "-tag:submarine")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=-tag%3Asubmarine")
    page.goto("/searches")
    expect(page.locator(".lastsearches")).to_contain_text("-tag:submarine")
    page.get_by_role("button", name="Clear them").click()
    expect(page.locator(".lastsearches")).to_have_count(0)


def test_11_a_picture_is_dropped_on_the_search_box(open_page, state, photos):
    page = open_page(state=state)
    page.goto("/")
    expect(page.locator("#tray")).to_have_count(1)
    drop(page, "#q", [photos[1]])
    page.wait_for_url("**/colours/dropped/**")
    expect(page.locator(".ownpalette.big a").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("alert")).to_contain_text("the index is away")  # none runs here
    expect(page.locator("#tray .up")).to_have_count(0)
    page.get_by_role("link", name="Another picture").click()
    expect(page.get_by_label("Your picture")).to_be_visible()
