"""A snapshot on its way from PostgreSQL to an engine that takes Parquet."""

from pathlib import Path

import duckdb

_COLUMNS = {
    "event_key": "varchar",
    "sale_key": "varchar",
    "payload_digest": "varchar",
    "rules_version": "varchar",
    "state": "varchar",
    "first_left_at": "bigint",
    "last_at": "bigint",
}
# Nothing is guessed: a file may be empty.
_FORMAT = "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"'"
_DIGESTS = ("event_key", "sale_key", "payload_digest")


def write_parquet(lines: Path, path: Path, *, digest_type: str) -> int:
    """Turn a snapshot's lines of CSV into Parquet, and say how many there are.

    Args:
        lines: the file that PostgreSQL copied.
        path: the file to write.
        digest_type: what digests are to the engine that will read it: `uuid` or `varchar`.
    """
    chosen = ", ".join(
        f"cast({name} as {digest_type}) as {name}" if name in _DIGESTS else name
        for name in _COLUMNS
    )
    with duckdb.connect(config={"memory_limit": "256MB", "threads": 1}) as connection:
        copied = connection.execute(
            f"copy (select {chosen} from read_csv($lines, {_FORMAT}, columns = {_COLUMNS}))"
            " to $path (format parquet, use_tmp_file false)",
            {"lines": str(lines), "path": str(path)},
        ).fetchall()
    return int(copied[0][0])
