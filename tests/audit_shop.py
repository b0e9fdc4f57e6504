"""A chain whose sources each have one thing wrong with them, for the audit to find.

Sources begin alike: 25 sales a day for 17 days, each with a customer of its own.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from project_harness import Table

AS_OF = datetime(2025, 6, 12, 12, tzinfo=UTC)
A_DAY, DAYS = 25, 17
COLUMNS = ("order_id", "event_time", "currency", "order_total", "email", "phone", "external_id")
RECENT = 3

Row = dict[str, Any]
Change = Callable[[Row, int, int], list[Row]]


def _day(day: int) -> datetime:
    return AS_OF.replace(hour=0) - timedelta(days=day)


def _sale(source: str, day: int, number: int) -> Row:
    order = f"{source}-{day}-{number}"
    return {
        "order_id": order,
        "event_time": _day(day) + timedelta(seconds=1200 * number + 61),
        "currency": "EUR",
        "order_total": f"{20 + number}.00",
        "email": f"{order}@example.com",
        "phone": f"+4930{abs(hash_of(order)) % 8_000_000 + 1_000_000}",
        "external_id": "",
    }


def hash_of(text: str) -> int:
    """A number for a text, the same in every process."""
    return int.from_bytes(text.encode(), "big") % 1_000_000_007


def _when(is_hit: Callable[[int, int], bool], **cells: str) -> Change:
    return lambda row, day, number: [row | cells if is_hit(day, number) else row]


def _only(is_kept: Callable[[int, int], bool]) -> Change:
    return lambda row, day, number: [row] if is_kept(day, number) else []


def _grown(row: Row, day: int, _number: int) -> list[Row]:
    copies = range(4) if day <= RECENT else range(1)
    names = [f"{row['order_id']}-{copy}" for copy in copies]
    return [row | {"order_id": name, "email": f"{name}@example.com"} for name in names]


def _in_cents(row: Row, day: int, _number: int) -> list[Row]:
    return [row | {"order_total": row["order_total"].replace(".", "")} if day <= RECENT else row]


def _of_well(row: Row, day: int, number: int) -> list[Row]:
    later = row["event_time"] + timedelta(minutes=1)
    return [row | {"order_id": f"well-{day}-{number}", "event_time": later}]


def _in_pieces(row: Row, day: int, number: int) -> list[Row]:
    piece = row | {"order_id": f"{row['order_id']}-2"}
    return [row, piece] if number == 1 and day else [row]


CHANGES: dict[str, Change] = {
    "well": _only(lambda _day, _number: True),
    "fading": _only(lambda day, number: day > RECENT or number < RECENT),
    "silent": _only(lambda day, _number: day > RECENT - 1),
    "grown": _grown,
    "forgetful": _when(lambda day, _: day <= RECENT, email=""),
    "cents": _in_cents,
    "strangers": lambda row, _day, _number: [
        row | {"email": "", "phone": "", "external_id": row["order_id"]}
    ],
    "sloppy": _when(lambda _, number: number % 5 == 0, email="nobody at home"),
    "free": _when(lambda _, number: number % 10 == 0, order_total="0"),
    "returns": _when(lambda _, number: number % 3 == 0, order_total="-5.00"),
    "broken": _when(lambda _, number: number % 5 == 0, order_total="abc"),
    "echo": _of_well,
    "pieces": _in_pieces,
    "pounds": _when(lambda day, number: number == 0 and day % 3 == 0, currency="GBP"),
    "comma": _when(lambda day, number: (day, number) == (9, 9), order_total="2900"),
    "desk": _when(lambda _day, _number: True, phone="+49305550123"),
}
FOUND: dict[str, set[tuple[str, str | None]]] = {
    "fading": {("max_drop", None)},
    "silent": {("max_silent_hours", None)},
    "grown": {("max_jump", None)},
    "forgetful": {("max_drop", "em")},
    "cents": {("max_jump", None), ("max_outliers", None)},
    "strangers": {("min_match_share", None), ("min_contact_share", None)},
    "sloppy": {("max_dropped_share", "em")},
    "free": {("max_zero_share", None)},
    "returns": {("max_refund_share", None)},
    "broken": {("max_rejected_share", None)},
    "echo": {("max_duplicate_share", None)},
    "pieces": {("max_split_share", None)},
    "pounds": {("min_currency_share", None)},
    "comma": {("max_outliers", None)},
    "": {("max_frequent_hashes", "ph")},
}
"""What is found in each source: the check, and the field that it is about."""


def rows(source: str, change: Change) -> Iterator[Row]:
    """The sales of a source, changed."""
    for day in range(1, DAYS + 1):
        for number in range(A_DAY):
            yield from change(_sale(source, day, number), day, number)


def table(source: str, change: Change) -> Table:
    """The same as a raw table."""
    text = "\n".join([",".join(COLUMNS), *_lines(source, change), ""])
    return Table(name=f"{source}.sales", files={"sales": text})


def _lines(source: str, change: Change) -> list[str]:
    return [
        ",".join(
            f"{cell:%Y-%m-%dT%H:%M:%SZ}" if isinstance(cell, datetime) else cell
            for cell in (row[column] for column in COLUMNS)
        )
        for row in rows(source, change)
    ]


def in_two_stores() -> Table:
    """One export of two stores; the second fell silent."""
    stores = {"B01": CHANGES["well"], "B02": CHANGES["silent"]}
    lines = [
        f"{store},{line}" for store, change in stores.items() for line in _lines(store, change)
    ]
    text = "\n".join([",".join(("store", *COLUMNS)), *lines, ""])
    mapping = {"store_data": "{{ store_data(store_code='store') }}"}
    return Table(name="till.sales", files={"sales": text}, mapping=mapping)
