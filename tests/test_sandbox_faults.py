"""Faults on command, asked over real HTTP, and how they are chosen."""

import csv
import hashlib
import io
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from command_server import run
from sending_harness import sandbox as a_sandbox
from tillpost.sandbox.faults import POISON, STORES, Faults, Plan
from tillpost.sandbox.refusals import RefusedError
from tillpost.sandbox.store import deduplication_key

DATASET = "1234567890"
SLOW = 0.6
NOW = int(time.time())


def sale(order: str) -> dict[str, Any]:
    return {
        "event_name": "Purchase",
        "event_time": NOW - 3600,
        "action_source": "physical_store",
        "user_data": {"em": hashlib.sha256(order.encode()).hexdigest()},
        "custom_data": {"value": 9.95, "currency": "EUR", "order_id": order},
    }


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox and a client that may wait."""

    client: httpx.Client

    def send(self, *orders: str, tag: str = "") -> httpx.Response:
        body = {"data": [sale(order) for order in orders], "access_token": "t", "upload_tag": tag}
        return self.client.post(f"/v26.0/{DATASET}/events", json=body)

    def plan(self, *, seed: int = 7, **faults: float) -> None:
        body = {"seed": seed, "faults": faults}
        assert self.client.put("/sandbox/faults", json=body).status_code == 200

    def faults(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get("/sandbox/faults").json()
        return told

    def arrivals(self) -> dict[tuple[str, str], int]:
        rows = csv.DictReader(io.StringIO(self.client.get("/sandbox/keys").text))
        return {(row["dataset_id"], row["key"]): int(row["arrivals"]) for row in rows}

    def outcome(self, *orders: str, tag: str = "") -> str:
        """What the client can tell: the status, or how the connection ended."""
        try:
            return str(self.send(*orders, tag=tag).status_code)
        except httpx.TransportError as error:
            return type(error).__name__


@contextmanager
def sandbox(*options: str) -> Iterator[Sandbox]:
    """The sandbox as a command, which says nothing of its own inside."""
    said: list[str] = []
    with (
        a_sandbox(*options, said=said.append) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield Sandbox(client=client)
    assert not [text for text in said if "Traceback" in text or "ASGI" in text]


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with sandbox(f"--slow-seconds={SLOW}") as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Sandbox:
    running.client.delete("/sandbox/events")
    running.client.delete("/sandbox/faults")
    return running


LOOKS = {
    "error": {("500", 2), ("503", 2), ("500", 1)},
    "error_stored": {("500", 2), ("503", 2), ("500", 1)},
    "throttled": {*(("400", code) for code in (4, 17, 32, 613, 80004)), ("429", None)},
    "html": {("502", None), ("200", None)},
}


@pytest.mark.parametrize("kind", LOOKS)
def test_what_a_fault_says_instead_of_an_answer(box: Sandbox, kind: str) -> None:
    box.plan(**{kind: 1})
    answers = [box.send(f"{kind}-{number}") for number in range(80)]
    looks = {(str(answer.status_code), code_of(answer)) for answer in answers}
    assert looks == LOOKS[kind]
    assert len(box.arrivals()) == (len(answers) if STORES[kind] else 0)
    assert box.faults()["played"] == {kind: len(answers)}


def code_of(answer: httpx.Response) -> int | None:
    if answer.headers.get("content-type") != "application/json":
        return None
    error = answer.json()["error"]
    assert error["is_transient"]
    assert error["fbtrace_id"]
    code: int = error["code"]
    return code


def test_a_throttling_edge_says_how_long_in_metas_ways_or_not_at_all(box: Sandbox) -> None:
    box.plan(throttled=1)
    ways, minutes = Counter[str](), set()
    for number in range(100):
        headers = box.send(str(number)).headers
        ways.update(headers.keys() & {"retry-after", "x-app-usage", "x-business-use-case-usage"})
        if "x-app-usage" in headers:
            assert json.loads(headers["x-app-usage"])["call_count"] == 100
        if usage := headers.get("x-business-use-case-usage"):
            ((business,),) = json.loads(usage).values()
            assert business["call_count"] == 100
            minutes.add(business["estimated_time_to_regain_access"])
        assert headers.get("retry-after", "1") == "1"
    assert len(ways) == 3
    assert ways.total() < 100
    assert minutes == {0, 1}


@pytest.mark.parametrize("kind", ["dropped", "dropped_stored"])
def test_a_dropped_connection_ends_without_a_byte(box: Sandbox, kind: str) -> None:
    box.plan(**{kind: 1})
    for number in range(10):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            box.send(str(number))
    assert len(box.arrivals()) == (10 if STORES[kind] else 0)
    assert box.faults()["played"] == {kind: 10}


def test_a_late_answer_is_right_and_what_it_answers_stored_at_once(box: Sandbox) -> None:
    box.plan(timeout=1)
    begin = time.monotonic()
    assert box.send("late").json()["events_received"] == 1
    assert time.monotonic() - begin >= SLOW
    with pytest.raises(httpx.ReadTimeout):
        box.client.post(
            f"/v26.0/{DATASET}/events",
            json={"data": [sale("later")], "access_token": "t"},
            timeout=SLOW / 3,
        )
    assert len(box.arrivals()) == 2


def test_a_slow_answer_is_right_and_comes_bit_by_bit(box: Sandbox) -> None:
    box.plan(slow=1)
    body = {"data": [sale("slow")], "access_token": "t"}
    begin, pieces = time.monotonic(), []
    with box.client.stream("POST", f"/v26.0/{DATASET}/events", json=body) as answer:
        head = time.monotonic() - begin
        pieces = list(answer.iter_raw())
    assert head < 0.5
    assert time.monotonic() - begin > 0.8
    assert len(pieces) > 5
    assert json.loads(b"".join(pieces))["events_received"] == 1
    assert len(box.arrivals()) == 1


def test_answers_that_are_almost_right(box: Sandbox) -> None:
    box.plan(partial=1)
    assert box.send("a", "b", "c").json()["events_received"] == 2
    box.plan(warned=1)
    warned = box.send("d").json()
    assert (warned["events_received"], len(warned["messages"])) == (1, 1)
    assert len(box.arrivals()) == 4


def test_a_poisoned_event_is_refused_each_time_and_its_request_whole(box: Sandbox) -> None:
    box.plan(poison=0.3)
    looks = Counter[tuple[int, str]]()
    poisoned = [str(n) for n in range(200) if box.outcome(str(n)) == "400"]
    good = [str(n) for n in range(200) if str(n) not in poisoned]
    assert len(box.arrivals()) == len(good)
    for order in poisoned:
        error = box.send(good[0], order, good[1]).json()["error"]
        words = error["error_user_msg"]
        looks[error["error_subcode"], words.partition("]")[2].partition("[")[2][:1]] += 1
        assert error["code"] == 100
    assert looks.keys() == {(2804019, "1"), (2804019, "2"), *LOST}
    assert set(box.arrivals().values()) == {1}
    assert box.faults()["played"] == {"poison": 2 * len(poisoned)}


LOST = {(subcode, "") for subcode in (2804050, 2804003, 2804009)}


def test_nothing_is_stored_of_a_poisoned_event_under_any_other_fault(box: Sandbox) -> None:
    for kind in STORES.keys() - {"timeout", "slow"}:
        box.plan(poison=1, **{kind: 1})
        box.outcome(kind)
        assert box.faults()["played"] == {"poison" if STORES[kind] else kind: 1}
    assert box.arrivals() == {}


def test_the_same_seed_plays_the_same_whatever_came_in_between(box: Sandbox) -> None:
    faults = {"error": 0.2, "dropped": 0.2, "dropped_stored": 0.1, "throttled": 0.2, "poison": 0.1}
    orders = [f"{number}" for number in range(25)]

    def play(seed: int, tag: str, orders: list[str]) -> dict[str, list[str]]:
        box.plan(seed=seed, **faults)
        told: dict[str, list[str]] = {order: [] for order in orders}
        for _ in range(3):
            for order in orders:
                told[order].append(box.outcome(order, "with " + order, tag=tag))
        return told

    first = play(3, "one", orders)
    assert play(3, "two", orders[::-1]) == first
    assert play(4, "one", orders) != first
    assert any(len(set(outcomes)) > 1 for outcomes in first.values())


def test_a_set_of_events_is_the_same_in_any_order(box: Sandbox) -> None:
    for seed in range(20):
        box.plan(seed=seed, error=0.5)
        first = box.outcome("a", "b", "c")
        box.plan(seed=seed, error=0.5)
        assert box.outcome("c", "a", "b") == first


def test_retries_succeed_sooner_or_later(box: Sandbox) -> None:
    box.plan(error=0.5, html=0.2)
    for number in range(10):
        tries = [box.send(str(number)).headers["content-type"] for _ in range(40)]
        assert "application/json" in tries
    assert len(box.arrivals()) == 10


SHARES = {kind: 0.015 * (number + 1) for number, kind in enumerate(STORES)} | {POISON: 0.1}
KEYS = [hashlib.md5(str(number).encode()).digest() for number in range(2_000)]  # noqa: S324  no secret


def is_about(times: int, *, share: float, of: int) -> bool:
    return abs(times - of * share) < 3 * math.sqrt(of * share * (1 - share))


def test_shares_are_about_what_was_asked_for() -> None:
    faults = Faults(Plan(seed=11, shares=SHARES))
    met, named = Counter[str](), Counter[str]()
    for key in KEYS:
        if fault := faults.meet(DATASET, [key]):
            met[fault.kind] += 1
        try:
            faults.check([key])
        except RefusedError as refused:
            named[refused.refusal.words.partition("]")[2][:2]] += 1
    met[POISON] = named.total()
    assert faults.played == {POISON: met[POISON]}
    assert [kind for kind in SHARES if not is_about(met[kind], share=SHARES[kind], of=2_000)] == []
    assert is_about(named["[1"], share=0.2, of=named.total()), "names another event"


def test_faults_are_put_read_and_ended(box: Sandbox) -> None:
    box.plan(seed=5, error=1)
    assert box.send("x").status_code in {500, 503}
    assert box.faults() == {"seed": 5, "faults": {"error": 1}, "played": {"error": 1}}
    assert box.client.delete("/sandbox/faults").status_code == 204
    assert box.send("x").json()["events_received"] == 1
    assert box.faults() == {"seed": 5, "faults": {}, "played": {"error": 1}}
    box.plan(html=0.5)
    assert box.faults() == {"seed": 7, "faults": {"html": 0.5}, "played": {}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"faults": {"bogus": 0.1}}, "one of error, error_stored"),
        ({"faults": {"error": 1.01}}, "error is no number from 0 to 1"),
        ({"faults": {"error": -0.1}}, "from 0 to 1"),
        ({"faults": {"error": "0.1"}}, "from 0 to 1"),
        ({"faults": {"error": True}}, "from 0 to 1"),
        ({"faults": {"error": 0.6, "html": 0.5}}, "add up to 1.1"),
        ({"faults": {}, "seed": "x"}, "seed"),
        ({"faults": {}, "sed": 1}, "The body must be"),
        ({"faults": []}, "The body must be"),
        ([], "object"),
    ],
)
def test_faults_that_cannot_be_played_change_nothing(
    box: Sandbox, body: object, words: str
) -> None:
    box.plan(html=0.25)
    answer = box.client.put("/sandbox/faults", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert box.faults()["faults"] == {"html": 0.25}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("bogus=0.1", "knows no fault 'bogus'"),
        ("error", "error is no number from 0 to 1"),
        ("error=20", "error is no number from 0 to 1"),
        ("error=101%", "error is no number from 0 to 1"),
        ("error=nan", "error is no number from 0 to 1"),
        ("error=x%", "error is no number from 0 to 1"),
    ],
)
def test_a_command_that_cannot_be_played_lists_the_kinds(fault: str, words: str) -> None:
    done = run("sandbox", "--port", "0", "--fault", fault)
    assert done.returncode == 2
    assert words in done.stderr
    assert all(kind in done.stderr for kind in (*STORES, POISON))


def test_the_command_takes_shares_in_both_forms() -> None:
    with sandbox("--seed", "9", "--fault", "error=20%", "--fault", "poison=0.01") as box:
        assert box.faults() == {"seed": 9, "faults": {"error": 0.2, "poison": 0.01}, "played": {}}


def test_it_stops_at_once_and_quietly_while_a_client_waits_for_a_late_answer() -> None:
    with sandbox("--fault", "timeout=1", "--slow-seconds", "60") as box:
        # A client of its own: that of the box goes away before the sandbox is stopped.
        other = Sandbox(client=httpx.Client(base_url=box.client.base_url, timeout=60))
        outcomes: list[str] = []
        waiting = threading.Thread(target=lambda: outcomes.append(other.outcome("late")))
        waiting.start()
        while not box.arrivals():
            time.sleep(0.01)
        begin = time.monotonic()
    assert time.monotonic() - begin < 3
    waiting.join()
    other.client.close()
    assert outcomes[0] in {"RemoteProtocolError", "ReadError"}


def test_keys_are_counted_each_time_they_arrive_and_never_forgotten(box: Sandbox) -> None:
    for orders in (("a", "b"), ("a", "a"), ("c",)):
        box.send(*orders)
    keys = {order: deduplication_key(sale(order)).hex() for order in "abc"}
    assert box.arrivals() == {
        (DATASET, keys["a"]): 3,
        (DATASET, keys["b"]): 1,
        (DATASET, keys["c"]): 1,
    }
