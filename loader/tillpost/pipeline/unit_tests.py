"""Unit tests of models: rows in, rows out, in a DuckDB in memory and without any data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tillpost.compiler.unit_tests import CompiledUnitTest, compile_unit_test, in_memory
from tillpost.engines import Engine, open_engine
from tillpost.errors import Place, TillpostError, UsageError, raise_all
from tillpost.pipeline.column_types import ColumnTypes, Types, quoted
from tillpost.pipeline.selected import Selection, select
from tillpost.pipeline.workspace import Listen, Progress, Workspace
from tillpost.project.unit_rows import Rows
from tillpost.project.unit_tests import Given, UnitTest, fixture_files, read_unit_tests
from tillpost.project.yaml_file import unknown_name

Cells = tuple[str | None, ...]
WHERE = "the unit tests"


@dataclass(frozen=True, kw_only=True)
class UnitResult:
    """What became of a test: the rows that came and were not expected, and the other way round."""

    name: str
    model: str
    place: Place
    columns: tuple[str, ...]
    unexpected: tuple[Cells, ...]
    missing: tuple[Cells, ...]

    @property
    def failed(self) -> bool:
        """Whether any row differs."""
        return bool(self.unexpected or self.missing)


def unit_tests(workspace: Workspace) -> tuple[UnitTest, ...]:
    """Every unit test of the project.

    Raises:
        UsageError: some are not understood; all of them are told.
    """
    project, errors = workspace.project, list[UsageError]()
    fixtures = fixture_files(project.root, project.test_folders)
    tests = read_unit_tests(project.root, project.unit_test_files, fixtures, errors=errors)
    raise_all(errors)
    return tests


def test_models(
    workspace: Workspace, selection: Selection, *, listen: Listen
) -> tuple[UnitResult, ...]:
    """Run the unit tests of the project, or those that are selected."""
    tests = unit_tests(workspace)
    if not selection.is_everything:
        manifest = workspace.compiler.manifest()
        chosen = select(workspace, manifest, selection, unit_tests=tests).unit_tests
        tests = tuple(each for each in tests if each.id in chosen)
    return run_unit_tests(workspace, tests, listen=listen)


def run_unit_tests(
    workspace: Workspace, tests: Sequence[UnitTest], *, listen: Listen
) -> tuple[UnitResult, ...]:
    """Run tests, each over tables of its own.

    Raises:
        UsageError: a test names a model, an input or a column that is not there, or what it gives
            is none of its type; all of them are told.
    """
    if not tests:
        return ()
    errors: list[UsageError] = []
    results = []
    with _engine(workspace) as engine:
        bench = _Bench(workspace, engine)
        for number, test in enumerate(tests, 1):
            listen(Progress(stage="unit", name=test.name, done=number, total=len(tests)))
            try:
                result = bench.run(test, schema=f"unit_{number}", errors=errors)
            except UsageError as error:
                errors.append(error)
            else:
                results += [result] if result else []
    raise_all(errors)
    return tuple(results)


def _engine(workspace: Workspace) -> Engine:
    """A DuckDB in memory that may read the seeds and nothing else."""
    root = workspace.project.root
    reads = tuple((seed.path, str(root / seed.path)) for seed in workspace.project.seeds.values())
    # The project's own key is for its own data: a test says what a digest is, for everybody.
    settings = {"type": "duckdb", "threads": 1, "digest_key": "unit tests"}
    return open_engine(settings, root=root, where=WHERE, reads=reads)


class _Bench:
    """Where tests run: each in a schema of its own, beside one with the types of everything."""

    def __init__(self, workspace: Workspace, engine: Engine) -> None:
        self._engine = engine
        self._compiler = workspace.compiler
        self._seeds = workspace.project.seeds.keys()
        csv = {name for name, each in workspace.project.sources.items() if each.is_csv}
        self._types = ColumnTypes(engine, in_memory(self._compiler, schema="types"), csv=csv)

    def run(self, test: UnitTest, *, schema: str, errors: list[UsageError]) -> UnitResult | None:
        """Run a test; nothing where it cannot be run, which is told."""
        told = len(errors)
        compiled = compile_unit_test(self._compiler, test, schema=schema, errors=errors)
        if compiled and len(errors) == told:
            errors += self._unknown_columns(compiled)
        if compiled is None or len(errors) > told:
            return None
        self._engine.execute(f"create schema {schema}", where=WHERE)
        for relation, given in compiled.inputs:
            self._fill(relation, given, test)
        try:
            came = f"{schema}.tillpost_result"
            sql, path = compiled.model.sql, compiled.model.path
            self._engine.create(came, sql, materialized="table", where=path)
        except TillpostError as error:
            error.why = f"{error.why}\nin the unit test at {test.place}: {test.name}"
            raise
        return self._compared(test, came)

    def _unknown_columns(self, compiled: CompiledUnitTest) -> Iterator[UsageError]:
        for _, given in compiled.inputs:
            types = self._columns(given, compiled.test)
            for name in given.rows.columns:
                if name.lower() not in types:
                    yield unknown_name(
                        name, types, where=str(given.rows.place), what=f"{given.name} has no column"
                    )

    def _columns(self, given: Given, test: UnitTest) -> Types:
        if given.is_source:
            return self._types.of_source(given.name, reader=test.model)
        return self._types.of(given.name)

    def _fill(self, relation: str, given: Given, test: UnitTest) -> None:
        """Make a table of what is given; columns that no row names are null."""
        rows, where = given.rows, str(given.rows.place)
        if rows.sql:
            sql = rows.sql
        elif rows.cells is not None:
            sql = _selected(rows.cells, self._columns(given, test))
        elif given.name in self._seeds:
            sql = f"select * from {self._types.relation(given.name)}"
        else:
            what = f"only a seed has rows of its own, and {given.name} is none"
            raise UsageError(what, where=where, fix="rows: [] for none")
        with _explained(rows):
            self._engine.create(relation, sql, materialized="table", where=where)

    def _compared(self, test: UnitTest, relation: str) -> UnitResult:
        types = self._types.described(relation)
        columns = self._expected_columns(test.expect, types)
        came = self._rows(f"select {_texts(columns)} from {relation}", test.model)
        expected = self._expected(test.expect, {name: types[name] for name in columns})
        return UnitResult(
            name=test.name,
            model=test.model,
            place=test.place,
            columns=columns,
            unexpected=tuple((came - expected).elements()),
            missing=tuple((expected - came).elements()),
        )

    def _expected_columns(self, rows: Rows, types: Types) -> tuple[str, ...]:
        """The columns that are compared: those that are named, or all where there are no rows."""
        given = rows.columns
        if rows.sql:
            given, _ = self._engine.query(f"select * from ({rows.sql}) limit 0", where=WHERE)
        names = tuple(name.lower() for name in given)
        raise_all(
            [
                unknown_name(name, types, where=str(rows.place), what="the model has no column")
                for name in names
                if name not in types
            ]
        )
        return names or tuple(types)

    def _expected(self, rows: Rows, types: Types) -> Counter[Cells]:
        sql = rows.sql or _selected(rows.cells or (), types)
        cast = ", ".join(
            f"{_cast(quoted(name), kind)} as {quoted(name)}" for name, kind in types.items()
        )
        with _explained(rows):
            return self._rows(
                f"select {_texts(types)} from (select {cast} from ({sql}) as given) as expected",
                str(rows.place),
            )

    def _rows(self, sql: str, where: str) -> Counter[Cells]:
        _, rows = self._engine.query(sql, where=where)
        return Counter(rows)


@contextmanager
def _explained(rows: Rows) -> Iterator[None]:
    """What is wrong with given rows is mended in the test, whatever a model would do."""
    try:
        yield
    except TillpostError as error:
        if not rows.sql:
            error.fix = f"look at the values of {', '.join(rows.columns)}"
        raise


def _selected(rows: Sequence[dict[str, Any]], types: Types) -> str:
    """Rows as a select of every column; what a row does not name is null."""
    selects = [_select({name.lower(): value for name, value in row.items()}, types) for row in rows]
    return "\nunion all\n".join(selects) or f"{_select({}, types)} limit 0"


def _select(row: dict[str, Any], types: Types) -> str:
    cells = ((name, _cast(_literal(row.get(name)), kind)) for name, kind in types.items())
    return "select " + ", ".join(f"{cell} as {quoted(name)}" for name, cell in cells)


def _cast(value: str, kind: str) -> str:
    return f"cast({value} as {kind})" if kind else value


def _literal(value: object) -> str:
    """A cell of YAML as SQL writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def _texts(columns: Iterable[str]) -> str:
    """Every column as text, which is how rows are compared and shown."""
    return ", ".join(f"cast({quoted(name)} as varchar) as {quoted(name)}" for name in columns)
