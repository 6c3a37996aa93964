"""Pictures of odd shapes: seen whole in the wall and in the drawer, with nothing under what is clear."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.conftest import sign_up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

GREEN, BLUE, YELLOW = (10, 200, 10), (10, 120, 200), (250, 210, 20)


def shapes() -> dict[str, Image.Image]:
    ring = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    ring.paste((*YELLOW, 255), (60, 60, 340, 340))
    ring.paste((0, 0, 0, 0), (120, 120, 280, 280))
    return {
        "wide.png": Image.new("RGB", (10_000, 1), GREEN),
        "tall.png": Image.new("RGB", (400, 9_000), BLUE),
        "ring.png": ring,
    }


def seen(place: Locator) -> Image.Image:
    return Image.open(io.BytesIO(place.screenshot())).convert("RGB")


def is_like(found: object, colour: tuple[int, int, int], most: int = 12) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) <= most for one, other in zip(found, colour, strict=True))


def is_green(found: object) -> bool:
    assert isinstance(found, tuple)
    return found[1] > found[0] + 40 and found[1] > found[2] + 40


def test_odd_shapes_are_seen_whole_and_nothing_lies_under_a_clear_one(open_page, tmp_path):
    for name, image in shapes().items():
        image.save(tmp_path / name)
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', [str(tmp_path / name) for name in shapes()])
    expect(page.locator("#tray .up.done")).to_have_count(3, timeout=120_000)
    page.goto("/review/")
    page.get_by_role("button", name="Publish all").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()

    page.goto("/")
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(3)
    expect(page.locator(".tile.there")).to_have_count(3)
    page.mouse.move(0, 0)
    surface = page.locator(".tile").first.evaluate(
        "t => getComputedStyle(t).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    for tile in tiles.all():
        assert tile.evaluate("t => getComputedStyle(t).backgroundImage") == "none"

    tall = seen(page.locator(".tile", has_text="tall"))
    middle = tall.height // 2
    assert is_like(tall.getpixel((tall.width // 2, middle)), BLUE)
    assert is_like(tall.getpixel((tall.width // 2, 2)), BLUE)
    assert is_like(tall.getpixel((4, middle)), tuple(surface))

    wide = seen(page.locator(".tile", has_text="wide"))
    assert wide.width >= 300 and wide.height >= 60
    rows = [y for y in range(wide.height) if is_green(wide.getpixel((wide.width // 2, y)))]
    assert rows and abs(sum(rows) / len(rows) - wide.height / 2) < 6 and len(rows) < wide.height / 4

    ring = seen(page.locator(".tile", has_text="ring"))
    assert is_like(ring.getpixel((ring.width // 2, ring.height // 2)), tuple(surface))
    assert is_like(ring.getpixel((3, ring.height // 2)), tuple(surface))
    assert is_like(ring.getpixel((ring.width // 2, ring.height // 4)), YELLOW)

    page.locator(".tile", has_text="wide").locator("a").click()
    hero = page.locator(".sheet .hero img")
    expect(hero).to_be_visible()
    box = hero.bounding_box()
    assert box and box["height"] >= 90 and box["width"] >= 200
    expect(hero).to_have_js_property("complete", True)
    drawn = seen(page.locator(".sheet .hero"))
    column = drawn.crop((drawn.width // 2, 0, drawn.width // 2 + 1, drawn.height))
    assert any(is_green(column.getpixel((0, y))) for y in range(column.height))
    hero.click()
    expect(page.locator("dialog[open] img").first).to_be_visible()
