"""The sandbox as one application: Meta's routes, and its own to look into it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from tillpost.errors import UsageError
from tillpost.sandbox.faults import Faults, Plan, plan_of
from tillpost.sandbox.meta import MetaEdge, json_response
from tillpost.sandbox.page import render
from tillpost.sandbox.refusals import PATH, REQUEST, Refusal, RefusedError, error_body
from tillpost.sandbox.store import NEWEST, Store, keys_as_csv, summary_of
from tillpost.sandbox.submission import body_fields

NO_SCRIPT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
}


def build(  # noqa: PLR0913  each is one thing to decide, and all are named
    *,
    datasets: tuple[str, ...],
    token: str | None,
    plan: Plan,
    clock: Callable[[], float],
    say: Callable[[str], None],
    is_send_only: bool = False,
) -> Starlette:
    """Build the application; it holds its events in memory, so one process must serve it."""
    store, faults = Store(), Faults(plan)
    edge = MetaEdge(
        datasets=frozenset(datasets),
        token=token,
        clock=clock,
        say=say,
        store=store,
        faults=faults,
        is_send_only=is_send_only,
    )
    window = Window(store=store, faults=faults, clock=clock)
    return Starlette(
        routes=[*window.routes(), *edge.routes()],
        exception_handlers=Answers(edge=edge).handlers(),
    )


@dataclass(frozen=True, kw_only=True)
class Window:
    """The sandbox's own routes, to look at what it holds, to empty it, to disturb it."""

    store: Store
    faults: Faults
    clock: Callable[[], float]

    def routes(self) -> list[Route]:
        """Where to look."""
        return [
            Route("/", self.page),
            Route("/sandbox/summary", self.summary),
            Route("/sandbox/events", self.events, methods=["GET"]),
            Route("/sandbox/events", self.forget, methods=["DELETE"]),
            Route("/sandbox/keys", self.keys),
            Route("/sandbox/faults", self.told_faults, methods=["GET"]),
            Route("/sandbox/faults", self.new_faults, methods=["PUT"]),
            Route("/sandbox/faults", self.no_faults, methods=["DELETE"]),
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

    async def keys(self, _request: Request) -> Response:
        """List every deduplication key that was stored, and how often it arrived."""
        return StreamingResponse(_as_they_come(keys_as_csv(self.store)), media_type="text/csv")

    async def told_faults(self, _request: Request) -> Response:
        """Tell which faults are played, and how many were."""
        plan, played = self.faults.plan, self.faults.played
        return json_response({"seed": plan.seed, "faults": plan.shares, "played": played})

    async def new_faults(self, request: Request) -> Response:
        """Play other faults from now on, and count them anew."""
        asked = body_fields(await request.body(), content_type="application/json")
        shares = asked.get("faults")
        if not isinstance(shares, dict) or not asked.keys() <= {"seed", "faults"}:
            raise RefusedError(REQUEST, 'The body must be {"seed": 0, "faults": {"error": 0.1}}')
        try:
            slow_seconds = self.faults.plan.slow_seconds
            plan = plan_of(asked.get("seed", 0), shares, slow_seconds=slow_seconds)
        except UsageError as error:
            raise RefusedError(REQUEST, str(error)) from error
        self.faults.begin(plan)
        return await self.told_faults(request)

    async def no_faults(self, _request: Request) -> Response:
        """Play no more faults; the counts stay to be read."""
        self.faults.end()
        return Response(status_code=204)


async def _as_they_come(pieces: Iterator[str]) -> AsyncIterator[str]:
    """The pieces, made between requests and not in a thread beside them."""
    for piece in pieces:
        yield piece


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
