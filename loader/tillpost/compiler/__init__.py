"""From files with Jinja to SQL that an engine runs, in the order it must run in."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from tillpost.compiler.carry import carry
from tillpost.compiler.context import (
    Notes,
    Settings,
    model_context,
    relation,
    source_relation,
)
from tillpost.compiler.data_tests import CompiledTest, compile_tests
from tillpost.compiler.jinja import (
    OPAQUE,
    dispatcher,
    environment,
    load_macros,
    render,
)
from tillpost.compiler.manifest import CompiledModel, Manifest, checksum_of
from tillpost.compiler.opaque import expand, same
from tillpost.errors import UsageError, raise_all
from tillpost.graph import build_order
from tillpost.project import MATERIALIZATIONS, Model
from tillpost.project.folder_config import merged
from tillpost.project.keys import tags_of
from tillpost.project.yaml_file import did_you_mean

if TYPE_CHECKING:
    from tillpost.compiler.macros import Library

__all__ = [
    "OPAQUE",
    "CompiledModel",
    "CompiledTest",
    "Compiler",
    "Manifest",
    "Settings",
    "source_relation",
]

AS_RENDERED = ("duckdb", OPAQUE)
"""Models are written in DuckDB's SQL; for other dialects they are carried."""


class Compiler:
    """A project and a target, ready to render; macros are read once."""

    def __init__(self, settings: Settings) -> None:
        """Read the macros of the project."""
        self.settings = settings
        self._jinja = environment()
        self._library: Library = load_macros(self._jinja, settings.project.macros)
        self._overrides: Mapping[str, object] = {}

    def under(self, settings: Settings, *, overrides: Mapping[str, object]) -> "Compiler":
        """The same macros under other settings; each override answers in place of a macro."""
        other = copy(self)
        library = {name: each for name, each in self._library.items() if name not in overrides}
        vars(other).update(settings=settings, _overrides=overrides, _library=library)
        return other

    def manifest(self, *, dialect: str | None = None) -> Manifest:
        """Compile the whole project; every error of every file is told at once.

        Args:
            dialect: whose texts the intrinsics get; the target's unless said otherwise.
        """
        errors: list[UsageError] = []
        compiled: dict[str, CompiledModel] = {}
        project = self.settings.project
        for model in project.models.values():
            try:
                compiled[model.name] = self.model(model, dialect=dialect)
            except UsageError as error:
                errors.append(error)
        tests = self._tests(compiled, dialect, errors=errors)
        raise_all(errors)
        order = build_order(
            {name: each.refs - project.seeds.keys() for name, each in compiled.items()},
            paths={name: model.path for name, model in project.models.items()},
        )
        return Manifest(
            models=tuple(compiled[name] for name in order),
            tests=tests,
            on_run_start=tuple(
                self.statement(hook, path="dbt_project.yml on-run-start", dialect=dialect)
                for hook in project.on_run_start
            ),
        )

    def model(self, model: Model, *, dialect: str | None = None) -> CompiledModel:
        """Compile one model."""
        notes = Notes()
        sql = self._render(
            model.sql, notes, path=model.path, this=model.name, dialect=dialect, config=model.config
        )
        config = merged(model.config, notes.config)
        if config.get("enabled") is False:
            raise UsageError(
                "a model cannot be disabled",
                where=model.path,
                why="every file of the models' folders is built and counted",
                fix="delete it, or move it out of them",
            )
        materialized = str(config.get("materialized", "view"))
        if materialized not in MATERIALIZATIONS:
            raise UsageError(
                f'"{materialized}" is no materialization',
                where=model.path,
                why=f"it can be: {', '.join(MATERIALIZATIONS)}",
                fix=did_you_mean(materialized, MATERIALIZATIONS),
            )
        return CompiledModel(
            name=model.name,
            path=model.path,
            relation=relation(self.settings, model.name),
            materialized=materialized,
            sql=sql,
            refs=frozenset(notes.refs),
            sources=frozenset(notes.sources),
            tags=frozenset(tags_of(config)),
            checksum=checksum_of(self.settings.project, model, config, notes),
            opaque=notes.opaque,
        )

    def marked(self, model: Model) -> str:
        """A model's SQL with opaque calls, and marks around what its blocks and macros give."""
        return self._render(
            model.sql,
            Notes(),
            path=model.path,
            this=model.name,
            dialect=OPAQUE,
            config=model.config,
            is_kept=False,
            is_marked=True,
        )

    def runs_as_read(
        self, read: CompiledModel | CompiledTest, run: CompiledModel | CompiledTest
    ) -> bool:
        """Whether what the engine runs is the opaque text, with the intrinsics' texts put in.

        Args:
            read: compiled with opaque calls.
            run: compiled for the target.
        """
        dialect, project = self.settings.dialect, self.settings.project
        if dialect not in AS_RENDERED:
            return run.opaque == read.sql  # what it was carried from
        model = project.models[read.name] if isinstance(read, CompiledModel) else None
        context = model_context(
            self.settings,
            Notes(),
            this=model.name if model else "",
            config=model.config if model else {},
            path=read.path,
            dialect=dialect,
        )
        text_of = dispatcher(self._library, context, dialect=dialect, path=read.path)
        text = run.sql
        for source in project.sources.values():
            location = source_relation(source, schema=self.settings.schema)
            # DuckDB reads a CSV source whole lines at a time; what is read is the same.
            text = text.replace(context["source"](source.source, source.name), location)
        return same(expand(read.sql, text_of), text)

    def text(
        self, text: str, *, path: str, dialect: str | None = None, notes: Notes | None = None
    ) -> str:
        """Render any query as if it stood in a model: what `show --inline` is given."""
        notes = notes or Notes()
        return self._render(
            text, notes, path=path, this="", dialect=dialect, config={}, is_kept=False
        )

    def statement(self, text: str, *, path: str, dialect: str | None = None) -> str:
        """Render a hook: a statement that is written in the engine's own SQL."""
        return self._render(
            text, Notes(), path=path, this="", dialect=dialect, config={}, is_statement=True
        )

    def _tests(
        self,
        models: Mapping[str, CompiledModel],
        dialect: str | None,
        *,
        errors: list[UsageError],
    ) -> tuple[CompiledTest, ...]:
        def rendered(text: str, notes: Notes, path: str) -> str:
            return self._render(text, notes, path=path, this="", dialect=dialect, config={})

        return compile_tests(
            self.settings,
            {name: model.opaque or model.sql for name, model in models.items()},
            macros=self._library,
            render=rendered,
            errors=errors,
        )

    def _render(  # noqa: PLR0913  a file and what it is rendered for, each by name
        self,
        text: str,
        notes: Notes,
        *,
        path: str,
        this: str,
        dialect: str | None,
        config: Mapping[str, Any],
        is_statement: bool = False,
        is_kept: bool = True,
        is_marked: bool = False,
    ) -> str:
        dialect = dialect or self.settings.dialect
        written = dialect if dialect in AS_RENDERED or is_statement else OPAQUE
        context = model_context(
            self.settings, notes, this=this, config=config, path=path, dialect=written
        )
        context |= {name: _always(value) for name, value in self._overrides.items()}
        sql = render(
            self._jinja,
            text,
            path=path,
            library=self._library,
            context=context,
            dialect=written,
            is_kept=is_kept,
            called=notes.macros,
            is_marked=is_marked,
        ).rstrip("; \n\t\r")  # it may stand in brackets
        if written == dialect:
            return sql
        notes.opaque = sql
        text_of = dispatcher(self._library, context, dialect=dialect, path=path)
        return carry(sql, dialect=dialect, text_of=text_of, path=path)


def _always(value: object) -> Callable[..., object]:
    """What answers the same, whatever it is asked."""
    return lambda *_args, **_named: value
