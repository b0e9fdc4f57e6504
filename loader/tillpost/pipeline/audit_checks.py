"""What is wrong with what would be sent: each check measures one thing in each place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tillpost.pipeline.audit_cells import FIELDS, GOOD, PROBLEM_FIELDS, Cell, by, of, summed
from tillpost.pipeline.audit_facts import AuditFacts
from tillpost.pipeline.audit_findings import FEWEST, Finding, Judge, Place, percent

_HOUR = 3600
# They are in the nature of sales, or somebody wanted them.
_EXPECTED_REASONS = {"too_old", "refund", "no_consent", "forgotten"}


def findings(facts: AuditFacts, judge: Judge, *, now: int) -> Iterator[Finding]:
    """All that is beyond a limit today."""
    yield from _balance(facts)
    for (source, store), cells in by(facts.cells, lambda each: each.place).items():
        yield from _customers(judge, cells, source=source, store=store)
        yield from _losses(facts, judge, cells, source=source, store=store)
        yield from _amounts(judge, cells, source=source, store=store)
        yield from _currencies(judge, cells, source=source, store=store)
    for source, cells in by(facts.cells, lambda each: each.source).items():
        yield from _rejected(facts, judge, cells, source=source)
        yield from _duplicates(judge, cells, source=source)
        yield from _silence(judge, cells, source=source, now=now)
        yield from _splits(facts, judge, cells, source=source)
    yield from _outliers(facts, judge)
    yield from _frequent(facts, judge)


def _balance(facts: AuditFacts) -> Iterator[Finding]:
    """Each row once: as the basket it belongs to, or as one that counts for nothing."""
    held = by(facts.cells, lambda each: each.source)
    for source, buckets in facts.funnel.items():
        rows = sum(buckets.values())
        counted = summed(held.get(source, [])).source_rows
        counted += buckets.get("repeated", 0) + buckets.get("unreadable", 0)
        if counted != rows:
            yield Finding(
                check="balance",
                is_failure=True,
                what=f"the sales are made of {counted:,} rows, the funnel has {rows:,}",
                fix="tillpost build; if it stays so, a model was changed that counts rows twice",
                measured=counted,
                limit=rows,
                place=Place(source=source),
            )


def _customers(
    judge: Judge, cells: list[Cell], *, source: str, store: str | None
) -> Iterator[Finding]:
    """How well Meta can know the customers of what would be sent."""
    pending = summed(of(cells, "pending"))
    if pending.looked_at >= FEWEST:
        share = pending.matchable / pending.looked_at
        yield from judge.find(
            "min_match_share",
            share,
            what=f"Meta can match {percent(share)} of {pending.looked_at:,} sales",
            fix="ask for an e-mail or a phone at the till, or map more columns of the customer",
            place=Place(source=source, store=store),
        )
        share = pending.with_contact / pending.looked_at
        yield from judge.find(
            "min_contact_share",
            share,
            what=f"{percent(share)} of {pending.looked_at:,} sales have e-mail, phone or mobile id",
            fix="ask for an e-mail or a phone at the till: Meta matches best on these",
            place=Place(source=source, store=store),
        )


def _losses(
    facts: AuditFacts, judge: Judge, cells: list[Cell], *, source: str, store: str | None
) -> Iterator[Finding]:
    """Fields that the source gives and Meta does not get, with what is mostly wrong with them."""
    good = summed(of(cells, *GOOD))
    place = Place(source=source, store=store)
    for field, given, valid in zip(FIELDS, good.given, good.valid, strict=True):
        if given < FEWEST or given == valid:
            continue
        problem, meaning = _main_problem(facts, place, PROBLEM_FIELDS.get(field, field))
        yield from judge.find(
            "max_dropped_share",
            1 - valid / given,
            what=f"{given - valid:,} of {given:,} sales lose their {field}, mostly {problem}",
            fix=f"{meaning}: mend it at the source (audit_problems has a row of each)",
            place=replace(place, field=field),
        )


def _main_problem(facts: AuditFacts, place: Place, field: str) -> tuple[str, str]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in facts.dropped:
        if (each.source, each.store, each.field) == (place.source, place.store, field):
            counts[each.problem, each.meaning] += each.sales
    return max(counts, key=lambda key: counts[key], default=("for no known reason", "Look at it"))


def _amounts(
    judge: Judge, cells: list[Cell], *, source: str, store: str | None
) -> Iterator[Finding]:
    good = summed(of(cells, *GOOD))
    if good.sales >= FEWEST:
        yield from judge.find(
            "max_zero_share",
            good.zero_sales / good.sales,
            what=f"{good.zero_sales:,} of {good.sales:,} sales are worth nothing",
            fix="map what was paid, or set vars.send_zero_value to false",
            place=Place(source=source, store=store),
        )
    every = summed(each for each in cells if each.bucket != "duplicate")
    if every.sales >= FEWEST:
        yield from judge.find(
            "max_refund_share",
            every.refunds / every.sales,
            what=f"{every.refunds:,} of {every.sales:,} sales are worth less than nothing",
            fix="see whether the sign of an amount was turned, or refunds come without their sale",
            place=Place(source=source, store=store),
        )


def _currencies(
    judge: Judge, cells: list[Cell], *, source: str, store: str | None
) -> Iterator[Finding]:
    """A currency that a store hardly ever takes is mostly a mistake."""
    sold = {
        currency: summed(its).sales
        for currency, its in by(of(cells, *GOOD), lambda each: each.currency).items()
        if currency
    }
    every = sum(sold.values())
    for currency, sales in sold.items():
        if every >= FEWEST:
            yield from judge.find(
                "min_currency_share",
                sales / every,
                what=f"{sales:,} of {every:,} sales are in {currency}",
                fix="see whether the store takes it; a wrong code makes values wrong",
                place=Place(source=source, store=store),
            )


def _rejected(
    facts: AuditFacts, judge: Judge, cells: list[Cell], *, source: str
) -> Iterator[Finding]:
    every = summed(each for each in cells if each.bucket != "duplicate").sales
    for each in facts.reasons:
        if each.source == source and every >= FEWEST and each.reason not in _EXPECTED_REASONS:
            yield from judge.find(
                "max_rejected_share",
                each.sales / every,
                what=f"{each.reason} keeps {each.sales:,} of {every:,} sales from Meta",
                fix=f"{each.meaning}: tillpost why --row '{each.row_ref}'",
                place=Place(source=source, row_ref=each.row_ref),
            )


def _duplicates(judge: Judge, cells: list[Cell], *, source: str) -> Iterator[Finding]:
    every, doubled = summed(cells).sales, summed(of(cells, "duplicate")).sales
    if every >= FEWEST:
        yield from judge.find(
            "max_duplicate_share",
            doubled / every,
            what=f"{doubled:,} of {every:,} sales are duplicates of others",
            fix="see duplicate_events: two exports of the same, or order ids that recur",
            place=Place(source=source),
        )


def _silence(judge: Judge, cells: list[Cell], *, source: str, now: int) -> Iterator[Finding]:
    moments = [each.newest_at for each in cells if each.newest_at and each.newest_at <= now]
    if moments:
        hours = (now - max(moments)) / _HOUR
        yield from judge.find(
            "max_silent_hours",
            hours,
            what=f"its newest sale is {hours:,.0f} hours old",
            fix="see whether its export still runs",
            place=Place(source=source),
        )


def _splits(
    facts: AuditFacts, judge: Judge, cells: list[Cell], *, source: str
) -> Iterator[Finding]:
    good = summed(of(cells, *GOOD)).sales
    found = [each for each in facts.splits if each.source == source]
    if found and good >= FEWEST:
        pieces = sum({each.dataset_id: each.alike for each in found}.values())
        yield from judge.find(
            "max_split_share",
            pieces / good,
            what=f"{pieces:,} times a customer has several orders within a minute",
            fix="map order_id to what the lines of one basket share: one basket, one event",
            place=Place(source=source, row_ref=found[0].row_refs[0]),
        )


def _outliers(facts: AuditFacts, judge: Judge) -> Iterator[Finding]:
    seen = set()
    for each in facts.outliers:
        if (each.source, each.currency) in seen:
            continue
        seen.add((each.source, each.currency))
        yield from judge.find(
            "max_outliers",
            each.alike,
            what=(
                f"{each.alike:,} sales are worth far more than others, up to {each.value:,.2f}"
                f" {each.currency} where half are below {each.median:,.2f}"
            ),
            fix=f"look for a lost decimal comma: tillpost why --row '{each.row_ref}'",
            place=Place(source=each.source, row_ref=each.row_ref),
        )


def _frequent(facts: AuditFacts, judge: Judge) -> Iterator[Finding]:
    for field, found in by(facts.frequent, lambda each: each.field).items():
        yield from judge.find(
            "max_frequent_hashes",
            len(found),
            what=(
                f"{len(found):,} hashes stand in too many sales, one in"
                f" {percent(max(each.share for each in found))} of those with {field}"
            ),
            fix="add what tills type for nobody to seeds/placeholders.csv: docs/audit.md",
            place=Place(field=field),
        )
