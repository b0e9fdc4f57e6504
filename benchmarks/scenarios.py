"""What is measured: each gives figures for the results, from processes of their own."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peers import python_of
from process import HERE, PYTHON, ROOT, TILLPOST, Taken, measured, needed, script

Figures = dict[str, Any]
HISTORY_DAYS = 60
SENT_SHARE = 0.98
RECENT = "lookback: 2"
LEDGER = "tillpost_ledger.duckdb"
LIMITS = ("reading", "every_line", "a_line_an_order")
STARTS, PLANS = 7, 3
DEMO_FOLDER = ".tillpost/bench"
PARTS = ("hashing", "sending", "gate", "dbt")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where it is measured: a folder, the discarding server, and DuckDB's memory limit."""

    folder: Path
    edge: str
    memory_limit: str

    def tillpost(self, *words: str | Path, launcher: tuple[str | Path, ...] = TILLPOST) -> Taken:
        """A command in the shop."""
        return measured(*launcher, *words, cwd=self.folder / "shop", environ={"EDGE": self.edge})

    @contextmanager
    def shop(
        self, name: str, *, lines: int, days: int, news: int = 0
    ) -> Iterator[tuple["Place", Figures]]:
        """Another place, with a shop of so many lines; afterwards its room is free again."""
        folder = self.folder / name
        made = needed(script("shop.py", folder, lines, days, news, self.memory_limit))
        try:
            yield replace(self, folder=folder), made.last_line
        finally:
            shutil.rmtree(folder)


@contextmanager
def discarding() -> Iterator[str]:
    """The server that only discards; gives its address."""
    server = subprocess.Popen(  # noqa: S603  a script of this folder
        [PYTHON, str(HERE / "discard.py")], stdout=subprocess.PIPE, text=True
    )
    with server:
        if server.stdout is None or not (address := server.stdout.readline().strip()):
            raise SystemExit("the server did not start")
        try:
            yield address
        finally:
            server.terminate()


def whole_way(place: Place, lines: int) -> Figures:
    """Of one size: the limits, a first build and its send, then two ways to run after news."""
    news = round(lines / SENT_SHARE - lines)
    with place.shop("whole", lines=lines, days=HISTORY_DAYS, news=news) as (here, figures):
        file = here.folder / "lines" / "history.parquet"
        for kind in LIMITS:
            figures[kind] = script("limits.py", kind, file, place.memory_limit).as_json()
        timings = here.folder / "timings.json"
        watched = (PYTHON, HERE / "stopwatch.py", timings)
        built = here.tillpost("build", launcher=watched)
        figures |= {"build": built.as_json(), "models": json.loads(timings.read_text("utf-8"))}
        if built.code:
            return figures
        figures["send"] = here.tillpost("send").as_json()
        (here.folder / "news.parquet").rename(here.folder / "lines" / "news.parquet")
        ledger = here.folder / "shop" / LEDGER
        before = shutil.copy(ledger, here.folder / "ledger-of-98-percent")
        figures["recent_run"] = here.tillpost("run", "--vars", RECENT).as_json()
        shutil.move(before, ledger)
        figures["second_run"] = here.tillpost("run").as_json()
    return figures


def peers(place: Place, *, lines: int) -> Figures:
    """The peers over a sample of so many lines, and the loader over the same."""
    sdk, drt = python_of("sdk"), python_of("drt")
    with place.shop("sample", lines=lines, days=HISTORY_DAYS) as (here, figures):
        file = here.folder / "lines" / "history.parquet"
        figures["sdk_payloads"] = script("peer_sdk.py", file, lines, python=sdk).as_json()
        figures["sdk_sent"] = script("peer_sdk.py", file, lines, place.edge, python=sdk).as_json()
        figures["drt_sent"] = script("peer_drt.py", file, lines, place.edge, python=drt).as_json()
        figures["run"] = here.tillpost("run").as_json()
    return figures


def nightly(place: Place, *, lines: int, keys: int) -> Figures:
    """A day's lines over an empty ledger, and over one that knows so many events."""
    with place.shop("nightly", lines=lines, days=1) as (here, figures):
        ledger = here.folder / "shop" / LEDGER
        figures["empty_ledger"] = here.tillpost("run").as_json()
        for path in ledger.parent.glob(f"{ledger.name}*"):
            path.unlink()
        figures["ledger"] = needed(script("fill_ledger.py", ledger, keys)).last_line
        figures["full_ledger"] = here.tillpost("run").as_json()
    return figures


def start() -> Figures:
    """`--help`, and `plan` on the demo's data, first with a build and then with that one."""
    helps = [needed(measured(*TILLPOST, "--help")) for _ in range(STARTS)]
    needed(measured(PYTHON, "examples/make_data.py", cwd=ROOT))
    text = (ROOT / "profiles.example.yml").read_text("utf-8")
    text = text.replace("path: .tillpost/", f"path: {DEMO_FOLDER}/")
    text = text.replace("ledger: ", f"ledger: {DEMO_FOLDER}/")
    (ROOT / DEMO_FOLDER).mkdir(parents=True, exist_ok=True)
    (ROOT / DEMO_FOLDER / "profiles.yml").write_text(text, "utf-8")
    plan = (*TILLPOST, "plan", "--profiles-dir", DEMO_FOLDER)
    first, *more = (needed(measured(*plan, cwd=ROOT)) for _ in range(1 + PLANS))
    return {
        "help": fastest(helps).as_json(),
        "plan_that_builds": first.as_json(),
        "plan": fastest(more).as_json(),
    }


def parts() -> Figures:
    """Three parts alone: normalising and hashing, sending, the gate."""
    return {name: script(f"{name}.py").as_json() for name in PARTS}


def fastest(several: list[Taken]) -> Taken:
    """The one that was disturbed least."""
    return min(several, key=lambda each: each.seconds)
