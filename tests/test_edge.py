"""The edge, over real HTTP on this machine: what each answer means, and that no token leaks."""

import gc
import hashlib
import hmac
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tillpost.edge import Edge
from tillpost.errors import NotAllowed, UsageError
from tillpost.pace import Pace
from tillpost.records import EdgeSettings

TOKEN = "EAAB-secret/token+1"
SECRET = "app-secret-1"
BODY = b'{"data":[{},{}],"upload_tag":"run-1"}'
GOOD = (200, {"events_received": 2, "messages": [], "fbtrace_id": "T1"})
DROP, HANG = "drop", "hang"
PATIENCE = 1.0
AS_LONG_AS_IT_TAKES = 0
"""Attempts at a throttling edge are not counted, only timed."""


Scripted = tuple[Any, ...] | str
"""Status, content and headers of an answer, or what happens instead of one."""


@dataclass
class Script:
    """A server that gives the listed answers in order, the last one for ever."""

    answers: list[Scripted]
    port: int = 0
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def next(self) -> Scripted:
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


@pytest.fixture
def script() -> Iterator[Script]:
    state = Script(answers=[GOOD])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.times.append(time.monotonic())
            state.requests.append((self.command, self.path, headers, content))
            match state.next():
                case "drop":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                case "hang":
                    time.sleep(0.5)
                    self.close_connection = True
                case (status, said, *more):
                    text = said if isinstance(said, bytes) else json.dumps(said).encode()
                    self.send_response_only(status)
                    for name, value in (more[0] if more else {}).items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)

        do_GET = do_POST = _answer  # noqa: N815  names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its own name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def edge_to(port: int, **settings: str | float) -> Edge:
    defaults: dict[str, Any] = {"access_token": TOKEN, "attempts": 3, "timeout": 0.2}
    url = f"http://127.0.0.1:{port}"
    chosen = EdgeSettings(graph_url=url, version="v26.0", **(defaults | settings))
    pace = Pace(
        most=chosen.max_in_flight, patience=PATIENCE, first_wait=0.001, longest_wait=PATIENCE / 4
    )
    return Edge(chosen, pace=pace, first_wait=0.001, longest_wait=0.3)


def error(code: object, subcode: object = None, **more: object) -> dict[str, object]:
    words = {"message": "no", "code": code, "error_subcode": subcode, "fbtrace_id": "T2", **more}
    return {"error": words}


def test_a_request_is_what_the_contract_says(script: Script) -> None:
    with edge_to(script.port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)

    assert (answer.outcome, answer.fault, answer.attempts) == ("accepted", "none", 1)
    assert (answer.received, answer.http_status, answer.fbtrace_id) == (2, 200, "T1")
    ((method, path, headers, content),) = script.requests
    assert (method, path, content) == ("POST", "/v26.0/123/events", BODY)
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("answers", [[GOOD], [(400, error(100))], [DROP, GOOD], [HANG]])
def test_a_body_is_free_once_it_is_answered(script: Script, answers: list[Scripted]) -> None:
    script.answers[:] = answers
    body = BODY + b" " * 1000
    gc.disable()  # a send of millions outruns it
    try:
        with edge_to(script.port) as edge:
            before = sys.getrefcount(body)
            edge.send(body, dataset_id="123", events=2)
            assert sys.getrefcount(body) == before
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("answers", "outcome", "fault", "attempts"),
    [
        pytest.param([GOOD], "accepted", "none", 1, id="good"),
        pytest.param([(400, error(1)), GOOD], "accepted", "none", 2, id="temporary, then good"),
        pytest.param([DROP, GOOD], "accepted", "none", 2, id="lost, then good"),
        pytest.param([HANG, GOOD], "accepted", "none", 2, id="timed out, then good"),
        pytest.param([(429, b"slow"), GOOD], "accepted", "none", 2, id="429, then good"),
        *(
            pytest.param([(400, error(code))], "uncertain", "temporary", 3, id=f"code {code}")
            for code in (1, 2, 5000)
        ),
        *(
            pytest.param(
                [(400, error(code))], "returned", "throttled", AS_LONG_AS_IT_TAKES, id=str(code)
            )
            for code in (4, 17, 32, 341, 613, 80000, 80003, 80004, 80014)
        ),
        pytest.param([(400, error(368))], "returned", "blocked", 1, id="code 368"),
        *(
            pytest.param([(401, error(code))], "returned", "token", 1, id=f"code {code}")
            for code in (190, 102, 104)
        ),
        *(
            pytest.param([(403, error(code))], "returned", "permission", 1, id=f"code {code}")
            for code in (10, 200, 299)
        ),
        pytest.param([(400, error(100, 33))], "returned", "dataset", 1, id="no dataset"),
        pytest.param([(400, error(2635))], "returned", "dataset", 1, id="dead version"),
        *(
            pytest.param([(400, error(100, sub))], "refused", "event", 1, id=f"100/{sub}")
            for sub in (2804003, 2804050, 2804019, 2804009, 2804010, 2804036, 99, None)
        ),
        pytest.param([(500, error(190))], "returned", "token", 1, id="code before status"),
        pytest.param([(200, error(100, 33))], "returned", "dataset", 1, id="error under 200"),
        pytest.param([(429, error(100))], "refused", "event", 1, id="code before 429"),
        pytest.param([(400, error(987654))], "uncertain", "dataset", 1, id="unknown code"),
        pytest.param([(400, error("100"))], "uncertain", "dataset", 1, id="code is a text"),
        pytest.param([(503, error(987654))], "uncertain", "temporary", 3, id="unknown code, 5xx"),
        pytest.param([(502, b"<html>")], "uncertain", "temporary", 3, id="5xx without JSON"),
        pytest.param([(408, b"")], "uncertain", "temporary", 3, id="408 without JSON"),
        pytest.param([(404, b"<html>")], "returned", "dataset", 1, id="4xx without JSON"),
        pytest.param([(413, b"<html>")], "refused", "event", 1, id="413, cut up"),
        pytest.param(
            [(302, b"", {"Location": "http://127.0.0.1:1/"})], "returned", "dataset", 1, id="302"
        ),
        pytest.param([(200, b"<html>")], "uncertain", "temporary", 3, id="200 without JSON"),
        pytest.param([(200, b"[" * 100_000)], "uncertain", "temporary", 3, id="200, deep"),
        pytest.param([(200, {"events_received": 1})], "uncertain", "none", 1, id="too few"),
        pytest.param([(200, {})], "uncertain", "none", 1, id="no number"),
        pytest.param([(200, {"events_received": True})], "uncertain", "none", 1, id="no count"),
        pytest.param([DROP], "uncertain", "temporary", 3, id="lost"),
        pytest.param([HANG], "uncertain", "temporary", 3, id="timed out"),
        pytest.param(
            [DROP, (400, error(4))],
            "uncertain",
            "throttled",
            AS_LONG_AS_IT_TAKES,
            id="lost, then throttled",
        ),
        pytest.param([DROP, (400, error(190))], "uncertain", "token", 2, id="lost, then token"),
        pytest.param([DROP, (400, error(100))], "refused", "event", 2, id="lost, then refused"),
        pytest.param(
            [(400, error(4)), (400, error(190))], "returned", "token", 2, id="throttled, token"
        ),
    ],
)
def test_what_an_answer_means(
    script: Script, answers: list[Scripted], outcome: str, fault: str, attempts: int
) -> None:
    script.answers = answers
    with edge_to(script.port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)
    assert (answer.outcome, answer.fault) == (outcome, fault)
    assert len(script.requests) == answer.attempts
    assert answer.attempts == attempts if attempts else answer.attempts > 3
    assert {content for *_, content in script.requests} == {BODY}
    assert bool(answer.message) == (outcome != "accepted")


def test_metas_words_are_kept(script: Script) -> None:
    words = {"error_user_title": "Title\n", "error_user_msg": "$['data'][1] is \ud800 bad"}
    script.answers = [(400, error(100, 2804019, **words))]
    with edge_to(script.port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)
    assert (answer.code, answer.subcode, answer.fbtrace_id) == (100, 2804019, "T2")
    assert answer.message == "no | Title | $['data'][1] is bad"


def test_warnings_under_a_200_are_kept(script: Script) -> None:
    script.answers = [(200, {"events_received": 2, "messages": ["look", {"at": "this"}]})]
    with edge_to(script.port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)
    assert answer.outcome == "accepted"
    assert answer.warnings == ("look", '{"at": "this"}')


def test_nothing_went_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with edge_to(port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)
    assert (answer.outcome, answer.fault, answer.attempts) == ("returned", "temporary", 3)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "0"},
        {
            "Retry-After": "Mon, 23 Nov 2026 10:00:00 GMT",
            "Date": "Mon, 23 Nov 2026 10:00:00 GMT",
        },
        {"Retry-After": "soon"},
    ],
)
def test_retry_after_that_is_short_is_waited_for(script: Script, headers: dict[str, str]) -> None:
    script.answers = [(400, error(4), headers), GOOD]
    with edge_to(script.port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)
    assert (answer.outcome, answer.attempts) == ("accepted", 2)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "3600"},
        {
            "Retry-After": "Mon, 23 Nov 2026 10:00:00 GMT",
            "Date": "Mon, 23 Nov 2026 09:00:00 GMT",
        },
    ],
)
def test_retry_after_that_is_long_ends_it(script: Script, headers: dict[str, str]) -> None:
    script.answers = [(429, error(4), headers), GOOD]
    with edge_to(script.port) as edge:
        answer = edge.send(BODY, dataset_id="123", events=2)
    assert (answer.outcome, answer.fault, answer.attempts) == ("returned", "throttled", 1)


@pytest.mark.parametrize("seconds", ["1", "0"])
def test_retry_after_is_honoured(script: Script, seconds: str) -> None:
    script.answers = [(429, b"", {"Retry-After": seconds}), GOOD]
    settings = EdgeSettings(
        graph_url=f"http://127.0.0.1:{script.port}", version="v26.0", access_token=TOKEN
    )
    with Edge(settings) as edge:
        assert edge.send(BODY, dataset_id="123", events=2).attempts == 2
    assert script.times[1] - script.times[0] >= 1


def test_the_proof_travels_in_the_body_of_a_send_only(script: Script) -> None:
    with edge_to(script.port, app_secret=SECRET) as edge:
        edge.send(BODY, dataset_id="123", events=2)
    ((_, path, headers, content),) = script.requests
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    assert json.loads(content) == {"appsecret_proof": proof, **json.loads(BODY)}
    assert proof not in path
    assert SECRET not in str(headers) + content.decode()


def test_a_dataset_and_a_token_can_be_read(script: Script) -> None:
    script.answers = [
        (200, {"id": "123", "name": "Shop"}),
        (200, {"data": {"is_valid": True, "scopes": ["ads_management"]}}),
    ]
    with edge_to(script.port, app_secret=SECRET) as edge:
        dataset, token = edge.dataset("123"), edge.token()
    assert dataset.ok
    assert dataset.values == {"id": "123", "name": "Shop"}
    assert token.ok
    assert token.values == {"is_valid": True, "scopes": ["ads_management"]}
    asked = [(verb, path, parse_qs(body.decode())) for verb, path, _, body in script.requests]
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    hidden = {"method": ["get"], "appsecret_proof": [proof]}
    fields = "id,name,is_consolidated_container,is_unavailable"
    assert asked == [
        ("POST", "/v26.0/123", {**hidden, "fields": [fields]}),
        ("POST", "/v26.0/debug_token", {**hidden, "input_token": [TOKEN]}),
    ]


def test_a_read_without_secrets_is_a_plain_one(script: Script) -> None:
    script.answers = [(200, {"id": "123"})]
    with edge_to(script.port) as edge:
        assert edge.dataset("123").ok
    ((verb, path, headers, body),) = script.requests
    assert (verb, urlsplit(path).path, body) == ("GET", "/v26.0/123", b"")
    assert "is_unavailable" in parse_qs(urlsplit(path).query)["fields"][0]
    assert TOKEN not in path
    assert headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("answer", [(403, error(200)), (404, b"<html>"), DROP, (200, b"no")])
def test_a_read_that_is_refused_raises_nothing(script: Script, answer: Scripted) -> None:
    script.answers = [answer]
    with edge_to(script.port) as edge:
        read = edge.dataset("123")
    assert not read.ok
    assert read.values == {}
    assert read.answer.message


def test_what_is_not_encrypted_passes_no_proxy(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with edge_to(script.port) as edge:
        assert edge.send(BODY, dataset_id="123", events=2).outcome == "accepted"


def test_a_proxy_that_cannot_be_used_is_told_without_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"gopher://loader:{SECRET}@proxy.example")
    with pytest.raises(UsageError, match="the proxy that the environment names") as caught:
        edge_to(1)
    assert SECRET not in str(caught.value)


def test_no_path_leaves_the_dataset(script: Script) -> None:
    with edge_to(script.port) as edge:
        edge.send(BODY, dataset_id="../me?x=", events=2)
    assert script.requests[0][1] == "/v26.0/..%2Fme%3Fx%3D/events"


@pytest.mark.parametrize("answers", [None, [DROP], [(500, b"x")]])
def test_no_secret_is_shown_anywhere(
    script: Script, caplog: pytest.LogCaptureFixture, answers: list[Scripted] | None
) -> None:
    caplog.set_level(logging.DEBUG)
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    echo = f"bad {TOKEN} EAAB-secret%2Ftoken%2B1 {SECRET} {proof}"
    script.answers = answers or [
        (400, error(100, message=echo, error_user_msg=echo, fbtrace_id=echo)),
        (200, {"events_received": 2, "messages": [echo, {"x": echo}]}),
        (200, {"name": echo}),
        (200, {"data": {"name": echo}}),
    ]
    with edge_to(script.port, app_secret=SECRET, attempts=1) as edge:
        shown = [edge.send(BODY, dataset_id="123", events=2) for _ in range(2)]
        everything = repr((shown, edge.dataset("123"), edge.token(), edge)) + caplog.text
    for secret in (TOKEN, "EAAB-secret%2Ftoken%2B1", SECRET, proof):
        assert secret not in everything


def test_a_long_text_is_cut_and_leaves_no_piece_of_the_token(script: Script) -> None:
    script.answers = [(400, error(100, message="x" * 495 + TOKEN + "y" * 10_000))]
    with edge_to(script.port) as edge:
        message = edge.send(BODY, dataset_id="123", events=2).message
    assert len(message) == 500
    assert "EAAB" not in message


@pytest.mark.parametrize("token", ["e", "data", "events_received"])
def test_a_short_token_does_not_garble_the_answer(script: Script, token: str) -> None:
    script.answers = [GOOD, (200, {"data": {"is_valid": True}})]
    with edge_to(script.port, access_token=token) as edge:
        assert edge.send(BODY, dataset_id="123", events=2).outcome == "accepted"
        assert edge.token().values == {"is_valid": True}


@pytest.mark.parametrize("token", ["two words", "line\n", "dotless-\u0131"])
def test_a_token_that_cannot_be_one_is_named_but_not_shown(token: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        edge_to(1, access_token=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "graph.facebook.com",
        "ftp://graph.facebook.com",
        "https://me:pass@graph.facebook.com",
        "https://graph.facebook.com?access_token=x",
        "http://graph.facebook.com",
        "http://127.0.0.1:port",
        "http://127.0.0.1.example.com",
    ],
)
def test_a_token_goes_to_a_sound_address_only(url: str) -> None:
    with pytest.raises(UsageError, match="graph_url"):
        Edge(EdgeSettings(graph_url=url, version="v26.0", access_token=TOKEN))


def test_threads_share_one_edge(script: Script) -> None:
    with (
        edge_to(script.port, max_in_flight=4, timeout=5) as edge,
        ThreadPoolExecutor(8) as pool,
    ):
        sends = [pool.submit(edge.send, BODY, dataset_id="123", events=2) for _ in range(64)]
        outcomes = [each.result().outcome for each in sends]
    assert outcomes == ["accepted"] * 64
    assert len(script.requests) == 64
