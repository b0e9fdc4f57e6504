"""PostgreSQL and Spark as the golden rows need them; DuckDB is in `engine_runs`."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine_probes import SparkProbe, postgres_server
from engine_runs import Engine, Texts
from tillpost.compiler import CompiledModel

if TYPE_CHECKING:
    import psycopg
    from pyspark.sql import SparkSession

SCHEMAS = ("main", "raw")


@contextmanager
def running(dialect: str) -> Iterator[Engine]:
    """An engine with empty schemas."""
    start = {"postgres": _postgres, "spark": _spark}[dialect]
    with start() as engine:
        yield engine


@contextmanager
def _postgres() -> Iterator[Engine]:
    import psycopg  # noqa: PLC0415  only who compares needs it

    with (
        # Of all locales the one that has most of its own: I without a dot, and no order of bytes.
        postgres_server(locale="tr") as address,
        psycopg.connect(address, autocommit=True) as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        yield PostgresEngine(connection)


@contextmanager
def _spark() -> Iterator[Engine]:
    session = SparkProbe()._session  # noqa: SLF001  the settings of the other tests
    # Patterns are long, and views stand in views: as texts the plans alone fill the heap.
    session.conf.set("spark.sql.maxPlanStringLength", "1000")
    with tempfile.TemporaryDirectory(prefix="tillpost-spark-") as folder:
        for schema in SCHEMAS:
            session.sql(f"drop database if exists {schema} cascade")
            session.sql(f"create database {schema} location '{folder}/{schema}'")
        yield SparkEngine(session)
        for schema in SCHEMAS:
            session.sql(f"drop database {schema} cascade")


class PostgresEngine:
    """A PostgreSQL that is connected."""

    dialect = "postgres"

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def execute(self, sql: str) -> None:
        self._connection.execute(sql.encode())

    def load(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        self.execute(f"create table {relation} ({columns})")
        self.append(relation, types, rows)

    def append(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        statement = f"copy {relation} ({', '.join(types)}) from stdin"
        with self._connection.cursor().copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)
        self.execute(f"analyze {relation}")

    def create(self, model: CompiledModel) -> None:
        self.execute(f"create {model.materialized} {model.relation} as {model.sql}")
        if model.materialized == "table":
            self.execute(f"analyze {model.relation}")

    def texts(self, relation: str) -> tuple[tuple[str, ...], list[Texts]]:
        cursor = self._connection.execute(f"select * from {relation} limit 0".encode())
        names = tuple(column.name for column in cursor.description or ())
        columns = ", ".join(f'cast("{name}" as text)' for name in names)
        return names, self._connection.execute(
            f"select {columns} from {relation}".encode()
        ).fetchall()


class SparkEngine:
    """A session of Spark; a view is computed whenever it is read."""

    dialect = "spark"

    def __init__(self, session: "SparkSession") -> None:
        self._session = session

    def execute(self, sql: str) -> None:
        self._session.sql(sql).collect()

    def load(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        self._frame(types, rows).write.saveAsTable(relation)

    def append(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        self._frame(types, rows).write.mode("append").saveAsTable(relation)

    def create(self, model: CompiledModel) -> None:
        self.execute(f"create {model.materialized} {model.relation} as {model.sql}")

    def texts(self, relation: str) -> tuple[tuple[str, ...], list[Texts]]:
        names = tuple(self._session.table(relation).columns)
        columns = ", ".join(f"cast(`{name}` as string)" for name in names)
        found = self._session.sql(f"select {columns} from {relation}").collect()
        return names, [tuple(row) for row in found]

    def _frame(self, types: Mapping[str, str], rows: Sequence[Texts]) -> Any:  # noqa: ANN401  pyspark's
        texts = self._session.createDataFrame(
            list(rows), ", ".join(f"{name} string" for name in types)
        )
        kinds = {"varchar": "string", "uuid": "string"}
        return texts.selectExpr(
            *(
                f"cast({name} as {kinds.get(kind.lower(), kind)}) as {name}"
                for name, kind in types.items()
            )
        )
