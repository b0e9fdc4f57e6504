"""What an intrinsic makes of the personal data in its arguments, by the rule declared for it."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from tillpost.errors import Place
from tillpost.privacy.rules import IN_CLEAR, Effect, Rule
from tillpost.privacy.scopes import Walk
from tillpost.privacy.traces import (
    Origin,
    Stage,
    Trace,
    Traces,
    answered,
    changed,
    merged,
    uncleared,
)


def call(node: exp.Expr, name: str, arguments: list[Traces], walk: Walk) -> Traces:
    """What the result of an intrinsic carries."""
    rule = walk.rules.by_name.get(name)
    if rule is None:
        return walk.refuse(
            node,
            f'the intrinsic "{name}" says nothing about personal data',
            fix="declare it in a YAML file beside the macros: name, meta.privacy",
        )
    found = merged(*arguments)
    if not found and rule.effect is Effect.NORMALIZE:
        return (_form_of_nothing(rule),)
    if not found and rule.effect is not Effect.PAIR:
        return ()
    return _EFFECTS[rule.effect](node, rule, found, walk)


def _form_of_nothing(rule: Rule) -> Trace:
    """What a normaliser makes of a column that no source has: so that a choice knows its form."""
    origin = Origin(source="", column="", kind=rule.kind)
    return Trace(origin=origin, stage=Stage.NORMALIZED, by=rule.name)


def _normalize(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    place = walk.place(node)
    return merged(_normalized(each, rule, place) for each in found)


def _normalized(trace: Trace, rule: Rule, place: Place) -> Trace:
    if trace.is_cleared:
        return trace
    spoilt = replace(trace, stage=Stage.RAW, by="")
    if trace.origin.kind not in rule.kinds:
        return spoilt.noted(f"{rule.name} takes {', '.join(rule.kinds)} only", place)
    if trace.origin.kind == rule.kind and not trace.is_whole:
        return spoilt.noted(f"{rule.name} takes whole texts only", place)
    return replace(trace, stage=Stage.NORMALIZED, by=rule.name)


def _hash(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    place = walk.place(node)
    waiting = uncleared(found)
    normalizers = {each.by for each in waiting if each.stage is Stage.NORMALIZED}
    if len(normalizers) > 1:
        names = " and ".join(sorted(normalizers))
        words = f"{rule.name} takes what one normalizer made, not {names}"
        return changed(found, words, place)
    if all(each.stage is Stage.NORMALIZED for each in waiting):
        return merged(
            replace(each, stage=Stage.HASHED, hash=rule.name)
            if each.stage is Stage.NORMALIZED
            else each
            for each in found
        )
    return merged(
        each
        if each.is_cleared
        else replace(each, stage=Stage.RAW, by="", is_whole=False).noted(
            f"{rule.name} of what is not normalized", place
        )
        for each in found
    )


def _answer(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    known = tuple(
        each for each in found if each.origin.kind in rule.kinds and each.is_exact and each.is_whole
    )
    others = tuple(each for each in found if each not in known)
    return merged(
        answered(known), changed(others, f"goes through {rule.name}(…)", walk.place(node))
    )


def _digest(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    place = walk.place(node)
    return merged(*(_digested(each, rule, place) for each in found))


def _digested(trace: Trace, rule: Rule, place: Place) -> Traces:
    if trace.is_cleared:
        return (replace(trace, key=""),)
    is_whole = trace.is_whole or trace.stage is Stage.PLACED
    if trace.origin.kind in IN_CLEAR and is_whole:
        return (replace(trace, stage=Stage.DIGESTED, hash=rule.name, key=""),)
    words = f"{rule.name} of what is neither cleared nor meant to stand in clear"
    return changed((trace,), words, place)


def _keyed(_node: exp.Expr, rule: Rule, found: Traces, _walk: Walk) -> Traces:
    return merged(
        each
        if each.is_cleared
        else replace(each, stage=Stage.KEYED, by=rule.name, hash=rule.name, key="")
        for each in found
    )


def _pair(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    key = node.expressions[0] if node.expressions else None
    if not isinstance(key, exp.Literal) or not key.is_string:
        fix = "write the key as a text"
        return walk.refuse(node, f"{rule.name} needs a key that stands there", fix=fix)
    place = walk.place(node)
    return merged(*(_placed(each, str(key.this), place) for each in found))


def _placed(trace: Trace, key: str, place: Place) -> Traces:
    if trace.stage in (Stage.DIGESTED, Stage.ANSWERED):
        return (trace,)
    if trace.stage in (Stage.HASHED, Stage.KEYED, Stage.PLACED):
        return (replace(trace, key=f"{key}.{trace.key}" if trace.key else key),)
    if trace.origin.kind == key and key in IN_CLEAR and trace.is_whole:
        return (replace(trace, stage=Stage.PLACED, key=key),)
    return changed((trace,), f'it stands under the key "{key}"', place)


def _pack(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    return merged(
        *(
            (each,)
            if each.is_cleared or each.stage is Stage.PLACED
            else changed((each,), f"goes through {rule.name}(…)", walk.place(node))
            for each in found
        )
    )


def _ask(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    packed = tuple(each for each in found if each.stage is Stage.PLACED)
    others = tuple(each for each in found if each not in packed)
    return merged(
        answered(packed), changed(others, f"goes through {rule.name}(…)", walk.place(node))
    )


def _keep(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    place = walk.place(node)
    return merged(
        *(
            changed((each,), f"goes through {rule.name}(…)", place, is_whole=True)
            if each.stage is Stage.NORMALIZED and each.origin.kind not in IN_CLEAR
            else (each,)
            for each in found
        )
    )


def _change(node: exp.Expr, rule: Rule, found: Traces, walk: Walk) -> Traces:
    return changed(found, f"goes through {rule.name}(…)", walk.place(node))


_EFFECTS: dict[Effect, Callable[[exp.Expr, Rule, Traces, Walk], Traces]] = {
    Effect.NORMALIZE: _normalize,
    Effect.HASH: _hash,
    Effect.ANSWER: _answer,
    Effect.DIGEST: _digest,
    Effect.KEYED: _keyed,
    Effect.PAIR: _pair,
    Effect.PACK: _pack,
    Effect.ASK: _ask,
    Effect.KEEP: _keep,
    Effect.CHANGE: _change,
}
