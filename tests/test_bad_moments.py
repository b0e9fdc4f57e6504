"""Bad moments: edges that refuse or keep silent, two runs at once, full disks, and stops."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bad_input_project import TOKEN, Project, copy_of, new_project
from sending_harness import WEB, sandbox

DATASET = "1234567890123456"
SALES = 12
HOLD_DATABASE = """
import sys, duckdb
with duckdb.connect(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that stands built, with some sales to send."""
    folder = tmp_path_factory.mktemp("built") / "shop"
    new_project(folder)
    data = folder / "data" / "sales.csv"
    header, first, *_ = data.read_text().splitlines()
    day = first.split(",")[2].split(" ")[0]
    rows = [
        f"{number},1,{day} 10:15:00,MUG-1,1,9.95,EUR,ada{number}@example.com,,Ada,Sample,,,DE"
        for number in range(SALES)
    ]
    data.write_text("\n".join([header, *rows, ""]))
    assert Project(folder=folder).run("build").exit == 0
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Project:
    return copy_of(built, tmp_path / "shop")


@contextmanager
def slow_way_to(address: str, *, seconds: float) -> Iterator[str]:
    """An edge that takes its time and then does what the sandbox does."""

    class Way(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(seconds)
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
            answer = WEB.post(f"{address}{self.path}", content=content, headers=headers)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Nothing to the test's own output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Way) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def silent_edge() -> Iterator[str]:
    """An edge that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def at(project: Project, address: str, *settings: str) -> Project:
    """The project with another edge in its profile."""
    path = project.folder / "profiles.yml"
    text = re.sub(r"graph_url: http://127.*", f"graph_url: {address}", path.read_text())
    lines = "".join(f"        {setting}\n" for setting in settings)
    path.write_text(text.replace("      edge:\n", f"      edge:\n{lines}", 1))
    return replace(project, names={"edge": address})


def stored(address: str) -> tuple[int, int]:
    """How many events the sandbox holds, and how many came twice."""
    shelves = WEB.get(f"{address}/sandbox/summary").json().values()
    return sum(each["stored"] for each in shelves), sum(each["duplicates"] for each in shelves)


def test_a_port_in_use(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = project.run("sandbox", "--port", port)
    assert said.err == (
        f"error: the sandbox cannot listen on 127.0.0.1:{port}\n"
        "  another program uses this port\n"
        "  try: another --port (0 takes a free one), or stop the other program\n"
    )
    assert said.exit == 2


def test_a_bad_token_stops_the_run_and_nothing_is_lost(project: Project) -> None:
    with sandbox(good_token=TOKEN) as address:
        shop = at(project, address)
        bad = {"META_ACCESS_TOKEN": "another"}
        said = shop.run("send", environ=bad)
        assert said.err == (
            "error: the edge refuses the token\n"
            "  190 The access token is missing or not valid | Invalid access token\n"
            "  fbtrace_id <trace>\n"
            "  try: a token with ads_management rights on this dataset, from Events Manager\n"
        )
        assert said.exit == 5
        assert shop.run("debug", environ=bad).exit == 5
        assert shop.run("run").exit == 0
        assert stored(address) == (SALES, 0)


def test_a_dataset_that_the_edge_does_not_know(project: Project) -> None:
    with sandbox("--dataset", "999") as address:
        said = at(project, address).run("send")
    assert said.err == (
        "error: the edge takes nothing for this dataset\n"
        "  100/33 The dataset does not exist or the token has no access | Dataset unknown\n"
        "  fbtrace_id <trace>\n"
        "  try: mend vars.dataset_id in dbt_project.yml or edge.version in the profile,"
        " or give the token access to the dataset\n"
    )
    assert said.exit == 2


def test_an_edge_that_never_answers(project: Project) -> None:
    with silent_edge() as address:
        shop = at(project, address, "timeout: 0.3", "attempts: 1")
        said = shop.run("send")
    assert said.err == (
        f"error: {SALES} events could not be delivered\n"
        "  ReadTimeout: timed out\n"
        "  try: tillpost run, later: nothing is lost, nothing goes twice\n"
    )
    assert said.exit == 4
    time.sleep(1.1)  # the ledger counts in seconds: what left in a build's own second waits
    with sandbox() as address:
        assert at(shop, address).run("run").exit == 0
        assert stored(address) == (SALES, 0)


def test_two_runs_at_once(project: Project) -> None:
    with silent_edge() as address:
        shop = at(project, address, "timeout: 30", "attempts: 1")
        with shop.started("send") as first:
            wait_for(owner_of(shop).exists)
            second = shop.run("build")
            with shop.started("build", "--wait", "30") as third:
                first.send_signal(signal.SIGKILL)
                said = shop.end_of(third)
    assert re.fullmatch(
        r"error: <project>/tillpost_ledger.duckdb  run <run> \(send, process <pid> on \S+, "
        r"since \S+Z\) holds the ledger\n"
        r"  try: wait until it has ended, then run the same command again\n",
        second.err,
    )
    assert second.exit == 4
    assert (said.exit, said.err) == (0, "")


def test_the_build_is_open_in_another_program(project: Project) -> None:
    path = project.folder / ".tillpost" / "build.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_DATABASE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        said = project.run("build")
        holder.kill()
    assert said.err == (
        "error: profiles.yml tillpost.sandbox  another process has the build's database open\n"
        "  process <pid> holds it\n"
        "  try: wait until it has finished, or close it\n"
    )
    assert said.exit == 4


def test_a_disk_with_no_room(project: Project) -> None:
    arguments, environ = project.command("build")
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 40; exec "$@"', "sh", *arguments],
        cwd=project.folder,
        # A module compiled on this disk would be cut off, and break every later run.
        env={**environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = project.said(done.returncode, done.stdout, done.stderr)
    assert said.exit == 2
    assert said.err.startswith("error: ")
    assert "disk has room" in said.err
    assert project.run("build").exit == 0


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_while_sending(project: Project, stop: signal.Signals) -> None:
    with sandbox() as address, slow_way_to(address, seconds=0.05) as way:
        shop = at(project, way, "max_in_flight: 1", "batch_size: 1")
        with shop.started("send") as process:
            wait_for(lambda: stored(address)[0] >= 3)
            process.send_signal(stop)
            said = shop.end_of(process)
        arrived, _ = stored(address)
        assert said.err == (
            f"error: stopped on request after {arrived} of {SALES} events\n"
            "  try: tillpost run: it goes on where this one stopped\n"
        )
        assert said.exit == 4
        assert arrived < SALES
        assert shop.run("status").out.count("cut short") == 0
        assert at(shop, address).run("run").exit == 0
        assert stored(address) == (SALES, 0)


def test_a_second_stop_ends_it_and_is_written_down(project: Project) -> None:
    with sandbox() as address, slow_way_to(address, seconds=3) as way:
        shop = at(project, way, "max_in_flight: 1", "batch_size: 1")
        with shop.started("send") as process:
            wait_for(lambda: stored(address)[0] >= 1)
            time.sleep(1)  # the next request is on its way, and takes three
            for _ in range(2):
                process.send_signal(signal.SIGINT)
                time.sleep(0.1)
            said = shop.end_of(process)
        assert said.err.strip() == "error: stopped on request\n  try: run the same command again"
        (run,) = json.loads(shop.run("status", "--output", "json").out)["runs"]
        assert (said.exit, run["exit_code"]) == (4, 4)


@pytest.mark.parametrize(
    ("stop", "code", "words"),
    [
        (signal.SIGINT, 4, "error: stopped on request\n  try: run the same command again\n"),
        (signal.SIGTERM, -signal.SIGTERM, ""),
    ],
)
def test_a_stop_while_building(
    project: Project, stop: signal.Signals, code: int, words: str
) -> None:
    model = project.folder / "models" / "audit" / "endless.sql"
    crossed = " ".join(f"cross join {{{{ ref('countries') }}}} as {each}" for each in "bcdef")
    model.write_text(
        "{{ config(materialized='table') }} select max(sqrt(length(a.country))) as longest"
        f" from {{{{ ref('countries') }}}} as a {crossed}"
    )
    # With several threads DuckDB hears of a stop only when the first of them has work to do.
    profile = project.folder / "profiles.yml"
    profile.write_text(profile.read_text().replace("threads: 2", "threads: 1"))
    with project.started("build") as process:
        wait_for((project.folder / ".tillpost" / "build.duckdb.wal").exists)  # it is written to
        time.sleep(1)
        process.send_signal(stop)
        said = project.end_of(process)
    assert (said.exit, said.err) == (code, words)
    model.unlink()
    assert project.run("send").exit == 2
    assert project.run("build").exit == 0


def test_show_never_shows_who_it_is(project: Project) -> None:
    disguises = (
        "email",
        "first_name as nickname",
        "upper(last_name) || '!' as shouted",
        "case when true then first_name end as chosen",
        "lower(email)",
        "'call ' || coalesce(phone, email) as note",
        "struct_pack(a := first_name) as packed",
        "people as whole",
        "* rename (first_name as renamed)",
    )
    model = project.folder / "models" / "audit" / "people.sql"
    model.write_text(
        "with people as (select * from {{ source('sales', 'rows') }}),"
        f" disguised as (select order_id as receipt, {', '.join(disguises)} from people),"
        " others as (select order_id as receipt, order_id as label from people"
        " union all select order_id, last_name from people),"
        " unnamed(receipt, said) as (select order_id, last_name from people)"
        " select disguised.*, label, said from disguised, others, unnamed"
    )
    said = project.run("show", "--select", "people", "--limit", "200")
    assert said.exit == 0, said.err
    assert said.out.count("***") > 1000
    assert "ada" not in said.out.lower()
    assert "sample" not in said.out.lower()


def owner_of(project: Project) -> Path:
    """Where the run that holds the lock says who it is."""
    return project.folder / "tillpost_ledger.duckdb.owner"


def wait_for(happened: Callable[[], bool], *, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)
