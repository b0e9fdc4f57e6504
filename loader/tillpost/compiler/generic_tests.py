"""The SQL of tests: the four that every dbt project knows, those of the project, files.

Ours select keys and counts only: a failing test must not show what a column holds.
"""

import json
import re
from collections.abc import Collection

from tillpost.project.data_tests import CUSTOM, DataTest

TEXTS = {
    "not_null": "select {keys} from {on} as tested where {column} is null",
    "unique": (
        "select count(*) as rows_with_it{unique} from {on} as tested where {column} is not null"
        " group by {column} having count(*) > 1"
    ),
    "accepted_values": (
        "select {keys} from {on} as tested"
        " where {column} is not null and {column} not in ({values})"
    ),
    "relationships": (
        "select {keys} from {on} as tested"
        " left join {{{{ {to} }}}} as parent on tested.{column} = parent.{field}"
        " where tested.{column} is not null and parent.{field} is null"
    ),
}
KEYS = ("source_name", "row_ref", "row_id", "basket", "event_key", "sale_key")
"""What names a row without saying whose it is: kept of a bad one, where it is asked for."""
_CALL = re.compile(r"\s*(env_var|ref|var|source)\s*\(.+\)\s*", re.DOTALL)


def test_sql(test: DataTest, *, macros: Collection[str], columns: Collection[str]) -> str:
    """The test's Jinja: its own file's, a call of the project's macro, or one of the four.

    Args:
        test: what is declared.
        macros: the project's; a test of a known name there is taken before ours.
        columns: those of the tested relation, where the keys of bad rows are kept.
    """
    if test.kind == "singular":
        return test.sql
    where = test.settings.get("where", test.defaults.get("where"))
    on = f"{{{{ {test.on} }}}}"
    if where:
        on = f"(select * from {on} where {where})"
    if CUSTOM + test.kind in macros:
        return _custom(test, f"{on} as tested" if where else on)
    keys = [name for name in KEYS if name in columns]
    return TEXTS[test.kind].format(
        on=on,
        column=test.column,
        keys=", ".join(f"tested.{name}" for name in keys) or "1 as bad",
        unique=f", {test.column}" if test.column in keys else "",
        values=", ".join(_value(value, test) for value in test.arguments.get("values", [])),
        to=test.arguments.get("to", ""),
        field=test.arguments.get("field", ""),
    )


def _custom(test: DataTest, model: str) -> str:
    """A call of a test that the project has as a macro, with the relation as `model`."""
    given = {"column_name": test.column} if test.column else {}
    named = ", ".join(
        f"{name}={_argument(value)}" for name, value in {**given, **test.arguments}.items()
    )
    # A name that no argument has; on one line, as messages count lines.
    return (
        f"{{%- set tested_relation -%}}{model}{{%- endset -%}}"
        f"{{{{ {CUSTOM}{test.kind}(model=tested_relation{', ' * bool(named)}{named}) }}}}"
    )


def _argument(value: object) -> str:
    """An argument as Jinja writes it; calls such as ``ref('x')`` are made, as dbt makes them."""
    if isinstance(value, str) and _CALL.fullmatch(value):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_argument, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}: {_argument(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if value is None or isinstance(value, bool | int | float):
        return str(value).lower()
    return json.dumps(str(value), ensure_ascii=False)


def _value(value: object, test: DataTest) -> str:
    if test.arguments.get("quote", True) is False:
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
