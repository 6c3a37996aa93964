"""The browser extension in a real Chromium: packed, loaded, told where Pindeck is, and saving pictures of a page."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Worker, expect

from pindeck.models import Image, User
from pindeck.services.accounts import accounts
from pindeck.services.images import projects
from scripts.extension import FOLDER, pack
from tests.browser.conftest import PASSWORD
from tests.fetching.hostile import answer, serving
from tests.servers.chromium import ARGUMENTS, chromium_path
from tests.stack import Stack, wait_for
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HTML = "Content-Type: text/html; charset=utf-8"


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        running.pages = {f"/{n}.jpg": answer(jpeg(n, (720, 405)), "Content-Type: image/jpeg") for n in range(5)}
        running.pages["/1.jpg"] = answer(jpeg(1, (300, 169)), "Content-Type: image/jpeg")
        running.pages["/icon.jpg"] = answer(jpeg(5, (64, 64)), "Content-Type: image/jpeg")
        shown = "<img src='/1.jpg' srcset='/1.jpg 300w, /2.jpg 720w' sizes='300px' alt='<b>Rain'><img src='/3.jpg'><img src='/icon.jpg'><img src='data:,x'>"
        running.pages["/stills"] = answer(f"<title>Rain &lt;i&gt;at night</title>{shown}".encode(), HTML)
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory, site):
    stack = Stack(tmp_path_factory.mktemp("stack"), {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{site.port}"}).start()
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def keys(stack) -> dict[str, str]:
    """Keys of Olga's: one that brings in pictures, and one that does not."""
    with stack.bound():
        accounts.create("olga@example.org", PASSWORD, name="Olga")
    made = {}
    for name, scopes in (("good", "ingest"), ("poor", "images:read")):
        made[name] = stack.run("key", "create", "--kind", "master", "--name", name, "--user", "olga@example.org", "--scopes", scopes).split()[-1]
    return made


@pytest.fixture(scope="module")
def browser(tmp_path_factory, player) -> BrowserContext:
    """Chromium with what `make extension` packs. What its person would allow in the browser's own windows (speaking to
    Pindeck, and looking into the page in front) is allowed beforehand, because nothing can press there."""
    folder = tmp_path_factory.mktemp("extension")
    with zipfile.ZipFile(pack(FOLDER, folder)) as packed:
        packed.extractall(folder / "unpacked")
    manifest = folder / "unpacked" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "host_permissions": ["http://127.0.0.1/*"]}))
    loaded = f"{folder}/unpacked"
    context = player.chromium.launch_persistent_context(
        str(folder / "profile"), executable_path=chromium_path(), headless=False,
        args=[*ARGUMENTS, "--headless=new", f"--disable-extensions-except={loaded}", f"--load-extension={loaded}"],
    )  # fmt: skip
    yield context
    context.close()


@pytest.fixture(scope="module")
def worker(browser) -> Worker:
    return browser.service_workers[0] if browser.service_workers else browser.wait_for_event("serviceworker")


def opened(browser: BrowserContext, worker: Worker, name: str) -> Page:
    """A page of the extension, behind the page in front."""
    with browser.expect_page() as made:
        worker.evaluate("name => chrome.tabs.create({url: name, active: false})", name)
    return made.value


def images(stack: Stack) -> list[tuple[str, str, str, str, str, str]]:
    with stack.bound():
        return [
            (image.external_url.rpartition("/")[2], image.title, image.status, projects.name_of(image.project_id), image.source_url, image.attribution)
            for image in Image.select().order_by(Image.seq)
        ]


def test_the_same_files_are_packed_to_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(FOLDER, copy)
    for path in copy.rglob("*"):
        os.utime(path, (0, 0))
        path.chmod(0o700)
    (copy / ".DS_Store").write_text("x")
    first, second = pack(FOLDER, tmp_path / "1"), pack(copy, tmp_path / "2")
    assert first.read_bytes() == second.read_bytes() and first.name == second.name
    names = zipfile.ZipFile(first).namelist()
    assert "manifest.json" in names and names == sorted(names) and not any(name.startswith(("/", ".")) for name in names)
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    assert manifest["manifest_version"] == 3 and "host_permissions" not in manifest
    assert set(manifest["icons"].values()) <= set(names)


def test_address_and_key_are_tried_before_they_are_kept(browser, worker, stack, keys):
    page = opened(browser, worker, "options.html")
    said, press = page.locator("#said"), page.get_by_role("button", name="Save and try")
    for address, key, says in (
        ("", "x", "Give the address"), ("https://a:b@x.example", "x", "no password"), (stack.base, "", "Give a key"),
        (stack.base, "wrong", "does not know this key"), (stack.base, keys["poor"], "lacks the scope ingest"),
        ("http://127.0.0.1:1", keys["good"], "does not answer"),
    ):  # fmt: skip
        page.get_by_label("Address of Pindeck").fill(address)
        page.get_by_label("Key").fill(key)
        press.click()
        expect(said).to_contain_text(says)
    assert worker.evaluate("chrome.storage.local.get()") == {}
    page.get_by_label("Address of Pindeck").fill(f"{stack.base}/import?x")
    page.get_by_label("Project").fill("Night")
    press.click()
    expect(said).to_have_text("Saved. Pindeck knows this key.")
    assert worker.evaluate("chrome.storage.local.get('address')") == {"address": stack.base}
    assert images(stack) == []
    page.close()


def test_the_picture_under_the_pointer_is_saved_in_its_largest_size(browser, worker, site, stack):
    page = browser.new_page()
    page.goto(f"{site.base}/stills")
    page.bring_to_front()
    press = """async shown => {
        const [tab] = await chrome.tabs.query({active: true, currentWindow: true});
        chrome.contextMenus.onClicked.dispatch({menuItemId: 'save-picture', srcUrl: shown, pageUrl: tab.url, frameId: 0}, tab);
        for (;;) {
            const badge = await chrome.action.getBadgeText({tabId: tab.id});
            if (badge && badge !== '…') {
                const told = await chrome.action.getTitle({tabId: tab.id});
                await chrome.action.setBadgeText({tabId: tab.id, text: ''});
                return told;
            }
            await new Promise(go => setTimeout(go, 50));
        }
    }"""
    told = [worker.evaluate(press, shown) for shown in (f"{site.base}/1.jpg", f"{site.base}/1.jpg", "data:,x")]
    assert told[0] == "The picture is on its way to Pindeck." and told[1] == "Pindeck has this picture already."
    assert "no address of its own" in told[2]
    assert images(stack) == [("2.jpg", "Rain <i>at night", "pending", "Night", f"{site.base}/stills", "127.0.0.1")]


def test_the_pictures_of_a_page_are_chosen_and_saved_with_a_project(browser, worker, site, stack, tmp_path):
    page = browser.pages[-1]
    page.bring_to_front()
    popup = opened(browser, worker, "popup.html")
    expect(popup.get_by_text("2 pictures on this page")).to_be_visible()
    assert popup.locator("#pictures img").evaluate_all("each => each.map(one => one.src)") == [f"{site.base}/2.jpg", f"{site.base}/3.jpg"]
    expect(popup.get_by_label("Project")).to_have_value("Night")
    phone = browser.new_cdp_session(popup)  # which shows it as a page
    phone.send("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 780, "deviceScaleFactor": 1, "mobile": True})
    phone.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    expect(popup.get_by_role("button", name="Save 2")).to_have_css("min-height", "40px")
    assert popup.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [360, 360]
    phone.detach()
    popup.get_by_label("Project").fill("Rain")
    popup.get_by_label("Tags").fill("Wet, ")
    popup.get_by_role("button", name="Save 2").click()
    expect(popup.get_by_text("1 on the way to Pindeck, 1 there already.")).to_be_visible()
    assert images(stack)[1][:4] == ("3.jpg", "Rain <i>at night", "pending", "Rain")
    wait_for(lambda: all(image.persist_status == "succeeded" for image in stored(stack)), 60, "the pictures to come", stack.log)
    with stack.bound():
        assert {image.user_id for image in Image.select()} == {User.get(User.name == "Olga").id}
    popup.close()


def stored(stack: Stack) -> list[Image]:
    with stack.bound():
        return list(Image.select())
