"""Where the models run: one protocol, a module an engine."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tillpost.errors import UsageError
from tillpost.events import Events

Row = tuple[Any, ...]
Reads = tuple[tuple[str, str], ...]
"""Paths or patterns that sources read, each with its place in the project."""

DIALECTS = ("duckdb", "postgres", "spark")


class Engine(AbstractContextManager["Engine"], Protocol):
    """What the pipeline asks of a database. Errors are `TillpostError`s that quote no data."""

    dialect: str
    schema: str
    threads: int

    def execute(self, sql: str, *, where: str) -> None:
        """Run a statement; ``where`` is the file or hook it came from."""

    def create(self, relation: str, sql: str, *, materialized: str, where: str) -> None:
        """Make a view or a table of a SELECT, in place of whatever has that name."""

    def relations(self) -> frozenset[str]:
        """The names of all that was built."""

    def query(self, sql: str, *, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """Column names and all rows: for small answers."""

    def sample(self, sql: str, *, limit: int, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """Column names and a few rows, every value as text."""

    def columns(self, location: str, *, where: str) -> tuple[str, ...]:
        """The columns of a raw table or file."""

    def stream(self, sql: str) -> Iterator[Events]:
        """Events of the final view, in chunks: in memory that does not grow with them.

        Args:
            sql: selects event_key, sale_key, payload_digest, event_time, sendable_until, payload.
        """

    def load_seed(self, relation: str, path: Path, *, types: dict[str, str], shown: str) -> None:
        """Make a table of a CSV file with a header; ``types`` by column, the rest is found."""

    def count_source(self, location: str, *, where: str) -> int:
        """How many rows a raw table or file has."""

    def insert(self, relation: str, rows: Sequence[Row]) -> None:
        """Add rows, as many as fit into memory."""


@runtime_checkable
class TakesParquet(Protocol):
    """An engine that a Parquet file can be handed to."""

    def load_parquet(self, relation: str, path: Path) -> None:
        """Make a table of a Parquet file that we wrote."""


@runtime_checkable
class ExchangesParquet(TakesParquet, Protocol):
    """One that writes them too."""

    threads: int

    def save_parquet(self, relation: str, path: Path) -> None:
        """Write a relation to a new Parquet file in the folder that it spills to."""


@runtime_checkable
class DefersViews(Protocol):
    """An engine that can make a view without a look at what it reads."""

    def defer(self, relation: str, sql: str, *, where: str) -> None:
        """Make a view, in place of a relation of either kind; only its syntax is looked at."""


@runtime_checkable
class ReadsFiles(Protocol):
    """An engine whose sources may be files."""

    def scan_csv(self, location: str, *, where: str) -> tuple[list[Row], list[Row]]:
        """Read a CSV source once.

        Returns ``(file, readable rows)`` of each file, and ``(file, line, problem)`` of each line
        that does not parse.
        """


def dialect_of(settings: dict[str, Any], *, where: str) -> str:
    """The SQL that a profile's output is written in, which its ``type`` names.

    Raises:
        UsageError: it is none that was ever executed by the tests of this project.
    """
    kind = settings.get("type")
    if kind in DIALECTS:
        return str(kind)
    raise UsageError(
        f'engine "{kind}" is not supported' if kind else '"type" must be given',
        where=where,
        why=f"only engines that this project's tests have executed are: {', '.join(DIALECTS)}",
        fix="type: duckdb",
    )


def open_engine(settings: dict[str, Any], *, root: Path, where: str, reads: Reads = ()) -> Engine:
    """The engine that a profile's output names with ``type``; only its driver is loaded.

    Args:
        settings: the profile's output.
        root: the project's folder.
        where: how messages call the profile.
        reads: the paths of the declared sources, all that an engine in this process may read.

    Raises:
        UsageError: there is no such engine, or its driver is not installed.
    """
    dialect = dialect_of(settings, where=where)
    try:
        return _open(dialect, settings, root=root, where=where, reads=reads)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the driver for {dialect} is not installed",
            where=where,
            why=f"there is no module {error.name}",
            fix=f"pip install 'tillpost[{dialect}]'",
        ) from None


def _open(
    dialect: str, settings: dict[str, Any], *, root: Path, where: str, reads: Reads
) -> Engine:
    match dialect:
        case "postgres":
            from tillpost.engines.postgres import Postgres  # noqa: PLC0415

            return Postgres.open(settings, where=where)
        case "spark":
            from tillpost.engines.spark import Spark  # noqa: PLC0415

            return Spark.open(settings, root=root, where=where)
        case _:
            from tillpost.engines.duckdb import DuckDB  # noqa: PLC0415

            return DuckDB.open(settings, root=root, where=where, reads=reads)
