"""Alerts as a webhook's receiver reads them: plain JSON, or Slack's blocks."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

_LONGEST_HEADER = 150
_LONGEST_SECTION = 3000
"""Slack refuses a message with a longer one."""

Fact = str | int | float | Mapping[str, str] | Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing that a person should hear of; facts are counts, moments, sums and codes."""

    kind: str
    title: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class Message:
    """All alerts of one run and where they come from; ``at`` is in epoch seconds."""

    run_id: str
    project: str
    target: str
    at: float
    alerts: tuple[Alert, ...]
    host: str = field(default_factory=socket.gethostname)


def shown(moment: float) -> str:
    """A moment in ISO 8601."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_json(message: Message) -> dict[str, Any]:
    """For programs."""
    return {
        "tool": "tillpost",
        "run_id": message.run_id,
        "project": message.project,
        "target": message.target,
        "host": message.host,
        "at": shown(message.at),
        "alerts": [
            {"kind": alert.kind, "title": alert.title, **alert.facts} for alert in message.alerts
        ],
    }


def as_slack(message: Message) -> dict[str, Any]:
    """For an incoming webhook of Slack: a header, a section an alert, and where it comes from."""
    count = len(message.alerts)
    header = f"Tillpost: {message.project}, {count} {'alert' if count == 1 else 'alerts'}"
    origin = f"target {message.target}, run {message.run_id} on {message.host}, {shown(message.at)}"
    titles = "; ".join(alert.title for alert in message.alerts)
    return {
        "text": _fitted(f"{header}: {titles}", longest=_LONGEST_SECTION),
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": _fitted(header, longest=_LONGEST_HEADER)},
            },
            *(_section(alert) for alert in message.alerts),
            {"type": "context", "elements": [_markdown(_fitted(origin))]},
        ],
    }


def _section(alert: Alert) -> dict[str, Any]:
    lines = [f"{name}: {_words(fact)}" for name, fact in alert.facts.items()]
    return {
        "type": "section",
        "text": _markdown(_fitted("\n".join([f"*{alert.title}*", *lines]))),
    }


def _markdown(text: str) -> dict[str, Any]:
    # verbatim: a name that looks like a link, a channel or a person is none
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _words(fact: Fact) -> str:
    if isinstance(fact, Mapping):
        return ", ".join(f"{name} {_words(value)}" for name, value in fact.items())
    return f"{fact:,}" if isinstance(fact, int | float) else fact


def _fitted(text: str, *, longest: int = _LONGEST_SECTION) -> str:
    """Escaped for Slack and cut to its limit, but never inside of what stands for one sign."""
    escaped = escape(text, quote=False)
    if len(escaped) <= longest:
        return escaped
    kept = escaped[: longest - 1]
    start = kept.rfind("&")
    is_cut = start >= 0 and ";" not in kept[start:]
    return (kept[:start] if is_cut else kept) + "…"
