"""Opaque calls put back: the text that the engine runs, made from the text that the proof reads."""

import re
from collections.abc import Callable, Iterator

from tillpost.compiler.jinja import OPAQUE_PREFIX

TextOf = Callable[[str], Callable[..., str]]
# Texts, names in quotes and comments hold no calls and no brackets.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"
    rf"|\b{OPAQUE_PREFIX}(?P<call>\w+)\(|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<comma>,)",
    re.DOTALL,
)
_DEEPER = {"open": 1, "close": -1}


def expand(sql: str, text_of: TextOf) -> str:
    """Give each opaque call its engine's text, arguments first.

    Args:
        sql: as rendered with opaque calls.
        text_of: finds the macro that writes an intrinsic for the engine, by its name.
    """
    text, _ = _expanded(sql, _TOKEN.finditer(sql), 0, text_of)
    return text[0]


def same(one: str, other: str) -> bool:
    """Whether two texts differ in the width of white space at most: lines end comments."""
    return one == other or _lines(one) == _lines(other)


def _lines(sql: str) -> list[list[str]]:
    """The words of each line that has some."""
    lines = map(str.split, sql.replace("\r", "\n").split("\n"))
    return [words for words in lines if words]


def _expanded(
    sql: str, tokens: Iterator[re.Match[str]], start: int, text_of: TextOf
) -> tuple[list[str], int]:
    """The texts between commas from here to the bracket that ends them, and where that stands."""
    parts, at, depth = [list[str]()], start, 0
    is_call = start > 0
    for token in tokens:
        kind, ends = token.lastgroup, is_call and depth == 0
        if kind == "call":
            parts[-1].append(sql[at : token.start()])
            arguments, at = _expanded(sql, tokens, token.end(), text_of)
            parts[-1].append(text_of(token["call"])(*filter(None, map(str.strip, arguments))))
        elif ends and kind in ("comma", "close"):
            parts[-1].append(sql[at : token.start()])
            at = token.end()
            if kind == "close":
                return ["".join(part) for part in parts], at
            parts.append([])
        elif kind in _DEEPER:
            depth += _DEEPER[kind]
    parts[-1].append(sql[at:])
    return ["".join(part) for part in parts], len(sql)
