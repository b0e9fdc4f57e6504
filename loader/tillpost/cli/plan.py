"""`tillpost plan` and `tillpost status`: what would go, and how things stand."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.cli.options import engine_options, open_project, project_options, run_options, say
from tillpost.errors import UsageError

if TYPE_CHECKING:
    from tillpost.pipeline.plan import Plan
    from tillpost.pipeline.workspace import Workspace

DEFAULT_NEXT_RUN = "24h"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

next_run_option = click.option(
    "--next-run",
    help="How long until the next scheduled run: 90m, 6h, 1d. [default: vars.next_run, else 24h]",
)
"""The option of what looks ahead."""


@tillpost.command()
@project_options
@engine_options
@run_options
@next_run_option
@click.option("--no-build", "is_built", is_flag=True, help="Take the build that stands.")
@click.option(
    "--output",
    type=click.Choice(["table", "json", "csv", "parquet"]),
    default="table",
    help="For people, programs or spreadsheets. [default: table]",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    help="Where to write it; Parquet needs one. [default: stdout]",
)
@click.option(
    "--payload",
    "payloads",
    type=click.IntRange(min=1),
    help="Print so many requests' bodies instead, a line each, as they would leave.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    help="Write a plan that `tillpost send --plan` keeps to.",
)
def plan(  # noqa: PLR0913  an argument is an option
    *,
    wait: float,
    quiet: bool,
    next_run: str | None,
    output: str,
    file: Path | None,
    payloads: int | None,
    **options: Any,
) -> None:
    """Show what would be sent if it ran now, and what would not; nothing leaves.

    Builds first, unless nothing has changed since the last build.
    """
    from tillpost.pipeline.plan import Question, make_plan

    if output == "parquet" and not file:
        raise UsageError("Parquet is no text for a terminal", fix="--file plan.parquet")
    asked = {name: options.pop(name) for name in ("is_built", "save")}
    workspace = open_project(**options)
    seconds = next_run_seconds(workspace, next_run)
    found = make_plan(
        workspace,
        Question(next_run=seconds, payloads=payloads or 0, wait=wait, **asked),
        listen=log.listener(quiet=quiet),
    )
    if payloads:
        sys.stdout.buffer.write(b"".join(body + b"\n" for body in found.bodies))
    else:
        _show(found, output=output, file=file)


@tillpost.command()
@project_options
@engine_options
@next_run_option
@click.option("--limit", type=click.IntRange(min=1), default=5, help="How many runs. [default: 5]")
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    help="For people or for programs. [default: table]",
)
def status(*, next_run: str | None, limit: int, output: str, **project: Any) -> None:
    """Tell how things stand: the last runs, what waits for an answer, what expires next."""
    from tillpost.pipeline.status import status as look
    from tillpost.report.statuses import status_json, status_words

    workspace = open_project(**project)
    found = look(workspace, limit=limit, next_run=next_run_seconds(workspace, next_run))
    click.echo(status_json(found) if output == "json" else status_words(found))


def _show(plan: "Plan", *, output: str, file: Path | None) -> None:
    from tillpost.pipeline.parquet import write_parquet
    from tillpost.report.plans import COLUMNS, plan_csv, plan_json, plan_rows, plan_words

    if output == "parquet" and file:
        write_parquet(file, COLUMNS, plan_rows(plan))
        return
    text = {"table": plan_words, "json": plan_json, "csv": plan_csv}[output](plan)
    if file:
        file.write_text(f"{text}\n", encoding="utf-8")
    else:
        say(text)


def next_run_seconds(workspace: "Workspace", given: str | None) -> int:
    """Seconds of a span such as 90m, 6h or 1d; a bare number is hours."""
    words = given or str(workspace.project.vars.get("next_run", DEFAULT_NEXT_RUN))
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)\s*([smhd]?)", words.strip().lower())
    if not found:
        raise UsageError(
            "how long it is until the next run cannot be read",
            where="--next-run" if given else "dbt_project.yml vars.next_run",
            fix="90m, 6h or 1d",
        )
    return int(float(found[1]) * _SECONDS[found[2] or "h"])
