"""Take the pictures of the documentation: a real Pindeck, real uploads, Chromium at two widths and two themes."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from tests.fetching.hostile import HostileServer, answer, serving  # noqa: E402
from tests.servers.chromium import ARGUMENTS, chromium_path  # noqa: E402
from tests.servers.receiver import Receiver, receiving, status  # noqa: E402
from tests.stack import Stack  # noqa: E402
from tests.stills import jpeg, name_of  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
WIDTHS = {1440: 900, 390: 844}
PLAIN = {
    "upload": "/upload", "history": "/history", "account": "/account", "people": "/admin/users", "work": "/work",
}  # fmt: skip
PASSWORD = "correct horse battery"


def sign_up(page: Page, base: str) -> None:
    page.goto(base + "/sign-up")
    page.fill('[name="email"]', "olga@example.org")
    page.fill('[name="name"]', "Olga")
    page.fill('[name="password"]', PASSWORD)
    page.click("text=Create account >> nth=-1")
    page.wait_for_url(base + "/")


def upload(page: Page, base: str, folder: Path, seeds: range, *, bad: bool = False) -> None:
    files = []
    for seed in seeds:
        path = folder / name_of(seed)
        path.write_bytes(jpeg(seed))
        files.append(str(path))
    if bad:
        broken = folder / "half a photo.jpg"
        broken.write_bytes(jpeg(3)[:20000])
        files.insert(2, str(broken))
    page.goto(base + "/upload")
    page.set_input_files('input[type="file"]', files)


def ready(page: Page) -> None:
    expect(page.locator("#tray .up").first).to_be_visible()
    expect(page.locator("#tray .up:not(.done):not(.failed)")).to_have_count(0, timeout=120_000)


def shoot(
    browser: Browser, base: str, state: str, name: str, path: str, act: Callable[[Page], None] | None = None
) -> None:
    for theme in ("dark", "light"):
        for width, height in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, storage_state=state or None)
            context.add_cookies([{"name": "pindeck_tweaks", "value": f"{theme}.amber.cozy", "url": base}])
            page = context.new_page()
            page.goto(base + path)
            if act:
                act(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(350)
            page.screenshot(path=str(OUT / f"{name}-{theme}-{width}.png"))
            context.close()


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    only = set(sys.argv[1:])
    with (
        tempfile.TemporaryDirectory() as scratch, sync_playwright() as player, serving() as site, receiving() as program
    ):  # fmt: skip
        folder = Path(scratch)
        hosts = f"127.0.0.1:{site.port},127.0.0.1:{program.port}"
        stack = Stack(folder / "stack", {"FETCH_ALLOW_HOSTS": hosts, "DISCORD_TOKEN": "of-nobody"}).start()
        browser = player.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        base, state = stack.base, str(folder / "state.json")
        wanted: Callable[[str], bool] = lambda name: not only or name in only  # noqa: E731
        try:
            context = browser.new_context()
            page = context.new_page()
            sign_up(page, base)
            context.storage_state(path=state)
            if wanted("sign-in"):
                shoot(browser, base, "", "sign-in", "/sign-in")
            if wanted("empty"):
                shoot(browser, base, state, "empty", "/")
            upload(page, base, folder, range(20))
            ready(page)
            if wanted("review"):
                shoot(browser, base, state, "review", "/review/")
            page.goto(base + "/review/")
            page.get_by_role("button", name="Publish all").click()
            expect(page.locator(".toast p")).to_contain_text("in the library")
            expect(page.locator(".tile.waits")).to_have_count(0)
            page.wait_for_timeout(3000)
            if wanted("gallery"):
                shoot(browser, base, state, "gallery", "/")
            if wanted("colour"):
                shoot(browser, base, state, "colour", "/", find_a_colour)
            if wanted("no-result"):
                shoot(browser, base, state, "no-result", "/?q=submarine")
            if wanted("drawer"):
                shoot(browser, base, state, "drawer", "/", open_drawer)
            if wanted("lightbox"):
                shoot(browser, base, state, "lightbox", "/", open_lightbox)
            if wanted("programs"):
                for name in ("Film site", "Lookbook export"):
                    page.goto(base + "/admin/programs")
                    page.get_by_label("Name").fill(name)
                    page.get_by_role("button", name="Make the key").click()
                    page.wait_for_selector(".secret")
                shoot(browser, base, state, "programs", "/admin/programs")
            if wanted("api"):
                shoot(browser, base, "", "api", "/api/v1/docs")
            if wanted("uploading"):
                shoot(
                    browser,
                    base,
                    state,
                    "uploading",
                    "/upload",
                    lambda p: upload(p, base, folder, range(20, 26), bad=True),
                )
            if wanted("trash"):
                for _ in range(3):
                    page.goto(base + "/")
                    page.click(".tile a >> nth=0")
                    page.click("#drawer.open >> text=Delete")
                    page.wait_for_selector("text=in the trash")
                shoot(browser, base, state, "trash", "/trash/")
            if wanted("sources"):
                shoot(browser, base, state, "sources", run_a_source(page, base, site))
            if wanted("discord"):
                link_people(page, base)
                shoot(browser, base, state, "discord", "/admin/discord")
            if wanted("feeds"):
                shoot(browser, base, state, "feeds", "/feeds?q=alley", make_an_address)
            if wanted("webhooks"):
                shoot(browser, base, state, "webhooks", tell_a_program(page, base, program))
            for name, path in PLAIN.items():
                if wanted(name):
                    shoot(browser, base, state, name, path)
        finally:
            browser.close()
            stack.stop()


def run_a_source(page: Page, base: str, site: HostileServer) -> str:
    """The address of a feed whose pictures wait."""
    entry = "<item><guid>{0}</guid><title>{1}</title><enclosure url='/{0}.jpg' type='image/jpeg'/></item>"
    entries = "".join(entry.format(seed, name_of(seed).removesuffix(".jpg")) for seed in range(30, 38))
    site.pages = {f"/{seed}.jpg": answer(jpeg(seed), "Content-Type: image/jpeg") for seed in range(30, 38)}
    site.pages["/feed"] = answer(f"<rss version='2.0'><channel><title>x</title>{entries}</channel></rss>".encode())
    page.goto(base + "/sources")
    page.get_by_label("Address", exact=True).fill(f"{site.base}/feed")
    page.get_by_label("Name").fill("Stills of the week")
    page.get_by_role("button", name="Add the source").click()
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#source-items img")).to_have_count(8, timeout=60_000)
    return page.url.removeprefix(base)


def link_people(page: Page, base: str) -> None:
    page.goto(base + "/admin/discord")
    page.get_by_label("Id in Discord").fill("80351110224678912")
    page.get_by_label("E-mail of their account").fill("olga@example.org")
    page.get_by_label("Name in Discord").fill("olga of the night shift")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("cell", name="olga of the night shift")).to_be_visible()


def make_an_address(page: Page) -> None:
    page.get_by_role("button", name="Make").first.click()
    if page.get_by_role("alertdialog").count():
        page.get_by_role("alertdialog").get_by_role("button", name="Make a new one").click()
    page.wait_for_selector("[role=status] .secret")


def tell_a_program(page: Page, base: str, program: Receiver) -> str:
    """The address of the log of a webhook, of which one message did not arrive at once."""
    page.goto(base + "/admin/webhooks")
    page.get_by_label("Address").fill(program.url)
    page.get_by_label("Name").fill("Studio")
    page.get_by_role("button", name="Add the webhook").click()
    page.get_by_role("link", name="Studio").click()
    program.answers.append(status(400))
    for _ in range(3):
        page.get_by_role("button", name="Send a test").click()
        page.wait_for_timeout(1500)
    expect(page.get_by_text("On its way")).to_have_count(0, timeout=30_000)
    return page.url.removeprefix(base)


def open_drawer(page: Page) -> None:
    page.click(".tile a >> nth=2")
    page.wait_for_selector("#drawer.open")


def find_a_colour(page: Page) -> None:
    open_drawer(page)
    page.locator("#drawer .swatch > summary").nth(1).click()
    page.locator("#drawer .swatch[open]").get_by_role("link", name="Find this colour").click()
    page.wait_for_url("**/?color=*")


def open_lightbox(page: Page) -> None:
    page.focus(".tile a >> nth=1")
    page.keyboard.press("Space")
    page.wait_for_selector("#lightbox[open]")


if __name__ == "__main__":
    main()
