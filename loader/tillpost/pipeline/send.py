"""Sending: the final view in batches to the edge, soonest expiry first."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count

from tillpost.batches import FRESH_SECONDS, batches
from tillpost.edge import Edge
from tillpost.engines import Engine
from tillpost.errors import NotAllowed, UsageError
from tillpost.ledger import Book
from tillpost.pace import Pace
from tillpost.pipeline.clocks import require_edge_clock, require_ledger_clock
from tillpost.pipeline.delivery import Delivery
from tillpost.pipeline.digest_keys import require_known
from tillpost.pipeline.passes import Pass, events, passes, streams
from tillpost.pipeline.planned import SavedPlan, require_planned
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.unsent import RESEND_SECONDS, load_unsent, load_unsent_of
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.project.hosts import is_meta
from tillpost.records import Batch, EdgeSettings

ARRIVAL_SECONDS = 120
"""How long an event may be under way: one that expires sooner is not sent."""
LONGEST_SEND = 6 * 3600
"""Seconds after which a send ends: the margin of what may go again is twice as long."""
CLOCK_TOLERANCE = 60
"""Seconds by which a build's clock may run ahead, of its machine's then and of now."""
MAX_BUILD_AGE = 6 * 3600
"""Seconds after which `send` wants a new build: sales, clock and ledger have moved on."""


def check_edge(settings: EdgeSettings, *, forced_test_code: bool, has_store_events: bool) -> None:
    """Refuse what could only fail or surprise, before anything leaves."""
    if not settings.access_token and not settings.datasets:
        raise NotAllowed(
            "there is no access token", fix="export META_ACCESS_TOKEN=…, which the profile reads"
        )
    if settings.test_event_code and has_store_events and not forced_test_code:
        raise UsageError(
            "a test_event_code on physical_store events is no rehearsal: they count as real",
            why="Meta's test tool covers web and app events only",
            fix="take test_event_code out of the profile, or --force-test-code if it is meant",
        )


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What a send works with.

    ``clock`` gives epoch seconds, ``stopping`` is asked before each batch, ``listen`` is told after
    each; ``deadline`` is in seconds from now, None for none; ``plan`` is what must be sent.
    """

    workspace: Workspace
    run: Run
    settings: EdgeSettings
    ledger: Book
    summary: SendSummary
    listen: Listen
    stopping: Callable[[], bool]
    clock: Callable[[], float]
    deadline: float | None = None
    forced_test_code: bool = False
    plan: SavedPlan | None = None


def send(sending: Sending) -> None:
    """Send what the last build says is pending; the summary is filled as the answers come."""
    workspace, settings = sending.workspace, sending.settings
    now = int(sending.clock())
    require_ledger_clock(sending.ledger, now=now)
    _require_own_ledger(sending)
    with workspace.engine() as engine:
        digest_key = ""
        if not workspace.profile.settings.get("relation"):
            digest_key = _require_build(workspace, engine, now=now)
            require_known(sending.ledger, digest_key)
        _load(sending, engine, now=now)
        if sending.plan:
            sending.summary.since_plan |= require_planned(
                workspace, engine, sending.plan, now=now, arrives_by=now + ARRIVAL_SECONDS
            )
        planned = passes(workspace, engine, now=now)
        sending.summary.pending = sum(each.events for each in planned)
        check_edge(
            settings,
            forced_test_code=sending.forced_test_code,
            has_store_events=_has_store_events(workspace, engine),
        )
        if not planned:
            return
        if digest_key:
            sending.ledger.keep_digest_key(digest_key)
        pace = Pace(
            most=settings.max_in_flight, deadline=sending.deadline, stopping=sending.stopping
        )
        with Edge(settings, pace=pace) as edge:
            is_in_time = require_edge_clock(edge, now=sending.clock())
            if is_in_time:
                sending.ledger.hold(before=now - RESEND_SECONDS, run_id=sending.run.id)
            delivery = _delivery(sending, edge, pace)
            _deliver(sending, engine, delivery, planned, may_expire=is_in_time)


def _require_own_ledger(sending: Sending) -> None:
    """What a sandbox took must not count as what Meta has: it would never go."""
    if is_meta(sending.settings.graph_url) and sending.ledger.has_played():
        raise UsageError(
            "this ledger holds what a sandbox accepted or refused, and Meta would never get that",
            where=sending.ledger.where,
            fix="a ledger of its own for each edge, such as ledger: tillpost_ledger-meta.duckdb",
        )


def _load(sending: Sending, engine: Engine, *, now: int) -> None:
    workspace, ledger, run = sending.workspace, sending.ledger, sending.run
    if relation := workspace.profile.settings.get("relation"):
        load_unsent_of(workspace, engine, ledger, run, relation=str(relation), now=now)
    else:
        load_unsent(workspace, engine, ledger, run, since=now - MAX_BUILD_AGE, now=now)


def _delivery(sending: Sending, edge: Edge, pace: Pace) -> Delivery:
    return Delivery(
        edge=edge,
        ledger=sending.ledger,
        settings=sending.settings,
        run=sending.run,
        rules_version=sending.workspace.project.rules_version,
        summary=sending.summary,
        listen=sending.listen,
        pace=pace,
        stopping=sending.stopping,
        clock=sending.clock,
        numbers=count(1),
        ends_at=sending.clock() + LONGEST_SEND,
    )


def _deliver(
    sending: Sending, engine: Engine, delivery: Delivery, planned: list[Pass], *, may_expire: bool
) -> None:
    settings = sending.settings

    def expired(batch: Batch) -> None:
        sending.summary.expired += len(batch.events)
        # It is final, so the edge must have agreed on what time it is.
        if may_expire:
            sending.ledger.expire(
                batch, run_id=delivery.run.id, rules_version=delivery.rules_version
            )

    for stream in streams(planned):
        if not settings.token_of(stream[0].dataset_id):
            sending.summary.without_token.append(stream[0].dataset_id)
            continue
        # Whatever fails, nobody still reads when the engine is closed.
        with closing(events(sending.workspace, engine, stream)) as chunks:
            delivery.deliver(
                batches(
                    chunks,
                    dataset_id=stream[0].dataset_id,
                    arrives_by=lambda: int(sending.clock()) + ARRIVAL_SECONDS,
                    on_expired=expired,
                    numbers=delivery.numbers,
                    batch_size=settings.batch_size,
                    max_bytes=settings.max_bytes,
                )
            )


def _require_build(workspace: Workspace, engine: Engine, *, now: int) -> str:
    """The fingerprint of the key that the build digests with; there must be one of today."""
    if "build_stamp" not in engine.relations():
        raise UsageError(
            "there is no build that may be sent",
            why="nothing was built here, or the last build failed",
            fix="tillpost run",
        )
    _, rows = engine.query(
        f"select run_id, built_at, as_of, digest_key from {workspace.relation('build_stamp')}",
        where="the build",
    )
    run_id, built_at, as_of, digest_key = rows[0]
    if not built_at - MAX_BUILD_AGE <= as_of <= built_at + CLOCK_TOLERANCE:
        raise UsageError(
            "the last build was made for another moment, so its windows are not today's",
            where=f"build {run_id}",
            why="the variable as_of was set by hand",
            fix="tillpost run, without as_of",
        )
    if built_at > now + CLOCK_TOLERANCE:
        raise UsageError(
            "the last build was made later than now, so its windows are not today's",
            where=f"build {run_id}",
            why="this machine's clock was ahead then, or is behind now",
            fix="tillpost run, once the clock is right",
        )
    if now - built_at > MAX_BUILD_AGE:
        raise UsageError(
            "the last build is too old to be sent",
            where=f"build {run_id}",
            why=f"it is {(now - built_at) // 3600} hours old; windows and ledger have moved on",
            fix="tillpost run",
        )
    return str(digest_key)


def _has_store_events(workspace: Workspace, engine: Engine) -> bool:
    """Only a store's events have a longer window than the rest."""
    _, found = engine.query(
        f"select 1 from {workspace.relation('unsent_events')}"
        f" where sendable_until - event_time > {FRESH_SECONDS} limit 1",
        where="the final view",
    )
    return bool(found)
