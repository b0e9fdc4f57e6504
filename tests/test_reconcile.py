"""Meta's counts beside the ledger's: what agrees, what differs, and what is said of it."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from project_harness import LEDGER, Table, make_project, tillpost
from sending_harness import sandbox, set_edge
from tillpost.ledger.uploads import Upload
from tillpost.pipeline.reconcile import COUNTING_SECONDS, Entries, Kind, compare

NOW = 2_000_000_000.0
ORDERS = 5


def upload(**counts: int) -> Upload:
    zero = dict.fromkeys(("accepted", "refused", "returned", "unanswered", "settled"), 0)
    last_at = NOW - counts.pop("age", COUNTING_SECONDS)
    return Upload(
        run_id="R1", dataset_id="1", first_at=last_at, last_at=last_at, **{**zero, **counts}
    )


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
        (upload(accepted=10), (13, 9, 3), Kind.agrees, 0),
        (upload(accepted=10), (10, 7, 3), Kind.agrees, 0),
        (upload(accepted=10), (12, 7, 5), Kind.agrees, 0),
        (upload(accepted=10), (20, 7, 5), Kind.more, 5),
    ],
)
def test_counts_are_compared(
    ours: Upload, meta: tuple[int, int, int], kind: Kind, events: int
) -> None:
    valid, matched, duplicate = meta
    entries = Entries(valid=valid, matched=matched, duplicate=duplicate)
    found = compare(ours, entries, now=NOW)
    assert (found.kind, found.events) == (kind, events)


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    day = datetime.now(UTC) - timedelta(days=1)
    rows = "".join(
        f"A{n},{day:%Y-%m-%d} 10:00:0{n},1{n}.50,EUR,ada{n}@lovelace.example\n"
        for n in range(ORDERS)
    )
    text = f"order_id,event_time,order_total,currency,email\n{rows}"
    folder = tmp_path_factory.mktemp("reconcile") / "shop"
    return make_project(
        folder, [Table(name="sales.rows", files={"one": text})], edge_url="http://127.0.0.1:9"
    )


@pytest.fixture
def project(laid_down: Path, tmp_path: Path) -> Path:
    return shutil.copytree(laid_down, tmp_path / "shop")


@pytest.fixture
def edge(project: Path) -> Iterator[str]:
    with sandbox() as address:
        set_edge(project, graph_url=address)
        yield address


def reconciled(project: Path, *words: str) -> tuple[int, dict[str, Any]]:
    said = tillpost(project, "reconcile", "--output", "json", *words)
    return said.returncode, json.loads(said.stdout)


def test_what_arrived_agrees(project: Path, edge: str) -> None:
    assert edge
    nothing = tillpost(project, "reconcile")
    assert (nothing.returncode, "nothing to compare" in nothing.stdout) == (0, True)
    assert tillpost(project, "run").returncode == 0
    said = tillpost(project, "reconcile")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[-1] == "1 of 1 upload agree"
    code, found = reconciled(project)
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["is_difference"]) == (0, "agrees", False)
    assert compared["meta"] == {"valid": ORDERS, "matched": ORDERS, "duplicate": 0}
    (quality,) = found["qualities"]
    assert (quality["event_name"], quality["coverage"]) == ("Purchase", {"em": 100.0})
    assert reconciled(project, "--run", "nobody")[1]["compared"] == []


def test_what_meta_lost_is_not_yet_a_difference(project: Path, edge: str) -> None:
    assert tillpost(project, "run").returncode == 0
    httpx.delete(f"{edge}/sandbox/events").raise_for_status()
    code, found = reconciled(project)
    (compared,) = found["compared"]
    assert (code, compared["kind"], compared["events"]) == (0, "not_yet", ORDERS)


def test_what_got_no_answer_and_arrived_is_told(project: Path, edge: str) -> None:
    set_edge(project, attempts=1)
    httpx.put(f"{edge}/sandbox/faults", json={"faults": {"dropped_stored": 1}}).raise_for_status()
    assert tillpost(project, "run").returncode == 4
    httpx.delete(f"{edge}/sandbox/faults").raise_for_status()
    said = tillpost(project, "reconcile")
    assert said.returncode == 1
    assert f"{ORDERS} events that got no answer arrived all the same" in said.stdout
    assert "try: tillpost ledger resolve --assume accepted" in said.stdout
    assert said.stdout.splitlines()[-1] == "1 upload of 1 differ"
    # The next run settles them: Meta knows them again, and counts them once.
    assert tillpost(project, "run").returncode == 0
    said = tillpost(project, "reconcile")
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "2 of 2 uploads agree")
    assert f"{ORDERS} events Meta had already, and counts once" in said.stdout


def test_a_second_ledger_is_found_out(project: Path, edge: str) -> None:
    assert edge
    assert tillpost(project, "run").returncode == 0
    (project / LEDGER).unlink()
    assert tillpost(project, "run").returncode == 0
    said = tillpost(project, "reconcile")
    assert f"{ORDERS} events Meta had already" in said.stdout


def test_a_token_that_may_send_only_is_told_of(project: Path) -> None:
    with sandbox("--send-only") as address:
        set_edge(project, graph_url=address)
        assert tillpost(project, "run").returncode == 0
        said = tillpost(project, "reconcile")
    assert said.returncode == 0
    assert "this token may send but not read, so that nothing can be compared" in said.stderr
    assert said.stdout.splitlines()[-1] == "0 of 1 upload agree, 1 cannot be read"


def test_a_bad_token_and_a_silent_edge_end_it(project: Path) -> None:
    with sandbox(good_token="GOOD-TOKEN-OF-SIZE") as address:
        set_edge(project, graph_url=address, access_token="GOOD-TOKEN-OF-SIZE")
        assert tillpost(project, "run").returncode == 0
        set_edge(project, access_token="ANOTHER-TOKEN-OF-SIZE")
        refused = tillpost(project, "reconcile")
    assert (refused.returncode, "refuses the token" in refused.stderr) == (5, True)
    set_edge(project, attempts=1, timeout=1)
    silent = tillpost(project, "reconcile")
    assert (silent.returncode, "does not answer" in silent.stderr) == (4, True)
    assert "ANOTHER-TOKEN" not in refused.stdout + refused.stderr + silent.stderr
