"""The sandbox as one application: Meta's routes, and its own to look into it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tillpost.sandbox.meta import MetaEdge, json_response
from tillpost.sandbox.page import render
from tillpost.sandbox.refusals import PATH, REQUEST, Refusal, RefusedError, error_body
from tillpost.sandbox.store import NEWEST, Store, summary_of

NO_SCRIPT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
}


def build(
    *,
    datasets: tuple[str, ...],
    token: str | None,
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> Starlette:
    """Build the application; it holds its events in memory, so one process must serve it."""
    edge = MetaEdge(datasets=frozenset(datasets), token=token, clock=clock, say=say, store=Store())
    return Starlette(
        routes=[*Window(store=edge.store, clock=clock).routes(), *edge.routes()],
        exception_handlers=Answers(edge=edge).handlers(),
    )


@dataclass(frozen=True, kw_only=True)
class Window:
    """The sandbox's own routes, to look at what it holds and to empty it."""

    store: Store
    clock: Callable[[], float]

    def routes(self) -> list[Route]:
        """Where to look."""
        return [
            Route("/", self.page),
            Route("/sandbox/summary", self.summary),
            Route("/sandbox/events", self.events, methods=["GET"]),
            Route("/sandbox/events", self.forget, methods=["DELETE"]),
        ]

    async def page(self, _request: Request) -> Response:
        """Show everything to a person."""
        html = render(self.store, now=self.clock())
        return HTMLResponse(html.encode(errors="replace"), headers=NO_SCRIPT)

    async def summary(self, _request: Request) -> Response:
        """Tell the counts."""
        return json_response(summary_of(self.store))

    async def events(self, request: Request) -> Response:
        """List the newest events, one JSON object a line."""
        limit = request.query_params.get("limit", str(NEWEST))
        if not (limit.isascii() and limit.isdigit()):
            raise RefusedError(REQUEST, "Param limit must be a number")
        kept = self.store.newest(min(int(limit), NEWEST))
        lines = "".join(json.dumps(asdict(event)) + "\n" for event in kept)
        return Response(lines, media_type="application/jsonl")

    async def forget(self, _request: Request) -> Response:
        """Forget all events and counts."""
        self.store.forget()
        return Response(status_code=204)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What is answered where a request was not served."""

    edge: MetaEdge

    def handlers(self) -> dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]]:
        """Which failure is answered by whom."""
        return {
            RefusedError: self.refused,
            HTTPException: self.unknown,
            RecursionError: self.too_deep,
            ClientDisconnect: self.gone,
        }

    async def refused(self, request: Request, error: RefusedError) -> Response:
        """Answer, say and count a refusal."""
        return self._answer(request, error.refusal)

    async def unknown(self, request: Request, _error: HTTPException) -> Response:
        """Answer a path or a method that nothing is behind."""
        return self._answer(request, Refusal(kind=PATH, words="Unknown path or method"))

    async def too_deep(self, request: Request, _error: RecursionError) -> Response:
        """Answer JSON whose objects lie in one another without end."""
        return self._answer(request, Refusal(kind=REQUEST, words="Nested too deeply"))

    async def gone(self, _request: Request, _error: ClientDisconnect) -> Response:
        """Nobody hears this answer: the client went away while it sent."""
        return Response(status_code=400)

    def _answer(self, request: Request, refusal: Refusal) -> Response:
        dataset_id = request.path_params.get("dataset_id", "")
        known = self.edge.knows(dataset_id)
        if known and request.method == "POST":
            self.edge.store.refuse(dataset_id)
        self.edge.say(f"{dataset_id if known else 'unknown'}  {refusal}")
        return json_response(
            error_body(refusal, trace=self.edge.trace()), status=refusal.kind.status
        )
