"""Random sales, the same ones each time: what tills and shops do to each other and themselves."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

Cells = dict[str, str | None]

DATA = Path(__file__).parent / "data"
AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
LINE_SALES, ORDER_SALES = 320, 420
ACTION_SOURCES = (
    *("website", "app", "business_messaging", "phone_call", "chat", "email", "other"),
    *("system_generated", "physical_store", "Physical_Store", "physical_store", "physical_store"),
)
RAW_NAMES = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
COUNTRIES = (None, "DE", "Germany", "us", "USA", "gb", "Brasil", "日本", "FR", "it", "nowhere")
PEOPLE = tuple(f"{name}{number}" for name in ("ada", "Grace", "jürgen") for number in range(12))
LISTS = ("{0}@example.com", " {0}@Example.com ", "{0}@x.de;{0}@y.de", "{0}@x.de, b@x.de|{0}@z.de")
PHONES = (
    "+4917012345{:02}",
    "0170 12345{:02}",
    "+1 650 555 12{:02}/+44 20 7946 09{:02}; 0033142868326",
    "07{:02}",
)
AMOUNTS = (
    "0",
    "0.00",
    "19.90",
    "4,50",
    "1.164,61",
    "-3.00",
    "12.345",
    "7",
    "1e2",
    "five",
    "",
    None,
)
QUANTITIES = (None, "1", "2", "3", "-1", "0.432", "1,5", "0", "12.0")
PRICES = (None, None, "9.95", "2.50", "0.333", "€ 4,00")
CURRENCIES = ("EUR",) * 12 + ("eur", "USD", "JPY", "XXL", "", None)
TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%Y-%m-%d",
)
EXTINFO = json.dumps(["i2", *[""] * 15])


def random_lines() -> Iterator[Mapping[str, str | None]]:
    """Receipts of a till: each line under a key, exported again now and then."""
    random = Random(20261123)  # noqa: S311  it must repeat
    pools = _pools()
    for number in range(LINE_SALES):
        head = _sale(random, pools, number)
        for line in range(1, random.choice((1, 1, 2, 3, 5)) + 1):
            first = head | _article(random) | {"line_no": str(line)}
            for version in range(random.choice((1, 1, 1, 2, 3))):
                row = first if version == 0 else first | _edit(random)
                key = f"line {number}/{line}/{version}"
                yield {**row, "row_key": key, "exported_at": str(9 + version)}


def random_orders() -> Iterator[Mapping[str, str | None]]:
    """Orders of a shop, some of which the tills have as well; an export replaces them whole."""
    random = Random(62)  # noqa: S311  it must repeat
    pools = _pools()
    for number in range(ORDER_SALES):
        head = _sale(random, pools, number)
        for export in range(random.choice((1, 1, 1, 2))):
            for part in range(random.choice((1, 1, 1, 2))):
                row = head | {"order_total": random.choice(AMOUNTS[2:8]), "skus": "MUG| TEA||SET"}
                row |= _edit(random) if part or export else {}
                key = f"order {number}/{export}/{part}"
                yield {**row, "row_key": key, "export": str(export + 1)}


def _sale(random: Random, pools: Mapping[str, Sequence[str]], number: int) -> Cells:
    source = random.choice(ACTION_SOURCES)
    recent = source.lower() != "physical_store" and random.random() < 0.8
    moment = AS_OF - timedelta(seconds=random.randrange(-86400, 86400 * (7 if recent else 66)))
    order = random.choice([None, f"R-{number % 90}", *[f"N-{number}"] * 6])
    row: Cells = {
        "order_id": order,
        "event_name": random.choice(["Purchase"] * 12 + ["AddToCart", "Lead", "", None]),
        "action_source": source,
        "event_time": moment.strftime(random.choice(TIMES)),
        "store": random.choice(["B", "N", "U", "U", "U", "X"]),
        "currency": random.choice(CURRENCIES),
        "delivery_category": random.choice([None, None, "in_store", "Curbside", "drone"]),
        "dataset_id": random.choice([None, None, None, "42"]),
        "net_revenue": random.choice(AMOUNTS),
        "num_items": random.choice([None, None, "3", "1.5", "some"]),
        "tier": random.choice([None, "gold", " ", 'a "b"']),
        "points": random.choice([None, "120", "0", "-7"]),
        "basket": random.choice([None] * 30 + ["one basket", "another"]),
    }
    return row | _surroundings(random, source) | _customer(random, pools)


def _surroundings(random: Random, source: str) -> Cells:
    """What this action source needs, most of the time."""
    if random.random() < 0.15:
        return {}
    keys = {
        "messenger": {"page_id": "7001", "page_scoped_user_id": "8001"},
        "Instagram": {"ig_account_id": "7002", "ig_sid": "8002"},
        "whatsapp": {"ctwa_clid": "ARAk", "waba_id": "7003"},
    }
    channel = random.choice([*keys])
    pairs = "," + json.dumps(keys[channel])[1:-1]
    surroundings: dict[str, Cells] = {
        "website": {"event_source_url": "https://shop.example/?a=1&b='2'"},
        "app": {"app_data": json.dumps({"extinfo": json.loads(EXTINFO)}), "device": "i2"},
        "business_messaging": {"messaging_channel": channel, "user_keys": pairs, **keys[channel]},
    }
    return surroundings.get(source, {})


def _customer(random: Random, pools: Mapping[str, Sequence[str]]) -> Cells:
    """Somebody of few, so that they meet again, and fields of the cases at random."""
    place = random.randrange(len(PEOPLE))
    row: Cells = {"country": random.choice(COUNTRIES)}
    if random.random() < 0.8:
        row["email"] = random.choice(LISTS).format(PEOPLE[place])
    if random.random() < 0.4:
        row["phone"] = random.choice(PHONES).format(place, place)
    if random.random() < 0.5:
        row["client_user_agent"] = f"Mozilla/5.0 (X11; {place})"
    for column, values in pools.items():
        if random.random() < 0.25:
            row[column] = random.choice(values)
    return row


def _article(random: Random) -> Cells:
    return {
        "item_id": random.choice(["MUG", "TEA", "SET", "CHEESE", " ", None]),
        "item_title": random.choice([None, 'A "mug"', "Käse, 0.3 l"]),
        "item_number": random.choice([None] * 9 + ["1", "2"]),
        "quantity": random.choice(QUANTITIES),
        "unit_price": random.choice(PRICES),
        "line_total": random.choice((*AMOUNTS, *[f"{random.randrange(9999) / 100:.2f}"] * 12)),
        "order_total": random.choice([None] * 8 + ["99.00", "98.00"]),
    }


def _edit(random: Random) -> Cells:
    """What is another text in a newer version, or nothing."""
    edits: list[Cells] = [
        {},
        {"line_total": "5.55", "order_total": None},
        {"currency": "CHF"},
        {"event_time": "2026-11-19 08:00:00"},
        {"event_time": None},
        {"email": "corrected@example.com"},
        {"line_total": None, "unit_price": None},
    ]
    return random.choice(edits)


def _pools() -> dict[str, list[str]]:
    """Values of the cases of tests/data, by column."""
    pools: dict[str, list[str]] = {"email_2": ["b@x.de"], "phone_2": ["+4917012345678"]}
    with (DATA / "normalization-cases.jsonl").open(encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    with (DATA / "normalization-more.csv").open(encoding="utf-8", newline="") as file:
        found += csv.DictReader(file)
    for case in found:
        column = RAW_NAMES.get(case["field"], case["field"])
        if case["value"] and column not in ("email", "phone", "country"):
            pools.setdefault(column, []).append(case["value"])
    return pools
