"""Unit tests compiled: the model's SQL over tables of its own, in a schema a test."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tillpost.compiler import CompiledModel, Compiler
from tillpost.compiler.context import Settings, relation, source_relation
from tillpost.errors import UsageError
from tillpost.project.sources import Source
from tillpost.project.unit_tests import Given, UnitTest
from tillpost.project.yaml_file import did_you_mean

OWN_SCHEMA = "{{ target.schema }}"


@dataclass(frozen=True, kw_only=True)
class CompiledUnitTest:
    """A test, and its model compiled to read the tables that the test fills."""

    test: UnitTest
    schema: str
    model: CompiledModel
    inputs: tuple[tuple[str, Given], ...]


def in_memory(compiler: Compiler, *, schema: str, test: UnitTest | None = None) -> Compiler:
    """The project for a DuckDB in memory, every source a table there; with a test's overrides."""
    settings = compiler.settings
    project = settings.project
    sources = {name: _as_table(source) for name, source in project.sources.items()}
    variables = project.vars | (test.vars if test else {})
    return compiler.under(
        replace(
            settings,
            project=replace(project, sources=sources, vars=variables),
            schema=schema,
            dialect="duckdb",
            environ={**settings.environ, **(test.env_vars if test else {})},
        ),
        overrides=test.macros if test else {},
    )


def compile_unit_test(
    compiler: Compiler, test: UnitTest, *, schema: str, errors: list[UsageError]
) -> CompiledUnitTest | None:
    """Compile a test; what it names and is not there is told."""
    own = in_memory(compiler, schema=schema, test=test)
    project = own.settings.project
    macros = {name for file in project.macros for name in file.names}
    model = project.models.get(test.model)
    if model is None:
        fix = did_you_mean(test.model, project.models) or "tillpost compile lists the models"
        errors.append(UsageError(f'there is no model "{test.model}"', where=test.place, fix=fix))
        return None
    try:
        compiled = own.model(model)
    except UsageError as error:
        errors.append(error)
        return None
    errors += [
        UsageError(
            f'there is no macro "{name}" to override',
            where=test.place,
            fix=did_you_mean(name, macros),
        )
        for name in test.macros
        if name not in macros
    ]
    errors += _given_twice(test)
    errors += _unknown_inputs(test, compiled)
    errors += _missing_inputs(test, compiled)
    inputs = tuple((_relation(own.settings, given), given) for given in test.given)
    return CompiledUnitTest(test=test, schema=schema, model=compiled, inputs=inputs)


def _as_table(source: Source) -> Source:
    """A source that the loader fills keeps its name; the others become tables beside it."""
    if source.schema.replace(" ", "") == OWN_SCHEMA.replace(" ", ""):
        return replace(source, database="", location="")
    name = f"{source.source}__{source.name}"
    return replace(source, database="", location="", schema=OWN_SCHEMA, identifier=name)


def _relation(settings: Settings, given: Given) -> str:
    sources = settings.project.sources
    if given.is_source and given.name in sources:
        return source_relation(sources[given.name], schema=settings.schema)
    return relation(settings, given.name)


def _unknown_inputs(test: UnitTest, model: CompiledModel) -> Iterator[UsageError]:
    read = {*_inputs(model.refs, model.sources), _input(model.name, is_source=False)}
    for given in test.given:
        name = _input(given.name, is_source=given.is_source)
        if name not in read:
            yield UsageError(
                f"{model.name} does not read {name}",
                where=given.rows.place,
                why=f"it reads: {', '.join(sorted(read - {_input(model.name, is_source=False)}))}",
                fix=did_you_mean(name, read),
            )


def _given_twice(test: UnitTest) -> Iterator[UsageError]:
    found = set[tuple[str, bool]]()
    for given in test.given:
        if (given.name, given.is_source) in found:
            name = _input(given.name, is_source=given.is_source)
            yield UsageError(f"{name} is given twice", where=given.rows.place, fix="give it once")
        found.add((given.name, given.is_source))


def _missing_inputs(test: UnitTest, model: CompiledModel) -> Iterator[UsageError]:
    given = {_input(each.name, is_source=each.is_source) for each in test.given}
    for name in sorted({*_inputs(model.refs, model.sources)} - given):
        yield UsageError(
            f"{model.name} reads {name}, and the test gives it no rows",
            where=test.place,
            fix=f"- input: {name} with rows, or with rows: []",
        )


def _inputs(refs: Iterable[str], sources: Iterable[str]) -> Iterator[str]:
    yield from (_input(name, is_source=False) for name in refs)
    yield from (_input(name, is_source=True) for name in sources)


def _input(name: str, *, is_source: bool) -> str:
    """A relation as a test names it."""
    group, _, table = name.partition(".")
    return f"source('{group}', '{table}')" if is_source else f"ref('{name}')"
