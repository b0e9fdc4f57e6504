"""Both ends of a send: sales to send, the sandbox as a process, and a recorder before it."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import yaml

from command_server import started
from project_harness import LEDGER, ask

TILLPOST = (sys.executable, "-m", "tillpost")
WEB = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
"""One for all requests: each client anew reads all certificates, which takes longer than asking."""
Scripted = tuple[int, dict[str, Any]]
"""Status and content of an answer in the sandbox's place."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came over the wire, and the status that it was answered with."""

    path: str
    headers: dict[str, str]
    content: bytes
    status: int

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.content)
        return body

    @property
    def orders(self) -> list[str]:
        return [event["custom_data"]["order_id"] for event in self.body["data"]]


@dataclass(kw_only=True)
class Recorder:
    """A server that passes everything on to the sandbox and remembers it.

    ``instead`` is answered first, one each, and does not reach the sandbox; ``guilty`` answers for
    the first order in a request that it knows, told its place; ``seconds`` is how long each answer
    takes.
    """

    sandbox: str
    address: str = ""
    seconds: float = 0.0
    instead: list[Scripted] = field(default_factory=list)
    guilty: dict[str, Callable[[int], Scripted]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, bytes]:
        time.sleep(self.seconds)
        if scripted := self._scripted(content):
            status, said = scripted
            text = json.dumps(said).encode()
        else:
            kept = {name: headers[name] for name in ("authorization", "content-type")}
            answer = WEB.post(f"{self.sandbox}{path}", content=content, headers=kept)
            status, text = answer.status_code, answer.content
        self.requests.append(Request(path=path, headers=headers, content=content, status=status))
        return status, text

    def _scripted(self, content: bytes) -> Scripted | None:
        if self.instead:
            return self.instead.pop(0)
        orders = [event["custom_data"]["order_id"] for event in json.loads(content)["data"]]
        places = [place for place, order in enumerate(orders) if order in self.guilty]
        return self.guilty[orders[places[0]]](places[0]) if places else None


@contextmanager
def recorder_before(sandbox: str) -> Iterator[Recorder]:
    """Serve a recorder on a free port."""
    recorder = Recorder(sandbox=sandbox)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, text = recorder.answer(self.path, headers, content)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing to the test's own output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        recorder.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def sandbox(
    *options: str, good_token: str = "", said: Callable[[str], None] = lambda _: None
) -> Iterator[str]:
    """The sandbox on a free port; with a token, no other is good.

    ``said`` hears all that it says after its address, once it has ended.
    """
    words = ["sandbox", "--port", "0", *options]
    words += ["--require-token-env", "GOOD_TOKEN"] if good_token else []
    environ = {**os.environ, "GOOD_TOKEN": good_token}
    ours, theirs = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), "rw", strict=True))
    with ours, theirs, started(*words, environ=environ, out=theirs, err=theirs) as process:
        theirs.close()
        address = ours.readline().split("listens on ")[1].strip()
        with ThreadPoolExecutor(1) as drain:
            rest = drain.submit(ours.read)
            try:
                yield address
            finally:
                process.terminate()
        said(rest.result())


def held(sandbox: str) -> dict[str, int]:
    """What the sandbox counted, over all its datasets."""
    datasets = WEB.get(f"{sandbox}/sandbox/summary").json().values()
    names = ("stored", "duplicates", "refused_requests")
    return {name: sum(each[name] for each in datasets) for name in names}


def set_edge(project: Path, **settings: object) -> None:
    """Change the edge block of a project's only output."""
    path = project / "profiles.yml"
    profile = yaml.safe_load(path.read_text())
    (output,) = profile["tillpost"]["outputs"].values()
    output["edge"].update(settings)
    path.write_text(yaml.safe_dump(profile))


def ledger(project: Path, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a question to a project's ledger."""
    return ask(project / LEDGER, sql)
