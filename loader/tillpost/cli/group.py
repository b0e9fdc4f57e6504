"""The command line's root: what it is, and its commands in the order of the flow."""

import click

from tillpost.cli import log

ORDER = (
    *("init", "debug", "compile", "proof", "build", "test", "show", "explain"),
    *("plan", "audit", "diff", "send", "run", "why", "report", "status", "reconcile"),
    *("ledger", "sandbox"),
)


class _OrderedGroup(click.Group):
    """Commands in the order of the flow, wherever they are defined."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(self.commands, key=ORDER.index)


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
