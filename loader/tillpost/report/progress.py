"""Long work on a terminal: one line that moves; nothing at all in a pipe."""

import sys
from collections.abc import Callable

from tillpost.pipeline.workspace import Progress


def progress_listener(*, quiet: bool) -> Callable[[Progress], None]:
    """One line on the terminal that moves; nothing at all in a pipe."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None

    def listen(progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        bar = ("█" * round(24 * share)).ljust(24, "░")
        counts = f"{bar} {progress.done:,}/{progress.total:,} " if progress.total else ""
        text = f"{progress.stage:<6}{counts}{progress.name}"
        end = "\n" if progress.done >= progress.total else ""
        sys.stderr.write(f"\r\x1b[2K{text[:118]}{end}")
        sys.stderr.flush()

    return listen
