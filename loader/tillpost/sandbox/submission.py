"""A request's fields, however they were sent: query, JSON, or one of the two form encodings."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import NoReturn
from urllib.parse import parse_qsl

from tillpost.sandbox.refusals import REQUEST, RefusedError

MAX_EVENTS = 1_000
MAX_AGENT = 22


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a request to the events edge carries besides its token."""

    events: tuple[object, ...]
    upload_tag: str


def body_fields(body: bytes, *, content_type: str) -> dict[str, object]:
    """The fields of a request's body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _json_fields(body)
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if kind == "multipart/form-data":
        return _multipart_fields(body, content_type)
    if not body:
        return {}
    raise RefusedError(REQUEST, "The body must be JSON or a form, and its Content-Type must say so")


def token_of(fields: Mapping[str, object], *, authorization: str) -> str:
    """The access token, from the header or a field; empty where there is none."""
    scheme, _, bearer = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return bearer.strip()
    token = fields.get("access_token")
    return token if isinstance(token, str) else ""


def submission_of(fields: Mapping[str, object]) -> Submission:
    """The events and what is said about all of them."""
    _check_agent(fields.get("partner_agent"))
    upload_tag = fields.get("upload_tag", "")
    if not isinstance(upload_tag, str):
        raise RefusedError(REQUEST, "Param upload_tag must be a string")
    data = fields.get("data")
    events = _parsed(data, "Param data") if isinstance(data, str) else data
    if not isinstance(events, list):
        raise RefusedError(REQUEST, "Param data must be an array")
    if not 1 <= len(events) <= MAX_EVENTS:
        raise RefusedError(REQUEST, f"Param data must hold 1 to {MAX_EVENTS} events")
    return Submission(events=tuple(events), upload_tag=upload_tag)


def _check_agent(agent: object) -> None:
    if agent is None:
        return
    letters = re.findall(r"[A-Za-z]", agent) if isinstance(agent, str) else []
    if not isinstance(agent, str) or len(agent) > MAX_AGENT or len(letters) < 2:  # noqa: PLR2004  Meta's own number, said in the message
        raise RefusedError(
            REQUEST,
            f"Param partner_agent must have at most {MAX_AGENT} characters, 2 of them letters",
        )


def _json_fields(body: bytes) -> dict[str, object]:
    parsed = _parsed(body, "The body")
    if not isinstance(parsed, dict):
        raise RefusedError(REQUEST, "The body must be a JSON object")
    return parsed


def _multipart_fields(body: bytes, content_type: str) -> dict[str, object]:
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    return {
        str(part.get_param("name", header="content-disposition")): _text(
            part.get_payload(decode=True)
        )
        for part in message.iter_parts()
    }


def _text(payload: object) -> str:
    return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _parsed(text: str | bytes, what: str) -> object:
    """Read JSON as its standard has it, so without NaN and Infinity."""
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise RefusedError(REQUEST, f"{what} must be JSON") from None


def _not_json(_constant: str) -> NoReturn:
    raise ValueError
