"""Where a part of a query stands in the file that it was written in."""

from collections.abc import Collection

from sqlglot import exp

from tillpost.errors import Place


def place_of(node: exp.Expr | None, *, path: str, plain_lines: Collection[int]) -> Place:
    """File, line and column of a node.

    Args:
        node: a part of the rendered query.
        path: the file.
        plain_lines: the lines that rendering left as they are: where a line has Jinja, its columns
            are not those of the SQL.
    """
    for each in node.dfs() if node is not None else ():
        meta = each.meta
        if "line" in meta:
            line, start, end = meta["line"], meta["start"], meta["end"]
            if line in plain_lines:
                return Place(file=path, line=line, column=meta["col"] - (end - start))
            return Place(file=path, line=line, rendered=slice(start, end + 1))
    return Place(file=path)
