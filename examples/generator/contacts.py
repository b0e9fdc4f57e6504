"""How a customer's form is filled in, with all that people and tills get wrong."""

import random
from dataclasses import dataclass, fields, replace
from datetime import date

from generator.people import Person
from generator.phones import written_phone
from generator.places import COUNTRIES
from generator.rates import CONTACT_FLAWS

PLACEHOLDERS = {
    "email": ("n/a", "-", "test@test.com", "unknown"),
    "phone": ("n/a", "-", "0000000000", "unknown"),
    "first_name": ("n/a", "-", "unknown"),
    "last_name": ("n/a", "-", "unknown"),
    "birth_date": ("n/a", "-", "0000-00-00"),
    "city": ("n/a", "-", "unknown"),
    "postal_code": ("n/a", "-", "00000"),
}
GENDER_WORDS = {
    "f": ("F", "female", "Frau", "w", "Ms", "woman"),
    "m": ("M", "male", "Herr", "Mr", "man"),
}
DAY_FIRST = "%d.%m.%Y"
MONTH_FIRST = "%m/%d/%Y"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """The customer columns, as text."""

    customer_no: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    gender: str = ""
    birth_date: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


NOBODY = Contact()


def filled_in(person: Person, *, rng: random.Random) -> Contact:
    """The person's form as it was typed on one occasion."""
    contact = Contact(
        customer_no=person.customer_no,
        email=_email(person, rng=rng),
        phone=written_phone(person.phone, rng=rng),
        first_name=person.first_name,
        last_name=person.last_name,
        gender=_gender(person.gender, rng=rng),
        birth_date=_birth_date(person.birth_date, country=person.country, rng=rng),
        city=person.place.city,
        state=person.place.state,
        postal_code=_postal_code(person, rng=rng),
        country=_country(person.country, rng=rng),
    )
    return replace(contact, **_gaps(rng=rng))


def _happens(flaw: str, *, rng: random.Random) -> bool:
    return rng.random() < CONTACT_FLAWS[flaw]


def _gaps(*, rng: random.Random) -> dict[str, str]:
    """The fields that were left empty, or filled to get past the form; the card number never is."""
    gaps = {}
    for field in fields(Contact)[1:]:
        if _happens("blank_field", rng=rng):
            gaps[field.name] = ""
        elif _happens("placeholder", rng=rng) and field.name in PLACEHOLDERS:
            gaps[field.name] = rng.choice(PLACEHOLDERS[field.name])
    return gaps


def _email(person: Person, *, rng: random.Random) -> str:
    if _happens("two_emails", rng=rng):
        return f"{person.email}; family.{person.email}"
    if _happens("upper_case_email", rng=rng):
        return person.email.upper()
    if _happens("padded_email", rng=rng):
        return f" {person.email}  "
    return person.email


def _gender(gender: str, *, rng: random.Random) -> str:
    return rng.choice(GENDER_WORDS[gender]) if _happens("gender_word", rng=rng) else gender


def _birth_date(day: date, *, country: str, rng: random.Random) -> str:
    if not _happens("local_birth_date", rng=rng):
        return day.isoformat()
    return day.strftime(MONTH_FIRST if country == "us" else DAY_FIRST)


def _postal_code(person: Person, *, rng: random.Random) -> str:
    code = person.place.postal_code
    if not _happens("untidy_postal_code", rng=rng):
        return code
    return f"{code}-{rng.randrange(1000, 10000)}" if person.country == "us" else code.lower()


def _country(code: str, *, rng: random.Random) -> str:
    country = COUNTRIES[code]
    if _happens("country_name", rng=rng):
        return rng.choice(country.names)
    if _happens("country_alpha3", rng=rng):
        return country.alpha3
    return rng.choice((code, country.alpha2))
