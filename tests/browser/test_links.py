"""A link in a real browser with a real worker: pasted, handed over by the bookmarklet, chosen from; with scripts and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import again, serious_faults, sign_up
from tests.fetching.hostile import answer, serving
from tests.stack import Stack
from tests.stills import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HTML = "Content-Type: text/html; charset=utf-8"


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        stills = {f"/{n}.jpg": answer(jpeg(n, (720, 405)), "Content-Type: image/jpeg") for n in range(8)}
        page = "".join(f"<img src='/{n}.jpg' alt='Still {n}'>" for n in range(6))
        # What only a browser sees, because a script writes it.
        late = "<script>document.body.innerHTML = '<img src=/6.jpg><img srcset=\"/7.jpg 720w\" sizes=\"9px\">'</script>"
        running.pages = {
            **stills,
            "/": answer(f"<title>Stills of the week</title>{page}".encode(), HTML),
            "/late": answer(f"<title>Late \"stills\"</title><body>{late}".encode(), HTML),
        }
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory, site):
    stack = Stack(tmp_path_factory.mktemp("stack"), {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{site.port}"}).start()
    yield stack
    stack.stop()


def test_a_pasted_link_shows_its_pictures_and_those_chosen_are_brought_and_kept(open_page, site, state):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    page.goto("/upload")
    page.evaluate("text => navigator.clipboard.writeText(text)", f" {site.base}/ ")
    page.keyboard.press("Control+V")
    expect(page.get_by_role("heading", name="Stills of the week")).to_be_visible(timeout=60_000)
    page.get_by_label("Choose Still 1").check()
    page.get_by_label("Project").fill("Night")
    expect(page.get_by_text("6 pictures", exact=True)).to_be_visible(timeout=60_000)
    expect(page.locator(".offered img")).to_have_count(6)
    expect(page.get_by_label("Choose Still 1")).to_be_checked()  # the choice and the words stood still
    expect(page.get_by_label("Project")).to_have_value("Night")
    page.locator(".offered img").nth(4).click()
    page.get_by_label("Choose Still 4").press("ArrowLeft")
    page.keyboard.press("Space")
    assert serious_faults(page) == []
    page.get_by_role("button", name="Add the chosen pictures").click()
    expect(page.get_by_text("3 pictures are on the way.")).to_be_visible()
    expect(page.locator("#batch img")).to_have_count(3, timeout=60_000)
    assert serious_faults(page) == []
    page.get_by_label("Choose Stills of the week").first.check()
    page.get_by_role("button", name="Keep chosen").click()
    expect(page.get_by_text("1 picture is in the library.")).to_be_visible()
    expect(page.get_by_text("2 wait for a decision")).to_be_visible()


def test_the_bookmarklet_hands_over_what_the_browser_sees(open_page, site, stack, state):
    page = open_page(state=state)
    page.goto("/import")
    bookmark = page.get_by_role("link", name="Add to Pindeck").get_attribute("href")
    page.goto(f"{site.base}/late")
    page.wait_for_function("document.images.length === 2 && [...document.images].every(each => each.naturalWidth)")
    with page.context.expect_page() as opened:
        page.evaluate("script => { location.href = script }", bookmark)
    form = opened.value
    form.wait_for_url(f"{stack.base}/import/*")  # nobody pressed anything
    expect(form.get_by_role("heading", name="Late \"stills\"")).to_be_visible(timeout=60_000)
    expect(form.locator(".offered img")).to_have_count(2, timeout=60_000)
    assert form.evaluate("opener") is None and "pictures=" not in form.url
    assert form.evaluate("history.length") == 1  # Back does not lead to a form that sends itself once more
    page.goto(f"{site.base}/late")  # another page leads there without the mark
    page.evaluate("to => { location.href = to }", f"{stack.base}/import?url={site.base}/#pictures={site.base}/6.jpg")
    expect(page.get_by_role("button", name="Find pictures")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.url == f"{stack.base}/import?url={site.base}/"


def test_a_link_is_looked_at_without_scripts_on_a_narrow_screen(open_page, site, state):
    page = open_page(390, javascript=False, state=state)
    page.goto("/upload")
    page.get_by_label("Link to a page or a picture").fill("javascript:alert(1)")
    page.get_by_role("button", name="Find pictures").click()
    expect(page.get_by_text("This is not a web address.")).to_be_visible()
    page.get_by_label("Link to a page or a picture").fill(f"{site.base}/5.jpg")
    page.get_by_role("button", name="Find pictures").click()
    expect(page.get_by_role("link", name="Look again").or_(page.get_by_label("Choose 5.jpg")).first).to_be_visible()
    again(page, lambda: not page.get_by_role("link", name="Look again").count(), "the picture at the address")
    expect(page.get_by_label("Choose 5.jpg")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("They wait for a decision").uncheck()
    page.get_by_role("button", name="Add the chosen pictures").click()
    expect(page.get_by_text("1 picture is on the way.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
