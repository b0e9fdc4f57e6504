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
    "deps": "copy what is needed of a package into macros/: none is installed",
    "snapshot": "dbt snapshot in the same folder; a source can read what it makes",
    "source": "tillpost audit, which tells how fresh what is sent is",
    "run-operation": "a model: only selects run here",
    "clone": "tillpost build",
}
"""Commands of dbt's, and what to do here."""

_OPTIONS_OF_DBT = {
    "--log-format": "before the command: tillpost --log-format json build",
    "--full-refresh": "leave it out: each build makes everything anew",
    "-f": "leave it out: each build makes everything anew",
    "--fail-fast": "leave it out: after a failed test nothing is sent",
    "-x": "leave it out: after a failed test nothing is sent",
    "--select": "tillpost build --select: a part is built, and never sent",
    "-s": "tillpost build --select: a part is built, and never sent",
    "--models": "--select",
    "-m": "--select",
    "--selector": "--select with the terms themselves",
    "--resource-type": "--select resource_type:model",
    "--exclude-resource-type": "--exclude resource_type:seed",
    "--defer": "leave it out: a part is built over what stands here",
    "--empty": "tillpost compile, which checks types, or tillpost test --unit",
    "--store-failures": "store_failures: true, in the configuration of tests",
    "--indirect-selection": "--exclude with the tests that shall not run",
}
"""Options of dbt's commands, and what to do here."""


class _Command(click.Command):
    """A command that knows what dbt's options are called here."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """An option of dbt's that is none here is told what does the same."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if fix := _OPTIONS_OF_DBT.get(error.option_name):
                raise UsageError(f"there is no {error.option_name} here", fix=fix) from None
            raise


class _OrderedGroup(click.Group):
    """Commands in the order of the flow, wherever they are defined."""

    command_class = _Command

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
