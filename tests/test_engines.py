"""The golden rows end alike on every engine: events, rejected_events and duplicate_events."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest

from compiled_project import ROOT
from engine_differences import first_difference
from engine_rows import raw_tables
from engine_runs import AS_OF, Build, DuckDBEngine, Texts, build
from engine_servers import running

RELATIONS = ("events", "rejected_events", "duplicate_events")
BUCKETS = {
    *("pending", "accepted", "changed", "uncertain", "refused", "expired"),
    *("duplicate", "rejected", "folded", "repeated"),
}
# One project sends baskets, the other each line; together they turn every variable.
PROJECTS: dict[str, dict[str, object]] = {
    "baskets": {"send_content_ids": True, "send_store_data": True},
    "lines": {
        "event_per_line": True,
        "send_zero_value": False,
        "day_first": True,
        "default_country": "gb",
        "external_id_keeps_case": True,
    },
}
SAME, OTHER = "the payload that it has", "another payload"
# What became of every so many-th event: its state, with which payload, and how many days ago.
HISTORIES: tuple[tuple[str, str, int], ...] = (
    *(("accepted", SAME, 9), ("accepted", OTHER, 9), ("leaving", SAME, 1), ("leaving", SAME, 9)),
    *(("leaving", OTHER, 1), ("refused", SAME, 3), ("refused", OTHER, 3), ("expired", SAME, 70)),
    *(("held", SAME, 9), ("accepted elsewhere", SAME, 9), ("forgotten", OTHER, 30)),
    ("leaving", SAME, -1),
)
EVERY = 3


@cache
def reference(project: str) -> Build:
    """DuckDB's answer, with a ledger made of what it said when the ledger was empty."""
    return build(DuckDBEngine(), PROJECTS[project], ledger=history(project))


@cache
def history(project: str) -> list[Texts]:
    """A ledger's snapshot in which some events have each history."""
    first = build(DuckDBEngine(), PROJECTS[project], ledger=[])
    names, rows = first.texts("int_events")
    events = [dict(zip(names, row, strict=True)) for row in rows]
    events.sort(key=lambda event: str(event["basket"]))
    # Those few are needed as rejected.
    kept = [event for event in events if "no_item_number" not in str(event["reasons"])]
    keyed = {event["event_key"]: event for event in kept if event["event_key"]}
    chosen = [keyed[key] for key in sorted(keyed)][::EVERY]
    return [
        remembered(event, *HISTORIES[number % len(HISTORIES)])
        for number, event in enumerate(chosen)
    ]


def remembered(event: dict[str, Any], state: str, as_is: str, days: int) -> Texts:
    key, sale = str(event["event_key"]), event["sale_key"]
    payload = event["payload_digest"] if as_is == SAME else None
    moved = key.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    word, _, elsewhere = state.partition(" ")
    left = str(int(AS_OF.timestamp()) - days * 86400)
    return (moved if elsewhere else key, sale, payload or moved, "1", word, left, left)


def column(built: Build, relation: str, *names: str) -> Iterator[tuple[str, ...]]:
    header, rows = built.texts(relation)
    places = [header.index(name) for name in names]
    for row in rows:
        yield tuple(row[place] or "" for place in places)


def words(built: Build, relation: str, *names: str) -> set[tuple[str, ...]]:
    """Each word of a list in the last column, beside the others."""
    return {
        (*others, word)
        for *others, text in column(built, relation, *names)
        for word in text.split(",")
        if word
    }


def seed(name: str, place: str) -> set[str]:
    with (ROOT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row[place] for row in csv.DictReader(file)}


def test_the_rows_are_many_and_each_has_its_key() -> None:
    for table in raw_tables():
        assert len({row["row_key"] for row in table.rows}) == len(table.rows) > 2000
    assert raw_tables() == raw_tables()


@pytest.mark.parametrize("source", ["tills.till_lines", "shop.orders"])
def test_every_bucket_and_every_reason_occur_at_both_grains(source: str) -> None:
    buckets = {
        bucket
        for of, bucket in column(reference("baskets"), "int_verdicts", "source_name", "bucket")
        if of == source
    }
    assert buckets == BUCKETS
    reasons = {
        reason
        for project in PROJECTS
        for of, reason in words(reference(project), "rejected_events", "source_name", "reasons")
        if of == source
    }
    assert reasons == seed("reasons", "reason")


def test_every_field_and_every_problem_of_one_occur() -> None:
    built = reference("baskets")
    problems = words(built, "int_identities", "problems") | words(
        built, "int_judged_baskets", "problems"
    )
    assert {word for (word,) in problems} == seed("problems", "problem")
    names, rows = built.texts("int_identities")
    filled = Counter(name for row in rows for name, value in zip(names, row, strict=True) if value)
    assert {name for name in names if filled[name] < 3} == set()


def test_every_action_source_goes() -> None:
    _, events = reference("baskets").texts("events")
    payloads = "\n".join(str(value) for row in events for value in row)
    sources = seed("action_sources", "action_source")
    assert {source for source in sources if f'"action_source":"{source}"' not in payloads} == set()


@pytest.mark.slow
@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_the_engine_says_what_duckdb_says(dialect: str, project: str) -> None:
    ours = reference(project)
    with running(dialect) as engine:
        theirs = build(engine, PROJECTS[project], ledger=history(project))
        if any(differ(ours, theirs, RELATIONS)):
            pytest.fail(first_difference(ours, theirs))


def differ(ours: Build, theirs: Build, relations: Sequence[str]) -> Iterator[bool]:
    for relation in relations:
        (names, rows), (other_names, other_rows) = ours.texts(relation), theirs.texts(relation)
        yield names != other_names or Counter(rows) != Counter(other_rows)
