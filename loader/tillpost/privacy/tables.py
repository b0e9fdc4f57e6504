"""What stands behind `from` and `join`: relations by their names, and what joining them tells."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from tillpost.privacy.expressions import Expressions
from tillpost.privacy.joins import Joins
from tillpost.privacy.relations import Column, Filters, Relation, both
from tillpost.privacy.scopes import Scope, Walk
from tillpost.privacy.traces import changed
from tillpost.project.yaml_file import did_you_mean

FROM_PARTS = frozenset(("this",))
JOIN_PARTS = frozenset(("this", "on", "side", "kind", "using"))
TABLE_PARTS = frozenset(("this", "db", "catalog", "alias"))
VALUES_PARTS = frozenset(("expressions", "alias"))
JOIN_KINDS = ("", "INNER", "CROSS", "OUTER", "SEMI", "ANTI")
# Told of once: what reads it is not told of again.
UNKNOWN = Relation(columns=(), is_open=True, is_unknown=True)
Follow = Callable[[exp.Expr, Mapping[str, Relation], Scope | None], Relation]


class Tables:
    """Finds the relations of a select."""

    def __init__(
        self, walk: Walk, known: Mapping[str, Relation], *, follow: Follow, expressions: Expressions
    ) -> None:
        """Start with the relations that there are, by how SQL names them."""
        self._walk = walk
        self._known = known
        self._follow = follow
        self._expressions = expressions
        self.joins = Joins(expressions)

    def behind_from(self, node: exp.Select, scope: Scope) -> Filters:
        """Put the relations of a select into its scope; the filters of their rows come back."""
        filtered: Filters = ()
        if start := node.args.get("from_"):
            only(self._walk, start, FROM_PARTS)
            alias, relation = self._item(start.this, scope)
            filtered = relation.filtered
            self._add(start, scope, alias, relation)
        for join in node.args.get("joins") or ():
            filtered = both(filtered, self._join(join, scope))
        return filtered

    def _add(self, node: exp.Expr, scope: Scope, alias: str, relation: Relation) -> None:
        if alias in scope.tables:
            self._walk.refuse(node, f'two relations are named "{alias}"', fix="name one otherwise")
        scope.tables[alias] = relation

    def _join(self, node: exp.Join, scope: Scope) -> Filters:
        only(self._walk, node, JOIN_PARTS)
        kind = node.kind.upper()
        is_kept = kind not in ("SEMI", "ANTI")
        side = node.side.upper() if is_kept else ""
        if kind not in JOIN_KINDS:
            self._walk.refuse(node, f"the proof does not understand a {kind.lower()} join")
        alias, relation = self._item(node.this, scope)
        self._add(node, scope, alias, relation)
        asked: Filters = ()
        if condition := node.args.get("on"):
            asked = self.joins.on(condition, scope, joined=alias, side=side)
        for name in node.args.get("using") or ():
            asked = both(asked, self.joins.using(name.name, scope, joined=alias, node=name))
        self._tag_nullable(scope, alias, side)
        if not is_kept:
            del scope.tables[alias]
        elif side == "LEFT":
            # Each row of the other side stays: how many there are here was decided by the join.
            scope.tables[alias] = _with_rows_of_join(relation, scope.tables[alias])
        return () if side == "LEFT" else both(relation.filtered, asked)

    def _tag_nullable(self, scope: Scope, joined: str, side: str) -> None:
        """Where an outer join finds no row, that tells what a filter of the one side looked at."""
        right, left = [joined], [alias for alias in scope.tables if alias != joined]
        sides = {"LEFT": [right], "RIGHT": [left], "FULL": [right, left]}.get(side, [])
        place = self._walk.place(None)
        for one in sides:
            known = both(*(each.filtered for name, each in scope.tables.items() if name not in one))
            for alias in one:
                asked = changed(scope.tables[alias].beyond(known), "decides in a where", place)
                scope.tables[alias] = scope.tables[alias].tagged(asked)

    def _item(self, node: exp.Expr, scope: Scope) -> tuple[str, Relation]:
        """A relation behind `from` or `join`, and its name."""
        if isinstance(node, exp.Table):
            return node.alias_or_name.lower(), aliased(self._walk, self._table(node, scope), node)
        if isinstance(node, exp.Subquery):
            found = self._declared(node) or self._follow(node, scope.ctes, scope.parent)
            return node.alias.lower(), aliased(self._walk, found, node)
        if isinstance(node, exp.Values):
            return node.alias.lower(), aliased(self._walk, self._values(node, scope), node)
        self._walk.refuse(
            node,
            f"the proof does not understand {node.key} as a relation",
            fix="read a model, a seed or a declared source",
        )
        return node.alias_or_name.lower(), UNKNOWN

    def _declared(self, node: exp.Subquery) -> Relation | None:
        """A source whose location is a query."""
        is_any = any(key.startswith("(") for key in self._known)
        return self._known.get(table_key(node)) if is_any else None

    def _table(self, node: exp.Table, scope: Scope) -> Relation:
        only(self._walk, node, TABLE_PARTS)
        is_name = isinstance(node.this, exp.Identifier)
        if is_name and not node.args.get("db") and node.name.lower() in scope.ctes:
            return scope.ctes[node.name.lower()]
        found = self._known.get(table_key(node))
        if found is None:
            fix = "ref('a model or seed') or source('group', 'table')"
            if is_name:
                near = did_you_mean(node.name.lower(), scope.ctes)
                what = f'there is no relation "{node.name}" here'
                self._walk.refuse(node, what, why="", fix=near or fix)
            else:
                what = "a model may not read what is no declared source"
                self._walk.refuse(node, what, fix=fix)
            return UNKNOWN
        return found

    def _values(self, node: exp.Values, scope: Scope) -> Relation:
        only(self._walk, node, VALUES_PARTS)
        rows = [each.expressions for each in node.expressions if isinstance(each, exp.Tuple)]
        width = len(rows[0]) if rows else 0
        if not rows or any(len(row) != width for row in rows) or len(rows) != len(node.expressions):
            self._walk.refuse(node, "the proof does not understand these values")
            return UNKNOWN
        return Relation(
            columns=tuple(
                Column(
                    name=f"col{place}",
                    traces=self._expressions.all((row[place] for row in rows), scope),
                )
                for place in range(width)
            )
        )


def only(walk: Walk, node: exp.Expr, known: frozenset[str]) -> None:
    """Refuse each part of the grammar that is on no list."""
    for key, value in node.args.items():
        if key not in known and value not in (None, False, [], ""):
            walk.refuse(node, f"the proof does not understand `{key.rstrip('_')}` in {node.key}")


def table_key(node: exp.Expr) -> str:
    """A table as its readers write it, its alias left out."""
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return ".".join(part.name for part in node.parts).lower()
    bare = node.copy()
    bare.set("alias", None)
    return str(bare.sql("duckdb"))


def aliased(walk: Walk, relation: Relation, node: exp.Expr) -> Relation:
    """A relation under the names that its alias gives to columns."""
    alias = node.args.get("alias")
    names = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    if not names:
        return relation
    if relation.is_open:
        if not relation.is_unknown:
            walk.refuse(names[0], "which columns of a source get these names is not known")
        return UNKNOWN
    return relation.renamed(each.name.lower() for each in names)


def _with_rows_of_join(before: Relation, after: Relation) -> Relation:
    rows = tuple(each for each in after.grouped if each not in before.grouped)
    return replace(after, grouped=rows, filtered=())
