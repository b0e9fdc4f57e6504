"""Phone numbers nobody has, and the ten ways people write them.

The ranges are those that regulators keep free for films and plays (Germany, United States, United
Kingdom, France, Sweden); Austria, Spain and the Netherlands have none, so their numbers begin with
zeros where a subscriber's does not.
"""

import random
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Phone:
    """A number in the parts that people put signs between; each # in ``end`` is any digit."""

    calling_code: str
    trunk: str
    area: str
    stem: str
    end: str


RANGES = {
    "de": (
        Phone("49", "0", "30", "23125", "###"),
        Phone("49", "0", "69", "90009", "###"),
        Phone("49", "0", "40", "66969", "###"),
        Phone("49", "0", "89", "99998", "###"),
    ),
    "us": (
        Phone("1", "", "212", "555", "01##"),
        Phone("1", "", "617", "555", "01##"),
        Phone("1", "", "415", "555", "01##"),
        Phone("1", "", "312", "555", "01##"),
    ),
    "gb": (
        Phone("44", "0", "20", "7946", "0###"),
        Phone("44", "0", "161", "496", "0###"),
        Phone("44", "0", "7700", "900", "###"),
    ),
    "fr": (
        Phone("33", "0", "1", "9900", "####"),
        Phone("33", "0", "4", "6571", "####"),
        Phone("33", "0", "6", "3998", "####"),
    ),
    "se": (Phone("46", "0", "8", "465", "004##"), Phone("46", "0", "70", "174", "065#")),
    "at": (Phone("43", "0", "1", "000", "####"),),
    "es": (Phone("34", "", "91", "000", "####"),),
    "nl": (Phone("31", "0", "20", "000", "####"),),
}
DIGITS = "0123456789"

STYLES = (
    "{trunk}{area} {stem}{end}",
    "+{calling_code}{area}{stem}{end}",
    "00{calling_code}{area}{stem}{end}",
    "+{calling_code} {area} {stem} {end}",
    "{trunk}{area}.{stem}.{end}",
    "{trunk}{area}-{stem}-{end}",
    "({trunk}{area}) {stem}{end}",
    "+{calling_code} ({trunk}){area} {stem}{end}",
    "+{calling_code} {area} {stem}{end} ext. 12",
    "tel:+{calling_code}-{area}-{stem}-{end}",
)


def any_phone(country: str, *, rng: random.Random) -> Phone:
    """A number of the country."""
    found = rng.choice(RANGES[country])
    end = "".join(rng.choice(DIGITS) if sign == "#" else sign for sign in found.end)
    return replace(found, end=end)


def written_phone(phone: Phone, *, rng: random.Random) -> str:
    """The number in one of the ten styles; where no trunk prefix exists none is bracketed."""
    return rng.choice(STYLES).format(**vars(phone)).replace("()", "")
