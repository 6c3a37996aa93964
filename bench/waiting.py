"""Four uploads in a browser while a folder of 2,000 pictures is imported: nobody waits behind the import."""

import contextlib
import io
import os
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import library
from bench.rounds import Row, one_photo
from bench.stacks import ROOT, PindeckStack, Service
from bench.targets import Pindeck
from bench.workloads import Plan, photos, stack, stopping

COUNT = 2000
UPLOADS = 4
AHEAD = 50  # pictures that the import has brought in before anybody uploads


def w10(plan: Plan) -> list[Row]:
    """One worker, as `pindeck up` starts it. The rows have the seconds until each upload was accepted and ready."""
    wanted, folder = photos(plan), _folder(plan)
    rows = []
    with stopping() as running:
        shutil.rmtree(plan.cache / "pindeck-0", ignore_errors=True)
        ours = stack(plan, 0)
        running.append(ours)
        ours.start()
        target = Pindeck(ours.base, ours.roots)
        target.database = ours.database
        target.login()
        running.append(_importing(ours, folder))
        for number in range(plan.rounds):
            _wait_for(ours, AHEAD * (number + 1))
            batch = wanted[number * UPLOADS : (number + 1) * UPLOADS]
            with ThreadPoolExecutor(UPLOADS) as pool:
                times = list(pool.map(lambda photo: one_photo(target, photo), batch))
            row = dict(kind="waiting", target="pindeck", round=number, behind=_unfinished(ours))
            rows.append(row | dict(accept=[t[0] for t in times], ready=[t[1] for t in times]))
            print(rows[-1], flush=True)
    shutil.rmtree(folder)
    return rows


def _folder(plan: Plan) -> Path:
    """2,000 different files. Random bytes after the end of a picture make it another file."""
    from PIL import Image

    folder = plan.cache / "import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    kinds = []
    for photo in photos(plan)[:12]:
        with Image.open(photo) as picture:
            picture.thumbnail((1600, 1600))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=80)
            kinds.append(out.getvalue())
    for number in range(COUNT):
        (folder / f"frame-{number:04d}.jpg").write_bytes(kinds[number % len(kinds)] + os.urandom(16))
    return folder


def _importing(ours: PindeckStack, folder: Path) -> Service:
    command = [str(ours.programs / "pindeck"), "import", str(folder), "--user", library.EMAIL, "--json"]
    return Service(command, ours.folder / "import.log", ours.environ, ROOT)


def _count(ours: PindeckStack, condition: str) -> int:
    with contextlib.closing(sqlite3.connect(ours.database)) as connection:
        return connection.execute(f"SELECT count(*) FROM image WHERE {condition}").fetchone()[0]


def _unfinished(ours: PindeckStack) -> int:
    """Pictures of the import that wait for the worker."""
    return _count(ours, "persist_status = 'pending'")


def _wait_for(ours: PindeckStack, count: int) -> None:
    deadline = time.monotonic() + 300
    while _count(ours, "1 = 1") < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"The import did not bring {count} pictures within five minutes.")
        time.sleep(0.2)
