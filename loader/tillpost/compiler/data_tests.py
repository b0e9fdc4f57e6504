"""Tests of what is built, compiled: each as SQL that returns the bad rows."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tillpost.compiler.context import Notes, Settings
from tillpost.compiler.generic_tests import test_sql
from tillpost.compiler.jinja import OPAQUE
from tillpost.errors import UsageError
from tillpost.project.data_tests import DataTest, TestConfig, read_config

AUDIT = "_dbt_test__audit"
"""What dbt adds to the schema for the tables of failing tests."""
_REF = re.compile(r"ref\('(\w+)'\)")
Render = Callable[[str, Notes, str], str]
"""Renders a text of a file, and notes what it refers to."""


@dataclass(frozen=True, kw_only=True)
class CompiledTest:
    """A test as SQL that returns the bad rows; no row is good news.

    ``kept_in`` is the relation that takes them, where the test's configuration asks for it.
    """

    name: str
    file: str
    config: TestConfig
    kept_in: str
    sql: str
    refs: frozenset[str]
    sources: frozenset[str]


def compile_tests(  # noqa: PLR0913  what tests are compiled with, each by name
    settings: Settings,
    models: Mapping[str, str],
    *,
    macros: Collection[str],
    dialect: str,
    render: Render,
    errors: list[UsageError],
) -> tuple[CompiledTest, ...]:
    """Compile the enabled tests of a project; what is wrong in any of them is told.

    Args:
        settings: the project and its target.
        models: the models' SQL.
        macros: the names of all macros.
        dialect: what the models' SQL is written in.
        render: renders a test.
        errors: takes what is wrong.
    """
    found = []
    for test in settings.project.tests:
        notes = Notes()
        columns = _columns(test, models, dialect=dialect)
        text = test_sql(test, macros=macros, columns=columns)
        try:
            sql = render(text, notes, test.file)
        except UsageError as error:
            errors.append(error)
            continue
        config = read_config({**notes.config, **test.settings}, where=test.file, errors=errors)
        if not config.enabled:
            continue
        if config.limit:
            sql = f"select * from (\n{sql}\n) as bad_rows limit {config.limit}"
        found.append(
            CompiledTest(
                name=test.name,
                file=test.file,
                config=config,
                kept_in=_table(settings, test) if config.store_failures else "",
                sql=sql,
                refs=frozenset(notes.refs),
                sources=frozenset(notes.sources),
            )
        )
    return tuple(found)


def _table(settings: Settings, test: DataTest) -> str:
    """The table of a test's bad rows, named as dbt names it."""
    name = re.sub(r"\W", "_", test.name)
    return f"{settings.schema}{AUDIT}.{name}"


def _columns(test: DataTest, models: Mapping[str, str], *, dialect: str) -> frozenset[str]:
    """The columns that the tested model names, where the keys of its bad rows are kept."""
    found = _REF.fullmatch(test.on)
    if found is None or found[1] not in models or not test.settings.get("store_failures"):
        return frozenset()
    from sqlglot import exp, parse_one  # noqa: PLC0415  it takes its time, and few tests need it
    from sqlglot.errors import SqlglotError  # noqa: PLC0415

    try:
        tree = parse_one(models[found[1]], dialect="duckdb" if dialect == OPAQUE else dialect)
    except SqlglotError:
        return frozenset()
    return frozenset(tree.named_selects if isinstance(tree, exp.Query) else ())
