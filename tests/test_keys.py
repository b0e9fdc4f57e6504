"""What a source's meta declares of its rows: keys whose cells are empty, versions of each form."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from project_harness import Table, build, make_project, query, tillpost

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
SALE = "order_id,event_time,currency,email,line_no,line_total,exported_at"
ORDER = "order_id,event_time,currency,email,order_total,store"
KEYS = {"line_key": ["order_id", "line_no"]}
VERSIONS = {
    "number": ("9", "10"),
    "iso": ("2026-10-30 08:00", "2026-11-02 08:00"),
    "dots": ("30.10.2026 08:00", "02.11.2026 07:00"),
    "slashes": ("10/30/2026", "11/02/2026"),
    "noon": ("10/30/2026 9:00 AM", "10/30/2026 1:00 PM"),
    "release": ("1.9", "2.1"),
}


def table(name: str, header: str, *rows: tuple[str, ...], **more: object) -> Table:
    """The newest rows come first: neither their place nor their file says that they are newer."""
    sold = "2026-11-20 10:00:00,EUR,ada@example.com"
    lines = [header, *(",".join((order, sold, *cells)) for order, *cells in rows)]
    return Table(name=name, files={"rows": "\n".join(lines) + "\n"}, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    newer = [(form, "1", "7.00", version) for form, (_, version) in VERSIONS.items()]
    older = [(form, "1", "5.00", version) for form, (version, _) in VERSIONS.items()]
    meta = {**KEYS, "version_by": "exported_at"}
    bare = [("empty", '""', "5.00", ""), ("empty", '""', "4.00", "")]
    made = make_project(
        tmp_path_factory.mktemp("keys"),
        [
            table("till.lines", SALE, *newer, *older, meta=meta),
            table("bare.lines", SALE, *bare, kind="parquet", meta=KEYS),
            table("shop.orders", ORDER, ("store", "5.00", "B01"), mapping={"store_data": "store"}),
        ],
    )
    build(made, now=AS_OF).require_success()
    return made


def values(project: Path, source: str) -> dict[str, float]:
    sql = (
        "select order_id, cast(order_value as double) from int_judged_baskets where source_name = "
    )
    return dict(query(project, f"{sql}'{source}'"))


def test_an_empty_part_makes_no_key(project: Path) -> None:
    assert values(project, "bare.lines") == {"empty": 9.0}


def test_the_newer_version_is_the_later_one_in_each_form(project: Path) -> None:
    assert values(project, "till.lines") == dict.fromkeys(VERSIONS, 7.0)


def test_a_store_that_is_no_json_is_a_reason_and_audit_goes_on(project: Path) -> None:
    reasons = "select reasons from int_verdicts where source_name = 'shop.orders'"
    assert query(project, reasons) == [("bad_json",)]
    assert tillpost(project, "audit", "--no-build").stderr == ""
