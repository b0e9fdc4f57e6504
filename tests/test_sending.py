"""From a built project to the sandbox, over real HTTP: each event arrives, and arrives once."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from project_harness import Table, make_project, query, tillpost, write_table
from sending_harness import (
    TILLPOST,
    Recorder,
    Request,
    held,
    ledger,
    recorder_before,
    sandbox,
    set_edge,
)

TOKEN = "EAAG-secret/token+1"
FRESH, OLD = 1_100, 1_050
FEW = 30
WEEK = 7 * 86_400

TOO_OLD = {
    "message": "Invalid parameter",
    "type": "OAuthException",
    "code": 100,
    "error_subcode": 2804003,
    "error_user_title": "Event Timestamp Too Old",
    "error_user_msg": "The timestamp for this event is too far in the past.",
    "fbtrace_id": "A-trace-1",
}
TEMPORARY = {"message": "Service temporarily unavailable", "code": 2, "is_transient": True}


def sales(*, fresh: int, old: int, now: datetime, edited: int | None = None) -> Table:
    """Orders of the last days and of weeks ago; one of them may have another amount by now."""
    rows = ["order_id,event_time,currency,order_total,email"]
    for number in range(fresh + old):
        ago = timedelta(days=1 + number % 5) if number < fresh else timedelta(days=9 + number % 40)
        amount = "99.00" if number == edited else f"{5 + number % 200}.95"
        time = f"{now - ago:%Y-%m-%dT%H:%M:%SZ}"
        rows.append(f"R{number:05},{time},EUR,{amount},customer{number}@example.com")
    return Table(name="till.sales", files={"sales": "\n".join([*rows, ""])})


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command, what it said, and what it sent."""

    code: int
    out: str
    err: str
    requests: tuple[Request, ...]


@dataclass(frozen=True, kw_only=True)
class Story:
    """A project's first days: run, send, run, and run again after an amount was edited."""

    project: Path
    now: datetime
    run: Step
    send: Step
    second_run: Step
    run_after_edit: Step
    held: dict[str, int]
    status: dict[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    now = datetime.now(UTC)
    project = tmp_path_factory.mktemp("sending") / "shop"
    make_project(project, [sales(fresh=FRESH, old=OLD, now=now)])
    with sandbox(good_token=TOKEN) as address, recorder_before(address) as recorder:
        set_edge(project, graph_url=recorder.address, access_token=TOKEN, partner_agent="shop-1")
        run, send, second_run = (step(project, recorder, word) for word in ("run", "send", "run"))
        write_table(project, sales(fresh=FRESH, old=OLD, now=now, edited=7))
        return Story(
            project=project,
            now=now,
            run=run,
            send=send,
            second_run=second_run,
            run_after_edit=step(project, recorder, "run"),
            held=held(address),
            status=json.loads(tillpost(project, "status", "--output", "json").stdout),
        )


def step(project: Path, recorder: Recorder, *words: str) -> Step:
    before = len(recorder.requests)
    done = tillpost(project, *words)
    return Step(
        code=done.returncode,
        out=done.stdout,
        err=done.stderr,
        requests=tuple(recorder.requests[before:]),
    )


def test_each_sale_arrives_once(story: Story) -> None:
    assert (story.run.code, story.run.err) == (0, "")
    assert story.held == {"stored": FRESH + OLD, "duplicates": 0, "refused_requests": 0}
    arrived = Counter(order for request in story.run.requests for order in request.orders)
    assert arrived == {f"R{number:05}": 1 for number in range(FRESH + OLD)}


def test_a_request_has_one_age_class_and_a_thousand_events_at_most(story: Story) -> None:
    week_ago = story.now.timestamp() - WEEK
    classes = Counter[bool]()
    for request in story.run.requests:
        ages = [event["event_time"] >= week_ago for event in request.body["data"]]
        assert len(set(ages)) == 1
        assert len(ages) <= 1_000
        classes[ages[0]] += len(ages)
    assert classes == {True: FRESH, False: OLD}


def test_the_envelope_names_the_run_and_the_agent(story: Story) -> None:
    (run_id,) = set(re.findall(r"^Run (\S+):", story.run.out, re.MULTILINE))
    for request in story.run.requests:
        assert request.body.keys() == {"data", "upload_tag", "partner_agent"}
        assert request.body["upload_tag"] == run_id
        assert request.body["partner_agent"] == "shop-1"
        assert request.path == "/v26.0/1234567890123456/events"


def test_the_token_stands_in_its_header_only(story: Story) -> None:
    for request in story.run.requests:
        carriers = [name for name, value in request.headers.items() if TOKEN in value]
        assert carriers == ["authorization"]
        assert TOKEN not in request.path
        assert TOKEN.encode() not in request.content
    written = {path for path in story.project.rglob("*") if path.is_file()}
    holders = {path.name for path in written if TOKEN.encode() in path.read_bytes()}
    assert holders == {"profiles.yml"}
    assert TOKEN not in story.run.out


@pytest.mark.parametrize("name", ["send", "second_run", "run_after_edit"])
def test_nothing_goes_twice(story: Story, name: str) -> None:
    later: Step = getattr(story, name)
    assert (later.code, later.err, later.requests) == (0, "", ())
    assert ": nothing to send" in later.out


def test_an_edited_amount_is_changed(story: Story) -> None:
    buckets = query(story.project, "select bucket, count(*) from int_verdicts group by bucket")
    assert dict(buckets) == {"accepted": FRESH + OLD - 1, "changed": 1}
    assert re.search(r"^changed +1 ", story.run_after_edit.out, re.MULTILINE)
    assert "changed" not in story.second_run.out


def test_status_agrees_with_the_ledger(story: Story) -> None:
    accepted = "select run_id, count(*) from entries where state = 'accepted' group by run_id"
    by_run = dict(ledger(story.project, accepted))
    told = story.status["runs"]
    assert story.status["events"] == {"accepted": sum(by_run.values())} == {"accepted": FRESH + OLD}
    assert [run["command"] for run in told] == ["run", "run", "send", "run"]
    assert [run["exit_code"] for run in told] == [0, 0, 0, 0]
    assert {
        run["run_id"]: run["tally"]["accepted"] for run in told if run["tally"]["sent"]
    } == by_run
    assert story.status["last_build"]["run_id"] == told[0]["run_id"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that stands built, with a few sales to send."""
    folder = tmp_path_factory.mktemp("built") / "shop"
    make_project(folder, [sales(fresh=FEW, old=0, now=datetime.now(UTC))])
    assert tillpost(folder, "build").returncode == 0
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "shop"))


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with sandbox(good_token=TOKEN) as address, recorder_before(address) as recorder:
        yield recorder


def stands(project: Path) -> dict[str, int]:
    """Events by state, as `status` tells them."""
    told: dict[str, int] = json.loads(tillpost(project, "status", "--output", "json").stdout)[
        "events"
    ]
    return told


def test_a_temporary_503_is_tried_again(project: Path, recorder: Recorder) -> None:
    set_edge(project, graph_url=recorder.address, access_token=TOKEN)
    recorder.instead = [(503, {"error": TEMPORARY})]
    sent = step(project, recorder, "send")
    assert (sent.code, sent.err) == (0, "")
    assert [request.status for request in sent.requests] == [503, 200]
    assert len({request.content for request in sent.requests}) == 1
    assert held(recorder.sandbox) == {"stored": FEW, "duplicates": 0, "refused_requests": 0}
    assert ledger(project, "select outcome, attempts from answers") == [("accepted", 2)]


def test_a_build_of_the_future_is_not_sent(project: Path, recorder: Recorder) -> None:
    set_edge(project, graph_url=recorder.address, access_token=TOKEN)
    change(project, "update build_stamp set as_of = as_of + 3600, built_at = built_at + 3600")
    sent = step(project, recorder, "send")
    assert (sent.code, sent.requests) == (2, ())
    assert "the last build was made later than now" in sent.err


def test_what_grew_too_old_since_the_build_does_not_go_again(
    project: Path, recorder: Recorder
) -> None:
    set_edge(project, graph_url=recorder.address, access_token=TOKEN)
    recorder.instead = [(200, {"events_received": 0})]
    assert step(project, recorder, "send").code == 4
    time.sleep(1.1)  # what left in a build's own second waits
    assert tillpost(project, "build").returncode == 0
    change(project, f"update ledger_snapshot set first_left_at = first_left_at - {WEEK}")
    sent = step(project, recorder, "send")
    assert (sent.code, sent.requests) == (0, ())
    assert ": nothing to send" in sent.out


def change(project: Path, sql: str) -> None:
    with duckdb.connect(project / ".tillpost" / "build.duckdb") as connection:
        connection.execute(sql)


def test_a_request_that_is_always_refused_does_not_use_up_the_backlog(
    project: Path, recorder: Recorder
) -> None:
    set_edge(
        project,
        graph_url=recorder.address,
        access_token=TOKEN,
        batch_size=1,
        max_in_flight=1,
    )
    recorder.instead = [(400, {"error": TOO_OLD})] * FEW
    sent = step(project, recorder, "send")
    assert sent.code == 3
    refused = len(sent.requests)
    assert 10 <= refused <= 10 + 2  # what was on its way when the tenth came back
    assert f"the edge refused {refused} events; {FEW - refused} were not tried" in sent.err
    recorder.instead = []
    assert step(project, recorder, "run").code == 0
    assert stands(project) == {"accepted": FEW - refused, "refused": refused}


def test_after_a_bad_token_everything_may_still_go(project: Path, recorder: Recorder) -> None:
    set_edge(project, graph_url=recorder.address, access_token="EAAG-another")
    assert step(project, recorder, "send").code == 5
    assert stands(project) == {}
    set_edge(project, access_token=TOKEN)
    assert step(project, recorder, "run").code == 0
    assert held(recorder.sandbox) == {"stored": FEW, "duplicates": 0, "refused_requests": 1}
    assert stands(project) == {"accepted": FEW}


def test_after_a_refused_connection_everything_may_still_go(
    project: Path, recorder: Recorder
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    set_edge(project, graph_url=nobody, access_token=TOKEN, attempts=1)
    assert tillpost(project, "send").returncode == 4
    assert stands(project) == {}
    set_edge(project, graph_url=recorder.address)
    assert step(project, recorder, "send").code == 0
    assert held(recorder.sandbox) == {"stored": FEW, "duplicates": 0, "refused_requests": 0}


def test_a_stop_ends_what_is_in_flight_and_the_next_run_sends_the_rest(
    project: Path, recorder: Recorder
) -> None:
    set_edge(project, graph_url=recorder.address, access_token=TOKEN, max_in_flight=2, batch_size=2)
    recorder.seconds = 0.2
    words = [*TILLPOST, "send"]
    with subprocess.Popen(words, cwd=project, stdout=subprocess.PIPE, text=True) as process:
        _wait_for(lambda: len(recorder.requests) >= 2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    first = [order for request in recorder.requests for order in request.orders]
    assert process.returncode == 4
    assert 0 < len(first) < FEW
    assert stands(project) == {"accepted": len(first)}
    recorder.seconds = 0
    rest = step(project, recorder, "run")
    second = [order for request in rest.requests for order in request.orders]
    assert rest.code == 0
    assert Counter([*first, *second]) == {f"R{number:05}": 1 for number in range(FEW)}
    assert held(recorder.sandbox) == {"stored": FEW, "duplicates": 0, "refused_requests": 0}


def _wait_for(happened: Callable[[], bool], *, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)
