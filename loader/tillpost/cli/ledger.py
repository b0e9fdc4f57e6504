"""`tillpost ledger`: what happened to events, looked at, carried about, put right by a person."""

from pathlib import Path
from typing import Any

import click

from tillpost.cli.group import tillpost
from tillpost.cli.options import open_project, project_options, wait_option

STATES = ("accepted", "refused", "uncertain", "held", "expired", "forgotten")


@tillpost.group(name="ledger")
def group() -> None:
    """Look into the ledger, carry it about, and put right what only a person can."""


@group.command(name="list")
@project_options
@click.option("--state", type=click.Choice(STATES), help="Only events in this state.")
@click.option("--order", "order_id", help="Only events of this order.")
@click.option("--run", "run_id", help="Only events that this run wrote last.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, help="How many events. [default: 20]"
)
@click.option(
    "--output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="For people or for programs. [default: table]",
)
def list_(*, limit: int, output: str, **options: Any) -> None:
    """List the newest state of each event, the last written first."""
    from tillpost.pipeline.books import list_entries
    from tillpost.report.books import entries_csv, entries_json, entries_words

    asked = {name: options.pop(name) or "" for name in ("state", "order_id", "run_id")}
    entries = list_entries(open_project(**options), limit=limit, **asked)
    words = {"table": entries_words, "json": entries_json, "csv": entries_csv}[output]
    click.echo(words(entries))


@group.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, resolve_path=True))
@project_options
def export(file: Path, **project: Any) -> None:
    """Write all entries to a new file, Parquet or CSV by its name."""
    from tillpost.pipeline.books import export_ledger

    click.echo(f"{export_ledger(open_project(**project), file):,} entries written to {file.name}")


@group.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, resolve_path=True))
@project_options
@wait_option
def import_(file: Path, wait: float, **project: Any) -> None:
    """Take in what another machine exported; to do it twice changes nothing.

    Where both ledgers know an event, the state that keeps it from going again stands.
    """
    from tillpost.pipeline.books import import_ledger

    done = import_ledger(open_project(**project), file, wait=wait)
    click.echo(f"{done.new:,} of {done.entries:,} entries were new")


@group.command()
@project_options
@wait_option
@click.option(
    "--assume",
    "state",
    type=click.Choice(["accepted", "lost"]),
    required=True,
    help="What you know, or take for granted.",
)
@click.option("--order", "order_ids", multiple=True, help="An order; may be given again.")
@click.option("--event-key", "event_keys", multiple=True, help="An event; may be given again.")
@click.option("--all", "all_of_them", is_flag=True, help="All that are held or without an answer.")
def resolve(*, state: str, wait: float, **options: Any) -> None:
    """Say what became of events that left without an answer.

    Those assumed lost go again with the next run, if they are still young enough. If
    Meta did take them, it counts them twice once 7 days have passed since.
    """
    from tillpost.pipeline.books import resolve as decide
    from tillpost.report.books import resolved_words

    chosen = {name: options.pop(name) for name in ("order_ids", "event_keys", "all_of_them")}
    count = decide(open_project(**options), state=state, wait=wait, **chosen)
    click.echo(resolved_words(count, state=state))


@group.command()
@click.argument("order_id")
@project_options
@wait_option
@click.option(
    "--event-name", "event_names", multiple=True, help="An event of your own; may be given again."
)
@click.option("--item-number", "item_numbers", multiple=True, help="A line; may be given again.")
@click.option("--dataset", "datasets", multiple=True, help="A dataset; may be given again.")
def forget(*, order_id: str, wait: float, **options: Any) -> None:
    """Take an order's detail out of the ledger, so that it never goes again.

    For a deletion request: its keys stay, without anything else, and keep it from being
    sent. What Meta holds has to be deleted there.
    """
    from tillpost.pipeline.books import Order
    from tillpost.pipeline.books import forget as take_out
    from tillpost.report.books import forgotten_words

    named = {name: options.pop(name) for name in ("event_names", "item_numbers", "datasets")}
    order = Order(order_id=order_id, **named)
    click.echo(forgotten_words(take_out(open_project(**options), order, wait=wait)))


@group.command(name="adopt-key")
@project_options
@wait_option
def adopt_key(*, wait: float, **project: Any) -> None:
    """Let the profile's digest_key make the ids of orders from now on.

    Only where the ledger knows events by ids that this key did not make. Orders among
    them that staging still takes go again under their digests, and count twice.
    """
    from tillpost.pipeline.books import adopt_digest_key
    from tillpost.report.books import adopted_words

    click.echo(adopted_words(is_new=adopt_digest_key(open_project(**project), wait=wait)))
