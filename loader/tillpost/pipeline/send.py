"""Sending: the final view in batches to the edge, soonest expiry first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tillpost.batches import batches
from tillpost.edge import Edge
from tillpost.engines import Engine, Row
from tillpost.errors import NotAllowed, UsageError
from tillpost.ledger import Ledger
from tillpost.pipeline.build import SECONDS_PER_DAY, snapshot_start
from tillpost.pipeline.delivery import Delivery
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.records import EdgeSettings

FRESH_DAYS = 7
ARRIVAL_SECONDS = 120
"""How long an event may be under way: one that expires sooner is not sent."""
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
        forced_test_code: let a test code through for store events.
    """
    now = int(workspace.options.now.timestamp())
    with workspace.engine() as engine:
        _require_build(workspace, engine, now=now)
        _load_ledger_now(workspace, engine, ledger, run)
        passes = _passes(workspace, engine, now=now)
        summary.pending = sum(each.events for each in passes)
        check_edge(
            settings,
            forced_test_code=forced_test_code,
            has_store_events=_has_store_events(workspace, engine),
        )

        def expired(event_keys: tuple[str, ...]) -> None:
            summary.expired += len(event_keys)

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
            )
            first = 1
            for stream in _streams(passes):
                first += delivery.deliver(
                    batches(
                        _rows(workspace, engine, stream, now=now),
                        arrives_by=now + ARRIVAL_SECONDS,
                        on_expired=expired,
                        batch_size=settings.batch_size,
                        max_bytes=settings.max_bytes,
                        first=first,
                    )
                )


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """The events of one dataset and one age class that expire on one day."""

    dataset_id: str
    is_fresh: bool
    day: int
    events: int


def _require_build(workspace: Workspace, engine: Engine, *, now: int) -> None:
    _, tables = engine.query(
        "select 1 from information_schema.tables"
        f" where table_schema = '{engine.schema}' and table_name = 'build_stamp'",
        where="the build",
    )
    if not tables:
        raise UsageError(
            "there is no build that may be sent",
            why="nothing was built here, or the last build failed",
            fix="tillpost run",
        )
    _, rows = engine.query(
        f"select run_id, built_at from {workspace.relation('build_stamp')}", where="the build"
    )
    run_id, built_at = rows[0]
    if now - built_at > MAX_BUILD_AGE:
        raise UsageError(
            "the last build is too old to be sent",
            where=f"build {run_id}",
            why=f"it is {(now - built_at) // 3600} hours old; windows and ledger have moved on",
            fix="tillpost run",
        )


def _load_ledger_now(workspace: Workspace, engine: Engine, ledger: Ledger, run: Run) -> None:
    """The ledger as it is now: what another send took since the build must not go again."""
    path = run.folder / "ledger_now.parquet"
    ledger.snapshot(path, since_day=snapshot_start(workspace))
    engine.load_parquet(workspace.relation("ledger_now"), path)
    path.unlink()


def _unsent(workspace: Workspace) -> str:
    """The pending events of the build that the ledger has not heard of since."""
    events, now, stamp = (
        workspace.relation(name) for name in ("events", "ledger_now", "build_stamp")
    )
    return (
        f"select events.* from {events} as events where not exists (select 1 from {now} as ledger"
        f" where ledger.sale_key = events.sale_key"
        f" and ledger.last_at >= (select built_at from {stamp}))"
    )


def _passes(workspace: Workspace, engine: Engine, *, now: int) -> list[_Pass]:
    fresh_from = now - FRESH_DAYS * SECONDS_PER_DAY
    _, rows = engine.query(
        f"select dataset_id, event_time >= {fresh_from} as is_fresh,"
        f" sendable_until // {SECONDS_PER_DAY} as day, count(*) as events"
        f" from ({_unsent(workspace)}) group by all order by dataset_id, is_fresh, day",
        where="models/final/events.sql",
    )
    return [
        _Pass(dataset_id=dataset, is_fresh=fresh, day=day, events=events)
        for dataset, fresh, day, events in rows
    ]


def _streams(passes: list[_Pass]) -> list[list[_Pass]]:
    """Passes that may share a request: one dataset, one age class, soonest expiry first."""
    groups: dict[tuple[str, bool], list[_Pass]] = {}
    for each in passes:
        groups.setdefault((each.dataset_id, each.is_fresh), []).append(each)
    return list(groups.values())


def _rows(
    workspace: Workspace, engine: Engine, stream: list[_Pass], *, now: int
) -> Iterator[Sequence[Row]]:
    fresh_from = now - FRESH_DAYS * SECONDS_PER_DAY
    for each in stream:
        age = ">=" if each.is_fresh else "<"
        dataset = each.dataset_id.replace("'", "''")
        yield from engine.stream(
            "select cast(event_key as varchar), cast(sale_key as varchar),"
            " cast(payload_digest as varchar), dataset_id, event_time, sendable_until, payload"
            f" from ({_unsent(workspace)}) where dataset_id = '{dataset}'"
            f" and event_time {age} {fresh_from}"
            f" and sendable_until // {SECONDS_PER_DAY} = {each.day}",
            chunk=1000,
        )


def _has_store_events(workspace: Workspace, engine: Engine) -> bool:
    """Only a store's events have a longer window than the rest."""
    _, found = engine.query(
        f"select 1 from {workspace.relation('events')}"
        ' where payload like \'%"action_source":"physical_store"%\' limit 1',
        where="models/final/events.sql",
    )
    return bool(found)
