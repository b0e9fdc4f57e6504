"""Serving the sandbox: a socket, and a stop that leaves nothing behind."""

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tillpost.errors import UsageError
from tillpost.sandbox.faults import NO_FAULTS, Plan

if TYPE_CHECKING:
    from starlette.applications import Starlette

_PORTS = 65_536


def application(  # noqa: PLR0913  each is one thing to decide, and all are named
    *,
    datasets: tuple[str, ...] = (),
    token: str | None = None,
    plan: Plan = NO_FAULTS,
    clock: Callable[[], float],
    say: Callable[[str], None],
    is_send_only: bool = False,
) -> "Starlette":
    """Build the ASGI application, to be served by whom you like, in one process.

    Args:
        datasets: the ids that exist; none given, any id of digits does.
        token: the only good access token; none given, any is good.
        plan: the faults to play; connections can be cut under ``serve`` only.
        clock: what time it is, in epoch seconds.
        say: hears one line a request, never a token or a body.
        is_send_only: whether tokens may send and not read.
    """
    with _extra():
        from tillpost.sandbox.app import build  # noqa: PLC0415  starlette is an extra
    return build(
        datasets=datasets, token=token, plan=plan, clock=clock, say=say, is_send_only=is_send_only
    )


def serve(  # noqa: PLR0913  each is one thing to decide, and all are named
    *,
    host: str,
    port: int,
    datasets: tuple[str, ...] = (),
    token: str | None = None,
    plan: Plan = NO_FAULTS,
    clock: Callable[[], float],
    say: Callable[[str], None],
    is_send_only: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM; port 0 takes a free one. See ``application`` for the rest."""
    with _extra():
        import uvicorn  # noqa: PLC0415  an extra

        from tillpost.sandbox.connection import Connection  # noqa: PLC0415  the same
    app = application(
        datasets=datasets, token=token, plan=plan, clock=clock, say=say, is_send_only=is_send_only
    )
    config = uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    with _listening(host, port) as listener, _stopped_by_signals():
        shown = f"[{host}]" if ":" in host else host
        say(f"sandbox listens on http://{shown}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


@contextlib.contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        raise UsageError(
            "the sandbox needs packages that are not installed",
            why=f"missing: {missing.name}",
            fix="pip install 'tillpost[sandbox]'",
        ) from missing


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    what = f"the sandbox cannot listen on {host}:{port}"
    if port not in range(_PORTS):
        raise UsageError(what, fix="a --port from 0 (a free one) to 65535")
    try:
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            fix = "--host 127.0.0.1 and a --port of 1024 or more"
            raise UsageError(what, why=str(error), fix=fix) from error
        fix = "another --port (0 takes a free one), or stop the other program"
        raise UsageError(what, why="another program uses this port", fix=fix) from error
    # asyncio leaves this out for sockets that it did not open: 40 ms more a request
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let the server end by a signal without ending the program: it raises them again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
