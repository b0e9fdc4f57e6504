"""The four generic tests that every dbt project knows, as Jinja that returns the bad rows.

Only keys and counts are selected: a failing test must not show what a column holds.
"""

from tillpost.project.data_tests import DataTest

TEXTS = {
    "not_null": "select 1 as bad from {on} where {column} is null",
    "unique": (
        "select count(*) as rows_with_it from {on} where {column} is not null"
        " group by {column} having count(*) > 1"
    ),
    "accepted_values": (
        "select 1 as bad from {on} where {column} is not null and {column} not in ({values})"
    ),
    "relationships": (
        "select 1 as bad from {on} as child"
        " left join {{{{ {to} }}}} as parent on child.{column} = parent.{field}"
        " where child.{column} is not null and parent.{field} is null"
    ),
}


def test_sql(test: DataTest) -> str:
    """The test's Jinja: its own file's, or the generic one's with its arguments in it."""
    if test.kind == "singular":
        return test.sql
    on = f"{{{{ {test.on} }}}}"
    if test.where:
        on = f"(select * from {on} where {test.where})"
    return TEXTS[test.kind].format(
        on=on,
        column=test.column,
        values=", ".join(_literal(value, test) for value in test.arguments.get("values", [])),
        to=test.arguments.get("to", ""),
        field=test.arguments.get("field", ""),
    )


def _literal(value: object, test: DataTest) -> str:
    if test.arguments.get("quote", True) is False:
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
