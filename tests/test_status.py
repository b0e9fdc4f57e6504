"""`tillpost status`: what a person reads in the morning, and a monitor each minute."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ledger_batches import batch_of
from project_harness import LEDGER, Table, make_project, query, tillpost, write_table
from tillpost.ledger import Ledger, Tally
from tillpost.lock import run_lock
from tillpost.records import Answer, Outcome, Owner

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = 86_400
BUILD = ".tillpost/build.duckdb"
DAYS = {"fresh": 1, "ending": 61.5, "accepted": 9, "unanswered": 9, "held": 9}
KEYS = {
    *("format", "as_of", "ledger", "running", "runs", "events", "waiting", "expiring"),
    *("last_build", "unread"),
}


def sales(days: dict[str, float]) -> Table:
    rows = ["order_id,event_time,currency,order_total,email"]
    for number, (order, ago) in enumerate(days.items(), 1):
        moment = f"{NOW - timedelta(days=ago):%Y-%m-%dT%H:%M:%SZ}"
        rows.append(f"{order},{moment},EUR,{number}.50,{order}@example.com")
    return Table(name="till.sales", files={"sales": "\n".join([*rows, ""])})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose orders are called by what became of them."""
    project = make_project(tmp_path_factory.mktemp("status") / "shop", [sales(DAYS)])
    assert tillpost(project, "build", "-q").returncode == 0
    rows = query(
        project,
        "select order_id, v.event_key, v.sale_key, payload_digest from int_judged_baskets"
        " inner join int_basket_verdicts as v using (basket)",
    )
    found = {
        order: batch_of(*([str(digest)] for digest in digests), number=number)
        for number, (order, *digests) in enumerate(rows)
    }
    clock = [NOW.timestamp() - 8 * DAY]
    with Ledger.open(project / LEDGER, clock=lambda: clock[0]) as book:
        book.start_run("20261101T000000Z-aaaaaa", command="run")
        book.leaving([found["held"]], run_id="20261101T000000Z-aaaaaa", rules_version="1")
        clock[0] = NOW.timestamp() - DAY
        book.start_run("20261102T000000Z-bbbbbb", command="send")
        left = [found["accepted"], found["unanswered"]]
        book.leaving(left, run_id="20261102T000000Z-bbbbbb", rules_version="1")
        answers = [(left[0], Answer(outcome=Outcome.accepted))]
        book.settle(answers, run_id="20261102T000000Z-bbbbbb")
        tally = Tally(sent=2, accepted=1, uncertain=1)
        book.end_run("20261102T000000Z-bbbbbb", exit_code=4, tally=tally)
    assert tillpost(project, "build", "-q").returncode == 0
    return project


@pytest.fixture
def project(shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop, tmp_path / "shop"))


def status(project: Path, *options: str) -> dict[str, Any]:
    done = tillpost(project, "status", "--output", "json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    assert content.keys() == KEYS
    return content


def holder(run_id: str, *, command: str = "run") -> Owner:
    return Owner(pid=4711, host="till-7", run_id=run_id, command=command, started_at="2026-11-25")


def test_a_project_that_never_ran_has_nothing_to_tell(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", [sales(DAYS)])
    before = sorted(project.rglob("*"))
    told = status(project)
    assert (told["running"], told["runs"], told["events"]) == (None, [], {})
    assert "nothing was sent yet" in tillpost(project, "status").stdout
    assert sorted(project.rglob("*")) == before


def test_runs_and_what_waits_are_told(project: Path) -> None:
    told = status(project)
    assert [(run["command"], run["exit_code"]) for run in told["runs"]] == [
        ("send", 4),
        ("run", None),
    ]
    assert told["runs"][0]["started_at"] == f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    assert told["runs"][0]["tally"] == {"sent": 2, "accepted": 1, "refused": 0, "uncertain": 1}
    held_at = NOW - timedelta(days=1) + timedelta(days=6, hours=12)
    waiting = {"uncertain": 1, "held": 1, "next_held_at": f"{held_at:%Y-%m-%dT%H:%M:%SZ}"}
    assert told["waiting"] == waiting


@pytest.mark.parametrize(
    ("next_run", "events", "value"), [("24h", 1, {"EUR": 2.50}), ("1h", 0, {})]
)
def test_what_expires_next_is_told(
    project: Path, next_run: str, events: int, value: dict[str, float]
) -> None:
    expiring = status(project, "--next-run", next_run)["expiring"]
    first = NOW - timedelta(days=61.5) + timedelta(days=62)
    assert expiring["first_at"] == f"{first:%Y-%m-%dT%H:%M:%SZ}"
    assert (expiring["events"], expiring["value"], expiring["pending"]) == (events, value, 3)


def test_a_person_reads_it(project: Path) -> None:
    said = tillpost(project, "status")
    assert (said.returncode, said.stderr) == (0, "")
    for words in (
        "20261101T000000Z-aaaaaa  run      cut short",
        "without an answer: 1 events, which go again with the next run",
        "held for a person: 1 events: tillpost ledger list --state held",
        "the first of 3 pending events expires",
        "1 do before",
        ": 2.50 EUR",
    ):
        assert words in said.stdout


def test_what_was_sent_since_the_build_expires_no_more(project: Path) -> None:
    ((key, sale, payload),) = query(
        project,
        "select event_key, sale_key, payload_digest from events order by sendable_until limit 1",
    )
    batch = batch_of([str(key)], [str(sale)], [str(payload)])
    now = datetime.now(UTC).timestamp()
    with Ledger.open(project / LEDGER, clock=lambda: now) as book:
        book.start_run("now", command="run")
        book.leaving([batch], run_id="now", rules_version="1")
        book.settle([(batch, Answer(outcome=Outcome.accepted))], run_id="now")
    expiring = status(project)["expiring"]
    assert (expiring["pending"], expiring["events"]) == (2, 0)


def test_a_run_that_holds_the_files_is_told_from_its_folder(project: Path) -> None:
    ended, now = "20261103T000000Z-cccccc", "20261104T000000Z-dddddd"
    runs = project / ".tillpost" / "runs"
    counts = {"accepted": 3, "refused": 1, "uncertain": 0, "returned": 2}
    for name in (ended, now):
        (runs / name).mkdir()
    (runs / ended / "send.json").write_text(json.dumps(counts))
    with (
        run_lock(project / LEDGER, owner=holder(now), wait=0),
        closing(duckdb.connect(project / LEDGER)),
        closing(duckdb.connect(project / BUILD)),
    ):
        building = status(project)
        built = {"run_id": now, "as_of": 1, "events": 17, "funnel": {}}
        (runs / now / "build.json").write_text(json.dumps(built))
        sending = status(project)
        said = tillpost(project, "status")
    run = {"run_id": now, "command": "run", "pid": 4711, "host": "till-7"}
    assert building["running"] == {**run, "stage": "building", "pending": None}
    assert sending["running"] == {**run, "stage": "sending", "pending": 17}
    assert (sending["events"], sending["waiting"], sending["expiring"]) == (None, None, None)
    assert sending["runs"][0]["run_id"] == ended
    assert sending["runs"][0]["tally"] == {"sent": 6, "accepted": 3, "refused": 1, "uncertain": 0}
    assert (sending["runs"][0]["command"], sending["runs"][0]["exit_code"]) == (None, None)
    assert (
        f"in progress: run {now} (run, process 4711 on till-7), sending, 17 events" in said.stdout
    )
    assert "the ledger cannot be read while a run has it" in said.stdout
    assert status(project)["running"] is None


def test_a_dead_run_is_not_in_progress(project: Path) -> None:
    owner = {"pid": 4711, "host": "h", "run_id": "R", "command": "run", "started_at": "then"}
    (project / f"{LEDGER}.owner").write_text(json.dumps(owner))
    assert status(project)["running"] is None


def test_a_build_that_is_open_elsewhere_hides_only_what_expires(project: Path) -> None:
    with closing(duckdb.connect(project / BUILD)):
        told = status(project)
        said = tillpost(project, "status")
    assert told["expiring"] is None
    assert "another process has the build's database open" in told["unread"]
    assert told["waiting"]["held"] == 1
    assert "what expires next could not be read" in said.stdout


def test_it_leaves_no_folder_and_no_lock(project: Path) -> None:
    before = sorted((project / ".tillpost").rglob("*"))
    status(project)
    assert sorted((project / ".tillpost").rglob("*")) == before
    with run_lock(project / LEDGER, owner=holder("R"), wait=0):
        pass


def test_a_run_waits_for_it_as_for_another_run(project: Path) -> None:
    write_table(project, sales(DAYS))
    with run_lock(project / LEDGER, owner=holder("S", command="status"), wait=0):
        assert status(project)["running"]["stage"] == "status"
        assert tillpost(project, "build", "-q").returncode == 4
