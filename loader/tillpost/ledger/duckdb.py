"""The book in DuckDB: a file of its own, which no build lives in."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import duckdb

from tillpost.ledger import duckdb_statements, layout, standing
from tillpost.ledger.book import Book, digests_as
from tillpost.ledger.file import (
    MEMORY,
    SETTINGS,
    create_private,
    in_words,
    open_file,
    rewrite,
    transaction,
)
from tillpost.ledger.keys import keys_table
from tillpost.ledger.lines import COPIED, lines_query
from tillpost.ledger.store import Rows
from tillpost.records import Batch

_MERGING_MEMORY = 4_000_000_000
# All keys pass by once, and need not stay; those that are asked for do.
_ASKING_MEMORY = 512_000_000
_BYTES_AN_ASKED_KEY = 400


class Ledger(Book):
    """A ledger in a file."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, *, path: Path, clock: Callable[[], float]
    ) -> None:
        """Take an open file; `Ledger.open` opens one."""
        super().__init__(clock=clock)
        self._connection = connection
        self._path = path
        self.where = str(path)
        # A file that is called main.duckdb makes "main" mean two things.
        ((catalog,),) = connection.execute("select current_database()").fetchall()
        self._schema = '"{}".main'.format(catalog.replace('"', '""'))

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], float]) -> Self:
        """Open the ledger, made on the first use; the clock gives epoch seconds."""
        path = path.resolve()  # a link stays one when the file is written anew
        with in_words(path):
            return cls(open_file(path), path=path, clock=clock)

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        with in_words(self._path):
            self._connection.close()

    def snapshot(
        self, path: Path, *, since_day: int, digest_type: str = "uuid", threads: int = 1
    ) -> int:
        """Write what stands of each event key to Parquet: see `Book.snapshot`."""
        text = self.snapshot_query(since_day=since_day, digest_type=digest_type)
        return self._write_parquet(text, path, threads=threads)

    def snapshot_of(self, keys: Path, path: Path, *, since_day: int, threads: int) -> int:
        """Write the same of a few events: those whose key, or whose sale's, another file holds.

        Args:
            keys: Parquet, made by the build's engine, with a column ``ledger_key``.
            path: see `Book.snapshot`, as the others.
            since_day: the same.
            threads: the same.
        """
        file = str(keys).replace("'", "''")
        text = self._text(
            standing.SNAPSHOT_OF_ASKED,
            since_day=since_day,
            digests=digests_as("uuid"),
            asked=f"(select ledger_key from read_parquet('{file}'))",
        )
        ((asked,),) = self._ask(f"select count(*) from read_parquet('{file}')")
        with self._memory(min(MEMORY, _ASKING_MEMORY + asked * _BYTES_AN_ASKED_KEY)):
            return self._write_parquet(text, path, threads=threads)

    def forgotten(self, path: Path) -> int:
        """Write the same of what had to be forgotten, however old."""
        text = self._text(standing.FORGOTTEN, digests=digests_as("uuid"))
        return self._write_parquet(text, path, threads=1)

    def _write_parquet(self, text: str, path: Path, *, threads: int) -> int:
        part = path.with_name(f"{path.name}.part")
        with in_words(self._path):
            part.unlink(missing_ok=True)
            create_private(part)
            # All keys are looked at, and nothing is being sent that would want a thread.
            self._connection.execute(f"set threads = {threads:d}")
            copied = self._connection.execute(
                f"copy ({text}) to $path (format parquet, use_tmp_file false)", {"path": str(part)}
            ).fetchall()
            self._connection.execute(f"set threads = {SETTINGS['threads']}")
            part.replace(path)
        return int(copied[0][0])

    def copy_out(self, lines: Path) -> None:
        """Write all entries to a file: see `Book.copy_out`."""
        columns = ", ".join(layout.COLUMNS)
        create_private(lines)
        with in_words(self._path):
            self._connection.execute(
                f"copy (select {columns} from entries order by entry) to $path ({COPIED})",
                {"path": str(lines)},
            )

    def merge(self, lines: Path) -> int:
        """Take in entries: see `Book.merge`; all keys are looked at at once, which takes room."""
        with self._memory(_MERGING_MEMORY):
            return super().merge(lines)

    def scrub(self) -> None:
        """Write the file anew: see `Book.scrub`."""
        with in_words(self._path):
            self._connection = rewrite(self._connection, self._path)

    @contextmanager
    def _memory(self, size: int) -> Iterator[None]:
        """Another limit of memory, in bytes, for a while."""
        with in_words(self._path):
            self._connection.execute(f"set memory_limit = '{size}B'")
        try:
            yield
        finally:
            # What a full disk has ended takes no setting any more, and that has been told.
            with suppress(duckdb.Error):
                self._connection.execute(f"set memory_limit = '{MEMORY}B'")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with transaction(self._connection, path=self._path):
            yield

    def _add_batches(self, batches: Sequence[Batch], rows: list[list[object]]) -> list[int]:
        made = self._connection.execute(duckdb_statements.INSERT_BATCHES, _columns(rows))
        entries = [entry for (entry,) in made.fetchall()]
        self._connection.register("given_keys", keys_table(batches, entries))
        self._connection.execute(duckdb_statements.INSERT_KEYS)
        self._connection.unregister("given_keys")
        return entries

    def _add_answers(self, rows: list[list[object]]) -> None:
        self._connection.execute(duckdb_statements.INSERT_ANSWERS, _columns(rows))

    def _ask(self, statement: str, *values: object) -> Rows:
        with in_words(self._path):
            return self._connection.execute(self._text(statement), list(values)).fetchall()

    def _do(self, statement: str, *values: object) -> int:
        written = self._connection.execute(self._text(statement), list(values)).fetchall()
        return int(written[0][0]) if written else 0

    def _load(self, lines: Path) -> None:
        query = f"select *, row_number() over () as entry from ({lines_query()})"
        self._connection.execute(
            f"create or replace temporary table arrivals as {query}", {"lines": str(lines)}
        )

    def _text(
        self, statement: str, *, since_day: int = 0, digests: str = "", asked: str = ""
    ) -> str:
        return statement.format(
            schema=self._schema,
            entries=f"{self._schema}.entries",
            run="rowid",
            for_share="",
            since_day=int(since_day),
            digests=digests,
            asked=asked,
        )


def _columns(rows: list[list[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
