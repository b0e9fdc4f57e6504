"""The sandbox as a process: how it starts, stops and fails to start."""

import builtins
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import httpx
import pytest

from tillpost.errors import UsageError
from tillpost.sandbox import serve

PROGRAM = """
import time
from tillpost.sandbox import serve
serve(host="127.0.0.1", port=0, clock=time.time, say=lambda line: print(line, flush=True))
print("and on")
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_says_where_it_listens_and_stops_cleanly(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("sandbox listens on http://127.0.0.1:")
        url = line.removeprefix("sandbox listens on ")
        with httpx.Client() as client:
            assert client.get(url).status_code == 200
            process.send_signal(stop)
            out, err = process.communicate(timeout=10)
    assert (out, err, process.returncode) == ("and on\n", "", 0)


def test_a_port_in_use_says_so_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError) as caught:
        serve(host="127.0.0.1", port=taken.getsockname()[1], clock=lambda: 0.0, say=print)
    assert "another program uses this port" in str(caught.value)
    assert "--port" in caught.value.fix


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70_000)])
def test_a_place_it_cannot_listen_at_is_a_usage_error(host: str, port: int) -> None:
    with pytest.raises(UsageError, match=f"cannot listen on {host}:{port}"):
        serve(host=host, port=port, clock=lambda: 0.0, say=print)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = builtins.__import__

    def without_uvicorn(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> object:
        if name == "uvicorn":
            raise ModuleNotFoundError(name="uvicorn")
        return real(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without_uvicorn)
    with pytest.raises(UsageError) as caught:
        serve(host="127.0.0.1", port=0, clock=lambda: 0.0, say=print)
    assert caught.value.fix == "pip install 'tillpost[sandbox]'"
