"""DuckDB, in this process: the default engine."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from tillpost.engines import Reads, Row
from tillpost.engines.duckdb_errors import MEND_PATH, explain, explain_settings
from tillpost.engines.duckdb_events import stream_events
from tillpost.engines.duckdb_files import csv_call, require_header, scan_csv_file
from tillpost.engines.duckdb_guard import close_off, give_key, require_no_shadows
from tillpost.engines.duckdb_start import config_of, make_room, place_to_spill, set_up
from tillpost.errors import UsageError
from tillpost.events import Events

PRIVATE_FILE = 0o600
IN_MEMORY = ":memory:"


class DuckDB:
    """One DuckDB file. A second cursor streams while the first one works."""

    dialect = "duckdb"

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        schema: str,
        threads: int,
        digest_key: str | None,
        is_new: bool,
    ) -> None:
        """Use `DuckDB.open`."""
        self._connection = connection
        self._is_known = is_new
        self._digest_key = digest_key
        self.schema = schema
        self.threads = threads

    @classmethod
    def open(
        cls,
        settings: dict[str, Any],
        *,
        root: Path,
        where: str,
        reads: Reads = (),
    ) -> Self:
        """Open the file that the profile names, made where there is none.

        Args:
            settings: the profile's output: ``path``, ``schema``, ``threads``, ``settings``,
                ``attach``. Without threads or a memory limit it takes its share of what the
                machine, or the container, grants.
            root: the project's folder; relative paths start there.
            where: how messages call the profile.
            reads: paths of the declared sources: no other file can be read from then on.
        """
        schema = str(settings.get("schema", "main"))
        home = root / ".tillpost" / "spill"
        config = config_of(settings, where=where)
        path = str(settings.get("path", IN_MEMORY))
        is_new = path == IN_MEMORY or not (root / path).exists()
        if path != IN_MEMORY:
            path = str(root / path)
            make_room(Path(path), home, where=where)
        config["temp_directory"] = place_to_spill(
            settings, root=root, home=None if path == IN_MEMORY else home
        )
        try:
            connection = duckdb.connect(path, config=config)
            if path != IN_MEMORY:
                Path(path).chmod(PRIVATE_FILE)
            for each in settings.get("attach") or []:
                source = _text(root / str(each["path"]))
                connection.execute(f"attach {source} as {each['alias']} (read_only)")
            set_up(connection, config)
            (threads,) = connection.execute("select current_setting('threads')").fetchall()[0]
            connection.execute(f"create schema if not exists {schema}")
            give_key(connection, settings.get("digest_key"))
            close_off(connection, reads, root=root, spill=home)
        except duckdb.Error as error:
            raise explain_settings(error, where=where) from None
        key = settings.get("digest_key")
        return cls(connection, schema=schema, threads=threads, digest_key=key, is_new=is_new)

    def __enter__(self) -> Self:
        """Nothing more to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write down what is in memory and let go of the file."""
        self._connection.close()

    def execute(self, sql: str, *, where: str) -> None:
        """Run a statement."""
        try:
            self._connection.execute(sql)
        except duckdb.Error as error:
            raise explain(error, where=where, sql=sql) from None

    def create(self, relation: str, sql: str, *, materialized: str, where: str) -> None:
        """Make a view or a table, in place of a relation of either kind."""
        self._replace(relation, materialized, f"as\n{sql}", sql=sql, where=where)

    def defer(self, relation: str, sql: str, *, where: str) -> None:
        """Make a view that is bound when it is read first."""
        text = f"with (defer_binding) as\n{sql}"
        self._replace(relation, "view", text, sql=sql, where=where)

    def _replace(self, relation: str, kind: str, text: str, *, sql: str, where: str) -> None:
        if not self._is_known:
            require_no_shadows(self._connection)
            self._is_known = True
        statement = f"create or replace {kind} {relation} {text}"
        other = "table" if kind == "view" else "view"
        try:
            try:
                self._connection.execute(statement)
            except duckdb.CatalogException:
                with suppress(duckdb.CatalogException):  # raised where none of the other kind is
                    self._connection.execute(f"drop {other} if exists {relation}")
                self._connection.execute(statement)
        except duckdb.Error as error:
            raise explain(error, where=where, sql=sql, lines_before=1) from None

    def relations(self) -> frozenset[str]:
        """The names of all that was built."""
        _, rows = self.query(
            "select table_name from information_schema.tables"
            f" where table_schema = '{self.schema}' and table_catalog = current_database()",
            where="the build",
        )
        return frozenset(row[0] for row in rows)

    def query(
        self, sql: str, *, where: str, lines_before: int = 0
    ) -> tuple[tuple[str, ...], list[Row]]:
        """All rows of a small answer."""
        try:
            result = self._connection.execute(sql)
            names = tuple(column[0] for column in result.description or ())
            return names, result.fetchall()
        except duckdb.Error as error:
            raise explain(error, where=where, sql=sql, lines_before=lines_before) from None

    def sample(self, sql: str, *, limit: int, where: str) -> tuple[tuple[str, ...], list[Row]]:
        """A few rows as texts, whatever their types."""
        text = f"select cast(columns(*) as varchar) from (\n{sql}\n) as sampled limit {limit}"
        return self.query(text, where=where, lines_before=1)

    def columns(self, location: str, *, where: str) -> tuple[str, ...]:
        """The columns of a raw table or file."""
        _, rows = self.query(f"describe select * from {location}", where=where)
        return tuple(row[0] for row in rows)

    def stream(self, sql: str) -> Iterator[Events]:
        """Events in chunks, on a cursor of its own."""
        cursor = self._connection.cursor()
        try:
            give_key(cursor, self._digest_key)
            yield from stream_events(cursor, sql)
        except duckdb.Error as error:
            raise explain(error, where="the final view") from None
        finally:
            cursor.close()

    def load_seed(self, relation: str, path: Path, *, types: dict[str, str], shown: str) -> None:
        """Make a table of a CSV file; an empty cell is null, nothing else is."""
        declared = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in types.items())
        chosen = f", types = {{{declared}}}" if declared else ""
        # Not to be guessed: a line that is too long would be taken for the header.
        options = f"header = true, skip = 0, delim = ',', quote = '\"'{chosen}"
        self.create(
            relation,
            f"select * from read_csv({_text(path)}, {options})",
            materialized="table",
            where=shown,
        )

    def load_parquet(self, relation: str, path: Path) -> None:
        """Make a table of a Parquet file."""
        self.create(
            relation,
            f"select * from read_parquet({_text(path)})",
            materialized="table",
            where=relation,
        )

    def save_parquet(self, relation: str, path: Path) -> None:
        """Write a relation to a Parquet file, its owner's alone."""
        path.touch(mode=PRIVATE_FILE)
        self.execute(
            f"copy {relation} to {_text(path)} (format parquet, use_tmp_file false)",
            where=relation,
        )

    def count_source(self, location: str, *, where: str) -> int:
        """Rows of a source; Parquet and tables answer from their metadata."""
        _, rows = self.query(f"select count(*) from {location}", where=where)
        return int(rows[0][0])

    def scan_csv(self, location: str, *, where: str) -> tuple[list[Row], list[Row]]:
        """Count each file's readable rows and name its unreadable lines.

        The rejects are kept in memory, and of each only its place and the kind of problem is
        taken: the line itself may hold anything.
        """
        pattern, options = csv_call(location, where=where)
        _, names = self.query(f"select file from glob('{pattern}') order by file", where=where)
        if not names:
            raise UsageError(
                "no such file", where=where, why=f"nothing matches {pattern}", fix=MEND_PATH
            )
        _, sizes = self.query(f"select max(size) from read_blob('{pattern}')", where=where)
        require_header(sizes[0][0], pattern, where=where)
        files, lines = [], []
        for (name,) in names:
            rows, bad = scan_csv_file(self._connection, name, options, where=where)
            files.append((name, rows))
            lines += [(name, line, problem) for line, problem in bad]
        return files, lines

    def insert(self, relation: str, rows: Sequence[Row]) -> None:
        """Add rows, column by column: a statement a row costs twenty times as much."""
        if not rows:
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        values = ", ".join("unnest(?)" for _ in columns)
        try:
            self._connection.execute(f"insert into {relation} select {values}", columns)
        except duckdb.Error as error:
            raise explain(error, where=relation) from None


def _text(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"
