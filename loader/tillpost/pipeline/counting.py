"""Counts and sums of what would be sent and what would not, from the relations of a build."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tillpost.engines import Engine, Row
from tillpost.pipeline.snapshots import SECONDS_PER_DAY
from tillpost.pipeline.unsent import RESEND_SECONDS
from tillpost.pipeline.workspace import Workspace

GOING = ("new", "again")
"""Buckets of what would be sent: for the first time, or once more."""
_WHERE = "the plan"


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """The moments that a plan is measured from, in epoch seconds.

    What expires before ``arrives_by`` could not arrive now, what expires before ``next_arrives_by``
    could not with the next run.
    """

    now: int
    arrives_by: int
    next_arrives_by: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """Events of one dataset, name, day and currency that end alike.

    ``day`` is the UTC day's first second, ``source_rows`` are the rows that the events were made
    of, ``expiring`` are those that could not go with the next run. A currency that is none is left
    out: what stands there may be anything.
    """

    dataset_id: str
    event_name: str | None
    day: int | None
    currency: str | None
    bucket: str
    reasons: str
    events: int
    source_rows: int
    value: float | None
    expiring: int
    expiring_value: float | None


def counted(workspace: Workspace, engine: Engine, horizon: Horizon) -> tuple[Group, ...]:
    """Every event of a build, or of a relation in its place, in exactly one group."""
    relation = str(workspace.profile.settings.get("relation") or "")
    outcomes = _of_relation(workspace, relation) if relation else _of_build(workspace, horizon)
    is_going = f"bucket in {GOING}"
    expires = f"{is_going} and sendable_until < {horizon.next_arrives_by}"
    rows = _ask(
        workspace,
        engine,
        f"""
        with
            outcomes as ({outcomes}),
            timely as (
                select
                    dataset_id,
                    event_name,
                    event_time - event_time % {SECONDS_PER_DAY} as day,
                    currency,
                    case
                        when {is_going} and sendable_until < {horizon.arrives_by} then 'expired'
                        else bucket
                    end as bucket,
                    reasons,
                    source_rows,
                    value,
                    sendable_until
                from outcomes
            )
        select
            dataset_id,
            event_name,
            day,
            currency,
            bucket,
            reasons,
            count(*) as events,
            cast(sum(source_rows) as bigint) as source_rows,
            sum(value) as value,
            count(case when {expires} then 1 end) as expiring,
            sum(case when {expires} then value end) as expiring_value
        from timely
        group by dataset_id, event_name, day, currency, bucket, reasons
        order by dataset_id, event_name, day, currency, bucket, reasons
        """,
    )
    return tuple(_group(row) for row in rows)


def meanings(workspace: Workspace, engine: Engine) -> dict[str, str]:
    """What each reason means."""
    reasons = workspace.relation("reasons")
    return dict(_ask(workspace, engine, f"select reason, meaning from {reasons}"))


_BUCKET = """
            case
                when
                    verdicts.bucket in ('uncertain', 'pending')
                    and (
                        ledger.state = 'held'
                        or (
                            ledger.state = 'leaving'
                            and ledger.first_left_at <= {held_until}
                        )
                    )
                then 'held'
                when verdicts.bucket <> 'pending'
                then verdicts.bucket
                when unsent.event_key is not null and ledger.state is null
                then 'new'
                when unsent.event_key is not null
                then 'again'
                when sent.state = 'leaving'
                then 'uncertain'
                else coalesce(sent.state, 'changed')
            end
"""


def _of_build(workspace: Workspace, horizon: Horizon) -> str:
    """One row a basket; a pending one that another send took since is what that made of it."""
    verdicts, baskets, currencies, ledger, unsent, sent = (
        workspace.relation(name)
        for name in (
            *("int_basket_verdicts", "int_judged_baskets", "currencies"),
            *("ledger_snapshot", "unsent_events", "sent_since"),
        )
    )
    return f"""
        select
            baskets.dataset_id,
            baskets.event_name,
            baskets.event_time,
            baskets.sendable_until,
            currencies.currency,
            baskets.order_value as value,
            baskets.lines as source_rows,
            case when verdicts.bucket = 'rejected' then verdicts.reasons else '' end as reasons,
            {_BUCKET.format(held_until=horizon.now - RESEND_SECONDS)} as bucket
        from {verdicts} as verdicts
        inner join {baskets} as baskets on verdicts.basket = baskets.basket
        left join {currencies} as currencies on baskets.currency = currencies.currency
        left join {ledger} as ledger on verdicts.event_key = ledger.event_key
        left join {unsent} as unsent
            on verdicts.event_key = unsent.event_key and verdicts.bucket = 'pending'
        left join {sent} as sent
            on verdicts.event_key = sent.event_key and verdicts.bucket = 'pending'
    """


def _of_relation(workspace: Workspace, relation: str) -> str:
    """One row an event; another tool's relation tells neither names nor values."""
    unsent, sent = (workspace.relation(name) for name in ("unsent_events", "sent_since"))
    return f"""
        select
            cast(events.dataset_id as varchar) as dataset_id,
            cast(null as varchar) as event_name,
            events.event_time,
            events.sendable_until,
            cast(null as varchar) as currency,
            cast(null as double) as value,
            1 as source_rows,
            '' as reasons,
            case
                when unsent.event_key is not null and sent.state is null
                then 'new'
                when unsent.event_key is not null
                then 'again'
                when
                    sent.payload_digest <> cast(events.payload_digest as varchar)
                    and sent.state = 'accepted'
                then 'changed'
                when sent.state = 'leaving'
                then 'uncertain'
                else coalesce(sent.state, 'changed')
            end as bucket
        from {relation} as events
        left join {unsent} as unsent on events.event_key = unsent.event_key
        left join (
            select
                cast(event_key as varchar) as event_key,
                cast(payload_digest as varchar) as payload_digest,
                state
            from {sent}
        ) as sent on cast(events.event_key as varchar) = sent.event_key
    """


def _group(row: Row) -> Group:
    names = Group.__dataclass_fields__
    return Group(**{name: _plain(value) for name, value in zip(names, row, strict=True)})


def _plain(value: Any) -> Any:  # noqa: ANN401  a cell
    return round(float(value), 6) if isinstance(value, Decimal | float) else value


def _ask(workspace: Workspace, engine: Engine, sql: str) -> list[Row]:
    return engine.query(workspace.compiler.text(sql, path=_WHERE), where=_WHERE)[1]
