"""What nothing can be faster than: reading the lines, and hashing their columns with SHA-256.

    .venv/bin/python benchmarks/limits.py reading|every_line|a_line_an_order FILE MEMORY_LIMIT

Nothing is normalised, judged, folded or stored: each column ends in one number or one hash.
"""

import json
import sys
import time

import duckdb
from shop import FIELDS, THREADS

OTHERS = ("order_id", "line_no", "sold_at", "sku", "quantity", "line_total", "currency")


def query(kind: str) -> str:
    """The columns that get hashed are only read, or hashed in every line, or once an order."""
    of_field = "max(strlen({}))" if kind == "reading" else "max(sha256({}))"
    columns = [*map(of_field.format, FIELDS), *(f"max({name})" for name in OTHERS)]
    which = " where line_no = 1" if kind == "a_line_an_order" else ""
    return f"select {', '.join(columns)} from read_parquet(?){which}"


def main() -> None:
    """Time one query; the process's start is not in it."""
    kind, file, memory_limit = sys.argv[1:]
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {THREADS}; set memory_limit = '{memory_limit}'")
        start = time.perf_counter()
        connection.execute(query(kind), [file]).fetchall()
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": round(seconds, 3)}))


if __name__ == "__main__":
    main()
