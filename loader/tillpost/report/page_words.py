"""The report's sentences: the answer at its head, and what somebody should look at."""

from collections.abc import Iterator
from dataclasses import dataclass

from tillpost.pipeline.counting import GOING, Group
from tillpost.pipeline.page_facts import PageFacts
from tillpost.report.sums import events, money, outcome, plural, shown, values

_MOST = 12
BEFORE_BASKETS = ("repeated", "unreadable")
"""Buckets of rows that no sale was made of."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to look at: what, what it means, and what to do."""

    what: str
    why: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Rows as the buckets have them, and as sales and lost rows make them up."""

    in_buckets: int
    in_sales: int

    @property
    def is_even(self) -> bool:
        """Whether both are the same."""
        return self.in_buckets == self.in_sales


def balance(facts: PageFacts) -> Balance | None:
    """Two ways of counting the rows in scope; None of another tool's relation."""
    if not facts.plan.build:
        return None
    lost = sum(counts.get(name, 0) for counts in facts.funnel.values() for name in BEFORE_BASKETS)
    return Balance(
        in_buckets=sum(sum(counts.values()) for counts in facts.funnel.values()),
        in_sales=lost + sum(group.source_rows for group in facts.plan.groups),
    )


def answer(facts: PageFacts) -> str:
    """What goes, what does not, and whether it all adds up, in one sentence."""
    going, went, staying = (
        [group for group in facts.plan.groups if outcome(group) == name]
        for name in ("would go", "went", "does not go")
    )
    parts = [
        f"{plural(events(going), 'sale')} would go to Meta now{_worth(going)}"
        if going
        else "Nothing would go to Meta now"
    ]
    if went:
        parts.append(f"{events(went):,} went before")
    if staying:
        parts.append(f"{events(staying):,} {'do' if events(staying) != 1 else 'does'} not go")
    return f"{'; '.join(parts)}{_adds_up(facts)}."


def _worth(groups: list[Group]) -> str:
    sums = money(values(groups))
    return f", worth {sums}" if sums else ""


def _adds_up(facts: PageFacts) -> str:
    found = balance(facts)
    if found is None:
        return ""
    if found.is_even:
        return f"; all {plural(found.in_buckets, 'source row')} in scope are accounted for"
    return f"; {found.in_buckets:,} source rows in scope do not add up to {found.in_sales:,}"


def findings(facts: PageFacts) -> tuple[Finding, ...]:
    """What somebody should look at, the most pressing first."""
    return tuple(found for part in (_balance, _waiting, _audit, _tags) for found in part(facts))


def _balance(facts: PageFacts) -> Iterator[Finding]:
    found = balance(facts)
    if found and not found.is_even:
        yield Finding(
            what="The rows do not add up",
            why=f"The buckets hold {found.in_buckets:,} rows, the sales {found.in_sales:,}.",
            fix="tillpost build",
        )
    lines = sum(counts.get("unreadable", 0) for counts in facts.funnel.values())
    if lines:
        yield Finding(
            what=f"{plural(lines, 'line')} of the exports cannot be read",
            why="They do not parse as CSV, so nobody knows what was sold.",
            fix="tillpost build names each with its file; mend the export",
        )


def _waiting(facts: PageFacts) -> Iterator[Finding]:
    plan = facts.plan
    going = [group for group in plan.groups if group.bucket in GOING]
    if expiring := sum(group.expiring for group in going):
        worth = money(values(going, "expiring_value"))
        yield Finding(
            what=f"{plural(expiring, 'sale')} can go now and not any more with the next run",
            why=f"Meta takes them no longer by {shown(plan.next_run)}"
            + (f": {worth}." if worth else "."),
            fix="tillpost run, before then",
        )
    for bucket, what, fix in (
        ("uncertain", "left without an answer", "tillpost ledger resolve"),
        ("held", "left without an answer, too long ago to try again", "tillpost ledger resolve"),
        ("refused", "were refused by Meta", "tillpost ledger list --state refused"),
        ("changed", "are different since they went", "Meta has no update: tillpost why ORDER_ID"),
    ):
        groups = [group for group in plan.groups if group.bucket == bucket]
        if groups:
            worth = money(values(groups)) or "no value"
            yield Finding(
                what=f"{plural(events(groups), 'sale')} {what}", why=f"At stake: {worth}.", fix=fix
            )


def _audit(facts: PageFacts) -> Iterator[Finding]:
    """What the audit found beyond its limits, the failures first."""
    found = facts.audit.findings if facts.audit else ()
    for each in found[:_MOST]:
        place = " ".join(filter(None, (each.place.source, each.place.store)))
        given = "The project's limit is" if each.is_failure else "A warning begins at"
        yield Finding(
            what=f"{place}: {each.what}" if place else f"{each.what[0].upper()}{each.what[1:]}",
            why=f"{given} {each.limit:g} ({each.check}).",
            fix=each.fix,
        )
    if len(found) > _MOST:
        yield Finding(
            what=f"The audit has {plural(len(found) - _MOST, 'finding')} more",
            why="The first are here.",
            fix="tillpost audit",
        )


def _tags(facts: PageFacts) -> Iterator[Finding]:
    for each in facts.evidence.lookalikes:
        yield Finding(
            what=f"{each.source}.{each.column} looks personal and has no tag",
            why="The proof follows tagged columns only.",
            fix=each.fix,
        )
    base = facts.evidence.trusted_base
    if not base.is_shipped:
        yield Finding(
            what="The trusted base is not the one that Tillpost comes with",
            why="; ".join(base.differences) + ".",
            fix="somebody has to read these files",
        )
