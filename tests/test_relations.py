"""Relations are made in the place of whatever stands there, of either kind."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tillpost.engines.duckdb import DuckDB
from tillpost.errors import UsageError

KINDS = ("table", "view", "deferred view")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDB]:
    with DuckDB.open({}, root=tmp_path, where="here") as opened:
        yield opened


@pytest.mark.parametrize(("before", "after"), tuple(product(KINDS, KINDS)))
def test_a_relation_takes_the_place_of_any_other(engine: DuckDB, before: str, after: str) -> None:
    _make(engine, before, "select 1 as a")
    _make(engine, after, "select 2 as b")
    assert engine.query("select * from main.sales", where="here") == (("b",), [(2,)])
    assert _kinds(engine) == [("VIEW" if "view" in after else "BASE TABLE",)]


@pytest.mark.parametrize(("before", "after"), tuple(product(KINDS, KINDS[:2])))
def test_what_is_wrong_with_a_model_is_told_whatever_stood_there(
    engine: DuckDB, before: str, after: str
) -> None:
    _make(engine, before, "select 1 as a")
    with pytest.raises(UsageError, match="Table with name nowhere does not exist"):
        _make(engine, after, "select * from nowhere")


def _make(engine: DuckDB, kind: str, sql: str) -> None:
    if kind == "deferred view":
        engine.defer("main.sales", sql, where="models/sales.sql")
    else:
        engine.create("main.sales", sql, materialized=kind, where="models/sales.sql")


def _kinds(engine: DuckDB) -> list[tuple[object, ...]]:
    question = "select table_type from information_schema.tables where table_name = 'sales'"
    return engine.query(question, where="here")[1]
