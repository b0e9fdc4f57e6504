"""Meta's counts beside the ledger's: what agrees, what differs, and what is said of it."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import duckdb
import pytest

from project_harness import LEDGER, tillpost
from sending_harness import WEB, sandbox, set_edge
from sending_harness import ledger as ledger_rows
from test_delivery import TOKEN, Event, sender
from test_edge import Script, edge_to, error, script
from tillpost.ledger import Ledger
from tillpost.ledger.rows import Sale
from tillpost.ledger.uploads import Upload
from tillpost.lock import run_lock
from tillpost.pipeline.meta_counts import Entries, entries_of, qualities_of
from tillpost.pipeline.reconcile import COUNTING_SECONDS, Kind, compare
from tillpost.reads import Read
from tillpost.records import Answer, Outcome, Owner

__all__ = ["script"]

NOW = 2_000_000_000.0
ORDERS = 5
RIVAL = "RIVAL-TOKEN-OF-SIZE"


def upload(**counts: int) -> Upload:
    last_at = NOW - counts.pop("age", COUNTING_SECONDS)
    return Upload(run_id="R1", dataset_id="1", first_at=last_at, last_at=last_at, **counts)


def read(**values: object) -> Read:
    return Read(ok=True, values=values, answer=Answer(outcome=Outcome.accepted))


@pytest.mark.parametrize(
    ("ours", "meta", "kind", "events"),
    [
        (upload(accepted=10), (10, 8, 0), Kind.agrees, 0),
        (upload(accepted=10, refused=3, returned=7), (10, 8, 0), Kind.agrees, 0),
        (upload(accepted=10), (9, 9, 0), Kind.fewer, 1),
        (upload(accepted=10), (0, 0, 0), Kind.fewer, 10),
        (upload(accepted=10, age=COUNTING_SECONDS - 1), (9, 9, 0), Kind.not_yet, 1),
        (upload(accepted=10, age=0), (10, 10, 0), Kind.agrees, 0),
        (upload(accepted=10), (12, 12, 0), Kind.more, 2),
        (upload(accepted=10, unanswered=5), (10, 10, 0), Kind.agrees, 0),
        (upload(accepted=10, unanswered=5), (13, 9, 0), Kind.arrived, 3),
        (upload(accepted=10, unanswered=5), (15, 9, 0), Kind.arrived, 5),
        (upload(accepted=10, unanswered=5), (16, 9, 0), Kind.more, 1),
        (upload(unanswered=5), (0, 0, 0), Kind.agrees, 0),
        # what was accepted in another request may have arrived twice, and counts once
        (upload(accepted=10, settled=5), (15, 9, 0), Kind.agrees, 0),
        (upload(accepted=10, settled=5, unanswered=2), (16, 9, 0), Kind.arrived, 1),
        # duplicates among the valid entries, or beside them
        (upload(accepted=10, again=3), (13, 9, 3), Kind.agrees, 0),
        (upload(accepted=10, again=3), (10, 7, 3), Kind.agrees, 0),
        (upload(accepted=10, again=3), (7, 7, 3), Kind.agrees, 0),
        (upload(accepted=10, again=5), (12, 7, 5), Kind.agrees, 0),
        (upload(accepted=10, again=3), (6, 6, 3), Kind.fewer, 1),
        (upload(accepted=10), (20, 7, 5), Kind.more, 5),
        (upload(), (5, 5, 0), Kind.more, 5),
        # duplicates that this ledger did not make
        (upload(accepted=10), (10, 7, 3), Kind.twice, 3),
        (upload(accepted=10, again=1), (7, 7, 3), Kind.twice, 2),
    ],
)
def test_counts_are_compared(
    ours: Upload, meta: tuple[int, int, int], kind: Kind, events: int
) -> None:
    valid, matched, duplicate = meta
    entries = Entries(valid=valid, matched=matched, duplicate=duplicate)
    found = compare(ours, entries, now=NOW)
    assert (found.kind, found.events) == (kind, events)


@pytest.mark.parametrize(
    ("rows", "entries"),
    [
        ([], Entries(valid=0, matched=0, duplicate=0, is_known=False)),
        (
            [
                {"valid_entries": 3, "matched_entries": 1, "duplicate_entries": 1},
                {"valid_entries": "4", "matched_entries": 2, "duplicate_entries": 0},
            ],
            Entries(valid=7, matched=3, duplicate=1),
        ),
        ([{"valid_entries": 3}], Entries(valid=3, matched=None, duplicate=0)),
        ([{"upload_tag": "R1"}], None),
        ([{"valid_entries": "many"}], None),
    ],
)
def test_entries_are_what_meta_tells(rows: list[dict[str, object]], entries: Entries) -> None:
    assert entries_of(read(data=rows)) == entries


SCORES: dict[str, object] = {
    "event_name": "Purchase",
    "composite": {"score": 6.6, "recommendation": "…"},
    "frequency": {"score": 9.6},
    "freshness": {"score": 2.2},
}


@pytest.mark.parametrize(
    "match_key",
    [
        {"match_key": {"score": 5.6, "coverage": {"email": 100.0, "phone": 90.0}}},
        {"match_key": {"score": 5.6}, "coverage": {"email": 100.0, "phone": 90.0}},
    ],
)
def test_the_factor_that_holds_a_score_down_is_found(match_key: Mapping[str, object]) -> None:
    (quality,) = qualities_of("1", read(offline=[{**SCORES, **match_key}]))
    assert quality.coverage == {"email": 100.0, "phone": 90.0}
    assert (quality.composite, quality.match_key, quality.holds_down) == (6.6, 5.6, "freshness")
    (bare,) = qualities_of("1", read(offline=[{"event_name": "Lead", "composite": 8.5}]))
    assert (bare.composite, bare.frequency, bare.holds_down) == (8.5, None, "")


def paged(number: int, cursor: str, *, is_last: bool = False) -> tuple[int, dict[str, object]]:
    link = {} if is_last else {"next": f"https://example.invalid/?access_token={TOKEN}"}
    paging = {"cursors": {"after": cursor}, **link}
    return (200, {"data": [{"valid_entries": number}], "paging": paging})


def test_all_pages_are_read_and_no_link_is_followed(script: Script) -> None:
    script.answers = [paged(1, "c1"), paged(2, "c2"), paged(3, "c3", is_last=True)]
    with edge_to(script.port) as edge:
        found = edge.uploads("123", "R1")
    assert entries_of(found) == Entries(valid=6, matched=None, duplicate=0)
    paths = [urlsplit(path) for _, path, _, _ in script.requests]
    assert [parse_qs(path.query).get("after") for path in paths] == [None, ["c1"], ["c2"]]
    for path in paths:
        assert path.path == "/v26.0/123/offline_event_uploads"
        assert parse_qs(path.query)["upload_tag"] == ["R1"]
        assert "valid_entries" in path.query
        assert TOKEN not in path.query


@pytest.mark.parametrize(
    "answers", [[paged(1, "c1")], [paged(1, "")], [paged(1, "c1"), (403, error(200))]]
)
def test_a_list_that_does_not_end_is_no_list(script: Script, answers: list[Any]) -> None:
    script.answers = answers
    with edge_to(script.port) as edge:
        found = edge.uploads("123", "R1")
    assert (found.ok, found.values) == (False, {})
    assert found.answer.message


@pytest.fixture
def edge() -> Iterator[str]:
    with sandbox(good_token=TOKEN) as address:
        yield address


@pytest.fixture
def project(edge: str, tmp_path: Path) -> Path:
    return sender(tmp_path / "shop", [Event(number=n) for n in range(ORDERS)], edge=edge)


def reconciled(project: Path, *words: str) -> tuple[int, dict[str, Any]]:
    said = tillpost(project, "reconcile", "--output", "json", *words)
    assert TOKEN not in said.stdout + said.stderr
    return said.returncode, json.loads(said.stdout)


def two_days_pass(project: Path) -> None:
    with duckdb.connect(project / LEDGER) as connection:
        connection.execute("update batches set written_at = written_at - interval '2 days'")


def rival_sends(edge: str, *orders: str, upload_tag: str) -> None:
    """Somebody without this ledger sends these orders."""
    event = {
        "event_name": "Purchase",
        "event_time": int(time.time()) - 60,
        "action_source": "physical_store",
        "user_data": {"em": "ab" * 32},
    }
    orders_data = [{"value": 1, "currency": "EUR", "order_id": order} for order in orders]
    body = {
        "data": [{**event, "custom_data": custom} for custom in orders_data],
        "access_token": TOKEN,
        "upload_tag": upload_tag,
    }
    WEB.post(f"{edge}/v26.0/111/events", json=body).raise_for_status()


def test_what_arrived_agrees(project: Path) -> None:
    nothing = tillpost(project, "reconcile")
    assert (nothing.returncode, "nothing to compare" in nothing.stdout) == (0, True)
    assert tillpost(project, "send").returncode == 0
    said = tillpost(project, "reconcile")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"{ORDERS} (100%)" in said.stdout
    assert "frequency (0.8) holds the composite (6.9) below 8.5" in said.stdout
    assert said.stdout.splitlines()[-1] == "1 of 1 upload agree"
    code, found = reconciled(project)
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["is_difference"]) == (0, "agrees", False)
    assert (compared["meta"]["valid"], compared["match_rate"]) == (ORDERS, 1.0)
    (quality,) = found["qualities"]
    assert (quality["event_name"], quality["holds_down"]) == ("Purchase", "frequency")
    assert quality["coverage"] == {"email": 100.0, "phone": 0.0}
    tag = compared["upload"]["run_id"]
    assert reconciled(project, "--upload-tag", tag)[1]["compared"] == [compared]


def test_what_meta_lost_is_a_difference_after_a_day(project: Path, edge: str) -> None:
    assert tillpost(project, "send").returncode == 0
    WEB.delete(f"{edge}/sandbox/events").raise_for_status()
    code, found = reconciled(project)
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["events"]) == (0, "not_yet", ORDERS)
    two_days_pass(project)
    said = tillpost(project, "reconcile")
    assert said.returncode == 1
    assert f"Meta knows no such upload, and {ORDERS} events were accepted" in said.stdout
    rival_sends(edge, "R0", "R1", upload_tag=compared["upload"]["run_id"])
    said = tillpost(project, "reconcile")
    assert said.returncode == 1
    assert f"Meta counts {ORDERS - 2} events fewer than it accepted" in said.stdout
    assert "tillpost why" in said.stdout


def test_what_got_no_answer_and_arrived_is_told(project: Path, edge: str) -> None:
    set_edge(project, attempts=1)
    WEB.put(f"{edge}/sandbox/faults", json={"faults": {"dropped_stored": 1}}).raise_for_status()
    assert tillpost(project, "send").returncode == 4
    WEB.delete(f"{edge}/sandbox/faults").raise_for_status()
    said = tillpost(project, "reconcile")
    assert said.returncode == 1
    assert f"{ORDERS} events that got no answer arrived all the same" in said.stdout
    assert said.stdout.splitlines()[-1] == "1 upload of 1 differ"
    # Both ways out are tried: the next run sends them again, or a person does what is said here.
    by_hand = "tillpost ledger resolve --assume accepted --all"
    assert f"try: {by_hand}, where none is missing" in said.stdout
    unresolved = shutil.copy(project / LEDGER, project / "unresolved.duckdb")
    assert tillpost(project, *by_hand.split()[1:]).returncode == 0
    said = tillpost(project, "reconcile")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "1 of 1 upload agree")
    unresolved.replace(project / LEDGER)
    assert tillpost(project, "send").returncode == 0
    said = tillpost(project, "reconcile")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "2 of 2 uploads agree")
    assert f"{ORDERS} events Meta had already, and counts once" in said.stdout


def test_a_second_ledger_is_found_out(project: Path) -> None:
    assert tillpost(project, "send").returncode == 0
    (project / LEDGER).rename(project / "lost.duckdb")
    assert tillpost(project, "send").returncode == 0
    code, found = reconciled(project)
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["events"]) == (1, "twice", ORDERS)
    said = tillpost(project, "reconcile")
    assert f"Meta had {ORDERS} events already, and not from this ledger" in said.stdout
    assert "try: find who else sends these sales" in said.stdout


def test_a_forgotten_order_is_no_difference(project: Path) -> None:
    assert tillpost(project, "send").returncode == 0
    sale = UUID(hex=md5(b"sale1", usedforsecurity=False).hexdigest())
    with Ledger.open(project / LEDGER, clock=time.time) as ledger:
        ledger.forget([Sale(sale_key=str(sale), dataset_id="111")])
    assert ledger_rows(project, "select count(*) from keys") == [(ORDERS - 1,)]
    code, found = reconciled(project)
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["upload"]["accepted"]) == (0, "agrees", ORDERS)


def test_a_tag_that_the_ledger_does_not_know_is_asked_for(project: Path, edge: str) -> None:
    assert tillpost(project, "send").returncode == 0
    nobody = tillpost(project, "reconcile", "--upload-tag", "nobody")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert 'neither the ledger nor Meta knows the upload tag "nobody"' in nobody.stderr
    rival_sends(edge, "X1", "X2", upload_tag="rival")
    code, found = reconciled(project, "--run", "rival")
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["events"]) == (1, "more", 2)


def test_a_token_that_may_send_only_is_told_of(tmp_path: Path) -> None:
    with sandbox("--send-only") as address:
        project = sender(tmp_path / "shop", [Event(number=1)], edge=address)
        assert tillpost(project, "send").returncode == 0
        said = tillpost(project, "reconcile")
    assert said.returncode == 0
    assert "this token may send but not read, so that nothing can be compared" in said.stderr
    assert said.stdout.splitlines()[-1] == "0 of 1 upload agree, 1 cannot be read"


def test_each_dataset_is_read_with_its_own_token(edge: str, tmp_path: Path) -> None:
    events = [Event(number=n, dataset_id=name) for n, name in enumerate(["111", "222", "222"])]
    project = sender(tmp_path / "shop", events, edge=edge)
    assert tillpost(project, "send").returncode == 0
    both = {each["upload"]["dataset_id"]: each for each in reconciled(project)[1]["compared"]}
    assert {name: each["meta"]["valid"] for name, each in both.items()} == {"111": 1, "222": 2}
    set_edge(project, datasets={"222": {"access_token": RIVAL}})
    said = tillpost(project, "reconcile")
    assert said.returncode == 0
    assert "dataset 222: the edge refuses the token, so that nothing can be" in said.stderr
    assert said.stdout.splitlines()[-1] == "1 of 2 uploads agree, 1 cannot be read"
    assert RIVAL not in said.stdout + said.stderr


def test_a_bad_token_and_a_silent_edge_end_it(project: Path) -> None:
    assert tillpost(project, "send").returncode == 0
    set_edge(project, access_token=RIVAL)
    refused = tillpost(project, "reconcile")
    assert (refused.returncode, "refuses the token" in refused.stderr) == (5, True)
    set_edge(project, access_token="")
    missing = tillpost(project, "reconcile")
    assert (missing.returncode, "there is no access token" in missing.stderr) == (5, True)
    set_edge(project, access_token=RIVAL, attempts=1, graph_url="http://127.0.0.1:9")
    silent = tillpost(project, "reconcile")
    assert (silent.returncode, "does not answer" in silent.stderr) == (4, True)
    assert RIVAL not in refused.stdout + refused.stderr + silent.stderr


def test_a_run_under_way_is_not_disturbed(project: Path) -> None:
    assert tillpost(project, "send").returncode == 0
    run = Owner(pid=1, host="till", run_id="R9", command="send", started_at="2026-11-25T21:00:00Z")
    with run_lock(project / LEDGER, owner=run, wait=0):
        said = tillpost(project, "reconcile")
    assert (said.returncode, "R9" in said.stderr) == (4, True)
