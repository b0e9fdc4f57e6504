"""The command line: errors in three lines, exit codes that mean something."""

import gc
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout, suppress

import click

from tillpost.cli import (
    audit,
    commands,
    diff,
    ledger,
    log,
    plan,
    proof,
    reconcile,
    report,
    standalone,
    why,
)
from tillpost.cli.excerpts import with_excerpt
from tillpost.cli.group import tillpost
from tillpost.errors import TillpostError, TryLater, UsageError, UsageErrors
from tillpost.redaction import Clean, hide, secrets_of

__all__ = [
    "audit",
    "commands",
    "diff",
    "ledger",
    "main",
    "plan",
    "proof",
    "reconcile",
    "report",
    "standalone",
    "tillpost",
    "why",
]

_STOPPED = TryLater("stopped on request", fix="run the same command again")


def main() -> None:
    """Run a command and end the process with its exit code."""
    # Syntax trees are many small objects that live to the end: searching them for garbage again
    # and again takes a quarter of a compile.
    gc.set_threshold(300_000)
    _leave_no_core()
    hide(secrets_of(os.environ))
    # Whatever is said, also by a library, a warning or Python itself, goes this way.
    with redirect_stdout(Clean(sys.stdout)), redirect_stderr(Clean(sys.stderr)):
        code = _run()
        log.end(code)
        sys.exit(code)


def _leave_no_core() -> None:
    """A crash must not write the memory of this process, with customers in it, to disk."""
    with suppress(ImportError):  # there is none on Windows, and no core dump either
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run() -> int:
    try:
        code = tillpost(standalone_mode=False)
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except click.ClickException as error:
        log.refuse(error)
        code = UsageError.exit_code
    except SystemExit as ended:  # what failed is told already
        code = ended.code if isinstance(ended.code, int) else 1
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = _tell(_STOPPED)
    except Exception as error:  # noqa: BLE001  the last resort: nobody is shown a traceback
        code = _tell(_in_words(error))
    return int(code or 0)


def _in_words(error: Exception) -> TillpostError:
    match error:
        case TillpostError():
            return error
        case OSError():
            return _disk_fault(error)
        case RuntimeError(args=("Query interrupted",)):
            return _STOPPED  # so DuckDB says it when Ctrl-C comes in the middle of a query
        case _:
            return _bug(error)


def _tell(error: TillpostError) -> int:
    several = error.errors if isinstance(error, UsageErrors) else (error,)
    for number, each in enumerate(several):
        log.fail(each, with_excerpt(each), is_first=number == 0)
    return error.exit_code


def _disk_fault(error: OSError) -> UsageError:
    return UsageError(
        "this cannot be read or written",
        where=str(error.filename or "a file or connection"),
        why=str(error.strerror or type(error).__name__),
        fix="see that the folder is there and yours, and that the disk has room",
    )


def _bug(error: Exception) -> TillpostError:
    """Where it happened, without the words of the error: they may quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f"{frame.filename.rpartition('tillpost/')[2]}:{frame.lineno}" for frame in frames]
    return TillpostError(
        "this is a bug in tillpost",
        why=f"{type(error).__name__} at {' > '.join(own[-4:])}",
        fix="report this message: it holds nothing of your data",
    )
