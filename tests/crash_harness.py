"""Crashes: events to send, a faulty sandbox, a loader that is killed at random and restarted."""

import csv
import io
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sending_harness import TILLPOST, WEB, sandbox
from tillpost.sandbox.store import deduplication_key

DATASETS = ("111", "222")
IN_FLIGHT = 4
GROUPS = 3
"""Groups of batches that may be written down as leaving at once."""
FAULTS = {
    **dict.fromkeys(("error", "error_stored", "dropped", "dropped_stored"), 0.04),
    **dict.fromkeys(("throttled", "html", "slow", "partial"), 0.01),
}
"""A fifth of all requests."""
UNANSWERED = ("error_stored", "dropped_stored", "timeout", "partial")
LONGEST_STORY = 1_800
LONGEST_LIFE = 2.5

# Portable: a third of the events is of the last week, the others are older; two datasets.
EVENTS = """
select
    cast(md5('event' || n) as uuid) as event_key,
    cast(md5('sale' || n) as uuid) as sale_key,
    cast(md5('payload' || n) as uuid) as payload_digest,
    case when n % 3 = 0 then '111' else '222' end as dataset_id,
    {now} - 3600 - (n % 30) * 86400 - n as event_time,
    {now} - 3600 - (n % 30) * 86400 - n + 62 * 86400 as sendable_until,
    '{{"event_name":"Purchase","event_time":'
        || cast({now} - 3600 - (n % 30) * 86400 - n as varchar)
        || ',"action_source":"physical_store","user_data":{{"em":"'
        || md5('a' || n) || md5('b' || n)
        || '"}},"custom_data":{{"value":9.95,"currency":"EUR","order_id":"R' || n || '"}}}}'
        as payload
from ({numbers}) as numbered
"""


@dataclass(kw_only=True)
class Story:
    """What happened until everything was settled."""

    kills: int = 0
    starts: int = 0
    codes: Counter[int] = field(default_factory=Counter)


def make_sender(folder: Path, output: dict[str, Any], *, edge: str, batch_size: int) -> Path:
    """A project that sends a relation, to be killed."""
    folder.mkdir(exist_ok=True)
    (folder / "dbt_project.yml").write_text("name: sender\nprofile: tillpost\n")
    block = {
        "graph_url": edge,
        "version": "v26.0",
        "access_token": "sandbox",
        "max_in_flight": IN_FLIGHT,
        "batch_size": batch_size,
        "timeout": 2,
        "attempts": 3,
        "max_refused_share": 0.5,
    }
    profile = {"tillpost": {"target": "them", "outputs": {"them": {**output, "edge": block}}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    return folder


def killed_until_done(
    project: Path, *, kills: int, seed: int, is_done: Callable[[], bool]
) -> Story:
    """Start `send` again and again, kill it at random, and at last let it end its work."""
    chance = random.Random(seed)  # noqa: S311  a failing story must repeat
    story, until = Story(), time.monotonic() + LONGEST_STORY
    words = [*TILLPOST, "send", "--quiet", "--wait", "20"]
    while not (is_done() and story.codes):
        assert time.monotonic() < until, story
        story.starts += 1
        with subprocess.Popen(
            words, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                patience = (
                    chance.uniform(0.4, LONGEST_LIFE) if story.kills < kills else LONGEST_STORY
                )
                _, err = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                story.kills += 1
                continue
        assert "Traceback" not in err
        assert process.returncode in {0, 3, 4}, err
        story.codes[process.returncode] += 1
    return story


def keys_of(payloads: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Meta's key of each event, with its dataset."""
    return {
        (dataset, deduplication_key(json.loads(payload)).hex()) for dataset, payload in payloads
    }


def arrivals(address: str) -> Counter[tuple[str, str]]:
    """How often each key of Meta's arrived at the sandbox and was stored or known there."""
    text = WEB.get(f"{address}/sandbox/keys", timeout=60).text
    rows = csv.DictReader(io.StringIO(text))
    return Counter({(row["dataset_id"], row["key"]): int(row["arrivals"]) for row in rows})


def stored(address: str) -> int:
    """How many events the sandbox counts, those that Meta would count."""
    shelves = WEB.get(f"{address}/sandbox/summary", timeout=60).json()
    return sum(each["stored"] for each in shelves.values())


def played(address: str) -> Counter[str]:
    """How many faults of each kind the sandbox played."""
    return Counter(WEB.get(f"{address}/sandbox/faults").json()["played"])


def faulty_sandbox(*, seed: int, faults: dict[str, float]) -> AbstractContextManager[str]:
    """The sandbox on a free port, with faults."""
    shares = (f"--fault={kind}={share}" for kind, share in faults.items())
    return sandbox("--seed", str(seed), *shares)
