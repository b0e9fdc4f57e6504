"""`tillpost report`: one page that shows what goes to Meta, what does not, and why."""

import os
from pathlib import Path
from typing import Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.cli.options import engine_options, open_project, project_options, run_options
from tillpost.cli.plan import next_run_option, next_run_seconds
from tillpost.cli.proof import PRIVATE_FILE


@tillpost.command()
@project_options
@engine_options
@run_options
@next_run_option
@click.option("--no-build", "is_built", is_flag=True, help="Take the build that stands.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    default="report.html",
    help="Where to write it, for its owner alone. [default: report.html]",
)
def report(
    *,
    wait: float,
    quiet: bool,
    next_run: str | None,
    is_built: bool,
    file: Path,
    **project: Any,
) -> None:
    """Write one page of what goes, what does not and why; nothing leaves.

    It opens in any browser without a network, and holds counts, sums and names of columns only.
    """
    from tillpost.pipeline.page_facts import page_facts
    from tillpost.pipeline.plan import Question
    from tillpost.report.drawing import require_library
    from tillpost.report.pages import report_page

    require_library()
    workspace = open_project(**project)
    question = Question(
        next_run=next_run_seconds(workspace, next_run), is_built=is_built, wait=wait
    )
    facts = page_facts(workspace, question, listen=log.listener(quiet=quiet))
    _write(file, report_page(facts))
    click.echo(f"the report is in {file.name}")


def _write(path: Path, text: str) -> None:
    """Write it whole or not at all: somebody may be reading the last one."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(part, flags, PRIVATE_FILE), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
