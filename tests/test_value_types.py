"""The check of types says what DuckDB says, before DuckDB is asked: never more, and hardly less."""

import re
from itertools import product

import duckdb
import pytest
import sqlglot

from bad_input_project import new_project
from tillpost.compiler import OPAQUE
from tillpost.compiler.unit_tests import in_memory
from tillpost.engines import Engine, open_engine
from tillpost.errors import TillpostError
from tillpost.pipeline.column_types import ColumnTypes
from tillpost.pipeline.intrinsics import read_rules
from tillpost.pipeline.proofs import subject_of
from tillpost.pipeline.type_check import types_of
from tillpost.pipeline.workspace import Options, Workspace, open_workspace
from tillpost.privacy import Query
from tillpost.types import Declared, Followed, Type, follow_types, type_named

# A column of each type, with a value that casts as far as any value does.
COLUMNS = {
    "s": ("varchar", "'1'"),
    "i": ("integer", "1"),
    "d": ("decimal(18, 2)", "1"),
    "b": ("boolean", "true"),
    "dt": ("date", "'2026-11-20'"),
    "ts": ("timestamp", "'2026-11-20 10:00:00'"),
    "tm": ("time", "'10:00:00'"),
    "iv": ("interval", "'1 day'"),
    "u": ("uuid", "'00000000-0000-0000-0000-000000000001'"),
    "bl": ("blob", "'a'"),
}
OPERATORS = (
    *("{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} % {}"),
    *("{} < {}", "{} >= {}", "{} = {}", "{} <> {}", "{} is distinct from {}"),
    *("{} between {} and null", "{} between null and {}", "{} in ({}, null)", "nullif({}, {})"),
    *("coalesce({}, {})", "greatest({}, {})", "case when true then {} else {} end"),
    *("case when true then null when false then {} else {} end", "{} || {}", "concat({}, {})"),
    *("{} and {}", "{} like {}"),
)
FUNCTIONS = (
    *("-{}", "not {}", "sum({})", "sum(distinct {})", "avg({})", "min({})", "max({}, 2)"),
    "count({})",
    *("stddev({})", "variance({})", "bool_and({})", "bool_or({})", "sum({}) over ()"),
    *("round({}, 2)", "abs({})", "floor({})", "ceil({})", "sqrt({})", "ln({})", "exp({})"),
    *("sign({})", "trunc({})", "power({}, 2)", "lower({})", "upper({})", "trim({})", "ltrim({})"),
    *("length({})", "substr({}, 1, 2)", "left({}, 1)", "right({}, 1)", "replace({}, 'a', 'b')"),
    *("split_part({}, 'a', 1)", "regexp_replace({}, 'a', 'b')", "regexp_matches({}, 'a')"),
    *("regexp_extract({}, 'a')", "regexp_full_match({}, 'a')", "lpad({}, 2, '0')"),
    *("starts_with({}, 'a')", "ends_with({}, 'a')", "strpos({}, 'a')", "translate({}, 'a', 'b')"),
    *("ascii({})", "unicode({})", "md5({})", "sha256({})", "strip_accents({})"),
    *("strptime({}, '%Y')", "try_strptime({}, '%Y')", "strftime({}, '%Y')", "last_day({})"),
    *("date_trunc('day', {})", "extract(hour from {})", "extract(epoch from {})", "epoch({})"),
    *("year({})", "quarter({})", "month({})", "week({})", "day({})"),
    *("hour({})", "minute({})", "second({})", "to_timestamp({})", "date_diff('day', {}, ts)"),
    *("{} like 'a'", "{} ilike 'a'", "{} is null", "{} = 'a'", "{} < '1'", "{} = 1", "{} > 1"),
    *("coalesce({}, 0)", "coalesce({}, null)", "case when b then {} end", "{} + null", "{} + 1"),
    *("string_agg({}, ',')", "lag({}) over ()", "first({} order by i)", "{} || 'a'"),
    *(f"cast({{}} as {kind})" for kind, _ in COLUMNS.values()),
    *(f"try_cast({{}} as {kind})" for kind, _ in COLUMNS.values()),
)
# DuckDB refuses these, and the check is silent.
SILENT = {"date_diff('day', {}, ts)", "{} + null", "not {}", "{} and {}"}
MACRO = re.compile(r"{%-?\s*macro\s+(?:duckdb__|default__)(\w+)\(([^)]*)\)")


@pytest.fixture(scope="module")
def table() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    values = ", ".join(f"cast({value} as {kind}) as {n}" for n, (kind, value) in COLUMNS.items())
    connection.execute(f"create table t as select {values}")
    return connection


def _refuses(table: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether DuckDB cannot bind this, or has no way from one type to the other."""
    try:
        table.execute(f"select {sql} as x from t").fetchall()
    except duckdb.BinderException:
        return True
    except duckdb.Error as error:
        return "Unimplemented type for cast" in str(error)
    return False


def _query(sql: str) -> Query:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    return Query(name="m", path="m.sql", relation="m", tree=tree, is_stored=False)


def _followed(sql: str) -> Followed:
    types = {name: type_named(kind) for name, (kind, _) in COLUMNS.items()}
    declared = Declared(relation="t", types=types, is_open=False)
    return follow_types([_query(f"select {sql} as x from t")], [declared], {})


def _type_of(column: str) -> object:
    return type_named(COLUMNS[column][0])


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_is_refused_where_duckdb_refuses_it(
    table: duckdb.DuckDBPyConnection, operator: str
) -> None:
    refused: dict[object, set[bool]] = {}
    alarmed: dict[object, bool] = {}
    for one, other in product(COLUMNS, repeat=2):
        sql = operator.format(one, other)
        types = _type_of(one), _type_of(other)
        refused.setdefault(types, set()).add(_refuses(table, sql))
        alarmed[types] = bool(_followed(sql).errors)
    for types, answers in refused.items():
        if alarmed[types]:
            assert answers == {True}, f"{operator} of {types} is no mistake"
        elif operator not in SILENT:
            assert False in answers, f"{operator} of {types} is a mistake"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_takes_and_gives_what_it_does_in_duckdb(
    table: duckdb.DuckDBPyConnection, function: str
) -> None:
    for column in COLUMNS:
        sql = function.format(column)
        followed, refused = _followed(sql), _refuses(table, sql)
        if followed.errors:
            assert refused, f"{sql} is no mistake: {followed.errors}"
        elif not refused:
            ((_, made, *_),) = table.execute(f"describe select {sql} as x from t").fetchall()
            assert followed.relations["m"].column("x") in (None, type_named(made)), sql
        else:
            assert function in SILENT, f"{sql} is a mistake"


@pytest.mark.parametrize(
    "sql",
    [
        # A name that could mean two things has no type.
        "select x + 1 from (select s as x from t) a join (select i as x from t) b on true",
        # A raw file may have the column that an alias is named as.
        "select cast(i as integer) as n, n + 1 as m from file",
        "select (select n + 1) from (select i as n from t) as one, file",
        # What a lambda calls a value is no column.
        "select list_transform([i], lambda c: c + 1) from file",
        "select list_transform([1], c -> c + 1) from file",
        # A whole row, a struct's field, a place in a file.
        "select hash(file) + 1 from file",
        "select line.amount + 1 from file",
        "select file_row_number + 1, rowid + 1 from file",
        # What only one side of a union knows, or both differently.
        "select x + 1 from (select i as x from t union all select y from other)",
        "with a as (select '1' as x union all select 1) select x + 1 from a",
        # Null is of any type.
        "with a as (select null as n) select n + 1, lower(n) from a",
        "select coalesce(null, i) + 1, case when b then null else i end + 1 from t",
        # What is replaced is what it was replaced with.
        "select n + 1 from (select * replace (cast(n as integer) as n) from file)",
        "select n + 1 from (select * rename (m as n) from file)",
        "select m + 1 from (select * exclude (n) from file) join (select i as m from t) on true",
        # What a star stands for, by place.
        "select c + 1 from (select * from t join (select s, u from t) r using (s)) as q(a, c)",
        "select z+1 from (select * from (select s from t) l semi join t on b join n on b) q(y, z)",
        "select d + 1 from (select * from (t pivot (sum(d) for s in ('x')))) as q",
        # Recursion, values, functions that make tables.
        "with recursive r as (select 1 as n union all select n + 1 from r) select n + 1 from r",
        "select a + 1 from (values (1), (2)) as v(a)",
        "select r + 1 from range(3) as r(r)",
        "select c + 1 from (select unnest([1]) as c) as u",
        "pivot t on s using sum(i)",
    ],
)
def test_what_is_not_known_is_not_wrong(sql: str) -> None:
    types = {name: type_named(kind) for name, (kind, _) in COLUMNS.items()}
    declared = [
        Declared(relation="t", types=types, is_open=False),
        Declared(relation="file", rest=type_named("varchar")),
        Declared(relation="n", types={"i": Type.NUMBER}, is_open=False),
        Declared(relation="other"),
    ]
    assert [*map(str, follow_types([_query(sql)], declared, {}).errors)] == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("types") / "shop"
    new_project(folder)
    environ = {"META_ACCESS_TOKEN": "EAAG"}
    return open_workspace(Options(project_dir=folder, environ=environ))


def _engine(workspace: Workspace) -> Engine:
    root = workspace.project.root
    reads = tuple((seed.path, str(root / seed.path)) for seed in workspace.project.seeds.values())
    return open_engine({"type": "duckdb"}, root=root, where="the test", reads=reads)


def test_the_types_of_the_shipped_models_are_those_that_duckdb_makes(shop: Workspace) -> None:
    compiler = in_memory(shop.compiler, schema="made")
    csv = {name for name, each in shop.project.sources.items() if each.is_csv}
    found = types_of(
        shop,
        subject_of(shop, shop.compiler.manifest(dialect=OPAQUE), errors=[]),
        shop.compiler.manifest(),
    )
    assert found.errors == ()
    compared, unknown = 0, []
    with _engine(shop) as engine:
        made = ColumnTypes(engine, compiler, csv=csv)
        for model in shop.project.models:
            relation = found.relations[shop.relation(model)]
            for column, kind in made.of(model).items():
                compared += 1
                known = relation.column(column)
                unknown += [f"{model}.{column}"] if known is None else []
                assert known in (None, type_named(kind)), f"{model}.{column}"
    assert len(unknown) < compared / 100, unknown


def test_intrinsics_take_and_give_what_they_declare(shop: Workspace) -> None:
    columns = {"s": "varchar", "i": "bigint", "dt": "date", "u": "uuid"}
    selected = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
    arguments = {
        name: len([each for each in given.split(",") if each.strip()])
        for file in shop.project.macros
        for name, given in MACRO.findall(file.text)
    }
    with _engine(shop) as engine:
        engine.execute(f"create table t as select {selected}", where="the test")
        for rule in read_rules(shop.project, errors=[]).by_name.values():
            places = arguments.get(rule.name, 0)
            if not rule.takes and not (rule.gives and places):
                continue
            wanted = [type_named(each) for each in (*rule.takes, *["any"] * places)][:places]
            given = ["i" if each is Type.NUMBER else "s" for each in wanted]
            assert type_named(_made(engine, shop, rule.name, given)) is type_named(rule.gives), rule
            for place, kind in enumerate(wanted):
                for column, other in columns.items():
                    if kind and type_named(other) is not kind:
                        others = [*given[:place], column, *given[place + 1 :]]
                        assert not _made(engine, shop, rule.name, others), (rule, others)


def _made(engine: Engine, shop: Workspace, intrinsic: str, given: list[str]) -> str:
    """The type that an intrinsic's text makes of some columns, or nothing."""
    arguments = ", ".join(map(repr, given))
    call = f"{{{{ adapter.dispatch('{intrinsic}')({arguments}) }}}}"
    sql = shop.compiler.text(f"select {call} as x from t", path="the test")
    try:
        _, ((_, made, *_),) = engine.query(f"describe {sql}", where="the test")
    except TillpostError:
        return ""
    return str(made)
