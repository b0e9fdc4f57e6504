"""`tillpost ledger` as a user types it, on a project that was built and sent from."""

import json
import shutil
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml

from engine_probes import postgres_server
from ledger_batches import batch_of, event_keys, sale_keys
from project_harness import LEDGER, Table, make_project, query, tillpost
from tillpost.ledger import Ledger
from tillpost.records import Answer, Batch, Fault, Outcome

DAY = 86_400
ORDERS = ("accepted", "refused", "unanswered", "held", "overdue", "new")
STATES = {
    "accepted": "accepted",
    "refused": "refused",
    "unanswered": "uncertain",
    "held": "held",
    "overdue": "held",
}
WORDS = "Invalid parameter: a very long message of Meta that no table has the room to show whole"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose orders are called by what became of them."""
    now = datetime.now(UTC)
    rows = ["order_id,event_time,currency,order_total,email"]
    for number, order in enumerate(ORDERS):
        moment = f"{now - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"
        rows.append(f"{order},{moment},EUR,5.00,customer{number}@example.com")
    table = Table(name="till.sales", files={"sales": "\n".join([*rows, ""])})
    project = make_project(tmp_path_factory.mktemp("sent"), [table])
    build(project)
    write_history(project, now=now.timestamp())
    build(project)
    return project


def build(project: Path) -> None:
    done = tillpost(project, "build", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


def batches(project: Path) -> dict[str, Batch]:
    columns = "event_key, sale_key, payload_digest, order_id"
    sql = f"select {columns} from int_judged_baskets inner join int_basket_verdicts using (basket)"
    rows = query(project, sql.replace("sale_key", "int_basket_verdicts.sale_key"))
    return {
        order: batch_of(
            [str(event)],
            [str(sale)],
            [str(digest or event)],
            number=number,
            dataset_id="1234567890123456",
        )
        for number, (event, sale, digest, order) in enumerate(rows, 1)
    }


def write_history(project: Path, *, now: float) -> None:
    left = batches(project)
    moment = now - 8 * DAY

    with Ledger.open(project / LEDGER, clock=lambda: moment) as ledger:
        ledger.start_run("first", command="send")
        for order in ("held", "overdue"):
            ledger.leaving([left[order]], run_id="first", rules_version="1")
        ledger.hold(before=moment, run_id="first")
    with duckdb.connect(project / LEDGER) as file:
        key = event_keys(left["overdue"].events)[0]
        file.execute("delete from singles where state = 'held' and event_key = ?", [key])
    moment = now - DAY
    with Ledger.open(project / LEDGER, clock=lambda: moment) as ledger:
        ledger.start_run("second", command="send")
        group = [left[order] for order in ("accepted", "refused", "unanswered")]
        ledger.leaving(group, run_id="second", rules_version="1")
        refused = Answer(
            outcome=Outcome.refused,
            fault=Fault.event,
            code=100,
            subcode=2804019,
            message=WORDS,
            fbtrace_id="Trace-1",
        )
        answers = [Answer(outcome=Outcome.accepted), refused, Answer(outcome=Outcome.uncertain)]
        pairs = list(zip(group, answers, strict=True))
        ledger.settle(pairs, run_id="second")


@pytest.fixture
def project(sent: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sent, tmp_path / "project")


def said(project: Path, *words: str) -> str:
    done = tillpost(project, "ledger", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(project: Path, *words: str) -> str:
    done = tillpost(project, "ledger", *words)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def listed(project: Path, *words: str) -> dict[str, str]:
    """States by order."""
    names = {event_keys(batch.events)[0]: order for order, batch in batches(project).items()}
    entries = json.loads(said(project, "list", "--output", "json", *words))
    return {names.get(entry["event_key"], "?"): entry["state"] for entry in entries}


def buckets(project: Path) -> dict[str, str]:
    sql = (
        "select order_id, bucket from int_judged_baskets"
        " inner join int_basket_verdicts using (basket)"
    )
    return dict(query(project, sql))


def test_the_newest_state_of_each_event_is_listed(sent: Path) -> None:
    assert listed(sent) == STATES
    assert listed(sent, "--state", "held") == {"held": "held", "overdue": "held"}
    assert listed(sent, "--order", " refused ") == {"refused": "refused"}
    assert listed(sent, "--order", "new") == {}
    assert listed(sent, "--run", "first") == {"held": "held", "overdue": "held"}
    assert len(listed(sent, "--limit", "2")) == 2


def test_each_form_of_the_list_tells_of_a_refusal(sent: Path) -> None:
    table = said(sent, "list", "--state", "refused")
    assert "100/2804019" in table
    assert f"{WORDS[:59]}…" in table
    ((entry),) = json.loads(said(sent, "list", "--state", "refused", "--output", "json"))
    assert (entry["code"], entry["subcode"], entry["message"]) == (100, 2804019, WORDS)
    assert (entry["fbtrace_id"], entry["run_id"]) == ("Trace-1", "second")
    header, row = said(sent, "list", "--state", "refused", "--output", "csv").splitlines()
    assert header.startswith("event_key,sale_key,dataset_id,state,first_left_at,written_at,run_id")
    assert WORDS in row
    assert said(sent, "list", "--state", "expired") == "no such event\n"


def test_a_list_without_a_ledger_makes_none(project: Path) -> None:
    (project / LEDGER).unlink()
    assert "there is no ledger yet" in refused(project, "list")
    assert not (project / LEDGER).exists()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_ledger_is_carried_to_another_machine(
    project: Path, sent: Path, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"entries.{suffix}"
    assert said(project, "export", str(file)) == f"8 entries written to {file.name}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "is not overwritten" in refused(project, "export", str(file))
    assert sorted(each.name for each in tmp_path.iterdir()) == [file.name, "project"]
    (project / LEDGER).unlink()
    assert said(project, "import", str(file)) == "8 of 8 entries were new\n"
    assert listed(project) == listed(sent)
    assert said(project, "import", str(file)) == "0 of 8 entries were new\n"
    sql = "select * exclude (day, entry) from entries order by entry"  # those are of the writing
    assert rows(project, sql) == rows(sent, sql)


def rows(project: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(project / LEDGER, read_only=True) as file:
        return file.execute(sql).fetchall()


def test_all_that_is_wrong_with_a_file_is_told_at_once(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    said(project, "export", str(file))
    header, first, *others = file.read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    cells |= {"event_key": "anna@example.com", "state": "sent", "run_id": ""}
    names = [name for name in cells if name != "batch"]
    lines = [",".join([*names, "note"]), ",".join([*(cells[name] for name in names), "x"])]
    file.write_text("\n".join([*lines, ""]))
    told = refused(project, "import", str(file))
    assert told.count("error:") == 5
    for words in ("lacks the column batch", "no ledger has: note", "event_key is no uuid"):
        assert words in told
    assert "state is none that a ledger knows" in told
    assert "run_id is empty" in told
    assert "anna" not in told
    (tmp_path / "entries.parquet").write_text("no parquet")
    assert "cannot be read" in refused(project, "import", str(tmp_path / "entries.parquet"))
    assert "no such file" in refused(project, "import", "missing.csv")
    assert ".parquet or .csv" in refused(project, "export", "entries.xlsx")
    assert others


def test_a_person_says_what_became_of_unanswered_ones(project: Path) -> None:
    assert "no event was chosen" in refused(project, "resolve", "--assume", "lost")
    assert "both be meant" in refused(
        project, "resolve", "--assume", "lost", "--all", "--order", "held"
    )
    assert "no such event is held" in refused(
        project, "resolve", "--assume", "lost", "--order", "accepted"
    )
    for command in (("resolve", "--assume", "lost", "--order", ""), ("forget", "")):
        assert "the order id is empty" in refused(project, *command)
    assert listed(project) == STATES
    told = said(project, "resolve", "--assume", "lost", "--order", "held")
    assert told.startswith("1 events count as lost")
    assert "counts them twice" in told
    key = event_keys(batches(project)["overdue"].events)[0]
    told = said(project, "resolve", "--assume", "accepted", "--event-key", key)
    assert told == "1 events count as accepted: they are not sent again\n"
    assert listed(project) == {
        "accepted": "accepted",
        "refused": "refused",
        "unanswered": "uncertain",
        "overdue": "accepted",
    }
    build(project)
    assert buckets(project)["held"] == "pending"
    assert buckets(project)["overdue"] == "accepted"
    assert said(project, "resolve", "--assume", "accepted", "--all").startswith("1 events")
    (run,) = rows(project, "select command, exit_code from runs order by rowid desc limit 1")
    assert run == ("ledger resolve", 0)


@pytest.mark.parametrize("order", ["refused", "new"])
def test_a_forgotten_order_is_never_sent(project: Path, order: str) -> None:
    key = sale_keys(batches(project)[order].events)[0]
    assert "1 events forgotten" in said(project, "forget", order)
    assert rows(
        project, f"select state, run_id, code, message from entries where sale_key = '{key}'"
    ) == [("forgotten", "", None, None)]
    assert WORDS.encode() not in (project / LEDGER).read_bytes() or order != "refused"
    assert listed(project, "--order", order) == {order: "forgotten"}
    assert "forgotten before" in said(project, "forget", order)
    build(project)
    assert buckets(project)[order] == "rejected"
    expected = {name: state for name, state in STATES.items() if name != order}
    assert {name: state for name, state in listed(project).items() if name != order} == expected


def test_an_order_that_nobody_knows_is_told(project: Path) -> None:
    before = rows(project, "select * from entries")
    told = refused(project, "forget", "O'Neill {{ 1 }} \\")
    assert "neither the ledger nor the last build knows this order" in told
    assert "Neill" not in told
    assert rows(project, "select * from entries") == before


def test_an_event_of_ones_own_is_forgotten_by_its_name(project: Path) -> None:
    shutil.rmtree(project / ".tillpost")
    left = batch_of_own()
    with Ledger.open(project / LEDGER, clock=time.time) as ledger:
        ledger.start_run("own", command="send")
        ledger.leaving([left], run_id="own", rules_version="1")
    assert "neither" in refused(project, "forget", "own")
    words = ("--event-name", "Pickup", "--item-number", "1")
    assert "1 events forgotten" in said(project, "forget", "own", *words)


def batch_of_own() -> Batch:
    with duckdb.connect() as engine:
        text = "sale\x1f77\x1fPickup\x1f1\x1fown"
        ((key,),) = engine.execute("select cast(cast(md5(?) as uuid) as text)", [text]).fetchall()
    return batch_of([key], dataset_id="77")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.mark.slow
def test_a_ledger_moves_to_postgres_and_back(project: Path, server: str, tmp_path: Path) -> None:
    path = project / "profiles.yml"
    profile = yaml.safe_load(path.read_text())
    outputs = profile["tillpost"]["outputs"]
    place = dict(part.split("=", 1) for part in server.split())
    outputs["server"] = {
        **outputs["tests"],
        "ledger": {"type": "postgres", "schema": "till", **place},
    }
    path.write_text(yaml.safe_dump(profile))
    there, back = tmp_path / "there.parquet", tmp_path / "back.csv"
    said(project, "export", str(there))
    assert said(project, "import", str(there), "-t", "server") == "8 of 8 entries were new\n"
    assert said(project, "import", str(there), "-t", "server") == "0 of 8 entries were new\n"
    assert listed(project, "-t", "server") == STATES
    assert "1 events forgotten" in said(project, "forget", "refused", "-t", "server")
    assert "1 events" in said(
        project, "resolve", "--assume", "accepted", "--order", "held", "-t", "server"
    )
    said(project, "export", str(back), "-t", "server")
    said(project, "import", str(back))
    assert listed(project) == {**STATES, "refused": "forgotten", "held": "accepted"}
