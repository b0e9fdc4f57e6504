"""How long a cold build takes, as a fraction of `dbt build` on the same: the example retailer.

Both start without a compiled project and without a database and make the same relations. They take
turns, and the best time of each counts. dbt's unit tests are left out: Tillpost's build runs none.

    .venv/bin/python benchmarks/dbt.py
"""

import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))
from dbt_harness import BUILD, dbt, lay_down_repository  # noqa: E402  where it lies is said above
from project_harness import tillpost  # noqa: E402

LINES = 60_000
ROUNDS = 3


def seconds(project: Path, build: Callable[[], object]) -> float:
    """How long a build takes that finds nothing of an earlier one."""
    shutil.rmtree(project / "target", ignore_errors=True)
    (project / BUILD).unlink(missing_ok=True)
    start = time.perf_counter()
    build()
    return time.perf_counter() - start


def ours(project: Path) -> None:
    """Build as a user does."""
    done = tillpost(project, "build")
    if done.returncode:
        raise SystemExit(done.stderr)


def main() -> None:
    """Time both, print a table for people and a line of JSON for machines."""
    as_of = datetime.now(UTC).replace(microsecond=0).isoformat()
    mine, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        project = lay_down_repository(Path(folder), as_of=as_of, lines=LINES)
        ours(project)  # makes the folders, and Jinja's bytecode, as they are after a first day
        for _ in range(ROUNDS):
            mine.append(seconds(project, lambda: ours(project)))
            theirs.append(
                seconds(
                    project,
                    lambda: dbt(project, "build", "--exclude-resource-type", "unit_test"),
                )
            )
    ratio = min(theirs) / min(mine)
    print(f"{LINES:,} lines, DuckDB {duckdb.__version__}, best of {ROUNDS}")
    print(f"  dbt build                    {min(theirs):7.2f} s")
    print(f"  tillpost build               {min(mine):7.2f} s")
    print(f"  ratio                        {ratio:7.2f}")
    print(
        json.dumps(
            {
                "lines": LINES,
                "duckdb": duckdb.__version__,
                "machine": platform.machine(),
                "dbt_seconds": [round(value, 3) for value in theirs],
                "tillpost_seconds": [round(value, 3) for value in mine],
                "ratio": round(ratio, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
