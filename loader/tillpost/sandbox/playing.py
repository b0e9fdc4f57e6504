"""How each fault looks on the wire."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from tillpost.sandbox.faults import Fault
from tillpost.sandbox.refusals import TEMPORARY, THROTTLED, Kind, Refusal, error_body

CUT = "cut"
"""Where a request's state holds what cuts its connection; only ``serve`` puts it there."""

LATE = "late"
"""Set in the state of a request whose answer is late on purpose."""

_PIECES = 20
_PAUSE = 0.05
_PAGE = "<!doctype html><html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1></html>"
_FULL = {"call_count": 100, "total_cputime": 25, "total_time": 25}


@dataclass(frozen=True, kw_only=True)
class Play:
    """A fault to be played; ``received`` is the number of events in the request."""

    fault: Fault
    dataset_id: str
    received: int
    trace: str
    slow_seconds: float

    def answer(self) -> Response:
        """What the client gets to see."""
        return _PLAYS[self.fault.kind](self)

    def error(self) -> Response:
        """Meta's own words for a fault of its own."""
        kind = self.fault.dice.choice(TEMPORARY)
        return self._refused(kind)

    def throttled(self) -> Response:
        """One of Meta's codes, or 429 and no word; the headers say how long, or do not."""
        kind = self.fault.dice.choice((*THROTTLED, None))
        headers = self._usage()
        if kind is None:
            return Response(status_code=429, headers=headers)
        return self._refused(kind, headers=headers)

    def html(self) -> Response:
        """A page of something on the way."""
        return HTMLResponse(_PAGE, status_code=self.fault.dice.choice((502, 200)))

    def dropped(self) -> Response:
        """No answer."""
        return _Cut()

    def timeout(self) -> Response:
        """The right answer, after most clients have gone."""
        return _Late(self._good(), seconds=self.slow_seconds)

    def slow(self) -> Response:
        """The right answer, bit by bit."""
        return _Trickled(self._good(), media_type="application/json")

    def partial(self) -> Response:
        """An answer that counts one event too few."""
        return _json(self._good(events_received=self.received - 1))

    def warned(self) -> Response:
        """The right answer, with a warning."""
        return _json(self._good(messages=["The value of some events is unusual"]))

    def _usage(self) -> Mapping[str, str]:
        minutes = self.fault.dice.choice((0, 1))
        business = {"type": "ads_management", **_FULL, "estimated_time_to_regain_access": minutes}
        ways: tuple[dict[str, str], ...] = (
            {},
            {"Retry-After": "1"},
            {"X-App-Usage": json.dumps(_FULL)},
            {"X-Business-Use-Case-Usage": json.dumps({self.dataset_id: [business]})},
        )
        return self.fault.dice.choice(ways)

    def _refused(self, kind: Kind, *, headers: Mapping[str, str] | None = None) -> Response:
        body = error_body(Refusal(kind=kind, words=kind.title), trace=self.trace)
        return _json(json.dumps(body), status=kind.status, headers=headers)

    def _good(self, **changes: object) -> str:
        good = {"events_received": self.received, "messages": [], "fbtrace_id": self.trace}
        return json.dumps({**good, **changes})


_PLAYS: dict[str, Callable[[Play], Response]] = {
    "error": Play.error,
    "error_stored": Play.error,
    "throttled": Play.throttled,
    "dropped": Play.dropped,
    "dropped_stored": Play.dropped,
    "timeout": Play.timeout,
    "slow": Play.slow,
    "html": Play.html,
    "partial": Play.partial,
    "warned": Play.warned,
}


def _json(text: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(text, status_code=status, headers=headers, media_type="application/json")


class _Cut(Response):
    """Ends the connection without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        scope["state"][CUT]()
        await receive()


class _Late(Response):
    """Keeps the client waiting, for as long as it stays."""

    def __init__(self, text: str, *, seconds: float) -> None:
        super().__init__(text, media_type="application/json")
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"][LATE] = True
        try:
            async with asyncio.timeout(self._seconds):
                await receive()
        except TimeoutError:
            await super().__call__(scope, receive, send)


class _Trickled(Response):
    """Sends its body bit by bit, over about a second."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(head)
        step = -(-len(self.body) // _PIECES)
        for begin in range(0, len(self.body), step):
            await asyncio.sleep(_PAUSE)
            piece = bytes(self.body[begin : begin + step])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
