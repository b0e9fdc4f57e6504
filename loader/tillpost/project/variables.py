"""The variables that Tillpost itself reads: what each may be."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.thresholds import threshold_errors
from tillpost.project.yaml_file import did_you_mean

LONGEST_LOOKBACK = 3650
OF_COMMANDS = ("audit", "next_run")
"""Variables of single commands, which say themselves what these may be."""
SWITCHES = (
    *("send_zero_value", "day_first", "external_id_keeps_case"),
    *("event_per_line", "send_content_ids", "send_store_data"),
    "strict_privacy",
)


def variable_errors(variables: dict[str, Any], *, where: str) -> list[UsageError]:
    """An error for each variable with a value that it cannot have; absent ones have defaults."""
    errors = [
        UsageError(f'the variable "{name}" must be {words}', where=where)
        for name, (is_good, words) in VARIABLES.items()
        if name in variables and not is_good(variables[name])
    ]
    return errors + threshold_errors(variables.get("audit"), where=where)


def unread_errors(
    variables: Iterable[str], *, texts: Iterable[str], where: str, is_typed: bool
) -> list[UsageError]:
    """An error for each variable that nothing reads: it was meant to be another one.

    Args:
        variables: the names that are set.
        texts: what may read them.
        where: where they are set.
        is_typed: whether they were typed for this command, for which each must mean something;
            a project may keep some for other tools, as long as they look like none of ours.
    """
    known = {*VARIABLES, *OF_COMMANDS}
    unknown = [name for name in variables if name not in known]
    content = "\n".join(texts) if unknown else ""
    return [
        UsageError(f'nothing reads the variable "{name}"', where=where, fix=fix)
        for name in unknown
        if not re.search(rf"\b{re.escape(name)}\b", content)
        and ((fix := did_you_mean(name, known)) or is_typed)
    ]


def _is_moment(value: object) -> bool:
    """YAML has already made a moment of most of them."""
    if isinstance(value, str) and not value.isdigit():
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return False
    return isinstance(value, datetime) or bool(re.fullmatch(r"\d{9,10}", str(value)))


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and bool(re.fullmatch(r"\d{1,20}", str(value)))


def _is_country(value: object) -> bool:
    return value is None or bool(re.fullmatch(r"([A-Za-z]{2})?", str(value)))


def is_days(value: object) -> bool:
    """Whether it is a number of days that sales may be read back."""
    return _is_whole(value) and 1 <= int(str(value)) <= LONGEST_LOOKBACK


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_count(value: object) -> bool:
    return _is_whole(value) and int(str(value)) >= 1


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


VARIABLES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "as_of": (_is_moment, "a moment with its zone, such as 2026-11-23T12:00:00Z"),
    "dataset_id": (_is_id, "the dataset's id, digits only, in quotes"),
    "default_country": (_is_country, "two letters (ISO alpha-2), or empty"),
    "lookback": (is_days, f"a whole number of days, 1 to {LONGEST_LOOKBACK}"),
    "order_span": (is_days, "a whole number of hours, 1 or more"),
    "max_hash_share": (_is_share, "a share, 0 to 1"),
    "min_frequent_hash": (_is_count, "a whole number, 1 or more"),
    **dict.fromkeys(SWITCHES, (_is_switch, "true or false")),
}
"""What each must be, and how messages say so."""
