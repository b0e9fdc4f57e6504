"""The book itself: what is written down about events, and what can be read back."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import duckdb

from tillpost.ledger import statements
from tillpost.ledger.file import create_private, in_words, open_file, transaction
from tillpost.ledger.rows import Run, Tally, answer_row, entry_row, run_of
from tillpost.records import Answer, Batch, Outcome


class Ledger:
    """An open ledger, for one thread. What a method writes is on disk when it returns."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, *, path: Path, clock: Callable[[], float]
    ) -> None:
        """Take an open file; `Ledger.open` opens one."""
        self._connection = connection
        self._path = path
        self._clock = clock

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], float]) -> Self:
        """Open the ledger, made on the first use; the clock gives epoch seconds."""
        with in_words(path):
            return cls(open_file(path), path=path, clock=clock)

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        with in_words(self._path):
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

    def snapshot(self, path: Path, *, since_day: int, digest_type: str = "uuid") -> int:
        """Write what stands of each event key to Parquet, and say how many there are.

        Args:
            path: the file, made anew.
            since_day: what was written before this day, counted from 1970, is not read.
            digest_type: what digests are to the engine that will read it: `uuid` or `varchar`.
        """
        part = path.with_name(f"{path.name}.part")
        with in_words(self._path):
            part.unlink(missing_ok=True)
            create_private(part)
            values = {"since_day": since_day, "path": str(part)}
            text = statements.snapshot(digest_type)
            copied = self._connection.execute(text, values).fetchall()
            part.replace(path)
        return int(copied[0][0])

    def start_run(self, run_id: str, *, command: str) -> None:
        """Write down that a run has begun."""
        with transaction(self._connection, path=self._path):
            self._connection.execute(
                statements.START_RUN, {"run_id": run_id, "command": command, "now": self._now()}
            )

    def end_run(self, run_id: str, *, exit_code: int, tally: Tally) -> None:
        """Write down how a run ended."""
        with transaction(self._connection, path=self._path):
            self._connection.execute(
                statements.END_RUN,
                {"run_id": run_id, "exit_code": exit_code, "now": self._now(), **asdict(tally)},
            )

    def runs(self, limit: int) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        with in_words(self._path):
            rows = self._connection.execute(statements.RUNS, {"limit": limit}).fetchall()
        return tuple(run_of(row) for row in rows)

    def counts(self) -> dict[str, int]:
        """How many event keys stand in each state."""
        with in_words(self._path):
            values = {"since_day": 0}
            return dict(self._connection.execute(statements.COUNTS, values).fetchall())

    def uncertain(self) -> int:
        """How many events left without an answer."""
        return self.counts().get("leaving", 0)

    def _now(self) -> datetime:
        """The clock's time in UTC, bare as DuckDB's `timestamp` is."""
        return datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None)

    def _write(
        self, *, entries: list[list[object]], answers: list[list[object]] | None = None
    ) -> None:
        with transaction(self._connection, path=self._path):
            if entries:
                text = statements.insert_entries(len(entries))
                self._connection.execute(text, [value for row in entries for value in row])
            if answers:
                text = statements.insert_answers(len(answers))
                self._connection.execute(text, [value for row in answers for value in row])
