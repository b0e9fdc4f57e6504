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
_SPACE = re.compile(r"\s+")


def expand(sql: str, text_of: TextOf) -> str:
    """Give each opaque call its engine's text, arguments first.

    Args:
        sql: as rendered with opaque calls.
        text_of: finds the macro that writes an intrinsic for the engine, by its name.
    """
    text, _ = _expanded(sql, 0, text_of)
    return text[0]


def same(one: str, other: str) -> bool:
    """Whether two texts differ in the width of white space at most: lines end comments."""
    return _narrowed(one) == _narrowed(other)


def _narrowed(sql: str) -> str:
    return _SPACE.sub(lambda each: "\n" if {"\n", "\r"} & {*each[0]} else " ", sql.strip())


def _expanded(sql: str, start: int, text_of: TextOf) -> tuple[list[str], int]:
    """The texts between commas from here to the bracket that ends them, and where that stands."""
    parts, at, depth = [""], start, 0
    is_call = start > 0
    for token in _tokens(sql, start):
        if token.start() < at:
            continue
        parts[-1] += sql[at : token.start()]
        at = token.end()
        if name := token["call"]:
            arguments, at = _expanded(sql, at, text_of)
            parts[-1] += text_of(name)(*(each.strip() for each in arguments if each.strip()))
            continue
        if token["close"] and depth == 0 and is_call:
            return parts, at
        depth += bool(token["open"]) - bool(token["close"])
        if token["comma"] and depth == 0 and is_call:
            parts.append("")
        else:
            parts[-1] += token[0]
    parts[-1] += sql[at:]
    return parts, len(sql)


def _tokens(sql: str, start: int) -> Iterator[re.Match[str]]:
    yield from _TOKEN.finditer(sql, start)
