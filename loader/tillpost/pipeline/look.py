"""Looking without changing anything: rows of a model, and how things stand."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillpost.errors import TillpostError, UsageError
from tillpost.ledger import Ledger, Run
from tillpost.pipeline.flow import ledger_clock
from tillpost.pipeline.workspace import Workspace
from tillpost.project.sources import KINDS
from tillpost.project.yaml_file import did_you_mean

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Status:
    """The last runs, events by their newest state, and the last build."""

    ledger: Path
    runs: tuple[Run, ...]
    events: dict[str, int]
    last_build: dict[str, Any] | None


def compiled(workspace: Workspace, name: str | None) -> str:
    """The SQL of one model, or the list of all in build order.

    Raises:
        UsageError: the project does not compile, or has no such model.
    """
    models = {model.name: model for model in workspace.compiler.manifest().models}
    if name is None:
        return "\n".join(f"{each.materialized:<6} {each.path}" for each in models.values())
    if name not in models:
        raise UsageError(f'there is no model "{name}"', fix=did_you_mean(name, models))
    return models[name].sql


def show(
    workspace: Workspace, name: str, *, limit: int
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The first rows of a model, a seed or a failing test, personal columns masked.

    Raises:
        UsageError: there is no such thing.
    """
    manifest = workspace.compiler.manifest()
    texts = {model.name: (model.sql, model.path) for model in manifest.models}
    texts |= {test.name: (test.sql, test.file) for test in manifest.tests}
    for seed in workspace.project.seeds.values():
        texts[seed.name] = (f"select * from {workspace.relation(seed.name)}", seed.path)
    if name not in texts:
        raise UsageError(f'there is no model, seed or test "{name}"', fix=did_you_mean(name, texts))
    sql, path = texts[name]
    with workspace.engine() as engine:
        names, rows = engine.sample(sql, limit=limit, where=path)
    personal = personal_columns(workspace)
    masked = [
        tuple(
            mask(value) if column.lower() in personal else value
            for column, value in zip(names, row, strict=True)
        )
        for row in rows
    ]
    return names, masked


def personal_columns(workspace: Workspace) -> set[str]:
    """Names that hold personal data: what sources tag, and Tillpost's own names for the kinds."""
    tagged = {
        column.lower() for source in workspace.project.sources.values() for column in source.kinds
    }
    return tagged | set(KINDS)


def mask(value: object) -> object:
    """A value by its shape; a hash says nothing and is shown."""
    if value is None or _HASH.fullmatch(str(value)):
        return value
    return re.sub(r"\w+", "***", str(value))


def status(workspace: Workspace, *, limit: int) -> Status:
    """How things stand, read from the ledger and from the runs' folders."""
    path = workspace.ledger_path
    runs: tuple[Run, ...] = ()
    events: dict[str, int] = {}
    if path.exists():
        with Ledger.open(path, clock=ledger_clock) as ledger:
            runs, events = ledger.runs(limit), ledger.counts()
    return Status(ledger=path, runs=runs, events=events, last_build=_last_build(workspace))


def _last_build(workspace: Workspace) -> dict[str, Any] | None:
    folders = sorted((workspace.project.root / ".tillpost" / "runs").glob("*/build.json"))
    if not folders:
        return None
    try:
        content = json.loads(folders[-1].read_text(encoding="utf-8"))
    except ValueError:
        raise TillpostError("a run's summary cannot be read", where=str(folders[-1])) from None
    return {key: content[key] for key in ("run_id", "as_of", "events", "funnel")}
