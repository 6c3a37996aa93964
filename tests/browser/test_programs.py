"""An administrator gives a program a key, uses it, and takes it away; the API is read on a page. At three widths."""

import pytest
import requests
from playwright.sync_api import Page, expect

from pindeck.models import User
from tests.browser.conftest import another_page, serious_faults, sign_in, sign_up
from tests.stack import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def status(base: str, key: str) -> int:
    return requests.get(f"{base}/api/v1/images", headers={"X-API-Key": key}, timeout=10).status_code


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_01_the_first_account_makes_a_key_with_which_a_program_works(open_page, stack, state):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    page.goto("/admin/programs")
    expect(page.get_by_text("No program has a key yet")).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_label("Name").fill("Film site")
    page.get_by_role("button", name="Make the key").click()
    shown = page.locator(".secret code")
    expect(shown).to_contain_text("pd_p_")
    key = shown.inner_text()
    page.locator(".secret").get_by_role("button", name="Copy").click()
    wait_for(lambda: page.evaluate("navigator.clipboard.readText()") == key, 60, "the key to be copied")
    assert serious_faults(page) == [] and status(stack.base, key) == 200
    page.reload()
    expect(page.locator(".secret")).to_have_count(0)
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("is revoked.")).to_be_visible()
    assert status(stack.base, key) == 401


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_02_the_page_fits_and_is_open_to_everybody(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/admin/programs")
    expect(page.get_by_role("heading", name="Film site")).to_be_visible()
    page.get_by_text("May see pictures").click()
    assert fits(page) and serious_faults(page) == []


def test_03_without_scripts_a_key_is_made_and_disabled(open_page, stack):
    page = open_page(390, javascript=False)
    sign_in(page)
    page.goto("/admin/programs")
    page.get_by_label("Name").fill("A script")
    page.get_by_role("button", name="Make the key").click()
    key = page.locator(".secret code").inner_text()
    assert status(stack.base, key) == 200
    page.goto("/admin/programs")
    with another_page(page):
        page.locator(".client", has=page.get_by_role("heading", name="A script")).get_by_role(
            "button", name="Disable"
        ).click()
    assert status(stack.base, key) == 401


@pytest.mark.parametrize("width", [1440, 360])
def test_04_the_api_is_read_on_a_page(open_page, width):
    page = open_page(width)
    page.goto("/api/v1/docs")
    expect(page.locator("#main h1")).to_be_visible()
    page.evaluate("for (const part of document.querySelectorAll('#main details')) part.open = true")
    assert fits(page)
    # All operations are drawn by one template, and axe takes half a minute for hundreds of them: two of each group, and one of each method.
    page.evaluate(
        """() => {
            const methods = new Set();
            for (const part of document.querySelectorAll("#main details.op")) {
                const method = part.querySelector(".verb").textContent;
                if (methods.has(method) && part.matches(":nth-of-type(n+3)")) part.classList.add("left-out");
                methods.add(method);
            }
            for (const part of document.querySelectorAll(".left-out")) part.remove();
        }"""
    )
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(page.locator("#main details.op .verb").all_inner_texts())
    assert serious_faults(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_05_a_role_saves_itself_and_one_that_was_refused_shows_what_holds(open_page, stack, state, width):
    if width == 1440:
        with stack.bound():
            User.create(id="bo", email="bo@example.org", name="Bo", role="curator", password_hash="x", created_at=1)
    page = open_page(width, state=state)
    page.goto("/admin/users")
    role = page.get_by_label("Role of Bo")
    held, wanted = ("curator", "admin") if width == 1440 else ("admin", "curator")
    expect(role).to_have_value(held)
    page.route("**/role", lambda route: route.abort())
    role.select_option(wanted)
    expect(role).to_have_value(held)
    page.unroute("**/role")
    role.select_option(wanted)
    expect(page.locator(".toast", has_text="Bo is")).to_be_visible()
    page.reload()
    expect(role).to_have_value(wanted)
    expect(page.locator("tr", has_text="(you)").get_by_role("button", name="Set role")).to_be_visible()
    page.get_by_label("More for Bo").click()
    expect(page.get_by_role("button", name="Make a link for a new password")).to_be_visible()
    assert fits(page) and serious_faults(page) == []
