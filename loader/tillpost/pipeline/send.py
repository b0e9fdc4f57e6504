"""Sending: the final view in batches to the edge, every step of it in the ledger."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

from tillpost.batches import batches, body
from tillpost.edge import Edge
from tillpost.engines import Engine
from tillpost.errors import (
    EdgeUnreachable,
    EventsRefused,
    NotAllowed,
    TillpostError,
    UsageError,
)
from tillpost.ledger import Ledger
from tillpost.pipeline.build import SECONDS_PER_DAY, snapshot_start
from tillpost.pipeline.workspace import Listen, Progress, Run, Workspace
from tillpost.records import Answer, Batch, EdgeSettings, Fault, Outcome

FRESH_DAYS = 7
ARRIVAL_SECONDS = 120
"""How long an event may be under way: one that expires sooner is not sent."""
MAX_BUILD_AGE = 6 * 3600
"""Seconds after which `send` wants a new build: sales, clock and ledger have moved on."""

STOPPING = {Fault.token, Fault.permission, Fault.blocked, Fault.dataset, Fault.throttled}
"""Faults after which nothing more of this dataset is tried in this run."""


@dataclass(kw_only=True)
class SendSummary:
    """What became of the events of one run; counts are events, ``answers`` the ones that matter."""

    run_id: str
    pending: int = 0
    accepted: int = 0
    refused: int = 0
    returned: int = 0
    uncertain: int = 0
    expired: int = 0
    requests: int = 0
    interrupted: bool = False
    warnings: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def count(self, batch: Batch, answer: Answer) -> None:
        """Add one batch's answer."""
        self.requests += 1
        events = len(batch.event_keys)
        name = answer.outcome.value
        setattr(self, name, getattr(self, name) + events)
        self.warnings += [words for words in answer.warnings if words not in self.warnings]
        if answer.outcome is not Outcome.accepted:
            self.answers.append(answer)

    @property
    def exit_code(self) -> int:
        """The command's exit code."""
        try:
            self.require_success()
        except TillpostError as error:
            return error.exit_code
        return 0

    def require_success(self) -> None:
        """Raise what the exit code should say, the worst first."""
        faults = {answer.fault: answer for answer in reversed(self.answers)}
        for fault in (Fault.token, Fault.permission):
            if fault in faults:
                raise NotAllowed(
                    f"the edge refuses the {fault.value}",
                    why=_words(faults[fault]),
                    fix="a token with ads_management rights on this dataset, from Events Manager",
                )
        if Fault.dataset in faults:
            raise UsageError(
                "the edge does not know this dataset, or the token may not use it",
                why=_words(faults[Fault.dataset]),
                fix="mend vars.dataset_id in dbt_project.yml, or give the token access to it",
            )
        if self.refused:
            raise EventsRefused(
                f"the edge refused {self.refused:,} events in whole requests",
                why=_words(next(a for a in self.answers if a.outcome is Outcome.refused)),
                fix="mend the data it names; refused events go again when their payload changes",
            )
        if self.returned or self.uncertain:
            raise EdgeUnreachable(
                f"{self.returned + self.uncertain:,} events could not be delivered",
                why=_words(self.answers[0]),
                fix="run the same command again later: nothing is lost, nothing goes twice",
            )
        if self.interrupted:
            raise EdgeUnreachable(
                f"stopped on request after {self.accepted:,} of {self.pending:,} events",
                fix="run the same command again: it goes on where this one stopped",
            )


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
            sender = _Sender(
                edge, ledger, settings, run, workspace.project.rules_version, summary, listen
            )
            first = 1
            for stream in _streams(passes):
                number = sender.deliver(
                    batches(
                        _rows(workspace, engine, stream, now=now),
                        arrives_by=now + ARRIVAL_SECONDS,
                        on_expired=expired,
                        batch_size=settings.batch_size,
                        max_bytes=settings.max_bytes,
                        first=first,
                    ),
                    stopping=stopping,
                )
                first += number


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """The events of one dataset and one age class that expire on one day."""

    dataset_id: str
    is_fresh: bool
    day: int
    events: int


class _Sender:
    """Batches in flight: written down before they leave and after their answer, by one thread."""

    def __init__(  # noqa: PLR0913, PLR0917  the parts it holds together
        self,
        edge: Edge,
        ledger: Ledger,
        settings: EdgeSettings,
        run: Run,
        rules_version: str,
        summary: SendSummary,
        listen: Listen,
    ) -> None:
        self._edge = edge
        self._ledger = ledger
        self._settings = settings
        self._run = run
        self._rules_version = rules_version
        self._summary = summary
        self._listen = listen
        self._stopped: set[str] = set()

    def deliver(self, stream: Iterator[Batch], *, stopping: Callable[[], bool]) -> int:
        """Send a stream of batches, several at a time; says how many were taken from it."""
        taken = 0
        flying: dict[Future[Answer], Batch] = {}
        with ThreadPoolExecutor(self._settings.max_in_flight) as pool:
            while True:
                room = 2 * self._settings.max_in_flight - len(flying)
                group = [] if stopping() else list(islice(stream, room))
                group = [batch for batch in group if batch.dataset_id not in self._stopped]
                if group:
                    self._ledger.leaving(
                        group, run_id=self._run.id, rules_version=self._rules_version
                    )
                    taken += len(group)
                    for batch in group:
                        flying[pool.submit(self._post, batch)] = batch
                if not flying:
                    break
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                self._settle([(flying.pop(future), future.result()) for future in done])
        self._summary.interrupted |= stopping()
        return taken

    def _post(self, batch: Batch) -> Answer:
        if batch.dataset_id in self._stopped:
            return Answer(outcome=Outcome.returned, attempts=0, message="not tried")
        content = body(batch, settings=self._settings, upload_tag=self._run.id)
        return self._edge.send(content, dataset_id=batch.dataset_id, events=len(batch.event_keys))

    def _settle(self, pairs: list[tuple[Batch, Answer]]) -> None:
        self._ledger.settle(pairs, run_id=self._run.id, rules_version=self._rules_version)
        for batch, answer in pairs:
            self._summary.count(batch, answer)
            if answer.fault in STOPPING or answer.outcome is Outcome.returned:
                self._stopped.add(batch.dataset_id)
        done = self._summary.accepted + self._summary.refused
        self._listen(Progress(stage="send", name="events", done=done, total=self._summary.pending))


def _words(answer: Answer) -> str:
    codes = "/".join(str(each) for each in (answer.code, answer.subcode) if each is not None)
    trace = f"fbtrace_id {answer.fbtrace_id}" if answer.fbtrace_id else ""
    return "\n".join(each for each in (f"{codes} {answer.message}".strip(), trace) if each)


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
) -> Iterator[list[tuple[object, ...]]]:
    fresh_from = now - FRESH_DAYS * SECONDS_PER_DAY
    for each in stream:
        age = ">=" if each.is_fresh else "<"
        dataset = each.dataset_id.replace("'", "''")
        yield from engine.stream(
            "select cast(event_key as varchar), cast(sale_key as varchar),"
            " cast(payload_digest as varchar), dataset_id, event_time, sendable_until, payload"
            f" from ({_unsent(workspace)}) where dataset_id = '{dataset}'"
            f" and event_time {age} {fresh_from} and sendable_until // {SECONDS_PER_DAY} = {each.day}",
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
