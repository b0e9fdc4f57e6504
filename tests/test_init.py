"""`tillpost init --from`: what a till's export needs beyond names of columns."""

from pathlib import Path

import pytest

from project_harness import query, tillpost

AS_OF = "2026-11-23T12:00:00Z"
HEADER = "Filiale;Bon;Datum;Uhrzeit;Betrag;E-Mail;Stadt"
BERLIN = 1_795_338_900
"""22 November 2026, 10:15 in Berlin."""


def laid_down(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> str:
    (folder / "sales.csv").write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    words = ("--from", "sales.csv", "--currency", "EUR", "--time-zone", "Europe/Berlin")
    made = tillpost(folder, "init", "shop", *words, "--encoding", encoding)
    assert made.returncode == 0, made.stderr
    built = tillpost(folder / "shop", "build", "--vars", f"{{as_of: {AS_OF}}}")
    assert built.returncode == 0, built.stderr
    return made.stdout


def lines(folder: Path) -> list[tuple[str, int]]:
    return query(folder / "shop", "select order_id, event_time from int_lines order by source_row")


def test_receipts_that_each_store_numbers_are_told_apart(tmp_path: Path) -> None:
    rows = (
        "001;17;22.11.2026;10:15;12,50;ada@example.com;Berlin",
        "017;17;22.11.2026;11:15;7,00;grace@example.com;Köln",
    )
    said = laid_down(tmp_path, *rows)
    assert "  Filiale and Bon → order_id\n" in said
    assert "Stores share receipt numbers, so an order id begins with its store.\n" in said
    assert lines(tmp_path) == [("001-17", BERLIN), ("017-17", BERLIN + 3600)]
    stores = query(tmp_path / "shop", "select distinct store from audit_days order by store")
    assert stores == [("001",), ("017",)]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_a_file_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    rows = (
        "Zürich;17;22.11.2026;10:15;12,50;ada@example.com;Köln",
        "Zürich;18;22.11.2026;10:15;7,00;grace@example.com;Köln",
    )
    laid_down(tmp_path, *rows, encoding=encoding)
    assert lines(tmp_path) == [("17", BERLIN), ("18", BERLIN)]
    stores = query(tmp_path / "shop", "select distinct store from audit_days")
    assert stores == [("Zürich",)]


@pytest.mark.parametrize(
    ("header", "row", "time"),
    [
        ("Bon;Datum;Uhrzeit;Betrag", "17;22.11.2026;10:15:00;12,50", BERLIN),
        ("Bon;Uhrzeit;Datum;Betrag", "17;10.15;22.11.2026;12,50", BERLIN),
        ("order,date,time,amount", "17,2026-11-22,10:15,12.50", BERLIN),
        ("order_id,time,date,amount", "17,10:15,2026-11-22,12.50", BERLIN),
        ("order_id,sale_date,time,amount", "17,2026-11-22 10:15,10:15,12.50", BERLIN),
        ("order_id,sale_date,time,amount", "17,2026-11-22 10:15,2 minutes,12.50", BERLIN),
        ("order_id,sold_at,date,time,amount", "17,2026-11-22 10:15,2026-11-23,11:15,5", BERLIN),
    ],
)
def test_a_day_and_its_time_of_day_are_one_moment(
    tmp_path: Path, header: str, row: str, time: int
) -> None:
    laid_down(tmp_path, row, header=header)
    assert lines(tmp_path) == [("17", time)]
    sources = (tmp_path / "shop" / "models" / "sources.yml").read_text()
    assert "scope_column: time" not in sources
    assert "Uhrzeit" not in sources
