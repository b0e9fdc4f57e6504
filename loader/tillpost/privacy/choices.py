"""Choices between values, and the words for what a node does."""

from dataclasses import replace

from sqlglot import exp

from tillpost.privacy.scopes import Scope
from tillpost.privacy.traces import Stage, Traces, merged, uncleared


def absorbed(asked: Traces, answers: list[Traces], scope: Scope) -> Traces:
    """What a condition leaves in the result that it chooses.

    The choice between two forms of one field by what helps its normaliser (the country of a
    postcode) tells no more than the normaliser itself would.
    """
    asks = uncleared(asked)
    forms = {
        (each.stage, each.by, each.hash, each.is_whole)
        for found in answers
        for each in found
        if each.stage is not Stage.ANSWERED
    }
    if not asks or len(forms) != 1 or not all(answers):
        return asked
    stage, by, hashed, is_whole = forms.pop()
    rule = scope.walk.rules.by_name.get(by)
    if rule is None or not is_whole or stage not in (Stage.NORMALIZED, Stage.HASHED):
        return asked
    return merged(
        replace(each, stage=stage, by=by, hash=hashed)
        if not each.is_cleared and each.origin.kind in rule.kinds[1:]
        else each
        for each in asked
    )


def unit(node: exp.Expr, scope: Scope) -> Traces:
    """What a unit of time carries: sqlglot takes any name for one, DuckDB knows columns, too."""
    written = node.text("unit")
    if not written:
        return ()
    shorts = exp.TimeUnit.UNABBREVIATED_UNIT_NAME.items()
    names = (written, *(short for short, long in shorts if long == written))
    return merged(*(scope.named(each.lower()) for each in names))


def words(node: exp.Expr) -> str:
    """A node as messages name it; never its values."""
    if isinstance(node, exp.Func):
        return f"{node.sql_name().lower()}(…)"
    if isinstance(node, exp.Columns):
        return "columns(…)"
    symbols = {exp.DPipe: "||", exp.EQ: "=", exp.Star: "a star in this place"}
    return symbols.get(type(node)) or f"`{node.key}`"
