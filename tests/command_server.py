"""Commands as processes without Python's start: one process imports Tillpost and forks for each.

More than half of a short command is its imports. All else is a command's own, as if it had been
started by itself: process, memory, environment, folder, streams and end.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

import tillpost
from tillpost.cli import main

ONE = b"."
"""A message's one byte: what it carries are file descriptors."""
LEFT_OUT = ("tillpost.__main__", "tillpost.engines.spark", "tillpost.engines.spark_home")
"""What is a command itself, and what needs a client that only the slow suites install."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command under way."""

    pid: int
    answers: IO[str]

    def terminate(self) -> None:
        """Ask it to end."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> int:
        """Its exit code, or the negative number of the signal that ended it."""
        return int(self.answers.readline())


def run(
    *words: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `subprocess.run` would."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
    ):
        with started(*words, cwd=cwd, environ=environ, out=out, err=err) as command:
            code = command.wait()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


@contextmanager
def started(
    *words: str,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    out: IO[str],
    err: IO[str],
) -> Iterator[Command]:
    """Start a command that writes to these files; whoever starts it ends it."""
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("rw", encoding="utf-8") as talk:
        with theirs:
            socket.send_fds(_door(), [ONE], [theirs.fileno()])
        socket.send_fds(ours, [ONE], [out.fileno(), err.fileno()])
        asked = {
            "words": words,
            "cwd": str(cwd or Path.cwd()),
            "environ": dict(os.environ if environ is None else environ),
        }
        talk.write(f"{json.dumps(asked)}\n")
        talk.flush()
        yield Command(pid=int(talk.readline()), answers=talk)


@cache
def _door() -> socket.socket:
    """Where the server of this process takes commands; it ends when this process does."""
    ours, theirs = socket.socketpair()
    words = [sys.executable, __file__, str(theirs.fileno())]
    with theirs:
        server = subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    atexit.register(server.wait)
    atexit.register(ours.close)  # what is registered last is done first
    return ours


def _serve(door: socket.socket) -> None:
    """Fork a keeper for each command that comes, until there is nobody any more to send one."""
    for module in pkgutil.walk_packages(tillpost.__path__, "tillpost."):
        if module.name not in LEFT_OUT:
            importlib.import_module(module.name)
    importlib.import_module("sqlglot.dialects.duckdb")  # which sqlglot puts off until it is used
    gc.freeze()  # no command looks for garbage in what all of them have
    while handed := socket.recv_fds(door, len(ONE), 1)[1]:
        if os.fork() == 0:
            door.close()
            _keep(socket.socket(fileno=handed[0]))
        os.close(handed[0])
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass  # the keepers that have ended, with the time that their commands took


def _keep(client: socket.socket) -> None:
    """Fork the command itself, and tell its number and its end."""
    _, streams, _, _ = socket.recv_fds(client, len(ONE), 2)
    with client, client.makefile("rw", encoding="utf-8") as talk:
        asked = json.loads(talk.readline())
        pid = os.fork()
        if pid:
            for stream in streams:
                os.close(stream)
            talk.write(f"{pid}\n")
            talk.flush()
            _, status = os.waitpid(pid, 0)
            with suppress(BrokenPipeError):  # nobody waits for it
                talk.write(f"{os.waitstatus_to_exitcode(status)}\n")
                talk.flush()
            os._exit(0)
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
        os.close(stream)
    random.seed()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    sys.argv = ["tillpost", *asked["words"]]
    code: object = None
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    _end(code)


def _end(code: object) -> NoReturn:
    """End as Python does, but leave all that was imported to the system to free."""
    atexit._run_exitfuncs()  # noqa: SLF001  there is no other way to call them
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
