"""Where a target's ledger is: a DuckDB file of its own, or a schema beside the models."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tillpost.engines import Engine, TakesParquet
from tillpost.ledger import Book, Ledger
from tillpost.lock import run_lock
from tillpost.pipeline.workspace import Run, Workspace
from tillpost.records import Owner

DEFAULT_SCHEMA = "tillpost_ledger"
Clock = Callable[[], float]


def open_ledger(workspace: Workspace, *, clock: Clock) -> Book:
    """The target's ledger, made on the first use."""
    if workspace.profile.settings["type"] != "postgres":
        return Ledger.open(workspace.ledger_path, clock=clock)
    from tillpost.engines.postgres import address  # noqa: PLC0415  only where it is used
    from tillpost.ledger.postgres import PostgresLedger  # noqa: PLC0415

    settings = workspace.profile.settings
    return PostgresLedger.open(address(settings), schema=_schema(workspace), clock=clock)


def ledger_name(workspace: Workspace) -> str:
    """How messages call the target's ledger."""
    if workspace.profile.settings["type"] != "postgres":
        return str(workspace.ledger_path)
    return f"{workspace.profile.file}, schema {_schema(workspace)}"


def has_ledger(workspace: Workspace) -> bool:
    """Whether anything was written down yet; looking does not make a ledger."""
    if workspace.profile.settings["type"] != "postgres":
        return workspace.ledger_path.exists()
    with workspace.engine() as engine:
        _, found = engine.query(
            "select 1 from information_schema.tables"
            f" where table_schema = '{_schema(workspace)}' and table_name = 'entries'",
            where=ledger_name(workspace),
        )
    return bool(found)


@contextmanager
def ledger_lock(workspace: Workspace, *, owner: Owner, wait: float) -> Iterator[Callable[[], None]]:
    """Hold the target's ledger for a run; what is given raises once the lock is lost."""
    if workspace.profile.settings["type"] != "postgres":
        workspace.ledger_path.parent.mkdir(parents=True, exist_ok=True)
        with run_lock(workspace.ledger_path, owner=owner, wait=wait):
            yield lambda: None
        return
    from tillpost.engines.postgres import address  # noqa: PLC0415  only where it is used
    from tillpost.postgres_lock import postgres_lock  # noqa: PLC0415

    place = address(workspace.profile.settings)
    with postgres_lock(place, schema=_schema(workspace), owner=owner, wait=wait) as lock:
        yield lock.check


def load_snapshot(engine: Engine, ledger: Book, run: Run, *, relation: str, since_day: int) -> None:
    """Hand what stands in the ledger since a day, counted from 1970, to the models as a table."""
    if isinstance(ledger, Ledger) and isinstance(engine, TakesParquet):
        path = run.folder / "ledger_snapshot.parquet"
        digests = "varchar" if engine.dialect == "spark" else "uuid"
        ledger.snapshot(path, since_day=since_day, digest_type=digests)
        engine.load_parquet(relation, path)
        path.unlink()
    elif not isinstance(ledger, Ledger):
        engine.create(
            relation,
            ledger.snapshot_query(since_day=since_day),
            materialized="table",
            where="the ledger",
        )


def _schema(workspace: Workspace) -> str:
    return str(workspace.profile.settings.get("ledger", DEFAULT_SCHEMA))
