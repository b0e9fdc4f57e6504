"""The edge: requests to Meta or the sandbox, and as many attempts as it takes to settle them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import quote

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential_jitter

from tillpost import web
from tillpost.answers import document, understood
from tillpost.credentials import Credentials, credentials, secrets_of
from tillpost.errors import NotAllowed, UsageError
from tillpost.pace import Pace
from tillpost.reads import Fields, Read, all_pages
from tillpost.records import Answer, EdgeSettings, Fault, Outcome

__all__ = ["Edge", "Read"]

_RETRIED = (Fault.temporary, Fault.throttled)
_NOT_TRIED = Answer(outcome=Outcome.returned, attempts=0, message="not tried")
_READ_PATIENCE = 30.0
_QUALITY = "event_name,composite,match_key,frequency,freshness"
_UPLOAD = "upload_tag,valid_entries,matched_entries,duplicate_entries"
"""Unless they are asked for, Meta leaves the counts out."""

Ask = Callable[[], web.Reply]


@dataclass(frozen=True, kw_only=True)
class _Said:
    answer: Answer
    values: Mapping[str, object] = field(default_factory=dict)


class Edge:
    """One edge with its connections kept open; threads may share it.

    Args:
        settings: where it is, and the tokens.
        pace: how fast it may be asked; without one, a pace for a few reads.
        first_wait: seconds before the first retry; each further wait is twice as long, with
            jitter.
        longest_wait: no wait before a retry is longer.
    """

    def __init__(
        self,
        settings: EdgeSettings,
        *,
        pace: Pace | None = None,
        first_wait: float = 0.5,
        longest_wait: float = 60.0,
    ) -> None:
        """Check address and tokens; nothing is connected yet."""
        self._base = _address(settings)
        self._credentials = credentials(settings.access_token, settings.app_secret)
        self._of_dataset = {
            dataset_id: credentials(own.access_token, own.app_secret)
            for dataset_id, own in settings.datasets.items()
        }
        self._attempts = settings.attempts
        self._pace = pace or Pace(most=settings.max_in_flight, patience=_READ_PATIENCE)
        self._backoff = wait_exponential_jitter(
            multiplier=first_wait, max=longest_wait, jitter=first_wait
        )
        self._web = web.Web(
            timeout=settings.timeout, most=settings.max_in_flight, secrets=secrets_of(settings)
        )

    def __enter__(self) -> Self:
        """The edge itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._web.__exit__()

    def send(
        self,
        body: bytes,
        *,
        dataset_id: str,
        events: int,
        may_go: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Send one batch's body, and say what became of it.

        Args:
            body: the request's body, a JSON object.
            dataset_id: where it goes, with this dataset's own token if it has one.
            events: how many the body holds.
            may_go: asked before each attempt, since windows close while one waits.
        """
        own = self._credentials_of(dataset_id)
        if own.proof:
            body = b'{"appsecret_proof":"' + own.proof.encode() + b'",' + body[1:]
        url = f"{self._base}/{quote(dataset_id, '')}/events"
        answer = self._settled(
            lambda: self._web.post(url, body, headers=own.headers), may_go=may_go
        ).answer
        if answer.outcome is Outcome.accepted and answer.received != events:
            said = "does not say how many" if answer.received is None else f"says {answer.received}"
            message = f"the edge {said} of {events} events it received"
            return replace(answer, outcome=Outcome.uncertain, message=message)
        return answer

    def clock(self) -> float | None:
        """What time it is there, in epoch seconds, where one answer says so; nothing is retried."""
        return self._web.get(f"{self._base}/").date

    def dataset(self, dataset_id: str) -> Read:
        """What the dataset is, and whether it takes offline events."""
        fields = "id,name,is_consolidated_container,is_unavailable"
        own = self._credentials_of(dataset_id)
        return self._read(quote(dataset_id, ""), own, params={"fields": fields})

    def token(self, dataset_id: str = "") -> Read:
        """Whether the token is valid, until when, and its scopes."""
        own = self._credentials_of(dataset_id)
        read = self._read("debug_token", own, secrets={"input_token": own.token})
        data = read.values.get("data")
        return replace(read, values=data) if isinstance(data, dict) else read

    def uploads(self, dataset_id: str, upload_tag: str) -> Read:
        """What became of the entries that came under a tag: valid, matched, duplicate."""
        own = self._credentials_of(dataset_id)
        path = f"{quote(dataset_id, '')}/offline_event_uploads"
        params = {"upload_tag": upload_tag, "fields": _UPLOAD}
        return all_pages(lambda page: self._read(path, own, params={**params, **page}))

    def quality(self, dataset_id: str) -> Read:
        """How good Meta finds the offline events of a dataset."""
        own = self._credentials_of(dataset_id)
        params = {"dataset_id": dataset_id, "fields": f"offline{{{_QUALITY}}}"}
        return self._read("dataset_quality", own, params=params)

    def _credentials_of(self, dataset_id: str) -> Credentials:
        own = self._of_dataset.get(dataset_id, self._credentials)
        if not own.token:
            raise NotAllowed(
                "there is no access token",
                fix="export META_ACCESS_TOKEN=…, which the profile reads",
            )
        return own

    def _read(
        self,
        path: str,
        own: Credentials,
        *,
        params: Fields | None = None,
        secrets: Fields | None = None,
    ) -> Read:
        """Read; with secrets the question travels in the body, which nobody logs."""
        url, headers = f"{self._base}/{path}", own.headers
        hidden = {**(secrets or {}), **({"appsecret_proof": own.proof} if own.proof else {})}
        if hidden:
            fields = {**(params or {}), **hidden}
            said = self._settled(lambda: self._web.ask(url, fields=fields, headers=headers))
        else:
            said = self._settled(lambda: self._web.get(url, params=params, headers=headers))
        ok = said.answer.outcome is Outcome.accepted
        return Read(ok=ok, values=said.values if ok else {}, answer=said.answer)

    def _settled(self, ask: Ask, *, may_go: Callable[[], bool] = lambda: True) -> _Said:
        """The last answer, after as many attempts as it took or as are allowed.

        Attempts at a throttling edge are free: they stored nothing, and the pace bounds them.
        """
        tried: list[Answer] = []

        def is_enough(_: RetryCallState) -> bool:
            spent = sum(answer.fault is Fault.temporary for answer in tried)
            return spent >= self._attempts or self._pace.is_over()

        def attempt() -> _Said:
            said = self._attempt(ask, may_go)
            if said.answer.attempts:
                tried.append(said.answer)
            return said

        def wait(state: RetryCallState) -> float:
            # All wait together where the edge throttles.
            return 0.0 if tried[-1].fault is Fault.throttled else self._backoff(state)

        last: _Said = Retrying(
            retry=retry_if_result(lambda said: said.answer.fault in _RETRIED),
            stop=is_enough,
            wait=wait,
            sleep=self._pace.pause,
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )(attempt)
        answer = tried[-1] if tried and not last.answer.attempts else last.answer
        # What an unanswered attempt stored stays stored, whatever keeps a later one out.
        is_lost = any(each.outcome is Outcome.uncertain for each in tried)
        answer = replace(answer, attempts=len(tried), is_lost=is_lost)
        if is_lost and answer.outcome is Outcome.returned:
            answer = replace(answer, outcome=Outcome.uncertain)
        return replace(last, answer=answer)

    def _attempt(self, ask: Ask, may_go: Callable[[], bool]) -> _Said:
        with self._pace.turn() as began:
            if began is None or not may_go():
                return _Said(answer=_NOT_TRIED)
            reply = ask()
        said = self._understood(reply)
        throttled = said.answer.fault is Fault.throttled
        if said.answer.fault not in _RETRIED:
            self._pace.went_well()
        if throttled or reply.timed_out or reply.is_nearly_throttled or reply.wait:
            # To be told to wait for nothing is not to be told: asking on at once helps nobody.
            self._pace.slow_down(began=began, wait=reply.wait or (None if throttled else 0.0))
        return said

    def _understood(self, reply: web.Reply) -> _Said:
        if not reply.status:
            outcome = Outcome.returned if reply.nothing_went else Outcome.uncertain
            fault = Fault.temporary
            return _Said(answer=Answer(outcome=outcome, fault=fault, message=reply.failure))
        values = document(reply.text, clean=self._web.clean)
        answer = understood(reply.status, values, clean=self._web.clean)
        return _Said(answer=answer, values=values or {})


def _address(settings: EdgeSettings) -> str:
    """The edge's address with the version, where a token may be sent."""
    base = web.address(settings.graph_url)
    if not base:
        raise UsageError(
            "graph_url is not the address of an edge",
            where="profile",
            fix="https://graph.facebook.com, or the sandbox's http://127.0.0.1:8765",
        )
    if not web.is_private(base):
        raise UsageError(
            f"graph_url would carry the token to {web.host(base)} unencrypted",
            where="profile",
            fix="https:// (http:// is for a sandbox on this machine)",
        )
    return f"{base}/{quote(settings.version, '')}"
