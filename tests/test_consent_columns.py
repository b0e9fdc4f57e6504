"""A file that says what customers forbid is heard from the first run on."""

from pathlib import Path

import pytest

from project_harness import query, tillpost

SALES = """\
order_id,sold_at,total,email,{0}
1,{1},5.00,ada@example.com,{2}
2,{1},5.00,grace@example.org,
"""


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("Marketing Consent", "Yes", ["pending", "rejected"]),
        ("opt_in", "no", ["rejected", "rejected"]),
        ("Opt-Out", "yes", ["pending", "pending"]),
        ("remark", "no", ["pending", "pending"]),
    ],
)
def test_init_maps_what_customers_forbid(
    tmp_path: Path, column: str, value: str, found: list[str]
) -> None:
    data = tmp_path / "sales.csv"
    data.write_text(SALES.format(column, "2026-11-20 10:00:00", value))
    made = tillpost(tmp_path, "init", "shop", "--from", "sales.csv", "--currency", "EUR")
    assert made.returncode == 0, made.stderr
    built = tillpost(tmp_path / "shop", "build", "--vars", "{as_of: 2026-11-23T12:00:00Z}")
    assert built.returncode == 0, built.stderr
    buckets = query(tmp_path / "shop", "select bucket from int_verdicts order by row_ref")
    assert [bucket for (bucket,) in buckets] == found
    sent = query(tmp_path / "shop", "select payload from events")
    assert any('"opt_out":true' in text for (text,) in sent) == (column == "Opt-Out")
