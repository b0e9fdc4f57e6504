"""The report's pictures, from its facts, each with the words for who cannot see it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tillpost.pipeline.audit_cells import by
from tillpost.pipeline.counting import Group
from tillpost.pipeline.page_facts import PageFacts
from tillpost.report import charts
from tillpost.report.builds import BUCKETS
from tillpost.report.charts import ANSWERS, OUTCOMES
from tillpost.report.coverage import by_day, by_store, fields_in
from tillpost.report.drawing import Picture, picture
from tillpost.report.page_tables import tally_of
from tillpost.report.sums import day_of, events, grouped, outcome, plural, values

DAYS = 63
"""As far back as charts by day go: Meta takes nothing older."""
_DAY = 86_400
_CURRENCIES = 4
_STORES = 40
_INKS = {"pending": "going", "accepted": "went", "folded": "other", "repeated": "other"}
_VALUES = {name: ink for name, ink in OUTCOMES.items() if name != "does not go"}


def funnel(facts: PageFacts) -> Picture:
    """Where the source rows end."""
    counts = {
        bucket: sum(each.get(bucket, 0) for each in facts.funnel.values()) for bucket, _ in BUCKETS
    }
    records = [
        {"label": bucket, "count": count, "ink": _INKS.get(bucket, "not")}
        for bucket, count in counts.items()
        if count
    ]
    words = ", ".join(f"{each['label']} {each['count']:,}" for each in records)
    return picture(
        "funnel",
        "Source rows in scope, by the bucket they end in",
        f"One bar a bucket: {words}.",
        lambda width: charts.bars(records, width=width),
    )


def reasons(facts: PageFacts) -> Picture:
    """Why sales are rejected."""
    counts: dict[str, int] = defaultdict(int)
    for each in facts.reasons:
        counts[each.word] += each.sales
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    records = [{"label": word, "count": count, "ink": "not"} for word, count in ranked]
    first = ", ".join(f"{word} {count:,}" for word, count in ranked[:3])
    return picture(
        "reasons",
        "Rejected sales by reason; a sale may have several",
        f"One bar a reason, the longest first: {first}.",
        lambda width: charts.bars(records, width=width),
    )


def recent(facts: PageFacts) -> list[Group]:
    """The groups of the days that charts show."""
    last = facts.plan.as_of
    return [
        group
        for group in facts.plan.groups
        if group.day is not None and last - DAYS * _DAY < group.day <= last
    ]


def days(facts: PageFacts) -> Picture:
    """Sales by day and outcome."""
    groups = recent(facts)
    return picture(
        "days",
        "Sales by day and what becomes of them",
        f"Stacked bars of {plural(len({g.day for g in groups}), 'day')}: {_sums(groups)}.",
        lambda width: charts.days(
            [*_edges(facts, OUTCOMES), *_by_day(groups)], inks=OUTCOMES, width=width
        ),
    )


def day_values(facts: PageFacts) -> Picture:
    """Value by day for the currencies with the most sales."""
    groups = [group for group in recent(facts) if group.currency and outcome(group) in _VALUES]
    by = grouped(groups, lambda group: group.currency or "")
    largest = sorted(by, key=lambda code: (-events(by[code]), code))[:_CURRENCIES]
    words = ", ".join(f"{code} {values(by[code])[code]:,.0f}" for code in largest)
    return picture(
        "values",
        "Value by day, for each currency by a scale of its own",
        f"Stacked bars by day of what went or would go: {words or 'nothing'}.",
        lambda width: charts.values(
            {
                code: [*_edges(facts, _VALUES), *_by_day(by[code], is_value=True)]
                for code in largest
            },
            inks=_VALUES,
            width=width,
        ),
    )


def coverage(facts: PageFacts) -> Picture:
    """Which share of a day's sales has each field."""
    sources = {
        source: [
            {"day": day_of(each.day or 0), "field": field, "share": each.share(field)}
            for each in covered
            for field in fields_in(covered)
        ]
        for source, covered in by(by_day(facts), lambda each: each.source).items()
    }
    return picture(
        "coverage",
        "Share of sales that have a field, by day and source",
        "A cell for each field and each day, the stronger the more sales have"
        " the field; the table has the shares.",
        lambda width: charts.heat(sources, width=width),
    )


def stores(facts: PageFacts) -> Picture:
    """Which share of a store's sales has each field: the stores that Meta can match least."""
    found = sorted(by_store(facts), key=lambda each: each.matchable / each.sales)[:_STORES]
    records = [
        {"store": f"{each.store}", "field": field, "share": each.share(field)}
        for each in found
        for field in fields_in(found)
    ]
    return picture(
        "stores",
        "Share of sales that have a field, by store; first the one that Meta can match least",
        "A cell for each field and store, the stronger the more sales have the field;"
        " the table has the shares.",
        lambda width: charts.stores(records, width=width),
    )


def history(facts: PageFacts) -> Picture:
    """What the edge said, by the day of the run."""
    since = facts.plan.as_of - DAYS * _DAY
    records = [
        {"day": day_of(run.started_at), "kind": kind, "place": place, "count": count}
        for run in facts.runs
        if run.started_at > since
        for place, (kind, count) in enumerate(zip(ANSWERS, tally_of(run), strict=True))
        if count
    ]
    totals = dict.fromkeys(ANSWERS, 0)
    for each in records:
        totals[str(each["kind"])] += int(str(each["count"]))
    words = ", ".join(f"{name} {count:,}" for name, count in totals.items())
    return picture(
        "history",
        "Sales by the day on which they were sent, and Meta's answer",
        f"Stacked bars by day: {words}.",
        lambda width: charts.days([*_edges(facts, ANSWERS), *records], inks=ANSWERS, width=width),
    )


def _edges(facts: PageFacts, kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Nothing on the first and the last day: all charts by day have the same span."""
    last, kind = facts.plan.as_of, next(iter(kinds))
    return [
        {"day": day_of(day), "kind": kind, "place": 0, "count": 0}
        for day in (last - (DAYS - 1) * _DAY, last)
    ]


def _by_day(groups: Iterable[Group], *, is_value: bool = False) -> list[dict[str, Any]]:
    """Sums for a stacked chart: little enough to travel."""
    by = grouped(groups, lambda group: (day_of(group.day or 0), outcome(group)))
    places = list(OUTCOMES)
    return [
        {
            "day": day,
            "kind": kind,
            "place": places.index(kind),
            "count": sum(values(found).values()) if is_value else events(found),
        }
        for (day, kind), found in by.items()
    ]


def _sums(groups: Iterable[Group]) -> str:
    by = grouped(groups, outcome)
    return ", ".join(f"{name} {events(by.get(name, ())):,}" for name in OUTCOMES)
