"""Never lose, never double: a loader that is killed at any moment, against an edge at its worst.

`TILLPOST_KILLS`, `TILLPOST_SOAK` and `TILLPOST_SEED` in the environment make it longer, or another.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb
import psycopg
import pytest

from crash_harness import (
    EVENTS,
    FAULTS,
    GROUPS,
    IN_FLIGHT,
    UNANSWERED,
    arrivals,
    faulty_sandbox,
    keys_of,
    killed_until_done,
    make_sender,
    played,
    stored,
)
from engine_probes import postgres_server

KILLS = int(os.environ.get("TILLPOST_KILLS", "12"))
SEED = int(os.environ.get("TILLPOST_SEED", "7"))
SOAK = int(os.environ.get("TILLPOST_SOAK", "50000"))
NUMBERS = {
    "duckdb": "select range as n from range({sales})",
    "postgres": "select n from generate_series(0, {sales} - 1) as n",
}
STATES = """
select state, count(distinct event_key) from entries
where state in ('accepted', 'refused') group by state
"""

pytestmark = pytest.mark.slow


class World(Protocol):
    """Where the events and the ledger are."""

    output: dict[str, Any]

    def rows(self, sql: str, *, of_ledger: bool = False) -> list[tuple[Any, ...]]:
        """All rows of a question."""


@dataclass
class DuckDBWorld:
    """Two files."""

    folder: Path

    def __post_init__(self) -> None:
        self.output = {"type": "duckdb", "path": "events.duckdb", "relation": "main.outbox"}

    def rows(self, sql: str, *, of_ledger: bool = False) -> list[tuple[Any, ...]]:
        name = "tillpost_ledger.duckdb" if of_ledger else "events.duckdb"
        with duckdb.connect(self.folder / name, read_only=of_ledger) as connection:
            return connection.execute(sql).fetchall()


@dataclass
class PostgresWorld:
    """Two schemas."""

    address: str

    def __post_init__(self) -> None:
        parts = psycopg.conninfo.conninfo_to_dict(self.address)
        self.output = {
            "type": "postgres",
            **{name: parts[name] for name in ("host", "user", "dbname")},
            "schema": "sender",
            "relation": "public.outbox",
        }

    def rows(self, sql: str, *, of_ledger: bool = False) -> list[tuple[Any, ...]]:
        with closing(psycopg.connect(self.address, autocommit=True)) as connection:
            if of_ledger:
                connection.execute("set search_path = tillpost_ledger")
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def world_of(kind: str, folder: Path) -> Iterator[World]:
    folder.mkdir()
    if kind == "duckdb":
        yield DuckDBWorld(folder)
    else:
        with postgres_server() as address:
            yield PostgresWorld(address)


@dataclass(frozen=True, kw_only=True)
class Ordeal:
    """How many sales go where, in what batches, and how often the loader is killed meanwhile."""

    kind: str
    sales: int
    kills: int
    batch_size: int
    poison: float


ORDEALS = {
    "killed, DuckDB": Ordeal(
        kind="duckdb", sales=400 * KILLS, kills=KILLS, batch_size=25, poison=0.01
    ),
    "killed, PostgreSQL": Ordeal(
        kind="postgres", sales=400 * KILLS, kills=KILLS, batch_size=25, poison=0.01
    ),
    "soak, DuckDB": Ordeal(kind="duckdb", sales=SOAK, kills=0, batch_size=1_000, poison=0.00001),
}


@pytest.mark.parametrize("name", ORDEALS)
def test_nothing_is_lost_and_nothing_doubled(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ordeal = ORDEALS[name]
    with (
        world_of(ordeal.kind, tmp_path / "sender") as world,
        faulty_sandbox(seed=SEED, faults={**FAULTS, "poison": ordeal.poison}) as address,
    ):
        numbers = NUMBERS[ordeal.kind].format(sales=ordeal.sales)
        select = EVENTS.format(now=int(time.time()), numbers=numbers)
        world.rows(f"create table outbox as {select}")
        project = make_sender(
            tmp_path / "sender", world.output, edge=address, batch_size=ordeal.batch_size
        )
        story = killed_until_done(
            project,
            kills=ordeal.kills,
            seed=SEED,
            is_done=lambda: sum(states_of(world).values()) == ordeal.sales,
        )
        expected = keys_of(world.rows("select dataset_id, payload from outbox"))
        refused = refused_keys(world)
        arrived, faults, counted = arrivals(address), played(address), stored(address)
    again = arrived.total() - len(arrived)
    lost = expected - arrived.keys() - refused
    with capsys.disabled():
        sys.stderr.write(
            f"\n{name}: {ordeal.sales:,} events, {story}, faults {dict(faults)}, refused"
            f" {len(refused)}, arrived again {again}, lost {len(lost)},"
            f" doubled {counted - len(arrived)}\n"
        )
    assert story.kills == ordeal.kills
    assert len(expected) == ordeal.sales
    assert not lost
    assert arrived.keys() <= expected, "what nobody sold"
    assert not arrived.keys() & refused, "refused, and arrived"
    assert counted == len(arrived), "doubled beyond Meta's deduplication"
    under_way = story.kills * GROUPS * IN_FLIGHT + sum(faults[each] for each in UNANSWERED)
    assert again <= under_way * ordeal.batch_size


def states_of(world: World) -> dict[str, int]:
    """Events by the newest state that says what became of them."""
    try:
        return dict(world.rows(STATES, of_ledger=True))
    except (duckdb.Error, psycopg.Error):
        return {}  # nothing was written yet


def refused_keys(world: World) -> set[tuple[str, str]]:
    """Meta's keys of the events that the ledger says were refused."""
    keys = world.rows(
        "select cast(event_key as varchar) from entries where state = 'refused'", of_ledger=True
    )
    payloads = world.rows("select cast(event_key as varchar), dataset_id, payload from outbox")
    refused = {key for (key,) in keys}
    return keys_of([(dataset, text) for key, dataset, text in payloads if key in refused])
