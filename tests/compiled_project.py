"""The repository's own project, compiled without a profile: its sources are plain tables."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tillpost.compiler import Compiler, Settings
from tillpost.project import load_project

ROOT = Path(__file__).parents[1]


@cache
def repository_compiler() -> Compiler:
    """Every engine has tables; the calls that read files are DuckDB's alone."""
    project = load_project(ROOT)
    tables = {name: replace(source, location="") for name, source in project.sources.items()}
    return Compiler(
        Settings(
            project=replace(project, sources=tables),
            schema="main",
            target="tests",
            dialect="duckdb",
            threads=1,
            run_started_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
            environ={},
        )
    )
