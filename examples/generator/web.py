"""The web shop's orders, typed; some were collected in a store, whose till knows them too."""

import random
import uuid
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from generator.contacts import NOBODY, filled_in
from generator.people import Person, visitor
from generator.places import COUNTRIES
from generator.rates import WEB_FLAWS
from generator.receipts import Receipt

DAYS, SLOPE = 30, 1.4
HOMES = {code: country.share for code, country in COUNTRIES.items()}
CHANNELS = {"website": 80, "phone_call": 8, "email": 5, "chat": 5, "other": 2}
PAGES = ("", "checkout", "coffee/espresso-beans", "kitchen/moka-pot?utm_source=newsletter")
BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/149.0.0.0 Mobile",
    'Mozilla/5.0 (X11; Linux x86_64; "quoted, with comma") Gecko/20100101 Firefox/150.0',
)
# From order to collection, in seconds.
COLLECTED_AFTER = 200, 900
WITH_MOBILE_AD_ID, WITH_LEAD_NO = 0.20, 0.05
NO_TRACKING = str(uuid.UUID(int=0))
BAD_LEAD_NOS = ("L-2041", "12345678", "1234567890123456789")
BAD_CURRENCIES = ("eur", "€", "XXX", "usd")
BAD_BIRTH_DATES = (date(1, 1, 1), date(1899, 12, 30), date(2099, 12, 31))

# DuckDB's type of each column that is not text.
TYPES = {"ordered_at": "timestamptz", "total": "decimal(12, 2)", "birth_date": "date"}


@dataclass(frozen=True, kw_only=True)
class WebOrder:
    """One order."""

    order_id: str
    ordered_at: datetime
    channel: str
    page_url: str | None
    user_agent: str | None
    total: Decimal
    currency: str
    email: str
    phone: str
    first_name: str
    last_name: str
    gender: str
    birth_date: date | None
    city: str
    state: str
    postal_code: str
    country: str
    customer_no: str
    mobile_ad_id: str | None
    lead_no: str | None


def all_web_orders(
    people: dict[str, tuple[Person, ...]],
    *,
    receipts: list[Receipt],
    count: int,
    as_of: datetime,
    rng: random.Random,
) -> list[WebOrder]:
    """``count`` orders of the last thirty days, by time."""
    customers = {person.customer_no: person for some in people.values() for person in some}
    candidates = [receipt for receipt in receipts if _was_collected(receipt, as_of=as_of)]
    share = round(count * WEB_FLAWS["click_and_collect"])
    collected = rng.sample(candidates, min(len(candidates), max(1, share)))
    orders = [
        _of_receipt(receipt, person=customers[receipt.contact.customer_no], rng=rng)
        for receipt in collected
    ]
    for number in range(count - len(orders)):
        person = visitor(people, countries=HOMES, rng=rng)
        orders.append(_delivered(number, person=person, as_of=as_of, rng=rng))
    return sorted(orders, key=lambda order: (order.ordered_at, order.order_id))


def _was_collected(receipt: Receipt, *, as_of: datetime) -> bool:
    """Whether the receipt may be that of an order from the web."""
    young = as_of - receipt.moment < timedelta(days=DAYS)
    return young and receipt.contact != NOBODY and not receipt.mishap


def _of_receipt(receipt: Receipt, *, person: Person, rng: random.Random) -> WebOrder:
    return _order(
        person,
        order_id=receipt.order_id,
        ordered_at=receipt.moment - timedelta(seconds=rng.randint(*COLLECTED_AFTER)),
        total=receipt.total,
        currency=receipt.store.currency,
        rng=rng,
    )


def _delivered(number: int, *, person: Person, as_of: datetime, rng: random.Random) -> WebOrder:
    age = timedelta(seconds=60 + int(DAYS * 86_400 * rng.random() ** SLOPE))
    return _order(
        person,
        order_id=f"W-{100_000 + number}",
        ordered_at=as_of - age,
        total=Decimal(rng.randrange(490, 24_000)) / 100,
        currency=COUNTRIES[person.country].currency,
        rng=rng,
    )


def _happens(flaw: str, *, rng: random.Random) -> bool:
    return rng.random() < WEB_FLAWS[flaw]


def _order(  # noqa: PLR0913 - what differs between collected and delivered orders
    person: Person,
    *,
    order_id: str,
    ordered_at: datetime,
    total: Decimal,
    currency: str,
    rng: random.Random,
) -> WebOrder:
    (channel,) = rng.choices(list(CHANNELS), weights=list(CHANNELS.values()))
    seen = channel == "website" and not _happens("website_without_browser", rng=rng)
    contact = asdict(filled_in(person, rng=rng))
    written = contact.pop("birth_date")
    return WebOrder(
        order_id=order_id,
        ordered_at=ordered_at,
        channel=channel,
        page_url=f"https://shop.example.com/{rng.choice(PAGES)}" if seen else None,
        user_agent=rng.choice(BROWSERS) if seen else None,
        total=total,
        currency=rng.choice(BAD_CURRENCIES) if _happens("bad_web_currency", rng=rng) else currency,
        birth_date=_birth_date(person, known=bool(written), rng=rng),
        mobile_ad_id=_mobile_ad_id(rng=rng),
        lead_no=_lead_no(rng=rng),
        **contact,
    )


def _birth_date(person: Person, *, known: bool, rng: random.Random) -> date | None:
    if _happens("bad_birth_date", rng=rng):
        return rng.choice(BAD_BIRTH_DATES)
    return person.birth_date if known else None


def _mobile_ad_id(*, rng: random.Random) -> str | None:
    if _happens("zeroed_mobile_ad_id", rng=rng):
        return NO_TRACKING
    if rng.random() >= WITH_MOBILE_AD_ID:
        return None
    ad_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return rng.choice((ad_id, ad_id.upper()))


def _lead_no(*, rng: random.Random) -> str | None:
    if _happens("bad_lead_no", rng=rng):
        return rng.choice(BAD_LEAD_NOS)
    return str(rng.randrange(10**14, 10**16)) if rng.random() < WITH_LEAD_NO else None


def write_web_orders(orders: list[WebOrder], *, path: Path) -> None:
    """Write the orders to a Parquet file, a column of its own type each."""
    names = [field.name for field in fields(WebOrder)]
    columns = ", ".join(
        f"unnest(?::varchar[])::{TYPES.get(name, 'varchar')} as {name}" for name in names
    )
    values = [[_text(getattr(order, name)) for order in orders] for name in names]
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute(f"create table web_orders as select {columns}", values)
        database.table("web_orders").write_parquet(str(path), compression="zstd")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
