"""What is said beside the work: in words for people, or a line of JSON each for machines."""

import json
import os
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from tillpost.errors import TillpostError
    from tillpost.pipeline.workspace import Progress

FORMATS = ("text", "json")
LEVELS = {
    "command_began": "info",
    "command_ended": "info",
    "step": "info",
    "note": "info",
    "warning": "warning",
    "error": "error",
}
"""The codes, which stay what they are, and how grave each is."""

_format: ContextVar[str] = ContextVar("log_format", default="text")
_began: ContextVar[float] = ContextVar("began", default=0.0)


def begin(command: str | None, *, log_format: str) -> None:
    """Say so from now on, and that a command has begun."""
    _format.set(log_format)
    _began.set(time.monotonic())
    if log_format == "json":
        _write("command_began", command=command)


def end(exit_code: int) -> None:
    """Say how the command ended."""
    if _format.get() == "json":
        seconds = round(time.monotonic() - _began.get(), 3)
        _write("command_ended", exit_code=exit_code, seconds=seconds)


def note(words: str) -> None:
    """Say what is worth knowing."""
    _say("note", words, words=words)


def warn(words: str) -> None:
    """Say what went wrong beside the work."""
    _say("warning", f"warning: {words}", words=words)


def fail(error: "TillpostError", words: str, *, is_first: bool = True) -> None:
    """Say what ends the command; the words may show the line that it is about."""
    _say(
        "error",
        ("" if is_first else "\n") + f"error: {words}",
        kind=type(error).__name__,
        exit_code=error.exit_code,
        what=error.what,
        where=str(error.where or "") or None,
        why=error.why or None,
        fix=error.fix or None,
    )


def refuse(error: click.ClickException) -> None:
    """Say that the command line itself is wrong, as click words it."""
    if _format.get() == "json":
        what = error.format_message()
        _write("error", kind="UsageError", exit_code=error.exit_code, what=what)
    else:
        error.show()


def listener(*, quiet: bool) -> "Callable[[Progress], None]":
    """Who hears of long work: a line that moves on a terminal, or a line a step for machines."""
    from tillpost.report.progress import progress_listener

    if _format.get() != "json" or quiet:
        return progress_listener(quiet=quiet or _format.get() == "json")
    last: list[tuple[str, str]] = []

    def listen(step: "Progress") -> None:
        here = (step.stage, step.name)
        if last != [here] or step.done >= step.total:
            last[:] = [here]
            _write("step", stage=step.stage, name=step.name, done=step.done, total=step.total)

    return listen


def _say(code: str, text: str, **facts: object) -> None:
    if _format.get() == "json":
        _write(code, **facts)
    else:
        _echo(text)


def _write(code: str, **facts: object) -> None:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"at": at, "level": LEVELS[code], "code": code, **facts}
    _echo(json.dumps(line, ensure_ascii=False))


def _echo(text: str) -> None:
    """Tell stderr; a reader who has gone does not stop the work, nor make a good end of it."""
    try:
        click.echo(text, err=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
