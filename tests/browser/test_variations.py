"""A person varies a picture in its drawer, sees it being made, goes along the lineage and compares two pictures."""

from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, User
from pindeck.services.images import publishing
from pindeck.services.ingest import uploads
from pindeck.states import AiStatus
from tests.browser.conftest import sign_up
from tests.stack import wait_for
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def picture(stack, open_page, state) -> str:
    """The id of a picture in the library of who is signed in in `state`."""
    page = open_page()
    if not Path(state).exists():
        sign_up(page)
        page.context.storage_state(path=state)
    with stack.bound():
        user = User.get(User.email == "olga@example.org")
        olga = Actor(user.id, user.role, user.name, user.email)
        image = uploads.accept(olga, BytesIO(jpeg(User.select().count(), (720, 405))), "Alley at night.jpg").image

        def is_ready() -> bool:
            db.connect()
            return Image.get_by_id(image.seq).ai_status == AiStatus.COMPLETED

        wait_for(is_ready, 60, "the picture to be stored and described", stack.log)
        publishing.publish(olga, image.id)
    return image.id


def test_a_picture_is_varied_in_the_drawer(picture, open_page, state) -> None:
    for width in (1440, 390):
        page = open_page(width, state=state)
        page.goto("/")
        page.locator(f'a[href="/images/{picture}"]').first.click()
        drawer = page.locator("#drawer")
        drawer.get_by_text("Make variations").click()
        drawer.get_by_label("Coverage").focus()
        page.keyboard.press("Space")
        drawer.get_by_label("How many").select_option("2")
        expect(drawer.get_by_text("It costs nothing.")).to_be_visible()
        drawer.get_by_text("What will be sent", exact=True).click()
        expect(drawer.locator(".prompts li")).to_have_count(2)
        drawer.get_by_label("Detail", exact=True).fill("wet asphalt")
        expect(drawer.locator(".prompts li").first).to_contain_text("wet asphalt")
        expect(drawer.get_by_text("It costs nothing.")).to_have_count(1)
        drawer.get_by_role("button", name="Make variations").scroll_into_view_if_needed()
        page.route("**/vary/prompts?*", lambda route: None)
        drawer.get_by_label("How many").select_option("1")  # asks for the prompts, which come when the form has gone
        drawer.get_by_label("How many").select_option("2")
        drawer.get_by_role("button", name="Make variations").press("Enter")
        made = 2 if width == 1440 else 4
        expect(drawer.locator(".kin li")).to_have_count(made, timeout=60_000)
        expect(drawer.get_by_text("being made.")).to_have_count(0, timeout=60_000)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        drawer.locator(".kin li a").first.click()
        expect(drawer.get_by_text("Made from", exact=True)).to_be_visible()
        with page.expect_response("**/vary/prompts?*"):
            page.unroute("**/vary/prompts?*")
        expect(drawer.locator(".kin li")).to_have_count(made)  # the parent and the others
        drawer.get_by_role("link", name="Compare").first.click()
        page.wait_for_url("**/compare/**")
        slider = page.get_by_label("How much of the first picture is seen")
        slider.focus()
        page.keyboard.press("Home")
        expect(page.locator(".versus figure + figure img")).to_have_css("clip-path", "inset(0px 0px 0px 0%)")
        page.keyboard.press("End")
        expect(page.locator(".versus figure + figure img")).to_have_css("clip-path", "inset(0px 0px 0px 100%)")
        for _ in range(40):
            page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_same_without_scripts(picture, open_page, state) -> None:
    page = open_page(390, javascript=False, state=state)
    page.goto(f"/images/{picture}")
    page.get_by_role("link", name="Make variations").click()
    page.get_by_label("B-Roll").check()
    page.get_by_label("Detail", exact=True).fill("rain")
    page.get_by_role("button", name="Show what will be sent").click()
    expect(page.locator(".prompts li").first).to_contain_text("In the same place and light: rain.")
    page.get_by_label("How many").select_option("1")
    page.get_by_role("button", name="Make variations").click()
    page.wait_for_url(f"**/images/{picture}")

    def is_made() -> bool:
        page.reload()
        return page.locator(".kin li").count() == 1

    wait_for(is_made, 60, "the variation", lambda: page.content())
    page.get_by_role("link", name="Compare").click()
    left, right = (page.locator(".versus img").nth(n).bounding_box() for n in range(2))
    assert left["x"] + left["width"] <= right["x"]  # side by side
