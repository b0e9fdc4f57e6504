"""`tillpost diff`: what an edit of the models changes."""

import sys
from pathlib import Path
from typing import Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.cli.options import engine_options, open_project, project_options, say


@tillpost.command()
@click.argument("revision")
@project_options
@engine_options
@click.option(
    "--output",
    type=click.Choice(["table", "markdown", "json"]),
    default="table",
    help="For a terminal, a pull request, or programs. [default: table]",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    help="Where to write it. [default: stdout]",
)
@click.option("--fail-if-changed", is_flag=True, help="Exit code 1 where anything differs.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def diff(
    *,
    revision: str,
    output: str,
    file: Path | None,
    fail_if_changed: bool,
    quiet: bool,
    **project: Any,
) -> None:
    """Compare what the working tree would send with what git's REVISION would.

    Both are built over the same data, clock and ledger, in a folder of their own; nothing
    leaves, and build, ledger and working tree stay as they are.
    """
    from tillpost.pipeline.diff import diff as compare
    from tillpost.report.diffs import diff_json, diff_markdown, diff_words

    found = compare(open_project(**project), revision, listen=log.listener(quiet=quiet))
    text = {"table": diff_words, "markdown": diff_markdown, "json": diff_json}[output](found)
    if file:
        file.write_text(f"{text}\n", encoding="utf-8")
    else:
        say(text)
    if fail_if_changed and not found.is_empty:
        sys.exit(1)
