"""The till exports: three CSV files, each telling most of what the one before has told."""

import csv
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from generator.contacts import NOBODY
from generator.mishaps import corrected
from generator.rates import BROKEN_LINES
from generator.receipts import Receipt

HEADER = (
    "store_id,till_no,receipt_no,line_no,sold_at,article_no,article,brand,category,quantity,"
    "unit_price,line_total,currency,customer_no,email,phone,first_name,last_name,gender,"
    "birth_date,city,state,postal_code,country,exported_at"
)
DAYS_AGO = (6, 3, 0)
REACH = timedelta(days=30)
CUT_AFTER = 9

Row = tuple[str, ...]


def write_exports(
    receipts: list[Receipt], *, folder: Path, as_of: datetime, rng: random.Random
) -> list[Path]:
    """Write the exports of six and three days ago and of now; the first goes back to the start.

    Exports of an earlier as-of would tell other sales under the same numbers, so they go.
    """
    for stale in folder.glob("tills_*.csv"):
        stale.unlink()
    written = []
    for number, days in enumerate(DAYS_AGO):
        exported_at = as_of - timedelta(days=days)
        oldest = exported_at - REACH if number else datetime.min.replace(tzinfo=as_of.tzinfo)
        known = (receipt for receipt in receipts if oldest <= receipt.moment < exported_at)
        told = (_as_told(receipt, newest=not days) for receipt in known)
        rows = [row for receipt in told for row in _rows(receipt, exported_at=exported_at)]
        path = folder / f"tills_{exported_at:%Y-%m-%d}.csv"
        _write(path, _with_broken_lines(rows, count=BROKEN_LINES // len(DAYS_AGO), rng=rng))
        written.append(path)
    return written


def _as_told(receipt: Receipt, *, newest: bool) -> Receipt:
    return corrected(receipt) if newest and receipt.mishap == "edited" else receipt


def _rows(receipt: Receipt, *, exported_at: datetime) -> Iterator[Row]:
    for index, line in enumerate(receipt.lines):
        contact = receipt.contact if index >= receipt.customer_from else NOBODY
        line_no, *goods = vars(line).values()
        yield (
            receipt.store.store_id,
            receipt.till_no,
            receipt.receipt_no,
            line_no,
            receipt.sold_at,
            *goods,
            *vars(contact).values(),
            f"{exported_at:%Y-%m-%dT%H:%M:%SZ}",
        )


def _with_broken_lines(rows: list[Row], *, count: int, rng: random.Random) -> list[Row]:
    """The rows with ``count`` copies among them that are cut short and too long by turns.

    They stand alone: the rows they were copied from are whole.
    """
    broken = list(rows)
    for number, index in enumerate(sorted(rng.sample(range(len(rows)), count), reverse=True)):
        row = rows[index]
        broken.insert(index, row[:CUT_AFTER] if number % 2 else (*row, "", "end of shift"))
    return broken


def _write(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        file.write(f"{HEADER}\n")
        writer.writerows(rows)
