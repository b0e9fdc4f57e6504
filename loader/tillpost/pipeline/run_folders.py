"""What the folders of runs tell: all there is to know while a run holds the database's files."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tillpost.errors import Locked, TillpostError
from tillpost.ledger import Run, Tally
from tillpost.pipeline.workspace import Workspace

_HOLDER = re.compile(
    r"run (?P<run_id>\S+) \((?P<command>.+), process (?P<pid>\d+) on (?P<host>[^,)…]*)"
)
_BUILDING = ("run", "build", "plan")


@dataclass(frozen=True, kw_only=True)
class Running:
    """A run in progress; None is what another machine's run, or one that only began, does not tell.

    ``stage`` is `building`, `sending` or the command; ``pending`` is known once it has built.
    """

    run_id: str | None = None
    command: str | None = None
    pid: int | None = None
    host: str | None = None
    stage: str | None = None
    pending: int | None = None


def running(workspace: Workspace, error: Locked) -> Running:
    """The run that holds the lock, which the refusal names."""
    found = _HOLDER.match(error.what)
    if not found:
        return Running()
    command = found["command"]
    file = runs_folder(workspace) / found["run_id"] / "build.json"
    pending = int(_read(file)["events"]) if file.exists() else None
    stage = "building" if command in _BUILDING else command
    if command == "send" or (command == "run" and pending is not None):
        stage = "sending"
    return Running(
        run_id=found["run_id"],
        command=command,
        pid=int(found["pid"]),
        host=found["host"],
        stage=stage,
        pending=pending,
    )


def runs_by_folder(workspace: Workspace, limit: int) -> tuple[Run, ...]:
    """Runs that have ended, newest first; their folders tell neither command nor exit code."""
    files = sorted(runs_folder(workspace).glob("*/send.json"), reverse=True)
    return tuple(_run(path.parent.name, _read(path)) for path in files[:limit])


def last_build(workspace: Workspace) -> dict[str, Any] | None:
    """What the last build came to, whichever command it was made by."""
    files = sorted(runs_folder(workspace).glob("*/build.json"))
    if not files:
        return None
    content = _read(files[-1])
    return {key: content[key] for key in ("run_id", "as_of", "events", "funnel")}


def runs_folder(workspace: Workspace) -> Path:
    """Where each run has a folder of its own."""
    return workspace.project.root / ".tillpost" / "runs"


def _run(run_id: str, sent: dict[str, Any]) -> Run:
    counts = {name: int(sent[name]) for name in ("accepted", "refused", "uncertain")}
    began = datetime.strptime(run_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Run(
        run_id=run_id,
        command="",
        started_at=began.timestamp(),
        ended_at=None,
        exit_code=None,
        tally=Tally(sent=sum(counts.values()) + int(sent["returned"]), **counts),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise TillpostError("a run's summary cannot be read", where=str(path)) from None
    return content
