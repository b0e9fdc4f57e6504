"""The commands that work on a project with a profile. What each does is the pipeline's affair.

Heavy parts are imported by the command that needs them, so that `--help` answers at once.
"""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.cli.options import (
    engine_options,
    open_project,
    project_options,
    run_options,
    say,
    selection_options,
    send_options,
)
from tillpost.errors import UsageError

if TYPE_CHECKING:
    from tillpost.errors import TillpostError


@tillpost.command()
@project_options
@engine_options
def debug(**project: Any) -> None:
    """Check everything that a run needs."""
    from tillpost.pipeline.debug import checks

    worst: TillpostError | None = None
    for check in checks(open_project(**project)):
        mark = "FAILED" if check.error else "ok"
        click.echo(f"{mark:<7} {check.name}: {check.detail}")
        if check.error:
            log.fail(check.error, str(check.error))
            worst = worst or check.error
    if worst:
        sys.exit(worst.exit_code)


@tillpost.command(name="compile")
@project_options
@selection_options
@click.option("--inline", default="", metavar="SQL", help="A query to render, Jinja and all.")
def compile_(
    *,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    state: Path | None,
    inline: str,
    **project: Any,
) -> None:
    """Render the models to SQL and check that they hang together.

    With --select the SQL of what is selected is printed, without it the models in their order.
    """
    from tillpost.pipeline.look import compiled, compiled_inline
    from tillpost.pipeline.selected import Selection

    selection = Selection(select=select, exclude=exclude, state=state)
    if inline and not selection.is_everything:
        raise UsageError("--inline is what is selected", fix="--inline alone")
    workspace = open_project(**project)
    if inline:
        click.echo(compiled_inline(workspace, inline))
    else:
        click.echo(compiled(workspace, selection))


@tillpost.command()
@project_options
@engine_options
@selection_options
@run_options
def build(
    *,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    state: Path | None,
    wait: float,
    quiet: bool,
    **project: Any,
) -> None:
    """Build the models and test them; nothing is sent.

    With --select only a part is built, over what stands: then nothing may be sent until the next
    whole build.
    """
    from tillpost.pipeline.flow import build_project
    from tillpost.pipeline.part import build_part
    from tillpost.pipeline.selected import Selection
    from tillpost.report import build_words, part_words

    selection = Selection(select=select, exclude=exclude, state=state)
    workspace, listen = open_project(**project), log.listener(quiet=quiet)
    if not selection.is_everything:
        part = build_part(workspace, selection, listen=listen, wait=wait)
        say(part_words(part))
        part.require_success()
        return
    summary = build_project(workspace, listen=listen, wait=wait, warn=log.warn)
    say(build_words(summary))
    summary.require_success()


@tillpost.command(name="test")
@project_options
@engine_options
@selection_options
@run_options
@click.option("--unit", "only", flag_value="unit", help="Only unit tests, which need no build.")
@click.option("--data", "only", flag_value="data", help="Only tests of the build that stands.")
def test_(  # noqa: PLR0913  what may be said about tests, each by name
    *,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    state: Path | None,
    only: str | None,
    wait: float,
    quiet: bool,
    **project: Any,
) -> None:
    """Test the models on the rows of their unit tests, then the build that stands."""
    from tillpost.pipeline.flow import test_project
    from tillpost.pipeline.selected import Selection
    from tillpost.pipeline.unit_tests import test_models
    from tillpost.report import test_words, unit_words

    selection = Selection(select=select, exclude=exclude, state=state)
    workspace, listen = open_project(**project), log.listener(quiet=quiet)
    units = () if only == "data" else test_models(workspace, selection, listen=listen)
    if units:
        say(unit_words(units))
    tests = () if only == "unit" else test_project(workspace, selection, listen=listen, wait=wait)
    if tests:
        say(test_words(tests))
    if not (units or tests or selection.is_everything):
        raise UsageError(
            "no test is selected", fix="the name of a test, or of a model that has some"
        )
    if any(unit.failed for unit in units) or any(test.failed for test in tests):
        sys.exit(1)


@tillpost.command()
@project_options
@engine_options
@click.option("--select", "-s", "name", default="", help="A model, a seed or a test.")
@click.option("--inline", default="", metavar="SQL", help="A query instead, Jinja and all.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, help="How many rows. [default: 20]"
)
@click.option("--unmask", is_flag=True, help="Show personal columns as they are, on a terminal.")
def show(*, name: str, inline: str, limit: int, unmask: bool, **project: Any) -> None:
    """Show the first rows of a model or of a query, personal columns masked."""
    from tillpost.pipeline.look import show as rows_of
    from tillpost.report import rows_words

    if bool(name.strip()) == bool(inline.strip()):
        raise UsageError("what shall be shown?", fix="--select MODEL, or --inline SQL")
    if unmask and not sys.stdout.isatty():
        raise UsageError(
            "--unmask shows customers, and stdout is no terminal",
            why="a file, a pipe or a log would keep them",
            fix="the same on a terminal, or without --unmask",
        )
    names, rows = rows_of(
        open_project(**project), name, limit=limit, is_masked=not unmask, inline=inline
    )
    click.echo(rows_words(names, rows, width=shutil.get_terminal_size().columns))


@tillpost.command()
@project_options
@engine_options
@run_options
@send_options
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True, resolve_path=True),
    help="Send what this plan says, and nothing where anything else has changed.",
)
def send(
    *,
    wait: float,
    quiet: bool,
    deadline: float | None,
    force_test_code: bool,
    plan_file: Path | None,
    **project: Any,
) -> None:
    """Send what the last build says is pending."""
    from tillpost.pipeline.planned import read_plan
    from tillpost.pipeline.runs import Asked, send_build
    from tillpost.report import send_words

    summary = send_build(
        open_project(**project),
        Asked(
            wait=wait,
            deadline=deadline,
            forced_test_code=force_test_code,
            plan=read_plan(plan_file) if plan_file else None,
            warn=log.warn,
        ),
        listen=log.listener(quiet=quiet),
    )
    say(send_words(summary))
    summary.require_success()


@tillpost.command()
@project_options
@engine_options
@run_options
@send_options
def run(
    *, wait: float, quiet: bool, deadline: float | None, force_test_code: bool, **project: Any
) -> None:
    """Build, test and send: the command to schedule."""
    from tillpost.pipeline.runs import Asked, run_project
    from tillpost.report import build_words, send_words

    summary = run_project(
        open_project(**project),
        Asked(wait=wait, deadline=deadline, forced_test_code=force_test_code, warn=log.warn),
        listen=log.listener(quiet=quiet),
        show=lambda built: say(build_words(built) + "\n"),
    )
    say(send_words(summary))
    summary.require_success()
