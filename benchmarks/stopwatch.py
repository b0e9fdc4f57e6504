"""`tillpost` with a stopwatch on its engine: how long each model took, and all else together.

    .venv/bin/python benchmarks/stopwatch.py TIMINGS.json build …

Reading two clocks for each statement is all that it adds to the command.
"""

import json
import sys
import time
from collections import defaultdict
from functools import wraps
from operator import itemgetter
from pathlib import Path

from tillpost.cli import main as tillpost
from tillpost.engines.duckdb import DuckDB

OTHER = {
    "query": "tests and counts",
    "count_source": "counting source rows",
    "load_parquet": "taking the ledger in",
    "load_seed": "loading seeds",
    "execute": "other statements",
}


def watch(spent: dict[str, float]) -> None:
    """Time what the engine is asked for, under the name of the relation or of the kind."""

    def timed(method: str, *, by_relation: bool) -> None:
        plain = getattr(DuckDB, method)

        @wraps(plain)
        def call(self: DuckDB, first: str, *more: object, **named: object) -> object:
            start = time.perf_counter()
            try:
                return plain(self, first, *more, **named)
            finally:
                spent[first if by_relation else OTHER[method]] += time.perf_counter() - start

        setattr(DuckDB, method, call)

    timed("create", by_relation=True)
    for method in OTHER:
        timed(method, by_relation=False)


def main() -> None:
    """Run the command, then write down what took how long, the longest first."""
    spent: dict[str, float] = defaultdict(float)
    watch(spent)
    timings, sys.argv = Path(sys.argv[1]), ["tillpost", *sys.argv[2:]]
    try:
        tillpost()
    finally:
        ordered = sorted(spent.items(), key=itemgetter(1), reverse=True)
        rounded = {name.removeprefix("main."): round(each, 3) for name, each in ordered}
        timings.write_text(json.dumps(rounded))


if __name__ == "__main__":
    main()
