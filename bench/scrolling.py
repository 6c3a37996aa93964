"""W16: five thousand tiles in Chromium, scrolled from the first one to the last: the longest frame, and what the page holds meanwhile.

Beside the frames by the clock stand the longest tasks of the page by the processor time they took, which another load on the
machine does not lengthen.
"""

import json
import shutil
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from bench.rounds import Row
from bench.workloads import Plan
from pindeck import db, jobs
from pindeck.access import Actor
from pindeck.models import Image, Job, StoredFile, User
from pindeck.services.ingest import uploads
from pindeck.states import ImageStatus
from tests.factories import photo
from tests.servers.chromium import ARGUMENTS, chromium_path
from tests.stack import Stack

COUNT = 5000
STEP_PX, EVERY_MS = 700, 30
READER = Actor("reader", "curator", "Reader")
FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const next = (now) => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
IS_DONE = "document.querySelector('#grid > .end') !== null && scrollY + innerHeight >= document.documentElement.scrollHeight - 60"
NODES = "document.querySelectorAll('*').length"


def w16(plan: Plan) -> list[Row]:
    from playwright.sync_api import sync_playwright

    folder = plan.cache / "scrolling"
    shutil.rmtree(folder, ignore_errors=True)
    stack = Stack(folder, {"PUBLIC_LIBRARY": "1"}).start()
    try:
        with stack.bound():
            _fill(500 if plan.quick else COUNT)
        with sync_playwright() as playing:
            browser = playing.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
            return [_scrolled(browser, stack.base, 500 if plan.quick else COUNT)]
    finally:
        stack.stop()


def _scrolled(browser: Any, base: str, count: int) -> Row:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(base)
    page.get_by_role("scrollbar").wait_for()
    page.mouse.move(700, 500)
    page.evaluate(FRAMES)
    browser.start_tracing(page=page, categories=["toplevel"])
    most = 0
    while not page.evaluate(IS_DONE):
        for _ in range(10):
            page.mouse.wheel(0, STEP_PX)
            page.wait_for_timeout(EVERY_MS)
        most = max(most, page.evaluate(NODES))
    frames = page.evaluate("window.frames_ms")
    tasks = tasks_ms(json.loads(browser.stop_tracing())["traceEvents"])
    browser.close()
    return {
        "kind": "scrolling", "target": "pindeck", "n": count, "frames": len(frames), "longest_ms": max(frames),
        "over_100_ms": sum(frame > 100 for frame in frames), "task_cpu_ms": tasks[0], "most_nodes": most,
    }  # fmt: skip


def tasks_ms(events: list[dict[str, Any]]) -> list[float]:
    """What the tasks of the page took of the processor, the longest first."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [event["tdur"] / 1000 for event in events if "tdur" in event and (event["pid"], event["tid"]) in mains]
    return sorted(tasks, reverse=True)


def _fill(count: int) -> None:
    """Twelve pictures with their sizes, and copies of their rows."""
    User.create(id=READER.user_id, email="r@example.org", role="curator", password_hash="x", created_at=1)
    sizes = [(1600, 900), (900, 1200), (1600, 670), (1200, 1200)]
    originals = stored(READER, (photo((20 * n, 90, 240 - 20 * n), size=sizes[n % 4]) for n in range(12)))
    copied(originals, count - len(originals))


def stored(actor: Actor, pictures: Iterable[bytes]) -> list[Image]:
    """These files as active images with their sizes; what else waits as a job is dropped."""
    found = [uploads.accept(actor, BytesIO(data), f"{number}.jpg").image for number, data in enumerate(pictures)]
    for job in list(Job.select().where(Job.kind == "persist")):
        jobs.run(job.id)
    Job.delete().execute()
    with db.writing():
        Image.update(status=ImageStatus.ACTIVE).execute()
    return [Image.get_by_id(image.seq) for image in found]


def copied(originals: list[Image], count: int) -> list[str]:
    """So many images more with the bytes of these, in turns; their ids."""
    ids = []
    names = [name for name in Image._meta.sorted_field_names if name not in ("seq", "is_listed", "unique_tag", "public_token")]
    with db.writing():
        for number in range(count):
            source = originals[number % len(originals)]
            file = StoredFile.get_by_id(source.file_id).__data__ | {"id": db.new_id(), "file_key": db.new_token()}
            StoredFile.insert(file).execute()
            ids.append(db.new_id())
            Image.insert({name: source.__data__[name] for name in names} | {"id": ids[-1], "file": file["id"]}).execute()
    return ids
