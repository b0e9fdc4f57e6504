"""Golden rows for every engine: raw tables of texts, a row per line and a row per order.

They are the rows of tests/golden, a sale for each case of tests/data, hostile texts in every column
that reaches a payload, and random sales. No file is involved, and no row has a NUL or half a
character: PostgreSQL holds neither.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from engine_sales import random_lines, random_orders
from tillpost.project.guess import CUSTOMER_COLUMNS
from tillpost.project.starter import LINE_COLUMNS, SALE_COLUMNS

Row = Mapping[str, str | None]

TESTS = Path(__file__).parent
GOLDEN = ("rules", "no_zero", "parameters", "per_line", "consent", "ledger/after")
NO_COLUMN = {"case", "expect", "reasons", "problems", "ledger", "order_no"}
RENAMED = {"props": "custom_properties", "raw_app": "app_data"}
RAW_NAMES = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
ZONES = {"B": "Europe/Berlin", "N": "America/New_York", "U": "UTC"}
ZONE_OF = {"basket.lines": "U", "app.orders": "N"}
KEYS = (
    *(
        "row_key",
        "declared_key",
        "source_row",
        "store",
        "line_no",
        "exported_at",
        "export",
        "basket",
    ),
    *("skus", "device", "os_version", "att", "lead_event", "store_no", "tier", "points"),
    *("residence", "fbc", "fbp", "subscription_id", "fb_login_id", "page_id"),
    *("page_scoped_user_id", "ig_account_id", "ig_sid", "ctwa_clid", "waba_id"),
)
TYPED = {"is_date_only"}
COLUMNS = (
    *KEYS,
    *(name for name in (*SALE_COLUMNS, *LINE_COLUMNS, *CUSTOMER_COLUMNS) if name not in TYPED),
)
TRAVELLERS = (
    *("export", "skus", "device", "os_version", "lead_event", "store_no", "tier", "fbc", "fbp"),
    *("subscription_id", "fb_login_id", "page_scoped_user_id", "ig_sid", "ctwa_clid", "waba_id"),
)
HOSTILE = (
    *("event_name", "action_source", "order_id", "item_number", "event_id", "event_source_url"),
    *("referrer_url", "messaging_channel", "currency", "order_total", "net_revenue"),
    *("predicted_ltv", "num_items", "content_ids", "app_data", "original_event_data"),
    *("consent", "opt_out", "data_processing_options", "data_processing_options_country"),
    *("data_processing_options_state", "store_data", "custom_properties", "line_total"),
    "quantity",
    *("unit_price", "item_id", "item_title", "item_description", "item_brand", "item_category"),
    *("delivery_category", "event_time", "exported_at", "basket", "line_no", "dataset_id"),
    *CUSTOMER_COLUMNS,
)


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A table of texts, as it stands in a warehouse, and what `sources.yml` would say of it."""

    group: str
    name: str
    meta: Mapping[str, Any]
    rows: list[Row]

    @property
    def source(self) -> str:
        return f"{self.group}.{self.name}"

    def values(self) -> list[tuple[str | None, ...]]:
        return [tuple(row.get(name) for name in COLUMNS) for row in self.rows]


def raw_tables() -> list[RawTable]:
    """Both tables, the same rows in the same order whenever they are asked for."""
    zones = ZONES | {name: name for name in {str(case.get("zone")) for case in cases("times.yml")}}
    zones = {store: zone for store, zone in sorted(zones.items()) if zone != "None"}
    common = {
        "row_key": ["declared_key"],
        "scope_column": "event_time",
        "time_zone": {"store": zones},
        "basket_key": ["basket"],
    }
    lines = {"line_key": ["order_id", "line_no"], "version_by": "exported_at"}
    # So far back that a time of any case is in scope.
    orders = {"export_id": "export", "lookback": 20000}
    return [
        _table("tills", "till_lines", common | lines, [*_lines()]),
        _table("shop", "orders", common | orders, [*_orders()]),
    ]


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a file of tests/data or tests/engines."""
    place = next(
        path for path in (TESTS / "data" / name, TESTS / "engines" / name) if path.exists()
    )
    found: list[dict[str, Any]] = yaml.safe_load(place.read_text("utf-8"))
    return found


def _table(group: str, name: str, meta: Mapping[str, Any], rows: Iterable[Row]) -> RawTable:
    numbered = [
        {"store": "U", "consent": "true"}
        | row
        | {"source_row": str(number), "declared_key": _declared_key(row)}
        for number, row in enumerate(rows, 1)
    ]
    unknown = {name for row in numbered for name in row} - set(COLUMNS)
    if unknown:
        raise ValueError(unknown)
    return RawTable(group=group, name=name, meta=meta, rows=[*map(_held_by_all, numbered)])


def _declared_key(row: Row) -> str | None:
    """What names the row, unless it comes from tables that declare no key."""
    key = str(row["row_key"])
    return None if key.startswith("per_line odd.") else key


def _held_by_all(row: Row) -> Row:
    texts = {name: text and text.replace("\0", "") for name, text in row.items()}
    return {name: text for name, text in texts.items() if not text or _is_whole(text)}


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _lines() -> Iterator[Row]:
    yield from golden_rows("lines")
    yield from _amounts()
    yield from _hostile(0)
    yield from random_lines()


def _orders() -> Iterator[Row]:
    yield from golden_rows("orders")
    yield from _normalizations()
    yield from _times()
    yield from _hostile(1, *TRAVELLERS)
    yield from random_orders()


def golden_rows(grain: str) -> Iterator[Row]:
    """The rows of tests/golden, of the tables of a grain; order ids are a folder's own."""
    for folder in GOLDEN:
        for place in sorted((TESTS / "golden" / folder).glob(f"*.{grain}")):
            for file in sorted(place.glob("*.csv")):
                yield from _golden_file(folder, place.name, file)


def _golden_file(folder: str, table: str, file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as opened:
        for number, cells in enumerate(csv.DictReader(opened)):
            if None in cells or None in cells.values():
                continue  # a line that is unreadable as CSV
            row = {
                RENAMED.get(name, name): text or None
                for name, text in cells.items()
                if name not in NO_COLUMN
            }
            order = row.get("order_id")
            row["order_id"] = order and f"{folder} {order}"
            sale = {"event_name": "Purchase", "action_source": "physical_store"}
            defaults = {name: text for name, text in sale.items() if name not in cells}
            yield {
                **defaults,
                **row,
                "store": cells.get("store") or ZONE_OF.get(table, "U"),
                "row_key": f"{folder} {table} {file.stem}/{number}",
                "export": f"{table} {file.stem}",
            }


def sale(key: str, **cells: str | None) -> dict[str, str | None]:
    """An order that passes, unless its cells say otherwise."""
    return {
        "row_key": key,
        "order_id": key,
        "event_name": "Purchase",
        "action_source": "physical_store",
        "event_time": "2026-11-20 10:00:00",
        "currency": "EUR",
        "order_total": "12.50",
        "email": "ada@example.com",
        **cells,
    }


def _normalizations() -> Iterator[Row]:
    with (TESTS / "data" / "normalization-cases.jsonl").open(encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    for name in ("normalization-more.csv", "normalization-problems.csv"):
        with (TESTS / "data" / name).open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file)
    for number, case in enumerate(found):
        column = RAW_NAMES.get(case["field"], case["field"])
        other = {"email": None, "external_id": "C-17"} if column == "email" else {}
        cells = {"country": case.get("country") or None, column: case["value"]}
        yield sale(f"normalization {number}", **other | cells)


def _times() -> Iterator[Row]:
    for number, case in enumerate(cases("times.yml")):
        zone = case.get("zone", "Europe/Berlin") or "X"
        for order in (f"time {number}", None):
            cells = {"store": zone, "event_time": case["text"], "order_id": order}
            yield sale(f"time {number} {order}", **cells)


def _amounts() -> Iterator[Row]:
    """Each as the total of an article, and as the price of three pieces and of part of one."""
    for number, case in enumerate(cases("money.yml")):
        article = {"item_id": "MUG", "line_no": "1", "order_total": None}
        text = case["text"]
        yield sale(f"amount {number}", **article, line_total=text)
        yield sale(f"price {number}", **article, unit_price=text, quantity="3")
        yield sale(f"weight {number}", **article, unit_price=text, quantity="0.432")
        yield sale(f"quantity {number}", **article, line_total="7.77", quantity=text)


def _hostile(parity: int, *columns: str) -> Iterator[Row]:
    """Each text in each column, by turns in one table and in the other; and in many at once."""
    texts = [str(text) for text in cases("hostile.yml")]
    texts += ["long " + "ä\U0001f600'\\\"x" * 3000, ""]
    article = {"item_id": "MUG", "line_no": "1", "line_total": "5.00", "points": "12", "att": "0"}
    for number, text in enumerate(texts):
        by_turns = [name for place, name in enumerate(HOSTILE) if (number + place) % 2 == parity]
        for column in (*by_turns, *columns):
            yield sale(f"hostile {number} {column}", **article | {column: text})
        cells = dict.fromkeys(("item_id", "item_title", "event_id", "referrer_url", *columns), text)
        yield sale(f"hostile {number} {text[:40]}", **article | cells)
