"""`tillpost plan`: what would go and what would not, and sending just what was planned."""

import csv
import io
import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ledger_batches import batch_of
from project_harness import LEDGER, Table, make_project, query, tillpost, write_table
from sending_harness import Recorder, held, recorder_before, sandbox, set_edge
from tillpost.ledger import Ledger
from tillpost.lock import run_lock
from tillpost.records import Answer, Batch, Outcome, Owner

TOKEN = "EAAG-secret/token+1"
HEADER = "order_id,event_time,event_name,currency,order_total,email"
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, DAY = 3600, 86_400
BUILD = ".tillpost/build.duckdb"


def line(  # noqa: PLR0913  a row's cells
    order: str,
    days: float,
    *,
    name: str = "Purchase",
    currency: str = "EUR",
    total: str = "10.00",
    email: str | None = None,
) -> str:
    moment = f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return f"{order},{moment},{name},{currency},{total},{email or f'{order}@example.com'}"


def table(lines: Mapping[str, str]) -> Table:
    text = "\n".join([HEADER, *lines.values(), ""])
    return Table(name="till.sales", files={"sales": text}, mapping={"event_name": "event_name"})


SALES = {
    "fresh-1": line("fresh-1", 1, total="10.00"),
    "fresh-2": line("fresh-2", 1, total="20.50"),
    "pounds": line("pounds", 1, currency="GBP", total="7.25"),
    "lead": line("lead", 2, name="Lead", currency="", total=""),
    "ending": line("ending", 61.5, total="33.00"),
    "old": line("old", 62.5, total="5.00"),
    "refund": line("refund", 3, total="-4.00"),
    "strange": line("strange", 3, currency="someone@example.com", total="1.00"),
    "accepted": line("accepted", 9, total="100.00"),
    "changed": line("changed", 9, total="200.00"),
    "again": line("again", 9, total="300.00"),
    "uncertain": line("uncertain", 9, total="400.00"),
    "held": line("held", 9, total="500.00"),
    "refused": line("refused", 9, total="600.00"),
}
EDITED = {
    "changed": line("changed", 9, total="201.00"),
    "uncertain": line("uncertain", 9, total="401.00"),
}
GOING = {"EUR": 10.00 + 20.50 + 33.00 + 300.00, "GBP": 7.25}
BUCKETS = {
    "new": (5, {"EUR": 63.50, "GBP": 7.25}),
    "again": (1, {"EUR": 300.00}),
    "accepted": (1, {"EUR": 100.00}),
    "changed": (1, {"EUR": 201.00}),
    "uncertain": (1, {"EUR": 401.00}),
    "held": (1, {"EUR": 500.00}),
    "refused": (1, {"EUR": 600.00}),
    "rejected": (3, {"EUR": 1.00, "": 1.00}),
}
REASONS = {"too_old": 1, "refund": 1, "bad_currency": 1}


def write_history(project: Path) -> None:
    """What another week's runs left in the ledger."""
    found = _batches(project)
    clock = [NOW.timestamp() - 8 * DAY]
    with Ledger.open(project / LEDGER, clock=lambda: clock[0]) as book:
        book.start_run("then", command="run")
        book.leaving([found["held"]], run_id="then", rules_version="1")
        clock[0] = NOW.timestamp() - HOUR
        book.start_run("lately", command="run")
        for order in ("accepted", "changed", "refused", "again", "uncertain"):
            book.leaving([found[order]], run_id="lately", rules_version="1")
        outcomes = {"refused": Outcome.refused}
        answers = [
            (found[order], Answer(outcome=outcomes.get(order, Outcome.accepted)))
            for order in ("accepted", "changed", "refused")
        ]
        book.settle(answers, run_id="lately")


def _batches(project: Path) -> dict[str, Batch]:
    rows = query(
        project,
        "select order_id, verdicts.event_key, verdicts.sale_key, payload_digest"
        " from int_judged_baskets inner join int_basket_verdicts as verdicts using (basket)"
        " where payload_digest is not null",
    )
    return {
        order: batch_of(*([str(digest)] for digest in digests), number=number)
        for number, (order, *digests) in enumerate(rows)
    }


@pytest.fixture(scope="module")
def address() -> str:
    """Where nobody answers: whatever asks the network fails."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, address: str) -> Path:
    """A project with an event of each kind, built anew after some were edited."""
    project = make_project(tmp_path_factory.mktemp("plan") / "shop", [table(SALES)])
    set_edge(project, graph_url=address, access_token=TOKEN)
    assert tillpost(project, "build", "-q").returncode == 0
    write_history(project)
    write_table(project, table(SALES | EDITED))
    time.sleep(1.1)  # what is as old as a build may be younger
    return project


@pytest.fixture(scope="module")
def planned(shop: Path) -> dict[str, Any]:
    return plan_of(shop)


@pytest.fixture
def project(shop: Path, planned: dict[str, Any], tmp_path: Path) -> Path:
    """A copy with a build of its own."""
    assert planned
    return Path(shutil.copytree(shop, tmp_path / "shop"))


def plan_of(project: Path, *options: str) -> dict[str, Any]:
    done = tillpost(project, "plan", "--output", "json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_it_counts_and_sums_by_bucket(planned: dict[str, Any]) -> None:
    told = {name: (it["events"], it["value"]) for name, it in planned["buckets"].items()}
    rejected = told.pop("rejected")
    assert told == {name: it for name, it in BUCKETS.items() if name != "rejected"}
    assert rejected[0] == BUCKETS["rejected"][0]
    assert {name: it["events"] for name, it in planned["reasons"].items()} == REASONS


def test_it_counts_by_dataset_name_day_and_currency(planned: dict[str, Any]) -> None:
    yesterday = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    found = {
        (each["dataset_id"], each["event_name"], each["day"], each["currency"]): (
            each["events"],
            each["source_rows"],
            each["value"],
        )
        for each in planned["groups"]
        if each["bucket"] == "new"
    }
    assert found[("1234567890123456", "Purchase", yesterday, "EUR")] == (2, 2, 30.50)
    assert found[("1234567890123456", "Purchase", yesterday, "GBP")] == (1, 1, 7.25)
    leads = [key for key in found if key[1] == "Lead"]
    assert [found[key] for key in leads] == [(1, 1, None)]


def test_every_sale_is_in_one_group(planned: dict[str, Any]) -> None:
    assert sum(each["events"] for each in planned["groups"]) == len(SALES)
    going = planned["going"]
    assert (going["events"], going["value"]) == (6, GOING)


@pytest.mark.parametrize(("option", "expiring"), [("6h", 0), ("1d", 1), ("24", 1), ("30m", 0)])
def test_what_expires_before_the_next_run_is_told(
    shop: Path, planned: dict[str, Any], option: str, expiring: int
) -> None:
    assert planned
    going = plan_of(shop, "--no-build", "--next-run", option)["going"]
    assert going["expiring"] == expiring
    assert going["expiring_value"] == ({"EUR": 33.00} if expiring else {})


def test_the_project_says_when_the_next_run_is(shop: Path, planned: dict[str, Any]) -> None:
    assert planned
    told = plan_of(shop, "--no-build", "--vars", "{next_run: 6h}")
    as_of, next_run = (datetime.fromisoformat(told[name]) for name in ("as_of", "next_run"))
    assert next_run - as_of == timedelta(hours=6)
    default = datetime.fromisoformat(planned["next_run"]) - datetime.fromisoformat(planned["as_of"])
    assert default == timedelta(hours=24)


def test_it_asks_no_network_and_tells_no_secret(shop: Path, planned: dict[str, Any]) -> None:
    assert planned
    said = tillpost(shop, "plan", "--no-build")
    assert (said.returncode, said.stderr) == (0, "")
    assert "6 events would be sent: 363.50 EUR, 7.25 GBP" in said.stdout
    assert "only now: 1 expire before" in said.stdout
    assert TOKEN not in said.stdout
    assert "someone@example.com" not in said.stdout + json.dumps(planned)


def test_its_outputs_agree(shop: Path, planned: dict[str, Any], tmp_path: Path) -> None:
    said = tillpost(shop, "plan", "--no-build", "--output", "csv")
    lines = list(csv.DictReader(io.StringIO(said.stdout)))
    groups = [
        {name: "" if it is None else str(it) for name, it in each.items()}
        for each in planned["groups"]
    ]
    assert lines == groups
    file = tmp_path / "plan.parquet"
    assert tillpost(shop, "plan", "--output", "parquet", "--file", str(file)).returncode == 0
    rows = duckdb.sql(f"select bucket, sum(events) from '{file}' group by bucket").fetchall()
    assert dict(rows) == {name: count for name, (count, _) in BUCKETS.items()}
    (kind,) = duckdb.sql(f"select typeof(day) from '{file}' limit 1").fetchall()
    assert kind == ("DATE",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--output", "parquet"), "--file"),
        (("--next-run", "soon"), "90m, 6h or 1d"),
        (("--save", "no-such-folder/plan.json"), "no-such-folder"),
    ],
)
def test_what_cannot_be_asked_is_told(
    shop: Path, planned: dict[str, Any], options: tuple[str, ...], message: str
) -> None:
    assert planned
    said = tillpost(shop, "plan", "--no-build", *options)
    assert said.returncode == 2
    assert message in said.stderr
    assert "Traceback" not in said.stderr


def changed_source(project: Path) -> tuple[str, ...]:
    write_table(project, table(SALES | EDITED | {"more": line("more", 1)}))
    return ()


def changed_model(project: Path) -> tuple[str, ...]:
    file = project / "models/final/events.sql"
    file.write_text(file.read_text() + "    and verdicts.event_key is not null\n")
    return ()


def changed_test(project: Path) -> tuple[str, ...]:
    (project / "tests/sql/never.sql").write_text("select 1 as bad where false\n")
    return ()


def changed_variables(_: Path) -> tuple[str, ...]:
    return ("--vars", "{lookback: 30}")


def changed_ledger(project: Path) -> tuple[str, ...]:
    words = ("ledger", "resolve", "--assume", "lost", "--order", "held")
    assert tillpost(project, *words).returncode == 0
    return ()


def test_it_builds_only_where_something_has_changed(project: Path) -> None:
    time.sleep(1.1)  # what is as old as a build may be younger
    assert plan_of(project)["is_new_build"]
    assert not plan_of(project)["is_new_build"]
    # the last one is a word on the command line, and gone with it
    for change in (changed_source, changed_model, changed_test, changed_ledger, changed_variables):
        assert plan_of(project, *change(project))["is_new_build"], change.__name__


@pytest.mark.parametrize(
    ("location", "is_known"),
    [
        ("read_parquet(['data/1.parquet', 'data/2.parquet'], filename = true)", True),
        ("(select *, 'data/1.parquet' as filename from read_parquet('data/2.parquet'))", False),
    ],
)
def test_it_looks_at_every_file_that_a_source_reads(
    project: Path, location: str, *, is_known: bool
) -> None:
    def write(name: str) -> None:
        rows = f"select * from read_csv('{project}/data/till.sales/sales.csv', all_varchar = true)"
        duckdb.sql(f"copy ({rows}) to '{project}/data/{name}.parquet'")

    write("1")
    write("2")
    file = project / "models" / "sources.yml"
    sources = yaml.safe_load(file.read_text())
    sources["sources"][0]["tables"][0]["meta"]["external_location"] = location
    file.write_text(yaml.safe_dump(sources))
    time.sleep(1.1)  # what is as old as a build may be younger
    assert plan_of(project)["is_new_build"]
    assert plan_of(project)["is_new_build"] is not is_known
    write("2")
    assert plan_of(project)["is_new_build"]


def test_a_failed_test_stops_a_plan_as_it_stops_a_run(project: Path) -> None:
    (project / "tests/sql/always.sql").write_text("select 1 as bad\n")
    said = tillpost(project, "plan")
    assert (said.returncode, said.stdout) == (1, "")
    assert "1 of" in said.stderr
    assert tillpost(project, "plan", "--no-build").returncode == 2


def test_another_run_is_waited_for(project: Path) -> None:
    owner = Owner(pid=1, host="here", run_id="R1", command="run", started_at="now")
    with run_lock(project / LEDGER, owner=owner, wait=0):
        said = tillpost(project, "plan", "--no-build")
    assert said.returncode == 4
    assert "run R1" in said.stderr


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with sandbox(good_token=TOKEN) as place, recorder_before(place) as recorder:
        yield recorder


def test_payloads_are_what_leaves_byte_for_byte(project: Path, recorder: Recorder) -> None:
    set_edge(project, graph_url=recorder.address, partner_agent="shop-1", batch_size=2)
    shown = tillpost(project, "plan", "--no-build", "--payload", "2")
    assert (shown.returncode, shown.stderr, recorder.requests) == (0, "", [])
    bodies = [body.encode() for body in shown.stdout.splitlines()]
    assert len(bodies) == 2
    assert TOKEN not in shown.stdout
    assert tillpost(project, "send").returncode == 0
    (tag,) = {request.body["upload_tag"] for request in recorder.requests}
    (planned_tag,) = {json.loads(body)["upload_tag"] for body in bodies}
    left = {request.content for request in recorder.requests}
    assert {body.replace(planned_tag.encode(), tag.encode()) for body in bodies} < left


@pytest.fixture(scope="module")
def with_plan(
    shop: Path, planned: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    assert planned
    copy = Path(shutil.copytree(shop, tmp_path_factory.mktemp("saved") / "shop"))
    save(copy)
    return copy


@pytest.fixture
def saved(with_plan: Path, tmp_path: Path) -> Path:
    """A saved plan, in a copy of the project that it was saved in."""
    return Path(shutil.copytree(with_plan, tmp_path / "shop")) / "plan.json"


def save(project: Path) -> Path:
    file = project / "plan.json"
    said = tillpost(project, "plan", "--no-build", "--save", str(file))
    assert (said.returncode, said.stderr) == (0, "")
    return file


def digest(file: Path) -> str:
    return str(json.loads(file.read_text())["digest"])


def sent(saved: Path, recorder: Recorder) -> tuple[int, str, str]:
    set_edge(saved.parent, graph_url=recorder.address)
    done = tillpost(saved.parent, "send", "--plan", str(saved))
    return done.returncode, done.stdout, done.stderr


def test_a_saved_plan_is_sent_as_it_is(saved: Path, recorder: Recorder) -> None:
    code, out, err = sent(saved, recorder)
    assert (code, err) == (0, "")
    assert held(recorder.sandbox)["stored"] == 6
    assert "of the plan" not in out
    code, out, err = sent(saved, recorder)
    assert (code, err) == (0, "")
    assert "of the plan, 6 events were accepted since" in out
    assert held(recorder.sandbox) == {"stored": 6, "duplicates": 0, "refused_requests": 0}


def test_its_digest_knows_no_order(saved: Path) -> None:
    project, before = saved.parent, digest(saved)
    backwards = dict(reversed((SALES | EDITED).items()))
    write_table(project, table(backwards))
    assert tillpost(project, "build", "-q").returncode == 0
    assert digest(save(project)) == before
    write_table(project, table(backwards | {"pounds": line("pounds", 1, currency="GBP")}))
    assert tillpost(project, "build", "-q").returncode == 0
    assert digest(save(project)) != before


def test_what_has_expired_since_is_told_and_the_rest_goes(saved: Path, recorder: Recorder) -> None:
    with duckdb.connect(saved.parent / BUILD) as connection:
        for relation in ("int_basket_verdicts", "planned_events"):
            soon = int(time.time()) + 60  # sooner than a request may be under way
            connection.execute(
                f"update {relation} set sendable_until = {soon} where sendable_until < {soon + DAY}"
            )
    code, out, err = sent(saved, recorder)
    assert (code, err) == (0, "")
    assert "of the plan, 1 events have expired since" in out
    assert held(recorder.sandbox)["stored"] == 5


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"fresh-1": line("fresh-1", 1, total="10.01")}, "1 events have another payload"),
        ({"fresh-1": ""}, "1 events are not to be sent any more"),
        ({"more": line("more", 1)}, "1 events are new"),
    ],
    ids=["payload", "gone", "new"],
)
def test_whatever_else_has_changed_refuses(
    saved: Path, recorder: Recorder, lines: dict[str, str], message: str
) -> None:
    project = saved.parent
    remaining = {name: text for name, text in (SALES | EDITED | lines).items() if text}
    write_table(project, table(remaining))
    assert tillpost(project, "build", "-q").returncode == 0
    code, out, err = sent(saved, recorder)
    assert (code, out, recorder.requests) == (1, "", [])
    assert "what would be sent is not what was planned: nothing was sent" in err
    assert message in err
    assert tillpost(project, "status").returncode == 0


def other_rules(saved: Path) -> str:
    settings = saved.with_name("dbt_project.yml")
    text = settings.read_text()
    settings.write_text(text.replace('default_country: ""', 'default_country: "de"'))
    return "rules of normalising"


def later_plan(saved: Path) -> str:
    with duckdb.connect(saved.parent / BUILD) as connection:
        connection.execute("delete from planned_events where sendable_until > 0 and random() < 2")
    return "the build holds another plan, or none"


def edited_file(saved: Path) -> str:
    content = json.loads(saved.read_text())
    saved.write_text(json.dumps({**content, "events": content["events"] + 1}))
    return "the build holds another plan, or none"


def stale(saved: Path) -> str:
    content = json.loads(saved.read_text())
    saved.write_text(json.dumps({**content, "as_of": content["as_of"] - 7 * HOUR}))
    return "this plan is of another moment"


def other_target(saved: Path) -> str:
    content = json.loads(saved.read_text())
    saved.write_text(json.dumps({**content, "target": "meta"}))
    return "this plan was made for another project or target"


def no_plan(saved: Path) -> str:
    saved.write_text("[]")
    return "this file is no saved plan"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (other_rules, 1),
        (later_plan, 1),
        (edited_file, 1),
        (stale, 2),
        (other_target, 2),
        (no_plan, 2),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_plan_that_does_not_hold_sends_nothing(
    saved: Path, recorder: Recorder, spoil: Callable[[Path], str], code: int
) -> None:
    message = spoil(saved)
    found, out, err = sent(saved, recorder)
    assert (found, out, recorder.requests) == (code, "", [])
    assert message in err


def test_what_another_tool_built_can_be_planned(project: Path, tmp_path: Path) -> None:
    sender = tmp_path / "sender"
    sender.mkdir()
    (sender / "dbt_project.yml").write_text("name: sender\nprofile: tillpost\n")
    profile = yaml.safe_load((project / "profiles.yml").read_text())
    output = profile["tillpost"]["outputs"]["tests"]
    output |= {"path": str(project / BUILD), "relation": "main.events"}
    (sender / "profiles.yml").write_text(yaml.safe_dump(profile))
    told = plan_of(sender)
    assert told["buckets"] == {"new": {"events": 6, "value": {}}}
    assert (told["build"], told["is_new_build"]) == (None, False)
    assert tillpost(sender, "plan").returncode == 0


def test_the_token_is_in_no_file_of_a_plan(saved: Path) -> None:
    project = saved.parent
    written = [saved, *(path for path in (project / ".tillpost").rglob("*") if path.is_file())]
    assert [path.name for path in written if TOKEN.encode() in path.read_bytes()] == []
    with closing(duckdb.connect(project / BUILD, read_only=True)) as connection:
        columns = connection.execute("describe planned_events").fetchall()
    assert [name for name, *_ in columns] == ["event_key", "payload_digest", "sendable_until"]
