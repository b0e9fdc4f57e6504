"""Nothing is left behind: rows full of canaries, and a search of every byte that was written."""

import base64
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from alert_receiver import serving
from bad_input_project import TILLPOST, Project
from canary_project import Shop, new_shop, wait_for
from canary_rows import APP_SECRET, CANARIES, CLEAR, MISPLACED, PERSONAL, TOKEN, write_export
from canary_search import modes, search, seen_in
from canary_statements import (
    POSTGRES_FUNCTIONS,
    POSTGRES_TYPES,
    VALUES,
    duckdb_statements,
    postgres_statement,
)
from canary_warehouses import postgres_shop, spark_shop, spark_spill
from crash_harness import played
from engine_probes import postgres_server
from project_harness import Table, build, make_project
from sending_harness import sandbox
from tillpost.engines.duckdb_errors import explain
from tillpost.postgres_errors import words

BUILD = "shop/.tillpost/build.duckdb"
# What Meta takes in clear and what no tag calls personal stand in the build, for its owner alone.
IN_THE_BUILD = {"in clear", "misplaced"}
SPILLING = {"memory_limit": "80MB", "force_compression": "uncompressed"}
ADDRESS = f"{PERSONAL}.ö@{PERSONAL}.example"
SHOW_ALL = """
from tillpost.cli import tillpost
for name in ("stg_sales", "int_customers", "rejected_events"):
    tillpost(["show", "--select", name, "--limit", "1000"], standalone_mode=False)
"""
IN_CLEAR = """
from tillpost.engines import duckdb_guard
duckdb_guard.AT_START["temp_file_encryption"] = False
from tillpost.cli import main
main()
"""
"""What no profile can say: the control of the search for what spills."""
LOG_ALL = "import logging; logging.basicConfig(level=1)"
BREAK = f"""
def fall_over(*_, **__):
    try:
        int({ADDRESS!r})
    except ValueError as error:
        raise KeyError({ADDRESS!r}) from error
setattr(Broken, name, fall_over)
"""
BAD_MODEL = "models/intermediate/int_bad.sql"
FAILING = {
    "a cast that fails": (
        {BAD_MODEL: "select 1 as n from {{ ref('stg_sales') }} where cast(email as int) = 1"},
        "show --select int_bad",
    ),
    "a time that fails": (
        {BAD_MODEL: "select 1 as n from {{ ref('stg_sales') }} where strptime(db, 'x%d') is null"},
        "show --select int_bad",
    ),
    "a column that is not there": (
        {BAD_MODEL: "select emial as n from {{ ref('stg_sales') }}"},
        "show --select int_bad",
    ),
    "Jinja that fails": (
        {BAD_MODEL: "select {{ 1 / 0 }} as n from {{ ref('stg_sales') }}"},
        "compile",
    ),
    "a token in a model": (
        {BAD_MODEL: "select '{{ env_var('META_ACCESS_TOKEN') }}' as n"},
        "compile --select int_bad",
    ),
    "a test that fails and would be stored": (
        {
            "tests/sql/nobody_has_an_address.sql": "{{ config(store_failures=true) }}\n"
            "select email from {{ ref('stg_sales') }} where email is not null",
        },
        "test",
    ),
}
PLACES = {
    "a text": ADDRESS.encode(),
    "another encoding": ADDRESS.upper().encode("latin-1"),
    "UTF-16": ADDRESS.encode("utf-16"),
    "UTF-16, the other way": ADDRESS.encode("utf-16-be"),
    "UTF-32": ADDRESS.encode("utf-32"),
    "hex": f"x{ADDRESS.encode().hex().upper()}".encode(),
    "base64": b"abc" + base64.b64encode(ADDRESS.encode()),
    "base64 in a text": base64.b64encode(b"Dear " + ADDRESS.title().encode()),
    "base64 further on": base64.b64encode(b"Mister " + ADDRESS.upper().encode()),
    "escapes": "".join(f"\\u{ord(sign):04X}" for sign in ADDRESS).encode(),
    "a URL": "".join(f"%{byte:02X}" for byte in ADDRESS.encode()).encode(),
    "where two pieces meet": b"\0" * ((1 << 24) - 3) + ADDRESS.encode(),
    "a phone": b"+49 (30) 8375-914217",
    "a birth date": b"19310723",
    "a token": f'"{TOKEN}"'.encode(),
    "a secret": APP_SECRET.encode(),
    "in clear": CLEAR.encode(),
    "misplaced": MISPLACED.encode(),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The whole job, done under the most careless umask."""
    shop = new_shop(tmp_path_factory.mktemp("canaries"), mask=0o000)
    with sandbox(good_token=TOKEN) as address, serving() as receiver:
        shop.set_edge(graph_url=address, app_secret="{{ env_var('APP_SECRET') }}")
        shop.set_output(alerts={"url": receiver.url})
        _do_the_whole_job(shop)
        shop.told += receiver.bodies
        yield shop


def _do_the_whole_job(shop: Shop) -> None:
    _run(shop, ("debug",), ("compile",), ("build",), ("test",))
    _crash(shop, "from tillpost.edge import Edge as Broken; name = 'send'", "send")
    _run(
        shop,
        *(("send", "--quiet"), ("status",), ("ledger", "list", "--output", "csv")),
        *(("ledger", "export", "../ledger.parquet"), ("ledger", "export", "../ledger.csv")),
        *(("ledger", "forget", "R3"), ("proof",), ("plan",), ("why", "R1")),
    )
    assert shop.run_code(SHOW_ALL, "status", name="show").exit == 0
    assert shop.run("explain", "em", "-", given=ADDRESS.encode(), name="explain").exit == 0
    _crash(shop, "from tillpost.engines.duckdb import DuckDB as Broken; name = 'create'", "build")
    write_export(shop.exports / "sales.csv", count=80)
    assert shop.run_code(LOG_ALL, "run").exit == 0


def _run(shop: Shop, *commands: tuple[str, ...]) -> None:
    for command in commands:
        said = shop.run(*command)
        assert said.exit == 0, (command, said.err)


def _crash(shop: Shop, code: str, command: str) -> None:
    """A bug of ours, at a moment when a customer's row is at hand."""
    said = shop.run_code(code + BREAK, command)
    assert b"this is a bug in tillpost" in said.err
    assert said.exit == 70


def test_no_byte_of_a_customer_or_a_secret_is_left(shop: Shop) -> None:
    found = search(CANARIES, shop.root)
    assert found.pop(BUILD) <= IN_THE_BUILD
    assert not found


def test_nothing_is_said_of_a_customer_or_a_secret(shop: Shop) -> None:
    said = {words: seen_in(CANARIES, each.out + each.err) for words, each in shop.said.items()}
    # What it was asked for, and the ids of orders.
    assert said.pop("explain") == {"mark"}
    assert said.pop("show") == {"misplaced"}
    assert not {words: seen for words, seen in said.items() if seen}


def test_no_webhook_tells_of_a_customer_or_a_secret(shop: Shop) -> None:
    assert shop.told
    assert not seen_in(CANARIES, json.dumps(shop.told).encode())
    assert not seen_in(CANARIES, json.dumps(shop.told, ensure_ascii=False).encode())


def test_nobody_else_may_read_what_was_written(shop: Shop) -> None:
    found = modes(shop.root)
    for_everyone = (
        *("dbt_project.yml", "profiles.example.yml", ".gitignore", ".tillpost-stamp.json"),
        *(".sqlfluff", "pyproject.toml"),
    )
    folders = ("models", "macros", "seeds", "tests", ".schemas", ".vscode")
    laid_down = tuple(f"searched/shop/{name}" for name in folders)
    ours = {name for name in found if not name.startswith(laid_down)}
    assert ours <= {
        *("searched", "searched/home", "searched/tmpdir", "searched/shop"),
        *(f"searched/shop/{name}" for name in for_everyone),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has open")
def test_everything_is_written_where_it_was_looked_for(shop: Shop) -> None:
    watched = [said.watched for said in shop.said.values()]
    files = {name for each in watched for name in each.files}
    assert {name for name in files if name.endswith(("build.duckdb", "ledger.duckdb"))}
    assert not {name for name in files if not name.startswith((str(shop.root), "/dev/null"))}
    arguments = b"".join(each.arguments for each in watched)
    assert b"build" in arguments
    assert not seen_in(CANARIES[-1:], arguments)


@pytest.mark.parametrize(("files", "command"), FAILING.values(), ids=FAILING)
def test_what_fails_quotes_nothing(shop: Shop, files: dict[str, str], command: str) -> None:
    environ = {"META_ACCESS_TOKEN": TOKEN, "APP_SECRET": APP_SECRET}
    project = Project(folder=shop.folder, environ=environ)
    for name, text in files.items():
        (shop.folder / name).write_text(text)
    try:
        said = project.run(*command.split())
    finally:
        for name in files:
            (shop.folder / name).unlink()
    assert said.exit in {1, 2}
    assert not seen_in(CANARIES, (said.out + said.err).encode())


def test_an_order_that_is_an_address_does_not_leave_and_is_not_told(shop: Shop) -> None:
    export = shop.exports / "sales.csv"
    export.write_text(export.read_text(errors="ignore").replace("R8,", f"{ADDRESS},"))
    said = shop.run("run")
    assert said.exit == 1
    assert not seen_in(CANARIES, said.out + said.err)


def test_a_terminal_hears_no_more_than_a_pipe(shop: Shop) -> None:
    ours, its = pty.openpty()
    with shop.start([sys.executable, "-m", "tillpost", "build"], stderr=its) as process:
        out, _ = process.communicate()
    os.close(its)
    said = os.read(ours, 1 << 20)
    os.close(ours)
    assert b"int_identities" in said
    assert not seen_in(CANARIES, said + out)


def test_a_file_without_a_header_is_not_told(shop: Shop) -> None:
    _, _, lines = (shop.exports / "sales.csv").read_bytes().partition(b"\n")
    (shop.exports / "headless.csv").write_bytes(lines)
    said = shop.run("init", "../other", "--from", str(shop.exports / "headless.csv"))
    assert said.exit == 2
    assert b"no header" in said.err
    assert not seen_in(CANARIES, said.out + said.err)
    (shop.exports / "sales.csv").write_bytes(lines)
    assert shop.run("build").exit == 2
    assert not seen_in(CANARIES, shop.said["build"].err)


@pytest.mark.parametrize("content", PLACES.values(), ids=PLACES)
def test_the_search_finds_what_is_planted(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "planted").write_bytes(content)
    assert search(CANARIES, tmp_path)["planted"]


def test_the_search_finds_what_is_planted_in_a_name(tmp_path: Path) -> None:
    (tmp_path / PERSONAL).mkdir()
    assert search(CANARIES, tmp_path) == {PERSONAL: {"mark"}}


def test_the_search_finds_what_is_planted_in_a_database(tmp_path: Path) -> None:
    spoken = f"'{PERSONAL}' || n || '@{PERSONAL}.example'"
    rows = f"select {spoken} as email, [{spoken}] as several from range(20000) as numbers(n)"
    compressed, log = tmp_path / "compressed.duckdb", tmp_path / "log.duckdb"
    with duckdb.connect(compressed) as connection:
        connection.execute(f"create table t as {rows}")
    with duckdb.connect(tmp_path / "open.duckdb") as connection:
        connection.execute("set checkpoint_threshold = '1GB'")
        connection.execute("create table t (email varchar)")
        connection.execute(f"insert into t values ('{ADDRESS}')")
        for suffix in ("", ".wal"):
            shutil.copyfile(tmp_path / f"open.duckdb{suffix}", f"{log}{suffix}")
    (tmp_path / "open.duckdb").unlink()
    duckdb.execute(f"copy ({rows}) to '{tmp_path}/rows.parquet' (compression zstd)")
    (tmp_path / "log.duckdb.wal").rename(tmp_path / "moved")
    (tmp_path / "moved").rename(tmp_path / "log.duckdb.wal")
    found = search(CANARIES, tmp_path)
    assert found.keys() == {"compressed.duckdb", "log.duckdb", "log.duckdb.wal", "rows.parquet"}


def test_no_function_of_duckdb_makes_an_error_quote_a_row() -> None:
    told: dict[str, Any] = {}
    statements = 0
    with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
        connection.execute("create table t (email varchar)")
        connection.executemany("insert into t values (?)", [[value] for value in VALUES])
        for sql in duckdb_statements(connection):
            statements += 1
            try:
                connection.execute(sql)
            except duckdb.Error as error:
                said = str(explain(error, where="models/intermediate/int_bad.sql", sql=sql))
                if seen_in(CANARIES[:1], said.encode()):
                    told[sql] = said
    assert statements > 5_000
    assert not told


@pytest.fixture(scope="module")
def big_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """More customers than the build may hold in memory."""
    shop = new_shop(tmp_path_factory.mktemp("big_canaries"), mask=0o022, count=20_000)
    shop.set_output(threads=1)
    return shop


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("is_encrypted", [True, False])
def test_what_spills_is_private_and_tells_nothing(big_shop: Shop, *, is_encrypted: bool) -> None:
    big_shop.set_output(settings=SPILLING)
    spilled, seen = 0, set[str]()
    words = [str(TILLPOST)] if is_encrypted else [sys.executable, "-c", IN_CLEAR]
    with big_shop.start([*words, "build"]) as process:
        while process.poll() is None:
            for path in big_shop.spill():
                with suppress(FileNotFoundError):
                    content = path.read_bytes()
                    assert path.stat().st_mode & 0o777 == 0o600
                    spilled = max(spilled, len(content))
                    # Only these spellings: there is a lot to read before it is gone again.
                    found = any(each.encode() in content for each in (PERSONAL, PERSONAL.title()))
                    seen |= {"mark"} if found else set()
        process.communicate()
    assert spilled > 10_000_000
    # Without encryption it is found: so the search knows where to look.
    assert seen == (set() if is_encrypted else {"mark"})


@pytest.mark.slow
@pytest.mark.alone
def test_a_build_that_is_killed_leaves_nothing(big_shop: Shop) -> None:
    big_shop.set_output(settings=SPILLING)
    with big_shop.start([str(TILLPOST), "build"]) as process:
        wait_for(lambda: big_shop.spilled_bytes() > 30_000_000)
        process.kill()
    assert big_shop.spill()
    assert (big_shop.folder / ".tillpost" / "build.duckdb.wal").exists()
    found = search(CANARIES, big_shop.root)
    assert found.pop(BUILD) | found.pop(f"{BUILD}.wal", set()) <= IN_THE_BUILD
    assert not found
    assert not big_shop.open_to_others()
    left = set(big_shop.spill())
    with big_shop.start([str(TILLPOST), "build"]) as process:
        process.communicate()
    assert not left & set(big_shop.spill())


@pytest.mark.slow
def test_a_send_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    shop = new_shop(tmp_path, count=600)
    with sandbox("--fault", "timeout=1") as address:
        shop.set_edge(graph_url=address, batch_size=50)
        assert shop.run("build").exit == 0
        with shop.start([str(TILLPOST), "send"]) as process:
            wait_for(lambda: played(address)["timeout"])
            process.kill()
    found = search(CANARIES, shop.root)
    assert found.pop(BUILD) <= IN_THE_BUILD
    assert not found
    assert not shop.open_to_others()
    said = shop.run("ledger", "list", "--output", "json")
    assert b'"state": "uncertain"' in said.out
    assert not seen_in(CANARIES, said.out + said.err)


@pytest.mark.slow
def test_a_postgresql_is_given_away_by_nothing_here(tmp_path: Path) -> None:
    with sandbox() as address, postgres_shop(tmp_path, edge_url=address, count=60) as shop:
        _do_the_job_there(shop)
        with psycopg.connect(f"host={shop.output['host']} user=postgres dbname=postgres") as there:
            assert _seen_in_schemas(there) <= IN_THE_BUILD
    assert not search(CANARIES, shop.root)
    assert not shop.open_to_others()


def _do_the_job_there(shop: Shop) -> None:
    said = [shop.run("run"), shop.run("ledger", "export", "../ledger.csv")]
    assert [each.exit for each in said] == [0, 0], said[0].err
    (shop.folder / BAD_MODEL).write_text(
        "select 1 as n from {{ ref('stg_lines') }} where cast(email as int) = 1"
    )
    said.append(shop.run("show", "--select", "int_bad"))
    assert said[-1].exit != 0
    assert not seen_in(CANARIES, b"".join(each.out + each.err for each in said))


def _seen_in_schemas(connection: psycopg.Connection) -> set[str]:
    """What stands in the tables of the models and of the ledger."""
    tables = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname like 'tillpost%'"
    ).fetchall()
    assert ("tillpost", "rejected_events") in tables
    texts = [connection.execute(f"select {name}::text from {schema}.{name}".encode()).fetchall()
        for schema, name in tables]  # fmt: skip
    return seen_in(CANARIES, str(texts).encode())


@pytest.mark.slow
def test_no_function_of_postgresql_makes_an_error_quote_a_row() -> None:
    told: dict[str, str] = {}
    statements = 0
    with (
        postgres_server() as address,
        psycopg.connect(address, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("set statement_timeout = '5s'")
        functions = cursor.execute(POSTGRES_FUNCTIONS).fetchall()
        types = cursor.execute(POSTGRES_TYPES).fetchall()
        calls = [sql for name, kinds in functions if (sql := postgres_statement(name, kinds))]
        calls += [f"select cast(email as {kind}) from t" for (kind,) in types]
        for value in VALUES:
            cursor.execute("create temporary table t (email varchar)")
            cursor.execute("insert into t values (%s)", [value])
            for sql in calls:
                statements += 1
                try:
                    cursor.execute(sql.encode())
                except psycopg.Error as error:
                    said = str(words(error, where=BAD_MODEL))
                    if seen_in(CANARIES[:1], said.encode()):
                        told[sql] = said
            cursor.execute("drop table t")
    assert statements > 5_000
    assert not told


@pytest.mark.slow
def test_a_spark_leaves_nothing(tmp_path: Path) -> None:
    with sandbox() as address:
        shop = spark_shop(tmp_path, edge_url=address, count=20)
        _do_the_job_there(shop)
    # The till's own table: on this machine it lies beside the models.
    shutil.rmtree(shop.folder / ".tillpost" / "spark" / "warehouse" / "till.db")
    found = search(CANARIES, shop.root)
    assert {name for names in found.values() for name in names} <= IN_THE_BUILD
    assert all(name.startswith("shop/.tillpost/spark/warehouse/") for name in found)
    assert not shop.open_to_others()


@pytest.mark.slow
@pytest.mark.parametrize("is_encrypted", [True, False])
def test_what_spark_spills_tells_nothing(tmp_path: Path, *, is_encrypted: bool) -> None:
    spilled = spark_spill(tmp_path, mark=PERSONAL, is_encrypted=is_encrypted)
    assert len(spilled) > 100_000
    assert seen_in(CANARIES, spilled) == (set() if is_encrypted else {"mark"})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no core dumps")
def test_a_crash_writes_no_memory_to_disk() -> None:
    code = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrlimit(resource.RLIMIT_CORE)))
from tillpost.cli import main
main()
"""
    words = [sys.executable, "-c", code, "--version"]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "(0, 0)"


def test_in_a_process_of_ones_own_the_folder_is_closed(tmp_path: Path) -> None:
    row = f"order_id,event_time,order_total\nA1,{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z,9.5\n"
    project = make_project(tmp_path / "shop", [Table(name="sales.rows", files={"one": row})])
    before = os.umask(0o022)
    try:
        build(project, now=datetime.now(UTC)).require_success()
    finally:
        os.umask(before)
    closed = {".tillpost", ".tillpost/runs", ".tillpost/spill", ".tillpost/build.duckdb"}
    assert {name for name in closed if (project / name).stat().st_mode & 0o077} == set()
