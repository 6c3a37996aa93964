"""Pictures of odd shapes and large ones: seen whole and as sharp as the screen, with nothing under what is clear."""

import io
import re

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
        "valley.jpg": Image.linear_gradient("L").resize((3000, 2000)).convert("RGB"),
    }


def seen(place: Locator) -> Image.Image:
    return Image.open(io.BytesIO(place.screenshot())).convert("RGB")


def is_like(found: object, colour: tuple[int, int, int], most: int = 12) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) <= most for one, other in zip(found, colour, strict=True))


def is_green(found: object) -> bool:
    assert isinstance(found, tuple)
    return found[1] > found[0] + 40 and found[1] > found[2] + 40


def test_odd_shapes_are_seen_whole_and_nothing_lies_under_a_clear_one(open_page, state, tmp_path):
    for name, image in shapes().items():
        image.save(tmp_path / name)
    page = open_page()
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', [str(tmp_path / name) for name in shapes()])
    expect(page.locator("#tray .up.done")).to_have_count(4, timeout=120_000)
    page.goto("/review/")
    page.get_by_role("button", name="Publish all").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    page.context.storage_state(path=state)

    page.goto("/")
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(4)
    expect(page.locator(".tile.there")).to_have_count(4)
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


@pytest.mark.parametrize("width", [390, 1440])
def test_the_full_window_is_as_sharp_as_the_screen_and_the_zoom(open_page, state, width):
    page = open_page(width, state=state)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    tile = page.locator(".tile", has_text="valley").locator("> a")
    original = tile.get_attribute("href").replace("/images/", "/i/")
    tile.focus()
    page.keyboard.press("Space")
    shown = page.locator("#lightbox img")
    if width == 390:  # a small screen cannot show more than this
        expect(shown).to_have_js_property("naturalWidth", 1280)
        assert [url for url in asked if "screen" in url or "w2560" in url] == []
        for _ in range(4):
            page.keyboard.press("+")
    expect(shown).to_have_js_property("naturalWidth", 2560)
    expect(shown).to_have_attribute("src", re.compile(r"\?size=screen$" if width == 390 else r"/media/.+-w2560\.webp$"))
    for _ in range(3):
        page.keyboard.press("+")
    expect(shown).to_have_js_property("naturalWidth", 3000)
    expect(shown).to_have_attribute("src", re.compile(f"{original}$"))
    page.keyboard.press("ArrowRight")  # another picture begins anew
    expect(shown).not_to_have_attribute("src", re.compile(f"{original}$"))
    expect(shown).not_to_have_js_property("naturalWidth", 3000)
