"""What the commands have in common: a project, a run, a test code."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tillpost.errors import UsageError

if TYPE_CHECKING:
    from tillpost.pipeline.workspace import Workspace

Command = Callable[..., None]


def project_options(command: Command) -> Command:
    """The options of every command that works on a project, under dbt's names."""
    options = [
        click.option(
            "--project-dir",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path(),
            help="The project's folder. [default: here]",
        ),
        click.option(
            "--profiles-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="Where profiles.yml is. [default: the project, then ~/.dbt]",
        ),
        click.option("--target", "-t", help="Which output of the profile to use."),
        click.option(
            "--vars",
            "variables",
            default="{}",
            help="Variables as YAML: '{as_of: 2026-11-23T12:00:00Z}'.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def engine_options(command: Command) -> Command:
    """The options of every command that runs models or reads what they built."""
    options = [
        click.option(
            "--threads",
            type=click.IntRange(min=1),
            help="Threads of the engine. [default: the profile's, else all that are granted]",
        ),
        click.option(
            "--memory-limit",
            metavar="SIZE",
            help="Memory that DuckDB may take: 2GB. [default: the profile's, else half of all]",
        ),
        click.option(
            "--temp-dir",
            type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
            help="Where DuckDB puts what exceeds it. [default: the profile's, else the project]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def open_project(
    project_dir: Path,
    profiles_dir: Path | None,
    target: str | None,
    variables: str,
    **engine: Any,
) -> "Workspace":
    """Open what the project options name, from inside its folder."""
    from tillpost.pipeline.workspace import Options, open_workspace
    from tillpost.project.engine_options import EngineOptions
    from tillpost.project.stamp import require_schema
    from tillpost.project.yaml_file import parse_yaml

    if not project_dir.is_dir():
        raise UsageError(
            "there is no such folder",
            where=str(project_dir),
            fix="--project-dir with the folder of a project",
        )
    given = parse_yaml(variables, shown="--vars")
    profiles = profiles_dir.resolve() if profiles_dir else None
    # As dbt does: relative paths in models start at the project, wherever it is called from.
    os.chdir(project_dir)
    # Databases, their logs and the runs' folders hold hashes and ids: the owner's only.
    os.umask(0o077)
    require_schema(Path.cwd())
    return open_workspace(
        Options(
            project_dir=Path.cwd(),
            profiles_dir=profiles,
            target=target,
            engine=EngineOptions(**engine),
            vars=given,
            environ=os.environ,
        )
    )


wait_option = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    help="Seconds to wait for another run to end. [default: 0]",
)
"""The option of every command that takes the lock."""


def run_options(command: Command) -> Command:
    """The options of every command that builds or sends."""
    command = wait_option(command)
    return click.option("--quiet", "-q", is_flag=True, help="No progress.")(command)


def selection_options(command: Command) -> Command:
    """The options of every command that may take a part of the project, under dbt's names."""
    options = [
        click.option(
            "--select",
            "-s",
            multiple=True,
            help="A part: name, +name+, path, tag:x, source:x, state:modified; a comma intersects.",
        ),
        click.option("--exclude", multiple=True, help="What is left out of it."),
        click.option(
            "--state",
            type=click.Path(path_type=Path, exists=True, resolve_path=True),
            help="The run that state: compares with. [default: the newest build]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def send_options(command: Command) -> Command:
    """The options of every command that sends."""
    command = click.option(
        "--deadline",
        type=click.FloatRange(min=0),
        help="Seconds after which nothing new is sent; what is left goes with the next run.",
    )(command)
    return click.option(
        "--force-test-code",
        is_flag=True,
        help="Let a test_event_code through for store events, which count all the same.",
    )(command)


def say(text: str) -> None:
    """Print; a reader who has gone does not stop the work."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
