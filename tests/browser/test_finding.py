"""Finding at a desk, on phones, and without scripts: the search box with its chips, colours, what looks alike, and copies that are merged."""

import io
from pathlib import Path

import pytest
from PIL import Image as Picture
from playwright.sync_api import Page, expect

from pindeck import db
from pindeck.models import Image, StoredFile, TwinDue
from pindeck.services.images import ledger, projects
from tests.browser.conftest import again, publish_photos, serious_faults, wait_for_index
from tests.stack import Stack, bound_to, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = [(1440, True), (390, True), (360, True), (360, False)]
AWAY = "the index is away"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("stack")).start()
    stack.start_index()
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def copied(photos, tmp_path_factory) -> list[str]:
    """Six photographs, and the first three of them once more, smaller."""
    folder = tmp_path_factory.mktemp("copied")
    made = []
    for name in photos[:3]:
        out = io.BytesIO()
        with Picture.open(name) as picture:
            picture.resize((picture.width * 2 // 3, picture.height * 2 // 3)).save(out, "JPEG", quality=80)
        path = folder / f"small {Path(name).name}"
        path.write_bytes(out.getvalue())
        made.append(str(path))
    return [*photos[:6], *made]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def answered(page: Page) -> None:
    """A page that asks the index, which has a second to answer; where that was too short, it is asked again."""
    if AWAY in page.locator("body").inner_text():
        again(page, lambda: AWAY not in page.locator("body").inner_text(), "an answer of the index")


def test_01_pictures_and_copies_are_published(open_page, state, copied, stack):
    publish_photos(open_page(), copied, state)
    with bound_to(stack.settings), db.writing():
        names = [Path(name).name for name in copied]
        for image in list(Image.select()):
            n = names.index(image.original_filename)
            words = {"title": f"Still {n}", "tags": ["rain", "lamp"] if n % 2 else ["fog"], "time": "Night" if n < 4 else "Dawn"}
            ledger.write(image.id, words, ledger.Writer("person", image.user_id))
            Image.update(project=projects.find_or_create("Night Ride").id).where(Image.seq == image.seq).execute()
    wait_for_index(stack)


@pytest.mark.parametrize(("width", "scripts"), WIDTHS)
def test_02_a_search_shows_its_parts_and_what_it_could_not_read(open_page, state, width, scripts):
    page = open_page(width, state=state, javascript=scripts)
    page.goto("/")
    box = page.locator("#q")
    box.fill('time:night tag:rain -"Still 1"')
    if scripts:
        box.focus()
        page.keyboard.press("End")
    box.press("Enter")
    page.wait_for_url("**q=time**")
    chips, tiles = page.locator(".chips .chip"), page.locator("#grid > .tile")
    expect(chips).to_have_count(3)
    expect(tiles).to_have_count(1)
    if scripts:
        assert serious_faults(page) == []
    assert fits(page)
    chips.last.click()
    expect(chips).to_have_count(2)
    expect(tiles).to_have_count(2)
    page.goto("/?q=tag:fog+(rain")
    expect(page.locator(".unread li").first).to_be_visible()
    expect(page.locator(".chips .chip").first).to_be_visible()
    page.goto("/?q=tag:fog+width:big")
    expect(page.locator(".unread li")).to_contain_text("width")
    expect(tiles.first).to_be_visible()  # what could be understood counts


def test_03_real_values_are_offered_while_one_types(open_page, state):
    page = open_page(state=state)
    page.goto("/")
    page.locator("#q").press_sequentially("tag:la", delay=20)
    offered = page.locator("#meant option[value='tag:lamp ']")
    expect(offered).to_have_count(1)
    expect(offered).to_contain_text("4")


@pytest.mark.parametrize(("width", "scripts"), WIDTHS)
def test_04_pictures_are_found_by_a_colour_and_without_another(open_page, state, width, scripts):
    page = open_page(width, state=state, javascript=scripts)
    page.goto("/")
    page.goto(str(page.locator("#grid > .tile > a").first.get_attribute("href")))
    address = page.get_by_role("link", name="Colours of this picture").first.get_attribute("href")
    page.goto(str(address))
    answered(page)
    expect(page.locator("main .grid .tile").first).to_be_visible()
    assert page.locator(".seeker [name=on]:checked").count() >= 1
    title = page.locator("main .grid .tile .cap").first.text_content()
    if scripts:
        assert serious_faults(page) == []
    assert fits(page)
    code = page.locator("[name=colour0]").input_value()
    page.locator("[name=colour10]").fill(code)
    page.locator("[name=off]").first.check()
    page.get_by_role("button", name="Find pictures").click()
    page.wait_for_url("**no=**")
    answered(page)
    expect(page.get_by_text("No picture has all of these")).to_be_visible()
    assert title and fits(page)
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_text("Choose a colour")).to_be_visible()


@pytest.mark.parametrize(("width", "scripts"), WIDTHS)
def test_05_what_looks_like_a_picture_comes_nearest_first_and_dials_are_remembered(open_page, state, stack, width, scripts):
    with bound_to(stack.settings):
        first = Image.get(Image.title == "Still 0")
    page = open_page(width, state=state, javascript=scripts)
    page.goto(f"/images/{first.id}/similar")
    answered(page)
    expect(page.locator("main .grid .tile .cap").first).to_contain_text("Still 6")  # its copy
    dial = page.get_by_label("Edges")
    dial.fill("3")
    page.get_by_role("button", name="Look again").click()
    page.wait_for_url("**edges=3**")
    page.goto(f"/images/{first.id}/similar")
    answered(page)
    expect(page.get_by_label("Edges")).to_have_value("3")
    if scripts:
        assert serious_faults(page) == []
    assert fits(page)


@pytest.mark.parametrize(("width", "scripts"), WIDTHS)
def test_06_copies_are_merged_into_the_best_and_come_back(open_page, state, stack, width, scripts):
    page = open_page(width, state=state, javascript=scripts)
    groups = page.locator(".copies")
    stack.run("sweep", "twins")  # which workers do every ten minutes
    with bound_to(stack.settings):
        wait_for(lambda: not TwinDue.select().exists(), 120, "the groups of copies", stack.log)
    page.goto("/duplicates")
    expect(groups).to_have_count(3)
    assert fits(page)
    if scripts:
        assert serious_faults(page) == []
    with bound_to(stack.settings):
        pictures, files = Image.select().where(Image.deleted_at.is_null()).count(), StoredFile.select().count()
    groups.first.get_by_role("button", name="Merge the copies").click()
    expect(page.locator(".toast").last).to_contain_text("merged into")
    expect(groups).to_have_count(2)
    with bound_to(stack.settings):
        assert Image.select().where(Image.deleted_at.is_null()).count() == pictures - 1
    if scripts:
        page.keyboard.press("Control+z")
        expect(page.locator(".toast").last).to_contain_text("Taken back")
    else:
        page.goto("/history")
        page.get_by_role("button", name="Undo").first.click()
        expect(page.locator(".toast").last).to_contain_text("Taken back")
    page.goto("/duplicates")
    expect(groups).to_have_count(3)
    with bound_to(stack.settings):
        assert Image.select().where(Image.deleted_at.is_null()).count() == pictures
        assert StoredFile.select().count() == files
