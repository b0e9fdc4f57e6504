"""What is asked of a build is told by every engine, and the numbers are the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from engine_probes import postgres_server
from project_harness import LEDGER, tillpost
from sending_harness import sandbox
from test_spark_target import sell, spark_server
from warehouse_project import COLUMNS, RAW, edge, lines, make_project

pytestmark = pytest.mark.slow

RECEIPTS = 60
NOW = datetime.now(UTC).replace(microsecond=0)
Rows = list[tuple[str | None, ...]]


def _line(receipt: str, **cells: str | None) -> tuple[str | None, ...]:
    """One line of a receipt that could go, but for these cells."""
    usual = {
        "line_no": "1",
        "receipt": receipt,
        "sold_at": f"{NOW - timedelta(days=2, minutes=7):%Y-%m-%d %H:%M:%S}",
        "article": "ART-1",
        "quantity": "1",
        "total": "12.50",
        "currency": "EUR",
        "email": f"{receipt.lower()}@example.com",
        "country": "DE",
    }
    return tuple((usual | cells).get(name) for name in COLUMNS)


ODD_NAME = "O'Brien, \\ {{ 1 }} Köln"
# Something of everything that an engine may count differently.
ODD: Rows = [
    _line("DROPPED-IN-STAGING", article="GIFT-CARD"),
    _line("DROPPED-LATER", article="DEPOSIT"),
    _line("OLD", sold_at=f"{NOW - timedelta(days=90):%Y-%m-%d %H:%M:%S}"),
    _line("NEVER", sold_at="2025-02-30 10:00:00"),
    _line("NO-CURRENCY", currency="XYZ"),
    _line("NO-NUMBER", total="12,5O"),
    _line("REFUND", total="-4.00"),
    _line("NOTHING", total="0.00"),
    _line("POUNDS", currency="GBP", total="7.25"),
    _line("HUGE", total="98765.43"),
    _line("BAD-PHONE", phone="12", email=None),
    _line("BAD-EMAIL", email="nobody", phone="0171 5550001"),
    _line("IN-PIECES-1", email="pieces@example.com", country="Atlantis"),
    _line("IN-PIECES-2", email="pieces@example.com"),
    _line("TWICE"),
    _line("TWICE", article="ART-2"),
    _line(ODD_NAME),
]
ROWS = [*lines(RECEIPTS), *ODD]  # of one moment, for all engines
STAGED = "with lines as (select * from {{ source('till', 'lines') }} where article <> 'GIFT-CARD')"
LATER = "\nwhere item_id <> 'DEPOSIT'"


@contextmanager
def _duckdb(folder: Path, rows: Rows, edge_url: str) -> Iterator[Path]:
    output = {"type": "duckdb", "path": "build.duckdb", "ledger": LEDGER, "edge": edge(edge_url)}
    shop = _project(folder, {"duckdb": output})
    with duckdb.connect(shop / "build.duckdb") as connection:
        connection.execute("create schema till")
        connection.execute(RAW)
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(f"insert into till.lines values ({marks})", rows)
    yield shop


@contextmanager
def _postgres(folder: Path, rows: Rows, edge_url: str) -> Iterator[Path]:
    with postgres_server(locale="tr") as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("create schema till")
            connection.execute(RAW)
            copy = f"copy till.lines ({', '.join(COLUMNS)}) from stdin"
            with connection.cursor().copy(copy.encode()) as writer:
                for row in rows:
                    writer.write_row(row)
        settings = dict(each.split("=") for each in address.split())
        output = {"type": "postgres", "schema": "tillpost", "edge": edge(edge_url), **settings}
        yield _project(folder, {"postgres": output})


@contextmanager
def _spark(folder: Path, rows: Rows, edge_url: str) -> Iterator[Path]:
    folder.mkdir()
    with spark_server(folder) as url:
        output = {"type": "spark", "url": url, "ledger": LEDGER, "edge": edge(edge_url)}
        output["settings"] = {"spark.sql.shuffle.partitions": "2"}
        shop = _project(folder / "shop", {"spark": output})
        sell(shop, rows, "new")
        yield shop


ENGINES = {"duckdb": _duckdb, "postgres": _postgres, "spark": _spark}


def _project(folder: Path, outputs: dict[str, dict[str, object]]) -> Path:
    """A project by a clock of its own, with a model of an analyst's own conditions."""
    shop = make_project(folder, outputs)
    staging = shop / "models" / "staging" / "stg_lines.sql"
    text = staging.read_text()
    old = "with lines as (select * from {{ source('till', 'lines') }})"
    assert old in text
    staging.write_text(text.replace(old, STAGED))
    sales = shop / "models" / "intermediate" / "int_sales.sql"
    sales.write_text(sales.read_text() + LATER)
    sources = yaml.safe_load((shop / "models" / "sources.yml").read_text())
    # A row of its own for each article, which is no other line: some rows are repeated.
    sources["sources"][0]["tables"][0]["meta"]["row_key"] = ["receipt", "line_no", "article"]
    (shop / "models" / "sources.yml").write_text(yaml.safe_dump(sources))
    settings = yaml.safe_load((shop / "dbt_project.yml").read_text())
    settings["vars"]["as_of"] = NOW.isoformat()
    (shop / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    return shop


WHY = ("DROPPED-IN-STAGING", "DROPPED-LATER", "OLD", "TWICE", "REFUND", ODD_NAME)
ASKED = (
    ("build",),
    ("plan", "--no-build", "--output", "json"),
    ("audit", "--no-build", "--output", "json"),
    ("report", "--no-build", "--file", "report.html"),
    ("show", "-s", "stg_lines", "--limit", "3"),
    ("test",),
    ("diff", "HEAD"),
    *(("why", order) for order in WHY),
    ("why", "R-11", "--full", "--output", "json"),
    ("send",),
    ("status", "--output", "json"),
    ("why", "R-11"),
)
COUNTED = {"plan", "audit"}
LOST = "why R-12"
BEHIND_THE_FIRST_TABLE = (
    "from {{ ref('int_lines') }}),",
    "from {{ ref('int_lines') }} where order_id <> 'R-12'),",
)
Answers = dict[str, Any]


def answers(name: str, folder: Path) -> Answers:
    """All that is asked of one project, each command a process, and the page of the report."""
    with sandbox() as address, ENGINES[name](folder / name, ROWS, address) as shop:
        told: Answers = {" ".join(words): tillpost(shop, *words) for words in ASKED}
        page = shop / "report.html"
        scoped = shop / "models" / "intermediate" / "int_scoped_lines.sql"
        scoped.write_text(scoped.read_text().replace(*BEHIND_THE_FIRST_TABLE))
        told |= {"build again": tillpost(shop, "build"), LOST: tillpost(shop, *LOST.split())}
        return told | {"page": page.read_text() if page.exists() else ""}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return answers("duckdb", tmp_path_factory.mktemp("asking"))


@pytest.fixture(scope="module", params=["postgres", "spark"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return answers(request.param, tmp_path_factory.mktemp("asking"))


# What no two builds have in common.
OWN = {"run_id", "target", "build", "before"}


def _same(value: Any) -> Any:  # noqa: ANN401  JSON
    """An answer without what is a build's own; a whole number is not written as a fraction."""
    if isinstance(value, dict):
        return {key: _same(each) for key, each in value.items() if key not in OWN}
    if isinstance(value, list):
        return [_same(each) for each in value]
    return (type(value).__name__, value)


def _story(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("  in build ")]


def test_every_command_is_answered(told: Answers) -> None:
    codes = {words: told[words].returncode for words in told if words != "page"}
    unlike = {"diff HEAD": 2, "build again": 1}  # a row that is lost fails a test
    assert codes == {words: unlike.get(words, 0) for words in codes}, {
        words: told[words].stderr for words in codes if told[words].returncode
    }
    assert [words for words in codes if "Traceback" in told[words].stderr] == []
    assert "diff compares builds of DuckDB" in told["diff HEAD"].stderr


@pytest.mark.parametrize("words", [" ".join(each) for each in ASKED if each[0] in COUNTED])
def test_the_numbers_are_those_of_duckdb(expected: Answers, told: Answers, words: str) -> None:
    assert _same(json.loads(told[words].stdout)) == _same(json.loads(expected[words].stdout))


def test_status_tells_what_waits_and_what_went(expected: Answers, told: Answers) -> None:
    ours, theirs = (json.loads(each["status --output json"].stdout) for each in (told, expected))
    for name in ("events", "expiring"):
        assert _same(ours[name]) == _same(theirs[name])
    assert ours["last_build"]["funnel"] == theirs["last_build"]["funnel"]


def test_an_order_has_the_same_story(expected: Answers, told: Answers) -> None:
    for words in (f"why {order}" for order in WHY):
        assert _story(told[words].stdout) == _story(expected[words].stdout), words
    assert "stg_lines" in told["why DROPPED-IN-STAGING"].stdout
    assert "int_sales" in told["why DROPPED-LATER"].stdout
    assert "dropped by int_scoped_lines" in told[LOST].stdout
    words = "why R-11 --full --output json"
    assert _same(json.loads(told[words].stdout)) == _same(json.loads(expected[words].stdout))
    assert "accepted" in told["why R-11"].stdout


def test_what_is_shown_has_no_customer(told: Answers) -> None:
    assert "***" in told["show -s stg_lines --limit 3"].stdout
    assert told["page"].startswith("<!doctype html>")
    said = [told[words].stdout + told[words].stderr for words in told if words != "page"]
    assert [each for each in (*said, told["page"]) if "ustomer.1" in each] == []
