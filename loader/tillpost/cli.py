"""The command line: verbs in the order of the flow. What each does is the pipeline's affair.

Heavy parts are imported by the command that needs them, so that `--help` answers at once.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tillpost import __version__
from tillpost.errors import TillpostError, UsageError

if TYPE_CHECKING:
    from tillpost.pipeline.workspace import Workspace

BUG = 70


class _OrderedGroup(click.Group):
    """Commands in the order they are defined: the order of the flow."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)


@click.group(cls=_OrderedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tillpost")
def tillpost() -> None:
    r"""Store sales from your warehouse to Meta's Conversions API.

    SQL models decide what is sent, the loader carries it, and every source row
    ends in exactly one bucket.

    \b
    Exit codes: 0 good, 1 a test or the balance failed, 2 usage or configuration,
    3 events were refused, 4 try again later, 5 token or permission, 70 a bug.
    """


def _project_options(command: Callable[..., None]) -> Callable[..., None]:
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


def _workspace(
    project_dir: Path, profiles_dir: Path | None, target: str | None, variables: str
) -> "Workspace":
    from tillpost.pipeline.workspace import Options, open_workspace
    from tillpost.project.yaml_file import parse_yaml

    if not project_dir.is_dir():
        raise UsageError("there is no such folder", where=str(project_dir))
    options = Options(
        project_dir=Path.cwd(),
        profiles_dir=profiles_dir.resolve() if profiles_dir else None,
        target=target,
        vars=parse_yaml(variables, shown="--vars"),
        environ=os.environ,
    )
    return open_workspace(options)


def _run_options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--wait",
        type=click.FloatRange(min=0),
        default=0.0,
        help="Seconds to wait for another run to end. [default: 0]",
    )(command)
    return click.option("--quiet", "-q", is_flag=True, help="No progress.")(command)


@tillpost.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--from",
    "data_file",
    type=click.Path(path_type=Path),
    help="A CSV or Parquet file of yours: its columns are mapped by their names.",
)
@click.option(
    "--grain",
    type=click.Choice(["line", "order"]),
    help="What a row of the file is. [default: guessed]",
)
@click.option("--time-zone", default="UTC", help="The zone of its times. [default: UTC]")
@click.option("--currency", help="The currency of all its amounts, where no column says it.")
@click.option("--country", help="The country of customers whose row names none: ISO alpha-2.")
def init(folder: Path, **file: Any) -> None:
    """Lay down a whole project, open to be edited."""
    from datetime import UTC, datetime

    from tillpost.pipeline.init import init as lay_down

    click.echo(lay_down(folder, now=datetime.now(UTC), **file))


@tillpost.command()
@_project_options
def debug(**project: Any) -> None:
    """Check everything that a run needs."""
    from tillpost.pipeline.debug import checks

    worst: TillpostError | None = None
    for check in checks(_workspace(**project)):
        mark = "FAILED" if check.error else "ok"
        click.echo(f"{mark:<7} {check.name}: {check.detail}")
        if check.error:
            click.echo("  " + str(check.error).replace("\n", "\n  "), err=True)
            worst = worst or check.error
    if worst:
        sys.exit(worst.exit_code if worst.exit_code != BUG else 2)


@tillpost.command(name="compile")
@_project_options
@click.option("--select", "-s", "name", help="Print the SQL of one model.")
def compile_(name: str | None, **project: Any) -> None:
    """Render the models to SQL and check that they hang together."""
    from tillpost.pipeline.look import compiled

    click.echo(compiled(_workspace(**project), name))


@tillpost.command()
@_project_options
@_run_options
def build(*, wait: float, quiet: bool, **project: Any) -> None:
    """Build the models and test them; nothing is sent."""
    from tillpost.pipeline.flow import build_project
    from tillpost.report import build_words, progress_listener

    summary = build_project(_workspace(**project), listen=progress_listener(quiet=quiet), wait=wait)
    click.echo(build_words(summary))
    summary.require_success()


@tillpost.command(name="test")
@_project_options
@_run_options
def test_(*, wait: float, quiet: bool, **project: Any) -> None:
    """Test the build that stands."""
    from tillpost.pipeline.flow import test_project
    from tillpost.report import progress_listener, test_words

    results = test_project(_workspace(**project), listen=progress_listener(quiet=quiet), wait=wait)
    click.echo(test_words(results))
    if any(result.failed for result in results):
        sys.exit(1)


@tillpost.command()
@_project_options
@click.option("--select", "-s", "name", required=True, help="A model, a seed or a test.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, help="How many rows. [default: 20]"
)
def show(name: str, limit: int, **project: Any) -> None:
    """Show the first rows of a model, personal columns masked."""
    from tillpost.pipeline.look import show as rows_of
    from tillpost.report import table

    names, rows = rows_of(_workspace(**project), name, limit=limit)
    click.echo(table(names, rows))


@tillpost.command()
@_project_options
@_run_options
@click.option(
    "--force-test-code",
    is_flag=True,
    help="Let a test_event_code through for store events, which count all the same.",
)
def send(*, wait: float, quiet: bool, force_test_code: bool, **project: Any) -> None:
    """Send what the last build says is pending."""
    from tillpost.pipeline.flow import send_build
    from tillpost.report import progress_listener, send_words

    summary = send_build(
        _workspace(**project),
        listen=progress_listener(quiet=quiet),
        wait=wait,
        forced_test_code=force_test_code,
    )
    click.echo(send_words(summary))
    summary.require_success()


@tillpost.command()
@_project_options
@_run_options
@click.option(
    "--force-test-code",
    is_flag=True,
    help="Let a test_event_code through for store events, which count all the same.",
)
def run(*, wait: float, quiet: bool, force_test_code: bool, **project: Any) -> None:
    """Build, test and send: the command to schedule."""
    from tillpost.pipeline.flow import run_project
    from tillpost.report import build_words, progress_listener, send_words

    summary = run_project(
        _workspace(**project),
        listen=progress_listener(quiet=quiet),
        wait=wait,
        forced_test_code=force_test_code,
        show=lambda built: click.echo(build_words(built) + "\n"),
    )
    click.echo(send_words(summary))
    summary.require_success()


@tillpost.command()
@_project_options
@click.option("--limit", type=click.IntRange(min=1), default=5, help="How many runs. [default: 5]")
@click.option("--output", type=click.Choice(["table", "json"]), default="table")
def status(limit: int, output: str, **project: Any) -> None:
    """Tell how things stand: the last runs, and events by state."""
    from tillpost.pipeline.look import status as look
    from tillpost.report import status_json, status_words

    found = look(_workspace(**project), limit=limit)
    click.echo(status_json(found) if output == "json" else status_words(found))


@tillpost.command()
@click.option("--host", default="127.0.0.1", help="Where to listen. [default: 127.0.0.1]")
@click.option(
    "--port", type=int, default=8765, help="Which port, 0 for a free one. [default: 8765]"
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    help="A dataset that exists; may be given again. [default: any]",
)
@click.option(
    "--require-token-env",
    "token_name",
    help="The environment variable with the only good token. [default: any token is good]",
)
def sandbox(host: str, port: int, datasets: tuple[str, ...], token_name: str | None) -> None:
    """Run a local edge that enforces Meta's documented rules."""
    import time

    from tillpost.sandbox import serve

    token = os.environ.get(token_name) if token_name else None
    if token_name and not token:
        raise UsageError(
            f"the environment variable {token_name} is not set", fix=f"export {token_name}=…"
        )
    serve(
        host=host,
        port=port,
        datasets=datasets,
        token=token,
        clock=time.time,
        say=lambda line: click.echo(line, err=True),
    )


def main() -> None:
    """Run the command line: errors in three lines, exit codes that mean something."""
    try:
        code = tillpost(standalone_mode=False)
    except TillpostError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = UsageError.exit_code
    except BrokenPipeError:
        code = 0
    sys.exit(code)
