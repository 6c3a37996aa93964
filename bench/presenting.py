"""W17: the files of a deck and of pictures (`exporting.py`), and in Chromium the next slide after a key and the frames of a canvas
while an object is dragged."""

import json
import shutil
import statistics
from typing import Any

from bench import exporting
from bench.rounds import Row
from bench.scrolling import FRAMES, copied, tasks_ms
from bench.workloads import Plan
from pindeck.access import Actor
from pindeck.models import User
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.canvas import arranging
from pindeck.states import Role
from tests.browser.conftest import sign_up
from tests.servers.chromium import ARGUMENTS, chromium_path
from tests.stack import Stack

OBJECTS, DRAGS = 300, 200
# From the key until the picture of the next slide has been painted: a message that is sent in a frame comes after it.
STEPS = """() => {
  window.steps = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    const from = pressed;
    pressed = 0;
    if (!from) return;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => {
        const waits = [...document.querySelectorAll(".slide.on img")].some((img) => !img.complete || !img.naturalWidth);
        window.steps.push({ ms: performance.now() - from, waits });
      };
      painted.port2.postMessage(0);
    });
  }).observe(document.getElementById("slides"), { subtree: true, attributes: true, attributeFilter: ["class"] });
}"""


def w17(plan: Plan) -> list[Row]:
    """One web process and one worker with their defaults, on SQLite and files."""
    from playwright.sync_api import sync_playwright

    folder = plan.cache / "exporting"
    shutil.rmtree(folder, ignore_errors=True)
    stack = Stack(folder)
    try:
        stack.start_web()
        with sync_playwright() as playing:
            browser = playing.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
            context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=stack.base)
            page = context.new_page()
            sign_up(page)
            cookies = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
            with stack.bound():
                user = User.get()
                actor = Actor(user.id, Role(user.role), user.name)
                library = exporting.filled(plan, actor)
                board, _ = boards.create(actor, name="Night ride")
                pictures.add(actor, board.id, copied(library.smaller, OBJECTS))
                arranging.arrange(actor, board.id, "packed")
                stack.start_worker()
                rows = exporting.files(stack, actor, library)
            rows += exporting.streams(plan, stack, cookies, library)
            rows.append(_presented(browser, page, f"/decks/{library.deck_id}/present"))
            rows.append(_dragged(page, f"/boards/{board.id}/canvas"))
            browser.close()
    finally:
        stack.stop()
    return rows


def _presented(browser: Any, page: Any, address: str) -> Row:
    """Each key once what is near has been loaded ahead, as somebody who speaks to it presses them."""
    page.goto(address)
    page.keyboard.press("f")  # the first key would do so, and the window grows but once
    page.wait_for_function("document.fullscreenElement !== null")
    page.locator('#slides[data-ready="1"]').wait_for(state="attached")
    page.evaluate(STEPS)
    page.evaluate(FRAMES)
    browser.start_tracing(page=page, categories=["toplevel"])
    count = int(page.locator("body").get_attribute("data-count"))
    for number in range(2, count + 1):
        page.keyboard.press("ArrowRight")
        page.locator(f'#slides[data-ready="{number}"]').wait_for(state="attached")
    steps, frames = page.evaluate("window.steps"), page.evaluate("window.frames_ms")
    tasks = tasks_ms(json.loads(browser.stop_tracing())["traceEvents"])
    if len(steps) != count - 1:
        raise RuntimeError(f"{count - 1} keys showed {len(steps)} slides.")
    times = [step["ms"] for step in steps]
    row = {
        "kind": "presented", "target": "pindeck", "n": count, "slowest_ms": max(times), "median_ms": statistics.median(times),
        "waited": sum(step["waits"] for step in steps), "longest_ms": max(frames), "task_cpu_ms": tasks[0],
    }  # fmt: skip
    print(row, flush=True)
    return row


def _dragged(page: Any, address: str) -> Row:
    """All objects are seen, and one is drawn over the others, with guides, as fast as the browser takes it."""
    page.goto(address)
    page.locator("#canvas[data-ready]").wait_for()
    page.locator("#canvas-view").scroll_into_view_if_needed()
    page.keyboard.press("1")  # all of it
    page.wait_for_load_state("networkidle")
    things = page.locator("#canvas .object")
    count = things.count()
    box, view = things.nth(count // 2).bounding_box(), page.locator("#canvas-view").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10)
    page.evaluate(FRAMES)
    for number in range(DRAGS):
        part = number / DRAGS
        page.mouse.move(view["x"] + view["width"] * (0.1 + 0.8 * part), view["y"] + view["height"] * (0.5 + 0.4 * (part - 0.5)))
    frames = page.evaluate("window.frames_ms")
    page.mouse.up()
    row = {
        "kind": "dragged", "target": "pindeck", "n": count, "frames": len(frames), "rate": 1000 * len(frames) / sum(frames),
        "longest_ms": max(frames),
    }  # fmt: skip
    print(row, flush=True)
    return row
