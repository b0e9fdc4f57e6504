"""A target in PostgreSQL: a role with the least rights builds, sends once, and survives."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pytest
import yaml

from engine_probes import postgres_server
from project_harness import tillpost
from sending_harness import TILLPOST, held, recorder_before, sandbox
from tillpost.pipeline.unsent import CONTRACT
from warehouse_project import COLUMNS, RAW, edge, lines, make_project

pytestmark = pytest.mark.slow

RECEIPTS, KNOWN = 300, 270
# docs/engines.md says the same to an administrator.
GRANTS = """
create role loader login;
grant usage on schema till to loader;
grant select on till.lines to loader;
create schema tillpost authorization loader;
create schema tillpost_ledger authorization loader;
"""


@dataclass(frozen=True, kw_only=True)
class Warehouse:
    """A database of its own on the server, for its administrator and for the loader's role."""

    server: str
    name: str

    @property
    def settings(self) -> dict[str, object]:
        """The output of a profile."""
        host = self.server.split()[0].removeprefix("host=")
        return {
            "type": "postgres",
            "host": host,
            "user": "loader",
            "dbname": self.name,
            "schema": "tillpost",
        }

    def admin(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements as the administrator; the rows of the last."""
        address = f"{self.server} dbname={self.name}"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def sell(self, rows: list[tuple[str | None, ...]]) -> None:
        """Add lines of receipts."""
        address = f"{self.server} dbname={self.name}"
        with psycopg.connect(address, autocommit=True) as connection:
            copy = f"copy till.lines ({', '.join(COLUMNS)}) from stdin"
            with connection.cursor().copy(copy.encode()) as writer:
                for row in rows:
                    writer.write_row(row)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address.replace(" dbname=postgres", "")


@pytest.fixture
def warehouse(server: str, request: pytest.FixtureRequest) -> Iterator[Warehouse]:
    name = f"w{abs(hash(request.node.name))}"
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        connection.execute("drop role if exists loader")
    made = Warehouse(server=server, name=name)
    made.admin("create schema till", RAW, *filter(None, map(str.strip, GRANTS.split(";"))))
    yield made
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())
        connection.execute("drop role if exists loader")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as started:
        yield started


def project(folder: Path, warehouse: Warehouse, address: str, **settings: object) -> Path:
    output = {**warehouse.settings, "edge": edge(address), **settings}
    return make_project(folder, {"postgres": output})


def stored(address: str) -> int:
    return held(address)["stored"]


def test_a_role_with_the_least_rights_sends_everything_once(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    before = stored(address)
    warehouse.sell(lines(RECEIPTS))
    shop = project(tmp_path, warehouse, address)
    first, second = tillpost(shop, "run"), tillpost(shop, "run")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert stored(address) - before == KNOWN
    assert ": nothing to send" in second.stdout + second.stderr
    states = "select state, count(*) from tillpost_ledger.entries group by state order by state"
    assert warehouse.admin(states) == [("accepted", KNOWN), ("leaving", KNOWN)]
    assert "accepted" in tillpost(shop, "status").stdout
    warehouse.sell(lines(20, first=RECEIPTS))
    assert tillpost(shop, "run").returncode == 0
    assert stored(address) - before == KNOWN + 18
    shown = tillpost(shop, "show", "-s", "stg_lines", "--limit", "3").stdout
    assert "***" in shown
    assert "ustomer" not in shown


RELATION = """
create view till.meta_events as
select
    event_key, sale_key, payload_digest, dataset_id::bigint as dataset_id,
    event_time::numeric as event_time, sendable_until::numeric as sendable_until,
    payload::jsonb as payload
from tillpost.events
"""


def test_what_another_tool_builds_is_sent_once(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    before = stored(address)
    warehouse.sell(lines(40))
    shop = project(tmp_path / "shop", warehouse, address)
    assert tillpost(shop, "build").returncode == 0
    warehouse.admin(RELATION, "grant select on till.meta_events to loader")
    sender = tmp_path / "sender"
    sender.mkdir()
    (sender / "dbt_project.yml").write_text("name: sender\nprofile: tillpost\n")
    settings = warehouse.settings | {"schema": "tillpost", "relation": "till.meta_events"}
    profile = {"target": "ours", "outputs": {"ours": {**settings, "edge": edge(address)}}}
    (sender / "profiles.yml").write_text(yaml.safe_dump({"tillpost": profile}))
    first, second = tillpost(sender, "send"), tillpost(sender, "send")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert stored(address) - before == 36
    assert ": nothing to send" in second.stdout + second.stderr
    run = tillpost(sender, "run")
    assert run.returncode == 2
    assert run.stderr == (
        "error: profiles.yml tillpost.ours.relation  this target sends what another tool builds\n"
        "  try: tillpost send\n"
    )


# What a column is instead, and what is said of it; without a column it is not there.
FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no_payload": ({"payload": ""}, "it lacks: payload"),
    "nulls": ({"payload": "cast(null as varchar)"}, "36 rows: payload is null\n"),
    "the_future": ({"event_time": "event_time + 9999999"}, "36 rows: event_time lies in"),
    "one_sale": (
        {"sale_key": "cast(md5('x') as uuid)"},
        "35 rows: sale_key stands there twice\n",
    ),
    "no_key": ({"event_key": "left(event_key::text, 9)"}, "36 rows: event_key is no digest"),
}


def odd_view(name: str, changed: dict[str, str]) -> str:
    columns = {column: changed.get(column, column) for column in CONTRACT}
    chosen = ", ".join(f"{its} as {column}" for column, its in columns.items() if its)
    return f"create view till.{name} as select {chosen} from tillpost.events"


def test_a_relation_that_breaks_the_contract_is_not_sent(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    before = stored(address)
    warehouse.sell(lines(40))
    shop = project(tmp_path, warehouse, address)
    assert tillpost(shop, "build").returncode == 0
    for name, (changed, told) in FAULTS.items():
        warehouse.admin(odd_view(name, changed), f"grant select on till.{name} to loader")
        output = {**warehouse.settings, "relation": f"till.{name}", "edge": edge(address)}
        profile = {"target": "odd", "outputs": {"odd": output}}
        (shop / "profiles.yml").write_text(yaml.safe_dump({"tillpost": profile}))
        sent = tillpost(shop, "send")
        assert (sent.returncode, told in sent.stderr) == (2, True), sent.stderr
    assert stored(address) == before


MISSING = {
    "revoke select on till.lines from loader": (
        "permission denied for table lines",
        "grant select on lines to loader",
    ),
    "revoke usage on schema till from loader": (
        "permission denied for schema till",
        "grant usage on schema till to loader",
    ),
    "drop schema tillpost cascade": (
        "permission denied for database",
        "create schema tillpost authorization loader",
    ),
}


@pytest.mark.parametrize("taken", MISSING)
def test_a_missing_right_is_named_with_its_grant(
    warehouse: Warehouse, address: str, tmp_path: Path, taken: str
) -> None:
    shop = project(tmp_path, warehouse, address)
    warehouse.admin(taken)
    built = tillpost(shop, "build")
    assert built.returncode == 2
    assert [told for told in MISSING[taken] if told not in built.stderr] == []
    assert "Traceback" not in built.stderr


def test_a_type_that_does_not_map_is_told_with_its_model(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    warehouse.admin("alter table till.lines alter email type bytea using convert_to(email, 'UTF8')")
    warehouse.sell(lines(10))
    built = tillpost(project(tmp_path, warehouse, address), "build")
    assert built.returncode == 2
    assert "error: models/" in built.stderr
    assert "bytea" in built.stderr
    assert "@Example" not in built.stderr


def test_wrong_credentials_are_told_without_the_password(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    wrong = {"user": "nobody", "password": "hunter2-secret"}
    shop = project(tmp_path / "wrong", warehouse, address, **wrong)
    built = tillpost(shop, "build")
    assert built.returncode == 2
    assert "nobody" in built.stderr
    assert "hunter2" not in built.stdout + built.stderr
    nowhere = project(tmp_path / "nowhere", warehouse, address, host="127.0.0.1", port=1)
    assert tillpost(nowhere, "build").returncode == 4


def test_a_source_that_is_a_file_is_refused(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    shop = project(tmp_path, warehouse, address)
    sources = shop / "models" / "sources.yml"
    text = sources.read_text().replace(
        "time_zone:", "external_location: read_csv('x.csv')\n      time_zone:"
    )
    sources.write_text(text)
    built = tillpost(shop, "build")
    assert built.returncode == 2
    assert "till.lines  only DuckDB reads files" in built.stderr


def test_a_connection_that_is_lost_loses_nothing(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    before = stored(address)
    warehouse.sell(lines(RECEIPTS))
    with recorder_before(address) as recorder:
        shop = project(tmp_path, warehouse, recorder.address)
        assert tillpost(shop, "build").returncode == 0
        profile = yaml.safe_load((shop / "profiles.yml").read_text())
        profile["tillpost"]["outputs"]["postgres"]["edge"] |= {"batch_size": 10, "max_in_flight": 1}
        (shop / "profiles.yml").write_text(yaml.safe_dump(profile))
        recorder.seconds = 0.1
        with subprocess.Popen(
            [*TILLPOST, "send"], cwd=shop, stderr=subprocess.PIPE, text=True
        ) as sending:
            while len(recorder.requests) < 3:
                time.sleep(0.02)
            kill = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'loader'"
            warehouse.admin(kill)
            _, said = sending.communicate(timeout=60)
        assert sending.returncode == 4, said
        assert "lost" in said
        assert "Traceback" not in said
        recorder.seconds = 0
        again = tillpost(shop, "run")
    assert again.returncode == 0, again.stderr
    assert stored(address) - before == KNOWN


def test_a_second_run_waits_or_names_the_first(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    warehouse.sell(lines(RECEIPTS))
    with recorder_before(address) as recorder:
        shop = project(tmp_path, warehouse, recorder.address)
        recorder.seconds = 2
        with subprocess.Popen([*TILLPOST, "run"], cwd=shop, stderr=subprocess.PIPE) as first:
            while not recorder.requests and first.poll() is None:
                held_by = "select 1 from pg_locks where locktype = 'advisory' and granted"
                if warehouse.admin(held_by):
                    break
                time.sleep(0.05)
            second = tillpost(shop, "send")
            third = tillpost(shop, "send", "--wait", "60")
            first.communicate(timeout=60)
    assert (first.returncode, second.returncode, third.returncode) == (0, 4, 0)
    assert "(run, process" in second.stderr


def test_the_ledger_of_another_engine_may_be_here(
    warehouse: Warehouse, address: str, tmp_path: Path
) -> None:
    before = stored(address)
    ledger = {**warehouse.settings, "schema": "tillpost_ledger"}
    output = {"type": "duckdb", "path": "build.duckdb", "ledger": ledger, "edge": edge(address)}
    shop = make_project(tmp_path, {"duckdb": output})
    with duckdb.connect(shop / "build.duckdb") as connection:
        connection.execute("create schema till")
        connection.execute(RAW)
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(
            f"insert into till.lines values ({marks})", [list(row) for row in lines(50)]
        )
    first, second = tillpost(shop, "run"), tillpost(shop, "run")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert stored(address) - before == 45
    assert ": nothing to send" in second.stdout + second.stderr
    counted = "select count(distinct event_key) from tillpost_ledger.entries"
    assert warehouse.admin(counted) == [(45,)]
    assert not list(shop.glob("*ledger*"))
    assert not list(shop.glob(".tillpost/runs/*/*.csv"))
    profile = yaml.safe_load((shop / "profiles.yml").read_text())
    profile["tillpost"]["outputs"]["duckdb"]["ledger"]["hots"] = "db"
    (shop / "profiles.yml").write_text(yaml.safe_dump(profile))
    wrong = tillpost(shop, "build")
    assert wrong.returncode == 2
    assert '"ledger" elsewhere is of type postgres' in wrong.stderr
