"""This checkout beside another one, before and after a change: both in the same rounds, in rotated order."""

import statistics
from pathlib import Path

from bench import library
from bench.programs import Program
from bench.rounds import Row, ingest, load
from bench.stacks import PindeckStack
from bench.targets import Pindeck, Target
from bench.workloads import Plan, check, photos, stopping

COUNT = 100_000
ROUNDS = 5
PAGES = ["first_page", "deep_page", "walk", "filtered", "fragment", "search", "writes"]
LISTS = ["api_list", "api_walk"]
FAR = dict.fromkeys(("RATE_READ", "RATE_WRITE", "RATE_UPLOAD"), "1000000000/hour")


def run(plan: Plan, other: Path) -> str:
    """Measure this checkout and the one at `other`, which has its `.venv`; a table of the ratios as Markdown."""
    rows = _pages(plan, other) + _programs(plan, other) + _photos(plan, other) + _starts(plan, other)
    return table(rows)


def _stacks(plan: Plan, other: Path, count: int, label: str) -> dict[str, PindeckStack]:
    """Both checkouts, each with a database that its own version made."""
    made = {
        "now": PindeckStack(plan.cache / f"{label}-now"),
        "before": PindeckStack(plan.cache / f"{label}-before", other),
    }
    for each in made.values():
        each.environ |= FAR
        each.prepare(count, projects=0 if label == "programs" else 2000)
    return made


def _pages(plan: Plan, other: Path) -> list[Row]:
    with stopping() as running:
        targets: dict[str, Target] = {}
        for name, each in _stacks(plan, other, COUNT, "pages").items():
            running.append(each)
            each.start()
            targets[name] = Pindeck(each.base, each.roots, COUNT)
            targets[name].login()
            check(targets[name], PAGES)
        return load(targets, PAGES, rounds=ROUNDS, seconds=plan.seconds, conns=(1,))


def _programs(plan: Plan, other: Path) -> list[Row]:
    with stopping() as running:
        targets: dict[str, Target] = {}
        for name, each in _stacks(plan, other, COUNT, "programs").items():
            running.append(each)
            key = each.output("key", "create", "--kind", "project", "--user", library.EMAIL).strip()
            each.start()
            targets[name] = Program(each, key)
        return load(targets, LISTS, rounds=ROUNDS, seconds=plan.seconds, conns=(1,))


def _photos(plan: Plan, other: Path) -> list[Row]:
    wanted = photos(plan)
    with stopping() as running:
        targets: dict[str, Target] = {}
        for name, each in _stacks(plan, other, 0, "photos").items():
            running.append(each)
            each.start()
            targets[name] = target = Pindeck(each.base, each.roots)
            target.database = each.database
            target.login()
        return ingest(targets, wanted, rounds=ROUNDS, clients=4, label="")


def _starts(plan: Plan, other: Path) -> list[Row]:
    rows = []
    both = _stacks(plan, other, COUNT, "pages")
    for number in range(ROUNDS):
        names = list(both)[number % 2 :] + list(both)[: number % 2]
        for name in names:
            try:
                rows.append(dict(kind="start", target=name, round=number, cold_s=both[name].start()))
            finally:
                both[name].stop()
    return rows


MEASURES = ("cpu_ms", "cpu_s", "peak_mb", "cold_s")


def table(rows: list[Row]) -> str:
    """The medians of both and the median of the ratios within the rounds."""
    lines = ["| | Before | Now | Now over before |", "|---|--:|--:|--:|"]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        for measure in MEASURES:
            sides = [
                [row[measure] for row in rows if (row["kind"], row["target"]) == (kind, side) and measure in row]
                for side in ("before", "now")
            ]
            if not sides[0]:
                continue
            ratio = statistics.median(now / before for before, now in zip(*sides, strict=True))
            before, now = map(statistics.median, sides)
            lines.append(f"| {kind}, {measure} | {before:.2f} | {now:.2f} | {ratio:.3f} × |")
    return "\n".join(lines) + "\n"
