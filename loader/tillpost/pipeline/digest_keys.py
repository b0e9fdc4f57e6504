"""The key of `keyed_digest` in a run: who needs it, and that it is the ledger's own."""

import re
from typing import TYPE_CHECKING

from tillpost.compiler import CompiledModel, Manifest
from tillpost.engines import open_engine
from tillpost.errors import Place, UsageError
from tillpost.pipeline.clocks import wall_clock
from tillpost.pipeline.workspace import Workspace
from tillpost.project.digest_key import NAME, fingerprint

if TYPE_CHECKING:
    from tillpost.ledger import Book

# How the engines' texts of the intrinsic name it.
_READ = re.compile(r"\w+\('tillpost[._]digest_key'\)")
_CALL = "keyed_digest("
_FIX = f"{NAME}: \"{{{{ env_var('TILLPOST_DIGEST_KEY') }}}}\" beside type: docs/privacy.md"


def require_key(workspace: Workspace, manifest: Manifest) -> str:
    """The fingerprint of the key that a build digests with; empty where no model asks for one.

    Raises:
        UsageError: a model asks and there is no key, or it is not the ledger's.
    """
    # DuckDB takes its time, and who only compiles needs none.
    from tillpost.pipeline.ledgers import ledger_place  # noqa: PLC0415

    users = [model for model in manifest.models if _READ.search(model.sql)]
    key = workspace.profile.opened().get(NAME) if users else None
    if users and not key:
        raise UsageError(
            "keyed_digest has no key",
            where=_place(workspace, users[0]),
            why=f"{workspace.profile.file} has no {NAME}, and without one anybody could make"
            " the same digest",
            fix=_FIX,
        )
    used = fingerprint(key) if key else ""
    place = ledger_place(workspace)
    if place.exists():
        with place.open(clock=wall_clock) as ledger:
            require_known(ledger, used)
    return used


def require_known(ledger: "Book", used: str) -> None:
    """Make sure that orders have the ids under which the ledger knows them.

    Raises:
        UsageError: they were digested with another key, or with none.
    """
    known = ledger.digest_key()
    if known == used:
        return
    if not known:
        _require_empty(ledger)
        return
    raise UsageError(
        f"this build digests order ids with {'another key' if used else 'no key'},"
        " and the ledger knows them by its own",
        where=ledger.where,
        why="every order would have a new id, and be sent again",
        fix=f"put the key back as {NAME}; a new ledger in the profile starts over, and sends"
        " again all orders that can still be sent",
    )


def _require_empty(ledger: "Book") -> None:
    """Orders that went in clear, or are another ledger's, would go again under their digests."""
    if ledger.is_empty():
        return
    raise UsageError(
        "this build digests order ids with a key that the ledger does not know yet",
        where=ledger.where,
        why="every order that it knows by another id would be sent again",
        fix="see that staging takes none of them, then tillpost ledger adopt-key: docs/privacy.md",
    )


def adopt_key(workspace: Workspace, ledger: "Book") -> bool:
    """Make the profile's key the ledger's, on a person's word; says whether it was not before.

    Raises:
        UsageError: the profile has none, or the ledger has another.
    """
    key = workspace.profile.opened().get(NAME)
    if not key:
        raise UsageError(f"there is no {NAME}", where=workspace.profile.file, fix=_FIX)
    used = fingerprint(key)
    if not ledger.digest_key():
        ledger.keep_digest_key(used)
        return True
    require_known(ledger, used)
    return False


def without_key(sql: str) -> str:
    """The same SQL for an engine, in which nothing reads the key."""
    return _READ.sub("''", sql)


def order_ids(workspace: Workspace, order_id: str) -> tuple[str, ...]:
    """What a person may mean by an order id: the id as it stands, and its digest."""
    digest = digested(workspace, order_id)
    return (order_id, digest) if digest else (order_id,)


def digested(workspace: Workspace, order_id: str) -> str:
    """An order id as the project's key digests it; empty where the profile has no key.

    It is computed in memory, by the macro that the models use; the id is nowhere in its text.
    """
    key = workspace.profile.opened().get(NAME)
    if not key:
        return ""
    settings = {"type": "duckdb", NAME: key}
    with open_engine(settings, root=workspace.project.root, where="a digest") as engine:
        engine.execute("create temp table given (order_id varchar)", where="a digest")
        # No database holds half a sign.
        engine.insert("given", [(order_id.encode(errors="ignore").decode(),)])
        sql = "select {{ keyed_digest('order_id') }} as order_id from given"
        text = workspace.compiler.text(
            sql, path="macros/intrinsics/keyed_digest.sql", dialect="duckdb"
        )
        _, [(found,)] = engine.query(text, where="macros/intrinsics/keyed_digest.sql")
    return str(found or "")


def _place(workspace: Workspace, model: CompiledModel) -> Place:
    """The line of a model that asks for the key; its file where one of its macros does."""
    lines = enumerate(workspace.project.models[model.name].sql.splitlines(), 1)
    found = next((number for number, line in lines if _CALL in line), 0)
    return Place(file=model.path, line=found)
