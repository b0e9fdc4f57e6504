"""All benchmarks in one run: writes benchmarks/results/NAME.json, RESULTS.md and growth.svg.

    .venv/bin/python benchmarks/run.py --lines 1000000,10000000 --ledger-keys 100000000

README.md beside this says what is measured and how. Each figure comes from a process of its own.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import scenarios
from drawing import growth
from page import results_page
from process import HERE

DEFAULT_LINES = "100000,1000000"


def options() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--lines", default=DEFAULT_LINES, help=f"sizes, with commas between ({DEFAULT_LINES})")
    add("--peer-lines", type=int, default=200_000, help="of the peers' sample; 0 leaves them out")
    add("--nightly-lines", type=int, default=1_000_000, help="new lines a night")
    add("--ledger-keys", type=int, default=10_000_000, help="the ledger's; 0 leaves it out")
    add("--memory-limit", default="1GB", help="DuckDB's, everywhere (1GB)")
    add("--note", default="", help="a sentence for the page: what else the machine did")
    add("--name", default=f"{datetime.now(UTC):%Y-%m-%d}", help="of the file in results/")
    add("--page-only", action="store_true", help="measure nothing: the page of what is in results/")
    add("--work", type=Path, help="folder for the data (one in the temporary directory)")
    return parser.parse_args()


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Everything, one after the other: nothing runs beside what is timed."""
    began = time.monotonic()
    results: dict[str, Any] = {"about": about(asked)}
    with (
        tempfile.TemporaryDirectory(dir=asked.work, prefix="tillpost-bench-") as name,
        scenarios.discarding() as edge,
    ):
        place = scenarios.Place(folder=Path(name), edge=edge, memory_limit=asked.memory_limit)
        steps: dict[str, Callable[[], scenarios.Figures]] = {
            "start": scenarios.start,
            "parts": scenarios.parts,
        }
        if asked.peer_lines:
            steps["peers"] = partial(scenarios.peers, place, lines=asked.peer_lines)
        if asked.ledger_keys:
            steps["nightly"] = partial(
                scenarios.nightly, place, lines=asked.nightly_lines, keys=asked.ledger_keys
            )
        for step, measured in steps.items():
            results[step] = told(step, measured)
        results["sizes"] = [
            told(f"{lines:,} lines", partial(scenarios.whole_way, place, lines))
            for lines in sorted(map(int, asked.lines.split(",")))
        ]
    results["about"]["minutes"] = round((time.monotonic() - began) / 60, 1)
    return results


def told(step: str, measured: Callable[[], scenarios.Figures]) -> scenarios.Figures:
    """Say what is measured, and how long that took."""
    print(f"{step} …", file=sys.stderr, flush=True)
    start = time.monotonic()
    figures = measured()
    print(f"{step}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return figures


def about(asked: argparse.Namespace) -> dict[str, Any]:
    """What it was measured on."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "gigabytes": round(pages * size / 2**30),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "tillpost": version("tillpost"),
        "threads": 2,
        "memory_limit": asked.memory_limit,
        "load_before": round(os.getloadavg()[0], 1),
        "note": asked.note,
    }


def main() -> None:
    """Measure, then write it all down."""
    asked = options()
    file = HERE / "results" / f"{asked.name}.json"
    if not asked.page_only:
        results = measure(asked)
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{json.dumps(results, indent=1)}\n", "utf-8")
    results = json.loads(file.read_text("utf-8"))
    (HERE / "RESULTS.md").write_text(results_page(results), "utf-8")
    (HERE / "growth.svg").write_text(growth(results), "utf-8")
    print(f"{file}, RESULTS.md and growth.svg beside it", file=sys.stderr)


if __name__ == "__main__":
    main()
