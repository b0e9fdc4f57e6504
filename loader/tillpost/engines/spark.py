"""Spark: on this machine, or anywhere that speaks Spark Connect."""

import csv
import logging
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import SparkSession

from tillpost.engines import Row
from tillpost.engines.spark_home import HOME, LOCAL, find_tables, places, settings_errors
from tillpost.errors import TillpostError, TryLater, UsageError, raise_all
from tillpost.events import Events, events_of
from tillpost.machine import machine

PORT = 15002
_CHUNK = 1000
PATIENCE = 10
"""Seconds."""
# What a session must have, wherever it runs, for the models to mean the same.
NEEDED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Spark keeps the plans of finished queries as text: ours are long.
    "spark.sql.maxPlanStringLength": "1000",
    # All models as one query, which `why` asks, take more than Spark's 100 rounds to resolve.
    "spark.sql.analyzer.maxIterations": "1000",
}
# What Spark calls the types of a ledger's snapshot; all others are texts.
ARROW = {"int64": "bigint"}


class Spark:
    """One session."""

    dialect = "spark"

    def __init__(
        self, session: SparkSession, *, schema: str, threads: int, home: Path | None
    ) -> None:
        """Use `Spark.open`; a Spark on this machine has a home."""
        self._session = session
        self._home = home
        self.schema = schema
        self.threads = threads

    @classmethod
    def open(cls, settings: dict[str, Any], *, root: Path, where: str) -> Self:
        """Start a Spark on this machine, or connect to the one at ``url``.

        Args:
            settings: the profile's output: ``url`` (``sc://…``), ``schema``, ``threads``, and
                Spark's own configuration as ``settings``.
            root: the project's folder: a Spark on this machine keeps its tables there.
            where: how messages call the profile.
        """
        threads = int(settings.get("threads") or machine().threads)
        is_remote = bool(settings.get("url"))
        builder: SparkSession.Builder = SparkSession.builder
        if is_remote:
            _require_answer(str(settings["url"]), where=where)
            builder = builder.remote(str(settings["url"]))
        else:
            raise_all(settings_errors(settings.get("settings") or (), where=where))
            builder = builder.master(f"local[{threads}]")
            for key, value in {**LOCAL, **places(root)}.items():
                builder = builder.config(key, value)
        for key, value in {**(settings.get("settings") or {}), **NEEDED}.items():
            builder = builder.config(str(key), str(value))
        schema = str(settings["schema"])
        # It writes each error to stderr, with all that Spark quotes in it.
        logging.getLogger("SQLQueryContextLogger").disabled = True
        with in_words(where):
            session = builder.getOrCreate()
            if not is_remote:
                find_tables(session, root)
            session.sql(f"create database if not exists {schema}")
        return cls(session, schema=schema, threads=threads, home=None if is_remote else root / HOME)

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the session to the process: a second engine of this run uses it again."""

    def execute(self, sql: str, *, where: str) -> None:
        """Run a statement."""
        with in_words(where):
            self._session.sql(sql)

    def create(self, relation: str, sql: str, *, materialized: str, where: str) -> None:
        """Make a view or a table, in place of a relation of either kind."""
        self._drop(relation, where=where)
        self.execute(f"create {materialized} {relation} as\n{sql}", where=where)

    def relations(self) -> frozenset[str]:
        """The names of all that was built."""
        _, rows = self.query(f"show tables in {self.schema}", where="the build")
        return frozenset(name for _, name, is_temporary, *_ in rows if not is_temporary)

    def query(self, sql: str, *, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """All rows of a small answer."""
        with in_words(where):
            frame = self._session.sql(sql)
            return tuple(frame.columns), [tuple(row) for row in frame.collect()]

    def sample(self, sql: str, *, limit: int, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """A few rows as texts, whatever their types."""
        names, rows = self.query(f"select * from (\n{sql}\n) as sampled limit {limit}", where=where)
        return names, [tuple(None if it is None else str(it) for it in row) for row in rows]

    def columns(self, location: str, *, where: str) -> tuple[str, ...]:
        """The columns of a raw table."""
        names, _ = self.query(f"select * from {location} limit 0", where=where)
        return names

    def stream(self, sql: str) -> Iterator[Events]:
        """Events in chunks; at most one partition of them is in memory."""
        with in_words("the final view"):
            rows = self._session.sql(sql).toLocalIterator()
            while group := [tuple(row) for row in islice(rows, _CHUNK)]:
                yield events_of(group)

    def load_seed(self, relation: str, path: Path, *, types: dict[str, str], shown: str) -> None:
        """Make a table of a CSV file; an empty cell is null, nothing else is."""
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        kinds = [types.get(name, "string").replace("varchar", "string") for name in header]
        columns = ", ".join(
            f"cast(nullif({name}, '') as {kind}) as {name}"
            for name, kind in zip(header, kinds, strict=True)
        )
        with in_words(shown):
            texts = ", ".join(f"{name} string" for name in header)
            frame = self._session.createDataFrame([tuple(row) for row in rows], texts)
            frame.createOrReplaceTempView("tillpost_seed")
        self.create(
            relation, f"select {columns} from tillpost_seed", materialized="table", where=shown
        )

    def load_parquet(self, relation: str, path: Path) -> None:
        """Make a table of a Parquet file of this machine, wherever Spark runs."""
        self._drop(relation, where=relation)
        with in_words(relation):
            if self._home:
                frame = self._session.read.parquet(str(path))
            else:
                from pyarrow.parquet import read_table  # noqa: PLC0415  comes with Spark Connect

                table = read_table(path)
                names = zip(table.column_names, map(str, table.schema.types), strict=True)
                columns = ", ".join(f"{name} {ARROW.get(kind, 'string')}" for name, kind in names)
                # A client of Spark Connect cannot tell the columns of no rows.
                frame = self._session.createDataFrame(table if table.num_rows else [], columns)
            frame.write.saveAsTable(relation)

    def insert(self, relation: str, rows: Sequence[Row]) -> None:
        """Add rows."""
        if rows:
            with in_words(relation):
                schema = self._session.table(relation).schema
                frame = self._session.createDataFrame([tuple(row) for row in rows], schema)
                frame.write.insertInto(relation)

    def count_source(self, location: str, *, where: str) -> int:
        """Rows of a raw table."""
        _, rows = self.query(f"select count(*) from {location}", where=where)
        return int(rows[0][0])

    def _drop(self, relation: str, *, where: str) -> None:
        schema, name = relation.split(".")
        with in_words(where):
            if self._session.catalog.tableExists(relation):
                kind = self._session.catalog.getTable(relation).tableType
                self._session.sql(f"drop {'view' if kind == 'VIEW' else 'table'} {relation}")
        if self._home:
            # What another process made is only found here, and Spark leaves its files.
            shutil.rmtree(self._home / "warehouse" / f"{schema}.db" / name, ignore_errors=True)


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Turn what Spark complains about into what a person can act on, without quoting a row."""
    try:
        yield
    except (AnalysisException, ParseException) as error:
        # These speak of names and grammar only.
        why = (error.getMessage() or str(error)).split("\n")[0]
        raise UsageError("Spark cannot run this", where=where, why=why) from None
    except PySparkException as error:
        condition = error.getCondition() or type(error).__name__
        if condition.startswith(("CONNECT", "RETRIES")):
            raise TryLater(
                "Spark does not answer", where=where, why=condition, fix="run it again"
            ) from None
        raise TillpostError("Spark failed", where=where, why=condition) from None


def _require_answer(url: str, *, where: str) -> None:
    """Spark's own client tries for ten minutes before it says that nobody is there."""
    place = urlsplit(url)
    try:
        with socket.create_connection((place.hostname, place.port or PORT), timeout=PATIENCE):
            return
    except (OSError, ValueError) as error:
        raise TryLater(
            f"Spark at {place.hostname} does not answer",
            where=where,
            why=type(error).__name__,
            fix="see that it runs and that url is right, then run the same command again",
        ) from None
