"""The gate: what is about to leave is looked at once more, whatever made it.

It knows the bytes and what Meta says of them: no model, no macro, nothing of the static proof.
One regular expression says what a good event is, from its first brace to its last, with user_data
in the order in which the shipped models write it; nearly every event matches, for a sixth of what
reading it costs. Whatever does not match, wrong or only unusual, is read as JSON, and that alone
decides. A breach is made of this module's words: no value of an event, no key unknown to Meta.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter

from tillpost.user_data import CLEAR, HASHED, MISPLACED, placeholders


class Flaw(StrEnum):
    """What can be wrong with a field."""

    not_json = "is not JSON"
    not_one_object = "is missing, is there twice, or is no object"
    unknown_key = "has a key that Meta does not know"
    twice = "is there twice"
    not_hashed = "is not a SHA-256 in 64 lowercase hex digits, nor a list of them"
    nothing = "is the hash of nothing"
    placeholder = "is the hash of a placeholder"
    misshapen = "does not look like what belongs there"
    email = "holds an e-mail address in clear"
    misplaced = "has a key that belongs into user_data alone"
    miscounted = "is not as many events as are written down"


@dataclass(frozen=True, kw_only=True)
class Breach:
    """Why a batch may not leave: which of its events, counted from 0, which field, and the flaw."""

    place: int
    field: str
    flaw: Flaw


_Wrong = tuple[str, Flaw]
_Pairs = tuple[tuple[str, object], ...]

_FIELDS = (
    *("event_name", "event_id", "event_source_url", "referrer_url"),
    *("custom_data", "app_data", "original_event_data"),
)
"""Where else a breach may be; any other place is just `event`."""

_NON_ASCII = r"\x80-\U0010ffff"
_AT = r"(?:@|%(?:25)*40)"
_EMAIL = re.compile(
    rf"(?<=[0-9A-Za-z{_NON_ASCII}_.+-]){_AT}[0-9A-Za-z{_NON_ASCII}.-]+"
    rf"\.(?:[A-Za-z]{{2}}|[{_NON_ASCII}])"
)
_HASH = re.compile(r"[0-9a-f]{64}")
_USUAL = 11
"""So many of the keys of user_data, the first, are what the shipped models write."""
_SPACE = " \t\n\r"
_SPACES = re.compile(rf"[{_SPACE}]*".encode())
_NEXT = re.compile(rf"[{_SPACE}]*(?:,[{_SPACE}]*(?=\{{)|\Z)")
_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=int)
"""An object is the tuple of its pairs, so that none hides another; `int` fails on NaN."""


def breaches(payloads: bytes | memoryview, *, events: int) -> tuple[Breach, ...]:
    """Everything that forbids these events to leave; none of them may while there is anything.

    Args:
        payloads: the events with commas between them, as they stand in a body's `"data":[…]`.
        events: how many they are by the ledger's account.
    """
    if not _is_utf8(payloads):
        return (Breach(place=0, field="data", flaw=Flaw.not_json),)
    good_event = _good_event().match
    found: list[Breach] = []
    leading = _SPACES.match(payloads)
    place, at, end = 0, leading.end() if leading else 0, len(payloads)
    text = ""
    while at < end:
        if good := good_event(payloads, at):
            at = good.end()
        else:
            # One character a byte: what JSON goes by is ASCII, the rest is only carried.
            text = text or str(payloads, "latin-1")
            wrong, at = _read(text, at)
            found += [Breach(place=place, field=field, flaw=flaw) for field, flaw in wrong]
        place += 1
    if place != events and not found:
        found.append(Breach(place=0, field="data", flaw=Flaw.miscounted))
    return tuple(found)


def _is_utf8(payloads: bytes | memoryview) -> bool:
    """Whether they are, and without a NUL, which JSON has none of: see `_good_fields`."""
    try:
        return "\0" not in str(payloads, "utf-8")
    except UnicodeDecodeError:
        return False


def _read(text: str, at: int) -> tuple[list[_Wrong], int]:
    """What is wrong with the event that begins there, and where the next one does."""
    with suppress(ValueError, RecursionError):
        event, end = _DECODER.raw_decode(text, at)
        if following := _NEXT.match(text, end):
            return list(dict.fromkeys(_wrong(event))), following.end()
    return [("data", Flaw.not_json)], len(text)


def _wrong(event: object) -> Iterator[_Wrong]:
    pairs: _Pairs = event if isinstance(event, tuple) else ()
    users = [value for key, value in pairs if key == "user_data"]
    if len(users) == 1 and isinstance(users[0], tuple):
        yield from _wrong_user_data(users[0])
    else:
        yield "user_data", Flaw.not_one_object
    for key, value in pairs:
        if key != "user_data":
            for flaw in _flaws_elsewhere(key, value):
                yield key if key in _FIELDS else "event", flaw


def _wrong_user_data(pairs: _Pairs) -> Iterator[_Wrong]:
    seen = set()
    for key, value in pairs:
        if key not in HASHED and key not in CLEAR:
            yield "user_data", Flaw.unknown_key
            continue
        flaw = _hash_flaw(key, value) if key in HASHED else _clear_flaw(CLEAR[key], value)
        if flaw:
            yield f"user_data.{key}", flaw
        if key in seen:
            yield f"user_data.{key}", Flaw.twice
        seen.add(key)


def _hash_flaw(key: str, value: object) -> Flaw | None:
    hashes = value if isinstance(value, list) and value else [value]
    for each in hashes:
        if not isinstance(each, str) or not _HASH.fullmatch(each):
            return Flaw.not_hashed
        if flaw := _worthless(key).get(each):
            return flaw
    return None


def _clear_flaw(shape: str, value: object) -> Flaw | None:
    if type(value) is not int and not isinstance(value, str):
        return Flaw.misshapen
    if _holds_email(str(value)):
        return Flaw.email
    return None if not shape or re.fullmatch(shape, str(value)) else Flaw.misshapen


def _flaws_elsewhere(key: str, value: object) -> Iterator[Flaw]:
    """What is wrong with a pair, however deep, that is outside of user_data."""
    rest: list[object] = [((key, value),)]
    while rest:
        item = rest.pop()
        if isinstance(item, str) and _holds_email(item):
            yield Flaw.email
        elif isinstance(item, list):
            rest += item
        elif isinstance(item, tuple):
            for name, inner in item:
                if name in MISPLACED:
                    yield Flaw.misplaced
                rest += (name, inner)


def _holds_email(text: str) -> bool:
    return ("@" in text or "%" in text) and _EMAIL.search(text) is not None


@cache
def _worthless(key: str = "") -> dict[str, Flaw]:
    """The hashes of nothing and of the placeholders that are no real value of a key."""
    words = dict.fromkeys(("", " "), Flaw.nothing)
    words |= dict.fromkeys(placeholders(key), Flaw.placeholder)
    return {sha256(word.encode()).hexdigest(): flaw for word, flaw in words.items()}


@cache
def _good_event() -> re.Pattern[bytes]:
    """An event without a flaw, and the comma behind it.

    No string holds what is, or becomes when it is unescaped, the sign of an e-mail address; no
    key holds an escape. Nothing here needs a way back, so no repeat keeps one.
    """
    plain = r'[^"\\@%\x00-\x1f]*+'
    escape = r'\\(?:["\\/bfnrt]|u(?!00[2-7])[0-9A-Fa-f]{4})'
    text = rf'"{plain}(?:"|(?:(?:(?!{_AT})%|{escape}){plain})++")'
    number = r"-?+(?:0|[1-9][0-9]{0,18}+)(?:\.[0-9]{1,18}+)?+(?:[eE][+-]?+[0-9]{1,3}+)?+"
    scalar = rf"(?:{text}|{number}|true|false|null)"
    key = rf'"(?!(?:{"|".join(MISPLACED)})")[0-9A-Za-z_ -]*+":'
    flat = _object(key + scalar)
    inner = rf"(?:{scalar}|{_list(rf'(?:{scalar}|{flat})')}|{flat})"
    pair = rf"{key}(?:{scalar}|{_list(scalar)}|{_object(key + inner)})"
    fields = [_pair(field) + "?+" for field in _good_fields(text)]
    usual, rare = "".join(fields[:_USUAL]), "".join(fields[_USUAL:])
    # A look ahead passes all that are rare over at once: they are more than the others.
    user_data = rf'"user_data":\{{{usual}(?:(?="){rare})?+\}}'
    good = rf"\{{(?:{pair},)*+{user_data}(?:,{pair})*+\}}(?:,(?=\{{)|\Z)"
    return re.compile(good.encode("latin-1"))


def _good_fields(text: str) -> Iterator[str]:
    # Six digits are enough to leave a hash to the slow way, and keep the pattern small.
    starts = sorted(each[:6] for each in _worthless())
    worthless = "|".join(
        f"{first}(?:{'|'.join(start[1:] for start in group)})"
        for first, group in groupby(starts, key=itemgetter(0))
    )
    # With NUL, which is kept out, `re` looks digits up in one table: four times as fast.
    hashed = rf'"(?!{worthless})[0-9a-f\x00]{{64}}"'
    for name in HASHED:
        yield rf'"{name}":(?:\[{hashed}(?:,{hashed})*+\]|{hashed})'
    for name, shape in CLEAR.items():
        yield rf'"{name}":' + (f'"(?:{shape})"' if shape else text)


def _pair(pair: str) -> str:
    return rf'(?:{pair}(?:,(?=")|(?=\}})))'


def _object(pair: str) -> str:
    return rf"\{{{_pair(pair)}*+\}}"


def _list(item: str) -> str:
    return rf"\[(?:{item}(?:,(?!\])|(?=\])))*+\]"
