"""Valid phone numbers of every region, in the forms that people write them, with an oracle."""

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberFormat
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from normalization_harness import ROOT

sys.path.append(str(ROOT / "seeds"))

from numbering_plans import DIGITS, Plan

PEOPLE = ("mobile", "fixed_line")
OTHERS = (
    *("toll_free", "premium_rate", "shared_cost", "personal_number"),
    *("voip", "pager", "uan", "voicemail"),
)
ABROAD = (
    *("442079460958", "16505551212", "4930123456", "33142868326", "390669812345"),
    *("8613812345678", "34612345678", "5511961234567", "919876543210", "79123456789"),
)
EXTENSIONS = (
    *(" ext. 12", " ext 1234", "x123", " x12", " #45", ";ext=99", " доб. 123", " int. 45"),
    *(" extn 5", ",,123", " extension 77"),
)
FRONTS = ("Tel.: ", "Tel: ", "phone ", "Mob. ", "☎ ", "tel:")
SCRIPTS = tuple(
    str.maketrans(f"{DIGITS}+", f"{''.join(chr(zero + digit) for digit in range(10))}{plus}")
    for zero, plus in ((0x660, "+"), (0x966, "+"), (0xFF10, "\N{FULLWIDTH PLUS SIGN}"))
)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A number as somebody wrote it, what it was, and what libphonenumber makes of it."""

    region: str
    kind: str
    form: str
    text: str
    true: str
    parsed: str | None

    @property
    def expected(self) -> str:
        """What libphonenumber reads, or the number itself where it reads nothing valid."""
        return self.parsed or self.true


def sample(*, numbers: int, forms: int) -> Iterator[Written]:
    """The example numbers in all forms, then drawn ones in some: the same at every call."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        dice = random.Random(f"{region}{numbers}")  # noqa: S311  it must repeat
        for kind, digits in examples(region):
            if valid(region, digits):
                yield from written(region, kind, digits, dice, forms=None)
        for kind, digits in drawn(region, numbers, dice):
            yield from written(region, kind, digits, dice, forms=forms)


def examples(region: str) -> Iterator[tuple[str, str]]:
    """The number that libphonenumber gives as an example of each kind."""
    for kind, description in kinds(region).items():
        if description.example_number:
            yield kind, description.example_number


def kinds(region: str) -> dict[str, PhoneNumberDesc]:
    """The kinds of numbers that a region has."""
    found = {kind: getattr(rules(region), kind) for kind in (*PEOPLE, *OTHERS)}
    return {kind: found[kind] for kind in found if found[kind] and possible(found[kind])}


def possible(description: PhoneNumberDesc) -> bool:
    """Whether there are numbers of a kind: the others have a length of -1."""
    return bool(description.national_number_pattern) and description.possible_length != (-1,)


def rules(region: str) -> PhoneMetadata:
    """What libphonenumber knows of a region."""
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    return metadata


def drawn(region: str, count: int, dice: random.Random) -> Iterator[tuple[str, str]]:
    """Numbers that are valid in their region, seven of ten fixed or mobile; a few may repeat."""
    found = kinds(region).items()
    plans = {kind: Plan.of(description.national_number_pattern) for kind, description in found}
    people = [kind for kind in plans if kind in PEOPLE] or list(plans)
    missing = count
    for _ in range(4 * count):
        kind = dice.choice(people if dice.random() < 0.7 else list(plans))
        digits = draw(plans[kind], dice)
        if missing and valid(region, digits):
            missing -= 1
            yield kind, digits


def draw(plan: Plan, dice: random.Random) -> str:
    """One number of a plan, each of a length as likely as the others."""
    digits = ""
    for left in range(dice.choice(sorted(plan.lengths())) - 1, -1, -1):
        plans, chances = ways(plan, left)
        (digit,) = dice.choices(DIGITS, chances)
        digits, plan = digits + digit, plans[digit]
    return digits


@cache
def ways(plan: Plan, left: int) -> tuple[dict[str, Plan], list[int]]:
    """What is behind each digit, and how many numbers with some digits left."""
    plans = {digit: plan.behind(digit) for digit in DIGITS}
    return plans, [plan.count("", left) for plan in plans.values()]


def valid(region: str, digits: str) -> bool:
    """Whether libphonenumber takes these digits for a number of the region, and Meta takes it."""
    international = f"{rules(region).country_code}{digits}"
    number = phonenumbers.parse(f"+{international}")
    return (
        7 <= len(international) <= 15
        and phonenumbers.is_valid_number_for_region(number, region)
        and phonenumbers.national_significant_number(number) == digits
    )


def written(
    region: str, kind: str, digits: str, dice: random.Random, *, forms: int | None
) -> Iterator[Written]:
    """A number in some of the forms, or in all."""
    everything = list(spellings(region, digits, dice))
    for form, text, true in everything if forms is None else dice.sample(everything, forms):
        parsed = oracle(region, text)
        if form == "abroad" and parsed is None:
            continue
        yield Written(region=region, kind=kind, form=form, text=text, true=true, parsed=parsed)


def spellings(region: str, digits: str, dice: random.Random) -> Iterator[tuple[str, str, str]]:
    """The forms of a number: their names, the number in each, and what it is."""
    code, trunk = rules(region).country_code, rules(region).national_prefix
    number, true = phonenumbers.parse(f"+{code}{digits}"), f"{code}{digits}"
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    yield "national", national, true
    yield "international", international, true
    yield "e164", phonenumbers.format_number(number, PhoneNumberFormat.E164), true
    yield "rfc3966", phonenumbers.format_number(number, PhoneNumberFormat.RFC3966), true
    yield "without_trunk", digits, true
    yield "without_plus", true, true
    yield "zeros", f"00{true}", true
    foreign = dice.choice(ABROAD)
    prefix = Plan.of((rules(region).international_prefix or "").replace("~", ""))
    yield "abroad", f"{draw(prefix, dice)} {foreign}", foreign
    if trunk == "0":
        yield "bracket_zero", f"+{code} (0){digits}", true
    yield "messy", messy(dice.choice((national, international)), dice), true


def messy(text: str, dice: random.Random) -> str:
    """A number as it stands in a form's free text."""
    return dice.choice(
        (
            re.sub(r"(?<=\d)", lambda _: dice.choice(" .-/\u00a0") * (dice.random() < 0.3), text),
            text.translate(dice.choice(SCRIPTS)) + dice.choice(("", *EXTENSIONS)),
            dice.choice(FRONTS) + text,
            text + dice.choice(EXTENSIONS),
            text.replace(" ", "\u00a0").replace("-", "\u2011"),
            f"  {text.replace(' ', '. ')} ",
            f'"{text}"',
        )
    )


def oracle(region: str, text: str) -> str | None:
    """What libphonenumber reads from a text at home, if that is a valid number."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
