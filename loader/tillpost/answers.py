"""What an answer of the edge means, by the contract's table of codes."""

import json
from collections.abc import Callable, Mapping

from tillpost.records import Answer, Fault, Outcome

_BY_CODE = {
    **dict.fromkeys((1, 2, 5000), Fault.temporary),
    **dict.fromkeys((4, 17, 32, 341, 613, 80000, 80003, 80004, 80014), Fault.throttled),
    368: Fault.blocked,
    **dict.fromkeys((190, 102, 104), Fault.token),
    **dict.fromkeys((10, *range(200, 300)), Fault.permission),
    100: Fault.event,
    # A version that is no longer served: a mistake in the profile, as a wrong dataset is one.
    2635: Fault.dataset,
}
_BY_SUBCODE = {(100, 33): Fault.dataset}

_OUTCOMES = {
    Fault.none: Outcome.accepted,
    Fault.temporary: Outcome.uncertain,
    Fault.throttled: Outcome.returned,
    Fault.blocked: Outcome.returned,
    Fault.token: Outcome.returned,
    Fault.permission: Outcome.returned,
    Fault.dataset: Outcome.returned,
    Fault.event: Outcome.refused,
}

_OK = range(200, 300)
_TIMED_OUT = 408
_TOO_LARGE = 413
"""Cut into parts it may pass."""
_TOO_MANY = 429
_SERVER_FAULT = 500

_MOST_WARNINGS = 20
_LARGEST_NUMBER = 2**31


def document(text: str, *, clean: Callable[[str], str]) -> dict[str, object] | None:
    """The answer's JSON object with its texts clean, or nothing where it is something else."""
    try:
        values = _cleaned(json.loads(text), clean)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def understood(
    status: int, values: Mapping[str, object] | None, *, clean: Callable[[str], str]
) -> Answer:
    """What the edge said with this HTTP status and document.

    Args:
        status: decides only where there is no code that the contract knows.
        values: the answer's document, or nothing where it was not readable.
        clean: makes a text that was put together from others fit to be kept and shown.
    """
    said = values or {}
    error = said.get("error")
    words = error if isinstance(error, dict) else {}
    code, subcode = _number(words.get("code")), _number(words.get("error_subcode"))
    known = _BY_SUBCODE.get((code or 0, subcode or 0)) or _BY_CODE.get(code or 0)
    fault = known or _without_code(status, answered=values is not None and "error" not in said)
    # An error that the contract does not know says nothing about what was stored.
    unknown = bool(words) and not known and fault is Fault.dataset
    return Answer(
        outcome=Outcome.uncertain if unknown else _OUTCOMES[fault],
        fault=fault,
        received=_number(said.get("events_received")),
        http_status=status,
        code=code,
        subcode=subcode,
        message=clean(_message(words) or ("" if fault is Fault.none else f"HTTP {status}")),
        fbtrace_id=clean(str(words.get("fbtrace_id") or said.get("fbtrace_id") or "")),
        warnings=_warnings(said.get("messages"), clean),
    )


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    """The same with each text in it clean; names stay, since a short token may be part of one."""
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(each, clean) for each in value]
        case dict():
            return {name: _cleaned(each, clean) for name, each in value.items()}
    return value


def _without_code(status: int, *, answered: bool) -> Fault:
    if status == _TOO_MANY:
        return Fault.throttled
    if status >= _SERVER_FAULT or status == _TIMED_OUT:
        return Fault.temporary
    if status in _OK:
        return Fault.none if answered else Fault.temporary
    if status == _TOO_LARGE:
        return Fault.event
    # Something on the way answers in Meta's place, or the address is not Meta's.
    return Fault.dataset


def _message(words: Mapping[str, object]) -> str:
    parts = (words.get(name) for name in ("message", "error_user_title", "error_user_msg"))
    return " | ".join(dict.fromkeys(str(part) for part in parts if part))


def _warnings(messages: object, clean: Callable[[str], str]) -> tuple[str, ...]:
    texts = messages[:_MOST_WARNINGS] if isinstance(messages, list) else []
    return tuple(clean(it if isinstance(it, str) else json.dumps(it)) for it in texts)


def _number(value: object) -> int | None:
    """A whole number of a size that the ledger can hold; ``True`` is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < _LARGEST_NUMBER else None
