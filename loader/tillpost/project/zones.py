"""The zone of a source's local times: one for all, or one by the value of a column."""

from functools import cache
from zoneinfo import available_timezones

from tillpost.errors import UsageError
from tillpost.project.yaml_file import did_you_mean


def zone_errors(declared: object, *, where: str) -> list[UsageError]:
    """A zone is one name, or names by the values of one column: ``{store_id: {B01: …}}``."""
    zones: list[object] = [declared]
    if isinstance(declared, dict):
        by_value = next(iter(declared.values()), None)
        if len(declared) != 1 or not isinstance(by_value, dict) or not by_value:
            return [
                UsageError('"time_zone" takes one column and a zone for each value', where=where)
            ]
        if bare := [value for value in by_value if not isinstance(value, str)]:
            return [_no_text(bare[0], where=where)]
        zones = list(by_value.values())
    known = _zones()
    return [
        UsageError(
            f'"{zone}" is no time zone',
            where=where,
            fix=did_you_mean(str(zone), known) or "a name such as Europe/Berlin",
        )
        for zone in zones
        if str(zone) not in known
    ]


def _no_text(value: object, *, where: str) -> UsageError:
    """A store that YAML reads otherwise than it is written would have no zone, and no time."""
    return UsageError(
        f'"time_zone" has a zone for {value!r}, which is no text',
        where=where,
        why="without quotes YAML reads 017 as 15, and no as false",
        fix="put each value in quotes: '017': Europe/Berlin",
    )


@cache
def _zones() -> set[str]:
    """Every zone that the machine knows; to look costs 14 ms."""
    return available_timezones()
