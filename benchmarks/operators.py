"""Where the time of one model goes: EXPLAIN ANALYZE over a build that stands, by operator.

    .venv/bin/python benchmarks/operators.py SHOP MODEL…

The model's query runs as it did in the build, but its rows are not stored. Seconds are of all
threads together, each operator's own.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import chdir
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
from process import TILLPOST
from shop import THREADS

SHOWN = 8
WORDS = 60
DETAILS = ("Table", "Function", "Conditions", "Groups", "Projections", "Aggregates")


def operators(node: dict[str, Any]) -> Iterator[tuple[str, float, int]]:
    """Each operator of a plan with its own seconds and rows."""
    if name := node.get("type"):
        details = node.get("extra_info", {})
        detail = next((details[each] for each in DETAILS if details.get(each)), "")
        words = ", ".join(detail) if isinstance(detail, list) else str(detail)
        label = f"{name.strip()} {words[:WORDS]}".strip()
        yield label, node["timing"], node["intermediate_rows"]
    for child in [*node.get("operator", []), *node.get("children", [])]:
        yield from operators(child)


def sql_of(shop: Path, model: str) -> str:
    """The model as it is compiled for this target."""
    words = [*TILLPOST, "compile", "-s", model]
    done = subprocess.run(words, cwd=shop, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout


def main() -> None:
    """Print the slowest operators of each model."""
    shop = Path(sys.argv[1]).resolve()
    texts = {model: sql_of(shop, model) for model in sys.argv[2:]}
    # Paths of sources are relative to the project, and name their rows.
    with chdir(shop), duckdb.connect(".tillpost/build.duckdb") as connection:
        connection.execute(f"set threads = {THREADS}")
        connection.execute("set TimeZone = 'UTC'")
        for model, sql in texts.items():
            ((_, plan),) = connection.execute(f"explain (analyze, format json) {sql}").fetchall()
            spent: dict[str, float] = defaultdict(float)
            rows: Counter[str] = Counter()
            for label, seconds, count in operators(json.loads(plan)):
                spent[label] += seconds
                rows[label] += count
            print(f"{model}  {sum(spent.values()):.2f} s of all threads")
            for label, seconds in sorted(spent.items(), key=itemgetter(1), reverse=True)[:SHOWN]:
                print(f"  {seconds:7.2f} s {rows[label]:12,} rows  {label}")


if __name__ == "__main__":
    main()
