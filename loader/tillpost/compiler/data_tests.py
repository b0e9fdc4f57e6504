"""Tests of what is built, compiled: each as SQL that returns the bad rows."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256

from tillpost.compiler.context import Notes, Settings
from tillpost.compiler.generic_tests import test_sql
from tillpost.errors import UsageError
from tillpost.project.data_tests import DataTest, TestConfig, read_config
from tillpost.project.keys import tags_of

AUDIT = "_dbt_test__audit"
"""What dbt adds to the schema for the tables of failing tests."""
_REF = re.compile(r"ref\('(\w+)'\)")
Render = Callable[[str, Notes, str], str]
"""Renders a text of a file, and notes what it refers to."""


@dataclass(frozen=True, kw_only=True)
class CompiledTest:
    """A test as SQL that returns the bad rows; no row is good news.

    ``kept_in`` is the relation that takes them, where the test's configuration asks for it.
    ``opaque`` is what was carried to the dialect, if it was.
    """

    name: str
    file: str
    config: TestConfig
    kept_in: str
    sql: str
    refs: frozenset[str]
    sources: frozenset[str]
    tags: frozenset[str]
    checksum: str
    opaque: str = ""

    @property
    def path(self) -> str:
        """Its file, as a model has it."""
        return self.file


def compile_tests(
    settings: Settings,
    models: Mapping[str, str],
    *,
    macros: Collection[str],
    render: Render,
    errors: list[UsageError],
) -> tuple[CompiledTest, ...]:
    """Compile the enabled tests of a project; what is wrong in any of them is told.

    Args:
        settings: the project and its target.
        models: the models' SQL, in DuckDB's dialect.
        macros: the names of all macros.
        render: renders a test.
        errors: takes what is wrong.
    """
    found = []
    for test in settings.project.tests:
        notes = Notes()
        columns = _columns(test, models)
        text = test_sql(test, macros=macros, columns=columns)
        try:
            sql = render(text, notes, test.file)
        except UsageError as error:
            errors.append(error)
            continue
        if "where" in notes.config:
            errors.append(_where_in_sql(test))
        given = {**test.defaults, **notes.config, **test.settings}
        config = read_config(given, where=test.file, errors=errors)
        if config.enabled:
            found.append(_compiled(settings, test, config, notes, text=text, sql=sql))
    return tuple(found)


def _compiled(  # noqa: PLR0913  a test, and what was made of it
    settings: Settings, test: DataTest, config: TestConfig, notes: Notes, *, text: str, sql: str
) -> CompiledTest:
    whole = f"select * from (\n{{}}\n) as bad_rows limit {config.limit}" if config.limit else "{}"
    return CompiledTest(
        name=test.name,
        file=test.file,
        config=config,
        kept_in=_table(settings, test) if config.store_failures else "",
        sql=whole.format(sql),
        refs=frozenset(notes.refs),
        sources=frozenset(notes.sources),
        tags=frozenset((*test.tags, *tags_of(notes.config))),
        checksum=sha256(f"{text}{config}".encode()).hexdigest(),
        opaque=whole.format(notes.opaque),
    )


def _where_in_sql(test: DataTest) -> UsageError:
    return UsageError(
        "where is no configuration of SQL",
        where=test.file,
        why="it says which rows of a relation a test of YAML is given",
        fix="where: … beside the test in YAML, or a condition in the SQL",
    )


def _table(settings: Settings, test: DataTest) -> str:
    """The table of a test's bad rows, named as dbt names it."""
    name = re.sub(r"\W", "_", test.name)
    return f"{settings.schema}{AUDIT}.{name}"


def _columns(test: DataTest, models: Mapping[str, str]) -> frozenset[str]:
    """The columns that the tested model names, where the keys of its bad rows are kept."""
    found = _REF.fullmatch(test.on)
    is_kept = test.settings.get("store_failures", test.defaults.get("store_failures"))
    if found is None or found[1] not in models or not is_kept:
        return frozenset()
    from sqlglot import exp, parse_one  # noqa: PLC0415  it takes its time, and few tests need it
    from sqlglot.errors import SqlglotError  # noqa: PLC0415

    try:
        tree = parse_one(models[found[1]], dialect="duckdb")
    except SqlglotError:
        return frozenset()
    return frozenset(tree.named_selects if isinstance(tree, exp.Query) else ())
