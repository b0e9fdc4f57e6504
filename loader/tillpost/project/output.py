"""What one output of a profile may say, checked before anything is opened."""

import re
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.yaml_file import unknown_keys

KEYS = frozenset({"type", "path", "schema", "threads", "settings", "attach", "ledger", "edge"})
# dbt-duckdb reads these and Tillpost does not: they may stand there for its sake.
OF_DBT = frozenset(
    {
        *("database", "extensions", "secrets", "plugins", "filesystems", "external_root"),
        *("config_options", "retries", "keep_open", "disable_transactions", "module_paths"),
    }
)


def output_errors(output: dict[str, Any], *, where: str) -> list[UsageError]:
    """An error for each key that is unknown, or has a value that it cannot have."""
    given = [key for key in output if key not in OF_DBT]
    errors = unknown_keys(given, KEYS, where=where, of="an output")
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
            '"settings" must be a mapping of DuckDB\'s settings',
        ),
        (
            isinstance(attached, list) and all(_is_attachment(each) for each in attached),
            '"attach" must be a list, each with "path" and a plain name as "alias"',
        ),
    )
    return errors + [UsageError(words, where=where) for good, words in checks if not good]


def _is_attachment(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and bool(re.fullmatch(r"[A-Za-z_]\w*", str(entry.get("alias", ""))))
    )
