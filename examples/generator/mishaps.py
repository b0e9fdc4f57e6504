"""What goes wrong with receipts, one function a kind."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from generator.contacts import NOBODY
from generator.rates import RECEIPT_MISHAPS
from generator.receipts import CENT, Line, Receipt
from generator.sales import wall_time

RECENT = timedelta(days=62)
# An edited receipt is in all three exports: older than the first, within the reach of the last.
EDITABLE = timedelta(days=7), timedelta(days=29)
A_YEAR = timedelta(days=365)
UNREADABLE_TIMES = ("", "yesterday", "0000-00-00 00:00:00", "2026-02-30 10:00:00", "31.13. 25:61")
WRONG_CURRENCIES = ("€", "EURO", "XXX", "DM", "US$", "")
FREE = {"unit_price": "0.00", "line_total": "0.00"}


def with_mishaps(receipts: list[Receipt], *, as_of: datetime, rng: random.Random) -> list[Receipt]:
    """The receipts in the same order, some of the recent ones changed for the worse."""
    recent = [
        index
        for index, receipt in enumerate(receipts)
        if as_of - receipt.moment < RECENT and not receipt.mishap
    ]
    rng.shuffle(recent)
    changed = list(receipts)
    for kind, rate in RECEIPT_MISHAPS.items():
        fits, change = KINDS[kind]
        count = max(1, round(rate * len(recent)))
        fitting = (
            index
            for index in recent
            if not changed[index].mishap and fits(changed[index], as_of - changed[index].moment)
        )
        for _, index in zip(range(count), fitting, strict=False):
            changed[index] = replace(change(changed[index], rng), mishap=kind)
    return changed


def corrected(receipt: Receipt) -> Receipt:
    """An edited receipt as the office corrected it: the first article was a tenth cheaper."""
    first = receipt.lines[0]
    price = (Decimal(first.unit_price) * Decimal("0.9")).quantize(CENT)
    total = (Decimal(first.quantity) * price).quantize(CENT)
    line = replace(first, unit_price=str(price), line_total=str(total))
    return replace(receipt, lines=(line, *receipt.lines[1:]))


def _always(_receipt: Receipt, _age: timedelta) -> bool:
    return True


def _has_two_lines(receipt: Receipt, _age: timedelta) -> bool:
    return len(receipt.lines) > 1


def _has_two_lines_and_customer(receipt: Receipt, _age: timedelta) -> bool:
    return len(receipt.lines) > 1 and receipt.contact != NOBODY


def _is_in_every_export(_receipt: Receipt, age: timedelta) -> bool:
    return EDITABLE[0] < age < EDITABLE[1]


def _with_last(receipt: Receipt, line: Line) -> Receipt:
    return replace(receipt, lines=(*receipt.lines[:-1], line))


def _returned(line: Line) -> Line:
    return replace(line, quantity=f"-{line.quantity}", line_total=f"-{line.line_total}")


def _unchanged(receipt: Receipt, _rng: random.Random) -> Receipt:
    """An edited receipt is right in the beginning: only the last export has it corrected."""
    return receipt


def _return_line(receipt: Receipt, _rng: random.Random) -> Receipt:
    return _with_last(receipt, _returned(receipt.lines[-1]))


def _whole_refund(receipt: Receipt, _rng: random.Random) -> Receipt:
    return replace(receipt, lines=tuple(_returned(line) for line in receipt.lines))


def _discount_line(receipt: Receipt, _rng: random.Random) -> Receipt:
    last = receipt.lines[-1]
    off = str(-(Decimal(receipt.lines[0].line_total) / 10).quantize(CENT))
    discount = {"article_no": "", "article": "Discount 10 %", "brand": "", "category": ""}
    return _with_last(
        receipt, replace(last, **discount, quantity="1", unit_price=off, line_total=off)
    )


def _zero_value(receipt: Receipt, _rng: random.Random) -> Receipt:
    return replace(receipt, lines=tuple(replace(line, **FREE) for line in receipt.lines))


def _future_time(receipt: Receipt, _rng: random.Random) -> Receipt:
    """The till's clock is a year ahead."""
    return replace(receipt, sold_at=wall_time(receipt.moment + A_YEAR, store=receipt.store))


def _unreadable_time(receipt: Receipt, rng: random.Random) -> Receipt:
    return replace(receipt, sold_at=rng.choice(UNREADABLE_TIMES))


def _text_for_number(receipt: Receipt, _rng: random.Random) -> Receipt:
    last = receipt.lines[-1]
    text = f"{last.line_total.replace('.', ',')} or so"
    return _with_last(receipt, replace(last, line_total=text))


def _no_receipt_no(receipt: Receipt, _rng: random.Random) -> Receipt:
    return replace(receipt, receipt_no="")


def _in_currency(receipt: Receipt, currency: str) -> Receipt:
    return replace(receipt, lines=tuple(replace(line, currency=currency) for line in receipt.lines))


def _lower_case_currency(receipt: Receipt, _rng: random.Random) -> Receipt:
    return _in_currency(receipt, receipt.store.currency.lower())


def _wrong_currency(receipt: Receipt, rng: random.Random) -> Receipt:
    return _in_currency(receipt, rng.choice(WRONG_CURRENCIES))


def _mixed_currencies(receipt: Receipt, _rng: random.Random) -> Receipt:
    other = "USD" if receipt.store.currency == "EUR" else "EUR"
    return _with_last(receipt, replace(receipt.lines[-1], currency=other))


def _late_customer(receipt: Receipt, _rng: random.Random) -> Receipt:
    """The card was shown when half the goods were through, so only the last line knows it."""
    return replace(receipt, customer_from=len(receipt.lines) - 1)


Fits = Callable[[Receipt, timedelta], bool]
Change = Callable[[Receipt, random.Random], Receipt]

KINDS: dict[str, tuple[Fits, Change]] = {
    "edited": (_is_in_every_export, _unchanged),
    "return_line": (_has_two_lines, _return_line),
    "whole_refund": (_always, _whole_refund),
    "discount_line": (_has_two_lines, _discount_line),
    "zero_value": (_always, _zero_value),
    "future_time": (_always, _future_time),
    "unreadable_time": (_always, _unreadable_time),
    "text_for_number": (_always, _text_for_number),
    "no_receipt_no": (_always, _no_receipt_no),
    "lower_case_currency": (_always, _lower_case_currency),
    "wrong_currency": (_always, _wrong_currency),
    "mixed_currencies": (_has_two_lines, _mixed_currencies),
    "late_customer": (_has_two_lines_and_customer, _late_customer),
}
