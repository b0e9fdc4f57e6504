"""Meta's rules for one event, as far as they are documented; where they are not, the strict way."""

from collections.abc import Mapping
from typing import Any

from tillpost.sandbox.fields import (
    CONTENT,
    CUSTOM_DATA,
    EVENT,
    FREE,
    MESSAGING_IDS,
    TOO_BROAD,
    USER_DATA,
    Rule,
)
from tillpost.sandbox.refusals import (
    BROAD,
    CURRENCY,
    SCHEMA,
    TIME,
    VALUE,
    Kind,
    Refusal,
    Step,
    place,
    shown,
)

DAY = 86_400
WINDOW = 7 * DAY
STORE_WINDOW = 62 * DAY

_Object = dict[str, Any]
_Place = tuple[Step, ...]


def first_fault(event: object, *, index: int, now: float) -> Refusal | None:
    """The first thing wrong with the event at ``index`` of a request, if anything is.

    Each rule relies on those before it having found nothing.
    """
    at: _Place = ("data", index)
    if not isinstance(event, dict):
        return _fault(SCHEMA, "must be an object", *at)
    return (
        _keys(event, EVENT, at)
        or _missing(event, ("event_name", "event_time", "action_source"), at)
        or _time(event, at, now)
        or _user(event.get("user_data", {}), (*at, "user_data"))
        or _custom(event.get("custom_data", {}), (*at, "custom_data"))
        or _purchase(event, at)
        or _source(event, at)
        or _processing(event, at)
    )


def _fault(kind: Kind, words: str, *steps: Step) -> Refusal:
    return Refusal(kind=kind, words=f"Param {place(*steps)} {words}")


def _keys(
    value: _Object, rules: Mapping[str, Rule], at: _Place, otherwise: Rule | None = None
) -> Refusal | None:
    for key, item in value.items():
        rule = rules.get(key, otherwise)
        if rule is None:
            words = f'Unexpected key "{shown(key)}" on param "{place(*at)}"'
            return Refusal(kind=SCHEMA, words=words)
        if not rule.holds(item):
            return _fault(rule.kind, f"must be {rule.words}", *at, key)
    return None


def _missing(value: _Object, keys: tuple[str, ...], at: _Place) -> Refusal | None:
    for key in keys:
        if key not in value:
            return _fault(SCHEMA, "is required", *at, key)
    return None


def _time(event: _Object, at: _Place, now: float) -> Refusal | None:
    window = STORE_WINDOW if event["action_source"] == "physical_store" else WINDOW
    if event["event_time"] > now:
        return _fault(TIME, "is in the future", *at, "event_time")
    if event["event_time"] < now - window:
        return _fault(TIME, f"is older than {window // DAY} days", *at, "event_time")
    return None


def _user(user: _Object, at: _Place) -> Refusal | None:
    if fault := _keys(user, USER_DATA, at):
        return fault
    for broad in TOO_BROAD:
        if user.keys() <= broad:
            return _fault(BROAD, "is missing or fits too many people", *at)
    return None


def _custom(custom: _Object, at: _Place) -> Refusal | None:
    if fault := _keys(custom, CUSTOM_DATA, at, otherwise=FREE):
        return fault
    for number, content in enumerate(custom.get("contents", ())):
        here = (*at, "contents", number)
        if fault := _keys(content, CONTENT, here) or _missing(content, ("id", "quantity"), here):
            return fault
    return None


def _purchase(event: _Object, at: _Place) -> Refusal | None:
    if event["event_name"] == "Purchase":
        custom = event.get("custom_data", {})
        for key, kind in (("value", VALUE), ("currency", CURRENCY)):
            if key not in custom:
                return _fault(kind, "is required for Purchase", *at, "custom_data", key)
    return None


def _source(event: _Object, at: _Place) -> Refusal | None:
    """What an action_source asks for besides; a store asks for nothing."""
    user = event["user_data"]
    match event["action_source"]:
        case "website":
            return _missing(event, ("event_source_url",), at) or _missing(
                user, ("client_user_agent",), (*at, "user_data")
            )
        case "app":
            extinfo = event.get("app_data", {}).get("extinfo")
            if not (isinstance(extinfo, list) and extinfo):
                return _fault(SCHEMA, "must be a filled list", *at, "app_data", "extinfo")
        case "business_messaging":
            if MESSAGING_IDS.isdisjoint(user):
                return _fault(SCHEMA, "needs a messaging id", *at, "user_data")
            return _missing(event, ("messaging_channel",), at)
    return None


def _processing(event: _Object, at: _Place) -> Refusal | None:
    """Limited data use without an address to tell the place by must name the place."""
    if event.get("data_processing_options") and "client_ip_address" not in event["user_data"]:
        names = ("data_processing_options_country", "data_processing_options_state")
        return _missing(event, names, at)
    return None
