"""A project of a few lines: for what does not need the shipped models."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tillpost.pipeline.workspace import Options, Workspace, open_workspace

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILES = {
    "dbt_project.yml": "{name: small, profile: small, vars: {rate: 2}}",
    "profiles.yml": (
        "small: {target: t, outputs: {t: {type: duckdb, path: build.duckdb, threads: 1}}}"
    ),
}


def write_project(folder: Path, files: Mapping[str, str]) -> Path:
    """Write these files beside a project file and a profile."""
    for name, text in {**FILES, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def opened(project: Path, variables: dict[str, Any], **environ: str) -> Workspace:
    """A project, ready to compile, with the profile that its project file names."""
    with TemporaryDirectory() as folder:
        name = str(yaml.safe_load((project / "dbt_project.yml").read_text())["profile"])
        (Path(folder) / "profiles.yml").write_text(FILES["profiles.yml"].replace("small", name, 1))
        return open_workspace(
            Options(
                project_dir=project,
                profiles_dir=Path(folder),
                vars=variables,
                environ=environ,
                now=AS_OF,
            )
        )
