"""What a model's Jinja may call: the part of dbt's context that Tillpost knows."""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from tillpost.errors import UsageError, raise_all
from tillpost.project import Project
from tillpost.project.data_tests import TEST_CONFIG
from tillpost.project.keys import MODEL_CONFIG, Keys, key_errors
from tillpost.project.sources import Source
from tillpost.project.yaml_file import did_you_mean
from tillpost.redaction import is_secret_name, passwords_in


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What rendering needs beside the project: the target and the clock.

    ``secret_names`` are the environment variables that the profile reads secrets from.
    """

    project: Project
    schema: str
    target: str
    dialect: str
    threads: int
    run_started_at: datetime
    environ: Mapping[str, str] = field(repr=False)
    secret_names: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Notes:
    """What a render came across: filled while the Jinja runs."""

    refs: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    macros: set[str] = field(default_factory=set)
    config: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    opaque: str = ""


def relation(settings: Settings, name: str) -> str:
    """A relation of the build, as SQL names it."""
    return f"{settings.schema}.{name}"


def model_context(  # noqa: PLR0913  a file and what it is rendered for, each by name
    settings: Settings,
    notes: Notes,
    *,
    this: str,
    config: Mapping[str, Any],
    path: str,
    dialect: str,
) -> dict[str, Any]:
    """The names that dbt gives one file; ``notes`` collects what it refers to and configures."""
    project = settings.project
    return {
        "ref": _ref(settings, notes, path),
        "source": _source(settings, notes, path=path, dialect=dialect),
        "config": _config(notes, config, keys=MODEL_CONFIG if this else TEST_CONFIG, path=path),
        "this": relation(settings, this) if this else "",
        "var": _var(project, notes, path),
        "env_var": _env_var(settings, path),
        "target": SimpleNamespace(
            name=settings.target,
            schema=settings.schema,
            type=settings.dialect,
            threads=settings.threads,
            profile_name=project.profile,
        ),
        "run_started_at": settings.run_started_at,
        "project_name": project.name,
        "model": SimpleNamespace(name=this),
        "execute": True,
        "graph": {"sources": _graph_sources(project, path)},
        "exceptions": SimpleNamespace(raise_compiler_error=_raiser(path)),
        "return": lambda value: value,
    }


def _ref(settings: Settings, notes: Notes, path: str) -> Callable[..., str]:
    known = settings.project.models.keys() | settings.project.seeds.keys()

    def ref(*names: str, **version: object) -> str:
        *packages, name = names or ("",)
        if version or packages not in ([], [settings.project.name]):
            what = "ref takes a name, and no package or version"
            raise UsageError(what, where=path, fix=f"ref('{name}')")
        if name not in known:
            fix = did_you_mean(name, sorted(known))
            raise UsageError(f'there is no model or seed "{name}"', where=path, fix=fix)
        notes.refs.add(name)
        return relation(settings, name)

    return ref


def _source(settings: Settings, notes: Notes, *, path: str, dialect: str) -> Callable[..., str]:
    sources = settings.project.sources

    def source(group: str, table: str) -> str:
        name = f"{group}.{table}"
        found = sources.get(name)
        if found is None:
            raise _no_source(name, sources, path=path)
        notes.sources.add(name)
        location = source_relation(found, schema=settings.schema)
        return whole_lines(location) if found.is_csv and dialect == "duckdb" else location

    return source


def source_relation(source: Source, *, schema: str) -> str:
    """A raw table as SQL reads it: the call that reads a file, or its dotted name.

    ``schema`` is the target's, for sources that live beside the models.
    """
    own = re.sub(r"{{\s*target\.schema\s*}}", schema, source.schema)
    parts = [source.database, own, source.identifier]
    return source.location or ".".join(part for part in parts if part)


def whole_lines(location: str) -> str:
    """A CSV source whose every reading reads every column.

    DuckDB finds half a character only in columns that are read: two models that need different
    ones would number the lines differently.
    """
    return f"(select * from {location} as csv_line where hash(csv_line) >= 0)"


def _config(
    notes: Notes, config: Mapping[str, Any], *, keys: Keys, path: str
) -> Callable[..., str]:
    def configure(*given: Mapping[str, Any], **settings: Any) -> str:  # noqa: ANN401  as dbt's
        for mapping in (*given, settings):
            raise_all(key_errors(mapping, keys, where=path))
            notes.config.update(mapping)
        return ""

    def get(key: str, default: object = None) -> object:
        return {**config, **notes.config}.get(key, default)

    vars(configure)["get"] = get  # dbt's `config.get` hangs on the function
    return configure


def _var(project: Project, notes: Notes, path: str) -> Callable[..., object]:
    missing = object()

    def var(name: str, default: object = missing) -> object:
        if name in project.vars:
            notes.variables[name] = project.vars[name]
            # What one file does to a list or a mapping, no other one sees.
            return deepcopy(project.vars[name])
        if default is missing:
            raise UsageError(
                f'the variable "{name}" is not set',
                where=path,
                why=f"dbt_project.yml sets: {', '.join(sorted(project.vars))}",
                fix=did_you_mean(name, project.vars) or f"--vars '{{{name}: …}}'",
            )
        return default

    vars(var)["has_var"] = project.vars.__contains__  # dbt's `var.has_var` hangs on the function
    return var


def _env_var(settings: Settings, path: str) -> Callable[..., str]:
    def env_var(name: str, default: str | None = None) -> str:
        found = settings.environ.get(name, default)
        is_secret = is_secret_name(name) or name in settings.secret_names
        if is_secret or passwords_in(found or ""):
            raise UsageError(
                f"the environment variable {name} is a secret: only the profile may read it",
                where=path,
                why="a model's text is stored, shown and run",
                fix="a variable of another name, or var('…') for what is no secret",
            )
        if found is None:
            raise UsageError(
                f"the environment variable {name} is not set", where=path, fix=f"export {name}=…"
            )
        return found

    return env_var


class _SourceNode:
    """A source as dbt's graph has it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.source_name, self.name = source.source, source.name

    @property
    def meta(self) -> dict[str, Any]:
        """A copy, made by the few that ask: what one file does to it, no other one sees."""
        return deepcopy(self._source.meta)


class _SourceNodes(dict[str, Any]):
    """``graph.sources``, which tells what there is when it is asked for what there is not."""

    path: str

    def __missing__(self, key: str) -> None:
        """Name the source that was probably meant."""
        names = [name.split(".", 2)[-1] for name in self]
        raise _no_source(key.split(".", 2)[-1], names, path=self.path)


def _graph_sources(project: Project, path: str) -> dict[str, Any]:
    """``graph.sources`` in dbt's shape, as far as the shipped macros read it."""
    nodes = _SourceNodes(
        {
            f"source.{project.name}.{source.full_name}": _SourceNode(source)
            for source in project.sources.values()
        }
    )
    nodes.path = path
    return nodes


def _no_source(name: str, known: Iterable[str], *, path: str) -> UsageError:
    names = sorted(known)
    return UsageError(
        f'there is no source "{name}"',
        where=path,
        why=f"sources.yml has: {', '.join(names) or 'none'}",
        fix=did_you_mean(name, names),
    )


def _raiser(path: str) -> Callable[[str], None]:
    def raise_compiler_error(words: str) -> None:
        raise UsageError(words, where=path)

    return raise_compiler_error
