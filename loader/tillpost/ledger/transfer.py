"""Files of entries, Parquet or CSV, that people carry from one machine to another."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tillpost.errors import UsageError, raise_all
from tillpost.ledger.book import Book
from tillpost.ledger.file import create_private
from tillpost.ledger.lines import COPIED, TYPES, lines_query

STATES = (*("leaving", "accepted", "refused", "returned", "expired", "held", "lost", "forgotten"),)
_MAY_BE_NULL = ("fbtrace_id", "code", "subcode", "message")
_FORMATS = {".parquet": "format parquet", ".csv": "format csv, header true"}
_AGAIN = "export it again: tillpost ledger export"


def export_entries(book: Book, path: Path) -> int:
    """Write all entries to a new file that nobody else may read, and say how many they are."""
    _require_format(path)
    if path.exists():
        raise UsageError(
            "this file is there already, and is not overwritten",
            where=str(path),
            fix="name another file, or move this one away",
        )
    with _workshop(path) as (connection, folder):
        lines, part = folder / "lines.csv", folder / f"part{path.suffix}"
        book.copy_out(lines)
        create_private(part)
        copied = connection.execute(
            f"copy ({lines_query()}) to $part ({_FORMATS[path.suffix]}, use_tmp_file false)",
            {"lines": str(lines), "part": str(part)},
        ).fetchall()
        path.hardlink_to(part)
    return int(copied[0][0])


def import_entries(book: Book, path: Path) -> tuple[int, int]:
    """Take in what `export_entries` wrote; says how many entries it holds and how many were new.

    Raises:
        UsageError: it is no such file; all that is wrong with it.
    """
    _require_format(path)
    with _workshop(path) as (connection, folder):
        reader = "read_parquet($path)"
        if path.suffix == ".csv":
            # Nothing is null, a quoted nothing is an empty text.
            reader = (
                "read_csv($path, header = true, all_varchar = true, delim = ',', quote = '\"',"
                " escape = '\"', allow_quoted_nulls = false, max_line_size = 16000000)"
            )
        connection.execute(f"create table given as select * from {reader}", {"path": str(path)})
        _require_entries(connection, path)
        columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in TYPES.items())
        lines = folder / "lines.csv"
        create_private(lines)
        copied = connection.execute(
            f"copy (select {columns} from given order by rowid) to $lines ({COPIED})",
            {"lines": str(lines)},
        ).fetchall()
        return int(copied[0][0]), book.merge(lines)


@contextmanager
def _workshop(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database in memory and a folder beside a file; DuckDB's complaints become words."""
    if not path.absolute().parent.is_dir():
        raise UsageError("there is no such folder", where=str(path.parent), fix="make it first")
    with (
        tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=f".{path.name}.") as folder,
        duckdb.connect(config={"temp_directory": folder, "threads": 1}) as connection,
    ):
        try:
            yield connection, Path(folder)
        except duckdb.Error as error:
            # Its own words may quote a row.
            is_disk = isinstance(error, duckdb.IOException)
            raise UsageError(
                "this file cannot be read or written as one of entries",
                where=str(path),
                why=type(error).__name__,
                fix="see that it is whole, and that its disk has room" if is_disk else _AGAIN,
            ) from None


def _require_format(path: Path) -> None:
    if path.suffix not in _FORMATS:
        raise UsageError(
            "only Parquet and CSV go between ledgers",
            where=str(path),
            fix="end the file's name in .parquet or .csv",
        )


def _require_entries(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Everything that is wrong with a file, at once."""
    given = [row[0] for row in connection.execute("describe given").fetchall()]
    missing = [name for name in TYPES if name not in given]
    faults = [f"it lacks the column {name}" for name in missing]
    faults += [f"it has a column that no ledger has: {name}" for name in given if name not in TYPES]
    checks = {
        fault: condition
        for name in TYPES
        if name not in missing
        for fault, condition in _conditions(name).items()
    }
    counts = ", ".join(f"count(*) filter ({condition})" for condition in checks.values())
    row = connection.execute(f"select {counts or 'null'} from given").fetchall()[0]
    faults += [
        f"{count:,} rows: {fault}" for fault, count in zip(checks, row, strict=False) if count
    ]
    errors = [UsageError(fault, where=str(path), fix=_AGAIN) for fault in faults]
    raise_all(errors)


def _conditions(name: str) -> dict[str, str]:
    """What could be wrong with a column, and how it is found."""
    kind = TYPES[name]
    found = {f"{name} is no {kind}": f"{name} is not null and try_cast({name} as {kind}) is null"}
    if name not in _MAY_BE_NULL:
        found[f"{name} is empty"] = f"{name} is null"
    if name == "state":
        listed = ", ".join(f"'{state}'" for state in STATES)
        found["state is none that a ledger knows"] = f"state not in ({listed})"
    return found
