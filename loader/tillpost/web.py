"""HTTP: requests out, replies back, in words that carry no secret; only here is httpx known."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Self

import httpx

from tillpost.errors import UsageError
from tillpost.redaction import HIDDEN, hide, redact

_NOTHING_WENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
_LONGEST_TEXT = 500
_MINUTE = 60.0
_FULL = 95
"""Per cent of a quota: more of it is asking for a refusal."""
_USAGE_HEADERS = ("x-app-usage", "x-business-use-case-usage", "x-ad-account-usage")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back; ``status`` 0 means no reply, and ``failure`` then says why.

    ``wait`` is how many seconds the other side asks to wait, ``date`` its clock in epoch seconds.
    """

    status: int = 0
    text: str = ""
    failure: str = ""
    nothing_went: bool = False
    timed_out: bool = False
    wait: float | None = None
    is_nearly_throttled: bool = False
    date: float | None = None


class _SecretUrl(httpx.URL):
    """A URL that is a secret itself, as a webhook's is: only its host stands in httpx's log."""

    def __str__(self) -> str:
        return str(self.copy_with(path="/", query=None))

    def __repr__(self) -> str:
        return f"URL({str(self)!r})"


class Web:
    """Connections that are kept open; threads may share it.

    Args:
        timeout: seconds for each step of a request.
        most: how many requests may be under way; the caller keeps to it.
        secrets: what no text that comes back may hold.
    """

    def __init__(self, *, timeout: float, most: int, secrets: Iterable[str] = ()) -> None:
        """Nothing is connected yet.

        Raises:
            UsageError: the environment names a proxy that is none.
        """
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)
        hide(self._secrets)
        try:
            self._client = httpx.Client(
                timeout=httpx.Timeout(timeout, pool=None),
                limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
                follow_redirects=False,
                # What is not encrypted stays on this machine: no proxy of the environment sees it.
                mounts={"http://": None},
            )
        except (ImportError, ValueError) as error:
            raise UsageError(
                "the proxy that the environment names cannot be used",
                why=type(error).__name__,  # its address may hold a password
                fix="mend HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; for SOCKS: pip install socksio",
            ) from None

    def __enter__(self) -> Self:
        """The web itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def post(self, url: str, content: bytes, *, headers: Mapping[str, str]) -> Reply:
        """Send a body of JSON."""
        size = str(len(content))
        given = {**headers, "Content-Type": "application/json", "Content-Length": size}
        # Handed over, not kept: httpx's answers hold their requests, and live until Python's
        # garbage is collected, a gigabyte of bodies later.
        once = iter([content])
        request = self._client.build_request("POST", url, content=once, headers=given)
        if url in self._secrets:
            request.url = _SecretUrl(request.url)
        return self._reply(request)

    def ask(self, url: str, *, fields: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Read with fields that may hold secrets: they travel in a form, never in the address.

        Graph takes a POST that names its method so; Meta's own libraries always asked this way.
        """
        form = {"method": "get", **fields}
        return self._reply(self._client.build_request("POST", url, data=form, headers=headers))

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask with parameters that stand in the address, and so in other people's logs."""
        return self._reply(self._client.build_request("GET", url, params=params, headers=headers))

    def clean(self, text: str) -> str:
        """Text from outside: without secrets, on one line, of a sane length."""
        printable = "".join(char if char.isprintable() else " " for char in text)
        line = " ".join(printable.split())
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return redact(line)[:_LONGEST_TEXT]

    def _reply(self, request: httpx.Request) -> Reply:
        try:
            response = self._client.send(request)
        except httpx.HTTPError as error:
            return Reply(
                failure=self.clean(f"{type(error).__name__}: {error}"),
                nothing_went=isinstance(error, _NOTHING_WENT),
                timed_out=isinstance(error, httpx.TimeoutException),
            )
        usage = list(_usage(response.headers))
        return Reply(
            status=response.status_code,
            text=response.content.decode(errors="replace"),
            wait=_wait(response.headers, usage),
            is_nearly_throttled=any(_is_full(each) for each in usage),
            date=_date(response.headers.get("date", "")),
        )


def post_json(url: str, content: object, *, timeout: float) -> str:
    """Post once to an address that may hold a secret: empty where it was taken, else why not."""
    with Web(timeout=timeout, most=1, secrets=[url]) as web:
        try:
            reply = web.post(url, redact(json.dumps(content)).encode(), headers={})
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return "its address is none"
    if reply.status in range(200, 300):
        return ""
    return reply.failure.partition(":")[0] or f"HTTP {reply.status}"


def address(text: str) -> str:
    """A base address without its last slash; empty where it is none."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return ""
    good = url.scheme in {"http", "https"} and url.host and not url.userinfo and not url.query
    return str(url).rstrip("/") if good else ""


def is_private(text: str) -> bool:
    """Whether what goes to this address can be read by nobody on the way."""
    url = httpx.URL(text)
    return url.scheme == "https" or bool(_LOOPBACK.fullmatch(url.host))


def host(text: str) -> str:
    """The host of an address."""
    return httpx.URL(text).host


def _wait(headers: Mapping[str, str], usage: list[Mapping[str, object]]) -> float | None:
    """Seconds to wait, as the header of that name or the usage of a quota says."""
    minutes = [each.get("estimated_time_to_regain_access") for each in usage]
    waits = [each * _MINUTE for each in minutes if isinstance(each, int | float) and each > 0]
    after = _retry_after(headers)
    return max([*waits, *([after] if after is not None else [])], default=None)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds: given so, or as a date, which counts from the answer's own date."""
    wait = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", wait):
        return float(wait)
    until, now = _date(wait), _date(headers.get("date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _usage(headers: Mapping[str, str]) -> Iterable[Mapping[str, object]]:
    """Every quota that the answer tells of, however deep Meta laid it."""
    waiting: list[object] = []
    for name in _USAGE_HEADERS:
        try:
            waiting.append(json.loads(headers.get(name, "")))
        except (ValueError, RecursionError):
            continue
    while waiting:
        match waiting.pop():
            case list(items):
                waiting += items
            case dict(values):
                yield values
                waiting += [each for each in values.values() if isinstance(each, dict | list)]


def _is_full(usage: Mapping[str, object]) -> bool:
    names = ("call_count", "total_cputime", "total_time", "acc_id_util_pct")
    shares = (usage.get(name) for name in names)
    return any(isinstance(share, int | float) and share >= _FULL for share in shares)
