"""A column as YAML declares it, and what is said of it under ``meta``."""

from typing import Any

from tillpost.errors import UsageError
from tillpost.project.keys import COLUMN, COLUMN_CONFIG, key_errors
from tillpost.project.yaml_file import did_you_mean, mapping


def column_errors(columns: list[dict[str, Any]], *, where: str) -> list[UsageError]:
    """An error for each column without a name, and each key that would be passed over.

    A tag that is misspelled would protect nobody.
    """
    errors = []
    for column in columns:
        here = f"{where}.{column['name']}" if column.get("name") else where
        if not column.get("name"):
            errors.append(UsageError('a column needs a "name"', where=where))
        errors += key_errors(column, COLUMN, where=here)
        config = mapping(column.get("config"), where=here, key="config")
        errors += key_errors(config, COLUMN_CONFIG, where=here)
        errors += [
            UsageError(f'a column\'s meta has "{key}"', where=here, fix="pii")
            for key in meta_of(column, where=here)
            if key != "pii" and did_you_mean(str(key).strip().lower(), ["pii"])
        ]
    return errors


def meta_of(entry: dict[str, Any], *, where: str) -> dict[str, Any]:
    """An entry's ``meta``, also where newer dbt wants it: under ``config``."""
    config = mapping(entry.get("config"), where=where, key="config")
    return mapping(entry.get("meta"), where=where, key="meta") | mapping(
        config.get("meta"), where=where, key="config.meta"
    )
