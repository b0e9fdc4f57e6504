"""Tests of what was built: each counts its bad rows, and keeps their keys where it is asked to."""

from collections.abc import Sequence
from dataclasses import replace

from tillpost.compiler import CompiledTest
from tillpost.engines import Engine
from tillpost.errors import Place, UsageError
from tillpost.pipeline.build_summary import TestResult
from tillpost.pipeline.workspace import Listen, Progress


def run_tests(
    engine: Engine, tests: Sequence[CompiledTest], *, listen: Listen
) -> tuple[TestResult, ...]:
    """Run tests; each counts its bad rows and shows none of them."""
    results = []
    for number, test in enumerate(tests, 1):
        listen(Progress(stage="test", name=test.name, done=number, total=len(tests)))
        results.append(_result(engine, test))
    return tuple(results)


def _result(engine: Engine, test: CompiledTest) -> TestResult:
    failures = _count(engine, test)
    verdict = test.config.verdict(failures)
    if test.kept_in:
        _keep(engine, test)
    return TestResult(
        name=test.name,
        file=test.file,
        severity=verdict or test.config.severity,
        failures=failures if verdict else 0,
        kept_in=test.kept_in if failures else "",
    )


def _count(engine: Engine, test: CompiledTest) -> int:
    text = f"select count(*) as failures from (\n{test.sql}\n) as bad_rows"
    try:
        _, rows = engine.query(text, where=test.file)
    except UsageError as error:
        if isinstance(error.where, Place):  # of the text, in which lines stand before the file's
            lines_before = 2 if test.config.limit else 1
            error.where = replace(error.where, line=error.where.line - lines_before)
        raise
    return int(rows[0][0])


def _keep(engine: Engine, test: CompiledTest) -> None:
    """Keep what the proof has found to be nothing personal; without bad rows the table is empty."""
    schema = test.kept_in.partition(".")[0]
    engine.execute(f"create schema if not exists {schema}", where=test.file)
    engine.create(test.kept_in, test.sql, materialized="table", where=test.file)
