"""A whole project in a test's own folder: the repository's models over the test's own tables.

A table's columns have Tillpost's names and are mapped as they are; other columns (line numbers,
versions, stores) are there for its `meta`.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

import command_server
from tillpost.pipeline.build_summary import BuildSummary
from tillpost.pipeline.flow import build_project
from tillpost.pipeline.workspace import Options, open_workspace
from tillpost.project.guess import CUSTOMER_COLUMNS, kind_of
from tillpost.project.sources import KINDS
from tillpost.project.starter import LINE_COLUMNS, ROW, SALE_COLUMNS

ROOT = Path(__file__).parents[1]
PARTS = ("dbt_project.yml", "models", "macros", "seeds", "tests/sql")
ROW_NUMBERS = {"csv": "row_number() over ()", "parquet": "file_row_number + 1", "duckdb": "rowid"}
LEDGER = "tillpost_ledger.duckdb"
UNQUOTED_NULL = "all_varchar = true, header = true, allow_quoted_nulls = false"
CSV_OPTIONS = (
    "all_varchar = true, header = true, filename = true, union_by_name = true, ignore_errors = true"
)
PARQUET_OPTIONS = "filename = true, file_row_number = true"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A raw table: its files as CSV texts, laid down as they are, as Parquet, or in a database.

    An empty cell is null; a quoted empty one is an empty text, where the kind knows the difference.
    ``mapping`` has expressions for columns of Tillpost's that no column of the table is.
    """

    name: str
    files: Mapping[str, str]
    kind: str = "csv"
    meta: Mapping[str, object] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of any of its files."""
        headers = [text.partition("\n")[0].split(",") for text in self.files.values()]
        return tuple(dict.fromkeys(column for header in headers for column in header))

    def path(self, file: str) -> str:
        """Where one of its files lies, from the project's folder: part of a row ref."""
        return f"data/{self.name}/{file}.{self.kind}"


def make_project(folder: Path, tables: Sequence[Table], *, edge_url: str = "") -> Path:
    """Lay a project down over these tables; it is ready to build, and to send if it has an edge."""
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        copy(ROOT / part, folder / part)
    models = folder / "models"
    for old in (models / "staging").iterdir():
        old.unlink()
    names = _column_names()
    for table in tables:
        write_table(folder, table)
        (models / "staging" / f"stg_{_short(table)}.sql").write_text(_staging(table, names))
    selects = [f"select {', '.join(names)} from {{{{ ref('stg_{_short(t)}') }}}}" for t in tables]
    (models / "intermediate" / "int_sales.sql").write_text("\nunion all\n".join(selects))
    ours = yaml.safe_load((models / "sources.yml").read_text())["sources"][-1]
    sources = {"version": 2, "sources": [*map(_source, tables), ours]}
    (models / "sources.yml").write_text(yaml.safe_dump(sources))
    _write_profile(folder, tables, edge_url=edge_url)
    return folder


def write_table(project: Path, table: Table) -> None:
    """Write a table's files anew: those that it had and has no more are gone."""
    place = project / "data" / table.name
    place.mkdir(parents=True, exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    for file, text in table.files.items():
        path = place / f"{file}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        if table.kind != "csv":
            _convert(path, table)
            path.unlink()


def build(project: Path, *, now: datetime, **variables: object) -> BuildSummary:
    """Build in this process, by a clock of one's own."""
    with chdir(project):  # as the command line does: a source's path starts at the project
        workspace = open_workspace(Options(project_dir=Path.cwd(), vars=variables, now=now))
        return build_project(workspace, listen=lambda _progress: None, wait=0)


def tillpost(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user types it, in the project's folder."""
    return command_server.run(*arguments, cwd=project)


def query(project: Path, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a question to what was built."""
    return ask(project / ".tillpost" / "build.duckdb", sql)


def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a question to a database, opened in the one that this process has.

    A database of one's own takes twenty times longer to open than most questions take.
    """
    with duckdb.cursor() as reader:
        reader.execute(f"attach '{file}' as asked (read_only)")
        try:
            reader.execute("use asked")
            return reader.execute(sql).fetchall()
        finally:
            reader.execute("use memory")
            reader.execute("detach asked")


def _short(table: Table) -> str:
    return table.name.replace(".", "_")


def _convert(path: Path, table: Table) -> None:
    """Turn a CSV file into a Parquet file, or into a table of a database, beside it."""
    casts = "".join(f", {name}::{kind} as {name}" for name, kind in table.types.items())
    kept = f"* exclude ({', '.join(table.types)})" if table.types else "*"
    rows = f"select {kept}{casts} from read_csv('{path}', {UNQUOTED_NULL})"
    if table.kind == "parquet":
        duckdb.execute(f"copy ({rows}) to '{path.with_suffix('.parquet')}'")
    else:
        with duckdb.connect(path.with_suffix(".duckdb")) as connection:
            connection.execute(f"create table {table.name.split('.')[1]} as {rows}")


def _column_names() -> list[str]:
    """Tillpost's columns, as every staging model has them."""
    return [*ROW, *SALE_COLUMNS, *LINE_COLUMNS, *CUSTOMER_COLUMNS]


def _staging(table: Table, names: Sequence[str]) -> str:
    file = "cast(null as varchar)" if table.kind == "duckdb" else "filename"
    known = {
        "source_name": f"'{table.name}'",
        "source_file": file,
        "source_row": "source_row",
        "export_id": f"{{{{ export_id('{table.name}', '{file}') }}}}",
        "dataset_id": "'{{ var(\"dataset_id\") }}'",
        "event_name": "'Purchase'",
        "action_source": "'physical_store'",
        "is_date_only": "cast(null as boolean)",
    }
    known |= {
        key: f"{{{{ key('{table.name}', '{key}') }}}}"
        for key in ("row_key", "line_key", "basket_key")
    }
    known |= {name: f"{{{{ {name}('{table.name}') }}}}" for name in ("version", "lookback")}
    known |= {name: f"cast({name} as varchar)" for name in table.columns if name in names}
    if "event_time" in table.columns:
        zone = f"time_zone('{table.name}')"
        known["event_time"] = f"{{{{ read_time('cast(event_time as varchar)', {zone}) }}}}"
        known["is_date_only"] = "{{ is_date_only('cast(event_time as varchar)') }}"
    known |= table.mapping
    columns = ", ".join(
        f"{known[name]} as {name}" if name in known else f"{{{{ unmapped('{name}') }}}}"
        for name in names
    )
    source = "source('{}', '{}')".format(*table.name.split("."))
    numbered = f"select *, {ROW_NUMBERS[table.kind]} as source_row from {{{{ {source} }}}}"
    scope = f"{{{{ in_scope('{table.name}') }}}}"
    return f"with numbered as ({numbered}) select {columns} from numbered where {scope}"


def _source(table: Table) -> dict[str, object]:
    group, name = table.name.split(".")
    meta = dict(table.meta)
    place: dict[str, object] = {}
    if table.kind == "duckdb":
        place = {"database": group, "schema": "main"}
    else:
        options = CSV_OPTIONS if table.kind == "csv" else PARQUET_OPTIONS
        meta["external_location"] = f"read_{table.kind}('{table.path('*')}', {options})"
    columns = [
        {"name": column, "meta": {"pii": kind_of(column)}}
        for column in table.columns
        if kind_of(column) in KINDS
    ]
    return {"name": group, "tables": [{"name": name, **place, "meta": meta, "columns": columns}]}


def _write_profile(folder: Path, tables: Sequence[Table], *, edge_url: str) -> None:
    attached = [
        {"path": table.path(file), "alias": table.name.split(".")[0]}
        for table in tables
        if table.kind == "duckdb"
        for file in table.files
    ]
    output = {
        "type": "duckdb",
        "path": ".tillpost/build.duckdb",
        "threads": 2,
        "ledger": LEDGER,
        "attach": attached,
        "edge": {"graph_url": edge_url, "version": "v26.0", "access_token": "sandbox"},
    }
    profile = {"tillpost": {"target": "tests", "outputs": {"tests": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
