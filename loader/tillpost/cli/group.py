"""The command line's root: what it is, and its commands in the order of the flow."""

import click

from tillpost.cli import log
from tillpost.errors import UsageError

ORDER = (
    *("init", "debug", "compile", "proof", "build", "test", "show", "explain"),
    *("plan", "audit", "diff", "send", "run", "why", "report", "status", "reconcile"),
    *("ledger", "sandbox"),
)

_OF_DBT = {
    "seed": "tillpost build, which loads them",
    "ls": "tillpost compile, which lists the models",
    "list": "tillpost compile, which lists the models",
    "parse": "tillpost compile",
    "docs": "tillpost report, or dbt docs generate in the same folder: docs/dbt.md",
    "clean": "delete .tillpost/build*.duckdb, and never the ledger",
    "retry": "tillpost run, which goes on from where the last one stopped",
}
"""Commands of dbt's, and what to do here."""


class _OrderedGroup(click.Group):
    """Commands in the order of the flow, wherever they are defined."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(self.commands, key=ORDER.index)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A command of dbt's is told what does the same: `seed` is not meant to be `send`."""
        if fix := _OF_DBT.get(args[0]):
            raise UsageError(f"there is no tillpost {args[0]}", fix=fix)
        return super().resolve_command(ctx, args)


@click.group(cls=_OrderedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tillpost", prog_name="tillpost")
@click.option(
    "--log-format",
    type=click.Choice(log.FORMATS),
    default="text",
    envvar="TILLPOST_LOG_FORMAT",
    help="What stderr is told: words, or a line of JSON each. [default: text]",
)
@click.pass_context
def tillpost(context: click.Context, *, log_format: str) -> None:
    """Store sales from your warehouse to Meta's Conversions API.

    SQL models decide what is sent, the loader carries it, and every source row
    ends in exactly one bucket.

    \b
    Exit codes: 0 good, 1 a test or the balance failed, 2 usage or configuration,
    3 events were refused, 4 try again later, 5 token or permission, 70 a bug.
    """  # noqa: D301  click reads the backspace: keep these lines as they are
    log.begin(context.invoked_subcommand, log_format=log_format)
