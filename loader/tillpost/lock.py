"""The lock: one run at a time on a ledger, released by death and never by time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from tillpost.errors import Locked, UsageError
from tillpost.records import Owner


@contextmanager
def run_lock(ledger_path: Path, *, owner: Owner, wait: float) -> Iterator[None]:
    """Hold the ledger for this run, or raise `Locked` after waiting so many seconds."""
    owner_path = _beside(ledger_path, "owner")
    # Its fallback where a disk has no locks is a mark that outlives a dead run: none instead.
    lock = FileLock(_beside(ledger_path, "lock"), mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=wait)
        _write(owner_path, owner)
    except Timeout:
        raise Locked(
            f"{_named(owner_path)} holds the ledger",
            where=str(ledger_path),
            fix="wait until it has ended, then run the same command again",
        ) from None
    except OSError as error:
        lock.release()
        raise UsageError(
            "the ledger cannot be locked",
            where=str(ledger_path),
            why=str(error),
            fix="keep the ledger in a folder that you may write to, on a disk that has file locks",
        ) from error
    try:
        yield
    finally:
        owner_path.unlink(missing_ok=True)
        lock.release()


def _beside(ledger_path: Path, suffix: str) -> Path:
    return ledger_path.with_name(f"{ledger_path.name}.{suffix}")


def _write(path: Path, owner: Owner) -> None:
    """Write the owner in one step, so that nobody reads half of it."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(owner), file)
    part.replace(path)


def _named(path: Path) -> str:
    """The owner in words; a run that has only just taken the lock has not written its name."""
    try:
        owner = Owner(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return "another run"
    return (
        f"run {owner.run_id} ({owner.command}, process {owner.pid} on {owner.host}, "
        f"since {owner.started_at})"
    )
