"""Spark: on this machine, or anywhere that speaks Spark Connect."""

import csv
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import SparkSession

from tillpost.engines import Row
from tillpost.errors import TillpostError, TryLater, UsageError

HOME = Path(".tillpost", "spark")
PRIVATE_FOLDER = 0o700
# What a session must have, wherever it runs, for the models to mean the same.
NEEDED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Spark keeps the plans of finished queries as text: ours are long.
    "spark.sql.maxPlanStringLength": "1000",
}
# On this machine nothing listens, and what spills is encrypted.
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.io.encryption.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.log.level": "OFF",
    "spark.sql.shuffle.partitions": "8",
}
# Spark's log may quote rows; what went wrong is told by the error that it raises.
QUIET = """\
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
"""


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
        threads = int(settings.get("threads") or os.cpu_count() or 1)
        is_remote = bool(settings.get("url"))
        builder: SparkSession.Builder = SparkSession.builder
        if is_remote:
            builder = builder.remote(str(settings["url"]))
        else:
            builder = builder.master(f"local[{threads}]")
            for key, value in {**LOCAL, **_places(root)}.items():
                builder = builder.config(key, value)
        for key, value in {**(settings.get("settings") or {}), **NEEDED}.items():
            builder = builder.config(str(key), str(value))
        schema = str(settings["schema"])
        # It writes each error to stderr, with all that Spark quotes in it.
        logging.getLogger("SQLQueryContextLogger").disabled = True
        with in_words(where):
            session = builder.getOrCreate()
            if not is_remote:
                _find_tables(session, root)
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

    def stream(self, sql: str, *, chunk: int) -> Iterator[Sequence[Row]]:
        """Rows in chunks; at most one partition of them is in memory."""
        with in_words("the final view"):
            rows = self._session.sql(sql).toLocalIterator()
            while group := [tuple(row) for row in islice(rows, chunk)]:
                yield group

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

                frame = self._session.createDataFrame(read_table(path))
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


def _places(root: Path) -> dict[str, str]:
    """Where a Spark on this machine keeps its tables and what spills."""
    home = root / HOME
    home.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    (home / "log4j2.properties").write_text(QUIET, encoding="utf-8")
    # Only the environment reaches the Java process before it says its first word.
    os.environ.setdefault("SPARK_CONF_DIR", str(home))
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return {
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.local.dir": str(home / "spill"),
    }


def _find_tables(session: SparkSession, root: Path) -> None:
    """Tell a new Spark of the tables that another process left on this machine.

    The list of tables that Spark itself could keep on disk holds no view as long as ours are.
    """
    for folder in sorted((root / HOME / "warehouse").glob("*.db/*")):
        if not any(folder.glob("*.parquet")):
            shutil.rmtree(folder)  # made, and never written to
            continue
        schema = folder.parent.stem
        session.sql(f"create database if not exists {schema}")
        session.sql(
            f"create table if not exists {schema}.{folder.name} using parquet"
            f" location '{folder.as_uri()}'"
        )
