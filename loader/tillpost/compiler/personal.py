"""Under which names personal data may go through the models, for whoever shows rows.

By names alone and over all models at once: rather a column too many than one too few.
"""

from collections.abc import Iterable, Iterator

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from tillpost.compiler.jinja import OPAQUE_PREFIX

# What gives names that stand nowhere in the SQL, or columns by what is no name of theirs.
_NAMED_OTHERWISE = (exp.Columns, exp.Pivot, exp.PositionalColumn)
CLEARING = {f"{OPAQUE_PREFIX}{name}" for name in ("sha256_hex", "digest16")}


def personal_names(texts: Iterable[str], tagged: Iterable[str]) -> set[str] | None:
    """The tagged columns' names and all that are made of them; nothing where SQL is not understood.

    Args:
        texts: every model as SQL, intrinsics opaque.
        tagged: names of columns that hold personal data, in lower case.
    """
    try:
        trees = [parse_one(text, dialect="duckdb") for text in texts]
    except SqlglotError:
        return None
    if any(tree.find(*_NAMED_OTHERWISE) for tree in trees):
        return None
    made = [pair for tree in trees for pair in _made_of(tree)]
    names = set(tagged)
    while grown := {name for name, parts in made if name not in names and parts & names}:
        names |= grown
    return names


def _made_of(tree: exp.Expr) -> Iterator[tuple[str, set[str]]]:
    """Each name that the SQL gives, and the columns that stand in what it names."""
    everything = _columns(tree)
    rows = {each.alias_or_name.lower() for each in tree.find_all(exp.Table, exp.Subquery)}
    for alias in tree.find_all(exp.Alias):
        parts = _columns(alias.this)
        # A table's name as a value is its whole row.
        yield alias.alias.lower(), everything if parts & rows else parts
    for each in tree.find_all(exp.Column):
        if not each.table and each.name.lower() in rows:
            yield each.name.lower(), everything
    for table in tree.find_all(exp.TableAlias):
        for column in table.args.get("columns") or ():
            yield column.name.lower(), everything
    for union in tree.find_all(exp.SetOperation):
        for name, column in zip(union.named_selects, union.right.selects, strict=False):
            yield name.lower(), _columns(column)


def _columns(tree: exp.Expr) -> set[str]:
    """The columns below, except where only a digest of them, or a yes or no, goes on."""
    found: set[str] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Anonymous) and node.name.lower() in CLEARING:
            continue
        if isinstance(node, exp.Count) or (
            isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
        ):
            continue
        if isinstance(node, exp.Column):
            found.add(node.name.lower())
        # A condition chooses between values, it is none of them.
        condition = node.this if isinstance(node, exp.If) else None
        waiting.extend(each for each in node.iter_expressions() if each is not condition)
    return found
