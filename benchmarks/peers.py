"""The peers, each in an environment of its own, made on the first use."""

import sys
import venv
from pathlib import Path

from process import ROOT, measured, needed


def python_of(name: str) -> Path:
    """The Python that has what requirements-bench-{name}.txt asks for, and nothing else.

    Raises:
        SystemExit: it cannot be installed.
    """
    folder, asked = ROOT / ".venv" / f"bench-{name}", ROOT / f"requirements-bench-{name}.txt"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists() or ready.read_text("utf-8") != asked.read_text("utf-8"):
        print(f"installing {asked.name} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", asked)
        needed(measured(python, *install))
        ready.write_text(asked.read_text("utf-8"), "utf-8")
    return python
