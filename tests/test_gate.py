"""The gate: what may leave, what may not and why, and that its two ways through agree."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tillpost import gate
from tillpost.gate import Breach, Flaw
from tillpost.user_data import CLEAR, HASHED, MISPLACED

GOLDEN = Path(__file__).parent / "golden"
PAYLOADS = [
    line
    for file in sorted(GOLDEN.glob("*.txt"))
    for line in file.read_text("utf-8").splitlines()
    if line.startswith("{")
]
FIELDS = {f"user_data.{key}" for key in (*HASHED, *CLEAR)} | {
    *("data", "event", "user_data", "event_name", "event_id", "event_source_url"),
    *("referrer_url", "custom_data", "app_data", "original_event_data"),
}


def breaches(payloads: bytes | memoryview, *, events: int = 0) -> tuple[Breach, ...]:
    """What the gate finds; how many events there are counts only where it is given."""
    found = gate.breaches(payloads, events=events)
    return tuple(each for each in found if events or each.flaw is not Flaw.miscounted)


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


HASH = hashed("ada@example.com")
USER: dict[str, Any] = {
    "em": [HASH, hashed("ada@work.example")],
    "ph": [hashed("16505551212")],
    "fn": hashed("ada"),
    "ct": [hashed("london")],
    "madid": "38400000-8cf0-11bd-b23e-10b96e40000d",
    "lead_id": "525645896321548",
    "client_ip_address": "2001:db8::1",
    "client_user_agent": 'Mozilla/5.0 (X11; "Linux")',
    "fbc": "fb.1.1554763741205.AbC",
    "page_id": "7001",
}
EVENT: dict[str, Any] = {
    "event_name": "Purchase",
    "event_time": 1795168800,
    "action_source": "physical_store",
    "data_processing_options": [],
    "app_data": {"extinfo": ["i2", "", ""]},
    "user_data": USER,
    "custom_data": {
        "value": 9.5,
        "currency": "EUR",
        "order_id": "R-1",
        "contents": [{"id": "MUG", "quantity": 2, "title": '19" Käse\t🧾 100 %'}],
        "store_data": {"store_code": "B01"},
        "is_member": True,
    },
}


def written(event: object) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def event_with(user: dict[str, Any] | None = None, **others: Any) -> bytes:  # noqa: ANN401
    """The good event with some keys set, in user_data or beside it; those set to `...` are gone."""
    event = EVENT | others | {"user_data": others.get("user_data", USER | (user or {}))}
    if isinstance(event["user_data"], dict):
        event["user_data"] = {k: v for k, v in event["user_data"].items() if v is not ...}
    return written({key: value for key, value in event.items() if value is not ...})


GOOD = written(EVENT)


def flaws(payloads: bytes) -> set[tuple[str, Flaw]]:
    return {(breach.field, breach.flaw) for breach in breaches(payloads)}


def test_what_the_shipped_models_write_leaves_without_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tillpost.gate._DECODER", None)
    assert len(PAYLOADS) > 20
    assert breaches(",".join(PAYLOADS).encode()) == ()
    assert breaches(memoryview(GOOD + b",")[:-1]) == ()


@pytest.mark.parametrize(
    "payloads",
    [
        b"",
        GOOD,
        b" \n" + GOOD + b" ,\t" + GOOD + b"\r\n",
        json.dumps(EVENT, indent=2).encode(),
        event_with(dict.fromkeys(HASHED, HASH)),
        event_with({key: [HASH, HASH] for key in HASHED}),
        event_with({"lead_id": 525645896321548, "page_id": 7001}),
        event_with({"client_ip_address": "192.0.2.7"}),
        event_with({"client_ip_address": "::ffff:192.0.2.7"}),
        event_with({"ln": hashed("null"), "fn": hashed("nan"), "ct": [hashed("nan")]}),
        event_with(user_data={}),
        event_with(custom_data=...),
        event_with(custom_data={"deep": [[[{"deeper": {"deepest": [None]}}]]]}),
        event_with(event_source_url="https://maps.example/@52.5,13.4?share=10%25"),
        event_with(referrer_url="https://video.example/@brand.shop", note="follow @brand.shop"),
        event_with(custom_data={"title": "2@1.50, 3 @ 2.50, 4 @ shop.example, a@b"}),
    ],
)
def test_a_good_event_leaves(payloads: bytes) -> None:
    assert breaches(payloads) == ()
    assert breaches(payloads.replace(b"{", b"{ ")) == ()


WORDS = ("null", "None", "NaN", "unknown", "n/a", "undefined", "0", "00000000", "-")
BAD: list[tuple[bytes, str, Flaw]] = [
    *((event_with({key: "ada"}), f"user_data.{key}", Flaw.not_hashed) for key in HASHED),
    *(
        (event_with({"em": value}), "user_data.em", Flaw.not_hashed)
        for value in (
            *("ada@example.com", "", HASH.upper(), HASH[:-1], HASH + "0", HASH[:-1] + "g"),
            *(f" {HASH}", f"{HASH}\n", "\0" + HASH[1:], None, True, 5, [], {}, [HASH, None]),
            *([HASH, "ada@example.com"], ["ada@example.com", HASH], [[HASH]], {"em": HASH}),
            *(hashed("é")[:-2] + "é", "\uff10" * 64, "\u0663" * 64),
        )
    ),
    *((event_with({key: hashed("")}), f"user_data.{key}", Flaw.nothing) for key in HASHED),
    (event_with({"em": [HASH, hashed(" ")]}), "user_data.em", Flaw.nothing),
    *((event_with({"ph": hashed(w)}), "user_data.ph", Flaw.placeholder) for w in WORDS),
    (event_with({"fn": hashed("null")}), "user_data.fn", Flaw.placeholder),
    (event_with({"external_id": [HASH, hashed("nan")]}), "user_data.external_id", Flaw.placeholder),
    *(
        (event_with({key: HASH}), "user_data", Flaw.unknown_key)
        for key in ("emails", "EM", "first_name", "ada@example.com", "", "em ", "doby")
    ),
    *(
        (event_with({key: value}), f"user_data.{key}", Flaw.misshapen)
        for key, value in (
            *(("madid", "ada"), ("madid", None), ("lead_id", "16505551212"), ("lead_id", 1.5)),
            *(("client_ip_address", "650.555.1212"), ("client_ip_address", "Ada Lovelace")),
            *(("client_ip_address", "1990-02-16"), ("fbc", "Ada"), ("fbp", "fb.ada lovelace")),
            *(("client_user_agent", ["Mozilla"]), ("page_id", "Ada Lovelace"), ("page_id", True)),
        )
    ),
    *(
        (event_with({key: "fb.ada@example.com"}), f"user_data.{key}", Flaw.email)
        for key in ("fbc", "client_user_agent", "subscription_id")
    ),
    *(
        (event_with(user_data=value), "user_data", Flaw.not_one_object)
        for value in (..., None, "", [], [USER], "{}", 5)
    ),
    *(
        (event_with(**{key: value}), key if key in FIELDS else "event", Flaw.email)
        for key, value in (
            ("custom_data", {"note": "for ada@example.com"}),
            ("custom_data", {"contents": [{"title": "gift of Ada.L@mail.example.com."}]}),
            ("custom_data", {"ada@example.com": 1}),
            ("custom_data", {"deep": [[[{"deeper": {"a": "ada@bücher.example"}}]]]}),
            ("event_source_url", "https://shop.example/?for=ada%40example.com"),
            ("referrer_url", "https://shop.example/?to=%2Ffor%3Dada%2540example.com"),
            ("app_data", {"extinfo": ["ada@example.com"]}),
            ("event_id", "ada@example.com"),
            ("note", "ada@example.com"),
            ("note", ["Åda.Å@example.com"]),
        )
    ),
    *((event_with(custom_data={key: 1}), "custom_data", Flaw.misplaced) for key in MISPLACED),
    *((event_with(**{key: HASH}), "event", Flaw.misplaced) for key in MISPLACED[1:]),
    (event_with(custom_data={"contents": [{"ph": "1"}]}), "custom_data", Flaw.misplaced),
]


@pytest.mark.parametrize(("payload", "field", "flaw"), BAD)
def test_a_bad_event_does_not(payload: bytes, field: str, flaw: Flaw) -> None:
    assert flaws(payload) == {(field, flaw)}
    assert breaches(b"{ " + payload[1:]) == breaches(payload)


@pytest.mark.parametrize(
    ("payload", "field", "flaw"),
    [
        (
            GOOD.replace(b'"em"', b'"\\u0065m"').replace(HASH.encode(), b"ada"),
            "em",
            Flaw.not_hashed,
        ),
        (GOOD.replace(b'"fn"', b'"\\u0066\\u006edb"'), "", Flaw.unknown_key),
        (GOOD.replace(b'"fn"', b'"em":"ada","fn"'), "em", Flaw.not_hashed),
        (GOOD.replace(b'"fn"', b'"em":"%b","fn"' % HASH.encode()), "em", Flaw.twice),
        (GOOD.replace(b'"fn"', b'"\\u0065m":"%b","fn"' % HASH.encode()), "em", Flaw.twice),
        (GOOD.replace(b'{"em"', b'{"em":["ada"],"em"'), "em", Flaw.not_hashed),
        (GOOD.replace(b'{"em"', b'{"em":"%b","em"' % HASH.encode()), "em", Flaw.twice),
        (GOOD[:-1] + b',"user_data":{"em":"ada"}}', "", Flaw.not_one_object),
        (GOOD[:-1] + b',"user\\u005fdata":{"em":"ada"}}', "", Flaw.not_one_object),
        (b'{"user_data":{},' + GOOD[1:], "", Flaw.not_one_object),
        (b'{"x":{"user\\u005fdata":{}},' + GOOD[1:], "event", Flaw.misplaced),
        (b'{"x":"100%% of ada%%2540example.com",' % () + GOOD[1:], "event", Flaw.email),
        (b'{"x":"ada\\u0040example.com",' + GOOD[1:], "event", Flaw.email),
        (b'{"x":"ada%4\\u0030example.com",' + GOOD[1:], "event", Flaw.email),
        (b'{"x":"ada%\\u00340example.com",' + GOOD[1:], "event", Flaw.email),
        (b'{"x":["ada@example.com"],"x":1,' + GOOD[1:], "event", Flaw.email),
    ],
)
def test_no_trick_of_json_hides_anything(payload: bytes, field: str, flaw: Flaw) -> None:
    where = field if field == "event" else "user_data" + ("." + field if field else "")
    assert (where, flaw) in flaws(payload)


@pytest.mark.parametrize(
    "broken",
    [
        *(GOOD + more for more in (b",", b"]", b"}", b"{}", b',"upload_tag":""', b",5", b"x")),
        *(more + GOOD for more in (b",", b"[", b"\xef\xbb\xbf", b"\x0c", b"{},,")),
        GOOD.replace(b"Purchase", b"Purch\xffse"),
        GOOD.replace(b"Purchase", b"Purch\0se"),
        GOOD.replace(b"Purchase", b"Purch\nse"),
        GOOD.replace(b"100 %", b"100 %\n"),
        GOOD.replace(HASH.encode(), b"\0" + HASH[1:].encode()),
        GOOD.replace(b',"fn"', b'"fn"'),
        GOOD.replace(b'"contents":[', b'"contents":[,'),
        GOOD.replace(b"[]", b"[1,]"),
        GOOD.replace(b"Purchase", b"Purch\\xse"),
        GOOD.replace(HASH.encode(), b"\0" * 64),
        GOOD.replace(b"9.5", b"NaN"),
        GOOD.replace(b"9.5", b"-Infinity"),
        GOOD.replace(b"9.5", b"09"),
        GOOD.replace(b"9.5", b"9" * 9_000),
        GOOD.replace(b"9.5", b"[" * 100_000),
    ],
)
def test_what_is_no_list_of_events_does_not_leave(broken: bytes) -> None:
    assert breaches(broken)[-1].flaw in (Flaw.not_json, Flaw.not_one_object)


def test_nothing_cut_off_leaves() -> None:
    for length in range(1, len(GOOD)):
        assert flaws(GOOD[:length]) == {("data", Flaw.not_json)}


def test_each_breach_says_which_event() -> None:
    bad, odd = event_with({"em": "ada"}), b"{ " + GOOD[1:]
    assert breaches(b",".join([GOOD, bad, odd, GOOD, bad, GOOD[:-1]])) == (
        Breach(place=1, field="user_data.em", flaw=Flaw.not_hashed),
        Breach(place=4, field="user_data.em", flaw=Flaw.not_hashed),
        Breach(place=5, field="data", flaw=Flaw.not_json),
    )


class Pairs(list[Any]):
    """A JSON object whose keys may come twice."""


def spelled(value: object, *, quoted: Callable[[str], str], gap: str) -> str:
    """JSON of nested pairs."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Pairs):
        pairs = (f"{quoted(key)}:{spelled(it, quoted=quoted, gap=gap)}" for key, it in value)
        return "{" + gap + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spelled(it, quoted=quoted, gap=gap) for it in value) + "]"
    return json.dumps(value)


def plainly(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def escaped(text: str) -> str:
    return '"' + re.sub("....", r"\\u\g<0>", text.encode("utf-16-be").hex()) + '"'


def in_order(pairs: list[tuple[str, Any]]) -> Pairs:
    """As the models order user_data, so that the fast way has its chance."""
    order = [*HASHED, *CLEAR]
    return Pairs(sorted(pairs, key=lambda it: order.index(it[0]) if it[0] in order else 99))


SLIPS = ("ada@example.com", "a%40b.example", "%2540x.yz", 'say "@"', "\\u0040", HASH, *MISPLACED)
WILD = (
    st.sampled_from(SLIPS) | st.text(max_size=8) | st.text("@%25240.ab\\/\"'é\x7f\x1f", max_size=12)
)
TAME = st.sampled_from(["", "Käse", "100 %", 'say "hello"', "tab\t", "a\\b", "⛔\x07", HASH])
SCALARS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
NOTES = st.just("note")


def values(texts: st.SearchStrategy[str], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        texts | SCALARS | st.none(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=3).map(Pairs)
        ),
        max_leaves=4,
    )


HASHES = st.sampled_from(
    [HASH, hashed("x"), *map(hashed, ("", " ", *WORDS, "nil", "test")), HASH[1:], HASH.upper()]
)
GOOD_FIELDS = st.sampled_from(
    [*USER.items(), *((key, HASH) for key in HASHED), *((key, [HASH, HASH]) for key in HASHED)]
)
ODD_FIELDS = (
    st.tuples(st.sampled_from(HASHED), HASHES | st.lists(HASHES, max_size=2))
    | st.tuples(st.sampled_from([*HASHED, *CLEAR]), values(WILD, NOTES))
    | st.tuples(WILD, HASHES)
)
GOOD_OTHERS = st.lists(
    st.tuples(st.sampled_from(["custom_data", "note"]), values(TAME, NOTES)), max_size=2
)
ODD_OTHERS = st.lists(st.tuples(NOTES | WILD, values(WILD, NOTES | WILD)), max_size=2)
GOOD_USERS = st.lists(GOOD_FIELDS, max_size=5, unique_by=lambda it: it[0])


def whole(
    before: st.SearchStrategy[Any], user: st.SearchStrategy[Any], after: st.SearchStrategy[Any]
) -> st.SearchStrategy[Pairs]:
    return st.tuples(before, user.map(in_order), after).map(
        lambda parts: Pairs([*parts[0], ("user_data", parts[1]), *parts[2]])
    )


EVENTS = (
    whole(GOOD_OTHERS, GOOD_USERS, GOOD_OTHERS)
    | whole(GOOD_OTHERS, st.lists(GOOD_FIELDS | ODD_FIELDS, max_size=4), GOOD_OTHERS)
    | whole(ODD_OTHERS, GOOD_USERS, GOOD_OTHERS)
    | whole(GOOD_OTHERS, GOOD_USERS, ODD_OTHERS)
)


@given(st.lists(EVENTS, min_size=1, max_size=3))
@example([Pairs([("user_data", Pairs(USER.items())), ("x", "\x07")])])
def test_however_an_event_is_spelled_the_verdict_is_the_same(events: list[Pairs]) -> None:
    fast, spaced, slow = (
        breaches(",".join(spelled(it, quoted=quoted, gap=gap) for it in events).encode())
        for quoted, gap in ((plainly, ""), (plainly, " "), (escaped, ""))
    )
    assert fast == spaced == slow
    assert {breach.field for breach in fast} <= FIELDS


@given(
    place=st.integers(1, len(GOOD) - 1),
    length=st.integers(0, 3),
    put=st.binary(max_size=3)
    | st.sampled_from([b'"', b"}", b"{", b",", b"\\", b"@", b'":"', b"\\u0022", b"null"]),
)
def test_a_slip_has_the_same_verdict_both_ways(place: int, length: int, put: bytes) -> None:
    slipped = GOOD[:place] + put + GOOD[place + length :]
    assert breaches(slipped) == breaches(b"{ " + slipped[1:])


def test_events_are_as_many_as_were_written_down() -> None:
    two = b",".join([GOOD, GOOD])
    assert breaches(two, events=2) == ()
    assert breaches(two, events=1) == (Breach(place=0, field="data", flaw=Flaw.miscounted),)
    assert breaches(GOOD, events=2) == (Breach(place=0, field="data", flaw=Flaw.miscounted),)
