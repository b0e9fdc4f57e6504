"""The models travel: PostgreSQL and Spark read the same SQL, with each intrinsic as it was."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import ErrorLevel, TokenType, exp

from compiled_project import ROOT, repository_compiler
from tillpost.compiler import OPAQUE
from tillpost.errors import UsageError

PREFIX = "tillpost__"
DIALECTS = ("postgres", "spark")
MODELS = sorted(path.stem for path in (ROOT / "models").rglob("*.sql"))
TESTS = sorted(path.stem for path in (ROOT / "tests" / "sql").rglob("*.sql"))

# What means the same on all three engines. Everything else belongs into an intrinsic.
FUNCTIONS = {
    *(exp.And, exp.Or, exp.Case, exp.If, exp.Cast, exp.Coalesce, exp.Nullif, exp.Greatest),
    *(exp.Count, exp.Min, exp.Max, exp.Sum, exp.RowNumber),
    *(exp.Substring, exp.Round),
}
# A quotient is whole on one engine and a double on another; the rest is DuckDB's alone.
CONSTRUCTS = (exp.Div, exp.IntDiv, exp.Qualify, exp.Bracket, exp.Lambda)
# They pass a relation through under another filter: its columns are named where it is made.
PASSED_THROUGH = {"int_scoped_lines": "int_lines without what only a part of an order needs"}

NOT_PORTABLE = (
    *("select a // b from t", "select a / b from t", "select a::int from t"),
    *("select [a, b] from t", "select {'k': a} from t", "select a[1] from t"),
    *("select try_cast(a as int) from t", "select epoch(a) from t", "select concat(a, b) from t"),
    *("select list_transform(a, x -> x) from t", "select unheard_of(a) from t"),
    *("select distinct on (a) b from t", "select * exclude (a) from t"),
    "select a from t qualify row_number() over (partition by b order by c) = 1",
    "select tillpost__sha256_hex(a / b) from t",
)


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    manifest = repository_compiler().manifest(dialect=OPAQUE)
    models = {model.name: model.sql for model in manifest.models}
    return models | {test.name: test.sql for test in manifest.tests}


def parsed(sql: str, dialect: str = "duckdb") -> exp.Expr:
    return sqlglot.parse_one(sql, dialect=dialect, error_level=ErrorLevel.RAISE)


def written(tree: exp.Expr, dialect: str) -> str:
    return tree.sql(dialect=dialect, normalize_functions=False)


def calls(tree: exp.Expr, dialect: str) -> Counter[tuple[str, int, str]]:
    """Each opaque call: its name, how many arguments it has, and its text in the dialect."""
    return Counter(
        (call.name, len(call.expressions), written(call, dialect))
        for call in tree.find_all(exp.Anonymous)
        if call.name.startswith(PREFIX)
    )


def changes(sql: str, dialect: str) -> Counter[tuple[str, int, str]]:
    """The calls that are not the same any more once the whole was written in a dialect."""
    tree = parsed(sql)
    before = calls(tree, dialect)
    after = calls(parsed(written(tree, dialect), dialect), dialect)
    return (before - after) + (after - before)


def unportable(sql: str) -> list[str]:
    """What in a text another engine lacks, or reads otherwise."""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    short_casts = [token.text for token in tokens if token.token_type is TokenType.DCOLON]
    nodes = [node for node in parsed(sql).walk() if not _is_portable(node)]
    return short_casts + [node.sql(dialect="duckdb") for node in nodes]


def _is_portable(node: exp.Expr) -> bool:
    match node:
        case exp.Anonymous():
            return node.name.startswith(PREFIX)
        case exp.Func():
            return type(node) in FUNCTIONS
        case exp.Distinct():
            return node.args.get("on") is None
        case exp.Star():
            return not any(node.args.values())
        case _:
            return not isinstance(node, CONSTRUCTS)


def last_selects(tree: exp.Expr) -> Iterator[exp.Select]:
    """What gives a relation its columns: one select, or each side of a union."""
    match tree:
        case exp.SetOperation():
            yield from last_selects(tree.left)
            yield from last_selects(tree.right)
        case exp.Select():
            yield tree


def has_star(sql: str) -> bool:
    columns = [column for select in last_selects(parsed(sql)) for column in select.expressions]
    assert columns
    return any(column.is_star for column in columns)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_intrinsics_stay_as_they_are(rendered: dict[str, str], dialect: str) -> None:
    assert sum(sql.count(PREFIX) for sql in rendered.values()) > 100
    changed = {name: changes(sql, dialect) for name, sql in rendered.items()}
    assert {name: calls for name, calls in changed.items() if calls} == {}


def test_a_call_that_changed_is_noticed() -> None:
    assert changes("select distinct on (tillpost__f(a)) b from t", "spark")
    assert not changes("select tillpost__f(a, tillpost__g('x')) as b from t", "spark")


@pytest.mark.parametrize("name", [*MODELS, *TESTS])
def test_only_what_every_engine_has(rendered: dict[str, str], name: str) -> None:
    assert unportable(rendered[name]) == []


@pytest.mark.parametrize("sql", NOT_PORTABLE)
def test_what_does_not_travel_is_noticed(sql: str) -> None:
    assert unportable(sql)


@pytest.mark.parametrize("dialect", ["duckdb", *DIALECTS])
def test_every_intrinsic_has_a_text_for_each_engine(rendered: dict[str, str], dialect: str) -> None:
    compiler = repository_compiler()
    hooks = compiler.manifest(dialect=OPAQUE).on_run_start
    texts = "\n".join([*rendered.values(), *hooks])
    called = set(re.findall(rf"\b{PREFIX}(\w+)", texts))
    defined = {name for file in compiler.settings.project.macros for name in file.names}
    assert len(called) > 30
    assert {name for name in called if name not in defined} == set()
    written = {name.split("__", 1)[1] for name in defined if name.startswith((dialect, "default"))}
    assert called - written == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_models_are_carried_whole(dialect: str) -> None:
    manifest = repository_compiler().manifest(dialect=dialect)
    texts = [each.sql for each in (*manifest.models, *manifest.tests)] + [*manifest.on_run_start]
    assert len(texts) > 40
    assert [text for text in texts if PREFIX in text or "duckdb" in text.lower()] == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select {{ unheard_of('a') }} from t", "unheard_of has no text for postgres"),
        ("select a from (select b from t", "the SQL cannot be read"),
    ],
)
def test_what_cannot_be_carried_is_told(sql: str, told: str) -> None:
    compiler = repository_compiler()
    names = "{% macro unheard_of(x) %}{{ adapter.dispatch('unheard_of')(x) }}{% endmacro %}"
    with pytest.raises(UsageError, match=told):
        compiler.text(f"{names}{sql}", path="models/x.sql", dialect="postgres")


def test_what_computes_intrinsics_is_kept_apart_where_a_reader_would_repeat_it() -> None:
    query = (
        "with made as (select {{ lowered('a') }} as b from t), other as (select a from t)"
        " select made.b from made, other"
    )
    texts = {
        dialect: repository_compiler().text(query, path="x", dialect=dialect)
        for dialect in DIALECTS
    }
    assert texts["postgres"].count("OFFSET 0") == 1
    assert "OFFSET" not in texts["spark"]


def test_relations_name_their_columns(rendered: dict[str, str]) -> None:
    assert {name for name in MODELS if has_star(rendered[name])} == set(PASSED_THROUGH)


@pytest.mark.parametrize("columns", ["*", "t.*", "a, t.*"])
def test_a_star_is_noticed(columns: str) -> None:
    assert has_star(f"select a from t union all select {columns} from t")
