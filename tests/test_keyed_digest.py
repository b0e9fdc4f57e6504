"""Order ids that are personal: digested with the project's own key, which stands nowhere."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest
import yaml

import command_server
from canary_search import Canary, search
from engine_probes import postgres_server
from project_harness import Table, make_project, query
from sending_harness import Recorder, held, ledger, recorder_before, sandbox
from tillpost.ledger import Ledger
from tillpost.project.digest_key import fingerprint, keyed_digest, session_key
from warehouse_project import COLUMNS, RAW, edge
from warehouse_project import make_project as make_warehouse

SECRET, ANOTHER = "correct horse ä battery", "another horse and battery"
SOLD_AT = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
NUMBERS = ("0171-7471147", " 0171-8471148 ", "0171-9471149")
CUSTOMER = "jane.doe@example.com,Jane,Doe,10115,de"
ROWS = "".join(f"{number},{SOLD_AT},10.00,EUR,{CUSTOMER},1\n" for number in NUMBERS)
TILLS = Table(
    name="tills.lines",
    files={
        "a": "order_no,event_time,line_total,currency,email,fn,ln,zip,country,line_no\n"
        f"{ROWS},{SOLD_AT},11.00,XXQ,{CUSTOMER},1\n"
    },
    meta={"line_key": ["order_no", "line_no"]},
    mapping={
        "order_id": "{{ keyed_digest('order_no') }}",
        "line_key": "{{ keyed_digest(key('tills.lines', 'line_key')) }}",
    },
)
STAGING = "models/staging/stg_tills_lines.sql"
ENV_VAR = "{{ env_var('TILLPOST_DIGEST_KEY', '') }}"


def digest_of(number: str, secret: str = SECRET) -> str:
    """What docs/privacy.md says that it is, by Python's own means."""

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    key = sha(f"tillpost digest_key\x1f{secret}")
    inner = sha(f"{key}\x1f{number.strip()}")
    return sha(f"{key}\x1f{inner}")[:32]


def run(project: Path, *words: str, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
    """A command as a user types it, with this key in the environment."""
    environ = {**os.environ, "TILLPOST_DIGEST_KEY": secret}
    return command_server.run(*words, cwd=project, environ=environ)


def tag(project: Path, column: str) -> None:
    """Call a column of the first source personal."""
    path = project / "models/sources.yml"
    content = yaml.safe_load(path.read_text())
    columns = content["sources"][0]["tables"][0]["columns"]
    columns.append({"name": column, "meta": {"pii": "external_id"}})
    path.write_text(yaml.safe_dump(content))


def set_output(project: Path, **settings: object) -> None:
    path = project / "profiles.yml"
    content = yaml.safe_load(path.read_text())
    for output in content["tillpost"]["outputs"].values():
        output.update(settings)
    path.write_text(yaml.safe_dump(content))


def edit(project: Path, path: str, *, standing: str, by: str) -> None:
    text = (project / path).read_text()
    assert standing in text
    (project / path).write_text(text.replace(standing, by))


def new_shop(folder: Path, *, edge_url: str = "http://127.0.0.1:1") -> Path:
    shop = make_project(folder, [TILLS], edge_url=edge_url)
    tag(shop, "order_no")
    set_output(shop, digest_key=ENV_VAR)
    return shop


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return new_shop(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was built, and is not changed."""
    shop = new_shop(tmp_path_factory.mktemp("built"))
    said = run(shop, "build", "-q")
    assert (said.returncode, said.stderr) == (0, "")
    return shop


def test_an_id_is_digested_and_null_stays_null(built: Path) -> None:
    found = query(built, "select distinct order_id from int_judged_baskets order by order_id")
    assert found == [*((each,) for each in sorted(map(digest_of, NUMBERS))), (None,)]


def test_it_is_proved_and_told(built: Path) -> None:
    proof = json.loads(run(built, "proof", "--output", "json").stdout)
    (field,) = [each for each in proof["payload"] if each["field"] == "custom_data.order_id"]
    (way,) = field["ways"]
    assert (way["source"], way["form"]) == ("tills.lines.order_no", "keyed")
    words = run(built, "proof").stdout
    assert "digested with the project's key by keyed_digest" in words
    assert "digests with the project's key" in words
    assert "digested with the project" in run(built, "proof", "--output", "html").stdout


@pytest.mark.parametrize(
    "written",
    ["cast(order_no as varchar)", "{{ digest16('order_no') }}", "{{ sha256_hex('order_no') }}"],
)
def test_without_the_key_it_is_no_digest(shop: Path, written: str) -> None:
    edit(shop, STAGING, standing="{{ keyed_digest('order_no') }}", by=written)
    said = run(shop, "compile")
    assert said.returncode == 2
    assert "← tills.lines.order_no (pii: external_id)" in said.stderr


def test_the_key_of_a_row_is_personal_too(shop: Path) -> None:
    written = "key('tills.lines', 'line_key')"
    edit(shop, STAGING, standing=f"keyed_digest({written})", by=written)
    assert "line_key ← tills.lines.order_no" in run(shop, "compile").stderr


@pytest.mark.parametrize(
    "written",
    ["getvariable('tillpost_digest_key')", "(select value from duckdb_variables())"],
)
def test_no_model_takes_the_key_itself(shop: Path, written: str) -> None:
    edit(shop, STAGING, standing="{{ unmapped('item_id') }}", by=f"{written} as item_id")
    assert run(shop, "build", "-q").returncode == 2


def test_no_test_and_no_look_takes_the_key_itself(shop: Path) -> None:
    take = "select getvariable('tillpost_digest_key') as key from {{ ref('events') }}"
    (shop / "tests/sql/taken.sql").write_text(take)
    for words in (("build", "-q"), ("show", "-s", "taken")):
        said = run(shop, *words)
        assert said.returncode == 2
        assert "reaches beyond the project" in said.stderr


def test_staging_can_be_looked_at(built: Path) -> None:
    said = run(built, "show", "-s", "stg_tills_lines")
    assert said.returncode == 0
    assert not any(number.strip() in said.stdout for number in NUMBERS)


@pytest.mark.parametrize("command", ["build", "run"])
def test_without_a_key_nothing_is_built(shop: Path, command: str) -> None:
    said = run(shop, command, "-q", secret="")
    assert said.returncode == 2
    assert said.stderr == (
        f"error: {STAGING}:1  keyed_digest has no key\n"
        "  profiles.yml tillpost.tests has no digest_key, and without one anybody could make the"
        " same digest\n"
        "  try: digest_key: \"{{ env_var('TILLPOST_DIGEST_KEY') }}\" beside type: docs/privacy.md\n"
    )
    assert not (shop / ".tillpost" / "build.duckdb").exists()
    assert run(shop, "compile", secret="").returncode == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"digest_key": "{{ env_var('TILLPOST_DIGEST_KEY') }}"}, "shorter than 16 characters"),
        ({"digest_key": SECRET}, "others on this machine may read a file with a secret"),
        ({"digest_key_file": "key"}, "chmod 600"),
        ({"digest_key_file": "key", "digest_key": ENV_VAR}, "which one is it?"),
        ({"digest_key_command": ["cat", "key"]}, "may not run a command"),
    ],
    ids=["short", "in the profile", "open", "two", "command"],
)
def test_a_key_is_a_secret(shop: Path, settings: dict[str, object], words: str) -> None:
    (shop / "key").write_text(SECRET)
    (shop / "key").chmod(0o644)
    content = yaml.safe_load((shop / "profiles.yml").read_text())
    output = content["tillpost"]["outputs"]["tests"]
    del output["digest_key"]
    output.update(settings)
    (shop / "profiles.yml").write_text(yaml.safe_dump(content))
    (shop / "profiles.yml").chmod(0o644)
    said = run(shop, "build", "-q", secret="short")
    assert said.returncode == 2
    assert words in said.stderr
    assert SECRET not in said.stderr


def test_a_key_comes_from_a_file_and_no_model_reads_its_variable(shop: Path) -> None:
    (shop / "key").write_text(SECRET)
    (shop / "key").chmod(0o600)
    set_output(shop, digest_key="", digest_key_file="key")
    assert run(shop, "build", "-q", secret="").returncode == 0
    assert (digest_of(NUMBERS[0]),) in query(shop, "select order_id from int_judged_baskets")
    set_output(shop, digest_key="{{ env_var('PLAIN', '') }}")
    edit(
        shop,
        STAGING,
        standing="{{ unmapped('item_id') }}",
        by="'{{ env_var(\"PLAIN\") }}' as item_id",
    )
    assert "is a secret: only the profile may read it" in run(shop, "compile").stderr


def test_the_key_stands_nowhere(tmp_path: Path) -> None:
    with sandbox() as address:
        shop = new_shop(tmp_path, edge_url=address)
        said = [run(shop, *words) for words in (("run",), ("why", NUMBERS[0]), ("status",))]
        said.append(run(shop, "ledger", "forget", NUMBERS[0]))
        said.append(run(shop, "show", "-s", "stg_tills_lines"))
    assert [each.returncode for each in said] == [0] * 5
    keys = _canaries()
    assert search(keys, shop) == {}
    spoken = "".join(each.stdout + each.stderr for each in said)
    assert [text for text in _keys().values() if text in spoken] == []


def _canaries() -> list[Canary]:
    return [Canary(name=name, spellings=(text,)) for name, text in _keys().items()]


def _keys() -> dict[str, str]:
    return {"secret": SECRET, "session": session_key(SECRET, where="the test")}


@pytest.fixture(scope="module")
def sold_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Recorder]]:
    """A shop whose sales went, and what they went through; nothing more ever goes there."""
    with sandbox() as behind, recorder_before(behind) as recorder:
        shop = new_shop(tmp_path_factory.mktemp("sold"), edge_url=recorder.address)
        assert run(shop, "run", "-q").returncode == 0
        yield shop, recorder


@pytest.fixture
def sold(sold_once: tuple[Path, Recorder], tmp_path: Path) -> tuple[Path, str]:
    """A copy of it, to go on with, and where its sales are."""
    shop, recorder = sold_once
    return shutil.copytree(shop, tmp_path / "sold"), recorder.sandbox


def test_what_leaves_has_the_digest_and_goes_once(
    sold_once: tuple[Path, Recorder], sold: tuple[Path, str]
) -> None:
    (_, recorder), (shop, _) = sold_once, sold
    assert run(shop, "run", "-q").returncode == 0
    left = [order for request in recorder.requests for order in request.orders]
    assert sorted(left) == sorted(map(digest_of, NUMBERS))
    key = session_key(SECRET, where="the test")
    assert ledger(shop, "select digest_key from ledger_schema") == [(fingerprint(key),)]


@pytest.mark.parametrize("command", ["build", "run"])
def test_another_key_is_refused(sold: tuple[Path, str], command: str) -> None:
    shop, address = sold
    said = run(shop, command, "-q", secret=ANOTHER)
    assert said.returncode == 2
    assert said.stderr == (
        f"error: {shop / 'tillpost_ledger.duckdb'}  this build digests order ids with another"
        " key, and the ledger knows them by its own\n"
        "  every order would have a new id, and be sent again\n"
        "  try: put the key back as digest_key; a new ledger in the profile starts over, and sends"
        " again all orders that can still be sent\n"
    )
    assert held(address)["stored"] == len(NUMBERS)
    assert run(shop, "run", "-q").returncode == 0


def test_no_key_where_there_was_one_is_refused(sold: tuple[Path, str]) -> None:
    shop, _ = sold
    edit(shop, STAGING, standing="{{ keyed_digest('order_no') }}", by="'7'")
    edit(shop, STAGING, standing="{{ keyed_digest(key('tills.lines', 'line_key')) }}", by="'7'")
    said = run(shop, "run", "-q")
    assert said.returncode == 2
    assert "this build digests order ids with no key" in said.stderr


def test_a_build_of_another_key_is_not_sent(sold: tuple[Path, str]) -> None:
    shop, address = sold
    (shop / "tillpost_ledger.duckdb").rename(shop / "aside")
    assert run(shop, "build", "-q", secret=ANOTHER).returncode == 0
    (shop / "aside").rename(shop / "tillpost_ledger.duckdb")
    said = run(shop, "send", "-q")
    assert "digests order ids with another key" in said.stderr
    assert held(address)["stored"] == len(NUMBERS)


def test_a_ledger_that_knows_other_ids_takes_a_key_on_a_persons_word(
    sold: tuple[Path, str],
) -> None:
    shop, address = sold
    with duckdb.connect(shop / "tillpost_ledger.duckdb") as file:
        file.execute("update ledger_schema set digest_key = null")
    said = run(shop, "run", "-q")
    assert said.returncode == 2
    assert said.stderr == (
        f"error: {shop / 'tillpost_ledger.duckdb'}  this build digests order ids with a key that"
        " the ledger does not know yet\n"
        "  every order that it knows by another id would be sent again\n"
        "  try: see that staging takes none of them, then tillpost ledger adopt-key:"
        " docs/privacy.md\n"
    )
    spoken = [run(shop, "ledger", "adopt-key").stdout for _ in range(2)]
    assert [each.partition(" digest_key")[0] for each in spoken] == ["this", "the ledger had this"]
    assert run(shop, "run", "-q").returncode == 0
    assert held(address)["stored"] == len(NUMBERS)
    assert "another key" in run(shop, "ledger", "adopt-key", secret=ANOTHER).stderr
    assert "there is no digest_key" in run(shop, "ledger", "adopt-key", secret="").stderr


def test_without_a_key_a_look_is_told_what_lacks(built: Path) -> None:
    said = run(built, "show", "-s", "stg_tills_lines", secret="")
    assert said.returncode == 2
    assert "keyed_digest has no key" in said.stderr


def test_an_older_ledger_takes_a_key(tmp_path: Path) -> None:
    path = tmp_path / "ledger.duckdb"
    with Ledger.open(path, clock=lambda: 0.0) as book:
        book.start_run("a", command="run")
    with duckdb.connect(path) as file:
        file.execute("alter table ledger_schema drop column digest_key")
        file.execute("update ledger_schema set version = 3")
    for key in ("one", "two"):
        with Ledger.open(path, clock=lambda: 0.0) as book:
            book.keep_digest_key(key)
            book.scrub()
            assert book.digest_key() == "one"
            assert [each.run_id for each in book.runs(9)] == ["a"]


def test_a_unit_test_has_a_key_that_everybody_knows(shop: Path) -> None:
    case = {
        "name": "an id is digested",
        "model": "stg_tills_lines",
        "given": [{"input": "source('tills', 'lines')", "rows": [{"order_no": " A-1"}]}],
        "expect": {"rows": [{"order_id": keyed_digest("unit tests", "A-1")}]},
    }
    (shop / "models/staging/__unit_tests.yml").write_text(yaml.safe_dump({"unit_tests": [case]}))
    said = run(shop, "test", "--unit", "-q", "-s", "stg_tills_lines", secret="")
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_number_of_the_till_is_understood(sold: tuple[Path, str]) -> None:
    shop, _ = sold
    number, digest = NUMBERS[1], digest_of(NUMBERS[1])
    for asked in (number, number.strip(), digest):
        story = json.loads(run(shop, "why", asked, "--output", "json").stdout)
        assert [sale["order_id"] for sale in story["sales"]] == [digest]
        assert [row["row_ref"] for row in story["rows"]] == [
            "tills.lines data/tills.lines/a.csv row 2"
        ]
        assert story["digest"] == ("" if asked == digest else digest)
    assert (
        f"found by its digest with the project's key, {digest}" in run(shop, "why", number).stdout
    )
    listed = json.loads(run(shop, "ledger", "list", "--order", number, "--output", "json").stdout)
    assert [each["state"] for each in listed] == ["accepted"]


def test_a_row_that_no_model_keeps_is_found_by_its_number(shop: Path) -> None:
    edit(
        shop,
        "models/intermediate/int_numbered_sales.sql",
        standing="from named",
        by="from named where line_total <> '10.00'",
    )
    assert run(shop, "build", "-q").returncode in {0, 1}
    said = run(shop, "why", NUMBERS[0])
    assert "row 1" in said.stdout, said.stderr


def test_an_order_is_forgotten_by_the_number_of_the_till(sold: tuple[Path, str]) -> None:
    shop, address = sold
    for _ in range(2):
        said = run(shop, "ledger", "forget", NUMBERS[0])
        assert said.returncode == 0
    assert said.stdout.startswith("this order was forgotten before")
    states = ledger(shop, "select state, count(*) from singles group by state")
    assert states == [("forgotten", 1)]
    assert run(shop, "run", "-q").returncode == 0
    assert held(address)["stored"] == len(NUMBERS)


def test_spark_is_refused(shop: Path) -> None:
    content = yaml.safe_load((shop / "profiles.yml").read_text())
    outputs = content["tillpost"]["outputs"]
    outputs["spark"] = {"type": "spark", "schema": "tillpost", "digest_key": ENV_VAR}
    (shop / "profiles.yml").write_text(yaml.safe_dump(content))
    said = run(shop, "compile", "--target", "spark")
    assert said.returncode == 2
    assert f"{STAGING}  keyed_digest cannot be used in Spark" in said.stderr


@pytest.mark.slow
def test_postgres_makes_the_same_digest_and_logs_no_key(tmp_path: Path) -> None:
    with postgres_server() as server, sandbox() as address:
        shop, admin = _warehouse(tmp_path, server, address)
        with admin:
            assert run(shop, "build", "-q", secret="").returncode == 2
            said = run(shop, "run")
            assert said.returncode == 0, said.stderr
            found = admin.execute("select distinct order_id from tillpost.int_judged_baskets")
            assert sorted(found) == sorted((digest_of(number),) for number in NUMBERS)
            assert "with another key" in run(shop, "run", "-q", secret=ANOTHER).stderr
            told = run(shop, "why", NUMBERS[2])
            assert "found by its digest" in told.stdout
            assert run(shop, "ledger", "forget", NUMBERS[2]).returncode == 0
            views = "".join(
                row[0] or "" for row in admin.execute("select definition from pg_views")
            )
            admin.execute("alter table tillpost_ledger.ledger_schema drop column digest_key")
            admin.execute("update tillpost_ledger.ledger_schema set version = 3")
            older = run(shop, "run", "-q")  # it cannot say which key its events were made with
            assert (older.returncode, "ledger adopt-key" in older.stderr) == (2, True)
            assert run(shop, "ledger", "adopt-key").returncode == 0
            assert run(shop, "run", "-q").returncode == 0
        log = (Path(server.split()[0].removeprefix("host=")) / "log").read_text()
        assert "set_config" in log  # statements and their parameters are there
        written = log + views + said.stdout + said.stderr + told.stdout
        assert [name for name, text in _keys().items() if text in written] == []
    assert search(_canaries(), shop) == {}


def _warehouse(folder: Path, server: str, address: str) -> tuple[Path, psycopg.Connection]:
    """A project over a table in PostgreSQL, whose log has every statement; its administrator."""
    admin = psycopg.connect(server, autocommit=True)
    admin.execute("alter system set log_statement = 'all'")
    admin.execute("select pg_reload_conf()")
    admin.execute("create schema till")
    admin.execute(RAW.encode())
    values = dict(zip(("receipt", "sold_at"), ("", SOLD_AT), strict=True))
    values |= {"line_no": "1", "total": "10.00", "currency": "EUR", "email": "jane@example.com"}
    for number in NUMBERS:
        row = [number if name == "receipt" else values.get(name) for name in COLUMNS]
        admin.execute(
            f"insert into till.lines values ({', '.join(['%s'] * len(row))})".encode(), row
        )
    output = {
        "type": "postgres",
        "host": server.split(maxsplit=1)[0].removeprefix("host="),
        "user": "postgres",
        "dbname": "postgres",
        "schema": "tillpost",
        "digest_key": ENV_VAR,
        "edge": edge(address),
    }
    shop = make_warehouse(folder, {"tests": output})
    tag(shop, "receipt")
    staging = "models/staging/stg_lines.sql"
    edit(
        shop,
        staging,
        standing="receipt as order_id",
        by="{{ keyed_digest('receipt') }} as order_id",
    )
    for key in ("row_key", "line_key"):
        written = f"key('till.lines', '{key}')"
        edit(shop, staging, standing=written, by=f"keyed_digest({written})")
    return shop, admin
