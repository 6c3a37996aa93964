"""Signing in while others guess: the page waits and tries again by itself."""

import pytest
from playwright.sync_api import expect

from pindeck import db
from pindeck.models import Attempt
from pindeck.services.accounts import accounts, sign_in_limits
from tests.browser.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
EMAIL = "ines@example.org"


def fill(page, password: str) -> None:
    page.fill('[name="email"]', EMAIL)
    page.fill('[name="password"]', password)
    page.click('form button:has-text("Sign in")')


def guessed(count: int) -> None:
    rows = [{"kind": sign_in_limits.KIND, "subject": f"account:{EMAIL}", "at": db.now_ms()} for _ in range(count)]
    Attempt.insert_many(rows).execute()


def test_whoever_has_to_wait_is_let_in_without_asking_again(open_page, stack) -> None:
    with stack.bound():
        accounts.create(EMAIL, PASSWORD)
    page = open_page()
    page.goto("/sign-in")
    fill(page, "wrong wrong wrong")
    expect(page.locator("#e-password")).to_have_text("E-mail and password do not match an account.")
    with stack.bound():
        guessed(160)
    fill(page, PASSWORD)
    expect(page.locator("[data-wait]")).to_contain_text("Trying again in")
    page.wait_for_url(stack.base + "/", timeout=90_000)
    page.get_by_label("Account of ines").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    with stack.bound():  # this browser is known now
        guessed(1000)
    page.goto("/sign-in")
    fill(page, PASSWORD)
    page.wait_for_url(stack.base + "/")


def test_without_scripts_a_sentence_says_when(open_page, stack) -> None:
    with stack.bound():
        guessed(1000)
    page = open_page(javascript=False)
    page.goto("/sign-in")
    fill(page, PASSWORD)
    expect(page.locator("#e-password")).to_contain_text("so this one was not checked. Try again in")
    expect(page.locator('[name="email"]')).to_have_value(EMAIL)
