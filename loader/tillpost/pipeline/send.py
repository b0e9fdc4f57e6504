"""Sending: the final view in batches to the edge, soonest expiry first."""

from collections.abc import Callable

from tillpost.batches import batches
from tillpost.edge import Edge
from tillpost.engines import Engine
from tillpost.errors import NotAllowed, UsageError
from tillpost.ledger import Book
from tillpost.pipeline.build import SECONDS_PER_DAY
from tillpost.pipeline.delivery import Delivery
from tillpost.pipeline.passes import FRESH_DAYS, Pass, passes, rows, streams
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.unsent import load_unsent, load_unsent_of
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.records import EdgeSettings

ARRIVAL_SECONDS = 120
"""How long an event may be under way: one that expires sooner is not sent."""
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
    ledger: Book,
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
        if relation := workspace.profile.settings.get("relation"):
            load_unsent_of(workspace, engine, ledger, run, relation=str(relation), now=now)
        else:
            _require_build(workspace, engine, now=now)
            load_unsent(workspace, engine, ledger, run, since=now - MAX_BUILD_AGE)
        planned = passes(workspace, engine, now=now)
        summary.pending = sum(each.events for each in planned)
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
            _deliver(workspace, engine, delivery, planned, now=now)


def _deliver(
    workspace: Workspace, engine: Engine, delivery: Delivery, planned: list[Pass], *, now: int
) -> None:
    settings, summary = delivery.settings, delivery.summary

    def expired(event_keys: tuple[str, ...]) -> None:
        summary.expired += len(event_keys)

    first = 1
    for stream in streams(planned):
        first += delivery.deliver(
            batches(
                rows(workspace, engine, stream, now=now),
                arrives_by=lambda: int(delivery.clock()) + ARRIVAL_SECONDS,
                on_expired=expired,
                batch_size=settings.batch_size,
                max_bytes=settings.max_bytes,
                first=first,
            )
        )


def _require_build(workspace: Workspace, engine: Engine, *, now: int) -> None:
    if "build_stamp" not in engine.relations():
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


def _has_store_events(workspace: Workspace, engine: Engine) -> bool:
    """Only a store's events have a longer window than the rest."""
    longer = FRESH_DAYS * SECONDS_PER_DAY
    _, found = engine.query(
        f"select 1 from {workspace.relation('unsent_events')}"
        f" where sendable_until - event_time > {longer} limit 1",
        where="the final view",
    )
    return bool(found)
