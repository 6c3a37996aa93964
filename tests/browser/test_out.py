"""What goes out, and who is who elsewhere: feeds, webhooks and Discord on their pages, wide, narrow and without scripts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import Page, expect

from tests.browser.conftest import publish_photos, serious_faults
from tests.servers.receiver import Receiver, receiving, status
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AVA = "80351110224678912"
# With scripts at each width, and without them on a phone.
either_way = pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (360, True), (390, False)])


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory, receiver):
    environ = {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{receiver.port}", "DISCORD_TOKEN": "of-nobody", "PUBLIC_LIBRARY": "1"}
    made = Stack(tmp_path_factory.mktemp("stack"), environ).start()
    yield made
    made.stop()


def press(page: Page, name: str, scripts: bool) -> None:
    """A button that asks whether one means it, where scripts run."""
    page.get_by_role("button", name=name).click()
    if scripts:
        page.get_by_role("alertdialog").get_by_role("button", name=name).click()


def looked_at(page: Page, name: str, width: int, scripts: bool) -> None:
    """The page fits, has no fault, and is kept as a picture where somebody wants to see it."""
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert serious_faults(page) == []
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}-{width}{'' if scripts else '-plain'}.png"), full_page=True)


def test_01_somebody_publishes_two_pictures(open_page, photos, state):
    publish_photos(open_page(), photos[:2], state)


@either_way
def test_02_an_address_of_a_feed_is_made_renewed_and_revoked(open_page, state, width, scripts):
    page = open_page(width, javascript=scripts, state=state)
    page.goto("/?q=alley")
    page.get_by_role("link", name="Feed", exact=True).click()
    expect(page.get_by_role("heading", name="Feed", exact=True)).to_be_visible()
    looked_at(page, "feed-before", width, scripts)
    page.get_by_role("button", name="Make an address").click()
    mine = page.get_by_role("status").filter(has=page.locator("code")).locator("code")
    first = mine.inner_text()
    looked_at(page, "feed", width, scripts)
    assert urllib3.request("GET", first).data.startswith(b"<?xml")
    press(page, "Make a new one", scripts)
    expect(mine).not_to_have_text(first)
    assert [urllib3.request("GET", each).status for each in (first, mine.inner_text())] == [404, 200]
    page.goto("/account")
    expect(page.locator("#accounts-feeds").get_by_role("link")).to_have_count(1)
    looked_at(page, "account-feeds", width, scripts)
    press(page, "Revoke", scripts)
    expect(page.get_by_text("You have made none.")).to_be_visible()


@either_way
def test_03_a_webhook_is_added_tested_mended_and_deleted(open_page, state, receiver, width, scripts):
    page = open_page(width, javascript=scripts, state=state)
    page.goto("/admin/webhooks")
    looked_at(page, "webhooks-empty", width, scripts)
    new = page.get_by_role("region", name="A new webhook")
    new.get_by_label("Address").fill("http://127.0.0.1:1/")
    new.get_by_role("button", name="Add the webhook").click()
    expect(new.locator(".error")).to_be_visible()
    expect(new.get_by_label("Address")).to_have_value("http://127.0.0.1:1/")
    new.get_by_label("Address").fill(receiver.url)
    new.get_by_label("Name").fill("Studio")
    new.get_by_role("button", name="Add the webhook").click()
    expect(page.get_by_role("status").get_by_text("whsec_")).to_be_visible()
    looked_at(page, "webhooks", width, scripts)
    receiver.answers.append(status(400))
    page.get_by_role("link", name="Studio").click()
    expect(page.get_by_text("Nothing was sent yet")).to_be_visible()
    page.get_by_role("button", name="Send a test").click()
    line = page.locator(".message").first
    for _ in range(60):
        if not line.get_by_text("On its way").count():
            break
        page.wait_for_timeout(500)
        if not scripts:
            page.reload()
    expect(line.locator("summary")).to_have_text("It answered with status 400.")
    line.locator("summary").click()
    looked_at(page, "webhook-log", width, scripts)
    before = len(receiver.messages)
    line.get_by_role("button", name="Send again").click()
    for _ in range(60):
        if line.get_by_text("Arrived").count():
            break
        page.wait_for_timeout(500)
        if not scripts:
            page.reload()
    expect(line.get_by_text("Arrived")).to_be_visible()
    assert len(receiver.messages) == before + 1 and receiver.messages[-1].id == receiver.messages[-2].id
    page.get_by_role("link", name="All webhooks").click()
    page.get_by_text("Change it, renew its secret, or delete it").click()
    looked_at(page, "webhooks-open", width, scripts)
    press(page, "Delete for good", scripts)
    expect(page.get_by_text("No webhook yet")).to_be_visible()


@either_way
def test_04_people_of_discord_are_linked_and_unlinked(open_page, state, width, scripts):
    page = open_page(width, javascript=scripts, state=state)
    page.goto("/account")
    page.get_by_role("button", name="Link to Discord").click()
    expect(page.get_by_text("/images link code:")).to_be_visible()
    looked_at(page, "account-discord", width, scripts)
    page.goto("/admin/discord")
    looked_at(page, "discord-empty", width, scripts)
    page.get_by_label("Id in Discord").fill("ava")
    page.get_by_label("E-mail of their account").fill("olga@example.org")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.locator(".error")).to_be_visible()
    page.get_by_label("Id in Discord").fill(AVA)
    page.get_by_label("Name in Discord").fill("ava of the night shift")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("cell", name="ava of the night shift")).to_be_visible()
    looked_at(page, "discord", width, scripts)
    page.goto("/account")
    press(page, "Unlink", scripts)
    expect(page.locator("#accounts-discord").get_by_role("button", name="Unlink")).to_have_count(0)
    page.goto("/admin/discord")
    expect(page.get_by_text("Nobody is linked")).to_be_visible()
