"""A hash that too many events have is warned about with its share, and keeps nothing back."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from project_harness import Table, build, make_project, query
from tillpost.report import build_words

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
SALES = 200
NOBODY = {"db": "1900-01-02"}


def digest(text: str, length: int = 12) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


# What every so many-th sale has, and what is found: field, digest, sales, share of those with one.
# First names and last names alone may be common; external_id_2 is one of too few.
MISTAKES: tuple[tuple[int, dict[str, str], tuple[str, str, int, float] | None], ...] = (
    (8, {"email": "till@shop.example"}, ("em", digest("till@shop.example"), 25, 0.125)),
    (4, {"email_2": "box@shop.example"}, ("em_2", digest("box@shop.example"), 50, 1.0)),
    (5, {"phone": "+493012345678"}, ("ph", digest("493012345678"), 40, 0.2)),
    (1, {"phone_2": "+493012345679"}, ("ph_2", digest("493012345679"), 200, 1.0)),
    (2, {"external_id": "staff"}, ("external_id", digest("staff"), 100, 0.5)),
    (11, {"external_id_2": "till"}, None),
    (10, NOBODY, ("db", digest("19000102"), 20, 0.1)),
    (
        2,
        {"fn": "Testa", "ln": "Persona"},
        ("fn_ln", digest("testa", 6) + digest("persona", 6), 100, 0.5),
    ),
)


def sales(*mistakes: tuple[int, dict[str, str]]) -> Table:
    """Sales to all different customers, but for these cells of every so many-th."""
    file = io.StringIO()
    columns = dict.fromkeys([*own_cells(0), *(name for _, cells in mistakes for name in cells)])
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    for number in range(SALES):
        row = own_cells(number)
        for every, cells in mistakes:
            row |= cells if number % every == 0 else {}
        writer.writerow(row)
    return Table(name="shop.orders", files={"sales": file.getvalue()})


def own_cells(number: int) -> dict[str, str]:
    return {
        "order_id": f"F-{number}",
        "event_time": "2026-11-20 10:00:00",
        "order_total": "5.00",
        "currency": "EUR",
        "email": f"customer.{number}@example.com",
        "phone": f"+4917012{number:05}",
        "external_id": f"C-{number}",
        "db": f"{1920 + number % 80}-{1 + number // 80:02}-17",
        "fn": f"First{chr(97 + number % 20)}",
        "ln": f"Last{chr(97 + number // 20)}",
    }


def found_in(project: Path) -> Iterator[tuple[object, ...]]:
    yield from query(project, "select field, digest, events, share from audit_frequent_hashes")


def test_a_hash_of_too_many_is_found_with_its_share(tmp_path: Path) -> None:
    table = sales(*((every, cells) for every, cells, _ in MISTAKES))
    project = make_project(tmp_path, [table])
    summary = build(project, now=AS_OF, max_hash_share=0.08)
    summary.require_success()
    assert summary.events == SALES
    expected = {found for _, _, found in MISTAKES if found}
    assert set(found_in(project)) == expected
    (warned,) = [test for test in summary.tests if test.name == "hashes_are_not_frequent"]
    assert (warned.failures, warned.failed) == (len(expected), False)
    words = build_words(summary)
    assert "warning: too many events have the same hash" in words
    assert re.search(rf"^db +{digest('19000102')} +20 +10.00%$", words, re.MULTILINE)


@pytest.mark.parametrize(("limit", "found"), [(0.09, 1), (0.1, 0)])
def test_the_limit_is_the_projects(tmp_path: Path, limit: float, found: int) -> None:
    project = make_project(tmp_path, [sales((10, NOBODY))])
    build(project, now=AS_OF, max_hash_share=limit).require_success()
    assert len([*found_in(project)]) == found


def test_only_events_that_are_to_be_sent_count(tmp_path: Path) -> None:
    project = make_project(tmp_path, [sales((2, NOBODY | {"currency": "XXL"}))])
    assert build(project, now=AS_OF).events == SALES // 2
    assert [*found_in(project)] == []
