"""Pictures through every door to the wall, in a real browser with a real worker, a model and a generator: they wait,
are kept, described, published, varied, and what is made of them waits again. Without scripts too."""

import json
import sys
import time

import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from pindeck.models import Image
from pindeck.services.accounts import accounts
from tests.browser.conftest import PASSWORD, again, another_page, sign_in
from tests.fetching.hostile import answer, serving
from tests.servers.vision import WORDS, VisionServer
from tests.stack import Stack, wait_for
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BOARD = "https://www.pinterest.com/olga/{}/"
HTML = "Content-Type: text/html; charset=utf-8"


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        pictures = {f"/{n}.jpg": answer(jpeg(n, (720, 405)), "Content-Type: image/jpeg") for n in range(12)}
        feeds = {
            f"/feed{n}": answer(
                f"<rss version='2.0'><channel><title>x</title><item><guid>{n}</guid><enclosure url='/{n}.jpg' type='image/jpeg'/>"
                "</item></channel></rss>".encode()
            )
            for n in (1, 6)
        }
        pages = {"/page": answer(b"<title>Stills</title><img src='/2.jpg' alt='Still'>", HTML)}
        late = b"<title>Late</title><body><script>document.body.innerHTML = '<img src=/3.jpg>'</script>"
        running.pages = {**pictures, **feeds, **pages, "/late": answer(late, HTML)}
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory, site):
    folder = tmp_path_factory.mktemp("stack")
    program = folder / "gallery-dl"
    pins = {BOARD.format(name): [[3, f"{site.base}/{n}.jpg", {"id": str(n), "extension": "jpg"}]] for name, n in (("rain", 4), ("fog", 7))}
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(json.loads({json.dumps(pins)!r})[sys.argv[-1]]))\n")
    program.chmod(0o755)
    vision = VisionServer()
    hosts = f"127.0.0.1:{site.port},{vision.base.removeprefix('http://').removesuffix('/v1')}"
    stack = Stack(
        folder / "pindeck",
        {
            "FETCH_ALLOW_HOSTS": hosts, "GALLERY_DL": str(program), "VISION_BASE_URL": vision.base, "VISION_MODEL": "good",
            "GENERATION_BACKEND": "simulated", "DISCORD_PUBLIC_KEY": KEY.public_key().public_bytes_raw().hex(), "DISCORD_MODERATOR_ROLE": "7",
        },
    )  # fmt: skip
    with stack.bound():
        stack.environ["PINDECK_USER_ID"] = accounts.create("olga@example.org", PASSWORD, name="Olga").id
    yield stack.start()
    stack.stop()
    vision.close()


def by_discord(stack: Stack, site, number: int) -> None:
    """“Save to Pindeck” on a message, as Discord calls it."""
    message = {"id": str(number), "channel_id": "2", "attachments": [{"url": f"{site.base}/{number}.jpg", "content_type": "image/jpeg"}]}
    body = json.dumps(
        {
            "type": 2, "guild_id": "1", "member": {"user": {"id": "42", "username": "ava"}, "roles": ["7"]},
            "data": {"name": "Save to Pindeck", "target_id": str(number), "resolved": {"messages": {str(number): message}}},
        }
    ).encode()  # fmt: skip
    at = str(int(time.time()))
    headers = {"X-Signature-Ed25519": KEY.sign(at.encode() + body).hex(), "X-Signature-Timestamp": at, "Content-Type": "application/json"}
    told = urllib3.request("POST", f"{stack.base}/discord/interactions", body=body, headers=headers, timeout=60)
    assert "waits for approval" in told.json()["data"]["content"]


def by_source(page: Page, kind: str, address: str) -> None:
    page.goto("/sources")
    page.get_by_label("Kind").select_option(kind)
    page.get_by_label("Address", exact=True).fill(address)
    with another_page(page):
        page.get_by_role("button", name="Add the source").click()
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("A worker reads it now.")).to_be_visible()


def by_link(page: Page, address: str) -> None:
    page.goto("/upload")
    page.get_by_label("Link to a page or a picture").fill(address)
    with another_page(page):
        page.get_by_role("button", name="Find pictures").click()


def all_described(stack: Stack, count: int) -> None:
    with stack.bound():
        done = (Image.ai_status == "completed") & Image.deleted_at.is_null()
        described = Image.select().where((Image.description == WORDS["description"]) & done)
        wait_for(lambda: described.count() == count, 90, f"{count} descriptions", stack.log)


def test_01_pictures_of_five_doors_wait_are_kept_described_and_published(open_page, stack, site, state) -> None:
    page = open_page()
    sign_in(page)
    page.context.storage_state(path=state)
    by_discord(stack, site, 5)
    for kind, address in (("feed", f"{site.base}/feed1"), ("pinterest", BOARD.format("rain"))):
        by_source(page, kind, address)
        expect(page.get_by_text("1 new, 0 skipped, 0 failed")).to_be_visible(timeout=60_000)
    by_link(page, f"{site.base}/page")
    page.get_by_label("Choose Still").check(timeout=60_000)
    with another_page(page):
        page.get_by_role("button", name="Add the chosen pictures").click()
    page.goto("/import")
    bookmark = page.get_by_role("link", name="Add to Pindeck").get_attribute("href")
    page.goto(f"{site.base}/late")
    page.wait_for_function("document.images.length === 1 && document.images[0].naturalWidth")
    with page.context.expect_page() as opened:
        page.evaluate("script => { location.href = script }", bookmark)
    form = opened.value
    form.locator(".offered input[type=checkbox]").first.check(timeout=60_000, force=True)
    form.get_by_role("button", name="Add the chosen pictures").click()
    expect(form.get_by_text("on the way.")).to_be_visible()
    form.close()

    page.goto("/review/")
    again(page, lambda: page.locator(".tile.waits img").count() == 5, "five pictures in Review")
    page.locator(".tile.waits > a").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("k")
    expect(page.locator(".tile.waits")).to_have_count(2)  # of moderated sources; the others are in the library
    all_described(stack, 5)
    page.reload()
    page.locator(".tile.waits > a").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("p")
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    page.goto("/?q=wet+alley")
    expect(page.locator("#grid .tile img")).to_have_count(5)
    with stack.bound():
        found = {(image.origin, image.status) for image in Image.select()}
    assert found == {("discord", "active"), ("pinterest", "active"), ("upload", "active")}


def test_02_what_is_made_of_a_picture_of_discord_waits_and_is_published(open_page, stack, state) -> None:
    page = open_page(state=state)
    with stack.bound():
        parent = Image.get(Image.origin == "discord").id
    page.goto(f"/images/{parent}")
    page.get_by_text("Make variations").first.click()
    page.get_by_label("How many").select_option("2")
    page.get_by_role("button", name="Make variations").press("Enter")
    expect(page.locator(".kin li")).to_have_count(2, timeout=60_000)
    expect(page.get_by_text("being made.")).to_have_count(0, timeout=60_000)
    page.goto("/?q=wet+alley")
    expect(page.locator("#grid .tile")).to_have_count(5)  # nothing is published unseen
    page.goto("/review/")
    again(page, lambda: page.locator(".tile.waits img").count() == 2, "two variations in Review")
    for press, left in (("p", 1), ("x", 0)):
        page.locator(".tile.waits > a").first.focus()
        page.keyboard.press(press)
        expect(page.locator(".tile.waits")).to_have_count(left)
    page.goto("/?q=wet+alley")
    expect(page.locator("#grid .tile")).to_have_count(6)


def test_03_the_same_without_scripts_on_a_narrow_screen(open_page, stack, site, state) -> None:
    page = open_page(390, javascript=False, state=state)
    by_discord(stack, site, 8)
    for kind, address in (("feed", f"{site.base}/feed6"), ("pinterest", BOARD.format("fog"))):
        by_source(page, kind, address)
        again(page, lambda: page.get_by_text("1 new, 0 skipped, 0 failed").count(), "a run that ended")
    by_link(page, f"{site.base}/9.jpg")
    again(page, lambda: page.get_by_label("Choose 9.jpg").count(), "the picture at the address")
    with another_page(page):
        page.get_by_role("button", name="Add the chosen pictures").click()
    page.goto("/review/")
    again(page, lambda: page.locator(".tile.waits img").count() == 4, "four pictures in Review")
    for number in range(4):
        page.locator(".tile.waits").nth(number).locator(".check").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".tile.waits")).to_have_count(2)
    all_described(stack, 5 + 1 + 4)
    page.get_by_role("button", name="Publish all").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    page.goto("/?q=wet+alley")
    expect(page.locator("#grid .tile img")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
