"""What a name that a text asks for and that is not here may have meant."""

import re
from collections.abc import Iterable

from tillpost.errors import UsageError
from tillpost.project.yaml_file import did_you_mean

_ATTRIBUTE = re.compile(r"'(?P<of>[\w.]+) object' has no attribute '(?P<name>\w+)'")
_NAME = re.compile(r"'(?P<name>\w+)'")
_PACKAGES = "macros of packages are not installed here: copy what is needed into macros/"
_BEFORE = "all is rendered before anything runs: ask in SQL, or say it in a variable"
_DOCS = "docs/dbt.md says what of dbt's Jinja is here"
OF_DBT = {
    **dict.fromkeys(
        ("run_query", "statement", "load_result", "load_relation", "load_cached_relation"), _BEFORE
    ),
    **dict.fromkeys(("log", "print"), "take it out: a render says nothing"),
    "is_incremental": "take it out, with what it guards: each build makes all anew",
    "dbt": _PACKAGES,
    **dict.fromkeys(
        (
            *("modules", "tojson", "fromjson", "toyaml", "fromyaml", "zip", "zip_strict", "set"),
            *("set_strict", "local_md5", "invocation_id", "dbt_version", "flags", "builtins"),
            *("selected_resources", "schema", "database", "doc", "render", "thread_id", "context"),
        ),
        _DOCS,
    ),
}
"""Names that dbt has, and what to do here."""


def undefined(message: str, known: Iterable[str]) -> UsageError:
    """What to tell of Jinja's message, without the place."""
    if found := _ATTRIBUTE.search(message):
        is_text = found["of"] == "str"
        return UsageError(
            f'there is no "{found["name"]}" of this',
            why="ref, source, this and var give texts here" if is_text else "",
            fix=_DOCS,
        )
    name = _NAME.search(message)
    word = name["name"] if name else ""
    fix = OF_DBT.get(word) or (_PACKAGES if word.startswith("dbt_") else "")
    if fix and message.endswith("is undefined"):
        return UsageError(f'"{word}" is dbt\'s, and not here', fix=fix)
    near = did_you_mean(word, list(known)) if message.endswith("is undefined") else ""
    return UsageError(f"unknown macro or variable: {message}", fix=near)
