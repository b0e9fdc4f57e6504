"""The edge: requests to Meta or the sandbox over HTTP."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from threading import BoundedSemaphore
from typing import Self
from urllib.parse import quote

import httpx
import stamina

from tillpost.answers import document, understood
from tillpost.errors import NotAllowed, UsageError
from tillpost.records import Answer, EdgeSettings, Fault, Outcome

_RETRIED = (Fault.temporary, Fault.throttled)
_NOTHING_WENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
_LONGEST_TEXT = 500


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a read gave: ``values`` where it is ok, else ``answer`` says why not."""

    ok: bool
    values: Mapping[str, object]
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class _Reply:
    answer: Answer
    values: Mapping[str, object] = field(default_factory=dict)
    retry_after: float | None = None


class _UnsettledError(Exception):
    """Asks stamina for another attempt; never leaves this module."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("the edge did not settle it")
        self.retry_after = retry_after


class _QuietUrl(httpx.URL):
    """A URL whose query stays out of httpx's log: a read of the token carries the token there."""

    def __str__(self) -> str:
        return str(self.copy_with(query=None))

    def __repr__(self) -> str:
        return f"URL({str(self)!r})"


class Edge:
    """One edge with its connections kept open; threads may share it.

    Args:
        settings: where it is, and the token.
        first_wait: seconds before the first retry; each further wait is twice as long, with
            jitter.
        longest_wait: no wait is longer; where the edge asks for more, its answer is final.
    """

    def __init__(
        self, settings: EdgeSettings, *, first_wait: float = 0.5, longest_wait: float = 60.0
    ) -> None:
        """Check address and token; nothing is connected yet."""
        self._base = _address(settings)
        self._token = _sound(settings.access_token)
        self._proof = _proof(settings)
        secrets = filter(None, (settings.access_token, settings.app_secret, self._proof))
        forms = {form for secret in secrets for form in (secret, quote(secret, ""))}
        self._secrets = sorted(forms, key=len, reverse=True)
        self._attempts = settings.attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        # Where requests queue for a connection, httpx's pool closes some that are in use.
        self._slots = BoundedSemaphore(settings.max_in_flight)
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=httpx.Timeout(settings.timeout, pool=None),
            limits=httpx.Limits(
                max_connections=settings.max_in_flight,
                max_keepalive_connections=settings.max_in_flight,
            ),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        """The edge itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, body: bytes, *, dataset_id: str, events: int) -> Answer:
        """Send one batch's body, which holds so many events, and say what became of it."""
        if self._proof:
            body = b'{"appsecret_proof":"' + self._proof.encode() + b'",' + body[1:]
        request = self._client.build_request(
            "POST",
            f"{self._base}/{quote(dataset_id, '')}/events",
            content=body,
            headers={"Content-Type": "application/json"},
        )
        answer = self._settled(request).answer
        if answer.outcome is Outcome.accepted and answer.received != events:
            said = "does not say how many" if answer.received is None else f"says {answer.received}"
            message = f"the edge {said} of {events} events it received"
            return replace(answer, outcome=Outcome.uncertain, message=message)
        return answer

    def dataset(self, dataset_id: str) -> Read:
        """What the dataset is, and whether it takes offline events."""
        fields = "id,name,is_consolidated_container,is_unavailable"
        return self._read(quote(dataset_id, ""), {"fields": fields})

    def token(self) -> Read:
        """Whether the token is valid, until when, and its scopes."""
        read = self._read("debug_token", {"input_token": self._token})
        data = read.values.get("data")
        return replace(read, values=data) if isinstance(data, dict) else read

    def _read(self, path: str, params: dict[str, str]) -> Read:
        proof = {"appsecret_proof": self._proof} if self._proof else {}
        request = self._client.build_request("GET", f"{self._base}/{path}", params=params | proof)
        request.url = _QuietUrl(request.url)
        reply = self._settled(request)
        ok = reply.answer.outcome is Outcome.accepted
        return Read(ok=ok, values=reply.values if ok else {}, answer=reply.answer)

    def _settled(self, request: httpx.Request) -> _Reply:
        """The last reply, after as many attempts as it took or as are allowed."""
        replies: list[_Reply] = []
        attempts = stamina.retry_context(
            on=self._patience,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._first_wait,
            wait_max=self._longest_wait,
            wait_jitter=self._first_wait,
        )
        with suppress(_UnsettledError):
            for attempt in attempts:
                with attempt:
                    replies.append(self._attempt(request))
                    if replies[-1].answer.fault in _RETRIED:
                        raise _UnsettledError(replies[-1].retry_after)
        answer = replace(replies[-1].answer, attempts=len(replies))
        # What an unanswered attempt stored stays stored, whatever keeps a later one out.
        lost = any(reply.answer.outcome is Outcome.uncertain for reply in replies)
        if lost and answer.outcome is Outcome.returned:
            answer = replace(answer, outcome=Outcome.uncertain)
        return replace(replies[-1], answer=answer)

    def _patience(self, error: Exception) -> bool | float:
        """Whether to try again; to stamina a number is how long to wait first."""
        if not isinstance(error, _UnsettledError):
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= self._longest_wait else False

    def _attempt(self, request: httpx.Request) -> _Reply:
        try:
            with self._slots:
                response = self._client.send(request)
        except httpx.HTTPError as error:
            nothing_went = isinstance(error, _NOTHING_WENT)
            answer = Answer(
                outcome=Outcome.returned if nothing_went else Outcome.uncertain,
                fault=Fault.temporary,
                message=self._clean(f"{type(error).__name__}: {error}"),
            )
            return _Reply(answer=answer)
        values = document(response.content.decode(errors="replace"), clean=self._clean)
        return _Reply(
            answer=understood(response.status_code, values, clean=self._clean),
            values=values or {},
            retry_after=_retry_after(response.headers),
        )

    def _clean(self, text: str) -> str:
        """Text from outside: without secrets, on one line, of a sane length."""
        printable = "".join(char if char.isprintable() else " " for char in text)
        line = " ".join(printable.split())
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line[:_LONGEST_TEXT]


def _sound(token: str) -> str:
    if not re.fullmatch(r"[!-~]+", token):
        raise NotAllowed(
            "the access token is missing, or has characters that no token has",
            fix="set it to the token alone, without quotes, spaces or line breaks",
        )
    return token


def _address(settings: EdgeSettings) -> str:
    """The edge's address with the version, where a token may be sent."""
    try:
        url = httpx.URL(settings.graph_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query:
        raise UsageError(
            "graph_url is not the address of an edge",
            where="profile",
            fix="https://graph.facebook.com, or the sandbox's http://127.0.0.1:8765",
        )
    if url.scheme == "http" and not _LOOPBACK.fullmatch(url.host):
        raise UsageError(
            f"graph_url would carry the token to {url.host} unencrypted",
            where="profile",
            fix="https:// (http:// is for a sandbox on this machine)",
        )
    return f"{str(url).rstrip('/')}/{quote(settings.version, '')}"


def _proof(settings: EdgeSettings) -> str:
    if not settings.app_secret:
        return ""
    key, message = settings.app_secret.encode(), settings.access_token.encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: given so, or as a date, which counts from the answer's own date."""
    wait = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", wait):
        return float(wait)
    try:
        until, now = (parsedate_to_datetime(text) for text in (wait, headers.get("date", "")))
    except ValueError:
        return None
    return max(0.0, until.timestamp() - now.timestamp())
