"""Checking everything a run needs, one thing at a time, without stopping at the first fault."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tillpost.compiler import source_relation
from tillpost.edge import Edge, Read
from tillpost.engines import Engine
from tillpost.errors import EdgeUnreachable, NotAllowed, TillpostError, UsageError
from tillpost.pipeline.alerts import check
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.send import check_edge
from tillpost.pipeline.workspace import Workspace
from tillpost.project.alerts import alert_settings
from tillpost.project.edge_block import edge_settings
from tillpost.records import Fault

# Meta's dates, where it gives them; a version lives about two years.
VERSION_ENDS = {"v21.0": date(2027, 1, 21), "v26.0": date(2028, 7, 29)}
MEND_DATASET = "mend vars.dataset_id in dbt_project.yml, or version in the profile"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at. ``error`` is what a run would fail with."""

    name: str
    detail: str
    error: TillpostError | None = None


def checks(workspace: Workspace) -> Iterator[Check]:
    """Look at project, engine, sources, ledger and edge; a fault does not hide the next one."""
    project = workspace.project
    yield Check(
        name="project",
        detail=f"{project.name}: {len(project.models)} models, {len(project.seeds)} seeds,"
        f" {len(project.sources)} sources, {len(project.tests)} tests",
    )
    yield Check(
        name="profile", detail=f"{workspace.profile.name}, target {workspace.profile.target}"
    )
    yield _attempt("models", lambda: f"{len(workspace.compiler.manifest().models)} compile")
    try:
        with workspace.engine() as engine:
            yield Check(name="database", detail=f"{engine.dialect} opens, schema {engine.schema}")
            yield from _sources(workspace, engine)
    except TillpostError as error:
        yield Check(name="database", detail="cannot be opened", error=error)
    yield _attempt("ledger", lambda: _ledger_detail(workspace))
    yield from _edge(workspace)
    if workspace.profile.settings.get("alerts"):
        yield _attempt("alerts", lambda: _alerts_detail(workspace))


def _alerts_detail(workspace: Workspace) -> str:
    profile = workspace.profile
    settings = alert_settings(profile.settings, where=profile.file, vault=profile.vault)
    if settings is None:
        return "none"
    return check(
        settings,
        project=workspace.project.name,
        target=workspace.profile.target,
        now=workspace.options.now.timestamp(),
    )


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, detail=look())
    except TillpostError as error:
        return Check(name=name, detail="cannot be used", error=error)


def _sources(workspace: Workspace, engine: Engine) -> Iterator[Check]:
    for name, source in sorted(workspace.project.sources.items()):
        if source.source == "tillpost":
            continue
        location = source_relation(source, schema=engine.schema)

        def look(location: str = location, where: str = f"{source.file} {name}") -> str:
            return f"{len(engine.columns(location, where=where))} columns"

        yield _attempt(f"source {name}", look)


def _ledger_detail(workspace: Workspace) -> str:
    place = ledger_place(workspace)
    path = Path(str(place))
    if not place.exists():
        return f"{path.name}, not there yet, the first send makes it"
    return f"{path.name}, {path.stat().st_size:,} bytes" if path.exists() else str(place)


def _edge(workspace: Workspace) -> Iterator[Check]:
    try:
        settings = edge_settings(workspace.profile)
        check_edge(settings, forced_test_code=True, has_store_events=False)
        # A person waits here: what fails at first is told at once.
        with Edge(replace(settings, attempts=1)) as edge:
            yield Check(name="edge", detail=f"{settings.graph_url} {settings.version}")
            today = workspace.options.now.date()
            yield Check(name="version", detail=_version_detail(settings.version, today))
            named = [str(workspace.project.vars.get("dataset_id", "")), *settings.datasets]
            for dataset_id in dict.fromkeys(filter(settings.token_of, named)):
                yield from _reads(edge, dataset_id)
    except TillpostError as error:
        yield Check(name="edge", detail="the profile cannot be used", error=error)


def _reads(edge: Edge, dataset_id: str) -> Iterator[Check]:
    """What token and dataset say of themselves; a silent edge is asked once only."""
    token = edge.token(dataset_id)
    fault = _fatal(token)
    yield Check(name="token", detail=_read_detail(token, _token_words), error=fault)
    if not isinstance(fault, EdgeUnreachable):
        dataset = edge.dataset(dataset_id)
        yield Check(
            name=f"dataset {dataset_id}",
            detail=_read_detail(dataset, _dataset_words),
            error=_fatal(dataset),
        )


def _version_detail(version: str, today: date) -> str:
    end = VERSION_ENDS.get(version)
    if end is None:
        return f"{version} answers today; Meta keeps a version about two years"
    return f"{version} answers until about {end}, {(end - today).days} days from now"


def _read_detail(read: Read, words: Callable[[Read], str]) -> str:
    if read.ok:
        return words(read)
    if read.answer.fault is Fault.permission:
        return "may send but not read: enough for sending"
    return "cannot be read"


def _token_words(read: Read) -> str:
    data = read.values.get("data")
    values = data if isinstance(data, dict) else read.values
    valid = "valid" if values.get("is_valid", True) else "not valid"
    return f"{valid}, expires {values.get('expires_at') or 'never'}"


def _dataset_words(read: Read) -> str:
    takes = "takes" if read.values.get("is_consolidated_container") else "does NOT take"
    return f"{read.values.get('name', '')}: {takes} offline events"


def _fatal(read: Read) -> TillpostError | None:
    """A read may be forbidden to a token that may send; anything else would stop a run too."""
    answer = read.answer
    if read.ok or answer.fault is Fault.permission:
        return None
    why = answer.message or f"the edge answers {answer.http_status}"
    if answer.fault is Fault.token:
        return NotAllowed(
            "the edge refuses the token", why=why, fix="a new one from Events Manager"
        )
    if answer.fault in (Fault.temporary, Fault.throttled, Fault.blocked):
        return EdgeUnreachable("the edge does not answer", why=why, fix="try again later")
    return UsageError("the edge does not take this", why=why, fix=MEND_DATASET)
