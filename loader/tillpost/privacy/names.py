"""Names that DuckDB reads otherwise than the proof does."""

from collections.abc import Iterator

from sqlglot import exp


def unclear_names(tree: exp.Expr) -> Iterator[exp.Identifier]:
    """Names with signs that DuckDB takes for white space, and those that only it tells apart.

    To DuckDB capitals are those of ASCII; whoever compares names as the proof does knows all.
    """
    spelled: dict[str, bytes] = {}
    for each in tree.find_all(exp.Identifier):
        is_plain = each.args.get("quoted") or each.name.replace("$", "_").isidentifier()
        written = each.name.encode(errors="surrogatepass").lower()
        if not is_plain or spelled.setdefault(each.name.lower(), written) != written:
            yield each
