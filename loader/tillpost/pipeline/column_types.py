"""The types of every relation's columns, found by building the project without a row."""

from collections.abc import Collection

from tillpost.compiler import OPAQUE, CompiledModel, Compiler, source_relation
from tillpost.compiler.context import relation
from tillpost.engines import Engine
from tillpost.errors import TillpostError
from tillpost.project import Model

Types = dict[str, str]
"""Columns, in lower case, with their types; an empty one where any may stand."""
UNTYPED = '"NULL"'
"""DuckDB's name for the type of what is null and nothing else."""


class ColumnTypes:
    """What the relations of a project look like, made where they are asked for.

    What a source holds is nowhere declared: it has the columns that its readers name, texts in a
    CSV file and of any type elsewhere.
    """

    def __init__(self, engine: Engine, compiler: Compiler, *, csv: Collection[str]) -> None:
        """Make what the project makes before its models.

        Args:
            engine: a DuckDB in memory.
            compiler: of the project over tables; its schema takes the empty relations.
            csv: the sources that are CSV files.
        """
        self._engine = engine
        self._compiler = compiler
        self._csv = csv
        self._made: dict[str, Types] = {}
        self._loose: dict[str, set[str]] = {}
        engine.execute(f"create schema {compiler.settings.schema}", where="the unit tests")
        where = "dbt_project.yml on-run-start"
        for hook in compiler.settings.project.on_run_start:
            engine.execute(compiler.statement(hook, path=where), where=where)

    def of(self, name: str) -> Types:
        """The columns of a model or seed, each with its type."""
        if name not in self._made:
            project = self._compiler.settings.project
            if name in project.seeds:
                self._load(name)
            else:
                self._build(project.models[name])
            self._made[name] = self.described(self.relation(name))
        return self._made[name]

    def of_source(self, name: str, *, reader: str) -> Types:
        """The columns of a source, as far as a model that reads it names them."""
        self.of(reader)
        return self.described(self._location(name))

    def relation(self, name: str) -> str:
        """A model without a row, or a seed with all of them."""
        return relation(self._compiler.settings, name)

    def _location(self, source: str) -> str:
        settings = self._compiler.settings
        return source_relation(settings.project.sources[source], schema=settings.schema)

    def described(self, name: str) -> Types:
        """The columns of anything that is there, each with its type."""
        _, rows = self._engine.query(f"describe {name}", where=name)
        return {row[0].lower(): "" if row[1] == UNTYPED else row[1] for row in rows}

    def _load(self, name: str) -> None:
        project = self._compiler.settings.project
        seed = project.seeds[name]
        self._engine.load_seed(
            self.relation(name), project.root / seed.path, types=seed.column_types, shown=seed.path
        )

    def _build(self, model: Model) -> None:
        compiled = self._compiler.model(model)
        for name in compiled.refs:
            self.of(name)
        unknown = [
            name for name in compiled.sources if name in self._loose or not self._is_there(name)
        ]
        if not unknown:
            self._create(compiled)
            return
        named, inner = _names(self._compiler.model(model, dialect=OPAQUE).sql)
        try:
            # What a subquery names itself is no column of the source, unless nothing else helps.
            self._create_over(unknown, named - inner, compiled)
        except TillpostError:
            self._create_over(unknown, named, compiled)

    def _create_over(self, sources: list[str], columns: set[str], model: CompiledModel) -> None:
        for name in sources:
            self._stand_in(name, columns)
        self._create(model)

    def _create(self, model: CompiledModel) -> None:
        # On one line with the SQL's first, so that a message has the file's lines.
        sql = f"select * from ({model.sql}\n) as shape limit 0"
        self._engine.create(model.relation, sql, materialized="table", where=model.path)

    def _is_there(self, source: str) -> bool:
        _, rows = self._engine.query(
            "select 1 from information_schema.tables"
            f" where table_schema || '.' || table_name = '{self._location(source)}'",
            where=source,
        )
        return bool(rows)

    def _stand_in(self, source: str, columns: set[str]) -> None:
        """A table without rows that has whatever columns its readers may ask for."""
        null = "cast(null as varchar)" if source in self._csv else "null"
        declared = map(str.lower, self._compiler.settings.project.sources[source].columns)
        names = self._loose.setdefault(source, {"none"})
        names |= columns | set(declared)
        selected = ", ".join(f"{null} as {quoted(name)}" for name in sorted(names))
        location = self._location(source)
        self._engine.execute(
            f"create or replace table {location} as select {selected} where false", where=source
        )


def quoted(name: str) -> str:
    """A column's name as SQL writes any name."""
    return '"' + name.strip('"').replace('"', '""') + '"'


def _names(sql: str) -> tuple[set[str], set[str]]:
    """The columns that a query names, and the names that its subqueries give."""
    from sqlglot import exp, parse_one  # noqa: PLC0415  it takes its time

    tree = parse_one(sql, dialect="duckdb")
    outermost = tree.selects if isinstance(tree, exp.Query) else []
    named = {each.name.lower() for each in tree.find_all(exp.Column)}
    inner = {each.alias.lower() for each in tree.find_all(exp.Alias) if each not in outermost}
    return named, inner
