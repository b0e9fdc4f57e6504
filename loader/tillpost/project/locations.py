"""An ``external_location``: one call or one query, and the files that it declares to read."""

import re

from tillpost.errors import UsageError

# What a location is made of; texts and names in quotes hold no brackets.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<bad>;|--|/\*|\$\$|['\"])|.",
    re.DOTALL,
)
_TEXT = re.compile(r"(?P<option>=\s*)?'(?P<text>(?:[^']|'')*)'")
# They tell settings, secrets and variables, or read what a text says.
_REACHING = re.compile(
    r"\b(getenv|getvariable|current_setting|query(_table)?|(duckdb|pragma|which)_\w+)\"?\s*\(",
    re.IGNORECASE,
)
_CALL = re.compile(r"\s*(?:\w+\s*)?\(")
_NAME = re.compile(r"[A-Za-z_][\w$]*|\"[^\"']+\"|{{\s*target\.schema\s*}}|")


def paths_of(location: str) -> tuple[str, ...]:
    """Every text in a location that may be a path: all but the options' values."""
    found = (each for each in _TEXT.finditer(location) if not each["option"])
    return tuple(dict.fromkeys(each["text"].replace("''", "'") for each in found if each["text"]))


def location_errors(location: str, *, where: str) -> list[UsageError]:
    """A location is one call or one query of files and tables, and nothing follows it."""
    found = _REACHING.search(_TEXT.sub("''", location))
    if location and not _is_one(location):
        what = "external_location must be one path, one call, or one query in brackets"
    elif found:
        what = f"external_location may not call {found[1].lower()}: it reads files and tables"
    else:
        return []
    fix = "read_csv('data/*.csv', all_varchar = true, header = true)"
    return [UsageError(what, where=where, fix=fix)]


def name_errors(*names: str, where: str) -> list[UsageError]:
    """A table is named by plain names, or by names in double quotes."""
    return [
        UsageError("this is no name of a table or schema", where=where, why=name)
        for name in names
        if not _NAME.fullmatch(name)
    ]


def _is_one(location: str) -> bool:
    """Whether the first bracket closes at the very end, and nothing hides what stands between."""
    start = _CALL.match(location)
    if not start:
        return False
    depth, end = 0, len(location.rstrip())
    for token in _TOKEN.finditer(location):
        depth += bool(token["open"]) - bool(token["close"])
        if token["bad"] or depth < 0 or (token["close"] and depth == 0 and token.end() < end):
            return False
    return depth == 0
