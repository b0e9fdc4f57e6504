"""What the gate costs: CPU time for 1,000 events, against reading them as JSON without a look.

Events of 1.1 KB with all eleven hashed fields, as the shipped models write them; then with one in
a hundred that only the slow way understands; then with nothing but those. They take turns, and
the best time of each counts. The share is of a send of 100 ms.

    .venv/bin/python benchmarks/gate.py [ROUNDS]
"""

import json
import platform
import sys
import time
from collections.abc import Callable
from hashlib import sha256

from tillpost.gate import breaches

EVENTS = 1000
ROUNDS = 30
SEND = 0.1
PAYLOAD_BYTES = 1100
LISTS = ("em", "ph", "external_id")
TEXTS = ("fn", "ln", "ge", "db", "ct", "st", "zp", "country")


def event(number: int) -> bytes:
    """One event of exactly that size."""
    hashes = {key: sha256(f"{key}{number}".encode()).hexdigest() for key in (*LISTS, *TEXTS)}
    content: dict[str, object] = {"id": f"ART-{number}", "quantity": 2, "item_price": 4.95}
    whole = {
        "event_name": "Purchase",
        "event_time": 1_795_168_800 + number,
        "action_source": "physical_store",
        "user_data": hashes | {key: [hashes[key]] for key in LISTS},
        "custom_data": {
            "value": number % 90 + 9.95,
            "currency": "EUR",
            "order_id": f"R-{number}",
            "contents": [content],
        },
    }
    content["title"] = "Käse "
    content["title"] = "Käse " + "x" * (PAYLOAD_BYTES - len(written(whole)))
    return written(whole)


def written(whole: object) -> bytes:
    """JSON as the models write it, without a space."""
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()


def events(*, unusual: int) -> bytes:
    """A batch in which one of so many events is not as the models write it; 0 means none."""
    each = [event(number) for number in range(EVENTS)]
    if unusual:
        each[::unusual] = [payload.replace(b"{", b"{ ", 1) for payload in each[::unusual]]
    return b",".join(each)


def seconds(call: Callable[[], object]) -> float:
    """CPU time of this thread alone, during which no other thread runs Python."""
    start = time.thread_time()
    call()
    return time.thread_time() - start


def main() -> None:
    """Time all, print a table for people and a line of JSON for machines."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    usual, some, none = events(unusual=0), events(unusual=100), events(unusual=1)
    first = seconds(lambda: breaches(b"{}", events=1))
    if any(breaches(payloads, events=EVENTS) for payloads in (usual, some, none)):
        raise RuntimeError("the gate refuses what it is timed with")
    calls: dict[str, Callable[[], object]] = {
        "reading JSON, no look": lambda: json.loads(b"[" + usual + b"]"),
        "as the models write": lambda: breaches(usual, events=EVENTS),
        "one in 100 unusual": lambda: breaches(some, events=EVENTS),
        "all unusual": lambda: breaches(none, events=EVENTS),
    }
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        best = {name: min(best[name], seconds(call)) for name, call in calls.items()}
    print(f"{EVENTS:,} events of {PAYLOAD_BYTES:,} bytes, best of {rounds}")
    for name, each in best.items():
        print(f"  {name:24}{each * 1000:7.2f} ms  {each / SEND:7.1%} of {SEND * 1000:.0f} ms")
    print(f"  {'once, to make ready':24}{first * 1000:7.2f} ms")
    milliseconds = {name: round(each * 1000, 2) for name, each in best.items()}
    print(json.dumps({"events": EVENTS, "machine": platform.machine(), "ms": milliseconds}))


if __name__ == "__main__":
    main()
