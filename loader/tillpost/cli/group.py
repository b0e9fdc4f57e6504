"""The command line's root: what it is, and its commands in the order of the flow."""

import click

ORDER = (
    *("init", "debug", "compile", "proof", "build", "test", "show", "explain", "plan"),
    *("send", "run", "why", "status", "ledger", "sandbox"),
)


class _OrderedGroup(click.Group):
    """Commands in the order of the flow, wherever they are defined."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(self.commands, key=ORDER.index)


@click.group(cls=_OrderedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tillpost", prog_name="tillpost")
def tillpost() -> None:
    """Store sales from your warehouse to Meta's Conversions API.

    SQL models decide what is sent, the loader carries it, and every source row
    ends in exactly one bucket.

    \b
    Exit codes: 0 good, 1 a test or the balance failed, 2 usage or configuration,
    3 events were refused, 4 try again later, 5 token or permission, 70 a bug.
    """  # noqa: D301  click reads the backspace: keep these lines as they are
