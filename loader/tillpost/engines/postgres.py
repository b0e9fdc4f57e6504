"""PostgreSQL: the models run where the sales are, and only finished payloads come out."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from tillpost.engines import Row
from tillpost.events import Events, events_of
from tillpost.postgres_errors import in_words
from tillpost.postgres_session import connect

# dbt's name of a connection's setting, and libpq's.
CONNECTION = {
    "host": "host",
    "user": "user",
    "password": "password",
    "pass": "password",
    "port": "port",
    "dbname": "dbname",
    "database": "dbname",
    "sslmode": "sslmode",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "sslrootcert": "sslrootcert",
    "connect_timeout": "connect_timeout",
    "keepalives_idle": "keepalives_idle",
}
# Compiling long expressions takes longer than running them; a stream may wait as the edge says.
SESSION = {"jit": "off", "idle_in_transaction_session_timeout": "0"}
NAME = "tillpost"
_CHUNK = 1000
_EVENTS = """
    cast(event_key as varchar), cast(sale_key as varchar), cast(payload_digest as varchar),
    event_time, sendable_until, payload
"""


def address(settings: dict[str, Any]) -> str:
    """The connection of a profile's output as libpq reads it; it may hold the password."""
    given = {CONNECTION[key]: value for key, value in settings.items() if key in CONNECTION}
    if settings.get("role"):
        given["options"] = f"-c role={settings['role']}"
    return make_conninfo("", **given)


class Postgres:
    """One connection; a stream reads through a cursor on the server."""

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection, *, schema: str, threads: int) -> None:
        """Use `Postgres.open`."""
        self._connection = connection
        self.schema = schema
        self.threads = threads

    @classmethod
    def open(cls, settings: dict[str, Any], *, where: str) -> Self:
        """Connect as the profile says, and make the schema where there is none.

        Args:
            settings: the profile's output, with dbt's keys; ``settings`` are set for the session.
            where: how messages call the profile.
        """
        schema = str(settings["schema"])
        connection = connect(_with_key(settings), where=where, name=NAME)
        chosen = {**SESSION, **(settings.get("settings") or {}), "timezone": "UTC"}
        with in_words(where=where, schema=schema, user=str(settings.get("user", "…"))):
            for key, value in chosen.items():
                connection.execute("select set_config($1, $2, false)", [str(key), str(value)])
            _make_schema(connection, schema)
        return cls(connection, schema=schema, threads=int(settings.get("threads") or 1))

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the connection."""
        self._connection.close()

    def execute(self, sql: str, *, where: str) -> None:
        """Run a statement."""
        with self._in_words(where):
            self._connection.execute(sql.encode())

    def create(self, relation: str, sql: str, *, materialized: str, where: str) -> None:
        """Make a view or a table, in place of a relation of either kind and of what reads it."""
        self._drop(relation, where=where)
        self.execute(f"create {materialized} {relation} as\n{sql}", where=where)
        if materialized == "table":
            # Without it the planner takes a table that was just made for a small one.
            self.execute(f"analyze {relation}", where=where)

    def relations(self) -> frozenset[str]:
        """The names of all that was built."""
        _, rows = self.query(
            "select table_name from information_schema.tables"
            f" where table_schema = '{self.schema}'",
            where="the build",
        )
        return frozenset(row[0] for row in rows)

    def query(self, sql: str, *, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """All rows of a small answer."""
        with self._in_words(where):
            cursor = self._connection.execute(sql.encode())
            names = tuple(column.name for column in cursor.description or ())
            return names, cursor.fetchall() if names else []

    def sample(self, sql: str, *, limit: int, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """A few rows as texts, whatever their types."""
        names, rows = self.query(f"select * from (\n{sql}\n) as sampled limit {limit}", where=where)
        return names, [tuple(None if it is None else str(it) for it in row) for row in rows]

    def columns(self, location: str, *, where: str) -> tuple[str, ...]:
        """The columns of a raw table."""
        names, _ = self.query(f"select * from {location} limit 0", where=where)
        return names

    def stream(self, sql: str) -> Iterator[Events]:
        """Events in chunks, from a cursor that the server holds."""
        with (
            in_words(where="the final view"),
            self._connection.transaction(),
            psycopg.ServerCursor(self._connection, f"{NAME}_stream") as cursor,
        ):
            cursor.execute(f"select {_EVENTS} from ({sql}) as pending".encode())
            while rows := cursor.fetchmany(_CHUNK):
                yield events_of(rows)

    def load_seed(self, relation: str, path: Path, *, types: dict[str, str], shown: str) -> None:
        """Make a table of a CSV file; an empty cell is null, nothing else is."""
        text = path.read_bytes()
        header = text.partition(b"\n")[0].decode("utf-8-sig").strip().split(",")
        columns = ", ".join(f"{name} {types.get(name, 'varchar')}" for name in header)
        self._drop(relation, where=shown)
        self.execute(f"create table {relation} ({columns})", where=shown)
        with self._copy(f"{relation} from stdin (format csv, header true)", where=shown) as copy:
            copy.write(text)
        self.execute(f"analyze {relation}", where=shown)

    def insert(self, relation: str, rows: Sequence[Row]) -> None:
        """Add rows."""
        with self._copy(f"{relation} from stdin", where=relation) as copy:
            for row in rows:
                copy.write_row(row)

    def count_source(self, location: str, *, where: str) -> int:
        """Rows of a raw table."""
        _, rows = self.query(f"select count(*) from {location}", where=where)
        return int(rows[0][0])

    def _in_words(self, where: str) -> AbstractContextManager[None]:
        user = self._connection.info.user
        return in_words(where=where, schema=self.schema, user=user)

    def _drop(self, relation: str, *, where: str) -> None:
        schema, name = relation.split(".")
        _, rows = self.query(
            "select table_type from information_schema.tables"
            f" where table_schema = '{schema}' and table_name = '{name}'",
            where=where,
        )
        for (kind,) in rows:
            self.execute(
                f"drop {'view' if kind == 'VIEW' else 'table'} {relation} cascade", where=where
            )

    @contextmanager
    def _copy(self, what: str, *, where: str) -> Iterator[psycopg.Copy]:
        with (
            in_words(where=where),
            self._connection.cursor() as cursor,
            cursor.copy(f"copy {what}".encode()) as copy,
        ):
            yield copy


def _with_key(settings: dict[str, Any]) -> str:
    """The models' connection: their key comes as an option, which no log of statements has."""
    plain, key = address(settings), settings.get("digest_key")
    if not key:
        return plain
    options = f"{conninfo_to_dict(plain).get('options', '')} -c tillpost.digest_key={key}"
    return make_conninfo(plain, options=options.strip())


def _make_schema(connection: psycopg.Connection, schema: str) -> None:
    """Make a schema only where it is missing: who owns one may not be allowed to make another."""
    found = connection.execute("select 1 from pg_namespace where nspname = $1", [schema])
    if not found.fetchone():
        connection.execute(SQL("create schema {}").format(Identifier(schema)))
