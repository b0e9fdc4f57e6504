"""How things stand: for a terminal, and for monitors."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tillpost.ledger import Run
from tillpost.pipeline.status import Status
from tillpost.report.tables import table

_FORMAT = 1


def status_words(status: Status) -> str:
    """A run in progress, the last runs, what waits, what expires, and the last build."""
    parts = [_running(status), _runs(status), _states(status), _waiting(status), _expiring(status)]
    if status.last_build:
        events = status.last_build["events"]
        parts.append(f"last build {status.last_build['run_id']}: {events:,} pending then")
    return "\n\n".join(filter(None, parts))


def status_json(status: Status) -> str:
    """The same for programs: every key is always there, null is what cannot be known now."""
    content = {
        "format": _FORMAT,
        **asdict(status),
        "as_of": _moment(status.as_of),
        "runs": [_run(run) for run in status.runs],
        "unread": status.unread or None,
    }
    if status.waiting:
        content["waiting"]["next_held_at"] = _moment(status.waiting.next_held_at)
    if status.expiring:
        content["expiring"]["first_at"] = _moment(status.expiring.first_at)
        content["expiring"]["before"] = _moment(status.expiring.before)
    return json.dumps(content, default=str, indent=2, ensure_ascii=False)


def _running(status: Status) -> str:
    run = status.running
    if not run:
        return ""
    if not run.run_id:
        return "another run has only just begun"
    pending = "" if run.pending is None else f", {run.pending:,} events pending"
    return (
        f"in progress: run {run.run_id} ({run.command}, process {run.pid} on {run.host}),"
        f" {run.stage}{pending}"
    )


def _runs(status: Status) -> str:
    if not status.runs:
        return f"nothing was sent yet: {Path(status.ledger).name} has no run"
    rows = [
        (
            run.run_id,
            run.command,
            _exit(run, status),
            run.tally.accepted,
            run.tally.refused,
            run.tally.uncertain,
        )
        for run in status.runs
    ]
    return table(("run", "command", "exit", "accepted", "refused", "uncertain"), rows)


def _exit(run: Run, status: Status) -> str | int | None:
    if run.exit_code is not None or not run.command:
        return run.exit_code
    is_on = status.running and status.running.run_id == run.run_id
    return "in progress" if is_on else "cut short"


def _states(status: Status) -> str:
    if status.events is None:
        return "the ledger cannot be read while a run has it"
    if not status.events:
        return ""
    return table(("events, newest state", "count"), sorted(status.events.items()))


def _waiting(status: Status) -> str:
    waiting = status.waiting
    if not waiting:
        return ""
    lines = []
    if waiting.uncertain:
        lines.append(
            f"without an answer: {waiting.uncertain:,} events, which go again with the next run;"
            f" from {_shown(waiting.next_held_at)} on they are held"
        )
    if waiting.held:
        lines.append(
            f"held for a person: {waiting.held:,} events: tillpost ledger list --state held"
        )
    return "\n".join(lines)


def _expiring(status: Status) -> str:
    if status.unread:
        return f"what expires next could not be read: {status.unread}"
    expiring = status.expiring
    if not expiring or not expiring.pending:
        return ""
    first = f"the first of {expiring.pending:,} pending events expires {_shown(expiring.first_at)}"
    if not expiring.events:
        return f"{first}; none before {_shown(expiring.before)}"
    value = ", ".join(f"{value:,.2f} {name}".strip() for name, value in expiring.value.items())
    more = f": {value}" if value else ""
    return f"{first}; {expiring.events:,} do before {_shown(expiring.before)}{more}"


def _run(run: Run) -> dict[str, Any]:
    return {
        **asdict(run),
        "command": run.command or None,
        "started_at": _moment(run.started_at),
        "ended_at": _moment(run.ended_at),
    }


def _moment(moment: float | None) -> str | None:
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _shown(moment: float | None) -> str:
    return f"{datetime.fromtimestamp(moment or 0, UTC):%Y-%m-%d %H:%M} UTC"
