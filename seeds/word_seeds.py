"""The seeds of words: what people write for countries, for states of the US and Canada, for months.

Every word is as the intrinsics that look for it leave it: lowercase letters with their marks. Each
means one thing; codes win over English names, these over names in other languages.
"""

import unicodedata
from collections.abc import Iterable, Iterator

import pycountry
from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

Row = tuple[str, ...]
Words = dict[str, str]

# ISO has no code of its own for them; libphonenumber and Unicode do.
BEYOND_ISO = {"AC", "TA", "XK"}
COUNTRY_ALIASES = {
    "ae": ("uae", "the emirates"),
    "ax": ("aland",),
    "ba": ("bosnia",),
    "bn": ("brunei",),
    "bs": ("the bahamas",),
    "bz": ("british honduras",),
    "cd": ("dr congo", "drc", "congo kinshasa", "zaire"),
    "cg": ("congo brazzaville",),
    "ci": ("ivory coast",),
    "cv": ("cape verde",),
    "cz": ("czech republic",),
    "de": ("federal republic of germany", "brd"),
    "fk": ("falklands",),
    "fm": ("micronesia",),
    "gb": (
        *("uk", "britain", "great britain", "england", "scotland", "wales", "northern ireland"),
        *("the united kingdom", "united kingdom of great britain"),
    ),
    "gm": ("the gambia",),
    "ir": ("iran",),
    "kp": ("dprk",),
    "kr": ("korea", "rok", "republic of korea"),
    "la": ("laos",),
    "mk": ("macedonia", "fyrom"),
    "mm": ("burma",),
    "mo": ("macau",),
    "mv": ("the maldives",),
    "nl": ("holland", "the netherlands"),
    "ph": ("the philippines",),
    "ps": ("palestine",),
    "ru": ("russia",),
    "sa": ("ksa",),
    "sc": ("the seychelles",),
    "sh": ("saint helena", "st helena"),
    "sy": ("syria",),
    "sz": ("swaziland",),
    "tl": ("east timor",),
    "tr": ("turkey",),
    "tw": ("taiwan", "formosa", "臺灣"),
    "us": ("america", "the united states", "united states of america", "the usa"),
    "va": ("vatican", "the vatican"),
    "vc": ("saint vincent", "st vincent"),
    "vi": ("us virgin islands",),
    "xk": ("xkx", "kosovo"),
}
STATE_ALIASES = {
    "ab": ("alta",),
    "bc": ("colombie-britannique",),
    "dc": ("washington dc",),
    "mp": ("northern marianas",),
    "nb": ("nouveau-brunswick",),
    "nl": ("newfoundland", "labrador", "terre-neuve-et-labrador"),
    "ns": ("nouvelle-écosse",),
    "nt": ("nwt", "territoires du nord-ouest"),
    "on": ("ont",),
    "pe": ("pei", "île-du-prince-édouard"),
    "qc": ("québec", "que", "pq"),
    "sk": ("sask",),
    "vi": ("us virgin islands", "virgin islands"),
}
MONTH_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "is", "pl", "cs", "sk"),
    *("sl", "hr", "hu", "ro", "bg", "sr", "sr_Latn", "et", "lv", "lt", "el", "tr", "ru", "uk"),
    *("ca", "ar", "fa", "he", "hi", "id", "ms", "th"),
)
MONTH_ALIASES = {"sept": "09"}
SCRIPTS = ("", "_Latn", "_Cyrl", "_Arab", "_Hans", "_Hant")
VARIANTS = ("", "-alt-short", "-alt-variant")
LETTERS = ("Ll", "Lo", "Mn", "Mc")
# What people type who lack a letter, beyond its accent.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ß": "ss"}
)
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def word(name: str) -> str:
    """A name as the intrinsic ``letters_of`` leaves it: lowercase letters with their marks."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    return "".join(letter for letter in folded if unicodedata.category(letter) in LETTERS)


def spellings(name: str) -> list[str]:
    """The word of a name, and those that people type who have no such letters."""
    exact = word(name)
    if not all("LATIN" in unicodedata.name(letter, "") for letter in exact):
        return [exact]
    plain = unicodedata.normalize("NFD", exact.translate(PLAIN))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return list(dict.fromkeys((exact, bare, word(exact.translate(UMLAUTS)))))


def own_names(country: str) -> Iterator[str]:
    """What a country is called in English and in the languages and scripts official there."""
    languages = get_official_languages(country, regional=True, de_facto=True)
    for language in ("en", *languages):
        for script in ("",) if "_" in language else SCRIPTS:
            try:
                names = Locale.parse(language + script).territories
            except UnknownLocaleError:
                continue
            for variant in VARIANTS:
                if country + variant in names:
                    yield names[country + variant]


def countries() -> Iterable[Row]:
    """Every word for a country."""
    codes = sorted({country.alpha_2 for country in pycountry.countries} | BEYOND_ISO)
    words: Words = {}
    _add(words, ((code.lower(), code.lower()) for code in codes))
    _add(words, ((c.alpha_3.lower(), c.alpha_2.lower()) for c in pycountry.countries))
    _add(words, _aliases(COUNTRY_ALIASES))
    for attribute in ("common_name", "name", "official_name"):
        for country in pycountry.countries:
            _add(words, _spelled(getattr(country, attribute, ""), country.alpha_2.lower()))
    for place in (0, 1):
        for code in codes:
            names = list(own_names(code))
            for name in names[:1] if place == 0 else names:
                _add(words, _spelled(name, code.lower()))
    return words.items()


def states() -> Iterable[Row]:
    """Names and codes of the states, provinces and territories of the US and Canada."""
    words: Words = {}
    divisions = [each for each in pycountry.subdivisions if each.country_code in ("US", "CA")]
    _add(words, ((each.code[3:].lower(), each.code[3:].lower()) for each in divisions))
    for each in divisions:
        _add(words, _spelled(each.name, each.code[3:].lower()))
    _add(words, _aliases(STATE_ALIASES))
    return words.items()


def months() -> Iterable[Row]:
    """Names of months, whole and short; what means two months in two languages is left out."""
    words: Words = dict(MONTH_ALIASES)
    others: dict[str, set[str]] = {}
    for language in MONTH_LANGUAGES:
        for name, month in _month_names(Locale.parse(language)):
            for spelling in spellings(name):
                if language == "en":
                    words[spelling] = month
                elif len(spelling) > 1:
                    others.setdefault(spelling, set()).add(month)
    _add(words, ((name, min(numbers)) for name, numbers in others.items() if len(numbers) == 1))
    return words.items()


def _month_names(locale: Locale) -> Iterator[tuple[str, str]]:
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                # Of "de gener" and "d'abril" the name alone.
                last = name.replace("\u2019", " ").replace("'", " ").split()[-1]
                if not any(letter.isdigit() for letter in name):
                    yield last, f"{number:02d}"


def _spelled(name: str, code: str) -> Iterator[tuple[str, str]]:
    return ((spelling, code) for spelling in spellings(name))


def _aliases(aliases: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for code, names in aliases.items():
        for name in names:
            yield from _spelled(name, code)


def _add(words: Words, more: Iterable[tuple[str, str]]) -> None:
    """Add words; those that mean something already stay as they are."""
    for name, meaning in more:
        if name:
            words.setdefault(name, meaning)
