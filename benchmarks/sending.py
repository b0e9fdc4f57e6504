"""How fast events go out: `tillpost send` against the bare HTTP client posting ready-made bodies.

Both send the same events, 1,000 a request and 8 requests at a time, to a server of its own process
that only discards; they take turns, and the best time of each counts. A send is timed from the
first line in its ledger to the last: reading the database, making bodies, sending and the ledger
all lie between. Then both once more with a server that takes its time to answer, as Meta does.

    .venv/bin/python benchmarks/sending.py [EVENTS]
"""

import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import wraps
from io import StringIO
from pathlib import Path

import duckdb
import httpx
import yaml
from discard import discarding

from tillpost.cli.group import tillpost
from tillpost.ledger import Ledger

EVENTS = 400_000
BATCH = 1000
IN_FLIGHT = 8
ROUNDS = 3
LATENCY = 0.1
DISTINCT_BODIES = 50
PAYLOAD_BYTES = 1100
"""Of each payload, exactly: so the server knows the number of events by a body's length alone."""
LEDGER = "tillpost_ledger.duckdb"
LEDGER_WRITES = ("leaving", "settle")
TOKEN = {"Authorization": "Bearer bench", "Content-Type": "application/json"}

EVENT_ROWS = f"""
create table events as
with sales as (
    select
        range as sale,
        cast(epoch(now()) as bigint) - 3600 - range % 50 * 86400 as event_time,
        ['em', 'ph', 'external_id', 'fn', 'ln', 'ct', 'zp', 'country'] as fields
    from range(?)
),
payloads as (
    select
        sale, event_time,
        format(
            '{{{{"event_name":"Purchase","event_time":{{}},"action_source":"physical_store",'
            '"user_data":{{{{{{}}}}}},"custom_data":{{{{"value":{{}}.95,"currency":"EUR",'
            '"order_id":"R-{{}}","contents":[{{{{"id":"ART-1","quantity":1,"title":"Käse"}}}},'
            '{{{{"id":"ART-2","quantity":2,"title":"',
            event_time,
            array_to_string(
                [format('"{{}}":"{{}}"', f, sha256(concat(f, sale))) for f in fields], ','
            ),
            sale % 90 + 10, sale
        ) as start,
        '"}}]}}}}' as ending
    from sales
)
select
    uuid() as event_key, uuid() as sale_key, uuid() as payload_digest,
    '1234567890' as dataset_id, event_time, event_time + 62 * 86400 as sendable_until,
    concat(
        start, repeat('x', {PAYLOAD_BYTES} - strlen(start) - strlen(ending)), ending
    ) as payload
from payloads
"""


@dataclass(kw_only=True)
class Stopwatch:
    """When the ledger was first and last written in a send, and for how long in all."""

    began: float = 0.0
    ended: float = 0.0
    writing: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds of each turn: the client alone; a send, and how much of it the ledger took."""

    bare: list[float]
    whole: list[tuple[float, float]]

    @property
    def ratio(self) -> float:
        """The loader's speed as a share of the client's."""
        return min(self.bare) / min(self.whole)[0]

    @property
    def ledger_share(self) -> float:
        """The share of the best send in which the ledger was written."""
        seconds, writing = min(self.whole)
        return writing / seconds

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "bare_seconds": [round(each, 3) for each in self.bare],
            "send_seconds": [round(each, 3) for each, _ in self.whole],
            "ratio": round(self.ratio, 3),
            "ledger_share": round(self.ledger_share, 3),
        }


@contextmanager
def watching(stopwatch: Stopwatch) -> Iterator[None]:
    """Time every write of the ledger's."""
    plain = {name: getattr(Ledger, name) for name in LEDGER_WRITES}

    def timed(method: Callable[..., None]) -> Callable[..., None]:
        @wraps(method)
        def write(*arguments: object, **named: object) -> None:
            start = time.perf_counter()
            stopwatch.began = stopwatch.began or start
            method(*arguments, **named)
            stopwatch.ended = time.perf_counter()
            stopwatch.writing += stopwatch.ended - start

        return write

    for name, method in plain.items():
        setattr(Ledger, name, timed(method))
    try:
        yield
    finally:
        for name, method in plain.items():
            setattr(Ledger, name, method)


def make_project(folder: Path, events: int) -> None:
    """A project without models that sends a table of events."""
    (folder / "dbt_project.yml").write_text("name: bench\nprofile: bench\n")
    with duckdb.connect(folder / "build.duckdb") as connection:
        connection.execute(EVENT_ROWS, [events])


def point_to(folder: Path, address: str) -> None:
    """Name the server in the project's profile."""
    edge = {
        "graph_url": address,
        "version": "v26.0",
        "access_token": "bench",
        "max_in_flight": IN_FLIGHT,
    }
    place = {"type": "duckdb", "path": "build.duckdb", "threads": 2, "ledger": LEDGER}
    output = {**place, "relation": "main.events", "edge": edge}
    profile = {"bench": {"target": "bench", "outputs": {"bench": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))


def ready_made(folder: Path) -> list[bytes]:
    """Some of the bodies that a send would make."""
    with duckdb.connect(folder / "build.duckdb", read_only=True) as connection:
        rows = connection.execute(f"select payload from events limit {DISTINCT_BODIES * BATCH}")
        bodies = []
        while group := rows.fetchmany(BATCH):
            payloads = ",".join(payload for (payload,) in group)
            bodies.append(f'{{"data":[{payloads}],"upload_tag":"bench"}}'.encode())
        return bodies


def post(address: str, bodies: list[bytes], *, requests: int) -> float:
    """Seconds that the HTTP client alone takes, set up as the loader's is."""
    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    url = f"{address}/v26.0/1234567890/events"
    with httpx.Client(timeout=10.0, limits=limits) as client, ThreadPoolExecutor(IN_FLIGHT) as pool:
        start = time.perf_counter()
        answers = pool.map(
            lambda number: client.post(url, content=bodies[number % len(bodies)], headers=TOKEN),
            range(requests),
        )
        received = sum(answer.json()["events_received"] for answer in answers)
        seconds = time.perf_counter() - start
    if received != requests * BATCH:
        raise RuntimeError(f"{received} of {requests * BATCH} events were received")
    return seconds


def send(folder: Path, stopwatch: Stopwatch) -> float:
    """Seconds that `tillpost send` takes with a new ledger."""
    for path in folder.glob(f"{LEDGER}*"):
        path.unlink()
    stopwatch.began = stopwatch.writing = 0.0
    with redirect_stdout(StringIO()):
        tillpost.main(["send", "--quiet", "--project-dir", str(folder)], standalone_mode=False)
    return stopwatch.ended - stopwatch.began


def measure(folder: Path, events: int, *, latency: float, rounds: int) -> Measured:
    """Let both send by turns to a server that answers after so many seconds."""
    stopwatch = Stopwatch()
    bodies = ready_made(folder)
    bare, whole = [], []
    with discarding(latency=latency, payload_bytes=PAYLOAD_BYTES) as address, watching(stopwatch):
        point_to(folder, address)
        for _ in range(rounds):
            bare.append(post(address, bodies, requests=events // BATCH))
            seconds = send(folder, stopwatch)
            whole.append((seconds, stopwatch.writing))
    return Measured(bare=bare, whole=whole)


def main() -> None:
    """Time both, print a table for people and a line of JSON for machines."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_project(folder, events)
        fast = measure(folder, events, latency=0.0, rounds=ROUNDS)
        slow = measure(folder, events, latency=LATENCY, rounds=1)
    print(f"{events:,} events of {PAYLOAD_BYTES:,} bytes, {IN_FLIGHT} requests at a time")
    for said, each in (("at once", fast), (f"after {LATENCY * 1000:.0f} ms", slow)):
        print(f"answers {said}, best of {len(each.bare)}")
        print(f"  the HTTP client alone  {events / min(each.bare):10,.0f} events/s")
        print(f"  tillpost send          {events / min(each.whole)[0]:10,.0f} events/s")
        print(f"  ratio                  {each.ratio:10.0%}")
        print(f"  of it ledger writes    {each.ledger_share:10.0%}")
    print(
        json.dumps(
            {
                "events": events,
                "in_flight": IN_FLIGHT,
                "duckdb": duckdb.__version__,
                "httpx": httpx.__version__,
                "machine": platform.machine(),
                "at_once": fast.as_json(),
                "after_latency": slow.as_json(),
            }
        )
    )


if __name__ == "__main__":
    main()
