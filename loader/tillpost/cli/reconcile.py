"""`tillpost reconcile`: whether Meta got it all, by its own counts."""

import sys
from typing import Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.cli.options import open_project, project_options, say


@tillpost.command()
@project_options
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True),
    default=14.0,
    help="How far back. [default: 14]",
)
@click.option(
    "--run",
    "--upload-tag",
    "run_id",
    help="One upload only, whenever it was: a run's id is its upload tag.",
)
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    help="For people, or for programs. [default: table]",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def reconcile(*, days: float, run_id: str | None, output: str, quiet: bool, **project: Any) -> None:
    """Set Meta's counts of what arrived beside the ledger's.

    Exit code 1 where they differ. A token that may send and not read is told of, and
    nothing fails.
    """
    from tillpost.pipeline.reconcile import reconcile as compare_all
    from tillpost.report.reconciliations import reconciliation_json, reconciliation_words

    found = compare_all(
        open_project(**project), days=days, run_id=run_id, listen=log.listener(quiet=quiet)
    )
    for dataset_id, why in found.unread.items():
        log.warn(f"dataset {dataset_id}: {why}, so that nothing can be compared")
    say(reconciliation_json(found) if output == "json" else reconciliation_words(found))
    if found.differences:
        sys.exit(1)
