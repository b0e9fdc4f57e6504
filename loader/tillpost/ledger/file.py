"""The ledger's file: made whole or not at all, opened alone, kept from other users."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from tillpost.errors import Locked, TillpostError, UsageError
from tillpost.ledger.duckdb_statements import SCHEMA, UPGRADES
from tillpost.ledger.layout import VERSION
from tillpost.machine import machine

MEMORY = min(max(machine().memory // 8, 256_000_000), 2_000_000_000)
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Writing the tables' ends anew every 16 MB would cost three times what writing down does.
    "checkpoint_threshold": "128MB",
    "memory_limit": f"{MEMORY}B",
    "threads": "1",
}
_NUMBERED = 3
"""The first layout whose entries have numbers."""
_RESTORE = "restore it from a copy: without it sales are sent again"
_ANOTHER = "name another file, or restore this one from a copy: without it sales are sent again"
_COMPLAINTS = (
    ("not a valid DuckDB database file", "this file is no ledger", _ANOTHER),
    ("ledger_schema does not exist", "this DuckDB file is no ledger", _ANOTHER),
    ("version number", "a newer DuckDB wrote this ledger", "upgrade: pip install -U duckdb"),
    (
        "Out of Memory",
        "the ledger needs more memory than an eighth of this machine's",
        "a larger one",
    ),
    ("Corrupt", "the ledger is damaged", _RESTORE),
    ("Could not read enough bytes", "the ledger is damaged", _RESTORE),
)

TABLES = ("singles", "batches", "keys", "answers", "runs", "ledger_schema")
_DISK = (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)


def open_file(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the ledger's file, made on the first use."""
    if not path.exists():
        _make(path)
    path.chmod(0o600)
    connection = _connected(path)
    try:
        _bring_up_to_date(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection, *, path: Path) -> Iterator[None]:
    """All or nothing, and on disk at the end."""
    with in_words(path):
        # DuckDB removes its log at each checkpoint, and would make it readable to everybody.
        with suppress(FileExistsError):
            create_private(path.with_name(f"{path.name}.wal"))
        connection.execute("begin")
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):
                connection.execute("rollback")
            raise
        connection.execute("commit")


def rewrite(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyConnection:
    """Write the file anew, since DuckDB leaves in it what was deleted; gives its new connection."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder, path.name)
        with _connected(draft) as made:
            made.execute(SCHEMA.format(first_entry=_first_entry(connection)))
            made.execute("delete from ledger_schema")
        draft.chmod(0o600)
        place = str(draft).replace("'", "''")
        connection.execute(f"attach '{place}' as rewritten_ledger")
        for table in TABLES:
            query = f"select * from {table} order by rowid"
            connection.execute(f"insert into rewritten_ledger.{table} {query}")
        # A checkpoint that closing makes may fail without a word, and what it missed is lost.
        connection.execute("checkpoint rewritten_ledger")
        connection.execute("detach rewritten_ledger")
        connection.execute("checkpoint")
        with _connected(draft) as made:
            _require_same(connection, made, path)
        connection.close()
        draft.replace(path)
    return open_file(path)


def _require_same(
    ours: duckdb.DuckDBPyConnection, copy: duckdb.DuckDBPyConnection, path: Path
) -> None:
    """Make sure that a copy has every row before it takes the ledger's place."""
    for table in TABLES:
        query = f"select count(*), bit_xor(hash(each)) from {table} as each"
        if ours.execute(query).fetchall() != copy.execute(query).fetchall():
            raise TillpostError(
                "the ledger was not written anew as it was, and stays as it is",
                where=str(path),
                fix="see that the disk has room, then run the same command again",
            )


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what DuckDB and the disk complain about into what a person can act on."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise _complaint(error, path) from error


def create_private(path: Path) -> None:
    """Create an empty file that only this user may read."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _make(path: Path) -> None:
    """Build the file aside and link it in place: never half, never over another's."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder, path.name)
        with _connected(draft) as connection:
            connection.execute(SCHEMA.format(first_entry=1))
            connection.execute("checkpoint")  # what closing makes may fail without a word
        draft.chmod(0o600)
        with suppress(FileExistsError):
            path.hardlink_to(draft)


def _connected(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path, config=SETTINGS)
    connection.execute("set enable_progress_bar = false")
    return connection


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    layout = _layout(connection)
    if layout in UPGRADES:
        with transaction(connection, path=path):
            while (layout := _layout(connection)) in UPGRADES:
                first = _first_entry(connection) if layout > 1 else 1
                connection.execute(UPGRADES[layout].format(first_entry=first))
    if layout != VERSION:
        raise UsageError(
            f"the ledger has layout {layout}, this tillpost knows layout {VERSION}",
            where=str(path),
            fix="upgrade tillpost",
        )


def _layout(connection: duckdb.DuckDBPyConnection) -> int:
    ((layout,),) = connection.execute("select max(version) from ledger_schema").fetchall()
    return int(layout)


def _first_entry(connection: duckdb.DuckDBPyConnection) -> int:
    """A number that no entry has yet; before layout 3 their places in the table were theirs."""
    column = "rowid" if _layout(connection) < _NUMBERED else "entry"
    ((last,),) = connection.execute(f"select coalesce(max({column}), 0) from entries").fetchall()
    return int(last) + 1


def _complaint(error: Exception, path: Path) -> TillpostError:
    why = (str(error).splitlines() or [""])[0]
    if "Could not set lock" in why:
        holder = re.search(r"\(PID (\d+)\)", why)
        return Locked(
            f"process {holder[1]} holds the ledger" if holder else "another process holds it",
            where=str(path),
            fix="wait until it has ended, then run the same command again",
        )
    for phrase, what, fix in _COMPLAINTS:
        if phrase in why:
            return UsageError(what, where=str(path), fix=fix)
    if isinstance(error, _DISK):
        return UsageError(
            "the ledger cannot be read or written",
            where=str(path),
            why=why,
            fix="see that its folder exists, that you may write there, and that the disk has room",
        )
    return TillpostError("the ledger failed", where=str(path), why=why)
