"""Delivery: windows at the moment of sending, deadlines, several datasets, wrong clocks."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import duckdb
import pytest
import yaml

from ledger_batches import batch_of
from project_harness import tillpost
from sending_harness import TILLPOST, Recorder, held, ledger, recorder_before, sandbox, set_edge
from tillpost.cli.group import tillpost as commands
from tillpost.engines.duckdb import DuckDB
from tillpost.errors import UsageError
from tillpost.events import Events
from tillpost.gate import Flaw
from tillpost.ledger import Ledger, Tally

DAY = 86_400
WEEK = 7 * DAY
STORE_WINDOW = 62 * DAY
TOKEN = "EAAG-good"
OUTBOX = """
create table outbox as
select
    md5('event' || number)::uuid as event_key, md5('sale' || number)::uuid as sale_key,
    md5('payload' || number)::uuid as payload_digest, dataset_id,
    event_time::bigint as event_time, sendable_until::bigint as sendable_until,
    '{"event_name":"Purchase","event_time":' || event_time::bigint
    || ',"action_source":"physical_store","user_data":{"em":"' || repeat('ab', 32)
    || '"},"custom_data":{"value":1,"currency":"EUR","order_id":"R' || number || '"}}' as payload
from (select unnest($rows, recursive := true))
"""


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event by its order number, how old it is, and how long it may still go, in seconds."""

    number: int
    age: float = DAY
    left: float | None = None
    dataset_id: str = "111"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with sandbox(good_token=TOKEN) as address, recorder_before(address) as recorder:
        yield recorder


def sender(folder: Path, events: list[Event], *, edge: str, **settings: object) -> Path:
    """A project that sends these events as another tool left them."""
    now = time.time()
    rows = [
        {
            "number": each.number,
            "dataset_id": each.dataset_id,
            "event_time": int(now - each.age),
            "sendable_until": int(
                now + (STORE_WINDOW - each.age if each.left is None else each.left)
            ),
        }
        for each in events
    ]
    folder.mkdir(exist_ok=True)
    with duckdb.connect(folder / "events.duckdb") as connection:
        connection.execute(OUTBOX, {"rows": rows})
    (folder / "dbt_project.yml").write_text("name: sender\nprofile: tillpost\n")
    block = {"graph_url": edge, "version": "v26.0", "access_token": TOKEN, **settings}
    output = {"type": "duckdb", "path": "events.duckdb", "relation": "main.outbox", "edge": block}
    profile = {"tillpost": {"target": "theirs", "outputs": {"theirs": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    return folder


def arrived(recorder: Recorder) -> list[list[int]]:
    """The order numbers of each request that was taken."""
    return [
        [int(order[1:]) for order in each.orders]
        for each in recorder.requests
        if each.status == 200
    ]


def standing(project: Path) -> dict[str, int]:
    rows = ledger(project, "select state, count(*) from entries group by state")
    return {state: count for state, count in rows if state != "leaving"}


def test_what_expires_before_it_could_arrive_is_not_sent_and_never_will(
    tmp_path: Path, recorder: Recorder
) -> None:
    events = [Event(number=1, left=60), Event(number=2, left=600), Event(number=3, left=-5)]
    project = sender(tmp_path / "shop", events, edge=recorder.address)
    sent = tillpost(project, "send")
    assert (sent.returncode, sent.stderr) == (0, "")
    assert re.search(r"^expired +2 ", sent.stdout, re.MULTILINE)
    assert arrived(recorder) == [[2]]
    assert standing(project) == {"accepted": 1, "expired": 2}
    assert ": nothing to send" in tillpost(project, "send").stdout


def test_fresh_events_never_share_a_request_with_older_ones(
    tmp_path: Path, recorder: Recorder
) -> None:
    ages = [WEEK - 3600, WEEK - 60, WEEK + 60, DAY, 40 * DAY, WEEK + 3600]
    events = [Event(number=number, age=age) for number, age in enumerate(ages)]
    project = sender(tmp_path / "shop", events, edge=recorder.address)
    assert tillpost(project, "send").returncode == 0
    classes = sorted(sorted(request) for request in arrived(recorder))
    # The second would be older than 7 days when it has arrived, at the latest.
    assert [0, 3] in classes
    assert sorted(number for request in classes for number in request) == list(range(6))
    assert all(set(request) in ({0, 3}, {1}, {2, 4, 5}) for request in classes)


def test_the_soonest_expiry_goes_first(tmp_path: Path, recorder: Recorder) -> None:
    days = (50, 0.5, 20, 3, 1.5, 6)
    events = [Event(number=n, age=30 * DAY, left=left * DAY) for n, left in enumerate(days)]
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, batch_size=1, max_in_flight=1
    )
    assert tillpost(project, "send").returncode == 0
    assert arrived(recorder) == [[1], [4], [3], [5], [2], [0]]


def test_a_deadline_ends_it_and_the_next_run_goes_on(tmp_path: Path, recorder: Recorder) -> None:
    events = [Event(number=number) for number in range(40)]
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, batch_size=1, max_in_flight=1
    )
    recorder.seconds = 0.1
    sent = tillpost(project, "send", "--deadline", "2")
    count = sum(len(request) for request in arrived(recorder))
    assert sent.returncode == 4
    assert f"error: out of time after {count} of 40 events\n" in sent.stderr
    assert re.search(rf"^left +{40 - count} ", sent.stdout, re.MULTILINE)
    assert 0 < count < 30
    recorder.seconds = 0
    assert tillpost(project, "send").returncode == 0
    assert sorted(n for request in arrived(recorder) for n in request) == list(range(40))


def test_a_deadline_in_the_past_sends_nothing(tmp_path: Path, recorder: Recorder) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    assert tillpost(project, "send", "--deadline", "0").returncode == 4
    assert recorder.requests == []


def test_each_dataset_has_its_own_token_and_its_own_faults(
    tmp_path: Path, recorder: Recorder
) -> None:
    events = [
        Event(number=number, dataset_id=dataset)
        for number, dataset in enumerate(["111", "222", "333", "444"] * 3)
    ]
    tokens = {"222": {"access_token": "EAAG-bad"}, "333": {"access_token": TOKEN}}
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, datasets=tokens, access_token=""
    )
    sent = tillpost(project, "send")
    assert sent.returncode == 5
    assert "error: the edge refuses the token" in sent.stderr
    assert "  datasets: 222\n" in sent.stderr
    assert "EAAG" not in sent.stdout + sent.stderr
    tried = {each.path.split("/")[2]: each.headers["authorization"] for each in recorder.requests}
    assert tried == {"222": "Bearer EAAG-bad", "333": f"Bearer {TOKEN}"}
    assert arrived(recorder) == [[2, 6, 10]]
    set_edge(project, datasets={"333": tokens["333"], "222": tokens["333"]})
    sent = tillpost(project, "send")
    assert sent.returncode == 5
    assert (
        "error: there is no access token for some datasets\n  datasets: 111, 444\n" in sent.stderr
    )
    set_edge(project, access_token=TOKEN)
    assert tillpost(project, "send").returncode == 0
    assert sorted(n for request in arrived(recorder) for n in request) == list(range(12))


@pytest.mark.parametrize(
    ("datasets", "words"),
    [
        ({"1": {"token": "x"}}, 'edge.datasets.1  a dataset has no such key: "token"'),
        ({"1": {}}, 'edge.datasets.1  it needs an "access_token" of its own'),
        ({"1": {"access_token": "{{ env_var('NO_SUCH') }}"}}, "NO_SUCH is not set"),
    ],
)
def test_what_is_wrong_with_a_dataset_is_told_before_anything(
    tmp_path: Path, datasets: dict[str, Any], words: str
) -> None:
    project = sender(
        tmp_path / "shop", [Event(number=1)], edge="http://127.0.0.1:1", datasets=datasets
    )
    sent = tillpost(project, "send")
    assert sent.returncode == 2
    assert words in sent.stderr


def test_a_ledger_of_the_future_stops_it(tmp_path: Path, recorder: Recorder) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    with written(project, ago=-3600) as ahead:
        ahead.leaving([batch_of([key_of("event", 2)])], run_id="run-0", rules_version="1")
    sent = tillpost(project, "send")
    assert sent.returncode == 2
    assert sent.stderr.startswith("error: the ledger was written later than now\n")
    assert recorder.requests == []


def test_what_a_sandbox_took_is_not_what_meta_has(tmp_path: Path, recorder: Recorder) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    assert tillpost(project, "send").returncode == 0
    set_edge(project, graph_url="https://graph.facebook.com")
    (project / "profiles.yml").chmod(0o600)
    sent = tillpost(project, "send")
    assert sent.returncode == 2
    assert "this ledger holds what a sandbox accepted or refused" in sent.stderr


def test_a_run_with_a_wrong_clock_that_sent_nothing_stops_nobody(
    tmp_path: Path, recorder: Recorder
) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    with written(project, ago=-3650 * DAY) as ahead:
        ahead.end_run("run-0", exit_code=0, tally=Tally())
    assert tillpost(project, "send").returncode == 0
    assert arrived(recorder) == [[1]]
    newest, _ = json.loads(tillpost(project, "status", "--output", "json").stdout)["runs"]
    assert newest["run_id"] != "run-0"


@contextmanager
def written(project: Path, *, ago: float) -> Iterator[Ledger]:
    """The project's ledger, as a run that began so many seconds ago has it."""
    path = project / "tillpost_ledger.duckdb"
    with Ledger.open(path, clock=lambda: time.time() - ago) as opened:
        opened.start_run("run-0", command="send")
        yield opened


def key_of(what: str, number: int) -> str:
    """A digest as the outbox has it."""
    return str(UUID(md5(f"{what}{number}".encode(), usedforsecurity=False).hexdigest()))


@pytest.fixture
def late_edge() -> Iterator[str]:
    """An edge whose clock is six minutes behind."""

    class Late(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            assert timestamp is None
            then = datetime.fromtimestamp(time.time() - 360, UTC)
            return f"{then:%a, %d %b %Y %H:%M:%S GMT}"

        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing to the test's own output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_clock_that_is_not_the_edges_stops_it(tmp_path: Path, late_edge: str) -> None:
    events = [Event(number=1), Event(number=2, left=-5)]
    project = sender(tmp_path / "shop", events, edge=late_edge)
    with written(project, ago=WEEK) as before:
        before.leaving([batch_of([key_of("event", 1)])], run_id="run-0", rules_version="1")
    sent = tillpost(project, "send")
    assert sent.returncode == 2
    assert sent.stderr.startswith("error: this machine's clock is not the edge's\n")
    assert standing(project) == {}


def test_a_warning_is_no_success(tmp_path: Path, recorder: Recorder) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    recorder.instead = [(200, {"events_received": 1, "messages": ["look here"]})]
    sent = tillpost(project, "send")
    assert sent.returncode == 3
    assert "the edge warned about requests with 1 events" in sent.stderr
    assert "look here" in sent.stderr
    assert standing(project) == {"accepted": 1}
    assert ledger(project, "select warnings from answers") == [("look here",)]


def test_too_few_received_is_no_success(tmp_path: Path, recorder: Recorder) -> None:
    events = [Event(number=1), Event(number=2)]
    project = sender(tmp_path / "shop", events, edge=recorder.address)
    recorder.instead = [(200, {"events_received": 1})]
    sent = tillpost(project, "send")
    assert sent.returncode == 4
    assert "the edge says 1 of 2 events it received" in sent.stderr
    assert standing(project) == {}
    assert tillpost(project, "send").returncode == 0
    assert arrived(recorder)[1:] == [[1, 2]]


def test_several_that_wait_for_one_lock_take_turns(tmp_path: Path, recorder: Recorder) -> None:
    events = [Event(number=number) for number in range(30)]
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, batch_size=5, max_in_flight=2
    )
    recorder.seconds = 0.05
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda _: tillpost(project, "send", "--wait", "60"), range(3)))
    assert [each.returncode for each in runs] == [0, 0, 0]
    assert sorted(n for request in arrived(recorder) for n in request) == list(range(30))


def test_a_full_disk_stops_it_and_loses_nothing(tmp_path: Path, recorder: Recorder) -> None:
    events = [Event(number=number) for number in range(25_000)]
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, batch_size=100, max_in_flight=2
    )
    limited = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 2100; exec "$@"', "sh", *TILLPOST, "send"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert limited.returncode == 2, limited.stderr
    assert "disk has room" in limited.stderr
    before = sum(len(request) for request in arrived(recorder))
    assert 0 < before < 25_000
    assert tillpost(project, "send").returncode == 0
    numbers = {number for request in arrived(recorder) for number in request}
    assert numbers == set(range(25_000))
    assert held(recorder.sandbox)["stored"] == 25_000


def test_what_must_not_leave_stops_the_run_and_nothing_of_its_batch_goes(
    tmp_path: Path, recorder: Recorder
) -> None:
    events = [Event(number=number) for number in range(40)]
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, batch_size=10, max_in_flight=1
    )
    bad = "replace(payload, repeat('ab', 32), 'anna@example.com')"
    with duckdb.connect(project / "events.duckdb") as connection:
        connection.execute(f"update outbox set payload = {bad} where payload like '%R25\"%'")
    done = tillpost(project, "send")
    assert (done.returncode, done.stdout) == (1, "")
    event_key = UUID(md5(b"event25", usedforsecurity=False).hexdigest())
    assert done.stderr.splitlines() == [
        f"error: event {event_key}  user_data.em {Flaw.not_hashed}",
        "  each request is read before it leaves: nothing of this batch of 10 was sent",
        "  try: mend the model that makes this field, then tillpost run",
    ]
    before = arrived(recorder)
    assert 25 not in {number for request in before for number in request}
    states = dict(ledger(project, "select state, count(*) from entries group by state"))
    assert states["accepted"] == 10 * len(before)
    assert states["leaving"] == states["accepted"] + states["returned"]
    with duckdb.connect(project / "events.duckdb") as connection:
        mend = "replace(payload, 'anna@example.com', repeat('ab', 32))"
        connection.execute(f"update outbox set payload = {mend}")
    assert tillpost(project, "send").returncode == 0
    assert sorted(n for request in arrived(recorder) for n in request) == list(range(40))


def test_digests_in_capitals_are_the_same_digests(tmp_path: Path, recorder: Recorder) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    digests = ("event_key", "sale_key", "payload_digest")
    texts = ", ".join(f"upper(cast({name} as varchar)) as {name}" for name in digests)
    with duckdb.connect(project / "events.duckdb") as connection:
        connection.execute(
            f"create or replace table outbox as select * replace ({texts}) from outbox"
        )
    for _ in range(2):
        assert tillpost(project, "send").returncode == 0
    assert arrived(recorder) == [[1]]
    with duckdb.connect(project / "events.duckdb") as connection:
        same = ", ".join(f"lower({name}) as {name}" for name in digests)
        connection.execute(f"insert into outbox select * replace ({same}) from outbox")
    done = tillpost(project, "send")
    assert (done.returncode, arrived(recorder)) == (2, [[1]])
    assert "1 rows: event_key stands there twice" in done.stderr


def test_another_tools_columns_may_be_numbers_and_json(tmp_path: Path, recorder: Recorder) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    with duckdb.connect(project / "events.duckdb") as connection:
        connection.execute(
            "create or replace table outbox as select * replace ("
            " dataset_id::bigint as dataset_id, event_time::double as event_time,"
            " payload::json as payload, 9999999999999 as sendable_until) from outbox"
        )
    sent = tillpost(project, "send")
    assert (sent.returncode, sent.stderr) == (0, "")
    assert arrived(recorder) == [[1]]


def test_what_was_refused_goes_again_with_another_payload(
    tmp_path: Path, recorder: Recorder
) -> None:
    project = sender(tmp_path / "shop", [Event(number=1), Event(number=2)], edge=recorder.address)
    error = {"code": 100, "error_subcode": 2804003, "message": "Invalid parameter"}
    recorder.guilty = {"R1": lambda _: (400, {"error": error})}
    assert tillpost(project, "send").returncode == 3
    recorder.guilty = {}
    assert ": nothing to send" in tillpost(project, "send").stdout
    with duckdb.connect(project / "events.duckdb") as connection:
        connection.execute("update outbox set payload_digest = md5('mended' || sale_key)::uuid")
    assert tillpost(project, "send").returncode == 0
    assert arrived(recorder) == [[2], [1]]


def test_what_could_not_be_delivered_did_not_go(tmp_path: Path, recorder: Recorder) -> None:
    events = [Event(number=number) for number in (1, 2, 3)]
    project = sender(
        tmp_path / "shop",
        events,
        edge=recorder.address,
        batch_size=1,
        max_in_flight=1,
        attempts=2,
    )
    error = {"code": 100, "error_subcode": 2804003, "message": "Invalid parameter"}
    recorder.instead = [(200, {"events_received": 1}), (400, {"error": error})]
    recorder.instead += [(503, {})] * 2
    sent = tillpost(project, "send")
    assert sent.returncode == 3
    assert "the edge refused 1 events; 1 could not be delivered\n" in sent.stderr
    assert "3 events pending, 4 requests\n" in sent.stdout


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_reader_who_has_gone_changes_nothing(
    tmp_path: Path, recorder: Recorder, log_format: str
) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge=recorder.address)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*TILLPOST, "--log-format", log_format, "send"],
        cwd=project,
        stdout=writing,
        stderr=writing if log_format == "json" else subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr or b"") == (0, b"")
    assert arrived(recorder) == [[1]]


def test_an_edge_that_counts_nothing_is_asked_a_few_times_only(
    tmp_path: Path, recorder: Recorder
) -> None:
    events = [Event(number=number) for number in range(20)]
    project = sender(
        tmp_path / "shop", events, edge=recorder.address, batch_size=1, max_in_flight=1
    )
    recorder.instead = [(200, {"fbtrace_id": "T"})] * 20
    assert tillpost(project, "send").returncode == 4
    assert len(recorder.requests) == 3
    recorder.instead = []
    assert tillpost(project, "send").returncode == 0
    assert held(recorder.sandbox)["stored"] == 20


def test_the_soonest_expiry_goes_first_among_datasets_too(
    tmp_path: Path, recorder: Recorder
) -> None:
    events = [
        Event(number=1, dataset_id="111", left=40 * DAY),
        Event(number=2, dataset_id="222", left=3600),
    ]
    project = sender(tmp_path / "shop", events, edge=recorder.address)
    assert tillpost(project, "send").returncode == 0
    assert arrived(recorder) == [[2], [1]]


def test_an_error_is_told_though_the_next_events_are_still_read(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [Event(number=1, age=10 * DAY), Event(number=2, age=40 * DAY)]
    project = sender(tmp_path / "shop", events, edge=recorder.address, batch_size=1)
    plain = DuckDB.stream

    def slow(engine: DuckDB, sql: str) -> Iterator[Events]:
        sql = f"with slow as (select sum(hash(range)) from range(60_000_000)) {sql}"
        yield from plain(engine, f"{sql} and (from slow) is not null")

    def full(*_: object, **__: object) -> None:
        raise UsageError("the disk is full")

    monkeypatch.setattr(DuckDB, "stream", slow)
    monkeypatch.setattr(Ledger, "leaving", full)
    with pytest.raises(UsageError, match="the disk is full"):
        commands.main(["send", "--project-dir", str(project)], standalone_mode=False)
