"""How long normalising and hashing takes, as a multiple of SHA-256 alone over the same columns.

Both read one table of a million customers in memory, all eleven hashed fields filled, and write
what they make into a table; they take turns, and the best time of each counts.

    .venv/bin/python benchmarks/hashing.py [CUSTOMERS]
"""

import json
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tillpost.compiler import Compiler, Settings
from tillpost.pipeline.normalizer import customer_models
from tillpost.project import load_project

ROOT = Path(__file__).parents[1]
CUSTOMERS = 1_000_000
THREADS = 2
ROUNDS = 3
HASHED = (
    *("email", "phone", "fn", "ln", "gen", "db"),
    *("ct", "st", "zip", "country", "external_id"),
)
SHA_256 = f"select basket, {', '.join(f'sha256({column})' for column in HASHED)} from {{raw}}"


def connect(customers: int) -> duckdb.DuckDBPyConnection:
    """The raw customers, the seeds, and the project's models over them as views."""
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute("set variable customers = ?", [customers])
    connection.execute(Path(__file__).with_name("customers.sql").read_text("utf-8"))
    project = load_project(ROOT)
    for seed in project.seeds.values():
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in seed.column_types.items())
        connection.execute(
            f"create table {seed.name} as"
            f" select * from read_csv(?, header = true, types = {{{types}}})",
            [str(ROOT / seed.path)],
        )
    settings = Settings(
        project=project,
        schema="main",
        target="bench",
        dialect="duckdb",
        threads=THREADS,
        run_started_at=datetime(2026, 11, 23, tzinfo=UTC),
        environ={},
    )
    for model in customer_models(Compiler(settings)):
        connection.execute(f"create view {model.relation} as {model.sql}")
    return connection


def seconds(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """How long it takes to make a table of a query."""
    connection.execute("drop table if exists made")
    start = time.perf_counter()
    connection.execute(f"create temp table made as {query}")
    return time.perf_counter() - start


def main() -> None:
    """Time both, print a table for people and a line of JSON for machines."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    connection = connect(customers)
    plain, whole = [], []
    for _ in range(ROUNDS):
        plain.append(seconds(connection, SHA_256.format(raw="eleven_fields")))
        whole.append(seconds(connection, "select * from int_identities"))
    ratio = min(whole) / min(plain)
    print(f"{customers:,} customers, {len(HASHED)} fields, {THREADS} threads, best of {ROUNDS}")
    print(f"  reading and SHA-256 alone    {min(plain):7.2f} s")
    print(f"  normalising and hashing      {min(whole):7.2f} s")
    print(f"  ratio                        {ratio:7.2f}")
    print(
        json.dumps(
            {
                "customers": customers,
                "threads": THREADS,
                "duckdb": duckdb.__version__,
                "machine": platform.machine(),
                "sha256_seconds": [round(value, 3) for value in plain],
                "whole_seconds": [round(value, 3) for value in whole],
                "ratio": round(ratio, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
