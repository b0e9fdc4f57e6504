"""The routes that answer as Meta's do."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tillpost.records import SANDBOX_TRACE
from tillpost.sandbox.faults import Fault, Faults
from tillpost.sandbox.playing import Play
from tillpost.sandbox.reads import page, qualities, uploads
from tillpost.sandbox.refusals import (
    DATASET,
    PERMISSION,
    REQUEST,
    TOKEN,
    VERSION,
    RefusedError,
)
from tillpost.sandbox.rules import first_fault
from tillpost.sandbox.store import Event, Store, deduplication_key
from tillpost.sandbox.submission import Submission, body_fields, submission_of, token_of

OLDEST_VERSION = 21
DATASET_FIELDS = ("id", "name", "is_consolidated_container", "is_unavailable")

_version = re.compile(r"v([0-9]{1,3})\.0").fullmatch
_digits = re.compile(r"[0-9]{1,20}").fullmatch


Fields = dict[str, object]


def json_response(content: object, *, status: int = 200) -> Response:
    """Answer in ASCII, so that any text a client sent can be written."""
    return Response(json.dumps(content), status_code=status, media_type="application/json")


@dataclass(frozen=True, kw_only=True)
class MetaEdge:
    """Meta's edge: ``datasets`` empty means any id of digits, ``token`` None means any token.

    ``is_send_only`` is what a token from Events Manager may be: every read is refused.
    """

    datasets: frozenset[str]
    token: str | None
    clock: Callable[[], float]
    say: Callable[[str], None]
    store: Store
    faults: Faults
    is_send_only: bool = False
    numbers: Iterator[int] = field(default_factory=count)

    def routes(self) -> list[Route]:
        """Where this edge answers."""
        return [
            self._read("/{version}/debug_token", self.debug_token),
            self._read("/{version}/dataset_quality", self.quality),
            self._read("/{version}/{dataset_id}", self.dataset),
            Route("/{version}/{dataset_id}/events", self.events, methods=["POST"]),
            self._read("/{version}/{dataset_id}/offline_event_uploads", self.uploads),
        ]

    def _read(self, path: str, answer: Callable[[Request, Fields], Response]) -> Route:
        """A route that is read: by GET, or by a POST whose form says that it is one."""

        async def endpoint(request: Request) -> Response:
            fields: Fields = dict(request.query_params)
            if request.method == "POST":
                kind = request.headers.get("content-type", "")
                fields |= body_fields(await request.body(), content_type=kind)
                if str(fields.pop("method", "")).lower() != "get":
                    raise RefusedError(REQUEST, "Unsupported post request")
            if self.is_send_only:
                raise RefusedError(PERMISSION, "This token may send only")
            return answer(request, fields)

        return Route(path, endpoint, methods=["GET", "POST"])

    def knows(self, dataset_id: str) -> bool:
        """Tell whether events may go to this dataset."""
        return dataset_id in self.datasets if self.datasets else bool(_digits(dataset_id))

    def trace(self) -> str:
        """Name this answer as Meta does, but so that a ledger knows it again; no two are alike."""
        seed = f"{self.clock()} {next(self.numbers)}".encode()
        digest = hashlib.blake2b(seed, digest_size=16).digest()
        return SANDBOX_TRACE + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    async def events(self, request: Request) -> Response:
        """Store all events of a request, or none of them."""
        body = body_fields(
            await request.body(), content_type=request.headers.get("content-type", "")
        )
        dataset_id = self._admit(request, {**request.query_params, **body})
        submission = submission_of({**request.query_params, **body})
        now = self.clock()
        events = _sound(submission, now=now)
        keys = [deduplication_key(event) for event in events]
        fault = self.faults.meet(dataset_id, keys)
        if fault and not fault.stores:
            return self._play(fault, dataset_id, received=len(events))
        self.faults.check(keys)
        receipt = self.store.keep(
            dataset_id, events=events, keys=keys, upload_tag=submission.upload_tag, now=now
        )
        self.say(
            f"{dataset_id}  {receipt.received} events, "
            f"{receipt.stored} stored, {receipt.duplicates} duplicates"
        )
        if fault:
            return self._play(fault, dataset_id, received=len(events))
        return json_response(
            {"events_received": receipt.received, "messages": [], "fbtrace_id": self.trace()}
        )

    def dataset(self, request: Request, fields: Fields) -> Response:
        """Describe a dataset; every one here takes offline events."""
        dataset_id = self._admit(request, fields)
        wanted = str(fields.get("fields", "id,name")).split(",")
        if not set(wanted) <= set(DATASET_FIELDS):
            raise RefusedError(REQUEST, f"A dataset has the fields {', '.join(DATASET_FIELDS)}")
        values = (dataset_id, f"Sandbox dataset {dataset_id}", True, False)
        known = dict(zip(DATASET_FIELDS, values, strict=True))
        return json_response({"id": dataset_id, **{name: known[name] for name in wanted}})

    def debug_token(self, request: Request, fields: Fields) -> Response:
        """Tell what a token may do: here everything, and forever."""
        self._check_version_and_token(request, fields)
        if not (asked := fields.get("input_token")):
            raise RefusedError(REQUEST, "Param input_token is required")
        is_valid = self.token in (None, asked)
        scopes = ["ads_management", "business_management"] if is_valid else []
        return json_response({"data": {"is_valid": is_valid, "expires_at": 0, "scopes": scopes}})

    def uploads(self, request: Request, fields: Fields) -> Response:
        """Count the entries of each upload tag."""
        dataset_id = self._admit(request, fields)
        rows = list(uploads(dataset_id, self.store.shelf(dataset_id), fields))
        token = token_of(fields, authorization=request.headers.get("authorization", ""))
        url = str(request.url.replace(query=""))
        return json_response(page(rows, fields, url=url, token=token))

    def quality(self, request: Request, fields: Fields) -> Response:
        """Score the offline events of a dataset."""
        self._check_version_and_token(request, fields)
        dataset_id = str(fields.get("dataset_id", ""))
        self._check_dataset(dataset_id)
        rows = list(qualities(self.store.shelf(dataset_id), now=self.clock()))
        return json_response({"offline": rows})

    def _play(self, fault: Fault, dataset_id: str, *, received: int) -> Response:
        self.faults.played[fault.kind] += 1
        self.say(f"{dataset_id}  {received} events, fault: {fault.kind}")
        return Play(
            fault=fault,
            dataset_id=dataset_id,
            received=received,
            trace=self.trace(),
            slow_seconds=self.faults.plan.slow_seconds,
        ).answer()

    def _admit(self, request: Request, fields: Mapping[str, object]) -> str:
        self._check_version_and_token(request, fields)
        dataset_id: str = request.path_params["dataset_id"]
        self._check_dataset(dataset_id)
        return dataset_id

    def _check_version_and_token(self, request: Request, fields: Mapping[str, object]) -> None:
        version = _version(request.path_params["version"])
        if version is None or int(version[1]) < OLDEST_VERSION:
            raise RefusedError(VERSION, f"The version must be v{OLDEST_VERSION}.0 or newer")
        token = token_of(fields, authorization=request.headers.get("authorization", ""))
        if not token or self.token not in (None, token):
            raise RefusedError(TOKEN, "The access token is missing or not valid")

    def _check_dataset(self, dataset_id: str) -> None:
        if not self.knows(dataset_id):
            raise RefusedError(DATASET, "The dataset does not exist or the token has no access")


def _sound(submission: Submission, *, now: float) -> list[Event]:
    """All events of a request, if each of them is good."""
    for index, event in enumerate(submission.events):
        if fault := first_fault(event, index=index, now=now):
            raise RefusedError(fault.kind, fault.words)
    return [event for event in submission.events if isinstance(event, dict)]
