"""The contract of the final view: what the loader takes from it."""

import sqlglot
from sqlglot import exp

from tillpost.compiler import Manifest
from tillpost.engines import Engine
from tillpost.errors import CheckFailed, UsageError
from tillpost.project.yaml_file import did_you_mean

CONTRACT = (
    *("event_key", "sale_key", "payload_digest"),
    *("dataset_id", "event_time", "sendable_until", "payload"),
)
DIGESTS = CONTRACT[:3]
TIMES = ("event_time", "sendable_until")
FINAL = "events"


def require_contract(manifest: Manifest, *, dialect: str) -> None:
    """Make sure that the final view has the columns that are sent, before anything is built.

    Raises:
        UsageError: it lacks some, or there is no such model.
    """
    model = next((each for each in manifest.models if each.name == FINAL), None)
    if model is None:
        raise UsageError(
            f'there is no model "{FINAL}"',
            why="it is the final view, which the loader reads",
            fix=f"models/final/{FINAL}.sql with the columns {', '.join(CONTRACT)}",
        )
    tree = sqlglot.parse_one(model.sql, dialect=dialect)
    names = [name.lower() for name in tree.named_selects] if isinstance(tree, exp.Query) else []
    missing = [name for name in CONTRACT if name not in names]
    if missing and "*" not in names:
        unknown = [name for name in names if name not in CONTRACT]
        near = {name: did_you_mean(name, unknown) for name in missing}
        meant = [f"{name} for {other}" for name, other in near.items() if other]
        raise UsageError(
            "the final view lacks what the loader takes from it",
            where=model.path,
            why=f"it lacks: {', '.join(missing)}",
            fix=", ".join(meant) or f"select {', '.join(missing)} as well",
        )


def require_filled(engine: Engine, manifest: Manifest) -> None:
    """Make sure that nothing of what is sent is null: the project may have no test that says so.

    Raises:
        CheckFailed: it is in some rows.
    """
    model = next(each for each in manifest.models if each.name == FINAL)
    found = []
    for name in CONTRACT:
        # By itself: what has no null at all is known to the engine without a row.
        sql = f"select count(*) as nulls from {model.relation} where {name} is null"
        _, [(rows,)] = engine.query(sql, where=model.path)
        found += [f"{int(rows):,} rows: {name} is null"] if rows else []
    if found:
        raise CheckFailed(
            "the final view breaks its contract: nothing may be sent",
            where=model.path,
            why="\n".join(found),
            fix="mend the model; models/final/__final.yml says what each column is",
        )
