"""Write the macro that knows which signs are letters, marks, punctuation, as DuckDB has them.

Every engine has a Unicode of its own age; what DuckDB takes for a letter is one everywhere. Run it
after an upgrade of DuckDB and read the diff:

    .venv/bin/python seeds/make_code_points.py
"""

from itertools import pairwise
from pathlib import Path

import duckdb

MACRO = Path(__file__).parents[1] / "macros" / "engines" / "code_points.sql"
CLASSES = (
    *("C", "Cf", "Co", "Greek", "L", "Ll", "Lo", "M", "Mc", "Mn", "Nd", "P", "Pd"),
    *("Sc", "Sk", "Sm", "Z"),
)
SURROGATES = range(0xD800, 0xE000)
LAST = 0x10FFFF
WIDTH = 80
HEAD = """\
{#
    The signs of some classes of Unicode as ranges for a bracket of a regular expression, with
    the escapes of PostgreSQL or Java. Written by seeds/make_code_points.py.
#}
"""


def ranges(members: list[int]) -> list[tuple[int, int]]:
    """First and last of each run."""
    ends = [
        0,
        *(place for place, (one, next_) in enumerate(pairwise(members), 1) if next_ > one + 1),
    ]
    return [(members[start], members[stop - 1]) for start, stop in pairwise([*ends, len(members)])]


def members(connection: duckdb.DuckDBPyConnection, name: str) -> list[int]:
    """The code points of a class that are no half characters."""
    rows = connection.execute(
        f"select code from signs where regexp_full_match(chr(code), '\\p{{{name}}}') order by code"
    ).fetchall()
    return [code for (code,) in rows]


def lines(name: str, found: list[tuple[int, int]]) -> str:
    """The ranges of a class as words of hexadecimal, wrapped."""
    words = [f"{first:x}" if first == last else f"{first:x}-{last:x}" for first, last in found]
    text, line = [], ""
    for word in words:
        if len(line) + len(word) > WIDTH:
            text.append(line)
            line = ""
        line += f" {word}"
    return f"        '{name}': '" + "\n           ".join([*text, line]) + "'.split(),\n"


def main() -> None:
    """Ask DuckDB for each class and write the macro."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table signs as select cast(range as integer) as code from range(?)"
            " where range not between ? and ? and range > 0",
            [LAST + 1, SURROGATES[0], SURROGATES[-1]],
        )
        classes = "".join(lines(name, ranges(members(connection, name))) for name in CLASSES)
    MACRO.write_text(
        HEAD
        + "{% macro code_points(classes, engine) -%}\n"
        + "    {%- set ranges = {\n"
        + classes
        + "    } -%}\n"
        + """\
    {%- for name in classes.split() -%}
        {%- if engine == 'spark' -%}{{ spark__ranges(ranges[name]) }}
        {%- else -%}
            {%- for range in ranges[name] -%}
                {%- for end in range.split('-') -%}
                    {{ '-' if not loop.first }}
                    {{- '\\\\U%08x' | format(end | int(base=16)) }}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
""",
        "utf-8",
    )


if __name__ == "__main__":
    main()
