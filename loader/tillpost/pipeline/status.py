"""How things stand: the last runs, what waits for an answer or a person, what expires next."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillpost.engines import Engine
from tillpost.errors import Locked, TillpostError
from tillpost.ledger import Book, Question, Run
from tillpost.pipeline import workspace as places
from tillpost.pipeline.ledgers import File, Place, ledger_place, owner_of
from tillpost.pipeline.run_folders import (
    Running,
    last_build,
    running,
    runs_by_folder,
    runs_folder,
)
from tillpost.pipeline.send import ARRIVAL_SECONDS
from tillpost.pipeline.standing import load_unsettled, standing_build
from tillpost.pipeline.unsent import RESEND_SECONDS
from tillpost.pipeline.workspace import Workspace

_NO_VALUES = """
    select sendable_until, cast(null as varchar) as currency, cast(null as double) as value
    from {unsent}
"""
_WHERE = "the status"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Events without an answer, and those that a person must settle; a moment in epoch seconds."""

    uncertain: int
    held: int
    next_held_at: float | None


@dataclass(frozen=True, kw_only=True)
class Expiring:
    """Pending events: when the first one expires, and what does before the next run.

    ``value`` sums by currency; moments in epoch seconds.
    """

    pending: int
    first_at: int | None
    before: int
    events: int
    value: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Status:
    """How things stand; what cannot be known while a run holds the files is None.

    ``events`` counts by state, ``unread`` says what could not be read and why.
    """

    as_of: float
    ledger: str
    running: Running | None
    runs: tuple[Run, ...]
    events: dict[str, int] | None
    waiting: Waiting | None
    expiring: Expiring | None
    last_build: dict[str, Any] | None
    unread: str = ""


def status(workspace: Workspace, *, limit: int, next_run: int) -> Status:
    """Look, with the lock in hand, so that no run starts between; if a run has it, from its folder.

    Args:
        workspace: the project and its target.
        limit: how many runs.
        next_run: seconds until the next run.
    """
    place, now = ledger_place(workspace), workspace.options.now.timestamp()
    folder = runs_folder(workspace)
    if not folder.exists() and not place.exists():
        return _status(workspace, place)
    with ExitStack() as held:
        try:
            held.enter_context(place.lock(owner=owner_of(workspace, "status"), wait=0))
        except Locked as error:
            return _while_running(workspace, place, error, limit=limit)
        if not place.exists():
            return _status(workspace, place)
        with place.open(clock=lambda: now) as ledger:
            expiring, unread = _expiring_or_why(workspace, ledger, next_run=next_run)
            return _status(
                workspace,
                place,
                **_ledger_facts(ledger, now=now, limit=limit),
                expiring=expiring,
                unread=unread,
            )


def _status(workspace: Workspace, place: Place, **facts: Any) -> Status:  # noqa: ANN401  its fields
    nothing: dict[str, Any] = {
        "running": None,
        "runs": (),
        "events": {},
        "waiting": None,
        "expiring": None,
    }
    return Status(
        as_of=workspace.options.now.timestamp(),
        ledger=str(place),
        last_build=last_build(workspace),
        **{**nothing, **facts},
    )


def _ledger_facts(ledger: Book, *, now: float, limit: int) -> dict[str, Any]:
    events = ledger.counts()
    held, next_held_at = events.get("held", 0), None
    leaving = events.get("leaving", 0)
    if leaving:
        question = Question(held_before=now - RESEND_SECONDS, state="uncertain", limit=leaving)
        moments = [entry.first_left_at or now for entry in ledger.entries(question)]
        held += leaving - len(moments)
        next_held_at = min(moments) + RESEND_SECONDS if moments else None
        leaving = len(moments)
    waiting = Waiting(uncertain=leaving, held=held, next_held_at=next_held_at)
    return {"runs": ledger.runs(limit), "events": events, "waiting": waiting}


def _expiring_or_why(
    workspace: Workspace, ledger: Book, *, next_run: int
) -> tuple[Expiring | None, str]:
    """What expires; a build that cannot be read keeps nobody from being told the rest."""
    is_built = bool(last_build(workspace)) or workspace.profile.settings.get("relation")
    if not is_built:
        return None, ""
    try:
        with workspace.engine() as engine:
            return _expiring(workspace, engine, ledger, next_run=next_run), ""
    except TillpostError as error:
        return None, str(error)


def _expiring(
    workspace: Workspace, engine: Engine, ledger: Book, *, next_run: int
) -> Expiring | None:
    build = standing_build(workspace, engine)
    if build is None and not workspace.profile.settings.get("relation"):
        return None
    now = int(workspace.options.now.timestamp())
    with tempfile.TemporaryDirectory(dir=runs_folder(workspace), prefix=".") as folder:
        run = places.Run(
            id=Path(folder).name,
            command="status",
            started_at=workspace.options.now,
            folder=Path(folder),
        )
        load_unsettled(workspace, engine, ledger, run, build=build, now=now)
    return _counted(workspace, engine, is_ours=build is not None, now=now, next_run=next_run)


def _counted(
    workspace: Workspace, engine: Engine, *, is_ours: bool, now: int, next_run: int
) -> Expiring:
    """What waits, and what of it expires before the next run."""
    unsent, arrives_by = workspace.relation("unsent_events"), now + ARRIVAL_SECONDS
    _, [(pending, first_at)] = engine.query(
        "select count(*) as pending, min(sendable_until) as first_at"
        f" from {unsent} where sendable_until >= {arrives_by}",
        where=_WHERE,
    )
    sql = f"""
        with pending as ({_values(workspace) if is_ours else _NO_VALUES.format(unsent=unsent)})
        select currency, count(*) as events, sum(value) as value
        from pending
        where sendable_until >= {arrives_by} and sendable_until < {arrives_by + next_run}
        group by currency
        """
    _, rows = engine.query(workspace.compiler.text(sql, path=_WHERE), where=_WHERE)
    return Expiring(
        pending=pending,
        first_at=first_at,
        before=now + next_run,
        events=sum(events for _, events, _ in rows),
        value={
            currency or "": round(float(value), 6)
            for currency, _, value in sorted(rows, key=lambda row: row[0] or "")
            if value is not None
        },
    )


def _values(workspace: Workspace) -> str:
    """What is unsent, with its value; what stands for a currency and is none may be anything."""
    unsent, verdicts, baskets, currencies = (
        workspace.relation(name)
        for name in ("unsent_events", "int_basket_verdicts", "int_judged_baskets", "currencies")
    )
    return f"""
        select events.sendable_until, currencies.currency, baskets.order_value as value
        from {unsent} as events
        inner join {verdicts} as verdicts
            on events.event_key = verdicts.event_key and verdicts.bucket = 'pending'
        inner join {baskets} as baskets on verdicts.basket = baskets.basket
        left join {currencies} as currencies on baskets.currency = currencies.currency
    """


def _while_running(workspace: Workspace, place: Place, error: Locked, *, limit: int) -> Status:
    """What the folders of runs tell; a ledger in PostgreSQL can be read all the while."""
    facts: dict[str, Any] = {"runs": runs_by_folder(workspace, limit), "events": None}
    now = workspace.options.now.timestamp()
    if not isinstance(place, File) and place.exists():
        with place.open(clock=lambda: now) as ledger:
            facts = _ledger_facts(ledger, now=now, limit=limit)
    return _status(workspace, place, running=running(workspace, error), **facts)
