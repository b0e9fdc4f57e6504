"""Sending: the final view in batches to the edge, soonest expiry first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tillpost.batches import batches
from tillpost.edge import Edge
from tillpost.engines import Engine, Row
from tillpost.errors import NotAllowed, UsageError
from tillpost.ledger import Ledger
from tillpost.pipeline.build import SECONDS_PER_DAY, has_relation
from tillpost.pipeline.delivery import Delivery
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.records import EdgeSettings

FRESH_DAYS = 7
ARRIVAL_SECONDS = 120
"""How long an event may be under way: one that expires sooner is not sent."""
EXPIRY_DAYS = (1, 2, 4, 8, 16, 32, 10_000)
"""Days to expiry at which one pass ends and the next begins."""
CLOCK_TOLERANCE = 60
"""Seconds by which a build's clock may run ahead."""
MAX_BUILD_AGE = 6 * 3600
"""Seconds after which `send` wants a new build: sales, clock and ledger have moved on."""


def check_edge(settings: EdgeSettings, *, forced_test_code: bool, has_store_events: bool) -> None:
    """Refuse what could only fail or surprise, before anything leaves."""
    if not settings.access_token:
        raise NotAllowed(
            "there is no access token", fix="export META_ACCESS_TOKEN=…, which the profile reads"
        )
    if settings.test_event_code and has_store_events and not forced_test_code:
        raise UsageError(
            "a test_event_code on physical_store events is no rehearsal: they count as real",
            why="Meta's test tool covers web and app events only",
            fix="take test_event_code out of the profile, or --force-test-code if it is meant",
        )


def send(  # noqa: PLR0913  each is a part of the whole, handed across by the command
    workspace: Workspace,
    run: Run,
    settings: EdgeSettings,
    ledger: Ledger,
    summary: SendSummary,
    *,
    listen: Listen,
    stopping: Callable[[], bool],
    clock: Callable[[], float],
    forced_test_code: bool = False,
) -> None:
    """Send what the last build says is pending.

    Args:
        workspace: the project and its target.
        run: its id becomes the requests' upload tag.
        settings: the edge.
        ledger: open, and locked by this run.
        summary: is filled as the answers come, so that it stands whatever happens.
        listen: is told after each batch.
        stopping: asked before each batch; when true the batches in flight are finished.
        clock: epoch seconds, which move on while it sends.
        forced_test_code: let a test code through for store events.
    """
    now = int(clock())
    with workspace.engine() as engine:
        _require_build(workspace, engine, now=now)
        _load_unsent(workspace, engine, ledger, run, now=now)
        passes = _passes(workspace, engine, now=now)
        summary.pending = sum(each.events for each in passes)
        check_edge(
            settings,
            forced_test_code=forced_test_code,
            has_store_events=_has_store_events(workspace, engine),
        )
        with Edge(settings) as edge:
            delivery = Delivery(
                edge=edge,
                ledger=ledger,
                settings=settings,
                run=run,
                rules_version=workspace.project.rules_version,
                summary=summary,
                listen=listen,
                stopping=stopping,
                clock=clock,
            )
            _deliver(workspace, engine, delivery, passes, now=now)


def _deliver(
    workspace: Workspace, engine: Engine, delivery: Delivery, passes: list["_Pass"], *, now: int
) -> None:
    settings, summary = delivery.settings, delivery.summary

    def expired(event_keys: tuple[str, ...]) -> None:
        summary.expired += len(event_keys)

    first = 1
    for stream in _streams(passes):
        first += delivery.deliver(
            batches(
                _rows(workspace, engine, stream, now=now),
                arrives_by=lambda: int(delivery.clock()) + ARRIVAL_SECONDS,
                on_expired=expired,
                batch_size=settings.batch_size,
                max_bytes=settings.max_bytes,
                first=first,
            )
        )


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """The events of one dataset and one age class that expire within a span, in epoch seconds."""

    dataset_id: str
    is_fresh: bool
    expires_from: int
    expires_before: int
    events: int


def _require_build(workspace: Workspace, engine: Engine, *, now: int) -> None:
    if not has_relation(engine, "build_stamp"):
        raise UsageError(
            "there is no build that may be sent",
            why="nothing was built here, or the last build failed",
            fix="tillpost run",
        )
    _, rows = engine.query(
        f"select run_id, built_at, as_of from {workspace.relation('build_stamp')}",
        where="the build",
    )
    run_id, built_at, as_of = rows[0]
    if not built_at - MAX_BUILD_AGE <= as_of <= built_at + CLOCK_TOLERANCE:
        raise UsageError(
            "the last build was made for another moment, so its windows are not today's",
            where=f"build {run_id}",
            why="the variable as_of was set by hand",
            fix="tillpost run, without as_of",
        )
    if now - built_at > MAX_BUILD_AGE:
        raise UsageError(
            "the last build is too old to be sent",
            where=f"build {run_id}",
            why=f"it is {(now - built_at) // 3600} hours old; windows and ledger have moved on",
            fix="tillpost run",
        )


def _load_unsent(
    workspace: Workspace, engine: Engine, ledger: Ledger, run: Run, *, now: int
) -> None:
    """Leave out what another send took since the build: it must not go again."""
    path = run.folder / "sent_since.parquet"
    ledger.snapshot(path, since_day=(now - MAX_BUILD_AGE) // SECONDS_PER_DAY)
    engine.load_parquet(workspace.relation("sent_since"), path)
    path.unlink()
    events, sent, known = (
        workspace.relation(name) for name in ("events", "sent_since", "ledger_snapshot")
    )
    engine.create(
        workspace.relation("unsent_events"),
        f"""
        with sent as (
            select distinct now.sale_key
            from {sent} as now
            left join {known} as known
                on now.event_key = known.event_key
                and now.state = known.state
                and now.last_at = known.last_at
            where known.event_key is null
        )
        select
            cast(events.event_key as varchar) as event_key,
            cast(events.sale_key as varchar) as sale_key,
            cast(events.payload_digest as varchar) as payload_digest,
            events.dataset_id, events.event_time, events.sendable_until, events.payload
        from {events} as events
        left join sent on events.sale_key = sent.sale_key
        where sent.sale_key is null
        """,
        materialized="view",
        where="the final view",
    )


def _passes(workspace: Workspace, engine: Engine, *, now: int) -> list[_Pass]:
    """Soonest expiry first, in spans that double: finer would read the payloads too often."""
    edges = [0, *(now + days * SECONDS_PER_DAY for days in EXPIRY_DAYS)]
    spans = " ".join(
        f"when sendable_until < {before} then {number}" for number, before in enumerate(edges[1:])
    )
    _, rows = engine.query(
        f"""
        select
            dataset_id,
            event_time >= {_fresh_from(now)} as is_fresh,
            case {spans} end as span,
            count(*) as events
        from {workspace.relation("unsent_events")}
        group by dataset_id, is_fresh, span
        order by dataset_id, is_fresh, span
        """,
        where="the final view",
    )
    return [
        _Pass(
            dataset_id=dataset,
            is_fresh=fresh,
            expires_from=edges[span],
            expires_before=edges[span + 1],
            events=events,
        )
        for dataset, fresh, span, events in rows
    ]


def _fresh_from(now: int) -> int:
    return now - FRESH_DAYS * SECONDS_PER_DAY


def _streams(passes: list[_Pass]) -> list[list[_Pass]]:
    """Passes that may share a request: one dataset, one age class, soonest expiry first."""
    groups: dict[tuple[str, bool], list[_Pass]] = {}
    for each in passes:
        groups.setdefault((each.dataset_id, each.is_fresh), []).append(each)
    return list(groups.values())


def _rows(
    workspace: Workspace, engine: Engine, stream: list[_Pass], *, now: int
) -> Iterator[Sequence[Row]]:
    for each in stream:
        age = ">=" if each.is_fresh else "<"
        dataset = each.dataset_id.replace("'", "''")
        yield from engine.stream(
            f"""
            select
                event_key, sale_key, payload_digest, dataset_id, event_time, sendable_until,
                payload
            from {workspace.relation("unsent_events")}
            where
                dataset_id = '{dataset}'
                and event_time {age} {_fresh_from(now)}
                and sendable_until >= {each.expires_from}
                and sendable_until < {each.expires_before}
            """,
            chunk=1000,
        )


def _has_store_events(workspace: Workspace, engine: Engine) -> bool:
    """Only a store's events have a longer window than the rest."""
    longer = FRESH_DAYS * SECONDS_PER_DAY
    _, found = engine.query(
        f"select 1 from {workspace.relation('events')}"
        f" where sendable_until - event_time > {longer} limit 1",
        where="the final view",
    )
    return bool(found)
