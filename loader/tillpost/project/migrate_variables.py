"""The variables that came before there were stamps, written into a project file that lacks them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.folders import PROJECT_FILE
from tillpost.project.starter import project_text
from tillpost.project.yaml_file import mapping, parse_yaml

ADDED = (
    *("external_id_keeps_case", "event_per_line", "send_content_ids", "send_store_data"),
    *("max_hash_share", "min_frequent_hash", "strict_privacy"),
)
_BLOCK = re.compile(r"^vars:[ \t]*(?:#.*)?\n((?:[ \t].*(?:\n|\Z)|\n)*)", re.MULTILINE)


def with_variables(text: str) -> str:
    """The project file with the variables it lacks, comments and all, as `init` writes them now.

    Raises:
        UsageError: there is no place where they could be written.
    """
    ours = project_text()
    values = _variables(ours)
    added = {name: values[name] for name in ADDED if name in values.keys() - _variables(text)}
    if not added:
        return text
    after = _written(text, _lines(ours, added))
    if not after or _parsed(after) != _parsed(text) | {"vars": _variables(text) | added}:
        raise UsageError(
            f"these variables are not set: {', '.join(added)}",
            where=PROJECT_FILE,
            why="models read them, and vars are not written here as init writes them",
            fix="copy their lines from the vars of a new project: tillpost init new",
        )
    return after


def _written(text: str, lines: Iterable[str]) -> str:
    """The text with these lines after its last variable; nothing, where there is none."""
    block = _BLOCK.search(text)
    if not block or not block[1].strip():
        return ""
    indent = next(re.finditer(r"^[ \t]+(?=\w)", block[1], re.MULTILINE), None)
    end = block.start(1) + len(block[1].rstrip())
    more = "".join(f"\n{indent[0] if indent else '  '}{line}" for line in lines)
    return text[:end] + more + text[end:]


def _lines(ours: str, names: Iterable[str]) -> Iterator[str]:
    """What stands for these variables in the file that ships; some share a comment."""
    block = _BLOCK.search(ours)
    comments: list[str] = []
    is_next = False
    for line in map(str.strip, block[1].splitlines() if block else ()):
        if line.startswith("#"):
            comments = [line] if is_next else [*comments, line]
        elif line.partition(":")[0] in names:
            yield from (*comments, line)
            comments = []
        is_next = not line.startswith("#")


def _variables(text: str) -> dict[str, Any]:
    return mapping(_parsed(text).get("vars"), where=PROJECT_FILE, key="vars")


def _parsed(text: str) -> dict[str, Any]:
    return parse_yaml(text, shown=PROJECT_FILE)
