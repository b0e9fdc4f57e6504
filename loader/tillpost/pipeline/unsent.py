"""What has not been sent yet: of the final view, or of a relation that stands in its place."""

from tillpost.engines import Engine
from tillpost.errors import UsageError
from tillpost.ledger import Book
from tillpost.pipeline.contract import CONTRACT, DIGESTS, TIMES
from tillpost.pipeline.ledgers import load_snapshot
from tillpost.pipeline.snapshots import SECONDS_PER_DAY, snapshot_start
from tillpost.pipeline.workspace import Run, Workspace

RESEND_SECONDS = 6 * SECONDS_PER_DAY + 12 * 3600
"""How long after a first attempt Meta still deduplicates, with a margin."""
CLOCK_SECONDS = 60
"""How far a clock may have been ahead: further, and what left cannot be dated."""


def load_unsent(  # noqa: PLR0913  from where to where, since when and when
    workspace: Workspace, engine: Engine, ledger: Book, run: Run, *, since: int, now: int
) -> None:
    """Leave out of a build what another send took since, or what grew too old to go again."""
    _load_sent(workspace, engine, ledger, run, since_day=since // SECONDS_PER_DAY)
    events, sent, known = (
        workspace.relation(name) for name in ("events", "sent_since", "ledger_snapshot")
    )
    _create(
        workspace,
        engine,
        f"""
        with sent as (
            select now.sale_key
            from {sent} as now
            left join {known} as known
                on now.event_key = known.event_key
                and now.state = known.state
                and now.last_at = known.last_at
            where known.event_key is null
            union
            select sale_key
            from {known}
            where state = 'leaving' and first_left_at <= {now - RESEND_SECONDS}
        )
        select {_columns("events")}
        from {events} as events
        left join sent on events.sale_key = sent.sale_key
        where sent.sale_key is null
        """,
    )


def load_unsent_of(  # noqa: PLR0913  where it is read, from where to where, and when
    workspace: Workspace, engine: Engine, ledger: Book, run: Run, *, relation: str, now: int
) -> None:
    """Leave out of a relation what the ledger knows: by the rules of the models.

    What has no answer goes again in time, and what was refused once its payload is another.

    Raises:
        UsageError: the relation does not fulfil the final view's contract.
    """
    _require_contract(workspace, engine, relation, now=now)
    _load_sent(workspace, engine, ledger, run, since_day=snapshot_start(workspace))
    sent = workspace.relation("sent_since")
    _create(workspace, engine, _unsent_of(relation, sent=sent, now=now))


def _unsent_of(relation: str, *, sent: str, now: int) -> str:
    return f"""
        with sent as (
            select
                cast(event_key as varchar) as event_key,
                cast(sale_key as varchar) as sale_key,
                cast(payload_digest as varchar) as payload_digest,
                state,
                first_left_at
            from {sent}
        ),
        sales as (
            select distinct sale_key from sent where state not in ('refused', 'expired')
        )
        select {_typed("events")}
        from {relation} as events
        left join sales on {_text("events.sale_key")} = sales.sale_key
        left join sent on {_text("events.event_key")} = sent.event_key
        where
            (
                sales.sale_key is null
                and (
                    sent.event_key is null
                    or (
                        sent.state = 'refused'
                        and sent.payload_digest <> {_text("events.payload_digest")}
                    )
                )
            )
            or (
                sent.state = 'leaving'
                and sent.payload_digest = {_text("events.payload_digest")}
                and sent.first_left_at > {now - RESEND_SECONDS}
                and sent.first_left_at <= {now + CLOCK_SECONDS}
            )
        """


def _text(digest: str) -> str:
    """A digest as the ledger writes it, however another tool does."""
    return f"lower(cast({digest} as varchar))"


def _columns(relation: str) -> str:
    return ", ".join(f"{relation}.{name}" for name in CONTRACT)


def _typed(relation: str) -> str:
    """The columns of another tool, which may have a number for a dataset, or JSON for a payload."""
    types = {"dataset_id": "varchar", **dict.fromkeys(TIMES, "bigint"), "payload": "varchar"}
    plain = [f"{relation}.{name}" for name in DIGESTS]
    typed = [f"cast({relation}.{name} as {kind}) as {name}" for name, kind in types.items()]
    return ", ".join((*plain, *typed))


def _load_sent(
    workspace: Workspace, engine: Engine, ledger: Book, run: Run, *, since_day: int
) -> None:
    sent = workspace.relation("sent_since")
    load_snapshot(engine, ledger, run, relation=sent, since_day=since_day)


def _create(workspace: Workspace, engine: Engine, sql: str) -> None:
    """Make the view that a send reads; its SQL is of the models' portable subset."""
    engine.create(
        workspace.relation("unsent_events"),
        workspace.compiler.text(sql, path="the final view"),
        materialized="view",
        where="the final view",
    )


def _require_contract(workspace: Workspace, engine: Engine, relation: str, *, now: int) -> None:
    """Everything that is wrong with a relation, at once."""
    names = engine.columns(relation, where=f"relation {relation}")
    missing = [name for name in CONTRACT if name not in names]
    if missing:
        raise UsageError(
            "the relation does not fulfil the final view's contract",
            where=f"relation {relation}",
            why=f"it lacks: {', '.join(missing)}",
            fix=f"it needs the columns {', '.join(CONTRACT)}",
        )
    nulls = ", ".join(f"count(*) - count({name})" for name in CONTRACT)
    lengths = ", ".join(
        f"count(case when length({_text(name)}) <> 36 then 1 end)" for name in DIGESTS
    )
    sql = f"""
        select
            {nulls}, count(*) - count(distinct {_text("event_key")}),
            count(*) - count(distinct {_text("sale_key")}),
            count(case when event_time > {now} then 1 end), {lengths}
        from {relation}
        """
    where = f"relation {relation}"
    _, rows = engine.query(workspace.compiler.text(sql, path=where), where=where)
    faults = (
        *(f"{name} is null" for name in CONTRACT),
        "event_key stands there twice",
        "sale_key stands there twice",
        "event_time lies in the future",
        *(f"{name} is no digest of 16 bytes (uuid)" for name in DIGESTS),
    )
    found = [
        f"{count:,} rows: {fault}" for fault, count in zip(faults, rows[0], strict=True) if count
    ]
    if found:
        raise UsageError(
            "the relation does not fulfil the final view's contract",
            where=f"relation {relation}",
            why="\n".join(found),
            fix="mend the model that makes it; see models/final/__final.yml",
        )
