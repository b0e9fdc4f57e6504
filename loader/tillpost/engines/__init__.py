"""Where the models run: one protocol, a module an engine."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from tillpost.errors import UsageError

Row = tuple[Any, ...]
DIALECTS = ("duckdb",)


class Engine(AbstractContextManager["Engine"], Protocol):
    """What the pipeline asks of a database. Errors are `TillpostError`s that quote no data."""

    dialect: str
    schema: str
    threads: int

    def execute(self, sql: str, *, where: str) -> None:
        """Run a statement; ``where`` is the file or hook it came from."""

    def create(self, relation: str, sql: str, *, materialized: str, where: str) -> None:
        """Make a view or a table of a SELECT, in place of whatever has that name."""

    def query(self, sql: str, *, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """Column names and all rows: for small answers."""

    def sample(self, sql: str, *, limit: int, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """Column names and a few rows, every value as text."""

    def columns(self, location: str, *, where: str) -> tuple[str, ...]:
        """The columns of a raw table or file."""

    def stream(self, sql: str, *, chunk: int) -> Iterator[Sequence[Row]]:
        """Rows in chunks, in memory that does not grow with them."""

    def load_seed(self, relation: str, path: Path, *, types: dict[str, str], shown: str) -> None:
        """Make a table of a CSV file with a header; ``types`` by column, the rest is found."""

    def load_parquet(self, relation: str, path: Path) -> None:
        """Make a table of a Parquet file that we wrote."""

    def count_source(self, location: str, *, where: str) -> int:
        """How many rows a raw table or file has."""

    def scan_csv(self, location: str, *, where: str) -> tuple[list[Row], list[Row]]:
        """Read a CSV source once.

        Returns ``(file, readable rows)`` of each file, and ``(file, line, problem)`` of each line
        that does not parse.
        """

    def insert(self, relation: str, rows: Sequence[Row]) -> None:
        """Add rows, as many as fit into memory."""


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
        why="only engines that this project's tests have executed are; that is: duckdb",
        fix="type: duckdb",
    )


def open_engine(settings: dict[str, Any], *, root: Path, where: str) -> Engine:
    """The engine that a profile's output names with ``type``."""
    dialect_of(settings, where=where)
    from tillpost.engines.duckdb import DuckDB  # noqa: PLC0415  only what is used is loaded

    return DuckDB.open(settings, root=root, where=where)
