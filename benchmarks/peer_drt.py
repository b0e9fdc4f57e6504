"""drt-core over the same lines: its DuckDB source and its destination `meta_conversions`.

    peer_drt.py FILE LINES ADDRESS      in the environment of requirements-bench-drt.txt

An event a row is all that drt makes, so its SQL folds the lines. It hashes e-mail and phone only,
and takes nothing older than seven days, so times are moved here. Its brakes are off: 1,000 events
a request instead of 100, and no limit of requests a second. Its address is a constant, set here.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

RECENT_SECONDS = 6 * 86400
ROWS = """
select
    order_id,
    cast(epoch(now()) as bigint) - 3600 - hash(order_id) % {recent} as sold_at,
    any_value(email) as email,
    any_value(phone) as phone,
    cast(sum(line_total) as double) as total
from (from read_parquet('{file}') limit {lines})
group by order_id
"""
SETTINGS = {
    "drt_project.yml": {"name": "bench", "profile": "bench"},
    "home/.drt/profiles.yml": {"bench": {"type": "duckdb", "database": ":memory:"}},
}
DESTINATION = {
    "type": "meta_conversions",
    "pixel_id": "1234567890",
    "access_token": "bench",
    "action_source": "physical_store",
    "event_name": "Purchase",
    "event_time_field": "sold_at",
    "event_id_field": "order_id",
    "email_field": "email",
    "phone_field": "phone",
    "value_field": "total",
    "currency": "EUR",
}


def make_project(folder: Path, *, file: str, lines: int) -> None:
    """JSON is YAML."""
    sync = {
        "name": "purchases",
        "model": ROWS.format(file=file, lines=lines, recent=RECENT_SECONDS),
        "destination": DESTINATION,
        "sync": {
            "batch_size": 10_000,
            "rate_limit": {"requests_per_second": 1_000_000},
            "on_error": "skip",
        },
    }
    for name, each in {**SETTINGS, "syncs/purchases.yml": sync}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(each), "utf-8")


def main() -> None:
    """Run the sync in a folder of its own; time all but the imports."""
    file, lines, address = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_project(folder, file=str(Path(file).resolve()), lines=lines)
        os.environ |= {"HOME": str(folder / "home"), "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
        os.chdir(folder)
        from drt.cli.main import app  # noqa: PLC0415  it reads the environment
        from drt.destinations import meta_conversions  # noqa: PLC0415

        meta_conversions._BASE_URL = address  # noqa: SLF001  there is no setting for it
        duckdb.connect().close()
        start = time.perf_counter()
        try:
            app(["run"], standalone_mode=False)
        finally:
            seconds = round(time.perf_counter() - start, 3)
            print(json.dumps({"lines": lines, "seconds": seconds}))


if __name__ == "__main__":
    main()
