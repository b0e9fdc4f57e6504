"""What a query may reach: relations of the project; no file, no address, no other database.

The privacy proof asks more of models. This is for what it does not read, tests above all, and for
models that are shown before they are proved.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillpost.errors import Place, UsageError

# They read files, addresses, other databases, settings or the environment, or run what a text says.
_REACHING = re.compile(
    r"(read|scan|sniff|glob|load|copy|import|export|attach|install|pg|lo|dblink|xpath_table|query"
    r"|database_to_xml|schema_to_xml|table_to_xml|cursor_to_xml|xmlparse|sqlite|postgres|mysql|http"
    r"|java_method|reflect|input_file|parquet|duckdb|pragma|iceberg|delta|st_read)_\w*"
    r"|\w+_(scan|file|files|secret|secrets|to_xml)|glob|getenv|getvariable|dblink|query|reflect"
    r"|current_setting|set_config|nextval|setval|java_method|sniff_csv|seq_scan|write_log",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\w+(\.\w+)*")
_FIX = "read it with ref('a model or seed') or source('group', 'table')"


def reach_errors(
    sql: str, *, path: str, dialect: str, known: Collection[str]
) -> Iterator[UsageError]:
    """An error for each place where a query reaches for more than it may.

    Args:
        sql: as rendered, for the engine.
        path: its file.
        dialect: sqlglot's name of the engine's SQL.
        known: the relations and locations that it may read, as SQL writes them.
    """
    try:
        trees = [each for each in sqlglot.parse(sql, dialect=dialect) if each]
    except SqlglotError:
        yield UsageError("this cannot be read as SQL, so what it reaches is not known", where=path)
        return
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        yield UsageError("this must be one select, and nothing else", where=path)
        return
    written = {_written(each, dialect) for each in known}
    for node in trees[0].walk():
        what = _what(node, written, dialect)
        if what:
            yield UsageError(what, where=_place(node, path), fix=_FIX)


def _what(node: exp.Expr, known: Collection[str], dialect: str) -> str:
    """What a node of the tree reaches for, where it may not."""
    if isinstance(node, exp.Table):
        return _table(node, known, dialect)
    if isinstance(node, exp.Into | exp.Command | exp.Copy | exp.Attach | exp.Set | exp.Pragma):
        return f"{node.key} is no part of a select"
    if isinstance(node, exp.Func) and not isinstance(node.parent, exp.Table):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        is_known = any(_bare(each, dialect) in known for each in _callers(node))
        if _REACHING.fullmatch(name) and not is_known:
            return f"{name.lower()} reaches beyond the project"
    return ""


def _table(node: exp.Table, known: Collection[str], dialect: str) -> str:
    if not isinstance(node.this, exp.Identifier):
        return "" if _bare(node, dialect) in known else "this reads what is no declared source"
    is_own = not node.args.get("db") and node.name.lower() in _ctes(node)
    if is_own or _bare(node, dialect) in known:
        return ""
    return f'"{node.name}" is no relation of this project'


def _callers(node: exp.Expr) -> Iterator[exp.Expr]:
    """The tables and queries that a call stands in."""
    above: exp.Expr | None = node
    while above is not None:
        if isinstance(above, exp.Table | exp.Subquery):
            yield above
        above = above.parent


def _ctes(node: exp.Expr) -> set[str]:
    root = node.root()
    return {each.alias.lower() for each in root.find_all(exp.CTE)}


@cache
def _written(relation: str, dialect: str) -> str:
    """A relation or a location in one spelling."""
    if _PLAIN.fullmatch(relation):
        return relation.lower()
    tree = sqlglot.parse_one(f"select * from {relation}", dialect=dialect)
    start = tree.args["from_"].this
    return _bare(start, dialect)


def _bare(node: exp.Expr, dialect: str) -> str:
    """A table as its readers write it, its alias left out."""
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return ".".join(part.name for part in node.parts).lower()
    bare = node.copy()
    bare.set("alias", None)
    bare.set("joins", None)
    return str(bare.sql(dialect)).lower()


def _place(node: exp.Expr, path: str) -> Place:
    for each in node.walk():
        if line := each.meta.get("line"):
            return Place(file=path, line=int(line), column=int(each.meta.get("col") or 0))
    return Place(file=path)
