"""The customers: who exists, and who comes back."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from generator.names import NAMES, OTHER_SCRIPTS
from generator.phones import Phone, any_phone
from generator.places import COUNTRIES, PLACES, Place
from generator.rates import OTHER_SCRIPT_NAMES

DOMAINS = ("example.com", "example.org", "example.net")
OLDEST_BIRTH = date(1941, 1, 1)
BIRTH_DAYS = 65 * 365
# The higher, the more of the visits are by few regulars.
LOYALTY = 1.7


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer as they are, before anybody typed them in."""

    customer_no: str
    email: str
    phone: Phone
    first_name: str
    last_name: str
    gender: str
    birth_date: date
    place: Place
    country: str


def any_person(number: int, *, country: str, rng: random.Random) -> Person:
    """A person of the country."""
    names = OTHER_SCRIPTS if rng.random() < OTHER_SCRIPT_NAMES else NAMES[country]
    gender = rng.choice("fm")
    first_name = rng.choice(names.women if gender == "f" else names.men)
    last_name = rng.choice(names.last)
    return Person(
        customer_no=f"C{1_000_000 + number}",
        email=f"{_latin(first_name)}.{_latin(last_name)}{number}@{rng.choice(DOMAINS)}",
        phone=any_phone(country, rng=rng),
        first_name=first_name,
        last_name=last_name,
        gender=gender,
        birth_date=OLDEST_BIRTH + timedelta(days=rng.randrange(BIRTH_DAYS)),
        place=rng.choice(PLACES[country]),
        country=country,
    )


def everybody(count: int, *, rng: random.Random) -> dict[str, tuple[Person, ...]]:
    """About ``count`` people by country, some in each."""
    whole = sum(country.share for country in COUNTRIES.values())
    people = {}
    first = 0
    for code, country in COUNTRIES.items():
        last = first + max(5, count * country.share // whole)
        people[code] = tuple(
            any_person(number, country=code, rng=rng) for number in range(first, last)
        )
        first = last
    return people


def visitor(
    people: dict[str, tuple[Person, ...]], *, countries: dict[str, int], rng: random.Random
) -> Person:
    """Who comes in now: mostly somebody who was here before."""
    (country,) = rng.choices(list(countries), weights=list(countries.values()))
    here = people[country]
    return here[int(len(here) * rng.random() ** LOYALTY)]


def _latin(name: str) -> str:
    """The name as it fits an address: plain letters, or the word customer if none are left."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum()) or "customer"
