"""Where rendered SQL was written: its place in the file, and the macros that it came through.

Nothing is marked as long as all is well: a model that something is wrong with is rendered once
more, with a sign around all that a block and a macro give.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

AT = "tillpost_at"
"""The name of `at` in the Jinja of a text whose blocks are marked."""

# Characters that are nobody's: they begin a name, end it, and end what it is about.
_OPEN, _NAMED, _CLOSE = "\ue000", "\ue001", "\ue002"
_SIGN = re.compile(f"{_OPEN}([^{_NAMED}]*){_NAMED}|{_CLOSE}")
_OUTPUT = re.compile(r"{{([-+]?)(.*?)([-+]?)}}", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a part of the SQL came through.

    Args:
        block: where its block begins and ends in the file; nothing where it stands there as it is.
        macros: the names of the macros, the outermost first.
    """

    block: tuple[int, ...] | None = None
    macros: tuple[str, ...] = ()


def mark_blocks(text: str) -> str:
    """A template whose blocks tell where they stand."""
    return _OUTPUT.sub(
        lambda each: f"{{{{{each[1]}{AT}({each.start()}, {each.end()}, {each[2]}){each[3]}}}}}",
        text,
    )


def at(start: int, end: int, value: object) -> str:
    """What a block gives, marked."""
    return f"{_OPEN}{start}:{end}{_NAMED}{value}{_CLOSE}"


def mark_macro(name: str, text: str) -> str:
    """What a macro gives, marked."""
    return f"{_OPEN}{name}{_NAMED}{text}{_CLOSE}"


def origin(marked: str, sql: str, offset: int) -> Origin | None:
    """What stands at a place of the SQL came through, as far as the marked text is the same.

    Args:
        marked: the same SQL with marks.
        sql: as the error was found in it.
        offset: the place.
    """
    parts, open_names = list[str](), list[str]()
    left, names = offset, None
    for text, sign in _parts(marked):
        parts.append(text)
        left -= len(text)
        if names is None and left < 0:
            names = tuple(open_names)
        if sign and sign[1] is not None:
            open_names.append(sign[1])
        elif open_names:
            open_names.pop()
    if names is None or "".join(parts).rstrip() != sql:
        return None
    block = next((tuple(map(int, each.split(":"))) for each in names if ":" in each), None)
    return Origin(block=block, macros=tuple(each for each in names if ":" not in each))


def _parts(marked: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The texts between signs, each with the sign behind it."""
    start = 0
    for sign in _SIGN.finditer(marked):
        yield marked[start : sign.start()], sign
        start = sign.end()
    yield marked[start:], None
