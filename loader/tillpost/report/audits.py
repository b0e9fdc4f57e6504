"""The health of what would be sent: for a terminal, and for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from tillpost.pipeline.audit import Audit
from tillpost.pipeline.audit_cells import FIELDS, GOOD, NO_STORE, Cell, Counts, by, of, summed
from tillpost.pipeline.audit_findings import Finding, percent
from tillpost.pipeline.counting import GOING
from tillpost.pipeline.quality_factors import Factor
from tillpost.report.builds import BUCKETS
from tillpost.report.sums import day_of, events, money, plural, shown, values
from tillpost.report.tables import table

_FORMAT = 1
_MOST = 40


def audit_words(audit: Audit) -> str:
    """What to look at first, then what it was found in."""
    parts = [_head(audit), _findings(audit.findings), _funnel(audit)]
    good = of(audit.facts.cells, *GOOD)
    if good:
        parts.append(_coverage(good))
    if pending := of(audit.facts.cells, "pending"):
        parts.append(_matching(pending))
    if audit.facts.values:
        parts.append(_values(audit))
    if audit.factors:
        parts.append(_factors(audit.factors))
    return "\n\n".join(parts)


def audit_json(audit: Audit) -> str:
    """All of it for programs; days are UTC."""
    facts = audit.facts
    content = {
        "format": _FORMAT,
        "as_of": _moment(audit.plan.as_of),
        "target": audit.plan.target,
        "build": audit.plan.build and audit.plan.build.run_id,
        "rules_version": audit.plan.rules_version,
        "failures": len(audit.failures),
        "findings": [_finding(each) for each in audit.findings],
        "factors": [{**asdict(each), "passes": each.passes} for each in audit.factors],
        "funnel": facts.funnel,
        "days": [_cell(each) for each in facts.cells],
        "reasons": [asdict(each) for each in facts.reasons],
        "dropped_fields": [{**asdict(each), "day": _day(each.day)} for each in facts.dropped],
        "values": [asdict(each) for each in facts.values],
        "outliers": [asdict(each) for each in facts.outliers],
        "split_baskets": [
            {**asdict(each), "minute": _moment(each.minute)} for each in facts.splits
        ],
        "frequent_hashes": [asdict(each) for each in facts.frequent],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _head(audit: Audit) -> str:
    plan = audit.plan
    going = [group for group in plan.groups if group.bucket in GOING]
    worth = money(values(going))
    build = plan.build.run_id if plan.build else ""
    return (
        f"Audit of build {build}: target {plan.target}, as of {shown(plan.as_of)}\n\n"
        f"{plural(events(going), 'event')} would be sent{f': {worth}' if worth else ''}"
    )


def _findings(found: Iterable[Finding]) -> str:
    findings = list(found)
    if not findings:
        return "Nothing is beyond a limit"
    failures = sum(each.is_failure for each in findings)
    head = f"{plural(failures, 'failure')} and {plural(len(findings) - failures, 'warning')}"
    lines = [
        f"{each.severity}: {_place(each)}{each.what} ({each.check} {each.limit:g})"
        f"\n  do this: {each.fix}"
        for each in findings[:_MOST]
    ]
    if len(findings) > _MOST:
        lines.append(f"… and {len(findings) - _MOST:,} more: --output json")
    return "\n".join([head, *lines])


def _place(finding: Finding) -> str:
    place = finding.place
    names = [place.source, place.store, place.dataset_id and f"dataset {place.dataset_id}"]
    words = " ".join(name for name in names if name)
    return f"{words}: " if words else ""


def _funnel(audit: Audit) -> str:
    funnel = audit.facts.funnel
    names = [name for name, _ in BUCKETS if any(name in counts for counts in funnel.values())]
    rows = [
        (source, *(counts.get(name, 0) for name in names), sum(counts.values()))
        for source, counts in funnel.items()
    ]
    return "Where rows ended\n" + table(("source", *names, "all"), rows)


def _coverage(good: list[Cell]) -> str:
    """The share of sales that have each field, of those whose customer was looked at."""
    places = by(good, lambda each: each.place)
    every = summed(good)
    fields = [n for n in range(len(FIELDS)) if every.given[n]]
    rows = [
        (source, store or NO_STORE, counts.looked_at, *(_share(counts, n) for n in fields))
        for (source, store), cells in sorted(places.items(), key=lambda item: _order(item[0]))
        for counts in [summed(cells)]
    ]
    title = "Sales with each field; behind the minus, those that lose what they have\n"
    return title + table(("source", "store", "sales", *(FIELDS[n] for n in fields)), rows[:_MOST])


def _share(counts: Counts, field: int) -> str:
    if not counts.looked_at:
        return ""
    dropped = counts.given[field] - counts.valid[field]
    valid = f"{counts.valid[field] / counts.looked_at:.0%}"
    return f"{valid} -{max(dropped / counts.looked_at, 0.001):.1%}" if dropped else valid


def _matching(pending: list[Cell]) -> str:
    rows = []
    places = by(pending, lambda each: each.place)
    for (source, store), its in sorted(places.items(), key=lambda item: _order(item[0])):
        counts = summed(its)
        seen = max(counts.looked_at, 1)
        rows.append(
            (
                source,
                store or NO_STORE,
                counts.sales,
                percent(counts.matchable / seen),
                percent(counts.with_contact / seen),
                percent(counts.fresh_sales / counts.sales),
            )
        )
    header = ("source", "store", "to send", "can match", "with contact", "under 3 days")
    return "What Meta could make of them\n" + table(header, rows[:_MOST])


def _values(audit: Audit) -> str:
    rows = [
        (
            each.dataset_id,
            each.event_name,
            each.currency,
            each.sales,
            each.zero_sales,
            *(f"{value:,.2f}" for value in each.quantiles.values()),
            f"{each.largest:,.2f}",
        )
        for each in audit.facts.values
    ]
    names = audit.facts.values[0].quantiles
    header = ("dataset", "event", "currency", "sales", "zero", *names, "largest")
    return "What sales are worth\n" + table(header, rows)


def _factors(factors: Iterable[Factor]) -> str:
    words = {True: "passes", False: "fails", None: "not known yet"}
    rows = [
        (
            each.dataset_id,
            each.factor,
            "" if each.measured is None else f"{each.measured:g}",
            f"{each.limit:g}",
            words[each.passes],
        )
        for each in factors
    ]
    title = "What Meta's quality score hangs on (its own: tillpost reconcile)\n"
    return title + table(("dataset", "factor", "measured", "at least", ""), rows)


def _finding(finding: Finding) -> dict[str, object]:
    """Flat, and what does not apply is null."""
    return {
        "check": finding.check,
        "severity": finding.severity,
        "what": finding.what,
        "fix": finding.fix,
        "measured": finding.measured,
        "limit": finding.limit,
        **{name: value or None for name, value in asdict(finding.place).items()},
        "day": _day(finding.place.day),
    }


def _cell(cell: Cell) -> dict[str, object]:
    counts = asdict(cell.counts)
    fields = {
        field: {"given": given, "valid": valid}
        for field, given, valid in zip(FIELDS, cell.counts.given, cell.counts.valid, strict=True)
    }
    return {
        "source": cell.source,
        "store": cell.store,
        "day": _day(cell.day),
        "dataset_id": cell.dataset_id,
        "currency": cell.currency,
        "bucket": cell.bucket,
        **{name: number for name, number in counts.items() if name not in ("given", "valid")},
        "fields": fields,
    }


def _order(place: tuple[str, str | None]) -> tuple[str, str]:
    return place[0], place[1] or ""


def _day(day: int | None) -> str | None:
    return None if day is None else day_of(day)


def _moment(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
