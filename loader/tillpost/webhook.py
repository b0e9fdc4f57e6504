"""A webhook: one message to an address that may hold a secret, in up to three attempts."""

import re
from typing import Any

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential_jitter

from tillpost import web
from tillpost.errors import UsageError

_FINAL = re.compile(r"HTTP (?!429|5\d\d).*|its address is none")


def post(
    url: str,
    content: dict[str, Any],
    *,
    attempts: int = 3,
    first_wait: float = 1.0,
    timeout: float = 10.0,
) -> str:
    """Post JSON: empty where it was taken, else why not; nothing is raised.

    Args:
        url: where to; what comes back does not hold it.
        content: what to.
        attempts: how many there are where another one may help.
        first_wait: seconds before the second; the next wait is twice as long, with jitter.
        timeout: seconds for each step of an attempt.
    """
    retrying = Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait_exponential_jitter(multiplier=first_wait, jitter=first_wait),
        retry=retry_if_result(_may_pass),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else "",
    )
    return str(retrying(_attempt, url, content, timeout=timeout))


def _attempt(url: str, content: dict[str, Any], *, timeout: float) -> str:
    try:
        return web.post_json(url, content, timeout=timeout)
    except UsageError as error:
        return error.what
    except (OSError, ValueError) as error:
        # The environment is at fault, its certificates or its proxy, and may hold secrets.
        return type(error).__name__


def _may_pass(reason: str) -> bool:
    """Whether it is a fault that another attempt may not meet: a busy receiver, or the way."""
    return bool(reason) and not _FINAL.fullmatch(reason)
