"""Engines to compare: a real PostgreSQL, a real Spark and DuckDB, asked the same expression."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb

from compiled_project import repository_compiler

Rows = Sequence[Sequence[str | int | None]]
BINARIES = Path("/usr/lib/postgresql")
SERVER_SETTINGS = "-c fsync=off -c listen_addresses='' -c max_connections=20"


class Probe(Protocol):
    """An engine that answers a select over a table `t` of texts."""

    dialect: str

    def answers(self, sql: str, columns: Sequence[str], rows: Rows) -> list[tuple[Any, ...]]:
        """What a select over `t` gives, in the order of the rows: `t` has `id` beside them."""


def evaluate(
    probe: Probe, expression: str, rows: Rows, columns: Sequence[str] = ("x",)
) -> list[Any]:
    """One Jinja expression over rows of texts, as text: an answer a row, null where it is."""
    compiler = repository_compiler()
    text = "varchar"
    sql = compiler.text(
        f"select id, cast({expression} as {text}) as answer from t",
        path="probe",
        dialect=probe.dialect,
    )
    return [answer for _, answer in sorted(probe.answers(sql, columns, rows))]


class DuckDBProbe:
    """DuckDB in memory."""

    dialect = "duckdb"

    def answers(self, sql: str, columns: Sequence[str], rows: Rows) -> list[tuple[Any, ...]]:
        """Make `t` anew and ask."""
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            fields = ", ".join(f"{name} varchar" for name in columns)
            connection.execute(f"create table t (id bigint, {fields})")
            lists = [list(range(len(rows))), *map(list, zip(*rows, strict=True))]
            marks = ", ".join("unnest(?)" for _ in lists)
            if rows:
                connection.execute(f"insert into t select {marks}", lists)
            return connection.execute(sql).fetchall()


class PostgresProbe:
    """A PostgreSQL at an address."""

    dialect = "postgres"

    def __init__(self, address: str) -> None:
        """Connect; the table is temporary."""
        import psycopg  # noqa: PLC0415  only who compares needs it

        self._connection = psycopg.connect(address, autocommit=True)
        self._connection.execute("set timezone = 'UTC'")

    def answers(self, sql: str, columns: Sequence[str], rows: Rows) -> list[tuple[Any, ...]]:
        """Make `t` anew and ask."""
        fields = ", ".join(f"{name} varchar" for name in columns)
        self._connection.execute("drop table if exists t")
        self._connection.execute(f"create temporary table t (id bigint, {fields})")
        cursor = self._connection.cursor()
        with cursor.copy("copy t from stdin") as copy:
            for number, row in enumerate(rows):
                copy.write_row((number, *row))
        return self._connection.execute(sql).fetchall()


class SparkProbe:
    """A Spark in local mode."""

    dialect = "spark"

    def __init__(self) -> None:
        """Start it, as the tests do."""
        from pyspark.sql import SparkSession  # noqa: PLC0415  only who compares needs it

        self._session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.driver.memory", "3g")
            .getOrCreate()
        )

    def answers(self, sql: str, columns: Sequence[str], rows: Rows) -> list[tuple[Any, ...]]:
        """Make `t` anew and ask."""
        fields = ", ".join(f"{name} string" for name in columns)
        data = [(number, *row) for number, row in enumerate(rows)]
        frame = self._session.createDataFrame(data, f"id bigint, {fields}")
        frame.createOrReplaceTempView("t")
        return [tuple(row) for row in self._session.sql(sql).collect()]


@contextmanager
def postgres_server(*, locale: str = "") -> Iterator[str]:
    """A PostgreSQL of our own on a socket in a new folder; gives its address.

    Its databases sort and fold by bytes, or as a locale of ICU has it.
    """
    binaries = max(BINARIES.glob("*/bin"), key=lambda path: int(path.parent.name))
    with tempfile.TemporaryDirectory(prefix="tillpost-pg-") as folder:
        as_owner = _as_owner(Path(folder))
        data, log = f"{folder}/data", f"{folder}/log"
        initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]
        order = ["--locale-provider=icu", f"--icu-locale={locale}"] if locale else []
        _run([*as_owner, *initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", *order])
        options = f"{SERVER_SETTINGS} -c unix_socket_directories={folder}"
        _run([*as_owner, binaries / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"])
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            _run([*as_owner, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _as_owner(folder: Path) -> list[str | Path]:
    """PostgreSQL refuses to run as root: there it runs as the user its package brings."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o755)
    return [shutil.which("setpriv") or "setpriv", "--reuid=postgres", "--regid=postgres",
            "--clear-groups", "--"]  # fmt: skip


def _run(words: Sequence[str | Path]) -> None:
    subprocess.run(words, check=True, capture_output=True, cwd="/")
