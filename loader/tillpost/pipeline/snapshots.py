"""What the models see of the ledger: what is forgotten first, then what stands of their keys."""

from collections.abc import Sequence

from tillpost.compiler import CompiledModel
from tillpost.engines import Engine, ExchangesParquet
from tillpost.pipeline.ledgers import (
    File,
    ledger_place,
    load_asked,
    load_forgotten,
    load_snapshot,
)
from tillpost.pipeline.workspace import Run, Workspace

SECONDS_PER_DAY = 86400
LEDGER_KEYS = "int_ledger_keys"
"""The model of the keys that the ledger is asked for."""
_SNAPSHOT = "ledger_snapshot"
_READERS = frozenset({"int_judged_baskets", "int_events", "int_candidates"})
"""They read what is forgotten, and of the rest no more than those keys."""


def take_snapshot(workspace: Workspace, engine: Engine, run: Run) -> None:
    """Hand the ledger to the models: over twice the lookback, the part that matters to them."""
    with ledger_place(workspace).open(clock=workspace.options.now.timestamp) as ledger:
        load_snapshot(
            engine,
            ledger,
            run,
            relation=workspace.relation(_SNAPSHOT),
            since_day=snapshot_start(workspace),
        )


def file_to_ask(workspace: Workspace, models: Sequence[CompiledModel]) -> File | None:
    """The ledger's file, if the models need no more of it than what stands of their keys.

    A model of the project's own may read all of it.
    """
    place = ledger_place(workspace)
    readers = {each.name for each in models if f"tillpost.{_SNAPSHOT}" in each.sources}
    names = {each.name for each in models}
    return (
        place if isinstance(place, File) and LEDGER_KEYS in names and readers <= _READERS else None
    )


def take_forgotten(workspace: Workspace, engine: ExchangesParquet, run: Run, *, file: File) -> None:
    """Hand over what models must see before they know their keys."""
    with file.open(clock=workspace.options.now.timestamp) as ledger:
        load_forgotten(engine, ledger, run, relation=workspace.relation(_SNAPSHOT))


def take_asked(workspace: Workspace, engine: ExchangesParquet, run: Run, *, file: File) -> None:
    """Ask for the keys that are known now, where the ledger knows any."""
    with file.open(clock=workspace.options.now.timestamp) as ledger:
        if ledger.is_empty():
            return
        load_asked(
            engine,
            ledger,
            run,
            keys=workspace.relation(LEDGER_KEYS),
            relation=workspace.relation(_SNAPSHOT),
            since_day=snapshot_start(workspace),
        )


def snapshot_start(workspace: Workspace) -> int:
    """The first day, counted from 1970, that the models need of the ledger."""
    lookbacks = [int(workspace.project.vars.get("lookback", 63))]
    lookbacks += [
        int(source.meta.get("lookback", 0)) for source in workspace.project.sources.values()
    ]
    today = int(workspace.options.now.timestamp()) // SECONDS_PER_DAY
    return today - 2 * max(lookbacks)
