"""What a query returns: its relations, then its columns, then what it does with the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from sqlglot import exp

from tillpost.errors import Place
from tillpost.privacy.expressions import Expressions
from tillpost.privacy.grouping import Grouping
from tillpost.privacy.joins import conjuncts, spans_relations
from tillpost.privacy.relations import Column, Filters, Relation, both
from tillpost.privacy.scopes import Scope, Walk
from tillpost.privacy.stars import Expansion, is_star
from tillpost.privacy.tables import UNKNOWN, Tables, aliased, only
from tillpost.privacy.traces import Traces, merged, uncleared

SELECT_PARTS = frozenset(
    (
        *("with_", "expressions", "from_", "joins", "where", "group", "having", "qualify"),
        *("windows", "distinct", "order", "limit", "offset"),
    )
)
UNION_PARTS = frozenset(
    ("with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset")
)
SUBQUERY_PARTS = frozenset(("this", "alias", "with_", "order", "limit", "offset"))
CTE_PARTS = frozenset(("this", "alias", "materialized"))
LIMIT_PARTS = frozenset(("expression",))


class Queries:
    """Follows the queries of one model; each is followed once."""

    def __init__(self, walk: Walk, tables: Mapping[str, Relation]) -> None:
        """Start with the relations that there are, by how SQL names them."""
        self._walk = walk
        self._expressions = Expressions(self._inner)
        self._behind = Tables(walk, tables, follow=self._query, expressions=self._expressions)
        self._grouping = Grouping(walk, self._expressions)

    def relation(self, query: exp.Expr) -> Relation:
        """What a model returns."""
        return self._query(query, {}, None)

    def _inner(self, node: exp.Expr, scope: Scope) -> Relation:
        return self._query(node, scope.ctes, scope)

    def _query(
        self, node: exp.Expr, ctes: Mapping[str, Relation], parent: Scope | None
    ) -> Relation:
        ctes = self._with(node, ctes, parent)
        if isinstance(node, exp.Select):
            return self._select(node, Scope(walk=self._walk, ctes=ctes, parent=parent))
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, Scope(walk=self._walk, ctes=ctes, parent=parent))
        if isinstance(node, exp.Subquery):
            only(self._walk, node, SUBQUERY_PARTS)
            found = self._query(node.this, ctes, parent)
            scope = Scope(walk=self._walk, ctes=ctes, parent=parent, tables={"": found})
            self._end(node, scope, found)
            return found
        self._walk.refuse(node, f"the proof does not understand {node.key} as a query")
        return UNKNOWN

    def _with(
        self, node: exp.Expr, ctes: Mapping[str, Relation], parent: Scope | None
    ) -> Mapping[str, Relation]:
        given = node.args.get("with_")
        if not given:
            return ctes
        if given.args.get("recursive"):
            self._walk.refuse(
                given, "the proof does not follow recursion", fix="write the steps out"
            )
        known = dict(ctes)
        for each in given.expressions:
            only(self._walk, each, CTE_PARTS)
            found = self._query(each.this, known, parent)
            known[each.alias.lower()] = aliased(self._walk, found, each)
        return known

    def _select(self, node: exp.Select, scope: Scope) -> Relation:
        only(self._walk, node, SELECT_PARTS)
        filtered = self._behind.behind_from(node, scope)
        if where := node.args.get("where"):
            filtered = both(filtered, self._where(where.this, node, scope))
        keys = self._grouping.keys(node, scope)
        columns = self._columns(node, scope, keys)
        if (group := node.args.get("group")) and group.args.get("all"):
            keys, columns = self._grouping.by_all(node, columns, scope)
        for name in ("having", "qualify"):
            if each := node.args.get(name):
                found = self._expressions.traces(each.this, scope)
                filtered = both(filtered, self._walk.note(each, found))
        for each in node.args.get("windows") or ():
            self._expressions.traces(_window(each), scope)
        stars = Expansion(scope, self._expressions)
        is_open = any(is_star(each) and stars.is_open(each) for each in node.expressions)
        relation = Relation(
            columns=columns,
            is_open=is_open,
            is_unknown=is_open and stars.is_unknown,
            rest=merged(*(each.rest for each in scope.tables.values())) if is_open else (),
            is_seed=_is_seed(scope, columns),
            grouped=merged(scope.grouped, uncleared(keys)),
            filtered=filtered,
        )
        relation = self._distinct(node, relation, scope)
        self._end(node, scope, relation)
        return relation

    def _where(self, condition: exp.Expr, node: exp.Select, scope: Scope) -> Filters:
        given = {each.alias.lower(): each for each in node.expressions}
        found: Filters = ()
        for part in conjuncts(condition):
            asked = self._expressions.traces(part, scope)
            for each in part.find_all(exp.Column):
                # Where no column has it, the name stands for what the select gives.
                meant = given.get(each.name.lower())
                if isinstance(meant, exp.Alias) and not each.table and not scope.has(each.name):
                    asked = merged(asked, self._expressions.traces(meant.this, scope))
            if uncleared(asked) and spans_relations(part, scope):
                self._behind.joins.where(part, scope)
            found = both(found, self._walk.note(part, asked))
        return found

    def _columns(self, node: exp.Select, scope: Scope, keys: Traces) -> tuple[Column, ...]:
        columns: list[Column] = []
        expansion = Expansion(scope, self._expressions)
        counted = partial(self._grouping.counted, scope=scope, keys=keys)
        for each in node.expressions:
            if is_star(each):
                columns += expansion.columns(each, counted)
                continue
            traces = merged(self._expressions.traces(each, scope), counted(each))
            name = each.alias_or_name.lower() or f"#{len(columns)}"
            columns.append(Column(name=name, traces=traces, place=_named_at(each, self._walk)))
            if isinstance(each, exp.Alias):
                scope.aliases[name] = merged(scope.aliases.get(name, ()), traces)
        return tuple(columns)

    def _distinct(self, node: exp.Select, relation: Relation, scope: Scope) -> Relation:
        distinct = node.args.get("distinct")
        if not distinct:
            return relation
        if on := distinct.args.get("on"):
            self._walk.forbid(on, "distinct on", self._expressions.traces(on, scope))
        return replace(relation, grouped=merged(relation.grouped, uncleared(relation.everything)))

    def _set_operation(self, node: exp.SetOperation, scope: Scope) -> Relation:
        only(self._walk, node, UNION_PARTS)
        left = self._query(node.this, scope.ctes, scope.parent)
        right = self._query(node.expression, scope.ctes, scope.parent)
        if left.is_open or right.is_open:
            self._walk.refuse(node, f"the columns of this {node.key} are not all known")
        if node.args.get("by_name"):
            columns = tuple(_by_name(left, right))
        else:
            if len(left.columns) != len(right.columns):
                self._walk.refuse(node, f"the sides of this {node.key} have not the same columns")
            columns = tuple(_by_place(left, right))
        relation = Relation(
            columns=columns,
            is_seed=left.is_seed and right.is_seed,
            grouped=merged(left.grouped, right.grouped),
            filtered=both(left.filtered, right.filtered),
        )
        is_union = isinstance(node, exp.Union)
        if not is_union:
            asked = self._walk.note(node, relation.everything)
            relation = replace(relation, filtered=both(relation.filtered, asked))
        if not is_union or node.args.get("distinct"):
            everything = uncleared(relation.everything)
            relation = replace(relation, grouped=merged(relation.grouped, everything))
        scope.tables[""] = relation
        self._end(node, scope, relation)
        return relation

    def _end(self, node: exp.Expr, scope: Scope, relation: Relation) -> None:
        """What comes behind a query: an order tells, and so does a number of rows."""
        if order := node.args.get("order"):
            for each in order.expressions:
                found = self._order_key(each.this, scope, relation)
                self._walk.forbid(each, "order by", found)
        for name in ("limit", "offset"):
            if each := node.args.get(name):
                only(self._walk, each, LIMIT_PARTS)
                found = self._expressions.traces(each.expression, scope)
                self._walk.forbid(each, f"{name} by", found)

    def _order_key(self, key: exp.Expr, scope: Scope, relation: Relation) -> Traces:
        if isinstance(key, exp.Literal) and not key.is_string:
            place = int(key.this) if str(key.this).isdigit() else 0
            if 1 <= place <= len(relation.columns) and not relation.is_open:
                return relation.columns[place - 1].traces
            self._walk.refuse(key, "the proof does not know this place of the select")
        if key.name.lower() == "all" and not (isinstance(key, exp.Column) and relation.has("all")):
            return relation.everything
        if isinstance(key, exp.Column) and not key.table:
            name = key.name.lower()
            if relation.has(name):
                known = scope.owners(name) or ()
                inner = self._expressions.traces(key, scope) if known else ()
                return merged(relation.column(name) or (), inner)
        return self._expressions.traces(key, scope)


def _is_seed(scope: Scope, columns: tuple[Column, ...]) -> bool:
    """Whether a select is reference data still: of seeds alone, and nothing personal in it."""
    relations = scope.tables.values()
    return (
        bool(relations)
        and all(each.is_seed for each in relations)
        and not any(uncleared(each.traces) for each in columns)
    )


def _window(node: exp.Expr) -> exp.Expr:
    """A named window, with nothing computed over it."""
    bare = node.copy()
    bare.set("this", exp.RowNumber())
    return bare


def _named_at(node: exp.Expr, walk: Walk) -> Place:
    return walk.place(node.args["alias"] if isinstance(node, exp.Alias) else node)


def _by_place(left: Relation, right: Relation) -> Iterator[Column]:
    for one, other in zip(left.columns, right.columns, strict=False):
        yield replace(one, traces=merged(one.traces, other.traces))


def _by_name(left: Relation, right: Relation) -> Iterator[Column]:
    others = {each.name: each for each in right.columns}
    for each in left.columns:
        other = others.pop(each.name, None)
        yield replace(each, traces=merged(each.traces, other.traces)) if other else each
    yield from others.values()
