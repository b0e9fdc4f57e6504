"""Phones against libphonenumber: equal but for the differences in phone-differences.csv.

After an upgrade of phonenumbers or a change of the rules, write that list again and read the diff:

    python tests/test_phones.py
"""

import csv
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from normalization_harness import Normalizer
from phone_sample import PEOPLE, Written, sample

pytestmark = pytest.mark.slow

LIST = Path(__file__).parent / "data" / "phone-differences.csv"
HEADER = ("form", "region", "kind", "text", "ours", "libphonenumber", "number", "cause")
# An example number that is a placeholder, too: nobody has it.
PLACEHOLDER = "a placeholder"
UNKNOWN = "not known"
# Without its plus a number may begin with an area that is like the calling code.
AMBIGUOUS = "without_plus"

Difference = tuple[str, ...]


class Phones(Normalizer):
    """The models over phones alone, many at once."""

    def phones(self, texts: Sequence[tuple[str, str]]) -> list[str | None]:
        """What each text becomes in its country."""
        self._connection.execute("delete from int_chosen_customers")
        self._connection.execute(
            "insert into int_chosen_customers (basket, country, phone) "
            "select cast(printf('%032x', unnest(range(len($1)))) as uuid), unnest($1), unnest($2)",
            [[country for country, _ in texts], [text for _, text in texts]],
        )
        query = "select ph from int_normalized_customers order by basket"
        return [phone for (phone,) in self._connection.execute(query).fetchall()]


def normalized(everything: Sequence[Written]) -> dict[Written, str | None]:
    """What we make of each number as it was written."""
    return answered(Phones(), everything)


def answered(phones: Phones, some: Sequence[Written]) -> dict[Written, str | None]:
    texts = [(one.region.lower(), one.text) for one in some]
    return dict(zip(some, phones.phones(texts), strict=True))


def cause(one: Written, ours: str | None) -> str:
    """Why we differ: the first that applies."""
    reasons = {
        PLACEHOLDER: ours is None and "1234567" in one.expected,
        "00 leaves every country, whatever is dialled there": ours == one.true
        and one.form in ("zeros", "abroad"),
        "a mobile with its calling code, no longer number without it": ours == one.true
        and one.form == AMBIGUOUS,
        "four digits do not tell an area from a calling code": one.form == AMBIGUOUS,
        "a choice of carrier in front, for one call": one.form == "abroad",
        "a zero of its own behind the one in brackets": one.form == "bracket_zero"
        and one.kind in PEOPLE,
        "no person's number: its digits mean another one": one.kind not in PEOPLE,
    }
    return next((reason for reason, applies in reasons.items() if applies), UNKNOWN)


def differences(answers: dict[Written, str | None]) -> list[Difference]:
    """Where libphonenumber answers otherwise, in the order of the list."""
    found = [
        (
            *(one.form, one.region, one.kind, one.text, ours or "", one.expected, one.true),
            cause(one, ours),
        )
        for one, ours in answers.items()
        if ours != one.expected
    ]
    return sorted(found)


def listed() -> list[Difference]:
    with LIST.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def write(found: Iterable[Difference]) -> None:
    with LIST.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *found])


def agreement(answers: dict[Written, str | None]) -> dict[str, float]:
    """How many of a hundred are equal, by form and over all but the ambiguous one."""
    equal = {
        one: ours == one.expected
        for one, ours in answers.items()
        if ours == one.expected or cause(one, ours) != PLACEHOLDER
    }
    found = {
        form: [same for one, same in equal.items() if one.form == form]
        for form in sorted({one.form for one in equal})
    }
    found["all"] = [same for one, same in equal.items() if one.form != AMBIGUOUS]
    return {form: 100 * sum(same) / len(same) for form, same in found.items()}


@pytest.fixture(scope="module")
def answers() -> dict[Written, str | None]:
    return normalized(list(sample(numbers=200, forms=3)))


def test_the_differences_are_those_listed(answers: dict[Written, str | None]) -> None:
    assert differences(answers) == listed()
    assert not [row for row in listed() if row[-1] == UNKNOWN]


def test_the_rest_is_what_libphonenumber_reads(answers: dict[Written, str | None]) -> None:
    reached = agreement(answers)
    assert reached["all"] >= 99.9
    assert min(reached.values()) >= 99.4
    people = [one for one in answers if one.kind in PEOPLE and one.form == "national"]
    assert len({one.region for one in people}) == 245


def test_a_normalized_number_stays(answers: dict[Written, str | None]) -> None:
    numbers = sorted({ours for ours in answers.values() if ours})
    assert Phones().phones([("", f"+{number}") for number in numbers]) == numbers


@pytest.fixture(scope="module")
def phones() -> Phones:
    return Phones()


CASES = [
    # What is written at home only.
    ("ar", "011 15 2345-6789", "5491123456789"),
    ("ar", "(11) 15-2345-6789", "5491123456789"),
    ("ar", "0341 15 234 5678", "5493412345678"),
    ("ar", "+54 9 11 2345-6789", "5491123456789"),
    ("br", "0xx11 91234-5678", "5511912345678"),
    ("br", "0 15 11 91234-5678", "5511912345678"),
    ("mx", "044 55 1234 5678", "525512345678"),
    ("mx", "01 55 1234 5678", "525512345678"),
    ("mx", "+52 1 55 1234 5678", "525512345678"),
    ("lt", "8 612 34568", "37061234568"),
    ("by", "8 029 491-19-11", "375294911911"),
    ("hu", "06 (30) 123 4568", "36301234568"),
    ("ga", "06 03 12 34", "24106031234"),
    ("jp", "03-1234-5679", "81312345679"),
    # Islands leave their area code out.
    ("bs", "365 1234", "12423651234"),
    ("gg", "256789", "441481256789"),
    ("sm", "886377", "3780549886377"),
    ("mg", "22 123 45", "261202212345"),
    # To leave a country.
    ("us", "011 44 20 7946 0958", "442079460958"),
    ("jp", "010 44 20 7946 0958", "442079460958"),
    ("au", "0011 44 20 7946 0958", "442079460958"),
    ("kr", "00700 44 20 7946 0958", "442079460958"),
    ("ru", "8~10 44 20 7946 0958", "442079460958"),
    ("cu", "119 44 20 7946 0958", "442079460958"),
    ("br", "0014 44 20 7946 0958", "442079460958"),
    ("br", "0055 11 91234-5678", "5511912345678"),
    ("", "00 44 20 7946 0958", "442079460958"),
    ("gb", "+0044 20 7946 0958", "442079460958"),
    ("gb", "++44 20 7946 0958", "442079460958"),
    # The calling code is there already.
    ("de", "491712345679", "491712345679"),
    ("gb", "44 (0)20 7946 0958", "442079460958"),
    ("us", "442079460958", "442079460958"),
    ("it", "+39 (0)6 698 12346", "390669812346"),
    # Extensions.
    ("", "tel:+44-20-7946-0958;ext=12", "442079460958"),
    ("", "tel:20-7946-0958;phone-context=+44", "442079460958"),
    ("us", "650-555-1212 EXTENSION 4711", "16505551212"),
    ("us", "650-555-1212,,123#", "16505551212"),
    ("fr", "01 42 86 83 26 poste 12", "33142868326"),
    ("ru", "8 (912) 345-67-80 доб. 12", "79123456780"),
    # What spreadsheets make of them.
    ("us", "6505551212.0", "16505551212"),
    ("us", "1.6505551212E+10", None),
    ("us", "'6505551212", "16505551212"),
    # No phones.
    ("us", "1-800-FLOWERS", None),
    ("us", "055 123 4567", None),
    ("gb", "000000000", None),
    ("gb", "+", None),
    ("", "6505551212 or 4155551212", None),
    ("", "020 7946 0958", None),
]


def test_a_phone_as_people_write_it(phones: Phones) -> None:
    results = phones.phones([(country, text) for country, text, _ in CASES])
    answered = [(*case[:2], result) for case, result in zip(CASES, results, strict=True)]
    assert answered == CASES


def test_a_hash_is_no_phone_whatever_it_begins_with(phones: Phones) -> None:
    fronts = ("00", "0044", "011", "44", "49171", "010", "1650")
    digests = [(front + "f" * 64)[:64] for front in fronts]
    texts = [(country, digest) for country in ("", "gb", "jp", "us") for digest in digests]
    assert phones.phones(texts) == digests * 4


def test_digits_of_every_script_count(phones: Phones) -> None:
    zeros = [
        code
        for code in range(sys.maxunicode)
        if unicodedata.category(chr(code)) == "Nd" and unicodedata.digit(chr(code)) == 0
    ]
    number = "442079460958"
    texts = [("", "+" + "".join(chr(zero + int(digit)) for digit in number)) for zero in zeros]
    assert len(texts) > 60
    assert phones.phones(texts) == [number] * len(texts)


def test_a_phone_that_is_none_says_why(phones: Phones) -> None:
    texts = {
        "020 7946 0958": "phone_without_country",
        "911": "phone_malformed",
        "d4c74594d841139328695756648b6bd6": "phone_md5",
        "+442079460958": "",
    }
    results = phones.normalized([{"phone": text} for text in texts])
    assert [result["problems"] for result in results] == list(texts.values())


if __name__ == "__main__":
    everything = normalized(list(sample(numbers=200, forms=3)))
    write(differences(everything))
    sys.stdout.writelines(f"{form}: {part:.3f} %\n" for form, part in agreement(everything).items())
