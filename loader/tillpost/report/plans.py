"""What would be sent and what would not: for a terminal, for programs, for spreadsheets."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from tillpost.pipeline.counting import GOING, Group
from tillpost.pipeline.plan import Plan
from tillpost.report.builds import BUCKETS
from tillpost.report.sums import events, grouped, shown, values
from tillpost.report.tables import table

COLUMNS = {
    "dataset_id": "varchar",
    "event_name": "varchar",
    "day": "date",
    "currency": "varchar",
    "bucket": "varchar",
    "reasons": "varchar",
    "events": "bigint",
    "source_rows": "bigint",
    "value": "double",
    "expiring": "bigint",
    "expiring_value": "double",
}
"""The columns of a plan's groups as a file has them."""
_FORMAT = 1
_MEANINGS = dict(BUCKETS) | {
    "held": "left without an answer, for a person to settle: tillpost ledger resolve",
    "uncertain": "left without an answer, and different since",
}


def plan_words(plan: Plan) -> str:
    """The plan in tables: what would go, day by day, and what would not, with reasons."""
    going = [group for group in plan.groups if group.bucket in GOING]
    parts = [_head(plan), _total(plan, going)]
    if going:
        parts += [_streams(going), _days(going)]
    if others := [group for group in plan.groups if group.bucket not in GOING]:
        parts.append(_others(others))
    if rejected := [group for group in plan.groups if group.reasons]:
        parts.append(_reasons(plan, rejected))
    return "\n\n".join(parts)


def plan_json(plan: Plan) -> str:
    """The same for programs."""
    going = [group for group in plan.groups if group.bucket in GOING]
    content = {
        "format": _FORMAT,
        "run_id": plan.run_id,
        "project": plan.project,
        "target": plan.target,
        "as_of": _moment(plan.as_of),
        "next_run": _moment(plan.next_run),
        "rules_version": plan.rules_version,
        "build": plan.build and {"run_id": plan.build.run_id, "as_of": _moment(plan.build.as_of)},
        "is_new_build": plan.is_new,
        "digest": plan.digest or None,
        "going": {
            "events": events(going),
            "value": values(going),
            "expiring": sum(group.expiring for group in going),
            "expiring_value": values(going, "expiring_value"),
        },
        "buckets": {
            name: {"events": events(groups), "value": values(groups)}
            for name, groups in grouped(plan.groups, lambda group: group.bucket).items()
        },
        "reasons": {
            name: {"events": events(groups), "value": values(groups)}
            for name, groups in _by_reason(plan.groups).items()
        },
        "groups": [dict(zip(COLUMNS, row, strict=True)) for row in plan_rows(plan)],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def plan_csv(plan: Plan) -> str:
    """The groups for spreadsheets."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(plan_rows(plan))
    return file.getvalue().rstrip("\n")


def plan_rows(plan: Plan) -> list[tuple[Any, ...]]:
    """The groups as rows of `COLUMNS`."""
    return [
        tuple({**asdict(group), "day": _day(group.day)}[name] for name in COLUMNS)
        for group in plan.groups
    ]


def _head(plan: Plan) -> str:
    if plan.build is None:
        source = "another tool's relation"
    elif plan.is_new:
        source = "built for this plan"
    else:
        source = f"build {plan.build.run_id}"
    return (
        f"Plan {plan.run_id}: target {plan.target}, as of {shown(plan.as_of)},"
        f" rules {plan.rules_version}, {source}"
    )


def _total(plan: Plan, going: Sequence[Group]) -> str:
    if not going:
        return "Nothing would be sent"
    words = f"{events(going):,} events would be sent{_after_colon(_money(going))}"
    expiring = sum(group.expiring for group in going)
    if not expiring:
        return f"{words}\nnone of them expires before the next run ({shown(plan.next_run)})"
    value = _after_colon(_money(going, "expiring_value"))
    return f"{words}\nonly now: {expiring:,} expire before {shown(plan.next_run)}{value}"


def _streams(going: Sequence[Group]) -> str:
    named = grouped(going, lambda group: (group.dataset_id, group.event_name, group.currency))
    rows = [
        (
            dataset,
            name,
            currency,
            f"{events(groups):,}",
            f"{events(each for each in groups if each.bucket == 'new'):,}",
            f"{events(each for each in groups if each.bucket == 'again'):,}",
            _amount(values(groups).get(currency or "")),
            f"{sum(group.expiring for group in groups):,}",
            _amount(values(groups, "expiring_value").get(currency or "")),
        )
        for (dataset, name, currency), groups in named.items()
    ]
    header = ("dataset", "event", "currency", "events", "new", "again", "value")
    return table((*header, "expiring", "its value"), rows)


def _days(going: Sequence[Group]) -> str:
    rows = [
        (_day(day), events(groups), sum(each.expiring for each in groups), _money(groups))
        for day, groups in grouped(going, lambda group: group.day).items()
    ]
    return table(("day (UTC)", "events", "expiring", "value"), sorted(rows))


def _others(others: Sequence[Group]) -> str:
    found = grouped(others, lambda group: group.bucket)
    rows = [
        (name, events(found[name]), _money(found[name]), meaning)
        for name, meaning in _MEANINGS.items()
        if name in found
    ]
    return "What would not go\n" + table(("bucket", "sales", "value", "meaning"), rows)


def _reasons(plan: Plan, rejected: Sequence[Group]) -> str:
    rows = [
        (reason, events(groups), _money(groups), plan.meanings.get(reason, ""))
        for reason, groups in _by_reason(rejected).items()
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    title = "Why sales are rejected (a sale may have several reasons)\n"
    return title + table(("reason", "sales", "value", "meaning"), rows)


def _by_reason(groups: Iterable[Group]) -> dict[str, list[Group]]:
    found = defaultdict(list)
    for group in groups:
        for reason in filter(None, group.reasons.split(",")):
            found[reason].append(group)
    return dict(sorted(found.items()))


def _money(groups: Iterable[Group], name: str = "value") -> str:
    sums = values(groups, name).items()
    return ", ".join(f"{_amount(value)} {currency or 'of no currency'}" for currency, value in sums)


def _after_colon(words: str) -> str:
    return f": {words}" if words else ""


def _amount(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _day(day: int | None) -> str | None:
    return None if day is None else f"{datetime.fromtimestamp(day, UTC):%Y-%m-%d}"


def _moment(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
