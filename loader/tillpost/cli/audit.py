"""`tillpost audit`: the health of what would be sent."""

import sys
from typing import Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.cli.options import engine_options, open_project, project_options, run_options, say
from tillpost.cli.plan import next_run_seconds


@tillpost.command()
@project_options
@engine_options
@run_options
@click.option("--no-build", "is_built", is_flag=True, help="Take the build that stands.")
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    help="For people, or for programs. [default: table]",
)
def audit(*, wait: float, quiet: bool, is_built: bool, output: str, **project: Any) -> None:
    """Examine what would be sent: customers, values, timeliness, sudden changes.

    Builds first, unless nothing has changed since the last build; nothing leaves. Exit code 1
    where something is beyond a limit that the project sets (vars.audit), or does not balance.
    """
    from tillpost.pipeline.audit import audit_project
    from tillpost.pipeline.plan import Question
    from tillpost.report.audits import audit_json, audit_words

    workspace = open_project(**project)
    found = audit_project(
        workspace,
        Question(next_run=next_run_seconds(workspace, None), is_built=is_built, wait=wait),
        listen=log.listener(quiet=quiet),
    )
    say(audit_json(found) if output == "json" else audit_words(found))
    if found.failures:
        sys.exit(1)
