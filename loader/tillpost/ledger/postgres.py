"""The book in PostgreSQL: a schema of its own that only grows, beside the models."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psycopg
from psycopg.sql import Identifier

from tillpost.errors import UsageError
from tillpost.ledger import postgres_statements as statements
from tillpost.ledger.file import create_private
from tillpost.ledger.parquet import write_parquet
from tillpost.ledger.rows import Run, Tally, answer_row, entry_row, run_of
from tillpost.ledger.statements import VERSION
from tillpost.postgres_errors import connect, in_words
from tillpost.records import Answer, Batch, Outcome

_LAST_DAY = 2_932_896
"""The last of the year 9999, counted from 1970."""


class PostgresLedger:
    """An open ledger, for one thread. What a method writes is committed when it returns."""

    def __init__(
        self, connection: psycopg.Connection, *, schema: str, clock: Callable[[], float]
    ) -> None:
        """Take a session; `PostgresLedger.open` opens one."""
        self._connection = connection
        self._schema = schema
        self._clock = clock
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
            ledger._check_version()
        except BaseException:
            connection.close()
            raise
        return ledger

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the session."""
        self._connection.close()

    def leaving(self, batches: Sequence[Batch], *, run_id: str, rules_version: str) -> None:
        """Write down that these batches leave now: before their first byte does."""
        now = self._now()
        self._write(
            entries=[
                entry_row(batch, run_id=run_id, rules_version=rules_version, now=now)
                for batch in batches
            ]
        )

    def settle(
        self, pairs: Sequence[tuple[Batch, Answer]], *, run_id: str, rules_version: str
    ) -> None:
        """Write down what became of these batches; uncertain events stay `leaving`."""
        now = self._now()
        self._write(
            entries=[
                entry_row(batch, answer, run_id=run_id, rules_version=rules_version, now=now)
                for batch, answer in pairs
                if answer.outcome is not Outcome.uncertain
            ],
            answers=[answer_row(batch, answer, run_id, now) for batch, answer in pairs],
        )

    def snapshot_query(self, *, since_day: int) -> str:
        """What stands of each event key, as a SELECT for whoever reads this database.

        What was written before ``since_day``, counted from 1970, is not read.
        """
        return self._text(statements.SNAPSHOT, since_day=since_day)

    def snapshot(self, path: Path, *, since_day: int, digest_type: str = "uuid") -> int:
        """Write the same to Parquet, for an engine elsewhere, and say how many keys there are.

        Args:
            path: the file, made anew.
            since_day: what was written before this day, counted from 1970, is not read.
            digest_type: what digests are to the engine that will read it: `uuid` or `varchar`.
        """
        lines = path.with_name(f"{path.name}.csv")
        query = f"copy ({self.snapshot_query(since_day=since_day)}) to stdout (format csv)"
        create_private(lines)
        try:
            with (
                lines.open("wb") as file,
                self._in_words(),
                self._connection.cursor() as cursor,
                cursor.copy(query) as copy,
            ):
                for part in copy:
                    file.write(part)
            return write_parquet(lines, path, digest_type=digest_type)
        finally:
            lines.unlink()

    def start_run(self, run_id: str, *, command: str) -> None:
        """Write down that a run has begun."""
        with self._transaction():
            self._ask(statements.START_RUN, [run_id, self._now(), command])

    def end_run(self, run_id: str, *, exit_code: int, tally: Tally) -> None:
        """Write down how a run ended."""
        with self._transaction():
            self._ask(statements.END_RUN, [run_id, self._now(), exit_code, *astuple(tally)])

    def runs(self, limit: int) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        with self._in_words():
            rows = self._ask(statements.RUNS, [limit]).fetchall()
        return tuple(run_of(row) for row in rows)

    def counts(self) -> dict[str, int]:
        """How many event keys stand in each state."""
        with self._in_words():
            return dict(self._ask(statements.COUNTS).fetchall())

    def uncertain(self) -> int:
        """How many events left without an answer."""
        return self.counts().get("leaving", 0)

    def _now(self) -> datetime:
        """The clock's time in UTC, bare as a `timestamp` is."""
        return datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None)

    def _write(
        self, *, entries: list[list[object]], answers: list[list[object]] | None = None
    ) -> None:
        with self._transaction(), self._connection.cursor() as cursor:
            for template, rows in (
                (statements.INSERT_ENTRIES, entries),
                (statements.INSERT_ANSWERS, answers or []),
            ):
                cursor.executemany(self._text(template), [self._storable(row) for row in rows])

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

    def _ask(self, template: str, values: Sequence[object] = ()) -> psycopg.Cursor:
        return self._connection.execute(self._text(template), values or None)

    def _text(self, template: str, *, since_day: int = 0) -> str:
        """A statement with its schema; the day can be nothing but a number."""
        if since_day not in range(_LAST_DAY + 1):
            raise ValueError(since_day)
        return template.format(schema=_quoted(self._schema), since_day=int(since_day))

    def _make_if_missing(self) -> None:
        if self._answers(statements.HAS_TABLES, self._schema):
            return
        with self._transaction():
            self._ask(statements.MAKE_ALONE, [self._schema])
            if self._answers(statements.HAS_TABLES, self._schema):
                return
            if not self._answers(statements.HAS_SCHEMA, self._schema):
                self._ask(statements.MAKE_SCHEMA)
            self._ask(statements.TABLES)

    def _answers(self, template: str, value: str) -> bool:
        with self._in_words():
            return self._ask(template, [value]).fetchone() == (True,)

    def _check_version(self) -> None:
        with self._in_words():
            versions = self._ask(statements.LAYOUT).fetchall()
        if versions != [(VERSION,)]:
            raise UsageError(
                f"the ledger has layout {versions[0][0]}, this tillpost knows layout {VERSION}",
                where=_place(self._schema),
                fix="upgrade tillpost",
            )

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
        return connection.execute(statements.HAS_TABLES, [schema]).fetchone() == (True,)


def _place(schema: str) -> str:
    return f"ledger, schema {schema}"


def _quoted(name: str) -> str:
    return Identifier(name).as_string()
