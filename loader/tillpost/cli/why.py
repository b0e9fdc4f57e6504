"""`tillpost why`: the whole story of one order."""

import sys
from typing import Any

import click

from tillpost.cli.group import tillpost
from tillpost.cli.options import engine_options, open_project, project_options


@tillpost.command()
@click.argument("order_id", required=False, default="")
@project_options
@engine_options
@click.option("--event-key", default="", help="An event, as `tillpost ledger list` shows it.")
@click.option("--row", default="", help="A source row: FILE:NUMBER, or a row ref.")
@click.option("--email", default="", help="A customer's e-mail; - reads it from stdin.")
@click.option("--phone", default="", help="A customer's phone; - reads it from stdin.")
@click.option("--country", help="The country that the phone is read by, in any form.")
@click.option(
    "--everywhere",
    is_flag=True,
    help="Read all sources, also where the build knows the order: further rows that it dropped.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Look into large sources too, and follow the customer's values through the models.",
)
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    help="For people or for programs. [default: table]",
)
def why(  # noqa: PLR0913  each way to ask is an option
    *,
    order_id: str,
    event_key: str,
    row: str,
    email: str,
    phone: str,
    country: str | None,
    everywhere: bool,
    full: bool,
    output: str,
    **project: Any,
) -> None:
    """Tell why an order did not go, or how it went.

    Its rows, what each model made of them, which condition dropped them, when it can be
    sent, and what the edge answered. Personal values are shown by their shape.

    An e-mail or a phone on the command line stands in the machine's list of processes
    while this runs, and in your shell's history: - reads it from stdin.
    """
    from tillpost.pipeline.asking import Asked
    from tillpost.pipeline.why import why as tell
    from tillpost.report.stories import story_json, story_words

    asked = Asked(
        order_id=order_id,
        event_key=event_key,
        row=row,
        email=_given(email),
        phone=_given(phone),
        country=country,
        everywhere=everywhere,
        is_full=full,
    )
    story = tell(open_project(**project), asked)
    click.echo(story_json(story) if output == "json" else story_words(story))


def _given(value: str) -> str:
    """A value that may stand on stdin."""
    if value != "-":
        return value
    # A byte that is no UTF-8 becomes a sign that no text has, as on the command line.
    return sys.stdin.buffer.readline().decode(errors="surrogateescape").rstrip("\r\n")
