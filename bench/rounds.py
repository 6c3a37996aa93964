"""The measuring itself: rounds visit every target in rotated order, so that slow drift hits all of them alike."""

import concurrent.futures
import json
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.processes import Watch
from bench.targets import Req, Target

Row = dict[str, Any]
LUA = Path(__file__).with_name("multi.lua")


def wrk(base: str, reqs: list[Req], connections: int, seconds: int, offset: int) -> Row:
    """Load from one thread; latencies in milliseconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        for req in reqs:
            headers = "\x1f".join(f"{name}: {value}" for name, value in req.headers.items())
            file.write("\t".join((req.method, req.path, headers, req.body)) + "\n")
        file.flush()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(LUA), base],
            env={**os.environ, "BENCH_REQS": file.name, "BENCH_OFFSET": str(offset)},
            capture_output=True,
            text=True,
        )
    for line in done.stdout.splitlines():
        if line.startswith("JSON "):
            return json.loads(line[5:])
    raise RuntimeError(done.stdout + done.stderr)


def load(
    targets: dict[str, Target], kinds: list[str], *, rounds: int, seconds: int, conns: tuple[int, ...]
) -> list[Row]:
    rows = []
    names = list(targets)
    for number in range(rounds):
        turn = number % len(names)
        for kind in kinds:
            for name in names[turn:] + names[:turn]:
                target = targets[name]
                reqs = target.reqs(kind)
                for conn in conns if reqs else ():
                    with Watch(target.roots, 1) as watch:
                        got = wrk(target.base, reqs, conn, seconds, number * 17)
                    n = max(1, got["n"])
                    row = dict(kind=kind, target=name, round=number, conn=conn, cpu_ms=1000 * watch.cpu_s / n)
                    row |= dict(bytes=got["bytes"] / n, foreign=round(watch.foreign, 2))
                    rows.append(row | {key: got[key] for key in ("n", "rps", "p50", "p95", "bad", "sock_err")})
                    print(json.dumps(rows[-1]), flush=True)
    return rows


def ingest(
    targets: dict[str, Target], photos: list[Path], *, rounds: int, clients: int, label: str, look_every_s: float = 0.3
) -> list[Row]:
    """Upload the photos through `clients` at once; each goes on when all renditions of its photo can be fetched.

    A look for the peak of memory takes 0.03 s of a core, which those who wait for an answer lack: see `look_every_s`.
    """
    rows = []
    names = list(targets)
    per_round = len(photos) // rounds
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            batch = photos[number * per_round : (number + 1) * per_round]
            with Watch(targets[name].roots, look_every_s) as watch, concurrent.futures.ThreadPoolExecutor(clients) as pool:
                times = list(pool.map(lambda photo, target=targets[name]: one_photo(target, photo), batch))
            row = dict(
                kind="ingest" + label, target=name, round=number, n=len(batch), foreign=round(watch.foreign, 2)
            )
            row |= dict(photos_s=len(batch) / watch.wall_s, cpu_s=watch.cpu_s / len(batch), peak_mb=watch.peak_mb)
            row |= dict(accept=[t[0] for t in times], ready=[t[1] for t in times])
            rows.append(row)
            print(
                json.dumps({key: value for key, value in row.items() if key not in ("accept", "ready")}), flush=True
            )
    return rows


def one_photo(target: Target, photo: Path) -> tuple[float, float]:
    """Seconds until the photo was accepted and until it was ready.

    Random bytes after the end of the picture make it the same picture with a new checksum.
    """
    send = target.sending(photo.name, photo.read_bytes() + b"%016d" % random.getrandbits(50))
    start = time.time()
    handle = send()
    accepted = time.time() - start
    ready_at = target.wait_ready(handle)
    return accepted, accepted if ready_at is None else max(accepted, ready_at - start)
