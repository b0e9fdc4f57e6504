"""The ``alerts`` block of a profile's output: whom to tell, of what, and from which point on."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tillpost.errors import UsageError, raise_all
from tillpost.project.secrets import Vault, secret_keys, way_errors, ways
from tillpost.project.yaml_file import mapping, unknown_keys, unknown_name

KINDS = ("failure", "stale_data", "refused_share", "expiring_value", "frequent_hash")
FORMATS = ("json", "slack")
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
_WORDS = (*secret_keys("url"), "format", "on")
_ELSEWHERE = ways("url")[1:]
_Limit = tuple[Callable[[float], bool], str]
NUMBERS: dict[str, _Limit] = {
    "stale_after": (lambda hours: hours > 0, "more than 0 hours"),
    "refused_share": (lambda share: 0 <= share <= 1, "a share, 0 to 1"),
    "expires_within": (lambda hours: hours > 0, "more than 0 hours"),
    "min_value": (lambda value: value >= 0, "an amount, 0 or more"),
}


@dataclass(frozen=True, kw_only=True)
class AlertSettings:
    """Whom to tell of what; the address may hold a secret, so nothing shows it.

    ``stale_after`` and ``expires_within`` are in hours, ``min_value`` counts in any one currency.
    """

    url: str = field(repr=False)
    format: str = "json"
    on: tuple[str, ...] = KINDS
    stale_after: float = 26.0
    refused_share: float = 0.01
    expires_within: float = 24.0
    min_value: float = 0.0


def alert_settings(
    output: dict[str, Any], *, where: str, vault: Vault | None = None
) -> AlertSettings | None:
    """The ``alerts`` block of an output, checked; nothing where there is none.

    Args:
        output: the profile's output.
        where: how messages call it.
        vault: what reads an address that stands in a file or comes from a command; without one
            it is left out.

    Raises:
        UsageError: all that is wrong with it, without its address.
    """
    where = f"{where}.alerts"
    block = mapping(output.get("alerts"), where=where, key="alerts")
    # YAML takes a plain `on` for a yes.
    block = {{"True": "on"}.get(str(key), str(key)): value for key, value in block.items()}
    if not block:
        return None
    errors = unknown_keys(block, (*_WORDS, *NUMBERS), where=where, of="an alerts block")
    errors += way_errors(block, "url", where=where)
    is_elsewhere = vault is None and any(block.get(way) for way in _ELSEWHERE)
    if vault and not errors:
        block = vault.opened(block, "url", where=where)
    errors += _word_errors(block, is_elsewhere=is_elsewhere, where=where)
    numbers: dict[str, float] = {}
    for name, (is_good, words) in NUMBERS.items():
        value = _number(block.get(name, getattr(AlertSettings, name)))
        numbers[name] = value
        if not is_good(value):
            errors.append(UsageError(f'"{name}" must be {words}', where=where))
    kinds = block.get("on", KINDS)
    errors += _kind_errors(kinds, where=where)
    raise_all(errors)
    return AlertSettings(
        url=block.get("url", ""), format=block.get("format", "json"), on=tuple(kinds), **numbers
    )


def alert_errors(output: dict[str, Any], *, where: str) -> list[UsageError]:
    """What is wrong with an output's ``alerts`` block."""
    try:
        alert_settings(output, where=where)
    except UsageError as error:
        return [error]
    return []


def _word_errors(block: dict[str, Any], *, is_elsewhere: bool, where: str) -> list[UsageError]:
    checks = (
        (
            is_elsewhere or _is_private(block.get("url")),
            '"url" must be an https address; http is for this machine only',
        ),
        (block.get("format", "json") in FORMATS, f'"format" must be {" or ".join(FORMATS)}'),
    )
    return [UsageError(words, where=where) for good, words in checks if not good]


def _kind_errors(kinds: object, *, where: str) -> list[UsageError]:
    if not (isinstance(kinds, list | tuple) and kinds):
        return [UsageError('"on" must be a list', where=where, why=f"of: {', '.join(KINDS)}")]
    return [
        unknown_name(str(kind), KINDS, where=where, what="there is no such alert")
        for kind in kinds
        if kind not in KINDS
    ]


def _is_private(url: object) -> bool:
    """Whether it is an address, and what goes there can be read by nobody on the way."""
    if not isinstance(url, str) or not re.fullmatch(r"[!-~]+", url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and _LOOPBACK.fullmatch(host) is not None
    )
    return bool(host) and port != 0 and is_safe


def _number(value: object) -> float:
    """A number, also as the text that an environment variable is; what is none is not a number."""
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
