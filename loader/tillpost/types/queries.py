"""What columns a query has, and of which types."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from tillpost.privacy.stars import is_star
from tillpost.privacy.tables import table_key
from tillpost.types.expressions import Expressions, Intrinsics
from tillpost.types.families import Known
from tillpost.types.scopes import UNKNOWN, Relation, Scope, by_place
from tillpost.types.telling import Telling


class Queries:
    """Follows the queries of one model."""

    def __init__(
        self, tell: Telling, known: Mapping[str, Relation], intrinsics: Intrinsics
    ) -> None:
        """Start with the relations that there are, by how SQL names them."""
        self._known = known
        self._expressions = Expressions(tell, self._inner, intrinsics)

    def relation(self, query: exp.Expr) -> Relation:
        """What a model returns."""
        return self._query(query, {}, None)

    def _inner(self, node: exp.Expr, scope: Scope) -> Relation:
        return self._query(node, scope.ctes, scope)

    def _query(
        self, node: exp.Expr, ctes: Mapping[str, Relation], parent: Scope | None
    ) -> Relation:
        if given := node.args.get("with_"):
            ctes = self._with(given, ctes, parent)
        if isinstance(node, exp.Select):
            return self._select(node, Scope(ctes=ctes, parent=parent))
        if isinstance(node, exp.SetOperation):
            left = self._query(node.this, ctes, parent)
            right = self._query(node.expression, ctes, parent)
            return UNKNOWN if node.args.get("by_name") else by_place(left, right)
        if isinstance(node, exp.Subquery):
            return self._query(node.this, ctes, parent)
        return UNKNOWN

    def _with(
        self, given: exp.With, ctes: Mapping[str, Relation], parent: Scope | None
    ) -> Mapping[str, Relation]:
        known = dict(ctes)
        for each in given.expressions:
            name = each.alias.lower()
            if given.args.get("recursive"):
                known[name] = UNKNOWN
            known[name] = _aliased(self._query(each.this, known, parent), each)
        return known

    def _select(self, node: exp.Select, scope: Scope) -> Relation:
        if start := node.args.get("from_"):
            self._add(start.this, scope)
        for join in node.args.get("joins") or ():
            self._join(join, scope)
        columns: list[tuple[str, Known]] = []
        for each in node.expressions:
            if is_star(each):
                columns += self._star(each, scope)
                continue
            name, found = each.alias_or_name.lower(), self._expressions.type(each, scope)
            columns.append((name, found))
            if isinstance(each, exp.Alias):
                scope.aliases[name] = found
        for part in ("where", "having", "qualify"):
            if condition := node.args.get(part):
                self._expressions.type(condition.this, scope)
        opened = [_rest(each, scope) for each in node.expressions if is_star(each)]
        is_open = any(found for found, _ in opened)
        rest = {rest for found, rest in opened if found}
        return Relation(
            columns=tuple(columns),
            is_open=is_open,
            rest=rest.pop() if len(rest) == 1 else None,
        )

    def _add(self, node: exp.Expr, scope: Scope) -> None:
        scope.tables[node.alias_or_name.lower()] = _aliased(self._behind(node, scope), node)

    def _join(self, join: exp.Join, scope: Scope) -> None:
        self._add(join.this, scope)
        if condition := join.args.get("on"):
            self._expressions.type(condition, scope)
        scope.shared |= {each.name.lower() for each in join.args.get("using") or ()}
        if join.kind.upper() in ("SEMI", "ANTI"):
            del scope.tables[join.this.alias_or_name.lower()]

    def _behind(self, node: exp.Expr, scope: Scope) -> Relation:
        """A relation behind `from` or `join`."""
        if node.args.get("pivots") or node.args.get("joins"):
            return UNKNOWN
        if isinstance(node, exp.Subquery):
            found = self._known.get(table_key(node)) if self._has_queries else None
            return found or self._query(node, scope.ctes, scope)
        if not isinstance(node, exp.Table):
            return UNKNOWN
        is_name = isinstance(node.this, exp.Identifier)
        if is_name and not node.args.get("db") and node.name.lower() in scope.ctes:
            return scope.ctes[node.name.lower()]
        return self._known.get(table_key(node), UNKNOWN)

    @property
    def _has_queries(self) -> bool:
        """Whether a source's location is a query."""
        return any(key.startswith("(") for key in self._known)

    def _star(self, node: exp.Expr, scope: Scope) -> Iterator[tuple[str, Known]]:
        star = node.this if isinstance(node, exp.Column) else node
        left_out = {each.name.lower() for each in star.args.get("except_") or ()}
        replaced = {each.alias.lower(): each.this for each in star.args.get("replace") or ()}
        renamed = {
            each.this.name.lower(): each.alias.lower() for each in star.args.get("rename") or ()
        }
        types = {name: self._expressions.type(each, scope) for name, each in replaced.items()}
        seen = {name for each in _starred(node, scope) for name, _ in each.columns}
        yield from ((name, found) for name, found in types.items() if name not in seen)
        # A raw file may have a column that nobody declared: under its new name it is not known.
        yield from ((other, None) for name, other in renamed.items() if name not in seen)
        given = set[str]()
        for relation in _starred(node, scope):
            for name, _ in relation.columns:
                if name not in left_out and not (name in scope.shared and name in given):
                    given.add(name)
                    found = types.get(name, relation.column(name))
                    yield renamed.get(name, name), found


def _starred(node: exp.Expr, scope: Scope) -> list[Relation]:
    """The relations that a star is about."""
    if isinstance(node, exp.Column):
        return [scope.tables.get(node.table.lower(), UNKNOWN)]
    return list(scope.tables.values())


def _rest(node: exp.Expr, scope: Scope) -> tuple[bool, Known]:
    """Whether a star stands for columns that nobody declared, and their type."""
    opened = [each for each in _starred(node, scope) if each.is_open]
    types = {each.rest for each in opened}
    return bool(opened), types.pop() if len(types) == 1 else None


def _aliased(relation: Relation, node: exp.Expr) -> Relation:
    """A relation under the names that its alias gives to columns."""
    alias = node.args.get("alias")
    names = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return relation.renamed([each.name.lower() for each in names]) if names else relation
