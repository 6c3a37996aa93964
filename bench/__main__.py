"""`python -m bench [w1 … w17] [--quick]`: measure, and write docs/benchmarks.md.

Figures of workloads that are not named stay as they were measured last on this machine.
`--against PATH` measures this checkout beside another one instead, and prints the ratios.
"""

import argparse
import json
from pathlib import Path

from bench import (
    alike,
    bulk,
    compare,
    importing,
    looking,
    presenting,
    programs,
    report,
    scrolling,
    searching,
    tools,
    waiting,
    workloads,
)

ROOT = Path(__file__).resolve().parent.parent
ALL = {f"w{n}": workloads if n < 7 else programs for n in range(1, 10)} | {"w10": waiting, "w11": alike, "w12": importing, "w13": looking}
ALL["w14"] = bulk
ALL["w15"] = searching
ALL["w16"] = scrolling
ALL["w17"] = presenting


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="WORKLOAD", help="w1 to w17; all of them if none is named")
    parser.add_argument("--quick", action="store_true", help="one short round and fewer photos")
    parser.add_argument("--report", action="store_true", help="write the report from the last figures")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout, with its .venv")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in ALL]
    if unknown:
        parser.error(f"There is no workload {unknown[0]}. Use {', '.join(ALL)}.")
    cache = ROOT / ".bench"
    cache.mkdir(exist_ok=True)
    kept = cache / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    plan = workloads.Plan(cache, chosen.quick)
    if chosen.against:
        tools.need("wrk", "wrk")
        print(compare.run(plan, chosen.against.resolve()))
        return
    for name in () if chosen.report else chosen.names or ALL:
        tools.need("wrk", "wrk")
        print(f"== {name}", flush=True)
        results[name] = {"machine": report.machine(), "quick": plan.quick, "rows": getattr(ALL[name], name)(plan)}
        kept.write_text(json.dumps(results))
    text = report.write(results)
    (ROOT / "docs" / "benchmarks.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
