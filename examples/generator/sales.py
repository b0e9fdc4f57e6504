"""What was really sold: when, where, to whom. No mishap has happened yet."""

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from generator.articles import PIECES, WEIGHED
from generator.contacts import NOBODY, Contact, filled_in
from generator.people import Person, visitor
from generator.rates import AGED_RECEIPTS, ANONYMOUS_RECEIPTS, HISTORY_LINES, WEIGHED_LINES
from generator.receipts import Line, Receipt, goods_line
from generator.stores import STORES, Store

OPENS, OPEN_MINUTES = 9, 11 * 60
TILLS = "1234"
RECEIPT_LENGTHS = (1, 1, 2, 2, 2, 3, 3, 4, 5, 7)
# Days before as-of. The younger the fuller; history keeps clear of the 63 days that are read.
RECENT_DAYS, RECENT_SLOPE = 60, 1.8
HISTORY_FROM, HISTORY_TO = 66, 5 * 365
# The last sales of the day have not reached the export.
EXPORT_LAG = timedelta(minutes=15)
YOUNGER_THAN_ITS_AGE = timedelta(hours=6)


def all_sales(
    people: dict[str, tuple[Person, ...]], *, lines: int, as_of: datetime, rng: random.Random
) -> list[Receipt]:
    """Receipts of ``lines`` lines together, numbered, by store and time."""

    def sold(days: float, length: int) -> Receipt:
        (store,) = rng.choices(STORES, weights=[store.share for store in STORES])
        moment = _opening_hour(as_of - timedelta(days=days), store=store, as_of=as_of, rng=rng)
        return _receipt(people, store=store, moment=moment, length=length, rng=rng)

    def recent_age() -> float:
        return RECENT_DAYS * math.pow(rng.random(), RECENT_SLOPE)

    def history_age() -> float:
        return rng.uniform(HISTORY_FROM, HISTORY_TO)

    aged = list(_aged(people, as_of=as_of, rng=rng))
    history = round(lines * HISTORY_LINES)
    recent = lines - history - sum(len(receipt.lines) for receipt in aged)
    ages = ((history, history_age), (recent, recent_age))
    sales = [sold(age(), length) for count, age in ages for length in _lengths(count, rng=rng)]
    return sorted([*_numbered(sales), *aged], key=_place_and_time)


def wall_time(moment: datetime, *, store: Store) -> str:
    """The moment as the clock over the store's tills shows it."""
    return moment.astimezone(store.clock).strftime("%Y-%m-%d %H:%M:%S")


def _place_and_time(receipt: Receipt) -> tuple[str, datetime]:
    return receipt.store.store_id, receipt.moment


def _lengths(lines: int, *, rng: random.Random) -> Iterator[int]:
    """Lengths of receipts that add up to ``lines``."""
    while lines > 0:
        length = min(lines, rng.choice(RECEIPT_LENGTHS))
        yield length
        lines -= length


def _opening_hour(
    moment: datetime, *, store: Store, as_of: datetime, rng: random.Random
) -> datetime:
    """Some time of that day when the store was open, and which the exports already know."""
    opened = moment.astimezone(store.clock).replace(hour=OPENS, minute=0, second=0)
    local = opened + timedelta(minutes=rng.randrange(OPEN_MINUTES), seconds=rng.randrange(60))
    found = local.astimezone(UTC)
    return found if found < as_of - EXPORT_LAG else (local - timedelta(days=1)).astimezone(UTC)


def _receipt(
    people: dict[str, tuple[Person, ...]],
    *,
    store: Store,
    moment: datetime,
    length: int,
    rng: random.Random,
) -> Receipt:
    contact: Contact = NOBODY
    if rng.random() >= ANONYMOUS_RECEIPTS:
        contact = filled_in(visitor(people, countries=store.visitors, rng=rng), rng=rng)
    return Receipt(
        store=store,
        till_no=rng.choice(TILLS),
        receipt_no="",
        moment=moment,
        sold_at=wall_time(moment, store=store),
        contact=contact,
        lines=tuple(
            _line(number, currency=store.currency, rng=rng) for number in range(1, length + 1)
        ),
    )


def _line(number: int, *, currency: str, rng: random.Random) -> Line:
    if rng.random() < WEIGHED_LINES:
        article, quantity = rng.choice(WEIGHED), Decimal(rng.randrange(90, 1900)) / 1000
    else:
        article, quantity = rng.choice(PIECES), Decimal(rng.choice((1, 1, 1, 1, 2, 3)))
    return goods_line(article, line_no=number, quantity=quantity, currency=currency)


def _numbered(receipts: list[Receipt]) -> Iterator[Receipt]:
    """The receipts with their numbers, which start at 1 in every store every year."""
    given: Counter[tuple[str, str]] = Counter()
    for receipt in sorted(receipts, key=_place_and_time):
        store_year = receipt.store.store_id, receipt.sold_at[:4]
        given[store_year] += 1
        yield replace(receipt, receipt_no=str(given[store_year]))


def _aged(
    people: dict[str, tuple[Person, ...]], *, as_of: datetime, rng: random.Random
) -> Iterator[Receipt]:
    """The receipts on both sides of every window, of a person with a whole form each."""
    store = STORES[0]
    for days, number in AGED_RECEIPTS.items():
        moment = as_of - timedelta(days=days) + YOUNGER_THAN_ITS_AGE
        receipt = _receipt(people, store=store, moment=moment, length=2, rng=rng)
        person = visitor(people, countries=store.visitors, rng=rng)
        yield replace(
            receipt, receipt_no=str(number), contact=filled_in(person, rng=rng), mishap="aged"
        )
