"""The project's models as trees that conditions can be taken out of, and as SQL to be run again.

Trees have opaque intrinsics and placeholders for files, so that sqlglot touches the portable part
alone; both are put back as they were.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlglot import exp

from tillpost.compiler import OPAQUE, CompiledModel, Compiler, source_relation
from tillpost.compiler.carry import carry
from tillpost.compiler.context import Notes, model_context
from tillpost.compiler.jinja import dispatcher
from tillpost.compiler.opaque import expand
from tillpost.pipeline.tracing import Filter, filters, parse
from tillpost.pipeline.workspace import Workspace
from tillpost.project.sources import Source

_PLACE = "tillpost_source_"
OURS = "tillpost."


class ModelTexts(Mapping[str, exp.Expr]):
    """Every model's tree by its name, made when it is asked for, by the clock of the build."""

    def __init__(self, workspace: Workspace, *, as_of: int | None) -> None:
        """Take the clock of the build: edges of the scope are measured from it."""
        self.compiler = _at(workspace.compiler, as_of)
        self._project = workspace.project
        self._models: dict[str, CompiledModel] = {}
        self._trees: dict[str, exp.Expr] = {}
        self._filters: dict[str, list[Filter]] = {}
        self.schema = self.compiler.settings.schema

    def __getitem__(self, name: str) -> exp.Expr:
        """A model's tree."""
        return self.tree(name)

    def __iter__(self) -> Iterator[str]:
        """All models."""
        return iter(self._project.models)

    def __len__(self) -> int:
        """How many they are."""
        return len(self._project.models)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a model; it is not made for that."""
        return name in self._project.models

    def model(self, name: str) -> CompiledModel:
        """A model, intrinsics opaque."""
        if name not in self._models:
            self._models[name] = self.compiler.model(self._project.models[name], dialect=OPAQUE)
        return self._models[name]

    def tree(self, name: str) -> exp.Expr:
        """A model's tree: not to be changed."""
        if name not in self._trees:
            sql = self.model(name).sql
            for place, location in enumerate(self._locations()):
                sql = sql.replace(location, f"{_PLACE}{place}")
            self._trees[name] = parse(sql)
        return self._trees[name]

    def columns(self, name: str) -> list[str]:
        """The columns that a model's last select names."""
        query = self.tree(name)
        return query.named_selects if isinstance(query, exp.Query) else []

    def filters(self, name: str) -> list[Filter]:
        """Everything in a model that can drop rows."""
        if name not in self._filters:
            path = self._project.models[name].path
            self._filters[name] = filters(self.tree(name), model=name, path=path)
        return self._filters[name]

    def path(self, name: str) -> str:
        """A model's file."""
        return self._project.models[name].path

    def is_table(self, name: str) -> bool:
        """Whether a model is stored."""
        return self.model(name).materialized != "view"

    def reads_sources(self, name: str) -> bool:
        """Whether a view reads raw tables, itself or through other views."""
        if name not in self or self.is_table(name):
            return False
        model = self.model(name)
        own = any(not source.startswith(OURS) for source in model.sources)
        return own or any(self.reads_sources(each) for each in model.refs)

    def macro(self, call: str) -> str:
        """What a macro of names renders to: a list is no query that could be carried."""
        return self.compiler.statement(f"{{{{ {call} }}}}", path="why")

    def engine_sql(
        self, tree: exp.Expr, *, model: str, relocate: Callable[[str], str] = lambda text: text
    ) -> str:
        """A tree as the engine runs it.

        Args:
            tree: made of a model's.
            model: which.
            relocate: what stands in the place of a file that is read.
        """
        path, settings = self.path(model), self.compiler.settings
        context = model_context(
            settings, Notes(), this=model, config={}, path=path, dialect=settings.dialect
        )
        macros = self.compiler._library  # noqa: SLF001  they are read once
        text_of = dispatcher(macros, context, dialect=settings.dialect, path=path)
        sql = tree.sql(dialect="duckdb", normalize_functions=False, comments=False)
        if settings.dialect == "duckdb":
            sql = expand(sql, text_of)
        else:
            sql = carry(sql, dialect=settings.dialect, text_of=text_of, path=path)
        for place, source in enumerate(self._files()):
            if f"{_PLACE}{place}" in sql:
                text = f"{{{{ source('{source.source}', '{source.name}') }}}}"
                sql = sql.replace(f"{_PLACE}{place}", relocate(self.compiler.text(text, path=path)))
        return sql

    def _files(self) -> list[Source]:
        return [each for each in self._project.sources.values() if each.location]

    def _locations(self) -> list[str]:
        return [source_relation(each, schema=self.schema) for each in self._files()]


def _at(compiler: Compiler, as_of: int | None) -> Compiler:
    """The same compiler with another clock."""
    if as_of is None:
        return compiler
    moment = datetime.fromtimestamp(as_of, UTC)
    given = {**compiler.settings.project.vars, "as_of": moment.isoformat()}
    other = copy.copy(compiler)
    project = replace(compiler.settings.project, vars=given)
    other.settings = replace(compiler.settings, project=project, run_started_at=moment)
    return other
