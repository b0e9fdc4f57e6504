"""Write the reference seeds that come from public data; the hand-kept ones stay as they are.

Run it after an upgrade of a source library and read the diff:

    uv run --with phonenumbers --with pycountry --with babel seeds/make_seeds.py

Hand-kept beside them: action_sources, gender_words, placeholders, problems and reasons.
"""

import csv
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pycountry
from phone_seeds import CODES_HEADER, PREFIXES_HEADER, calling_codes, calling_prefixes
from word_seeds import countries, months, states

from tillpost.user_data import placeholders

Row = tuple[str, ...]

# Meta's name of a key that is hashed, and the field of its column.
FIELDS = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
FIELDS |= {key: key for key in ("fn", "ln", "db", "ct", "st", "country", "external_id")}

# Pseudo-currencies: metals, bond units, testing, "no currency".
NO_MONEY = {
    "BOV",
    "CHE",
    "CHW",
    "CLF",
    "COU",
    "MXV",
    "USN",
    "UYI",
    "UYW",
    "XAD",
    "XAG",
    "XAU",
    "XBA",
    "XBB",
    "XBC",
    "XBD",
    "XDR",
    "XPD",
    "XPT",
    "XSU",
    "XTS",
    "XUA",
    "XXX",
}


def currencies() -> Iterable[Row]:
    """ISO 4217 codes that some territory uses today, and the funds codes beside them."""
    return [
        (currency.alpha_3,) for currency in pycountry.currencies if currency.alpha_3 not in NO_MONEY
    ]


def placeholder_hashes() -> Iterable[Row]:
    """What it comes to when somebody hashes nothing, or a word that stands for it."""
    with Path(__file__).with_name("placeholders.csv").open(encoding="utf-8", newline="") as file:
        words = {(row["field"], row["value"]) for row in csv.DictReader(file)}
    for key, field in FIELDS.items():
        words |= {(field, word) for word in ("", " ", *placeholders(key))}
    return [(field, sha256(word.encode()).hexdigest()) for field, word in words]


def write(name: str, header: Row, rows: Iterable[Row]) -> None:
    """Write one seed: sorted, LF, the same bytes for the same data."""
    with Path(__file__).with_name(f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))


def main() -> None:
    """Write every generated seed."""
    write("countries", ("word", "country"), countries())
    write("states", ("word", "state"), states())
    write("months", ("word", "month"), months())
    write("currencies", ("currency",), currencies())
    write("calling_codes", CODES_HEADER, calling_codes())
    write("calling_prefixes", PREFIXES_HEADER, calling_prefixes())
    write("placeholder_hashes", ("field", "value"), placeholder_hashes())
    print("countries, states, months, currencies, calling_codes, calling_prefixes and")
    print("placeholder_hashes are written")


if __name__ == "__main__":
    main()
