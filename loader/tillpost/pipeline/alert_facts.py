"""How things stand once a run has ended, as far as alerts ask: counts, moments and sums."""

from collections.abc import Mapping
from dataclasses import dataclass

from tillpost.engines import Engine, Row
from tillpost.errors import TillpostError
from tillpost.ledger import Book
from tillpost.pipeline.ledgers import ledger_place, load_snapshot
from tillpost.pipeline.snapshots import SECONDS_PER_DAY, snapshot_start
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Run, Workspace
from tillpost.project.alerts import AlertSettings

_WHERE = "the alerts"
_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a run ended: what it raised, or what became of its events; ``now`` in epoch seconds."""

    now: float
    error: BaseException | None = None
    summary: SendSummary | None = None

    @property
    def fault(self) -> BaseException | None:
        """What it raised, or what its exit code will say."""
        if self.error or not self.summary:
            return self.error
        try:
            self.summary.require_success()
        except TillpostError as error:
            return error
        return None


@dataclass(frozen=True, kw_only=True)
class Expiring:
    """Pending events of one currency that expire soon; ``soonest`` is the first to go."""

    currency: str | None
    events: int
    value: float | None
    soonest: int


@dataclass(frozen=True, kw_only=True)
class Frequent:
    """The most frequent hash of a field, where too large a share of the events has it."""

    field: str
    events: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What alerts are found in.

    ``newest_sales``, by source, is None where it is not known, and ``unread`` says why.
    """

    ending: Ending
    newest_sales: Mapping[str, int] | None = None
    expiring: tuple[Expiring, ...] = ()
    frequent: tuple[Frequent, ...] = ()
    unread: str = ""


def gather(workspace: Workspace, run: Run, ending: Ending, *, settings: AlertSettings) -> Facts:
    """Ask engine and ledger, which are closed now; what cannot be read is not known."""
    if not {"stale_data", "expiring_value", "frequent_hash"} & set(settings.on):
        return Facts(ending=ending)
    now = int(ending.now)
    until = now + int(settings.expires_within * _HOUR)
    try:
        with workspace.engine() as engine:
            newest_sales = _newest_sales(workspace, engine, now=now)
            frequent = _frequent(workspace, engine)
            expiring: tuple[Expiring, ...] = ()
            if _has_expiring(workspace, engine, now=now, until=until):
                with ledger_place(workspace).open(clock=lambda: ending.now) as ledger:
                    _load_settled(workspace, engine, ledger, run)
                expiring = _expiring(workspace, engine, now=now, until=until)
    except (TillpostError, OSError) as error:
        return Facts(ending=ending, unread=str(error))
    return Facts(ending=ending, newest_sales=newest_sales, expiring=expiring, frequent=frequent)


def _newest_sales(workspace: Workspace, engine: Engine, *, now: int) -> Mapping[str, int]:
    """The newest sale of each source; one of the future is a wrong clock and tells nothing."""
    baskets, name = workspace.relation("int_judged_baskets"), "source_name"
    if relation := _relation(workspace):
        baskets, name = relation, f"'{relation}'"
    rows = _ask(
        workspace,
        engine,
        f"""
        with sales as (select {name} as source_name, event_time from {baskets} as baskets)
        select source_name, max(event_time) as newest
        from sales
        where event_time <= {now}
        group by source_name
        """,
    )
    return {str(source): int(newest) for source, newest in rows}


def _frequent(workspace: Workspace, engine: Engine) -> tuple[Frequent, ...]:
    """What the build found; a relation of another tool is not looked into."""
    if _relation(workspace) or "audit_frequent_hashes" not in engine.relations():
        return ()
    rows = _ask(
        workspace,
        engine,
        f"""
        select field, max(events) as events, max(share) as share
        from {workspace.relation("audit_frequent_hashes")}
        group by field
        order by field
        """,
    )
    return tuple(
        Frequent(field=name, events=events, share=float(share)) for name, events, share in rows
    )


def _has_expiring(workspace: Workspace, engine: Engine, *, now: int, until: int) -> bool:
    events = _relation(workspace) or workspace.relation("events")
    sql = f"select 1 as found from {events} as events where {_soon(now, until)} limit 1"
    return bool(_ask(workspace, engine, sql))


def _load_settled(workspace: Workspace, engine: Engine, ledger: Book, run: Run) -> None:
    """Hand over what the ledger says by now: since the build, or of all that may be pending."""
    since_day = snapshot_start(workspace)
    if not _relation(workspace) and "build_stamp" in engine.relations():
        stamp = workspace.relation("build_stamp")
        since_day = int(_ask(workspace, engine, f"select built_at from {stamp}")[0][0])
        since_day //= SECONDS_PER_DAY
    relation = workspace.relation("settled_events")
    load_snapshot(engine, ledger, run, relation=relation, since_day=since_day)


def _expiring(
    workspace: Workspace, engine: Engine, *, now: int, until: int
) -> tuple[Expiring, ...]:
    """What is unsent still, by currency."""
    rows = _ask(
        workspace,
        engine,
        f"""
        with
            pending as ({_pending(workspace)}),
            settled as (
                select
                    cast(event_key as varchar) as event_key,
                    cast(payload_digest as varchar) as payload_digest
                from {workspace.relation("settled_events")}
                where state <> 'leaving'
            )
        select
            events.currency,
            count(*) as events,
            sum(events.value) as value,
            min(events.sendable_until) as soonest
        from pending as events
        left join settled
            on cast(events.event_key as varchar) = settled.event_key
            and cast(events.payload_digest as varchar) = settled.payload_digest
        where {_soon(now, until)} and settled.event_key is null
        group by events.currency
        order by events.currency
        """,
    )
    return tuple(
        Expiring(
            currency=currency,
            events=events,
            value=None if value is None else round(float(value), 2),
            soonest=soonest,
        )
        for currency, events, value, soonest in rows
    )


def _pending(workspace: Workspace) -> str:
    """What was to be sent, with its value; a relation of another tool has none."""
    columns = (
        "events.event_key, events.payload_digest,"
        " cast(events.sendable_until as bigint) as sendable_until"
    )
    if relation := _relation(workspace):
        return f"""
            select {columns}, cast(null as varchar) as currency, cast(null as double) as value
            from {relation} as events
        """
    events, verdicts, baskets = (
        workspace.relation(name) for name in ("events", "int_basket_verdicts", "int_judged_baskets")
    )
    return f"""
        select {columns}, baskets.currency, baskets.order_value as value
        from {events} as events
        inner join {verdicts} as verdicts
            on events.event_key = verdicts.event_key and verdicts.bucket = 'pending'
        inner join {baskets} as baskets on verdicts.basket = baskets.basket
    """


def _soon(now: int, until: int) -> str:
    return f"events.sendable_until > {now} and events.sendable_until <= {until}"


def _relation(workspace: Workspace) -> str:
    """The relation of another tool that stands in the final view's place, if one does."""
    return str(workspace.profile.settings.get("relation") or "")


def _ask(workspace: Workspace, engine: Engine, sql: str) -> list[Row]:
    """The rows of a question in the models' portable subset."""
    return engine.query(workspace.compiler.text(sql, path=_WHERE), where=_WHERE)[1]
