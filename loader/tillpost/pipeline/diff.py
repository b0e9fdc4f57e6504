"""What an edit changes: two versions of the project over the same data, clock and ledger."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tillpost.compiler import CompiledModel, Manifest
from tillpost.errors import UsageError
from tillpost.pipeline.build import build_models, load_seeds, read_sources, take_snapshot
from tillpost.pipeline.diff_base import copied, reopened, standing_base
from tillpost.pipeline.diff_folder import new_folder, private_folder
from tillpost.pipeline.differences import COMPARED, Differences, compare
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.proofs import proved
from tillpost.pipeline.revisions import lay_out, told_of
from tillpost.pipeline.workspace import (
    Listen,
    Run,
    Workspace,
)

OLD = "old_build"
FILES = ("new.duckdb", "old.duckdb")
Sides = tuple[tuple[Workspace, Manifest], tuple[Workspace, Manifest]]
"""The new version and the old one, each with what it compiles to."""
_OURS = "tillpost."


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A model that is not the same in both versions: changed, added or removed."""

    name: str
    path: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What a revision and the working tree have between them.

    ``build`` is the one that stood and was taken for one of them; empty where both were built.
    """

    revision: str
    edited: tuple[Edited, ...]
    differences: Differences
    build: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the same events go, with the same payloads, and for the same reasons not."""
        return self.differences.is_empty


def diff(workspace: Workspace, revision: str, *, listen: Listen) -> Diff:
    """Build both versions beside each other and compare them; nothing of the user's is touched.

    Raises:
        UsageError: there is no such revision, or one of the versions cannot be built.
    """
    require_duckdb(workspace)
    root = workspace.project.root
    with private_folder(root) as folder:
        laid = lay_out(root, revision, into=new_folder(folder, "tree"))
        with told_of(revision):
            old = at(workspace, laid)
        return between(old, workspace, folder=folder, revision=revision, listen=listen)


def between(old: Workspace, new: Workspace, *, folder: Path, revision: str, listen: Listen) -> Diff:
    """Build two versions of a project over the same data, and compare them.

    Args:
        old: the one.
        new: the other.
        folder: an own one, for both builds.
        revision: how the old one is called.
        listen: who hears of the builds.

    Raises:
        UsageError: one of the versions cannot be built.
    """
    manifest = new.compiler.manifest()
    with told_of(revision):
        old_manifest = old.compiler.manifest()
    edited = tuple(_edited(new, manifest, old, old_manifest))
    if not edited:
        return Diff(revision=revision, edited=(), differences=Differences())
    proved(new, manifest)
    with told_of(revision):
        proved(old, old_manifest)
    build = _built(folder, ((new, manifest), (old, old_manifest)), edited, revision, listen=listen)
    with _in(new, folder / FILES[0], attached=folder / FILES[1]).engine() as engine:
        found = compare(engine, schema=new.compiler.settings.schema, old=OLD)
    return Diff(revision=revision, edited=edited, differences=found, build=build)


def _built(
    folder: Path, sides: Sides, edited: tuple[Edited, ...], revision: str, *, listen: Listen
) -> str:
    """Both versions side by side; says which build that stands is one of them, if it is.

    The other one is a copy, in which only what differs is built anew.
    """
    (new, manifest), (old, _) = sides
    base = standing_base(sides)
    if base and copied(base, folder / FILES[base.place]):
        moment = base.build.as_of
        sides = (_at_moment(new, moment), _at_moment(old, moment))
        first = base.place
    else:
        base, first = None, 0
        run = Run(
            id=folder.name,
            command="diff",
            started_at=new.options.now,
            folder=new_folder(folder, "run"),
        )
        _build(_in(new, folder / FILES[first]), run, manifest, listen=listen)
    second = 1 - first
    shutil.copyfile(folder / FILES[first], folder / FILES[second])
    workspace, its_manifest = sides[second]
    with told_of(revision) if second else nullcontext():
        _rebuild(_in(workspace, folder / FILES[second]), its_manifest, edited, listen=listen)
    return base.build.run_id if base else ""


def _at_moment(side: Workspace, moment: int) -> tuple[Workspace, Manifest]:
    options = replace(side.options, now=datetime.fromtimestamp(moment, UTC))
    moved = reopened(side, options)
    return moved, moved.compiler.manifest()


def require_duckdb(workspace: Workspace) -> None:
    """Make sure that builds can be laid beside each other.

    Raises:
        UsageError: they are made elsewhere, or by another tool.
    """
    if workspace.compiler.settings.dialect != "duckdb" or workspace.profile.settings.get(
        "relation"
    ):
        raise UsageError(
            "diff compares builds of DuckDB",
            where=workspace.profile.file,
            fix="--target with an output of the type duckdb",
        )


def at(workspace: Workspace, project: Path) -> Workspace:
    """The old project, with the profile, the clock, the variables and the ledger of the new."""
    if not (project / "dbt_project.yml").exists():
        raise UsageError("there is no project at this revision", fix="a later one")
    options = replace(
        workspace.options, project_dir=project, profiles_dir=workspace.profile.path.parent
    )
    return reopened(workspace, options)


def _in(workspace: Workspace, path: Path, *, attached: Path | None = None) -> Workspace:
    """The same, in another database."""
    settings: dict[str, Any] = {**workspace.profile.settings, "path": str(path)}
    if attached:
        others = list(settings.get("attach") or [])
        settings["attach"] = [*others, {"path": str(attached), "alias": OLD}]
    return replace(workspace, profile=replace(workspace.profile, settings=settings))


def _edited(
    new: Workspace, manifest: Manifest, old: Workspace, old_manifest: Manifest
) -> Iterator[Edited]:
    """The models that differ, by what they render to and the seeds that they read."""
    before = {each.name: each for each in old_manifest.models}
    now = {each.name: each for each in manifest.models}
    seeds = {
        name
        for name in new.project.seeds.keys() | old.project.seeds.keys()
        if _seed(new, name) != _seed(old, name)
    }
    for name, model in {**before, **now}.items():
        if name not in before:
            yield Edited(name=name, path=model.path, how="added")
        elif name not in now:
            yield Edited(name=name, path=model.path, how="removed")
        elif _text(before[name]) != _text(now[name]):
            yield Edited(name=name, path=model.path, how="changed")
        elif read := sorted(model.refs & seeds):
            yield Edited(name=name, path=model.path, how=f"seed {', '.join(read)}")


def _text(model: CompiledModel) -> tuple[str, str]:
    return model.materialized, "\n".join(
        line
        for line in model.sql.splitlines()
        if line.strip() and not line.strip().startswith("--")
    )


def _seed(workspace: Workspace, name: str) -> bytes:
    seed = workspace.project.seeds.get(name)
    return (workspace.project.root / seed.path).read_bytes() if seed else b""


def _build(workspace: Workspace, run: Run, manifest: Manifest, *, listen: Listen) -> None:
    """Build what is compared, and all that it is made of; tests have their own command."""
    with workspace.engine() as engine:
        for hook in manifest.on_run_start:
            engine.execute(hook, where="dbt_project.yml on-run-start")
        load_seeds(workspace, engine, workspace.project.seeds)
        read_sources(workspace, engine, manifest.sources, listen=listen)
        if ledger_place(workspace).exists():  # to open one would make it
            take_snapshot(workspace, engine, run)
        build_models(engine, _needed(manifest), listen=listen)


def _needed(manifest: Manifest) -> list[CompiledModel]:
    names = set(COMPARED)
    for model in reversed(manifest.models):  # parents come first
        if model.name in names:
            names |= model.refs
    return [model for model in manifest.models if model.name in names]


def _rebuild(
    old: Workspace, manifest: Manifest, edited: Iterable[Edited], *, listen: Listen
) -> None:
    """Make the old build of a copy of the new one: only what differs, and what reads it."""
    names = {each.name for each in edited}
    models = []
    for model in _needed(manifest):
        if model.name in names or model.refs & names:
            names.add(model.name)
            models.append(model)
    with old.engine() as engine:
        load_seeds(old, engine, old.project.seeds)
        if any(not each.startswith(_OURS) for model in models for each in model.sources):
            read_sources(old, engine, manifest.sources, listen=listen)
        build_models(engine, models, listen=listen)
