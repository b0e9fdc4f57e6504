"""The book in PostgreSQL: a schema of its own that only grows, beside the models."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import psycopg
from psycopg.sql import Identifier

from tillpost.errors import UsageError
from tillpost.events import DIGEST_BYTES, Events
from tillpost.ledger import postgres_statements
from tillpost.ledger.book import Book
from tillpost.ledger.file import create_private
from tillpost.ledger.layout import COLUMNS, VERSION
from tillpost.ledger.lines import COPIED_BY_POSTGRES
from tillpost.ledger.parquet import write_parquet
from tillpost.ledger.store import Rows
from tillpost.postgres_errors import in_words
from tillpost.postgres_session import connect
from tillpost.records import Batch

_LAST_DAY = 2_932_896
"""The last of the year 9999, counted from 1970."""


class PostgresLedger(Book):
    """A ledger in a schema. What a method writes is committed when it returns."""

    def __init__(
        self, connection: psycopg.Connection, *, schema: str, clock: Callable[[], float]
    ) -> None:
        """Take a session; `PostgresLedger.open` opens one."""
        super().__init__(clock=clock)
        self._connection = connection
        self._schema = schema
        self.where = _place(schema)
        # A lost connection does not tell any more.
        self._user = connection.info.user

    @classmethod
    def open(cls, address: str, *, schema: str, clock: Callable[[], float]) -> Self:
        """Open the ledger, made on the first use.

        Args:
            address: libpq's connection string; it may hold a password and is never shown.
            schema: where the tables are, of nobody else.
            clock: gives epoch seconds.
        """
        connection = connect(address, where=_place(schema), name="tillpost ledger")
        ledger = cls(connection, schema=schema, clock=clock)
        try:
            ledger._make_if_missing()
            ledger._bring_up_to_date()
        except BaseException:
            connection.close()
            raise
        return ledger

    def __exit__(self, *_: object) -> None:
        """End the session."""
        self._connection.close()

    def snapshot(
        self,
        path: Path,
        *,
        since_day: int,
        digest_type: str = "uuid",
        threads: int = 1,  # noqa: ARG002  the server's own affair
    ) -> int:
        """Write the same to Parquet, for an engine elsewhere: see `Book.snapshot`."""
        lines = path.with_name(f"{path.name}.csv")
        create_private(lines)
        try:
            query = self.snapshot_query(since_day=since_day)
            self._copy(f"copy ({query}) to stdout (format csv)", lines)
            return write_parquet(lines, path, digest_type=digest_type)
        finally:
            lines.unlink()

    def copy_out(self, lines: Path) -> None:
        """Write all entries to a file: see `Book.copy_out`."""
        columns = ", ".join(COLUMNS)
        create_private(lines)
        query = self._text(f"select {columns} from {{entries}} order by entry")
        self._copy(f"copy ({query}) to stdout ({COPIED_BY_POSTGRES})", lines)

    def scrub(self) -> None:
        """Write the tables anew: see `Book.scrub`."""
        for table in ("singles", "keys", "answers"):
            with self._in_words():
                self._do(f"vacuum full {{schema}}.{table}")

    def _copy(self, statement: str, lines: Path) -> None:
        with (
            lines.open("wb") as file,
            self._in_words(),
            self._connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for part in copy:
                file.write(part)

    def _load(self, lines: Path) -> None:
        self._do(postgres_statements.ARRIVALS)
        columns = ", ".join(COLUMNS)
        with (
            lines.open("rb") as file,
            self._connection.cursor() as cursor,
            cursor.copy(f"copy arrivals ({columns}) from stdin (format csv, null '\\N')") as copy,
        ):
            while part := file.read(1 << 20):
                copy.write(part)

    def _add_batches(self, batches: Sequence[Batch], rows: list[list[object]]) -> list[int]:
        digests = ([_hex(each) for each in _digests_of(batch.events)] for batch in batches)
        given = [[*row, *three] for row, three in zip(rows, digests, strict=True)]
        with self._connection.cursor() as cursor:
            cursor.executemany(
                self._text(postgres_statements.INSERT_BATCH),
                map(self._storable, given),
                returning=True,
            )
            return [entry for result in cursor.results() for (entry,) in result]

    def _add_answers(self, rows: list[list[object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(
                self._text(postgres_statements.INSERT_ANSWER), map(self._storable, rows)
            )

    def _storable(self, row: list[object]) -> list[object]:
        """The same row with what the database's encoding cannot hold written out."""
        encoding = self._connection.info.parameter_status("server_encoding")
        codec = "utf-8" if encoding == "UTF8" else "ascii"
        return [
            value.encode(codec, "backslashreplace").decode(codec).replace("\0", "\\x00")
            if isinstance(value, str)
            else value
            for value in row
        ]

    def _ask(self, statement: str, *values: object) -> Rows:
        with self._in_words():
            return self._connection.execute(self._text(statement), values or None).fetchall()

    def _do(self, statement: str, *values: object) -> int:
        return self._connection.execute(self._text(statement), values or None).rowcount

    def _text(
        self, statement: str, *, since_day: int = 0, digests: str = "", asked: str = ""
    ) -> str:
        """A statement with its names; the day can be nothing but a number."""
        if since_day not in range(_LAST_DAY + 1):
            raise ValueError(since_day)
        schema = _quoted(self._schema)
        return statement.format(
            schema=schema,
            entries=f"{schema}.entries",
            run="run",
            for_share="for share",
            since_day=int(since_day),
            digests=digests,
            asked=asked,
        )

    def _make_if_missing(self) -> None:
        if self._has(postgres_statements.HAS_TABLES):
            return
        with self._transaction():
            self._do(postgres_statements.MAKE_ALONE, self._schema)
            if self._has(postgres_statements.HAS_TABLES):
                return
            if not self._has(postgres_statements.HAS_SCHEMA):
                self._do(postgres_statements.MAKE_SCHEMA)
            self._do(postgres_statements.TABLES)

    def _has(self, question: str) -> bool:
        return self._ask(question, self._schema) == [(True,)]

    def _bring_up_to_date(self) -> None:
        if self._layout() in postgres_statements.UPGRADES:
            with self._transaction():
                self._do(postgres_statements.MAKE_ALONE, self._schema)
                while (layout := self._layout()) in postgres_statements.UPGRADES:
                    self._do(postgres_statements.UPGRADES[layout])
        if self._layout() != VERSION:
            raise UsageError(
                f"the ledger has layout {self._layout()}, this tillpost knows layout {VERSION}",
                where=self.where,
                fix="upgrade tillpost",
            )

    def _layout(self) -> int:
        return int(self._ask(postgres_statements.LAYOUT)[0][0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, and committed at the end."""
        with self._in_words(), self._connection.transaction():
            yield

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Complaints name the schema, and who lacks a right in it."""
        names = {"schema": _quoted(self._schema), "user": _quoted(self._user)}
        with in_words(where=_place(self._schema), **names, is_ledger=True):
            yield


def has_ledger(address: str, *, schema: str) -> bool:
    """Whether a schema has a ledger's tables; nothing is made."""
    where = _place(schema)
    with (
        closing(connect(address, where=where, name="tillpost")) as connection,
        in_words(where=where),
    ):
        return connection.execute(postgres_statements.HAS_TABLES, [schema]).fetchone() == (True,)


def _place(schema: str) -> str:
    return f"ledger, schema {schema}"


def _quoted(name: str) -> str:
    return Identifier(name).as_string()


def _digests_of(events: Events) -> tuple[memoryview, memoryview, memoryview]:
    return events.event_keys, events.sale_keys, events.payload_digests


def _hex(digests: memoryview) -> str:
    """Digests in hex, with commas between."""
    return digests.hex(",", DIGEST_BYTES)
