"""What holds for every text, whatever it says: Unicode at large, not Latin alone."""

import re
import time
import unicodedata
from collections.abc import Callable
from functools import partial
from itertools import permutations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from normalization_harness import RAW, Normalizer, Row

RAW_NAMES = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
ONCE = ("em", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country", "external_id")
HASHED = (
    *(*ONCE, "em_2", "em_3", "ph_2", "ph_3", "ct_2", "zp_2"),
    *("external_id_2", "external_id_3"),
)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HEX64 = re.compile("[0-9a-f]{64}")
LARGE = 1_000_000
SIGNS = st.characters(exclude_categories=("Cs", "Cn"))
# It has the capital of the other sigma, and stands at the end of a word only.
FINAL_SIGMA = "\u03c2"


def has_one_case_pair(sign: str) -> bool:
    """Whether upper and lower case lead to each other and back.

    Of sharp and long s, dotless i, ligatures, the micro sign and their like the capitals are those
    of other letters: which one stood there nobody can tell from them.
    """
    upper, lower = sign.upper(), sign.lower()
    return len(upper) == len(lower) == 1 and {upper.lower(), lower} == {lower.upper().lower()}


def text(max_size: int = 20) -> st.SearchStrategy[str]:
    return st.text(SIGNS, max_size=max_size)


def people(words: st.SearchStrategy[str]) -> st.SearchStrategy[list[Row]]:
    fields = dict.fromkeys(("fn", "ln", "ct", "st", "country", "external_id"), words)
    person = st.fixed_dictionaries(
        fields
        | {
            "email": st.one_of(words, st.emails()),
            "phone": st.one_of(words, st.from_regex(r"[+(]?[0-9 ().-]{5,20}", fullmatch=True)),
            "zip": st.one_of(words, st.from_regex(r"[0-9A-Za-z]{1,6}(-[0-9]{3})?", fullmatch=True)),
            "db": st.one_of(words, st.dates().map(str)),
            "gen": st.one_of(words, st.sampled_from(["f", "Male", "MRS."])),
        }
    )
    return st.lists(person, min_size=15, max_size=40)


# A failing list of people is told as it is: to shrink it takes minutes.
quickly = settings(
    max_examples=3, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


def respelled(rows: list[Row], change: Callable[[str], str]) -> list[Row]:
    return [{name: change(value or "") for name, value in row.items()} for row in rows]


@quickly
@given(rows=people(text()))
def test_a_hash_or_nothing_goes_out_however_it_is_composed(
    normalizer: Normalizer, rows: list[Row]
) -> None:
    composed = [
        rows,
        respelled(rows, partial(unicodedata.normalize, "NFD")),
        respelled(rows, partial(unicodedata.normalize, "NFC")),
    ]
    identities = normalizer.identities([row for version in composed for row in version])
    values = [identity[field] for identity in identities for field in HASHED]
    assert all(value is None or HEX64.fullmatch(value) for value in values)
    assert EMPTY not in values
    assert identities == identities[: len(rows)] * len(composed)


@quickly
@given(
    rows=people(
        st.text(
            SIGNS.filter(has_one_case_pair).filter(lambda sign: sign != FINAL_SIGMA), max_size=20
        )
    )
)
def test_case_does_not_matter(normalizer: Normalizer, rows: list[Row]) -> None:
    cased = [rows, respelled(rows, str.upper), respelled(rows, str.lower)]
    identities = normalizer.identities([row for version in cased for row in version])
    assert identities == identities[: len(rows)] * len(cased)


@quickly
@given(rows=people(text()))
def test_normalizing_again_changes_nothing(normalizer: Normalizer, rows: list[Row]) -> None:
    once = normalizer.normalized(rows)
    again = normalizer.normalized(
        [
            {RAW_NAMES.get(field, field): person[field] for field in ONCE}
            | {"phone": person["ph"] and f"+{person['ph']}"}
            for person in once
        ]
    )
    assert [[row[field] for field in ONCE] for row in again] == [
        [row[field] for field in ONCE] for row in once
    ]
    second = normalizer.normalized([{"ct": person["ct_2"]} for person in once])
    assert [row["ct_2"] or row["ct"] for row in second] == [row["ct_2"] for row in once]


@quickly
@given(rows=people(text()))
def test_hashing_again_changes_nothing(normalizer: Normalizer, rows: list[Row]) -> None:
    once = normalizer.identities(rows)
    hashed = [{RAW_NAMES.get(field, field): person[field] for field in ONCE} for person in once]
    again = normalizer.identities(hashed)
    assert [[row[field] for field in ONCE] for row in again] == [
        [row[field] for field in ONCE] for row in once
    ]


@quickly
@given(values=st.lists(st.one_of(st.emails(), text(8)), min_size=3, max_size=3))
def test_the_order_of_a_list_does_not_matter(normalizer: Normalizer, values: list[str]) -> None:
    kinds = {"em": "email", "ph": "phone", "external_id": "external_id"}
    rows = [
        {
            f"{name}{end}": value
            for name in kinds.values()
            for end, value in zip(("", "_2", "_3"), order, strict=True)
        }
        for order in permutations(values)
    ]
    sets = [
        {field: {row[field], row[f"{field}_2"], row[f"{field}_3"]} - {None} for field in kinds}
        for row in normalizer.identities(rows)
    ]
    assert sets == sets[:1] * len(rows)


UNITS = (
    *(
        "a",
        "1",
        "\u00e9",
        "\u03c3",
        "\U0001f600",
        "\ufdfa",
        "\0",
        "\u202e",
        "e\u0301",
        " ",
        "a ",
        "1-",
    ),
    *("'", "\\", '"', ".", "-", "::", "a@", "a@b.de;", "1;", "+49 1,", "26.05.1991 ", "9 may "),
    "f" * 64,
)


def is_hash_or_nothing(identity: Row) -> bool:
    values = [identity[field] for field in HASHED]
    return all(value is None or HEX64.fullmatch(value) for value in values)


def test_long_and_hostile_texts_do_no_harm(normalizer: Normalizer) -> None:
    rows: list[Row] = [dict.fromkeys(RAW, (unit * LARGE)[: LARGE // 20]) for unit in UNITS]
    start = time.process_time()
    identities = normalizer.identities(rows)
    assert all(map(is_hash_or_nothing, identities))
    assert time.process_time() - start < 30, "time grows faster than the text does"


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a", "e\u0301", "\0", "a ", "a@b.de;", "+49 1,"], ids=ascii)
def test_a_megabyte_in_any_field_takes_a_few_times_as_long_as_a_word(
    normalizer: Normalizer, unit: str
) -> None:
    hostile = (unit * LARGE)[:LARGE]
    seconds_of(normalizer, {"fn": unit})  # what is only done once is done then
    word = min(seconds_of(normalizer, {"fn": unit}) for _ in range(3))
    for field in RAW:  # one at a time: together they would take gigabytes
        assert (field, seconds_of(normalizer, {field: hostile})) < (field, 6 * word)


def seconds_of(normalizer: Normalizer, customer: Row) -> float:
    start = time.process_time()
    (identity,) = normalizer.identities([{"country": "de"} | customer])
    assert is_hash_or_nothing(identity)
    return time.process_time() - start
