"""Write the reference seeds that come from public data; the hand-kept ones stay as they are.

Run it after an upgrade of a source library and read the diff:

    uv run --with phonenumbers --with pycountry --with babel seeds/make_seeds.py

Hand-kept beside it: gender_words.csv and placeholders.csv.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import phonenumbers
import pycountry
from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from phonenumbers.phonemetadata import PhoneMetadata

Row = tuple[str, ...]

COUNTRY_ALIASES = {
    "america": "us",
    "britain": "gb",
    "burma": "mm",
    "cape verde": "cv",
    "czech republic": "cz",
    "dr congo": "cd",
    "england": "gb",
    "great britain": "gb",
    "holland": "nl",
    "ivory coast": "ci",
    "korea": "kr",
    "ksa": "sa",
    "macau": "mo",
    "northern ireland": "gb",
    "russia": "ru",
    "scotland": "gb",
    "swaziland": "sz",
    "the netherlands": "nl",
    "turkey": "tr",
    "uae": "ae",
    "uk": "gb",
    "us virgin islands": "vi",
    "wales": "gb",
}
STATE_ALIASES = {
    "newfoundland": "nl",
    "northern marianas": "mp",
    "québec": "qc",
    "us virgin islands": "vi",
    "virgin islands": "vi",
    "washington dc": "dc",
}
LETTERS = ("Ll", "Lo", "Mn", "Mc")
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


def word(name: str) -> str:
    """A name as the intrinsic ``letters_of`` leaves it: lowercase letters with their marks."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    return "".join(letter for letter in folded if unicodedata.category(letter) in LETTERS)


def spellings(name: str) -> set[str]:
    """The word of a name, and the one that people type who have no such accents."""
    plain = unicodedata.normalize("NFD", name)
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    latin = all("LATIN" in unicodedata.name(letter, "") for letter in word(name))
    return {word(name), word(bare)} if latin else {word(name)}


def own_names(country: str) -> Iterator[str]:
    """What a country is called in English and in the languages that are official there."""
    languages = get_official_languages(country.upper(), regional=True, de_facto=True)
    for language in ("en", *languages):
        try:
            name = Locale.parse(language).territories.get(country.upper())
        except UnknownLocaleError:
            continue
        if name:
            yield name


def countries() -> Iterable[Row]:
    """Every word for a country: codes win over English names, these over its own names."""
    words = {word(alias): code for alias, code in COUNTRY_ALIASES.items()}
    everywhere = sorted(pycountry.countries, key=lambda country: country.alpha_2)
    words |= {country.alpha_3.lower(): country.alpha_2.lower() for country in everywhere}
    words |= {country.alpha_2.lower(): country.alpha_2.lower() for country in everywhere}
    for attribute in ("name", "common_name", "official_name"):
        for country in everywhere:
            for spelling in sorted(spellings(getattr(country, attribute, ""))):
                words.setdefault(spelling, country.alpha_2.lower())
    for country in everywhere:
        for name in own_names(country.alpha_2):
            for spelling in sorted(spellings(name)):
                words.setdefault(spelling, country.alpha_2.lower())
    return [(key, code) for key, code in words.items() if key]


def states() -> Iterable[Row]:
    """Names and codes of the states, provinces and territories of the US and Canada."""
    words = {
        spelling: code for alias, code in STATE_ALIASES.items() for spelling in spellings(alias)
    }
    for state in pycountry.subdivisions:
        if state.country_code in ("US", "CA"):
            code = state.code[3:].lower()
            words |= dict.fromkeys({code, *spellings(state.name)}, code)
    return list(words.items())


def rules(region: str) -> PhoneMetadata:
    """What libphonenumber knows of a region."""
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise LookupError(region)
    return metadata


def lengths(region: str) -> set[int]:
    """How many digits the fixed and mobile numbers of a region have, without the trunk prefix."""
    metadata = rules(region)
    kinds = [kind for kind in (metadata.fixed_line, metadata.mobile) if kind]
    return {length for kind in kinds for length in kind.possible_length or () if length > 0}


def keeps_zero(region: str) -> str:
    """Whether a zero in front belongs to the numbers of a region, as it does in Italy."""
    metadata = rules(region)
    kinds = [kind for kind in (metadata.fixed_line, metadata.mobile) if kind]
    return str(any((kind.example_number or "").startswith("0") for kind in kinds)).lower()


def international_prefix(region: str) -> str:
    """What is dialled to leave a region, where that is one literal; ``00`` works in the others."""
    metadata = rules(region)
    prefix = metadata.preferred_international_prefix or metadata.international_prefix or ""
    return prefix if prefix.isdigit() and len(prefix) > 1 else {"8~10": "810"}.get(prefix, "00")


def calling_codes() -> Iterable[Row]:
    """How the numbers of each country are written at home."""
    for region in phonenumbers.SUPPORTED_REGIONS:
        metadata = rules(region)
        yield (
            region.lower(),
            str(metadata.country_code),
            metadata.national_prefix or "",
            keeps_zero(region),
            international_prefix(region),
            str(min(lengths(region))),
            str(max(lengths(region))),
        )


def calling_prefixes() -> Iterable[Row]:
    """The first three digits of any international number: no calling code begins another."""
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if regions == ("001",):
            continue
        allowed = set().union(*(lengths(region) for region in regions))
        trunk = rules(regions[0]).national_prefix or ""
        missing = 3 - len(str(code))
        for tail in range(10**missing):
            prefix = f"{code}{tail:0{missing}d}" if missing else str(code)
            yield prefix, str(code), trunk, str(min(allowed)), str(max(allowed))


def currencies() -> Iterable[Row]:
    """ISO 4217 codes that some territory uses today, and the funds codes beside them."""
    return [
        (currency.alpha_3,) for currency in pycountry.currencies if currency.alpha_3 not in NO_MONEY
    ]


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
    write("currencies", ("currency",), currencies())
    length = ("min_length", "max_length")
    zero = ("keeps_zero", "international_prefix")
    header = ("country", "calling_code", "trunk_prefix", *zero, *length)
    write("calling_codes", header, calling_codes())
    write(
        "calling_prefixes", ("prefix", "calling_code", "trunk_prefix", *length), calling_prefixes()
    )
    print("countries, states, currencies, calling_codes and calling_prefixes are written")


if __name__ == "__main__":
    main()
