"""The commands that need no profile: a new project, a value explained, an edge to try things on."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from tillpost.cli import log
from tillpost.cli.group import tillpost
from tillpost.errors import UsageError

_OPTIONS = {
    "data_file": "--from",
    "grain": "--grain",
    "time_zone": "--time-zone",
    "currency": "--currency",
    "country": "--country",
    "encoding": "--encoding",
}
"""What the command line may say about a new project's file."""


@tillpost.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
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
@click.option("--time-zone", help="The zone of its times. [default: UTC]")
@click.option("--currency", help="The currency of all its amounts, where no column says it.")
@click.option(
    "--country",
    help="The country to read phones and states by where a row names none: ISO alpha-2.",
)
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "latin-1", "utf-16"]),
    help="The encoding of a CSV file. [default: utf-8]",
)
@click.option(
    "--upgrade",
    "is_upgrade",
    is_flag=True,
    help="Bring the project in FOLDER up to this version. [default: here]",
)
@click.option("--dry-run", is_flag=True, help="Only tell what an upgrade would do.")
@click.option("--target", "-t", help="The output to compare hashes by when upgrading.")
def init(
    *,
    folder: Path | None,
    is_upgrade: bool,
    dry_run: bool,
    target: str | None,
    **file: Any,
) -> None:
    """Lay down a whole project, open to be edited.

    With --upgrade a project of an earlier version is brought up to date: what nobody edited is
    replaced, what somebody did is shown beside what ships now and stays.
    """
    from datetime import UTC, datetime

    from tillpost.pipeline.init import init as lay_down

    if is_upgrade:
        _upgrade(folder or Path(), target, dry_run=dry_run, given=file)
        return
    if dry_run or target:
        raise UsageError("--dry-run and --target are for an upgrade", fix="init --upgrade")
    if folder is None:
        raise UsageError("a new project needs a folder", fix="tillpost init my_shop")
    if file["time_zone"] is None:
        file["time_zone"] = "UTC"
    click.echo(lay_down(folder, now=datetime.now(UTC), **file))


def _upgrade(folder: Path, target: str | None, *, dry_run: bool, given: dict[str, Any]) -> None:
    from tillpost.pipeline.upgrade import upgrade
    from tillpost.pipeline.workspace import Options
    from tillpost.report.upgrades import upgrade_words

    if meant := [_OPTIONS[name] for name in _OPTIONS if given[name] is not None]:
        raise UsageError(
            "an upgrade takes no such option",
            where=", ".join(meant),
            why="an upgrade leaves your sources and what you set as they are",
            fix="tillpost init --upgrade, and edit models/sources.yml, your staging models or vars",
        )
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder), fix="name a project's")
    os.chdir(folder)  # relative paths of sources start there
    options = Options(project_dir=Path.cwd(), target=target, environ=os.environ)
    found = upgrade(options, dry_run=dry_run, listen=log.listener(quiet=False))
    click.echo(upgrade_words(found))
    if found.effect.broken:
        raise found.effect.broken


@tillpost.command()
@click.argument("name", metavar="[FIELD]", required=False)
@click.argument("value", required=False)
@click.option("--country", help="The country that the row names, in any form.")
@click.option("--input", "file", type=click.File("rb"), help="JSON lines; - reads them from stdin.")
@click.option(
    "--project-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="The project's folder. [default: here; where none is, the models Tillpost comes with]",
)
@click.option("--vars", "variables", default="{}", help="Variables as YAML: '{day_first: true}'.")
def explain(file: Any, project_dir: Path | None, variables: str, **asked: Any) -> None:
    """Show how the project's models normalise and hash a value.

    FIELD is Meta's name or ours: em or email, ph or phone, zp or zip. VALUE stands in
    the machine's list of processes while this runs: - reads it from stdin instead.

    With --input each line, such as {"field": "em", "value": "john@example.com"}, comes
    back with "normalized", "sha256" and "problem" added.
    """
    from datetime import UTC, datetime

    from tillpost.pipeline.explain import ask, explain_lines, follow
    from tillpost.pipeline.normalizer import open_normalizer
    from tillpost.project.yaml_file import parse_yaml
    from tillpost.report import explain_words

    if file and any(asked.values()):
        raise UsageError("--input has fields, values and countries of its own", fix="--input alone")
    case = None if file else ask(**asked, stdin=sys.stdin.buffer)
    if not project_dir and Path("dbt_project.yml").exists():
        project_dir = Path()
    if not project_dir:
        log.note("no project here: these are the models that Tillpost comes with")
    given, now = parse_yaml(variables, shown="--vars"), datetime.now(UTC)
    with open_normalizer(project_dir, variables=given, environ=os.environ, now=now) as normalizer:
        if case:
            click.echo(explain_words(follow(normalizer, case)))
        else:
            for text in explain_lines(normalizer, file, shown=file.name):
                click.echo(text.encode())


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
@click.option(
    "--fault",
    "faults",
    metavar="KIND=SHARE",
    multiple=True,
    help="A fault to play and how often, such as error=0.1 or poison=1%; may be given again.",
)
@click.option(
    "--seed", type=int, default=0, help="The same one plays the same faults. [default: 0]"
)
@click.option(
    "--slow-seconds",
    type=click.FloatRange(min=0),
    default=15.0,
    help="How long the fault timeout waits. [default: 15]",
)
@click.option(
    "--send-only",
    "is_send_only",
    is_flag=True,
    help="Tokens may send and not read, as some from Events Manager.",
)
def sandbox(  # noqa: PLR0913  an argument is an option
    *,
    host: str,
    port: int,
    datasets: tuple[str, ...],
    token_name: str | None,
    faults: tuple[str, ...],
    seed: int,
    slow_seconds: float,
    is_send_only: bool,
) -> None:
    """Run a local edge that enforces Meta's documented rules.

    Faults of requests: error, error_stored, throttled, dropped, dropped_stored, timeout,
    slow, html, partial, warned. Fault of events: poison.
    """
    import time

    from tillpost.sandbox import serve
    from tillpost.sandbox.faults import plan_of, shares_of

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
        plan=plan_of(seed, shares_of(faults), slow_seconds=slow_seconds),
        clock=time.time,
        say=log.note,
        is_send_only=is_send_only,
    )
