"""What each key of an event may hold: tables, and the tests they are made of."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tillpost.sandbox.currencies import CURRENCIES
from tillpost.sandbox.refusals import LEAD, SCHEMA, Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must be, in words and as a test, and how it is refused otherwise."""

    words: str
    holds: Callable[[object], bool]
    kind: Kind = SCHEMA


_EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_hash = re.compile(rf"(?!{_EMPTY_HASH})[0-9a-f]{{64}}").fullmatch
_any_case_hash = re.compile(r"[0-9A-Fa-f]{64}").fullmatch
_lead = re.compile(r"[0-9]{15,16}").fullmatch
_infinity = float("inf")


def _is_text(value: object) -> bool:
    return type(value) is str and value != ""


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and -_infinity < value < _infinity  # type: ignore[operator]  # the first half knows


def _is_hashed(value: object) -> bool:
    if type(value) is str:
        return _hash(value) is not None
    return isinstance(value, list) and bool(value) and all(map(_is_hash, value))


def _is_hash(value: object) -> bool:
    return type(value) is str and _hash(value) is not None


def _is_clear(value: object) -> bool:
    return type(value) is str and value != "" and _any_case_hash(value) is None


def _is_address(value: object) -> bool:
    try:
        return type(value) is str and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _is_lead(value: object) -> bool:
    return type(value) in (int, str) and _lead(str(value)) is not None


def _is_solid(value: object) -> bool:
    """Hold nothing that stands for nothing: no null, no empty string, no infinite number."""
    if isinstance(value, dict):
        return all(map(_is_solid, value.values()))
    if isinstance(value, list):
        return all(map(_is_solid, value))
    return type(value) is bool or _is_number(value) or _is_text(value)


def _is_app_data(value: object) -> bool:
    """Hold nothing empty, except in ``extinfo``, whose places count."""
    return isinstance(value, dict) and all(
        key == "extinfo" or _is_solid(item) for key, item in value.items()
    )


def _one_of(*words: object) -> Rule:
    return Rule(
        "one of " + ", ".join(map(str, words)),
        lambda value: type(value) in (str, int) and value in words,
    )


_TEXT = Rule("a string that is not empty", _is_text)
_NUMBER = Rule("a finite number", _is_number)
_COUNT = Rule("an integer, 1 or more", lambda value: type(value) is int and value > 0)
_INTEGER = Rule("an integer", lambda value: type(value) is int)
_FLAG = Rule("true or false", lambda value: type(value) is bool)
_OBJECT = Rule("an object", lambda value: isinstance(value, dict))
_OBJECTS = Rule(
    "a list of objects",
    lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
)
_IDS = Rule(
    "a list of strings or integers",
    lambda value: (
        isinstance(value, list) and all(type(item) is int or _is_text(item) for item in value)
    ),
)
_ID = Rule("a string or an integer", lambda value: type(value) is int or _is_text(value))
_HASHED = Rule(
    "a SHA-256 (64 lowercase hex digits, not that of nothing), or a list of them", _is_hashed
)
_CLEAR = Rule("a string that is neither empty nor hashed", _is_clear)
_DELIVERY = _one_of("in_store", "curbside", "home_delivery")

FREE = Rule("without nulls, empty strings and infinite numbers", _is_solid)
"""What a custom property may hold."""

EVENT: Mapping[str, Rule] = {
    "event_name": _TEXT,
    "event_time": _INTEGER,
    "user_data": _OBJECT,
    "custom_data": _OBJECT,
    "action_source": _one_of(
        "physical_store",
        "website",
        "app",
        "phone_call",
        "chat",
        "email",
        "business_messaging",
        "system_generated",
        "other",
    ),
    "event_id": _TEXT,
    "event_source_url": _TEXT,
    "referrer_url": _TEXT,
    "opt_out": _FLAG,
    "data_processing_options": Rule('either [] or ["LDU"]', lambda value: value in ([], ["LDU"])),
    "data_processing_options_country": _one_of(0, 1),
    "data_processing_options_state": _one_of(0, *range(1000, 1014)),
    "messaging_channel": _TEXT,
    "original_event_data": Rule(
        "an object without nulls and empty strings",
        lambda value: (
            isinstance(value, dict) and _is_solid(value) and type(value.get("event_time", 0)) is int
        ),
    ),
    "app_data": Rule("an object without nulls and empty strings", _is_app_data),
}

USER_DATA: Mapping[str, Rule] = {
    **dict.fromkeys(
        ["em", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country", "external_id"],
        _HASHED,
    ),
    # the names that the offline page uses
    **dict.fromkeys(["email", "phone", "gen", "zip"], _HASHED),
    **dict.fromkeys(["madid", "fbc", "fbp", "client_user_agent", "subscription_id"], _CLEAR),
    **dict.fromkeys(["page_scoped_user_id", "ctwa_clid", "ig_account_id", "ig_sid"], _CLEAR),
    **dict.fromkeys(["fb_login_id", "page_id", "whatsapp_business_account_id"], _ID),
    "client_ip_address": Rule("an IPv4 or IPv6 address", _is_address),
    "lead_id": Rule("15 or 16 digits", _is_lead, LEAD),
}

CUSTOM_DATA: Mapping[str, Rule] = {
    **dict.fromkeys(["value", "predicted_ltv", "net_revenue"], _NUMBER),
    **dict.fromkeys(["order_id", "item_number", "content_name", "content_category"], _TEXT),
    "currency": Rule(
        "a currency of ISO 4217, in capitals",
        lambda value: type(value) is str and value in CURRENCIES,
    ),
    "contents": _OBJECTS,
    "content_type": _one_of("product", "product_group"),
    "content_ids": _IDS,
    "num_items": _INTEGER,
    "delivery_category": _DELIVERY,
}

CONTENT: Mapping[str, Rule] = {
    "id": _ID,
    "quantity": _COUNT,
    **dict.fromkeys(["item_price", "price"], _NUMBER),
    **dict.fromkeys(["brand", "category", "title", "description"], _TEXT),
    "delivery_category": _DELIVERY,
}

MESSAGING_IDS = frozenset(
    {"page_id", "page_scoped_user_id", "ig_account_id", "ig_sid"}
    | {"ctwa_clid", "whatsapp_business_account_id"}
)

TOO_BROAD = (
    frozenset({"ct", "country", "st", "zp", "zip", "ge", "gen", "client_user_agent"}),
    frozenset({"db", "client_user_agent"}),
    frozenset({"fn", "ge", "gen"}),
    frozenset({"ln", "ge", "gen"}),
)
"""Sets of user_data keys that describe too many people; so does every part of one."""
