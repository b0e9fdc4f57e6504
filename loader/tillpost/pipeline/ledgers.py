"""Where a target's ledger is: a DuckDB file of its own, or a schema beside the models."""

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tillpost.engines import Engine, ExchangesParquet, TakesParquet
from tillpost.ledger import Book, Ledger
from tillpost.lock import run_lock
from tillpost.pipeline.workspace import Run, Workspace, new_run_id
from tillpost.records import Owner

DEFAULT_SCHEMA = "tillpost_ledger"


class Place(Protocol):
    """Where a ledger is; ``str`` is what messages call it."""

    def exists(self) -> bool:
        """Whether anything was written down yet; looking does not make a ledger."""

    def open(self, *, clock: Callable[[], float]) -> Book:
        """The ledger, made on the first use; the clock gives epoch seconds."""

    def lock(self, *, owner: Owner, wait: float) -> AbstractContextManager[None]:
        """Hold the ledger for a run."""


def owner_of(workspace: Workspace, command: str, *, run_id: str = "") -> Owner:
    """Who holds a ledger: this process, under a run's id or one of its own."""
    now = workspace.options.now
    return Owner(
        pid=os.getpid(),
        host=socket.gethostname(),
        run_id=run_id or new_run_id(now),
        command=command,
        started_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
    )


def ledger_place(workspace: Workspace) -> Place:
    """Where the target's ledger is."""
    settings = workspace.profile.settings
    if settings["type"] != "postgres" and not isinstance(settings.get("ledger"), dict):
        return File(path=workspace.ledger_path)
    settings = workspace.profile.opened()
    ledger = settings.get("ledger")
    from tillpost.engines.postgres import address  # noqa: PLC0415  only where it is used

    there, name = (ledger, ledger.get("schema")) if isinstance(ledger, dict) else (settings, ledger)
    return Schema(
        address=address(there), name=str(name or DEFAULT_SCHEMA), profile=workspace.profile.file
    )


@dataclass(frozen=True, kw_only=True)
class File:
    """A DuckDB file."""

    path: Path

    def __str__(self) -> str:
        """Its path."""
        return str(self.path)

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def open(self, *, clock: Callable[[], float]) -> Ledger:
        """Open the file."""
        return Ledger.open(self.path, clock=clock)

    def lock(self, *, owner: Owner, wait: float) -> AbstractContextManager[None]:
        """Hold a lock beside the file, which nothing but death takes away."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return run_lock(self.path, owner=owner, wait=wait)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A schema in PostgreSQL; the address may hold a password."""

    address: str
    name: str
    profile: str

    def __str__(self) -> str:
        """The profile's output and the schema's name, nothing of the address."""
        return f"{self.profile}, schema {self.name}"

    __repr__ = __str__

    def exists(self) -> bool:
        """Whether the schema has a ledger's tables."""
        from tillpost.ledger.postgres import has_ledger  # noqa: PLC0415  only where it is used

        return has_ledger(self.address, schema=self.name)

    def open(self, *, clock: Callable[[], float]) -> Book:
        """Connect."""
        from tillpost.ledger.postgres import PostgresLedger  # noqa: PLC0415

        return PostgresLedger.open(self.address, schema=self.name, clock=clock)

    def lock(self, *, owner: Owner, wait: float) -> AbstractContextManager[None]:
        """Hold a lock in a session of its own; if that is lost, the ledger's fence holds."""
        from tillpost.postgres_lock import postgres_lock  # noqa: PLC0415

        return postgres_lock(self.address, schema=self.name, owner=owner, wait=wait)


def load_snapshot(engine: Engine, ledger: Book, run: Run, *, relation: str, since_day: int) -> None:
    """Hand what stands in the ledger since a day, counted from 1970, to the models as a table."""
    if isinstance(engine, TakesParquet):
        path = _spill_file(run, "ledger")
        digests = "varchar" if engine.dialect == "spark" else "uuid"
        ledger.snapshot(path, since_day=since_day, digest_type=digests, threads=engine.threads)
        engine.load_parquet(relation, path)
        path.unlink()
    elif not isinstance(ledger, Ledger):
        engine.create(
            relation,
            ledger.snapshot_query(since_day=since_day),
            materialized="table",
            where="the ledger",
        )


def load_forgotten(engine: TakesParquet, ledger: Ledger, run: Run, *, relation: str) -> None:
    """Hand over as much of the ledger as models need before they know their keys."""
    path = _spill_file(run, "ledger")
    ledger.forgotten(path)
    engine.load_parquet(relation, path)
    path.unlink()


def load_asked(  # noqa: PLR0913  of which keys, from where to where
    engine: ExchangesParquet,
    ledger: Ledger,
    run: Run,
    *,
    keys: str,
    relation: str,
    since_day: int,
) -> None:
    """Hand over what stands of the keys that a relation holds; of most the ledger knows nothing."""
    given, path = _spill_file(run, "keys"), _spill_file(run, "ledger")
    engine.save_parquet(keys, given)
    ledger.snapshot_of(given, path, since_day=since_day, threads=engine.threads)
    given.unlink()
    engine.load_parquet(relation, path)
    path.unlink()


def _spill_file(run: Run, name: str) -> Path:
    """A file in the one folder beside the sources that DuckDB may use while models run."""
    path = run.folder.parents[1] / "spill" / f"{run.id}.{name}.parquet"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
