"""The phone seeds: what libphonenumber knows of each country, as tables without patterns."""

import re
from collections.abc import Collection, Iterator
from itertools import product

import phonenumbers
from numbering_plans import DIGITS, LONGEST, Plan
from phonenumbers.phonemetadata import PhoneMetadata

Row = tuple[str, ...]

CODES_HEADER = (
    *("country", "calling_code", "international_prefixes", "trunk_prefix", "trunk_lengths"),
    *("lengths", "local_length", "area_code"),
)
PREFIXES_HEADER = ("prefix", "calling_code", "trunk_digits", "lengths", "home_lengths")
MOBILE = ("mobile",)
PEOPLE = (*MOBILE, "fixed_line")
KINDS = (
    *(*PEOPLE, "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)
PREFIX_LENGTH = 4
# How many mobiles there are, how many of people, how many in all.
NOBODY = (0, 0, 0)
# The digits of an international number that Meta takes.
SENT = set(range(7, 16))
# More than these are the choices of a carrier for one call, in China: nobody stores them.
MOST_INTERNATIONAL_PREFIXES = 100
LONGEST_INTERNATIONAL_PREFIX = 8
# By calling code: what stood in front until a reform, and still does in older lists.
OTHER_TRUNKS = {52: ("01", "044", "045", "1"), 241: ("0",), 370: ("8",), 375: ("80",)}
# By calling code, behind a trunk prefix and without: Argentina's mobiles have 15 behind the area,
# Brazil chooses a carrier first.
OTHER_LENGTHS = {54: ({13}, {12}), 55: ({13, 14}, set())}


def rules(region: str) -> PhoneMetadata:
    """What libphonenumber knows of a region."""
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise LookupError(region)
    return metadata


def plan(region: str, kinds: Collection[str]) -> Plan:
    """The numbers of some kinds that a region has, without its trunk prefix."""
    found = [getattr(rules(region), kind) for kind in kinds]
    patterns = [kind.national_number_pattern for kind in found if kind]
    return Plan.of("|".join(pattern for pattern in patterns if pattern and pattern != "NA"))


def signs(lengths: Collection[int]) -> str:
    """Lengths as a text whose nth sign is 1 where numbers of n digits exist."""
    return "".join("01"[length in lengths] for length in range(1, max(SENT) + 1)).rstrip("0")


def international_prefixes(region: str) -> str:
    """What is dialled to leave a region, with bars between; ``00`` is read everywhere."""
    prefixes = Plan.of((rules(region).international_prefix or "").replace("~", ""))
    found = []
    for length in range(1, LONGEST_INTERNATIONAL_PREFIX + 1):
        numbers = prefixes.numbers(length)
        found += numbers if len(numbers) <= MOST_INTERNATIONAL_PREFIXES else []
    found = [prefix for prefix in found if prefix != "00"]
    return f"|{'|'.join(found)}|" if found else ""


def local_numbers(region: str) -> Row:
    """How long the numbers of an island are without its area code, and that code."""
    metadata = rules(region)
    local = re.match(r"\(\[[\d-]+\]\\d\{(\d)\}\)\$", metadata.national_prefix_for_parsing or "")
    if not local:
        return "", ""
    return str(int(local[1]) + 1), metadata.national_prefix_transform_rule.removesuffix("\\1")


def written_lengths(region: str) -> tuple[set[int], set[int]]:
    """How many digits are written at home: with a trunk prefix or zero in front, and without."""
    code = rules(region).country_code
    national, numbers = rules(region).national_prefix or "", plan(region, KINDS)
    prefixes = [prefix for prefix in (national, *OTHER_TRUNKS.get(code, ())) if prefix]
    with_trunk, bare = OTHER_LENGTHS.get(code, (set(), set()))
    with_trunk, bare = with_trunk | numbers.lengths(national or "0"), bare | numbers.lengths()
    for prefix, length in product(prefixes, numbers.lengths()):
        (with_trunk if prefix.startswith(national or "0") else bare).add(len(prefix) + length)
    return with_trunk, bare


def calling_codes() -> Iterator[Row]:
    """How the numbers of each country are written at home."""
    for region in phonenumbers.SUPPORTED_REGIONS:
        metadata = rules(region)
        with_trunk, bare = written_lengths(region)
        yield (
            region.lower(),
            str(metadata.country_code),
            international_prefixes(region),
            metadata.national_prefix or "0",
            signs(with_trunk),
            signs(bare),
            *local_numbers(region),
        )


def trunk_digits(region: str, beginning: str) -> int:
    """How many digits of a national number go, unless it is complete with them.

    A zero goes where there is no trunk prefix, too: nobody dials it, but people write it.
    """
    metadata = rules(region)
    trunk = metadata.national_prefix or "0"
    for prefix in (*OTHER_TRUNKS.get(metadata.country_code, ()), trunk):
        if beginning.startswith(prefix) or prefix.startswith(beginning):
            return len(prefix)
    return 0


def has_trunk(region: str) -> bool:
    """Whether anything is dialled in front at home, or was."""
    return bool(rules(region).national_prefix) or rules(region).country_code in OTHER_TRUNKS


def calling_prefixes() -> Iterator[Row]:
    """What any international number begins with: no calling code begins another."""
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if regions == ("001",):
            continue
        plans = [
            tuple(plan(region, kinds) for kinds in (MOBILE, PEOPLE, KINDS)) for region in regions
        ]
        for tail in product(DIGITS, repeat=PREFIX_LENGTH - len(str(code))):
            beginning = "".join(tail)
            row = _prefix(regions[0], beginning, plans)
            if any(row):
                yield f"{code}{beginning}", str(code), *row


def _prefix(region: str, beginning: str, plans: list[tuple[Plan, ...]]) -> Row:
    """The trunk digits behind a calling code, and the lengths of what begins so.

    Where digits can be read in two ways, that counts which more people have, or else more numbers;
    with a mobile behind its calling code, no longer number at home is meant.
    """
    code, trunk = str(rules(region).country_code), trunk_digits(region, beginning)
    whole_lengths, home_lengths = set(), set()
    for length in range(1, LONGEST + 1):
        behind = length - len(code)
        whole = max(_counts(numbers, beginning, behind) for numbers in plans)
        cut = NOBODY
        if trunk and has_trunk(region):
            cut = _counts(plans[0], beginning[trunk:], behind - trunk)
        if whole > NOBODY and whole[1:] >= cut[1:]:
            whole_lengths.add(length)
        home = max(_counts(numbers, code + beginning, length) for numbers in plans)
        if NOBODY < home >= max(whole, cut):
            home_lengths.add(length)
    at_home = {length for length in home_lengths if length + len(code) in SENT}
    return str(trunk or ""), signs(whole_lengths & SENT), signs(at_home)


def _counts(plans: tuple[Plan, ...], beginning: str, length: int) -> tuple[int, ...]:
    return tuple(numbers.count(beginning, length) for numbers in plans)
