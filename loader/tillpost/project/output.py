"""What one output of a profile may say, checked before anything is opened."""

import re
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.alerts import alert_errors
from tillpost.project.secrets import secret_keys, way_errors
from tillpost.project.yaml_file import unknown_keys

COMMON = frozenset(
    {
        *("type", "schema", "threads", "settings", "ledger", "relation", "edge", "alerts"),
        *secret_keys("digest_key"),
    }
)
KEYS = {
    "duckdb": frozenset({"path", "attach"}),
    "postgres": frozenset(
        {
            *("host", "port", "user", "pass", "dbname", "database", "role"),
            *secret_keys("password"),
            *("sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout", "keepalives_idle"),
        }
    ),
    "spark": frozenset({"url"}),
}
# dbt's adapters read these and Tillpost does not: they may stand there for their sake.
OF_DBT = {
    "duckdb": frozenset(
        {
            *("database", "extensions", "secrets", "plugins", "filesystems", "external_root"),
            *("config_options", "retries", "keep_open", "disable_transactions", "module_paths"),
        }
    ),
    "postgres": frozenset({"retries", "search_path"}),
    "spark": frozenset(
        {
            *("method", "host", "port", "user", "token", "cluster", "organization", "endpoint"),
            *("driver", "connect_retries", "connect_timeout", "retry_all"),
            "server_side_parameters",
        }
    ),
}


def known_keys(engine: object) -> frozenset[str]:
    """What an output of this ``type`` may say; DuckDB's where there is no such engine."""
    return COMMON | KEYS.get(str(engine), KEYS["duckdb"])


def output_errors(output: dict[str, Any], *, where: str) -> list[UsageError]:
    """An error for each key that is unknown, or has a value that it cannot have."""
    known = known_keys(output.get("type"))
    of_dbt = OF_DBT.get(str(output.get("type")), OF_DBT["duckdb"])
    given = [key for key in output if key not in of_dbt]
    errors = unknown_keys(given, known, where=where, of="an output")
    threads = output.get("threads", 1)
    attached = output.get("attach") or []
    checks = (
        (
            isinstance(threads, int) and not isinstance(threads, bool) and threads >= 1,
            '"threads" must be a whole number, 1 or more',
        ),
        (
            re.fullmatch(r"[A-Za-z_]\w*", str(output.get("schema", "main"))),
            '"schema" must be a plain name',
        ),
        (
            isinstance(output.get("settings") or {}, dict),
            '"settings" must be a mapping of the engine\'s settings',
        ),
        (
            re.fullmatch(r"\w*", str(output.get("role") or "")),
            '"role" must be a plain name',
        ),
        *_ledger_checks(output),
        (
            re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", str(output.get("relation", "events"))),
            '"relation" must be the name of a table or view, plain or with its schema',
        ),
        (
            isinstance(attached, list) and all(_is_attachment(each) for each in attached),
            '"attach" must be a list, each with "path" and a plain name as "alias"',
        ),
    )
    errors += [UsageError(words, where=where) for good, words in checks if not good]
    errors += way_errors(output, "password", "digest_key", where=where)
    return errors + alert_errors(output, where=where)


def _ledger_checks(output: dict[str, Any]) -> tuple[tuple[object, str], ...]:
    """What a ledger in PostgreSQL must be: a schema there, or one with its own address."""
    ledger = output.get("ledger")
    name = ledger.get("schema") if isinstance(ledger, dict) else ledger
    elsewhere = known_keys("postgres") - COMMON | {"type", "schema"}
    return (
        (
            not (output.get("type") == "postgres" or isinstance(ledger, dict))
            or re.fullmatch(r"[A-Za-z_]\w*", str(name or "tillpost_ledger")),
            '"ledger" must be a plain name: that of the ledger\'s schema',
        ),
        (
            not (output.get("type") == "postgres" and isinstance(ledger, dict)),
            '"ledger" of a target in PostgreSQL is a schema there, by its name: models read it',
        ),
        (
            not isinstance(ledger, dict)
            or (ledger.get("type") == "postgres" and set(ledger) <= elsewhere),
            f'"ledger" elsewhere is of type postgres; there are: {", ".join(sorted(elsewhere))}',
        ),
    )


def _is_attachment(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and bool(re.fullmatch(r"[A-Za-z_]\w*", str(entry.get("alias", ""))))
    )
