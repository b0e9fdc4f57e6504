"""The builds that a comparison lays beside each other, in an own folder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tillpost.compiler import CompiledModel, Manifest
from tillpost.errors import UsageError
from tillpost.pipeline.build import build_models, load_seeds, read_sources
from tillpost.pipeline.changed_fields import FieldChange, changed_hashes
from tillpost.pipeline.diff_base import copied
from tillpost.pipeline.diff_folder import new_folder
from tillpost.pipeline.differences import COMPARED
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.snapshots import take_snapshot
from tillpost.pipeline.workspace import Listen, Run, Workspace

OLD = "old_build"
FILES = ("new.duckdb", "old.duckdb")
_OURS = "tillpost."
# To look for the best compression of texts costs more than a build that is gone in seconds gains.
_SHORT_LIVED = {"disabled_compression_methods": "dict_fsst"}


def beside_build(
    new: Workspace, manifest: Manifest, *, folder: Path, listen: Listen
) -> tuple[FieldChange, ...]:
    """Build one version, and compare its hashes with those of the build that stands.

    Args:
        new: the version; it is proved.
        manifest: what it compiles to.
        folder: an own one, for both builds.
        listen: who hears of the build.

    Raises:
        TillpostError: no build stands, or it is none that this version can read.
    """
    standing = new.data_root / str(new.profile.settings.get("path", ""))
    if not standing.is_file() or not copied(standing, folder / FILES[1]):
        raise UsageError("no build stands, or a run writes to it", where=new.profile.file)
    build_anew(new, manifest, folder=folder, listen=listen)
    schema = new.compiler.settings.schema
    with in_database(new, folder / FILES[0], attached=folder / FILES[1]).engine() as engine:
        return changed_hashes(engine, {"new": schema, "old": f"{OLD}.{schema}"})


def in_database(workspace: Workspace, path: Path, *, attached: Path | None = None) -> Workspace:
    """The same, in another database."""
    settings: dict[str, Any] = {**workspace.profile.settings, "path": str(path)}
    settings["settings"] = {**_SHORT_LIVED, **(settings.get("settings") or {})}
    if attached:
        others = list(settings.get("attach") or [])
        settings["attach"] = [*others, {"path": str(attached), "alias": OLD}]
    return replace(workspace, profile=replace(workspace.profile, settings=settings))


def build_anew(new: Workspace, manifest: Manifest, *, folder: Path, listen: Listen) -> None:
    """Build what is compared, and all that it is made of; tests have their own command."""
    run = Run(
        id=folder.name,
        command="diff",
        started_at=new.options.now,
        folder=new_folder(folder, "run"),
    )
    workspace = in_database(new, folder / FILES[0])
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


def rebuild(old: Workspace, manifest: Manifest, edited: set[str], *, listen: Listen) -> None:
    """Make the old build of a copy of the new one: only what differs, and what reads it."""
    names = set(edited)  # those that read them come to it
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
