"""Event times and amounts: what a cell of a warehouse or a till means, each case in tests/data."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import duckdb
import pytest
import yaml

from compiled_project import repository_compiler
from tillpost.compiler import Compiler

DATA = Path(__file__).parent / "data"
START, END = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2025, 2028))
WEEK = 7 * 24 * 3600
AROUND = (-86400, -10800, -7200, -3600, -1800, -1, 0, 1, 1799, 1800, 3599, 3600, 7200, 86400)


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((DATA / name).read_text("utf-8"))
    return found


TIMES, AMOUNTS = cases("times.yml"), cases("money.yml")


def rendered(text: str, **variables: object) -> str:
    settings = repository_compiler().settings
    project = replace(settings.project, vars={**settings.project.vars, **variables})
    return Compiler(replace(settings, project=project)).text(text, path="a test")


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as opened:
        opened.execute("set TimeZone = 'Asia/Tokyo'")  # a session's zone decides nothing
        yield opened


@pytest.fixture(scope="module")
def times(connection: duckdb.DuckDBPyConnection) -> list[tuple[int | None, bool | None]]:
    """The moment of each case, and whether it is a day only."""
    connection.execute("create table times (number integer, text varchar, zone varchar)")
    rows = [
        (number, case["text"], case.get("zone", "Europe/Berlin"))
        for number, case in enumerate(TIMES)
    ]
    connection.executemany("insert into times values (?, ?, ?)", rows)
    calls = "{{ read_time('text', 'zone') }}, {{ is_date_only('text') }}"
    month_first, day_first = (
        connection.execute(
            f"select {rendered(calls, day_first=setting)} from times order by number"
        ).fetchall()
        for setting in (False, True)
    )
    return [
        second if case.get("day_first") else first
        for case, first, second in zip(TIMES, month_first, day_first, strict=True)
    ]


@pytest.mark.parametrize("number", range(len(TIMES)), ids=lambda number: TIMES[number]["text"])
def test_a_time_is_this_moment(times: list[tuple[int | None, bool | None]], number: int) -> None:
    case, (seconds, date_only) = TIMES[number], times[number]
    assert (seconds and datetime.fromtimestamp(seconds, UTC)) == case["is"]
    assert date_only == case.get("date_only", False)


def offset(zone: ZoneInfo, moment: int) -> int:
    found = datetime.fromtimestamp(moment, zone).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def changes(zone: ZoneInfo) -> Iterator[int]:
    """The first second of each new offset of the years that are tested."""
    for week in range(START, END, WEEK):
        before, after = week, week + WEEK
        if offset(zone, before) == offset(zone, after):
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if offset(zone, middle) == offset(zone, before):
                before = middle
            else:
                after = middle
        yield after


def offsets() -> Iterator[tuple[str, int, int]]:
    """What Python knows of the zones whose clocks change: zone, moment, and seconds from UTC."""
    for name in sorted(available_timezones() - {"localtime"}):
        zone = ZoneInfo(name)
        found = list(changes(zone))
        for change in found:
            for moment in (change - 1, change):
                yield name, moment, offset(zone, moment)
        for week in range(START, END, WEEK) if found else ():
            yield name, week, offset(zone, week)


def local_times() -> Iterator[tuple[str, str, int]]:
    """Times around each change of each zone's clock: zone, text, and the moment by Python."""
    for name in sorted(available_timezones() - {"localtime"}):
        zone = ZoneInfo(name)
        for change in changes(zone):
            for shown in (offset(zone, change - 1), offset(zone, change)):
                for seconds in AROUND:
                    local = datetime.fromtimestamp(change + shown + seconds, UTC)
                    text = f"{local:%Y-%m-%d %H:%M:%S}"
                    yield name, text, int(local.replace(tzinfo=zone, fold=0).timestamp())


def test_where_clocks_change_a_time_is_the_moment_that_python_says(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for name, rows in (("offsets", offsets()), ("locals", local_times())):
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(
            f"create temp table {name} as"
            " select unnest($1) as zone, unnest($2) as given, unnest($3) as wanted",
            columns,
        )
    # Two editions of a zone's rules cannot agree: DuckDB brings its own, Python has the system's.
    alike = (
        "select zone from offsets group by zone"
        " having bool_and(epoch(timezone(zone, to_timestamp(given))) = given + wanted)"
    )
    zones = {zone for (zone,) in connection.execute(alike).fetchall()}
    assert {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"} <= zones
    assert len(zones) > 150
    read = rendered("{{ read_time('given', 'zone') }}")
    wrong = connection.execute(
        f"select zone, given from locals where {read} is distinct from wanted and zone in ({alike})"
    )
    assert wrong.fetchall() == []


@pytest.fixture(scope="module")
def amounts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str | None, bool]]:
    """The number of each case as a payload has it, and whether a cell that is filled has none."""
    connection.execute("create table cells (number integer, cell varchar)")
    rows = [(number, case["text"]) for number, case in enumerate(AMOUNTS)]
    connection.executemany("insert into cells values (?, ?)", rows)
    return connection.execute(
        rendered(
            "with plain as ("
            "select number, {{ plain_number(clean_text('cell')) }} as amount from cells)"
            " select {{ number_text(read_number('amount'), decimal_places('amount')) }},"
            " amount is not null and {{ read_number('amount') }} is null"
            " from plain order by number"
        )
    ).fetchall()


@pytest.mark.parametrize("number", range(len(AMOUNTS)), ids=lambda number: AMOUNTS[number]["text"])
def test_an_amount_is_this_number(amounts: list[tuple[str | None, bool]], number: int) -> None:
    case, (found, is_bad) = AMOUNTS[number], amounts[number]
    assert found == case["is"]
    assert is_bad == (case["is"] is None and bool(case["text"]))


@pytest.mark.parametrize(
    ("number", "places", "wanted"),
    [
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("2.5", 0, "3"),
        ("1.0049999999", 2, "1.00"),
        ("1234567890123456.785", 2, "1234567890123456.79"),
        ("0.0000005", 6, "0.000001"),
        ("12.5", None, "12.500000"),
    ],
)
def test_decimals_are_rounded_as_decimals(
    connection: duckdb.DuckDBPyConnection, number: str, places: int | None, wanted: str
) -> None:
    sql = rendered(
        "select {{ rounded('cast($number as decimal(38, 12))', 'cast($places as bigint)') }}"
    )
    (found,) = connection.execute(sql, {"number": number, "places": places}).fetchall()[0]
    assert found == Decimal(wanted)
