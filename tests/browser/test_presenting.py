"""Slides in a room: with keys in two windows, by touch on a phone, without scripts, and from a link."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from pindeck.access import Actor
from pindeck.models import Image, User
from pindeck.services.boards import boards, pictures, sharing
from pindeck.services.boards.canvas import acting
from pindeck.services.boards.canvas import arranging as canvas_arranging
from pindeck.services.boards.storyboards import arranging, frames, shots, storyboards
from pindeck.states import Role
from tests.browser.conftest import another_page, publish_photos, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SHOTS = os.environ.get("PRESENT_SHOTS")
MADE: dict[str, str] = {}  # the addresses of what the first test makes


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(700)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def at(page: Page, number: int) -> None:
    expect(page.locator("#at")).to_have_text(str(number))
    expect(page.locator(".slide.on")).to_have_id(str(number))


def test_01_keys_lead_through_the_slides_in_both_windows(open_page, photos, state, stack):
    page = open_page()
    publish_photos(page, photos[:5], state)
    with stack.bound():
        user = User.get()
        actor = Actor(user.id, Role(user.role))
        board, _ = boards.create(actor, name="Night ride")
        ids = [row.id for row in Image.select().order_by(Image.id)]
        pictures.add(actor, board.id, ids)
        pictures.write_note(actor, board.id, ids[1], "The lamp, not the street.")
        drawn, _ = storyboards.create(actor, board.id, is_quick=True)
        storyboards.update(actor, drawn.id, aspect="2.39")
        shots.describe(actor, drawn.id, ids[0], number="12A", shot_size="MCU", action="She turns into the light.")
        arranging.write_note(actor, drawn.id, frames.read(drawn.id)[0].id, "Ask for the long lens.", based_on="")
    MADE.update(board=f"/boards/{board.id}", drawn=f"/storyboards/{drawn.id}")
    page.goto(MADE["board"])
    with another_page(page):
        page.get_by_role("link", name="Present").click()
    at(page, 1)
    shoot(page, "board-1440")
    for key, number in (("ArrowRight", 2), (" ", 3), ("PageDown", 4), ("PageUp", 3), ("ArrowLeft", 2), ("End", 5), ("Home", 1), ("ArrowDown", 2)):
        page.keyboard.press(key)
        at(page, number)
    expect(page.locator(".slide.on")).to_contain_text("The lamp, not the street.")
    shoot(page, "note-1440")
    page.reload()
    at(page, 2)
    for key, name in (("b", "black"), ("w", "white"), ("p", "pause")):
        page.keyboard.press(key)
        expect(page.locator("#veil")).to_have_attribute("data-is", name)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#veil")).not_to_be_visible()
    at(page, 2)
    assert serious_faults(page) == []
    page.goto(f"{MADE['drawn']}/present")
    at(page, 1)
    expect(page.locator(".slide.on figcaption")).to_contain_text("12A · MCU")
    shoot(page, "storyboard-1440")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    expect(speaker.locator("#notes")).to_have_text("Ask for the long lens.")
    at(speaker, 1)
    expect(speaker.locator(".following")).to_have_id("2")
    shoot(speaker, "speaker-1440")
    assert serious_faults(speaker) == []
    speaker.keyboard.press("PageDown")
    at(page, 2)
    page.keyboard.press("End")
    at(speaker, 5)
    speaker.keyboard.press("b")
    expect(page.locator("#veil")).to_be_visible()
    speaker.close()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Next slide")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    page.evaluate("document.fullscreenElement && document.exitFullscreen()")
    with another_page(page):
        page.keyboard.press("Escape")
    assert page.url.endswith(MADE["drawn"])


@pytest.mark.parametrize("width", [390, 360])
def test_02_a_phone_taps_and_swipes(open_page, state, width):
    page = open_page(width, state=state)
    page.goto(f"{MADE['board']}/present#2")
    at(page, 2)
    page.mouse.click(width - 60, 300)
    at(page, 3)
    page.mouse.click(30, 300)
    at(page, 2)
    page.mouse.move(300, 300)
    page.mouse.down()
    page.mouse.move(100, 310, steps=4)
    page.mouse.up()
    at(page, 3)
    page.keyboard.press("ArrowLeft")
    at(page, 2)
    shoot(page, f"board-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and serious_faults(page) == []
    page.goto(f"{MADE['drawn']}/present?view=speaker")
    expect(page.locator("#notes")).to_have_text("Ask for the long lens.")
    shoot(page, f"speaker-{width}")


def test_03_without_scripts_it_is_a_page_of_slides(open_page, state):
    page = open_page(390, state=state, javascript=False)
    page.goto(f"{MADE['board']}/present")
    expect(page.locator(".slide")).to_have_count(5)
    page.locator("[id='1']").get_by_role("link", name="Next").click()
    assert page.url.endswith("#2")
    expect(page.locator("[id='2'] figcaption")).to_be_in_viewport()
    shoot(page, "plain-390")
    with another_page(page):
        page.get_by_role("link", name="Leave").click()
    assert re.search(r"/boards/[0-9a-f-]+$", page.url)


def test_04_the_quiet_wall_steps_likes_and_puts_on_a_board(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator(".tile > a").nth(1).focus()
    page.keyboard.press("f")
    wall, told = page.locator("#quiet"), page.locator("#quiet [role=status]")
    names = [text.strip() for text in page.locator(".grid .tile .cap").all_inner_texts()]
    expect(told).to_have_text(names[1])
    expect(wall.locator("img")).to_have_count(1)
    shoot(page, "quiet-1440")
    page.keyboard.press(" ")
    expect(wall.get_by_role("button", name="By itself")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text(names[0])
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text(names[-1])
    page.keyboard.press("l")
    expect(told).to_have_text(f"{names[-1]}, liked")
    page.keyboard.press("b")
    choice = page.locator("#board-choice")
    expect(choice.locator("[name=name]")).to_be_focused()
    page.keyboard.type("Quiet ones")
    page.keyboard.press("Enter")
    expect(choice).not_to_be_visible()
    assert serious_faults(page) == []
    page.keyboard.press("f")
    expect(wall).not_to_be_visible()
    expect(page.locator(".tile").last.locator(".like")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".tile").last.locator("> a")).to_be_focused()
    page.keyboard.press("Control+k")
    page.locator("#go").fill("quiet")
    page.locator("#go-results").get_by_role("button", name="Quiet wall").click()
    expect(wall).to_be_visible()
    page.keyboard.press("f")
    page.goto("/?view=table")
    expect(page.locator("#cells .tile").first).to_be_visible()
    page.keyboard.press("f")
    expect(wall.locator("img")).to_have_count(1)
    page.keyboard.press("l")
    expect(told).to_contain_text(", liked")


def test_05_a_canvas_is_walked_through(open_page, state, stack):
    with stack.bound():
        user = User.get()
        actor, board_id = Actor(user.id, Role(user.role)), MADE["board"].split("/")[-1]
        canvas_arranging.arrange(actor, board_id, "packed")
        acting.add(actor, board_id, "note", text="Rain on glass.", x=0, y=2000)
        link = f"/share/{sharing.share(actor, board_id)[0]}"
    page = open_page(state=state)
    page.goto(f"{MADE['board']}/canvas")
    with another_page(page):
        page.get_by_role("link", name="Present").click()
    at(page, 1)
    for thing in page.locator("li.object").all():
        expect(thing).to_be_in_viewport(ratio=0.99)
    for key, number in (("End", 7), ("PageUp", 6), ("End", 7)):
        page.keyboard.press(key)
        at(page, number)
    note = page.locator('li.object[data-kind="note"]')
    expect(note).to_be_in_viewport(ratio=0.99)
    expect(page.locator("li.object:has(img)").first).not_to_be_in_viewport()
    assert serious_faults(page) == []
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    at(opened.value, 7)
    expect(opened.value.locator(".canvasstage.following")).not_to_be_visible()
    opened.value.keyboard.press("Home")
    at(page, 1)
    visitor = open_page(390)
    visitor.goto(link)
    with another_page(visitor):
        visitor.get_by_role("link", name="Canvas").click()
    visitor.keyboard.press("End")
    expect(visitor.locator('li.object[data-kind="note"]')).to_be_in_viewport(ratio=0.99)
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    plain = open_page(360, javascript=False)
    plain.goto(f"{link}/canvas")
    expect(plain.locator("li.object img").first).to_be_in_viewport()
    expect(plain.locator(".slide").first).not_to_be_visible()
    assert plain.evaluate("document.documentElement.scrollWidth <= innerWidth")
