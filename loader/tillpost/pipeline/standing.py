"""The build that stands: whether another one, made now from the same things, could differ."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tillpost.compiler import Manifest
from tillpost.engines import Engine
from tillpost.ledger import Book
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.unsent import load_unsent, load_unsent_of
from tillpost.pipeline.workspace import Run, Workspace
from tillpost.project.folders import PROJECT_FILE
from tillpost.project.locations import paths_of
from tillpost.project.sources import Source

MAX_AGE = 900
"""Seconds after which the clock alone has changed a build."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
# What a call that reads files is told first: a path, or a list of them.
_READER = re.compile(r"\w+\(\s*(\[[^\]]*\]|'(?:[^']|'')*')")


@dataclass(frozen=True, kw_only=True)
class Build:
    """A build as it is stamped; moments in epoch seconds."""

    run_id: str
    as_of: int
    built_at: int
    rules_version: str


def standing_build(workspace: Workspace, engine: Engine) -> Build | None:
    """The build that may be sent, if there is one."""
    if "build_stamp" not in engine.relations():
        return None
    stamp = workspace.relation("build_stamp")
    _, rows = engine.query(
        f"select run_id, as_of, built_at, rules_version from {stamp}", where="the build"
    )
    run_id, as_of, built_at, rules_version = rows[0]
    return Build(run_id=run_id, as_of=as_of, built_at=built_at, rules_version=rules_version)


def load_unsettled(  # noqa: PLR0913  from where to where, for whom and when
    workspace: Workspace,
    engine: Engine,
    ledger: Book,
    run: Run,
    *,
    build: Build | None,
    now: int,
) -> None:
    """Leave out of a build, or of another tool's relation, what the ledger has heard of since."""
    if build:
        load_unsent(workspace, engine, ledger, run, since=min(build.built_at, now), now=now)
    else:
        relation = str(workspace.profile.settings["relation"])
        load_unsent_of(workspace, engine, ledger, run, relation=relation, now=now)


def is_current(workspace: Workspace, build: Build, manifest: Manifest) -> bool:
    """Whether nothing that a build is made of has changed since; where that is unclear, it has.

    Sources have to be files: what a database holds cannot be told without reading it.
    """
    now = workspace.options.now.timestamp()
    if "as_of" in workspace.project.vars or build.as_of != build.built_at:
        return False
    if not 0 <= now - build.built_at <= MAX_AGE:
        return False
    paths = list(_project_paths(workspace))
    return (
        all(_is_older(path, build.built_at) for path in paths)
        and is_same_sql(workspace, build, manifest)
        and is_over_same_data(workspace, build)
    )


def is_over_same_data(workspace: Workspace, build: Build) -> bool:
    """Whether neither the sources' files nor the ledger have changed since a build."""
    paths: list[Path] = []
    for source in workspace.project.sources.values():
        if source.source == "tillpost":
            continue
        found = _source_paths(workspace, source)
        if not found:
            return False
        paths += found
    now = workspace.options.now.timestamp()
    return all(_is_older(path, build.built_at) for path in paths) and _is_ledger_older(
        workspace, build.built_at, now=now
    )


def _is_older(path: Path, moment: int) -> bool:
    """Whether a file, or what a folder lists, is as it was; a copy's date may be kept, not this."""
    try:
        status = path.stat()
    except OSError:
        return False
    return max(status.st_mtime, status.st_ctime) < moment


def is_same_sql(workspace: Workspace, build: Build, manifest: Manifest) -> bool:
    """Whether the models say the same but for the clock: variables and environment are in them."""
    folder = workspace.data_root / ".tillpost" / "runs" / build.run_id / "compiled"
    then = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
    now = {model.name: f"{model.sql}\n" for model in manifest.models}
    return _timeless(then) == _timeless(now)


def _timeless(texts: dict[str, str]) -> dict[str, str]:
    return {name: _MOMENT.sub("", text) for name, text in texts.items()}


def _is_ledger_older(workspace: Workspace, moment: int, *, now: float) -> bool:
    place = ledger_place(workspace)
    if not place.exists():
        return False
    with place.open(clock=lambda: now) as ledger:
        newest = ledger.newest()
    return newest is None or newest < moment


def _project_paths(workspace: Workspace) -> Iterator[Path]:
    """The project's files, and their folders: what is new or gone shows there."""
    project = workspace.project
    names = {
        *(model.path for model in project.models.values()),
        *(seed.path for seed in project.seeds.values()),
        *(macro.path for macro in project.macros),
        *(source.file for source in project.sources.values()),
        # A generic test stands in a file that declares a model: those are found by their folder.
        *(test.file for test in project.tests if test.file.endswith(".sql")),
    }
    files = {project.root / name for name in names}
    folders = {path.parent for path in files} - {project.root}
    yield project.root / PROJECT_FILE
    yield from files | folders
    for folder in folders:
        yield from folder.glob("*.y*ml")


def _source_paths(workspace: Workspace, source: Source) -> list[Path]:
    """The files of a source, and folders where more could come; none where that is unclear."""
    found = _READER.match(source.location)
    if found is None or workspace.compiler.settings.dialect != "duckdb":
        return []
    paths: list[Path] = []
    for pattern in paths_of(found[1]):
        if not any(sign in pattern for sign in "*?["):
            paths.append(workspace.data_root / pattern)
        elif Path(pattern).is_absolute() or "**" in pattern:
            return []
        else:
            files = list(workspace.data_root.glob(pattern))
            paths += [*files, *{path.parent for path in files}]
    return paths
