"""The commands, in the order of the flow. What each does is the pipeline's affair.

Heavy parts are imported by the command that needs them, so that `--help` answers at once.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from tillpost import __version__
from tillpost.cli.options import open_project, project_options, run_options, test_code_option
from tillpost.errors import TillpostError, UsageError


class _OrderedGroup(click.Group):
    """Commands in the order they are defined: the order of the flow."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)


@click.group(cls=_OrderedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tillpost")
def tillpost() -> None:
    """Store sales from your warehouse to Meta's Conversions API.

    SQL models decide what is sent, the loader carries it, and every source row
    ends in exactly one bucket.

    \b
    Exit codes: 0 good, 1 a test or the balance failed, 2 usage or configuration,
    3 events were refused, 4 try again later, 5 token or permission, 70 a bug.
    """  # noqa: D301  click reads the backspace: keep these lines as they are


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
@click.option(
    "--country",
    help="The country to read phones and states by where a row names none: ISO alpha-2.",
)
def init(folder: Path, **file: Any) -> None:
    """Lay down a whole project, open to be edited."""
    from datetime import UTC, datetime

    from tillpost.pipeline.init import init as lay_down

    click.echo(lay_down(folder, now=datetime.now(UTC), **file))


@tillpost.command()
@project_options
def debug(**project: Any) -> None:
    """Check everything that a run needs."""
    from tillpost.pipeline.debug import checks

    worst: TillpostError | None = None
    for check in checks(open_project(**project)):
        mark = "FAILED" if check.error else "ok"
        click.echo(f"{mark:<7} {check.name}: {check.detail}")
        if check.error:
            click.echo(f"error: {check.error}", err=True)
            worst = worst or check.error
    if worst:
        sys.exit(worst.exit_code)


@tillpost.command(name="compile")
@project_options
@click.option("--select", "-s", "name", help="Print the SQL of one model.")
def compile_(name: str | None, **project: Any) -> None:
    """Render the models to SQL and check that they hang together."""
    from tillpost.pipeline.look import compiled

    click.echo(compiled(open_project(**project), name))


@tillpost.command()
@project_options
@run_options
def build(*, wait: float, quiet: bool, **project: Any) -> None:
    """Build the models and test them; nothing is sent."""
    from tillpost.pipeline.flow import build_project
    from tillpost.report import build_words, progress_listener

    summary = build_project(
        open_project(**project), listen=progress_listener(quiet=quiet), wait=wait
    )
    click.echo(build_words(summary))
    summary.require_success()


@tillpost.command(name="test")
@project_options
@run_options
def test_(*, wait: float, quiet: bool, **project: Any) -> None:
    """Test the build that stands."""
    from tillpost.pipeline.flow import test_project
    from tillpost.report import progress_listener, test_words

    results = test_project(
        open_project(**project), listen=progress_listener(quiet=quiet), wait=wait
    )
    click.echo(test_words(results))
    if any(result.failed for result in results):
        sys.exit(1)


@tillpost.command()
@project_options
@click.option("--select", "-s", "name", required=True, help="A model, a seed or a test.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, help="How many rows. [default: 20]"
)
def show(name: str, limit: int, **project: Any) -> None:
    """Show the first rows of a model, personal columns masked."""
    from tillpost.pipeline.look import show as rows_of
    from tillpost.report import rows_words

    names, rows = rows_of(open_project(**project), name, limit=limit)
    click.echo(rows_words(names, rows, width=shutil.get_terminal_size().columns))


@tillpost.command()
@project_options
@run_options
@test_code_option
def send(*, wait: float, quiet: bool, force_test_code: bool, **project: Any) -> None:
    """Send what the last build says is pending."""
    from tillpost.pipeline.flow import send_build
    from tillpost.report import progress_listener, send_words

    summary = send_build(
        open_project(**project),
        listen=progress_listener(quiet=quiet),
        wait=wait,
        forced_test_code=force_test_code,
    )
    click.echo(send_words(summary))
    summary.require_success()


@tillpost.command()
@project_options
@run_options
@test_code_option
def run(*, wait: float, quiet: bool, force_test_code: bool, **project: Any) -> None:
    """Build, test and send: the command to schedule."""
    from tillpost.pipeline.flow import run_project
    from tillpost.report import build_words, progress_listener, send_words

    summary = run_project(
        open_project(**project),
        listen=progress_listener(quiet=quiet),
        wait=wait,
        forced_test_code=force_test_code,
        show=lambda built: click.echo(build_words(built) + "\n"),
    )
    click.echo(send_words(summary))
    summary.require_success()


@tillpost.command()
@project_options
@click.option("--limit", type=click.IntRange(min=1), default=5, help="How many runs. [default: 5]")
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    help="For people or for programs. [default: table]",
)
def status(limit: int, output: str, **project: Any) -> None:
    """Tell how things stand: the last runs, and events by state."""
    from tillpost.pipeline.look import status as look
    from tillpost.report import status_json, status_words

    found = look(open_project(**project), limit=limit)
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
