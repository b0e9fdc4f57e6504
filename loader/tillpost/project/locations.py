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
_CALL = re.compile(r"\s*(?:\w+\s*)?\(")
_NAME = re.compile(r"[A-Za-z_][\w$]*|\"[^\"']+\"|{{\s*target\.schema\s*}}|")


def paths_of(location: str) -> tuple[str, ...]:
    """Every text in a location that may be a path: all but the options' values."""
    found = (each for each in _TEXT.finditer(location) if not each["option"])
    return tuple(dict.fromkeys(each["text"].replace("''", "'") for each in found if each["text"]))


def location_errors(location: str, *, where: str) -> list[UsageError]:
    """Nothing may follow the call or the query that a location is."""
    if not location or _is_one(location):
        return []
    return [
        UsageError(
            "external_location must be one path, one call, or one query in brackets",
            where=where,
            fix="read_csv('data/*.csv', all_varchar = true, header = true)",
        )
    ]


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
