"""Writes docs/benchmarks.md from the last figures: medians, and how they stand to what is required."""

import json
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.rounds import Row

NOTES = Path(__file__).with_name("notes.md")
PACKAGES = ("flask", "peewee", "gunicorn", "rq", "pillow")


def machine() -> dict[str, str]:
    """What the figures depend on."""
    from PIL import features

    words = Path("/proc/cpuinfo").read_text()
    cpu = next((line.split(": ", 1)[1] for line in words.splitlines() if line.startswith("model name")), "unknown")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1048576
    found = {
        "processor": f"{cpu}, {words.count('processor	')} cores, {memory:.0f} GiB",
        "system": f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}",
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "codecs": f"libjpeg-turbo {features.version('libjpeg_turbo')}, libwebp {features.version('webp')}",
    }
    peer = Path(".bench/node/node_modules/sharp/package.json")
    if peer.exists():
        found["peer"] = f"sharp {json.loads(peer.read_text())['version']}, node {_said('node', '--version')}"
    front = _said("nginx", "-v")
    if front:
        found["front"] = front.split(": ")[-1]
    return found


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()


class Figures:
    """The rows of all workloads, asked by kind, target and number of connections."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.rows: list[Row] = [row for part in results.values() for row in part["rows"]]

    def of(self, kind: str, target: str, conn: int | None = None) -> list[Row]:
        return [
            row
            for row in self.rows
            if (row["kind"], row["target"]) == (kind, target) and conn in (None, row.get("conn"))
        ]

    def get(self, kind: str, target: str, field: str, conn: int | None = None) -> float:
        """The median over rounds. Raises KeyError when it was not measured."""
        rows = self.of(kind, target, conn)
        if not rows:
            raise KeyError(kind)
        return statistics.median(row[field] for row in rows)

    def ratio(self, kind: str, ours: str, theirs: str, field: str = "cpu_ms", conn: int | None = 1) -> float:
        """The median of the ratios within a round, so that a busy minute hits both sides."""
        pairs = zip(self.of(kind, ours, conn), self.of(kind, theirs, conn), strict=True)
        ratios = [a[field] / b[field] for a, b in pairs]
        if not ratios:
            raise KeyError(kind)
        return statistics.median(ratios)

    def p95(self, kind: str, target: str, field: str) -> float:
        """Of all photos of all rounds."""
        values = sorted(value for row in self.of(kind, target) for value in row[field])
        if not values:
            raise KeyError(kind)
        return values[round(0.95 * (len(values) - 1))]


BIG, FLOOR, SMALL, HUGE = "pindeck 100k", "floor 100k", "pindeck 10k", "pindeck 1000k"
# Words, how to find it, how to write it, the most it may be (or the least, where negative).
Line = tuple[str, Callable[[Figures], float], str, float]


def _spread(f: Figures) -> float:
    """The dearest of first, deep and walked page over the cheapest."""
    costs = [f.get(kind, BIG, "cpu_ms", 1) for kind in ("first_page", "deep_page", "walk")]
    return max(costs) / min(costs)


def _grown(f: Figures) -> float:
    return max(f.ratio(kind, BIG, SMALL) for kind in ("first_page", "deep_page", "walk"))


def _sizes(f: Figures) -> float:
    costs = [f.get("first_page", target, "cpu_ms", 1) for target in (SMALL, BIG, "pindeck 1000k")]
    return max(costs) / min(costs)


def _slowest(figures: Figures, field: str, *, is_undo: bool) -> float:
    rows = [row for row in figures.rows if row["kind"] == "bulk" and row["target"].startswith("undo") == is_undo]
    if not rows:
        raise KeyError("bulk")
    return max(float(row[field]) for row in rows)


def _most(figures: Figures, name: str, field: str) -> float:
    """Of all files that are called so."""
    rows = [row for row in figures.rows if row["kind"] == "exports" and row["target"].startswith(name)]
    if not rows:
        raise KeyError(name)
    return max(float(row[field]) for row in rows)


def _first(f: Figures, kind: str) -> float:
    rows = f.of(kind, "pindeck api")
    if not rows:
        raise KeyError(kind)
    return statistics.median(row["ms"] / row["bare_ms"] for row in rows)


REQUIRED: dict[str, list[Line]] = {
    "W1 pictures in": [
        ("CPU of a 12-megapixel photo over sharp's", lambda f: f.ratio("ingest 2w", "pindeck", "sharp", "cpu_s", None), "{:.2f} ×", 1.35),
        ("Upload accepted, p95, 4 clients", lambda f: 1000 * f.p95("ingest 2w", "pindeck", "accept"), "{:.0f} ms", 150),
        ("All renditions ready, p95, 4 clients, two workers", lambda f: f.p95("ingest 2w", "pindeck", "ready"), "{:.2f} s", 1.3),
        ("Most memory of the whole stack, one worker", lambda f: max(r["peak_mb"] for r in f.of("ingest 1w", "pindeck")), "{:.0f} MB", 350),
    ],
    "W2 pages of 50, signed in, 100,000 images where nothing else is said": [
        ("First page, CPU over the floor's, 10,000 images", lambda f: f.ratio("first_page", SMALL, "floor 10k"), "{:.2f} ×", 2),
        ("The same, 100,000 images", lambda f: f.ratio("first_page", BIG, FLOOR), "{:.2f} ×", 2),
        ("The same, 1,000,000 images", lambda f: f.ratio("first_page", "pindeck 1000k", "floor 1000k"), "{:.2f} ×", 2),
        ("First page, dearest of the three libraries over the cheapest", _sizes, "{:.2f} ×", 1.2),
        ("Page 101, CPU over the floor's", lambda f: f.ratio("deep_page", BIG, FLOOR), "{:.2f} ×", 3),
        ("200 different pages, CPU over the floor's", lambda f: f.ratio("walk", BIG, FLOOR), "{:.2f} ×", 3),
        ("Dearest of first, deep and walked over the cheapest", _spread, "{:.2f} ×", 1.3),
        ("100,000 over 10,000 images, worst of the three", _grown, "{:.2f} ×", 1.3),
    ],
    "W3 search of 60 words, 100,000 images": [
        ("CPU over the floor's", lambda f: f.ratio("search", BIG, FLOOR), "{:.2f} ×", 3),
        ("p95, one client", lambda f: f.get("search", BIG, "p95", 1), "{:.1f} ms", 25),
    ],
    "W4 public rendition": [
        ("CPU of nginx over `DATA_DIR/public` over nginx over any folder", lambda f: f.ratio("thumbs", "nginx public", "nginx floor", conn=8), "{:.2f} ×", 1.1),
        ("Rate of `/media` over `send_from_directory`, by CPU", lambda f: f.ratio("thumbs", "floor", "pindeck /media"), "{:.2f} ×", -0.8),
    ],
    "W5 like, with fsync": [
        ("CPU", lambda f: f.get("writes", BIG, "cpu_ms", 1), "{:.2f} ms", 2.5),
        ("p95, 8 clients", lambda f: f.get("writes", BIG, "p95", 8), "{:.0f} ms", 150),
    ],
    "W7 to W9 programs": [
        ("`GET /api/v1/images`, 20 of 100,000 with the total, CPU over a bare route's", lambda f: f.ratio("api_list", "pindeck api", "floor api"), "{:.2f} ×", 2.5),
        ("The same, 200 different pages", lambda f: f.ratio("api_walk", "pindeck api", "floor api"), "{:.2f} ×", 2.5),
        ("Like, 8 clients, p95", lambda f: f.get("api_like", "pindeck api", "p95"), "{:.0f} ms", 50),
        ("Alias, 8 clients, p95", lambda f: f.get("api_alias", "pindeck api", "p95"), "{:.0f} ms", 50),
        ("Updates lost by either", lambda f: sum(r["lost"] for k in ("api_like", "api_alias") for r in f.of(k, "pindeck api")), "{:.0f}", 0),
        ("Rate of a kept `sm` with a key over `send_from_directory`, by CPU", lambda f: f.ratio("thumbs", "floor sm", "pindeck sm"), "{:.2f} ×", -0.5),
        ("First `sm` of a photo over the decoder's own thumbnail", lambda f: _first(f, "first_sm"), "{:.2f} ×", 1.2),
        ("The same, before any size was made", lambda f: _first(f, "at_once_sm"), "{:.2f} ×", 1.2),
    ],
    "W10 four uploads while 2,000 pictures are imported, one worker": [
        ("Slowest accepted", lambda f: 1000 * max(t for r in f.of("waiting", "pindeck") for t in r["accept"]), "{:.0f} ms", 500),
        ("Slowest ready", lambda f: max(t for r in f.of("waiting", "pindeck") for t in r["ready"]), "{:.2f} s", 5),
    ],
    "W11 what looks like a picture, looked up with what the reader may see": [
        ("Median, among 100,000", lambda f: f.get("alike", "pindeck 100000", "p50"), "{:.1f} ms", 5),
        ("Median, among 1,000,000", lambda f: f.get("alike", "pindeck 1000000", "p50"), "{:.1f} ms", 15),
    ],
    "W12 imports from another site, one worker, a library of 10,000": [
        ("Rate of 1,000 imports over that of the same pictures uploaded", lambda f: f.ratio("imports", "imported", "uploaded", "rate", None), "{:.2f} ×", -0.8),
        ("Imports that failed", lambda f: f.get("imports", "imported", "failed"), "{:.0f}", 0),
        ("p95 of the gallery's page meanwhile over idle", lambda f: f.get("imports", "imported", "meanwhile_p95") / f.get("imports", "imported", "idle_p95"), "{:.2f} ×", 1.5),
    ],
    "W13 500 descriptions by a model that answers in 300 ms, one worker": [
        ("Rate over what `VISION_CONCURRENCY` (4) allows", lambda f: f.get("looking", "pindeck", "share"), "{:.2f} ×", -0.8),
        ("Most memory of the worker with its child", lambda f: f.get("looking", "pindeck", "peak_mb"), "{:.0f} MB", 200),
        ("Calls paid beyond one for each picture", lambda f: sum(r["calls"] - r["n"] for r in f.of("looking", "pindeck")), "{:.0f}", 0),
    ],
    "W14 one act on 10,000 pictures of 100,000, while somebody else writes": [
        ("Slowest act", lambda f: _slowest(f, "took_s", is_undo=False), "{:.2f} s", 4),
        ("Slowest undo", lambda f: _slowest(f, "took_s", is_undo=True), "{:.2f} s", 4),
        ("Longest wait of the other writer", lambda f: max(_slowest(f, "worst_ms", is_undo=undo) for undo in (False, True)), "{:.0f} ms", 250),
    ],
    "W15 the search box, by CPU, and in the running server": [
        ("A query of 500 characters is read, p95", lambda f: f.get("parsing", "pindeck", "p95"), "{:.2f} ms", 1),
        ("The slowest of 100,000 strings of signs", lambda f: f.get("parsing", "pindeck", "worst"), "{:.2f} ms", 5),
        ("A page of 50 of 100,000 with a word and two fields, p95", lambda f: f.get("searching", "a word and two fields, newest", "p95"), "{:.1f} ms", 30),
        ("The slowest page of what was tried, p95", lambda f: max(r["p95"] for r in f.rows if r["kind"] == "searching"), "{:.1f} ms", 30),
        ("In the running server: a page with a word and facets, 100,000, p95", lambda f: f.get("narrowed", BIG, "p95"), "{:.0f} ms", 30),
        ("The same by likes, p95", lambda f: f.get("by_likes", BIG, "p95"), "{:.0f} ms", 30),
        ("All facets, one or two of them on, p95", lambda f: f.get("panel", BIG, "p95"), "{:.0f} ms", 60),
        ("Suggestions, p95", lambda f: f.get("suggestions", BIG, "p95"), "{:.0f} ms", 15),
        ("A page with a word and facets, 1,000,000, p95", lambda f: f.get("narrowed", HUGE, "p95"), "{:.0f} ms", 80),
        ("All facets, 1,000,000, p95", lambda f: f.get("panel", HUGE, "p95"), "{:.0f} ms", 250),
        ("Suggestions, 1,000,000, p95", lambda f: f.get("suggestions", HUGE, "p95"), "{:.0f} ms", 30),
    ],
    "W16 a wall of 5,000 tiles in Chromium, scrolled to its end": [
        ("Longest frame", lambda f: f.get("scrolling", "pindeck", "longest_ms"), "{:.0f} ms", 100),
        ("Longest task of the page, by CPU", lambda f: f.get("scrolling", "pindeck", "task_cpu_ms"), "{:.0f} ms", 100),
        ("Most elements that the page held", lambda f: f.get("scrolling", "pindeck", "most_nodes"), "{:.0f}", 4000),
    ],
    "W17 files of a deck of 40 slides with 160 pictures, of others, and both in Chromium": [
        ("PDF for the screen before there is a `screen` of any picture, CPU", lambda f: f.get("exports", "deck screen, first", "cpu_s"), "{:.1f} s", 60),
        ("The same when there is, CPU", lambda f: f.get("exports", "deck screen, anew", "cpu_s"), "{:.1f} s", 20),
        ("The same again, CPU", lambda f: f.get("exports", "deck screen, same", "cpu_s"), "{:.1f} s", 5),
        ("Most memory of the worker with its child", lambda f: _most(f, "deck screen", "peak_mb"), "{:.0f} MiB", 250),
        ("The file", lambda f: _most(f, "deck screen", "mb"), "{:.1f} MiB", 60),
        ("PDF for print before there is a `print` of any picture, CPU", lambda f: f.get("exports", "deck print, first", "cpu_s"), "{:.1f} s", 90),
        ("The same when there is, CPU", lambda f: f.get("exports", "deck print, anew", "cpu_s"), "{:.1f} s", 15),
        ("The same again, CPU", lambda f: f.get("exports", "deck print, same", "cpu_s"), "{:.1f} s", 15),
        ("Most memory of the worker with its child", lambda f: _most(f, "deck print", "peak_mb"), "{:.0f} MiB", 300),
        ("PPTX for the screen, CPU", lambda f: f.get("exports", "slides to edit", "cpu_s"), "{:.1f} s", 8),
        ("Contact sheet of 500 pictures, from asking to the file", lambda f: f.get("exports", "contact sheet", "took_s"), "{:.1f} s", 20),
        ("Growth of the web process by a ZIP of 1,000 originals", lambda f: max(r["grown_mb"] for r in f.of("zip", "pindeck")), "{:.0f} MiB", 32),
        ("Rate of the ZIP over that of `send_file` of the same bytes", lambda f: f.ratio("zip", "pindeck", "send_file", "rate_mb", None), "{:.2f} ×", -0.7),
        ("Presenting: slowest slide, from the key until it was painted", lambda f: f.get("presented", "pindeck", "slowest_ms"), "{:.0f} ms", 50),
        ("Presenting: slides that waited for a picture", lambda f: f.get("presented", "pindeck", "waited"), "{:.0f}", 0),
        ("Presenting: longest task of the page, by CPU", lambda f: f.get("presented", "pindeck", "task_cpu_ms"), "{:.0f} ms", 50),
        ("Presenting: longest frame", lambda f: f.get("presented", "pindeck", "longest_ms"), "{:.0f} ms", 50),
        ("Canvas of 300 objects, one dragged over it: frames a second", lambda f: f.get("dragged", "pindeck", "rate"), "{:.0f}", -50),
    ],
    "W6 at rest, and the weight of the first page": [
        ("Memory of queue, web (two processes) and worker", lambda f: f.get("cold", "pindeck", "idle_mb"), "{:.0f} MB", 180),
        ("`pindeck up` until the first page, 100,000 images", lambda f: f.get("cold", "pindeck", "cold_s"), "{:.2f} s", 0.9),
        ("The same, of the floor under gunicorn alone", lambda f: f.get("cold", "floor", "cold_s"), "{:.2f} s", 0.3),
        ("First page with CSS and JavaScript, compressed", lambda f: f.get("weight", "pindeck", "all_packed") / 1024, "{:.1f} KB", 100),
        ("HTML of 50 tiles, not compressed", lambda f: f.get("weight", "pindeck", "html") / 1024, "{:.1f} KB", 52),
    ],
}  # fmt: skip


def _table(f: Figures) -> list[str]:
    lines = []
    for title, wanted in REQUIRED.items():
        lines += ["", f"### {title}", "", "| | Measured | Required | |", "|---|--:|--:|---|"]
        for words, find, form, limit in wanted:
            try:
                value = find(f)
            except (KeyError, ValueError):
                lines.append(f"| {words} | not measured | | |")
                continue
            good = value >= -limit if limit < 0 else value <= limit
            sign = "≥" if limit < 0 else "≤"
            lines.append(
                f"| {words} | {form.format(value)} | {sign} {form.format(abs(limit))} | {'yes' if good else '**no**'} |"
            )
    return lines


def _details(f: Figures) -> list[str]:
    lines = [
        "",
        "## Every median",
        "",
        "| Workload | Target | Clients | CPU ms | p50 ms | p95 ms | Requests/s | KB | Others |",
    ]
    lines.append("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    seen = dict.fromkeys((r["kind"], r["target"], r["conn"]) for r in f.rows if "conn" in r)
    for kind, target, conn in seen:
        rows = f.of(kind, target, conn)
        m = {k: statistics.median(r[k] for r in rows) for k in ("cpu_ms", "p50", "p95", "rps", "bytes", "foreign")}
        lines.append(
            f"| {kind.replace('_', ' ')} | {target} | {conn} | {m['cpu_ms']:.2f} | {m['p50']:.1f} | {m['p95']:.1f}"
            f" | {m['rps']:.0f} | {m['bytes'] / 1024:.1f} | {m['foreign']:.1f} |"
        )
    lines += ["", "| Pictures | CPU s a photo | Photos/s | Most MB | Others |", "|---|--:|--:|--:|--:|"]
    for kind, words in (("ingest 1w", "one worker"), ("ingest 2w", "two workers")):
        for target in ("pindeck", "sharp"):
            rows = f.of(kind, target)
            if rows:
                m = {k: statistics.median(r[k] for r in rows) for k in ("cpu_s", "photos_s", "peak_mb", "foreign")}
                with_workers = f", {words}" if target == "pindeck" else f" beside {words}"
                lines.append(
                    f"| {target}{with_workers} | {m['cpu_s']:.3f} | {m['photos_s']:.2f}"
                    f" | {m['peak_mb']:.0f} | {m['foreign']:.1f} |"
                )
    cold = f.of("cold", "pindeck")
    if cold:
        lines += [
            "",
            "| Start | Seconds | CPU s until then | MB at rest | Load of the machine |",
            "|---|--:|--:|--:|--:|",
        ]
    for row in cold:
        lines.append(
            f"| {row['round'] + 1} | {row['cold_s']:.2f} | {row.get('cold_cpu_s', 0):.2f} | {row['idle_mb']:.0f}"
            f" | {row['load']:.1f} |"
        )
    return lines


def write(results: dict[str, Any]) -> str:
    """The text of docs/benchmarks.md."""
    figures = Figures(results)
    facts = next(reversed(results.values()))["machine"] if results else {}
    bad = sum(row.get("bad", 0) + row.get("sock_err", 0) for row in figures.rows)
    quick = sorted(name for name, part in results.items() if part["quick"])
    intro = NOTES.read_text().split("<!-- after -->")
    lines = [intro[0].strip(), "", "## The machine", ""]
    lines += [f"- {name.capitalize()}: {text}." for name, text in facts.items()]
    lines += [f"- Answers with an error: {bad}."]
    if quick:
        lines += [f"- Measured in one short round only: {', '.join(quick)}."]
    lines += ["", "## Measured and required"]
    lines += _table(figures)
    lines += ["", intro[1].strip()]
    lines += _details(figures)
    return "\n".join(lines) + "\n"
