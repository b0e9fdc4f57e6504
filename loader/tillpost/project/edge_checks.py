"""What the ``edge`` block of a profile may say, and what is wrong with it."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tillpost.errors import UsageError
from tillpost.project.hosts import META, is_here
from tillpost.redaction import SHORTEST

DEFAULT_URL = f"https://{META}"
OLDEST_VERSION = 21
MAX_BATCH = 1000
MAX_PARTNER_AGENT = 22
SECRETS = ("access_token", "app_secret")


def whole(value: object) -> int:
    """A whole number, also as the text that an environment variable is; 2.5 is none."""
    return int(str(value))


EDGE_KEYS: dict[str, Callable[[Any], Any]] = {
    "graph_url": str,
    "version": str,
    "access_token": str,
    "app_secret": str,
    "partner_agent": str,
    "test_event_code": str,
    "max_in_flight": whole,
    "batch_size": whole,
    "max_bytes": whole,
    "timeout": float,
    "attempts": whole,
    "max_refused_share": float,
}


def edge_errors(values: dict[str, Any], *, where: str) -> list[UsageError]:
    """An error for each value that Meta would not take, or that gives a secret away."""
    address = values.get("graph_url", DEFAULT_URL)
    url = urlsplit(address)
    version = re.fullmatch(r"v(\d+)\.\d+", values.get("version", ""))
    checks = [
        (
            url.scheme in ("http", "https") and bool(url.hostname),
            '"graph_url" must be an http(s) address',
        ),
        (
            url.scheme == "https" or is_here(url.hostname),
            '"graph_url" must be https, except on this machine: it carries the token',
        ),
        (
            version is not None and int(version[1]) >= OLDEST_VERSION,
            f'"version" must be one that Meta serves: v{OLDEST_VERSION}.0 or newer',
        ),
        (
            1 <= values.get("batch_size", MAX_BATCH) <= MAX_BATCH,
            '"batch_size" must be 1 to 1000, Meta\'s limit',
        ),
        (values.get("max_in_flight", 1) >= 1, '"max_in_flight" must be 1 or more'),
        (values.get("attempts", 1) >= 1, '"attempts" must be 1 or more'),
        (
            0 <= values.get("max_refused_share", 0) <= 1,
            '"max_refused_share" must be a share, 0 to 1',
        ),
        (values.get("timeout", 1) > 0, '"timeout" must be more than 0 seconds'),
        (
            len(values.get("partner_agent", "")) <= MAX_PARTNER_AGENT,
            '"partner_agent" must be shorter than 23 characters',
        ),
    ]
    return [UsageError(words, where=where) for good, words in checks if not good]


def short_secret_errors(values: dict[str, Any], *, address: object, where: str) -> list[UsageError]:
    """What is too short to be a secret is too short to be kept out of messages, too."""
    if is_here(address):
        return []
    return [
        UsageError(
            f'"{key}" is shorter than {SHORTEST} characters, which no secret of Meta\'s is',
            where=where,
        )
        for key in SECRETS
        if 0 < len(str(values.get(key) or "")) < SHORTEST
    ]
