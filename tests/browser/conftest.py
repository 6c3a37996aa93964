"""A running Pindeck and a real Chromium. Each test module has its own library."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from pindeck.queue.asking import Asker
from pindeck.queue.redis import RedisQueue
from pindeck.services.images import indexed
from tests.servers.chromium import ARGUMENTS, headless_path
from tests.stack import Stack, wait_for
from tests.stills import jpeg, name_of

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
WIDTHS = {1440: 900, 390: 844}
expect.set_options(timeout=30_000)  # it only ends a test that hangs; no test asserts how fast this machine is


@pytest.fixture(scope="session")
def player():
    """There can be one in a process."""
    with sync_playwright() as playing:
        yield playing


@pytest.fixture(scope="session")
def chromium(player):
    browser = player.chromium.launch(executable_path=headless_path(), args=ARGUMENTS)
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
    """A page in a context of its own; the test fails on any script error, 5xx answer but the `expected` status, or part
    of an answer that has no place on its page."""
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
        page.on("console", lambda told: problems.append(f"{told.text} {page.url}") if "oobErrorNoTarget" in told.text else None)
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


def wait_for_index(stack: Stack) -> None:
    """The process `index` knows every picture that has a look."""
    asker = Asker(RedisQueue(stack.redis_url))
    with stack.bound():
        count = sum(len(part) for part in indexed.everything())
    wait_for(lambda: (asker.state() or {}).get("pictures") == count, 120, f"the index to know {count} pictures", stack.log)


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


@contextmanager
def another_page(page: Page) -> Iterator[None]:
    """What is done in here sends a plain form or follows a plain link: go on when the page that it leads to is loaded.

    A press alone returns before its form is on its way, so whatever loads a page next would take its place.
    """
    with page.expect_navigation():
        yield


def again(page: Page, condition: Callable[[], object], what: str) -> None:
    """Load the page until it is so, as a person without scripts does."""

    def is_so() -> bool:
        page.reload()
        return bool(condition())

    wait_for(is_so, 120, what, page.content)


def stands_at(page: Page, place: float) -> None:
    """Wait until the page is scrolled to here: Back arrives first, and the place a frame or two later."""
    wait_for(lambda: page.evaluate("scrollY") == place, 60, f"the page to stand at {place}", lambda: str(page.evaluate("scrollY")))


def settled_scroll(page: Page) -> float:
    """Where the page stands once it has stood there for ten frames."""
    return page.evaluate(
        """() => new Promise((done) => {
            let last = -1, frames = 0;
            const look = () => {
                frames = scrollY === last ? frames + 1 : 0;
                last = scrollY;
                if (frames < 10) requestAnimationFrame(look);
                else done(scrollY);
            };
            look();
        })"""
    )


@contextmanager
def read_again(page: Page, selector: str = "#results") -> Iterator[None]:
    """What is done in here changes the page: go on when this part of it has come anew."""
    page.locator(selector).evaluate("part => { part.dataset.old = '' }")
    yield
    expect(page.locator(f"{selector}[data-old]")).to_have_count(0)


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


def serious_faults(page: Page, *, targets: bool = False) -> list[str]:
    """What axe-core calls serious or critical on this page; with `targets` also what is too small for a thumb."""
    page.evaluate((ROOT / "vendor" / "axe.min.js").read_text())
    found = page.evaluate(
        "enabled => axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled}}}).then(r => r.violations.map("
        "v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')]))",
        targets,
    )
    return [f"{rule}: {where}" for impact, rule, where in found if impact in ("serious", "critical")]
