"""A running Pindeck and a real Chromium. Each test module has its own library."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests.servers.chromium import ARGUMENTS, chromium_path
from tests.stack import Stack
from tests.stills import jpeg, name_of

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
WIDTHS = {1440: 900, 390: 844}


@pytest.fixture(scope="session")
def player():
    """There can be one in a process."""
    with sync_playwright() as playing:
        yield playing


@pytest.fixture(scope="session")
def chromium(player):
    browser = player.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("stack")).start()
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> str:
    """Where the first test of a module leaves the session of who signed up, for those that follow."""
    return str(tmp_path_factory.mktemp("state") / "olga.json")


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> list[str]:
    """Twenty photographs as files."""
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for seed in range(20):
        path = folder / name_of(seed)
        path.write_bytes(jpeg(seed, (720, 405) if seed % 3 else (405, 600)))
        paths.append(str(path))
    return paths


@pytest.fixture
def open_page(chromium, stack):
    """A page in a context of its own; the test fails on any script error or 5xx answer but the `expected` status."""
    contexts = []

    def make(width: int = 1440, *, javascript: bool = True, state: str | None = None, expected: int = 0) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": WIDTHS.get(width, 800)},
            java_script_enabled=javascript,
            storage_state=state,
            base_url=stack.base,
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.base)
        page = context.new_page()
        # Playwright watches for choosers from the first listener on, but says so before the browser does.
        page.on("filechooser", lambda _: None)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("response", lambda r: problems.append(f"{r.status} {r.url}") if 500 <= r.status != expected else None)
        contexts.append(context)
        return page

    problems: list[str] = []
    yield make
    for context in contexts:
        context.close()
    assert problems == []


def sign_up(page: Page, name: str = "Olga") -> None:
    page.goto("/sign-up")
    page.fill('[name="email"]', f"{name.lower()}@example.org")
    page.fill('[name="name"]', name)
    page.fill('[name="password"]', PASSWORD)
    page.click('form button:has-text("Create account")')
    page.wait_for_url("**/")


def sign_in(page: Page, name: str = "Olga") -> None:
    page.goto("/sign-in")
    page.fill('[name="email"]', f"{name.lower()}@example.org")
    page.fill('[name="password"]', PASSWORD)
    page.click('form button:has-text("Sign in")')
    page.wait_for_url("**/")


def drop(page: Page, selector: str, paths: list[str]) -> None:
    """Drop files on an element, as a person does: through a real DataTransfer."""
    handle = page.evaluate_handle("() => Object.assign(document.createElement('input'), {type: 'file', multiple: true})")
    handle.as_element().set_input_files(paths)
    page.evaluate(
        """([input, selector]) => {
            const data = new DataTransfer();
            for (const file of input.files) data.items.add(file);
            const target = document.querySelector(selector);
            for (const kind of ['dragenter', 'dragover', 'drop'])
                target.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data}));
        }""",
        [handle, selector],
    )


def held(page: Page, address: str) -> list[Route]:
    """Requests of this address wait until the test lets them go; those for a whole page pass."""
    waiting: list[Route] = []
    page.route(address, lambda r: waiting.append(r) if r.request.headers.get("hx-request") else r.continue_())
    return waiting


def let_go(page: Page, address: str, waiting: list[Route]) -> None:
    for route in waiting:
        route.continue_()
    page.unroute(address)


def publish_photos(page: Page, photos: list[str], state: str) -> None:
    """Somebody signs up, sends these photographs and publishes them; the session is left in the file `state`."""
    sign_up(page)
    page.goto("/upload")
    page.set_input_files('input[type="file"]', photos)
    expect(page.locator("#tray .up.done")).to_have_count(len(photos), timeout=240_000)
    page.goto("/review/")
    page.get_by_role("button", name=f"Publish all {len(photos)}").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    page.context.storage_state(path=state)


def serious_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical on this page."""
    page.evaluate((ROOT / "vendor" / "axe.min.js").read_text())
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')]))"
    )
    return [f"{rule}: {where}" for impact, rule, where in found if impact in ("serious", "critical")]
