"""The whole way, twice: till export, models, loader, and an edge that checks Meta's rules.

Everything it writes lies in examples/data and .tillpost/demo, both ignored by git.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".tillpost" / "demo"
TILLPOST = (sys.executable, "-m", "tillpost")


def main() -> int:
    """Make the data, start the edge, run twice, and check what the demo claims."""
    start = time.monotonic()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    step("A till export is made: three CSV exports of three stores, and web orders as Parquet")
    run(sys.executable, "examples/make_data.py")
    step("tillpost sandbox: an edge on this machine that enforces Meta's documented rules")
    with sandbox() as address:
        write_profile(address)
        options = ("--profiles-dir", str(HOME.relative_to(ROOT)))
        step("tillpost debug: everything a run needs is looked at")
        run(*TILLPOST, "debug", *options)
        step("tillpost run: build, test, send")
        run(*TILLPOST, "run", *options)
        first = summary(address)
        step("tillpost run once more: the ledger remembers, nothing is sent again")
        run(*TILLPOST, "run", *options)
        second = summary(address)
    return verdict(first, second, seconds=time.monotonic() - start)


def verdict(first: dict[str, int], second: dict[str, int], *, seconds: float) -> int:
    """Say what the edge holds; anything but the promise is a failure."""
    step("What the edge holds")
    print(f"after the first run:  {first}")
    print(f"after the second run: {second}")
    good = first["stored"] > 0 and first["refused_requests"] == 0 and first == second
    print(f"\n{'The demo kept its promise' if good else 'THE DEMO FAILED'} in {seconds:.0f} s.")
    return 0 if good else 1


def step(words: str) -> None:
    """A heading between the commands' own words."""
    print(f"\n── {words}", flush=True)


def run(*command: str) -> None:
    """Run a command in the project; it must succeed."""
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603  commands of this file only


@contextlib.contextmanager
def sandbox() -> Iterator[str]:
    """The sandbox on a free port; its words go to a file."""
    log = HOME / "sandbox.log"
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603  a command of this file
            [*TILLPOST, "sandbox", "--port", "0"], cwd=ROOT, stderr=out
        )
    try:
        yield address_in(log, process)
    finally:
        process.terminate()
        process.wait()


def address_in(log: Path, process: "subprocess.Popen[bytes]") -> str:
    """The address that the sandbox says, once it says it."""
    for _ in range(200):
        words = log.read_text()
        if "http://" in words:
            address = words.split("listens on ")[1].split()[0]
            print(f"listens on {address}")
            return address
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"the sandbox did not start:\n{log.read_text()}")


def write_profile(address: str) -> None:
    """The example profile, with the sandbox's port and its files in the demo's folder."""
    text = (ROOT / "profiles.example.yml").read_text()
    folder = HOME.relative_to(ROOT)
    text = text.replace("http://127.0.0.1:8765", address)
    text = text.replace("path: .tillpost/", f"path: {folder}/")
    text = text.replace("ledger: ", f"ledger: {folder}/")
    (HOME / "profiles.yml").write_text(text)


def summary(address: str) -> dict[str, int]:
    """What the sandbox counted, over all its datasets."""
    with urllib.request.urlopen(f"{address}/sandbox/summary") as answer:  # noqa: S310  loopback
        datasets = json.load(answer).values()
    names = ("requests", "received", "stored", "duplicates", "refused_requests")
    counts = {name: sum(each[name] for each in datasets) for name in names}
    return {name: counts[name] for name in names if name != "requests"}


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
