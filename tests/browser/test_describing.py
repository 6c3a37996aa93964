"""A model describes pictures: its words are looked at before a picture is sent, tell where they came from, and are found."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pindeck import queue
from pindeck.models import Job
from pindeck.states import JobStatus
from tests.browser.conftest import again, drop, serious_faults, sign_up
from tests.servers.vision import VisionServer, serving_vision
from tests.stack import Stack, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def model() -> Iterator[VisionServer]:
    with serving_vision() as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory, model):
    made = Stack(tmp_path_factory.mktemp("stack"), {"VISION_BASE_URL": model.base, "VISION_MODEL": "good"}).start()
    yield made
    made.stop()


def shoot(page: Page, name: str) -> None:
    """A picture of the page, where somebody wants to look at it."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_01_words_are_looked_at_before_a_picture_is_sent_and_paid_once(open_page, state, photos, model):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    page.goto("/upload")
    page.get_by_label("Look at the words first").check()
    drop(page, "body", photos[:3])
    cards = page.locator("#held .hold")
    expect(cards).to_have_count(3)
    expect(page.locator("#tray .up")).to_have_count(0)
    assert model.requests == []
    cards.nth(0).get_by_label("Description").fill("She waits.")
    cards.nth(0).get_by_role("button", name="Ask the model").click()
    title = cards.nth(0).get_by_label("Title")
    expect(title).to_have_value("Neon Alley", timeout=60_000)
    expect(cards.nth(0).get_by_label("Description")).to_have_value("She waits.")
    expect(cards.nth(0).get_by_label("Type")).to_have_value("Music Video")
    expect(cards.nth(0).get_by_text("Suggested by good, prompt 2")).to_be_visible()
    assert serious_faults(page) == []
    shoot(page, "held-1440")
    title.fill("Mine")
    cards.nth(0).get_by_role("button", name="Send", exact=True).click()
    cards.nth(0).get_by_role("button", name="Remove").click()
    expect(cards).to_have_count(1)
    expect(page.locator("#tray .up.done")).to_have_count(1, timeout=60_000)
    page.once("dialog", lambda box: box.accept())  # one still waits here
    page.goto("/review/")
    expect(page.get_by_role("link", name="Mine")).to_be_visible()
    page.get_by_role("button", name="Publish all").click()
    expect(page.get_by_role("link", name="Mine")).to_have_count(0)
    page.goto("/")
    page.locator(".tile > a").first.click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_label("Title", exact=True)).to_have_value("Mine")
    expect(drawer.locator(".tagbox .tag")).to_have_text(["rain", "neon", "Low-Key"])
    expect(drawer.locator(".offer")).to_have_count(1)  # for the description, which was typed first; the title is decided
    assert len(model.requests) == 1


def test_02_it_fits_a_phone(open_page, state, photos, model):
    page = open_page(390, state=state)
    page.goto("/upload")
    page.get_by_label("Look at the words first").check()
    page.set_input_files('input[type="file"]', photos[3:5])
    before = len(model.requests)
    page.get_by_role("button", name="Ask about all 2").click()
    expect(page.locator("#held data[data-word='title']")).to_have_count(2, timeout=60_000)
    assert len(model.requests) == before + 2 and fits(page)
    page.locator("#held .hold").first.scroll_into_view_if_needed()
    shoot(page, "held-390")
    page.get_by_role("button", name="Send all").click()
    expect(page.locator("#tray .up.done")).to_have_count(2, timeout=60_000)
    assert len(model.requests) == before + 2


@pytest.mark.parametrize("width", [1440, 390])
def test_03_a_value_tells_where_it_came_from_to_a_pointer_and_to_the_keyboard(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.locator(".tile > a").first.click()
    genre = page.locator("#drawer").get_by_label("Genre", exact=True)
    told = page.get_by_text("By good, prompt 2, $0.0002 for the whole description").locator("visible=true")
    expect(told).to_have_count(0)
    genre.focus()
    expect(told).to_have_count(1)
    expect(genre).to_have_accessible_description("By good, prompt 2, $0.0002 for the whole description")
    shoot(page, f"by-{width}")
    expect(page.locator("#drawer").get_by_label("Add a tag")).to_have_accessible_description(
        "By good, prompt 2, $0.0002 for the whole description"
    )
    genre.blur()
    expect(told).to_have_count(0)
    if width == 1440:
        page.locator('#drawer label:text-is("Title")').hover()
        expect(page.get_by_text("By Olga", exact=True).locator("visible=true")).to_have_count(1)
    page.locator("#drawer").get_by_text("History", exact=True).click()
    expect(page.locator("#drawer .history").get_by_text("$0.0002 for the whole description").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_04_the_craft_is_chosen_in_the_rail(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    if width == 390:
        page.locator("[data-open-rail]").click()
    rail = page.locator("#facets")
    rail.get_by_text("Light", exact=True).click()
    term = rail.get_by_role("link", name="Low-Key")
    expect(term).to_be_visible()
    expect(rail.locator("li", has_text="Low-Key").locator(".count")).to_have_text("1")
    rail.scroll_into_view_if_needed()
    shoot(page, f"facets-{width}")
    term.press("Enter")
    expect(page.locator(".chip", has_text="Light: Low-Key")).to_be_visible()
    if width == 1440:
        expect(rail.get_by_role("link", name="Low-Key")).to_have_attribute("aria-current", "true")
        assert serious_faults(page) == []
        page.go_back()
        expect(page.locator(".chip")).to_have_count(0)
        expect(rail.get_by_role("link", name="Low-Key")).not_to_have_attribute("aria-current", "true")


def test_05_without_scripts_the_terms_are_a_page(open_page, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/")
    page.goto("/facets/light")
    page.get_by_role("link", name="Low-Key").click()
    expect(page.locator(".tile")).to_have_count(1)


@pytest.mark.parametrize("width", [1440, 390])
def test_06_an_administrator_tries_the_model_and_tells_it_rules(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/admin/describing")
    page.get_by_role("button", name="Show it a small picture").click()
    expect(page.get_by_text("good answered after")).to_be_visible(timeout=60_000)
    rules = page.get_by_label("House rules")
    rules.fill(f"We write in German, at {width} pixels.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The next description follows these rules.")).to_be_visible()
    assert fits(page) and serious_faults(page) == []
    shoot(page, f"describing-{width}")
    page.get_by_role("button", name="Undo").click()
    expect(rules).to_have_value("")


def nothing_is_asked(stack: Stack) -> None:
    """The worker has nothing left to show the model."""
    with stack.bound():
        left = Job.kind.in_([queue.ANALYSE.kind, queue.DESCRIBE_MANY.kind]) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
        wait_for(lambda: not Job.select().where(left).exists(), 120, "the model to be left alone", stack.log)


def type_titles(page: Page) -> None:
    """The two newest that wait are called otherwise, by a person."""
    page.goto("/review/")
    for link in [tile.get_attribute("href") for tile in page.locator(".tile.waits > a").all()[:2]]:
        page.goto(link)
        title = page.locator('.field:has(label:text-is("Title"))')
        title.locator("textarea, input[type=text]").first.fill(f"Typed, {link[-4:]}")
        page.keyboard.press("Enter")
        expect(page.get_by_text("saved", exact=True)).to_be_visible()


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (360, True), (390, False)])
def test_07_chosen_pictures_are_described_and_all_of_it_is_taken_back(open_page, state, stack, photos, model, width, scripts):
    page = open_page(width, javascript=scripts, state=state)
    if width == 1440:
        page.goto("/upload")
        page.set_input_files('input[type="file"]', photos[5:8])
        expect(page.locator("#tray .up.done")).to_have_count(3, timeout=60_000)
    nothing_is_asked(stack)
    if width == 1440:
        type_titles(page)  # so that the model has something to suggest
    page.goto("/review/")
    for box in page.locator(".tile.waits .check").all()[:2]:
        box.check()
    before = len(model.requests)
    if width == 1440:
        page.keyboard.press("d")
    else:
        page.get_by_role("button", name="Describe").click()
    told = page.locator("#describe-chosen")
    expect(told.get_by_text("2 pictures", exact=True)).to_be_visible()
    expect(told.get_by_text("It will cost about $0.0004")).to_be_visible()
    if scripts:
        assert fits(page) and serious_faults(page) == [] and len(model.requests) == before
    shoot(page, f"describe-chosen-{width}{'' if scripts else '-plain'}")
    told.get_by_role("button", name="Describe them again").click()
    expect(page.get_by_text("2 pictures are described again.")).to_be_visible()
    if scripts:
        expect(told).to_have_count(0)
        page.get_by_role("link", name="See how far it is").click()
    round_ = page.locator("#rounds article").first
    back = round_.get_by_role("button", name="Take back")
    if scripts:
        expect(back).to_be_visible(timeout=120_000)
    else:
        again(page, back.count, "a round that ended")
    expect(round_.get_by_text("2 of 2 described")).to_be_visible()
    if scripts:
        assert fits(page) and serious_faults(page) == []
    shoot(page, f"describe-{width}{'' if scripts else '-plain'}")
    back.click()
    expect(round_.get_by_text("Taken back.", exact=True)).to_be_visible()
    page.goto("/history")
    expect(page.get_by_text("Described by a model, 2 pictures").first).to_be_visible()


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, False)])
def test_08_suggestions_of_chosen_pictures_are_answered_beside(open_page, state, stack, model, width, scripts):
    page = open_page(width, javascript=scripts, state=state)

    def describe_two() -> None:
        page.goto("/review/")
        for box in page.locator(".tile.waits .check").all()[:2]:
            box.check()
        page.get_by_role("button", name="Describe").click()

    if scripts:
        describe_two()
        page.get_by_role("button", name="Describe them again").click()
        expect(page.get_by_text("2 pictures are described again.")).to_be_visible()
    nothing_is_asked(stack)
    page.goto("/suggestions")
    expect(page.get_by_role("button", name="Accept all 2 for Title")).to_be_visible()
    if scripts:
        assert fits(page) and serious_faults(page) == []
    shoot(page, f"suggestions-{width}{'' if scripts else '-plain'}")
    describe_two()
    page.get_by_role("button", name="Accept all 2 for Title").click()
    expect(page.get_by_text("2 suggestions are accepted.")).to_be_visible()
    shoot(page, f"suggestions-chosen-{width}{'' if scripts else '-plain'}")
    page.goto("/review/")
    expect(page.locator(".tile.waits > a", has_text="Typed, ")).to_have_count(0)
    page.goto("/history")
    page.locator(".history li", has_text="Accepted a suggestion for Title").first.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back: accepted a suggestion for Title.")).to_be_visible()


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (390, False)])
def test_09_chosen_pictures_of_the_gallery_are_described_after_a_dry_run(open_page, state, stack, model, width, scripts):
    nothing_is_asked(stack)
    page = open_page(width, javascript=scripts, state=state)
    page.goto("/")
    page.get_by_role("link", name="Choose", exact=True).click()
    page.locator("#choose-form").wait_for()
    page.locator(".tile .check").first.check()
    before = len(model.requests)
    if width == 1440:
        page.keyboard.press("d")
    else:
        page.locator("#choose-form").get_by_role("button", name="Describe").click()
    told = page.locator("#describe-chosen")
    expect(told.get_by_text("1 picture", exact=True).first).to_be_visible()
    if scripts:
        assert fits(page) and serious_faults(page) == []
    shoot(page, f"describe-gallery-{width}{'' if scripts else '-plain'}")
    assert len(model.requests) == before
    told.get_by_role("button", name="Describe it again").click()
    expect(page.get_by_text("1 picture is described again.")).to_be_visible()
