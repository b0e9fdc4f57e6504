"""Looking without changing anything: rows of a model, and how things stand."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tillpost.compiler import OPAQUE, CompiledModel, Manifest
from tillpost.engines import Engine
from tillpost.errors import TillpostError, UsageError
from tillpost.ledger import Run
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.workspace import Workspace
from tillpost.project.sources import KINDS
from tillpost.project.yaml_file import did_you_mean

_HASH = r"\b[0-9a-f]{64}\b"
_HASH_OR_KEY = rf'{_HASH}|"\w+":'
_EMAIL = re.compile(r"[^\s\"@]+@[^\s\"@]+")
_PLAIN = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Status:
    """The last runs, events by their newest state, and the last build."""

    ledger: str
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
        raise _unknown(f'there is no model "{name}"', name, models)
    return models[name].sql


def show(
    workspace: Workspace, name: str, *, limit: int
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The first rows of a model, a seed or a failing test, personal columns masked.

    Raises:
        UsageError: there is no such thing, or what it reads was not built yet.
    """
    manifest = workspace.compiler.manifest()
    found = {each.name: (each.sql, each.path, each.refs) for each in manifest.models}
    found |= {each.name: (each.sql, each.file, each.refs) for each in manifest.tests}
    for seed in workspace.project.seeds.values():
        sql = f"select * from {workspace.relation(seed.name)}"
        found[seed.name] = (sql, seed.path, frozenset({seed.name}))
    if name not in found:
        raise _unknown(f'there is no model, seed or test "{name}"', name, found)
    sql, path, refs = found[name]
    with workspace.engine() as engine:
        _require_built(engine, manifest, refs, path=path)
        names, rows = engine.sample(sql, limit=limit, where=path)
    if name in workspace.project.seeds:
        return names, rows
    masked = _masked_columns(workspace, names)
    return names, [
        tuple(
            mask(value, wholly=column in masked) for column, value in zip(names, row, strict=True)
        )
        for row in rows
    ]


def _unknown(what: str, name: str, names: Iterable[str]) -> UsageError:
    return UsageError(what, fix=did_you_mean(name, names) or "tillpost compile lists them")


def _require_built(engine: Engine, manifest: Manifest, names: frozenset[str], *, path: str) -> None:
    """Make sure that what is read is there; views that an engine forgets are made again."""
    models = {each.name: each for each in manifest.models}
    standing = engine.relations()
    if "build_stamp" in standing:
        forgotten = _views_behind(names, models) - standing
        for each in manifest.models:
            if each.name in forgotten:
                engine.create(each.relation, each.sql, materialized="view", where=each.path)
        standing |= forgotten
    missing = sorted(names - standing)
    if missing:
        raise UsageError(
            "what it reads was not built yet",
            where=path,
            why=f"missing: {', '.join(missing)}",
            fix="tillpost build",
        )


def _views_behind(names: frozenset[str], models: Mapping[str, CompiledModel]) -> set[str]:
    """The views among some names, and among what these read."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        model = models.get(waiting.pop())
        if model and model.materialized == "view" and model.name not in found:
            found.add(model.name)
            waiting |= model.refs
    return found


def _masked_columns(workspace: Workspace, columns: tuple[str, ...]) -> set[str]:
    """Every column that may hold personal data, under whatever name: all, where that is unclear."""
    from tillpost.compiler.personal import personal_names  # noqa: PLC0415  sqlglot takes its time

    manifest = workspace.compiler.manifest(dialect=OPAQUE)
    texts = [model.sql for model in manifest.models] + [test.sql for test in manifest.tests]
    tagged = {name.lower() for each in workspace.project.sources.values() for name in each.kinds}
    personal = personal_names(texts, tagged | set(KINDS))
    return {
        column
        for column in columns
        # What has no plain name is an expression, of whatever columns.
        if personal is None or column.lower() in personal or not _PLAIN.fullmatch(column)
    }


def mask(value: object, *, wholly: bool) -> object:
    """A value by its shape; hashes and JSON's keys say nothing and stay, addresses never do."""
    if value is None:
        return None
    text = _EMAIL.sub("***@***", str(value))
    if not wholly:
        return text
    kept = _HASH_OR_KEY if text.startswith("{") else _HASH
    return re.sub(rf"({kept})|\w+", lambda word: word[1] or "***", text)


def status(workspace: Workspace, *, limit: int) -> Status:
    """How things stand, read from the ledger and from the runs' folders."""
    from tillpost.pipeline.clocks import wall_clock  # noqa: PLC0415  httpx takes its time

    runs: tuple[Run, ...] = ()
    events: dict[str, int] = {}
    place = ledger_place(workspace)
    if place.exists():
        with place.open(clock=wall_clock) as ledger:
            runs, events = ledger.runs(limit), ledger.counts()
    return Status(ledger=str(place), runs=runs, events=events, last_build=_last_build(workspace))


def _last_build(workspace: Workspace) -> dict[str, Any] | None:
    folders = sorted((workspace.project.root / ".tillpost" / "runs").glob("*/build.json"))
    if not folders:
        return None
    try:
        content = json.loads(folders[-1].read_text(encoding="utf-8"))
    except ValueError:
        raise TillpostError("a run's summary cannot be read", where=str(folders[-1])) from None
    return {key: content[key] for key in ("run_id", "as_of", "events", "funnel")}
