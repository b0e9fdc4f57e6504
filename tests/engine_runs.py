"""The repository's models over the golden rows on an engine, in the order that a build has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import duckdb

from compiled_project import ROOT
from engine_rows import COLUMNS, TESTS, RawTable, raw_tables
from tillpost.compiler import CompiledModel, Compiler, Manifest, Settings
from tillpost.project import Project, Seed, load_project
from tillpost.project.sources import Source

Texts = tuple[str | None, ...]

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
STAGING = ("stg_till_lines", "stg_orders")
SNAPSHOT = {
    "event_key": "uuid",
    "sale_key": "uuid",
    "payload_digest": "uuid",
    "rules_version": "varchar",
    "state": "varchar",
    "first_left_at": "bigint",
    "last_at": "bigint",
}


class Engine(Protocol):
    """Where models run: enough of it to build once."""

    dialect: str

    def execute(self, sql: str) -> None:
        """Run a statement."""

    def load(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        """Make a table of typed columns of these texts."""

    def append(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        """Add to a table that there is."""

    def create(self, model: CompiledModel) -> None:
        """Make the table or view of a model."""

    def texts(self, relation: str) -> tuple[tuple[str, ...], list[Texts]]:
        """The names of its columns, and every row with each column as text."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """What one engine made of the golden rows."""

    engine: Engine
    manifest: Manifest

    def texts(self, model: str) -> tuple[tuple[str, ...], list[Texts]]:
        return self.engine.texts(f"main.{model}")


@cache
def golden_project() -> Project:
    """The repository's project, with raw tables of texts in place of its files."""
    project = load_project(ROOT)
    staging = {
        name: replace(
            project.models[name], sql=(TESTS / "engines" / f"{name}.sql").read_text("utf-8")
        )
        for name in STAGING
    }
    raw = {
        table.source: Source(
            source=table.group, name=table.name, file="", schema="raw", identifier=table.name,
            meta=dict(table.meta),
        )
        for table in raw_tables()
    }  # fmt: skip
    ours = {name: its for name, its in project.sources.items() if its.source == "tillpost"}
    return replace(project, models=project.models | staging, sources=raw | ours, tests=())


def manifest(dialect: str, variables: Mapping[str, object]) -> Manifest:
    """The models compiled for an engine."""
    project = golden_project()
    settings = Settings(
        project=replace(project, vars=project.vars | dict(variables)),
        schema="main",
        target="tests",
        dialect=dialect,
        threads=2,
        run_started_at=AS_OF,
        environ={},
    )
    return Compiler(settings).manifest()


def build(engine: Engine, variables: Mapping[str, object], *, ledger: Sequence[Texts]) -> Build:
    """Statements of the start, seeds, raw tables and the ledger's snapshot, then the models."""
    compiled = manifest(engine.dialect, variables)
    for statement in compiled.on_run_start:
        engine.execute(statement)
    for seed in golden_project().seeds.values():
        load_seed(engine, seed)
    for table in raw_tables():
        load_raw(engine, table)
    engine.append("main.ledger_snapshot", SNAPSHOT, ledger)
    for model in compiled.models:
        try:
            engine.create(model)
        except Exception as error:
            error.add_note(f"{engine.dialect} cannot make {model.name}:\n{model.sql}"[:6000])
            raise
    return Build(engine=engine, manifest=compiled)


def load_raw(engine: Engine, table: RawTable) -> None:
    """A raw table: all of its columns are texts."""
    engine.load(f"raw.{table.name}", dict.fromkeys(COLUMNS, "varchar"), table.values())


def load_seed(engine: Engine, seed: Seed) -> None:
    """A reference table, with the types that DuckDB has for its columns."""
    declared = ", ".join(f"'{name}': '{kind}'" for name, kind in seed.column_types.items())
    chosen = f", types = {{{declared}}}" if declared else ""
    read = duckdb.sql(f"from read_csv('{ROOT / seed.path}', header = true{chosen})")
    types = {name: str(kind) for name, kind in zip(read.columns, read.types, strict=True)}
    rows = read.select("cast(columns(*) as varchar)").fetchall()
    engine.load(f"main.{seed.name}", types, rows)


class DuckDBEngine:
    """DuckDB in memory."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 2})
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute("create schema raw")

    def execute(self, sql: str) -> None:
        self._connection.execute(sql)

    def load(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        self.execute(f"create table {relation} ({columns})")
        self.append(relation, types, rows)

    def append(self, relation: str, types: Mapping[str, str], rows: Sequence[Texts]) -> None:
        values = ", ".join(
            f"cast(unnest(cast(${place} as varchar[])) as {kind})"
            for place, kind in enumerate(types.values(), 1)
        )
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self._connection.execute(f"insert into {relation} select {values}", columns)

    def create(self, model: CompiledModel) -> None:
        """Views are bound with what reads them, as in a build: thirty on each other cost more."""
        later = " with (defer_binding)" if model.materialized == "view" else ""
        self.execute(f"create {model.materialized} {model.relation}{later} as {model.sql}")

    def texts(self, relation: str) -> tuple[tuple[str, ...], list[Texts]]:
        result: Any = self._connection.execute(
            f"select cast(columns(*) as varchar) from {relation}"
        )
        return tuple(column[0] for column in result.description), result.fetchall()
