"""The lock, between real processes: one run a ledger, released by death."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tillpost.errors import Locked, UsageError
from tillpost.lock import run_lock
from tillpost.records import Owner

OWNER = Owner(
    pid=os.getpid(), host="here", run_id="run-2", command="run", started_at="2026-11-23T10:00:00Z"
)
HOLD = """
import os, sys
from pathlib import Path
from tillpost.lock import run_lock
from tillpost.records import Owner
owner = Owner(
    pid=os.getpid(), host="there", run_id="run-1", command="send", started_at="2026-11-23T09:00:00Z"
)
with run_lock(Path(sys.argv[1]), owner=owner, wait=0):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(ledger: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(ledger)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_run_is_told_who_holds_it(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.duckdb"
    with another_process(ledger) as holder:
        with pytest.raises(Locked) as caught, run_lock(ledger, owner=OWNER, wait=0):
            pass
        for name in ("run-1", "send", str(holder.pid), "there", "2026-11-23T09:00:00Z"):
            assert name in str(caught.value)
    assert caught.value.exit_code == 4


def test_death_releases_and_the_dead_owners_name_is_overwritten(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.duckdb"
    named = tmp_path / "ledger.duckdb.owner"
    with another_process(ledger) as holder:
        holder.kill()
        holder.wait()
    assert json.loads(named.read_text())["run_id"] == "run-1"
    with run_lock(ledger, owner=OWNER, wait=0):
        assert json.loads(named.read_text())["run_id"] == "run-2"
        assert (named.stat().st_mode & 0o777) == 0o600
    assert not named.exists()


def test_a_run_may_wait_for_another_to_end(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.duckdb"
    with another_process(ledger) as holder:
        began = time.monotonic()
        with pytest.raises(Locked), run_lock(ledger, owner=OWNER, wait=0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 5
        assert holder.stdin
        holder.stdin.close()
        with run_lock(ledger, owner=OWNER, wait=10):
            pass


def test_it_is_released_after_an_error(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.duckdb"
    with pytest.raises(KeyError), run_lock(ledger, owner=OWNER, wait=0):
        raise KeyError
    with run_lock(ledger, owner=OWNER, wait=0):
        pass


@pytest.mark.parametrize("text", ["", '{"pid": 1}'])
def test_a_holder_without_a_readable_name_still_holds(tmp_path: Path, text: str) -> None:
    ledger = tmp_path / "ledger.duckdb"
    with another_process(ledger):
        (tmp_path / "ledger.duckdb.owner").write_text(text)
        with pytest.raises(Locked, match="another run"), run_lock(ledger, owner=OWNER, wait=0):
            pass


def test_a_place_that_cannot_hold_a_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger = tmp_path / "file" / "ledger.duckdb"
    with pytest.raises(UsageError, match="cannot be locked"), run_lock(ledger, owner=OWNER, wait=0):
        pass
