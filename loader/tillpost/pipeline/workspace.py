"""A project, a target and a clock: what every command starts from."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tillpost.compiler import Compiler, Manifest, Settings
from tillpost.engines import Engine, dialect_of, open_engine
from tillpost.errors import UsageError, raise_all
from tillpost.project import Project, load_project, profile_name
from tillpost.project.engine_options import EngineOptions
from tillpost.project.locations import paths_of
from tillpost.project.profile import Profile, load_profile
from tillpost.redaction import redact

PRIVATE_FOLDER = 0o700
DEFAULT_SCHEMAS = {"duckdb": "main"}
DEFAULT_LEDGER = "tillpost_ledger.duckdb"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says, and the world it was said in."""

    project_dir: Path
    profiles_dir: Path | None = None
    target: str | None = None
    engine: EngineOptions = field(default_factory=EngineOptions)
    vars: dict[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One step of long work: ``done`` of ``total`` of whatever ``stage`` counts."""

    stage: str
    name: str
    done: int
    total: int


Listen = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A project with its profile, ready to compile and to run.

    ``data_root`` is where the paths of sources and databases start: the project's folder, unless
    another version of the project is looked at over the same data.
    """

    options: Options
    project: Project
    profile: Profile
    compiler: Compiler
    data_root: Path

    @property
    def ledger_path(self) -> Path:
        """The ledger's file, which no build lives in."""
        path = self.data_root / str(self.profile.settings.get("ledger", DEFAULT_LEDGER))
        return path.resolve() if path.is_symlink() else path

    def relation(self, name: str) -> str:
        """A relation of the build, as SQL names it."""
        return f"{self.compiler.settings.schema}.{name}"

    def engine(self) -> Engine:
        """The target's engine, open."""
        settings = {**self.profile.opened(), "schema": self.compiler.settings.schema}
        return open_engine(
            settings, root=self.data_root, where=self.profile.file, reads=tuple(self._reads())
        )

    def _reads(self) -> Iterator[tuple[str, str]]:
        """The files that models may read: those of the declared sources, and the seeds."""
        for source in self.project.sources.values():
            for path in paths_of(source.location):
                yield f"{source.file} {source.full_name}", path
        for seed in self.project.seeds.values():
            yield seed.path, str(self.project.root / seed.path)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution: its id is also the upload tag of its requests."""

    id: str
    command: str
    started_at: datetime
    folder: Path

    def write(self, name: str, content: object) -> None:
        """Leave a JSON file in the run's folder."""
        text = redact(json.dumps(content, indent=2, default=str, ensure_ascii=False))
        (self.folder / name).write_text(text + "\n", encoding="utf-8")


def open_workspace(options: Options) -> Workspace:
    """Read project and profile; nothing is run and nothing written."""
    project, profile = _read(options)
    dialect = dialect_of(profile.settings, where=profile.file)
    settings = Settings(
        project=project,
        schema=str(profile.settings.get("schema", DEFAULT_SCHEMAS.get(dialect, "tillpost"))),
        target=profile.target,
        dialect=dialect,
        threads=int(profile.settings.get("threads") or 1),
        run_started_at=options.now,
        environ=options.environ,
        secret_names=profile.secret_names,
    )
    return Workspace(
        options=options,
        project=project,
        profile=profile,
        compiler=Compiler(settings),
        data_root=project.root,
    )


def _read(options: Options) -> tuple[Project, Profile]:
    """Both, or everything that is wrong in either."""
    errors: list[UsageError] = []
    try:
        project = load_project(options.project_dir, overrides=options.vars)
        name = project.profile
    except UsageError as error:
        errors.append(error)
        name = profile_name(options.project_dir)
    try:
        profile = load_profile(
            _profile_directories(options),
            name=name,
            target=options.target,
            environ=options.environ,
            project=options.project_dir,
        )
    except UsageError as error:
        errors.append(error)
    raise_all(errors)
    settings = options.engine.over(profile.settings)
    return project, replace(profile, settings=settings)


def new_run_id(now: datetime) -> str:
    """An id that sorts by time and that no other run has."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def start_run(
    workspace: Workspace,
    run_id: str,
    command: str,
    *,
    manifest: Manifest | None,
) -> Run:
    """Make the run's folder, readable by its owner only, with what will be executed."""
    home = workspace.project.root / ".tillpost"
    folder = home / "runs" / run_id
    for parent in (home, folder.parent):  # a mode is given to the last folder only
        parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER)
    run = Run(
        id=run_id,
        command=command,
        started_at=workspace.options.now,
        folder=folder,
    )
    if manifest:
        compiled = folder / "compiled"
        compiled.mkdir()
        for model in manifest.models:
            (compiled / f"{model.name}.sql").write_text(redact(model.sql) + "\n", encoding="utf-8")
        run.write("manifest.json", manifest_summary(workspace, manifest))
    return run


def manifest_summary(workspace: Workspace, manifest: Manifest) -> dict[str, Any]:
    """The model graph as data."""
    return {
        "project": workspace.project.name,
        "target": workspace.profile.target,
        "rules_version": workspace.project.rules_version,
        "models": [
            {
                "name": model.name,
                "path": model.path,
                "materialized": model.materialized,
                "refs": sorted(model.refs),
                "sources": sorted(model.sources),
                "tags": sorted(model.tags),
                "checksum": model.checksum,
            }
            for model in manifest.models
        ],
        "seeds": [
            {
                "name": seed.name,
                "path": seed.path,
                "checksum": seed.checksum(workspace.project.root),
            }
            for seed in workspace.project.seeds.values()
        ],
        "tests": [
            {"name": test.name, "file": test.file, "checksum": test.checksum}
            for test in manifest.tests
        ],
    }


def _profile_directories(options: Options) -> list[Path]:
    """In dbt's order: the flag, the environment, the project, the home."""
    if options.profiles_dir:
        return [options.profiles_dir]
    if found := options.environ.get("DBT_PROFILES_DIR"):
        return [Path(found)]
    home = options.environ.get("HOME")
    return [options.project_dir] + ([Path(home) / ".dbt"] if home else [])
