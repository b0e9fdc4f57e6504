import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from normalization_harness import RAW, ROOT, Normalizer, Row
from tillpost.user_data import CLEAR, placeholders

DATA = Path(__file__).parent / "data"
with (DATA / "normalization-cases.jsonl").open(encoding="utf-8") as file:
    CASES = [json.loads(line) for line in file]
RAW_NAMES = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
HASHED = ("em", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country", "external_id")
COLUMNS_IN_CLEAR = ("madid", "lead_id", "client_ip_address", "client_user_agent")
NOT_YET = {
    294: "two addresses with a semicolon between are a list of two",
    319: "an accent typed as two signs is put together: one address, one hash",
    464: "nine digits fit no American number, and without a code they match nobody: absent",
    465: "the digits fit Norway by length; that none begin with 1 is more than the seed knows",
    1474: "the country's own name counts in every script",
}


def raw(field: str, value: str | None, *, country: str | None = None) -> dict[str, str | None]:
    return {"country": country, RAW_NAMES.get(field, field): value}


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


@pytest.fixture(scope="module")
def answers(normalizer: Normalizer) -> dict[int, str | None]:
    rows = [raw(case["field"], case["value"], country=case["country"]) for case in CASES]
    results = normalizer.normalized(rows)
    return {case["id"]: result[case["field"]] for case, result in zip(CASES, results, strict=True)}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{case['field']}-{case['id']}",
            marks=[pytest.mark.xfail(strict=True, reason=NOT_YET[case["id"]])]
            if case["id"] in NOT_YET
            else [],
        )
        for case in CASES
    ],
)
def test_the_case_is_normalized_as_agreed(
    case: dict[str, Any], answers: dict[int, str | None]
) -> None:
    agreed = [case["expected"]] if case["tier"] == "must" else case["accept"]
    assert answers[case["id"]] in agreed


PUBLISHED = [
    (
        "em",
        " John_Smith@gmail.com",
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    ),
    (
        "ph",
        "(650) 555-1212",
        "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
    ),
    ("fn", "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
    ("fn", "Vale\u0301ry", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
    ("ln", "정", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
    ("db", "2/16/1997", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
    ("zp", "94035-1234", "1794327a4d443904421f5ca1f3d72d0a62ba2f0770d80755ec2220fc0efb052e"),
]


@pytest.fixture(scope="module")
def published(normalizer: Normalizer) -> dict[tuple[str, str], list[Row]]:
    rows = {
        (field, value): [raw(field, value, country="United States")]
        for field, value, _ in PUBLISHED
    }
    return normalizer.identities_of(rows)


@pytest.mark.parametrize(("field", "value", "digest"), PUBLISHED)
def test_what_meta_published_is_what_we_hash(
    published: dict[tuple[str, str], list[Row]], field: str, value: str, digest: str
) -> None:
    us = "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"
    (identity,) = published[field, value]
    assert (identity[field], identity["country"]) == (digest, us)


def digest_in(field: str) -> str:
    return hashlib.sha256(f"some {field}".encode()).hexdigest()


@pytest.fixture(scope="module")
def of_hashes(normalizer: Normalizer) -> dict[str, list[Row]]:
    """What goes of each field where a hash stands in it, as it is and in other forms."""

    def rows(field: str, digest: str) -> list[Row]:
        appended = [f"{digest}.AQ", f"{digest}.AQQCAQMC", f"{digest}._-"]
        values = [digest, f"\u00a0{digest.upper()} ", *appended, digest[:32], digest[:32].upper()]
        return [raw(field, value) for value in values]

    return normalizer.identities_of({field: rows(field, digest_in(field)) for field in HASHED})


@pytest.mark.parametrize("field", HASHED)
def test_a_hash_passes_with_its_appendix_cut_and_md5_never_does(
    of_hashes: dict[str, list[Row]], field: str
) -> None:
    digest, identities = digest_in(field), of_hashes[field]
    assert [identity[field] for identity in identities] == [digest] * 5 + [None] * 2
    assert not any(identity.get(f"{field}_2") for identity in identities)
    words = [identity["problems"] for identity in identities]
    assert words == [""] * 5 + [f"{RAW_NAMES.get(field, field)}_md5"] * 2


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_the_cases_leave_open(normalizer: Normalizer) -> None:
    rows = table("normalization-more.csv")
    results = normalizer.normalized(
        [raw(row["field"], row["value"], country=row["country"] or None) for row in rows]
    )
    answered = [
        row | {"first": result[row["field"]] or "", "second": result.get(f"{row['field']}_2") or ""}
        for row, result in zip(rows, results, strict=True)
    ]
    assert answered == rows


def test_a_profile_decides_what_rows_leave_open() -> None:
    normalizer = Normalizer(default_country="gb", day_first=True, external_id_keeps_case=True)
    (result,) = normalizer.normalized(
        [{"phone": "020 7946 0958", "db": "01/02/1990", "external_id": " Cust 42", "st": "CA"}]
    )
    assert result["ph"] == "442079460958"
    assert result["db"] == "19900201"
    assert result["external_id"] == "Cust42"
    assert result["country"] is None, "what the row does not say is not sent"


def test_every_problem_occurs_and_no_other(normalizer: Normalizer) -> None:
    with (ROOT / "seeds" / "problems.csv").open(encoding="utf-8", newline="") as file:
        words = [row["problem"] for row in csv.DictReader(file) if row["field"] in RAW]
    rows = table("normalization-problems.csv")
    results = normalizer.normalized([raw(row["field"], row["value"]) for row in rows])
    found = [(row["value"], result["problems"]) for row, result in zip(rows, results, strict=True)]
    assert found == [(row["value"], row["problem"]) for row in rows]
    assert {row["problem"] for row in rows} == set(words)


@pytest.mark.parametrize("field", ["fn", "ln", "ct", "st", "external_id"])
def test_no_placeholder_goes_whatever_stands_around_it(normalizer: Normalizer, field: str) -> None:
    with (ROOT / "seeds" / "placeholders.csv").open(encoding="utf-8", newline="") as file:
        words = [row["value"] for row in csv.DictReader(file) if row["field"] == field]
    (around, letters) = ("  ", str.isalnum) if field == "external_id" else ("().", str.isalpha)
    written = [f"{around[0]}{word.upper()}{around[1:]}" for word in words if letters(word)]
    assert len(written) > 20
    results = normalizer.normalized([raw(field, value) for value in written])
    assert {result[field] for result in results} == {None}
    assert {result.get(f"{field}_2") for result in results} == {None}


def test_a_bad_value_leaves_the_rest_of_its_row_alone(normalizer: Normalizer) -> None:
    (result,) = normalizer.normalized(
        [{"email": "a@", "email_2": "a@x.de", "db": "13/13/1991", "ct": "Köln", "country": "de"}]
    )
    assert result["problems"] == "db_impossible_day,email_malformed"
    assert (result["em"], result["em_2"]) == (None, "a@x.de")
    assert (result["ct"], result["ct_2"], result["country"]) == ("kln", "köln", "de")


@pytest.mark.parametrize(
    ("seed", "key"),
    [
        ("calling_codes", ("country",)),
        ("calling_prefixes", ("prefix",)),
        ("countries", ("word",)),
        ("currencies", ("currency",)),
        ("gender_words", ("word",)),
        ("months", ("word",)),
        ("placeholders", ("field", "value")),
        ("problems", ("field", "problem")),
        ("states", ("word",)),
    ],
)
def test_no_seed_multiplies_a_row(seed: str, key: tuple[str, ...]) -> None:
    with (ROOT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        keys = [tuple(row[name] for name in key) for row in csv.DictReader(file)]
    assert keys == sorted(set(keys))
    assert all(all(part for part in parts) for parts in keys)


SIGNS = (*"!#$%&()*,;<>?@[]^`{|}'é ", *"._:+/=~-", *"aZ09")
IDS = (*(f"fb.1{sign}2" for sign in SIGNS), *SIGNS, "fb.", "fb", "", "fb.1.a", "1", "\u0663")
KEYS = sorted(set(CLEAR) - set(COLUMNS_IN_CLEAR))


def pairs_of(key: str) -> list[str]:
    return [f',"{key}":{json.dumps(value)}' for value in IDS]


@pytest.fixture(scope="module")
def of_ids(normalizer: Normalizer) -> dict[str, list[Row]]:
    return normalizer.identities_of(
        {key: [{"user_keys": pair} for pair in pairs_of(key)] for key in KEYS}
    )


@pytest.mark.parametrize("key", KEYS)
def test_an_id_is_let_by_as_the_gate_lets_it_by(of_ids: dict[str, list[Row]], key: str) -> None:
    pairs, found = pairs_of(key), of_ids[key]
    passed = [value for value, each in zip(IDS, found, strict=True) if each["user_keys"]]
    assert passed == [value for value in IDS if re.fullmatch(CLEAR[key], value)]
    kept = [each["user_keys"] for each in found if each["user_keys"]]
    assert kept == [pair for pair, each in zip(pairs, found, strict=True) if each["user_keys"]]


COUNTRIES = ("us", "de", None)


def stopped_words(field: str) -> tuple[list[str], set[str]]:
    """What the gate knows as nobody's, and the hashes of it."""
    words = ["", " ", *placeholders(field)]
    return words, {hashlib.sha256(word.encode()).hexdigest() for word in words}


@pytest.fixture(scope="module")
def of_nobody(normalizer: Normalizer) -> dict[tuple[str, str | None], list[Row]]:
    """What goes of each field where a placeholder or its hash stands in it, in each country."""

    def rows(field: str, country: str | None) -> list[Row]:
        words, stopped = stopped_words(field)
        return [raw(field, value, country=country) for value in [*words, *sorted(stopped)]]

    return normalizer.identities_of(
        {(field, country): rows(field, country) for field in HASHED for country in COUNTRIES}
    )


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("field", HASHED)
def test_what_the_gate_stops_is_left_out_before(
    of_nobody: dict[tuple[str, str | None], list[Row]], field: str, country: str | None
) -> None:
    _, stopped = stopped_words(field)
    found = of_nobody[field, country]
    assert len(found) > len(stopped)
    several = (field, f"{field}_2", f"{field}_3")
    hashes = {each.get(name) for each in found for name in several}
    assert not hashes & stopped
