"""Write the macro that knows how signs compose (NFC), for an engine that cannot: as DuckDB does it.

The tables are Python's, and DuckDB is asked about the marks that Python's Unicode is too old for.
Run it after an upgrade of DuckDB and read the diff:

    .venv/bin/python seeds/make_composed_signs.py
"""

import unicodedata
from itertools import groupby
from pathlib import Path

import duckdb

MACRO = Path(__file__).parents[1] / "macros" / "engines" / "composed_signs.sql"
SURROGATES = range(0xD800, 0xE000)
HANGUL = range(0xAC00, 0xD7A4)
VOWELS, TRAILS = range(0x1161, 0x1176), range(0x11A8, 0x11C3)
LAST = 0x10FFFF
WIDTH = 80
HEAD = """\
{#
    What NFC is made of, as words: `singles` (a sign and the one it always becomes, as runs of
    neighbours), `parts` (a sign and its two parts, the simpler first; those that fall apart for
    good are marked by !), `orders` (canonical combining classes) and `unstable`, the signs that
    NFC may change or move. As DuckDB has it; written by seeds/make_composed_signs.py.
#}
"""


def composed(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> list[str]:
    """What DuckDB makes of each."""
    rows = connection.execute("select nfc_normalize(unnest(?))", [texts]).fetchall()
    return [text for (text,) in rows]


def decomposition(code: int) -> list[int]:
    """The parts of a sign, if they are canonical."""
    words = unicodedata.decomposition(chr(code)).split()
    return [] if not words or words[0].startswith("<") else [int(word, 16) for word in words]


def combining_classes(connection: duckdb.DuckDBPyConnection, codes: list[int]) -> dict[int, int]:
    """The class of each mark; that of one Python does not know lies where DuckDB moves it."""
    classes = {code: unicodedata.combining(chr(code)) for code in codes}
    classes = {code: order for code, order in classes.items() if order}
    strange = [code for code in codes if unicodedata.category(chr(code)) == "Cn"]
    marks = {order: chr(code) for code, order in classes.items() if not decomposition(code)}
    orders = sorted(marks)
    for lower, order in zip([0, *orders], orders, strict=False):
        mark = marks[order]
        before = composed(connection, [mark + chr(code) for code in strange])
        behind = composed(connection, [chr(code) + marks.get(lower, "") for code in strange])
        classes |= {
            code: order
            for code, one, other in zip(strange, before, behind, strict=True)
            if lower and one == mark + chr(code) and other == marks[lower] + chr(code)
        }
    return classes


def full(code: int) -> list[int]:
    """The parts of a sign, and theirs."""
    return [each for part in decomposition(code) for each in full(part)] or [code]


def wrapped(words: list[str]) -> str:
    """Words as the lines of a string."""
    text, line = [], ""
    for word in words:
        if len(line) + len(word) > WIDTH:
            text.append(line)
            line = ""
        line += f" {word}"
    return "\n           ".join([*text, line])


def neighbours(codes: list[int]) -> list[tuple[int, int]]:
    """First and last of each run."""
    runs = groupby(enumerate(codes), lambda place: place[1] - place[0])
    return [(run[0][1], run[-1][1]) for run in (list(members) for _, members in runs)]


def span(first: int, last: int) -> str:
    """A run in hexadecimal."""
    return f"{first:x}" if first == last else f"{first:x}-{last:x}"


def main() -> None:
    """Collect the tables and write the macro."""
    codes = [code for code in range(0x80, LAST + 1) if code not in SURROGATES]
    with duckdb.connect() as connection:
        classes = combining_classes(connection, codes)
        changed = {
            code
            for code, text in zip(codes, composed(connection, list(map(chr, codes))), strict=True)
            if text != chr(code)
        }
    singles = {code: decomposition(code)[0] for code in codes if len(decomposition(code)) == 1}
    pairs = [c for c in codes if len(decomposition(c)) > 1 and c not in HANGUL]
    pairs.sort(key=lambda code: (len(full(code)), code))
    seconds = {decomposition(code)[1] for code in pairs if code not in changed}
    unstable = sorted(
        {*changed, *classes, *seconds, *VOWELS, *TRAILS}
        | {code for code in pairs if full(code)[0] in classes}
    )
    single_words = [
        f"{first:x}={'.'.join(f'{singles[code]:x}' for code in range(first, last + 1))}"
        for first, last in neighbours(sorted(singles))
    ]
    pair_words = [
        f"{code:x}={'.'.join(f'{part:x}' for part in decomposition(code))}"
        + ("!" if code in changed else "")
        for code in pairs
    ]
    order_words = [
        f"{span(first, last)}={order}"
        for order in sorted(set(classes.values()))
        for first, last in neighbours(sorted(c for c in classes if classes[c] == order))
    ]
    tables = {
        "singles": single_words,
        "parts": pair_words,
        "orders": order_words,
        "unstable": [span(*run) for run in neighbours(unstable)],
    }
    MACRO.write_text(
        HEAD
        + "{% macro composed_signs(table) -%}\n    {%- set tables = {\n"
        + "".join(f"        '{k}': '{wrapped(words)}',\n" for k, words in tables.items())
        + "    } -%}\n    {{ tables[table] }}\n{%- endmacro %}\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
