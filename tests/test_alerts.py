"""Alerts: what is told, from which point on, in which words, and that nothing shows the address."""

import json
import logging
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from alert_receiver import SECRET, Receiver, serving
from ledger_batches import batch_of
from project_harness import LEDGER, Table, build, make_project, query, tillpost
from test_delivery import Event, sender
from tillpost.errors import CheckFailed, EdgeUnreachable, UsageError
from tillpost.ledger import Ledger
from tillpost.pipeline.alert_facts import Ending, Expiring, Facts, Frequent
from tillpost.pipeline.alert_messages import Alert, Message, as_slack
from tillpost.pipeline.alerts import alert, check, find_alerts, tell
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Options, Workspace, new_run_id, open_workspace, start_run
from tillpost.project.alerts import KINDS, AlertSettings, alert_settings
from tillpost.records import Answer, Outcome

NOW = datetime.now(UTC).replace(microsecond=0)
MOMENT = 1_780_000_000
HOUR, DAY = 3_600, 86_400
SETTINGS = AlertSettings(url="https://hooks.example/x", min_value=50)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving() as found:
        yield found


def message(*alerts: Alert, project: str = "shop") -> Message:
    return Message(
        run_id="run-1", project=project, target="meta", at=MOMENT, host="box", alerts=alerts
    )


STALE = Alert(
    kind="stale_data",
    title="The newest sale is 30 hours old",
    facts={"hours": 30.0, "sources": {"till.lines": "2026-05-27T14:26:40Z"}},
)
FAILED = Alert(
    kind="failure", title="The run failed: <no> & why", facts={"exit_code": 4, "error": "a\nb"}
)


# The profile


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (None, None),
        (
            {"url": "https://hooks.example/x?sig=1"},
            AlertSettings(url="https://hooks.example/x?sig=1"),
        ),
        (
            {
                "url": "http://127.0.0.1:8/x",
                "format": "slack",
                True: ["failure"],  # a plain `on`, as YAML reads it
                "stale_after": "48",
                "refused_share": 0,
                "expires_within": 1.5,
                "min_value": 100,
            },
            AlertSettings(
                url="http://127.0.0.1:8/x",
                format="slack",
                on=("failure",),
                stale_after=48,
                refused_share=0,
                expires_within=1.5,
                min_value=100,
            ),
        ),
    ],
)
def test_a_block_is_read(block: object, expected: AlertSettings | None) -> None:
    assert alert_settings({"alerts": block}, where="here") == expected


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        f"http://hooks.example/{SECRET}",
        f"hooks.example/{SECRET}",
        f"https:///{SECRET}",
        f"https://[{SECRET}",
        f"https://hooks.example:port/{SECRET}",
        f"https://hooks.example/{SECRET}\n",
        f"http://localhost.example/{SECRET}",
    ],
)
def test_an_address_that_others_can_read_or_that_is_none(url: object) -> None:
    with pytest.raises(UsageError) as caught:
        alert_settings({"alerts": {"url": url}}, where="here")
    assert str(caught.value) == (
        'here.alerts  "url" must be an https address; http is for this machine only'
    )


def test_all_that_is_wrong_is_told_at_once() -> None:
    block = {
        "url": f"http://hooks.example/{SECRET}",
        "format": "teams",
        "on": ["failures"],
        "stale_after": 0,
        "refused_share": 1.5,
        "expires_within": "soon",
        "min_value": float("nan"),
        "stale_afer": 3,
    }
    with pytest.raises(UsageError) as caught:
        alert_settings({"alerts": block}, where="here")
    assert str(caught.value).split("\n\n") == [
        (
            'here.alerts  an alerts block has no such key: "stale_afer"\n'
            "  there are: expires_within, format, min_value, on, refused_share, stale_after, url,"
            " url_command, url_file\n"
            "  try: stale_after"
        ),
        'here.alerts  "url" must be an https address; http is for this machine only',
        'here.alerts  "format" must be json or slack',
        'here.alerts  "stale_after" must be more than 0 hours',
        'here.alerts  "refused_share" must be a share, 0 to 1',
        'here.alerts  "expires_within" must be more than 0 hours',
        'here.alerts  "min_value" must be an amount, 0 or more',
        (
            'here.alerts  there is no such alert: "failures"\n'
            "  there are: expiring_value, failure, frequent_hash, refused_share, stale_data\n"
            "  try: failure"
        ),
    ]


@pytest.mark.parametrize("kinds", [[], "failure", None, 3])
def test_on_is_a_list(kinds: object) -> None:
    with pytest.raises(UsageError, match='"on" must be a list'):
        alert_settings({"alerts": {"url": "https://hooks.example", "on": kinds}}, where="here")


def test_settings_do_not_show_the_address() -> None:
    assert SECRET not in repr(AlertSettings(url=f"https://hooks.example/{SECRET}"))


# What is told, from which point on


def ended(**counts: Any) -> Ending:  # noqa: ANN401  as the summary has them
    return Ending(now=MOMENT, summary=SendSummary(run_id="run-1", **counts))


def expiring(value: float | None, currency: str | None = "EUR") -> Expiring:
    return Expiring(currency=currency, events=2, value=value, soonest=MOMENT + HOUR)


GOOD = Ending(now=MOMENT)
SAME_DAY = Frequent(field="db", events=340, share=0.34)
LOCKED_OUT = EdgeUnreachable("the edge does not answer", fix="later")


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        (Facts(ending=GOOD), []),
        (Facts(ending=replace(GOOD, error=LOCKED_OUT)), ["failure"]),
        (Facts(ending=replace(GOOD, error=CheckFailed("a test failed"))), ["failure"]),
        (Facts(ending=replace(GOOD, error=ValueError("ada@example.com"))), ["failure"]),
        (Facts(ending=ended(pending=5, returned=5, answers=[Answer(outcome=Outcome.returned)])),
         ["failure"]),
        (Facts(ending=ended(accepted=991, refused=9)), []),
        (Facts(ending=ended(accepted=990, refused=10)), ["refused_share"]),
        (Facts(ending=ended(refused=1)), ["refused_share"]),
        (Facts(ending=ended(accepted=899, refused=101, is_broken=True)),
         ["failure", "refused_share"]),
        (Facts(ending=GOOD, newest_sales={"a": MOMENT - 26 * HOUR + 1, "b": 0}), []),
        (Facts(ending=GOOD, newest_sales={"a": MOMENT - 26 * HOUR, "b": 0}), ["stale_data"]),
        (Facts(ending=GOOD, newest_sales={}), ["stale_data"]),
        (Facts(ending=GOOD, expiring=(expiring(49.99), expiring(49.99, "USD"))), []),
        (Facts(ending=GOOD, expiring=(expiring(1), expiring(50, "USD"))), ["expiring_value"]),
        (Facts(ending=GOOD, expiring=(expiring(None, None),)), ["expiring_value"]),
        (Facts(ending=GOOD, frequent=(SAME_DAY,)), ["frequent_hash"]),
    ],
)  # fmt: skip
def test_each_kind_is_told_from_its_limit_on(facts: Facts, kinds: list[str]) -> None:
    assert [each.kind for each in find_alerts(SETTINGS, facts)] == kinds


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_asked_for_is_told(kind: str) -> None:
    facts = Facts(
        ending=replace(ended(accepted=1, refused=1), error=LOCKED_OUT),
        newest_sales={},
        expiring=(expiring(50),),
        frequent=(SAME_DAY,),
    )
    assert [each.kind for each in find_alerts(replace(SETTINGS, on=(kind,)), facts)] == [kind]


def test_no_refusal_is_no_share() -> None:
    settings = replace(SETTINGS, refused_share=0)
    assert find_alerts(settings, Facts(ending=ended(accepted=5))) == []
    assert find_alerts(settings, Facts(ending=ended(accepted=10_000, refused=1)))


def test_an_error_that_is_a_bug_does_not_show_its_words() -> None:
    (found,) = find_alerts(SETTINGS, Facts(ending=replace(GOOD, error=ValueError("ada"))))
    assert found == Alert(
        kind="failure",
        title="The run failed: ValueError",
        facts={"exit_code": 70, "error": "ValueError"},
    )


def test_what_is_told_of_each() -> None:
    refused = ended(accepted=90, refused=10, is_broken=True, refused_by={"100/2804019": 10})
    facts = Facts(
        ending=replace(refused, error=LOCKED_OUT),
        newest_sales={"till.lines": MOMENT - 30 * HOUR, "shop.orders": MOMENT - 40 * HOUR},
        expiring=(expiring(75.5), expiring(10, "USD"), expiring(None, None)),
        frequent=(SAME_DAY, Frequent(field="fn_ln", events=20, share=0.05)),
    )
    assert {each.kind: (each.title, each.facts) for each in find_alerts(SETTINGS, facts)} == {
        "failure": (
            "The run failed: the edge does not answer",
            {"exit_code": 4, "error": "the edge does not answer\n  try: later"},
        ),
        "stale_data": (
            "The newest sale is 30 hours old",
            {
                "newest_sale": "2026-05-27T14:26:40Z",
                "hours": 30.0,
                "sources": {
                    "till.lines": "2026-05-27T14:26:40Z",
                    "shop.orders": "2026-05-27T04:26:40Z",
                },
            },
        ),
        "refused_share": (
            "10.00% of the events were refused",
            {"refused": 10, "accepted": 90, "share": 0.1, "codes": {"100/2804019": 10}},
        ),
        "expiring_value": (
            "6 unsent events expire within 24 hours",
            {
                "events": 6,
                "value": {"EUR": 75.5, "USD": 10},
                "soonest": "2026-05-28T21:26:40Z",
            },
        ),
        "frequent_hash": (
            "34.00% of the events with db have the same hash",
            {"events": {"db": 340, "fn_ln": 20}, "shares": {"db": 0.34, "fn_ln": 0.05}},
        ),
    }


# How it is told


def test_json(receiver: Receiver) -> None:
    settings = AlertSettings(url=receiver.url)
    assert tell(settings, message(STALE, FAILED)) == []
    assert receiver.bodies == [
        {
            "tool": "tillpost",
            "run_id": "run-1",
            "project": "shop",
            "target": "meta",
            "host": "box",
            "at": "2026-05-28T20:26:40Z",
            "alerts": [
                {
                    "kind": "stale_data",
                    "title": "The newest sale is 30 hours old",
                    "hours": 30.0,
                    "sources": {"till.lines": "2026-05-27T14:26:40Z"},
                },
                {
                    "kind": "failure",
                    "title": "The run failed: <no> & why",
                    "exit_code": 4,
                    "error": "a\nb",
                },
            ],
        }
    ]


def test_slack(receiver: Receiver) -> None:
    settings = AlertSettings(url=receiver.url, format="slack")
    assert tell(settings, message(STALE, FAILED)) == []
    stale = (
        "*The newest sale is 30 hours old*\nhours: 30.0\nsources: till.lines 2026-05-27T14:26:40Z"
    )
    failed = "*The run failed: &lt;no&gt; &amp; why*\nexit_code: 4\nerror: a\nb"
    origin = "target meta, run run-1 on box, 2026-05-28T20:26:40Z"

    def markdown(text: str) -> dict[str, Any]:
        return {"type": "mrkdwn", "text": text, "verbatim": True}

    assert receiver.bodies == [
        {
            "text": "Tillpost: shop, 2 alerts: The newest sale is 30 hours old;"
            " The run failed: &lt;no&gt; &amp; why",
            "blocks": [
                {
                    "type": "header",
                    "text": {"type": "plain_text", "text": "Tillpost: shop, 2 alerts"},
                },
                {"type": "section", "text": markdown(stale)},
                {"type": "section", "text": markdown(failed)},
                {"type": "context", "elements": [markdown(origin)]},
            ],
        }
    ]


@pytest.mark.parametrize("shift", range(6))
def test_slack_takes_no_more_than_so_much(shift: int) -> None:
    long = " " * shift + "&" * 5_000
    told = as_slack(message(replace(FAILED, facts={"error": long}), project=long))
    header, section, _ = told["blocks"]
    for text, longest in (
        (told["text"], 3_000),
        (header["text"]["text"], 150),
        (section["text"]["text"], 3_000),
    ):
        assert longest - 5 <= len(text) <= longest
        assert text.endswith("&amp;…")


@pytest.mark.parametrize(
    ("statuses", "attempts", "reason"),
    [
        ([503, 429], 3, ""),
        ([500, 502, 503], 3, "HTTP 503"),
        ([404], 1, "HTTP 404"),
        ([400], 1, "HTTP 400"),
        ([302], 1, "HTTP 302"),
        ([204], 1, ""),
    ],
)
def test_what_may_pass_is_tried_three_times(
    receiver: Receiver, statuses: list[int], attempts: int, reason: str
) -> None:
    receiver.statuses = statuses
    warnings = tell(AlertSettings(url=receiver.url), message(STALE), first_wait=0.01)
    assert len(receiver.bodies) == attempts
    words = f"the alerts webhook did not take the message ({reason}): {STALE.title}"
    assert warnings == ([words] if reason else [])


def test_a_receiver_that_is_down_is_a_warning_only() -> None:
    with serving() as gone:
        pass
    warnings = tell(AlertSettings(url=gone.url), message(STALE), first_wait=0.01)
    assert warnings == [
        f"the alerts webhook did not take the message (ConnectError): {STALE.title}"
    ]


@pytest.mark.parametrize(
    "environ", [{"SSL_CERT_FILE": "nowhere.pem"}, {"HTTP_PROXY": f"gopher://{SECRET}"}]
)
def test_an_environment_that_is_at_fault_is_a_warning_only(
    receiver: Receiver, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    (warning,) = tell(AlertSettings(url=receiver.url), message(STALE), first_wait=0.01)
    assert warning.startswith("the alerts webhook did not take the message (")
    assert SECRET not in warning


def test_without_a_block_or_an_alert_nobody_is_told(receiver: Receiver) -> None:
    assert tell(None, message(STALE)) == []
    assert tell(AlertSettings(url=receiver.url), message()) == []
    assert receiver.bodies == []


@pytest.mark.parametrize("form", ["json", "slack"])
def test_a_check_posts_a_test(receiver: Receiver, form: str) -> None:
    settings = AlertSettings(url=receiver.url, format=form)
    said = check(settings, project="shop", target="meta", now=MOMENT)
    assert said == f"a test message went to the webhook, as {form}"
    assert "A test by tillpost debug" in json.dumps(receiver.bodies)


def test_a_check_that_fails_is_an_error_after_one_attempt(receiver: Receiver) -> None:
    receiver.statuses = [503]
    with pytest.raises(UsageError) as caught:
        check(AlertSettings(url=receiver.url), project="shop", target="meta", now=MOMENT)
    assert str(caught.value) == (
        "the alerts webhook did not take a test message\n"
        "  HTTP 503\n"
        "  try: mend alerts.url or alerts.format in the profile"
    )
    assert len(receiver.bodies) == 1


# What stands in a build


SALES = (
    # order, hours until it expires, its amount and currency
    ("accepted", 3, "1.00", "EUR"),
    ("returned", 4, "20.00", "EUR"),
    ("uncertain", 5, "300.00", "EUR"),
    ("waiting", 6, "4000.50", "USD"),
    ("later", 30, "50000.00", "EUR"),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = ["order_id,event_time,currency,order_total,email"]
    for order, hours, amount, currency in SALES:
        sold = NOW - timedelta(days=62) + timedelta(hours=hours)
        rows.append(f"{order},{sold:%Y-%m-%dT%H:%M:%SZ},{currency},{amount},{order}@example.com")
    ahead = NOW + timedelta(days=3)
    rows.append(f"ahead,{ahead:%Y-%m-%dT%H:%M:%SZ},EUR,5.00,ahead@example.com")
    folder = tmp_path_factory.mktemp("alerts") / "shop"
    make_project(folder, [Table(name="till.sales", files={"sales": "\n".join([*rows, ""])})])
    build(folder, now=NOW)
    _settle(folder)
    return folder


def _settle(project: Path) -> None:
    """Write down what a send might have come to."""
    sql = "select event_key::varchar, sale_key::varchar, payload_digest::varchar, payload"
    found = {
        json.loads(row[-1])["custom_data"]["order_id"]: row
        for row in query(project, f"{sql} from events")
    }
    outcomes = (Outcome.accepted, Outcome.returned, Outcome.uncertain)
    with Ledger.open(project / LEDGER, clock=NOW.timestamp) as ledger:
        ledger.start_run("run-1", command="run")
        for number, outcome in enumerate(outcomes, 1):
            keys = [(text,) for text in found[outcome.value][:3]]
            batch = batch_of(*keys, number=number)
            ledger.leaving([batch], run_id="run-1", rules_version="1")
            answer = Answer(outcome=outcome, received=1)
            ledger.settle([(batch, answer)], run_id="run-1")


def set_output(project: Path, **changes: object) -> None:
    path = project / "profiles.yml"
    profile = yaml.safe_load(path.read_text())
    profile["tillpost"]["outputs"]["tests"].update(changes)
    path.write_text(yaml.safe_dump(profile))


def told(project: Path, receiver: Receiver, **block: object) -> dict[str, dict[str, Any]]:
    """What is told after a run that ended well, by kind."""
    assert warnings_of(project, receiver, **block) == []
    return {each["kind"]: each for body in receiver.bodies for each in body["alerts"]}


def warnings_of(project: Path, receiver: Receiver, **block: object) -> list[str]:
    """What is said here after such a run."""
    set_output(project, alerts={"url": receiver.url, **block})
    with chdir(project):
        workspace = open_workspace(Options(project_dir=Path.cwd(), now=NOW))
        run = start_run(workspace, new_run_id(NOW), "run", manifest=None)
        warnings = alert(workspace, run, Ending(now=NOW.timestamp()))
    assert SECRET not in "".join([_written(workspace), *warnings])
    return warnings


def _written(workspace: Workspace) -> str:
    """All that lies in the run's folders, and what the values say of themselves."""
    files = (workspace.project.root / ".tillpost" / "runs").rglob("*.json")
    return "".join(path.read_text() for path in files) + repr(workspace.profile)


def shown(hours: float) -> str:
    return f"{NOW + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def test_what_expires_is_summed_by_currency_without_what_went(
    built: Path, receiver: Receiver
) -> None:
    assert told(built, receiver)["expiring_value"] == {
        "kind": "expiring_value",
        "title": "3 unsent events expire within 24 hours",
        "events": 3,
        "value": {"EUR": 320.0, "USD": 4000.5},
        "soonest": shown(4),
    }


@pytest.mark.parametrize(
    ("block", "events"),
    [
        ({"expires_within": 3.5}, None),
        ({"expires_within": 4}, 1),
        ({"expires_within": 48}, 4),
        ({"min_value": 4001}, None),
        ({"min_value": 4000.5}, 3),
        ({"on": ["stale_data"]}, None),
    ],
)
def test_what_expires_is_told_within_its_limits(
    built: Path, receiver: Receiver, block: dict[str, object], events: int | None
) -> None:
    assert told(built, receiver, **block).get("expiring_value", {}).get("events") == events


def test_a_hash_that_too_many_have_is_told_without_it(tmp_path: Path, receiver: Receiver) -> None:
    rows = ["order_id,event_time,currency,order_total,email,db"]
    rows += [
        f"o-{number},{NOW:%Y-%m-%dT%H:%M:%SZ},EUR,5.00,{number}@example.com,1999-12-31"
        for number in range(20)
    ]
    table = Table(name="till.sales", files={"sales": "\n".join([*rows, ""])})
    project = make_project(tmp_path / "shop", [table])
    build(project, now=NOW)
    assert told(project, receiver) == {
        "frequent_hash": {
            "kind": "frequent_hash",
            "title": "100.00% of the events with db have the same hash",
            "events": {"db": 20},
            "shares": {"db": 1.0},
        }
    }


def test_the_newest_sale_is_none_of_the_future(built: Path, receiver: Receiver) -> None:
    newest = shown(30 - 62 * 24)
    assert told(built, receiver)["stale_data"] == {
        "kind": "stale_data",
        "title": "The newest sale is 1,458 hours old",
        "newest_sale": newest,
        "hours": 1458.0,
        "sources": {"till.sales": newest},
    }


def test_another_tools_relation_has_counts_and_no_value(built: Path, receiver: Receiver) -> None:
    with duckdb.connect(built / ".tillpost" / "build.duckdb") as connection:
        connection.execute("create or replace table others as from events")
    set_output(built, relation="others")
    try:
        found = told(built, receiver, min_value=1_000_000)
    finally:
        set_output(built, relation="events")
    assert (found["expiring_value"]["events"], found["expiring_value"]["value"]) == (3, {})
    assert found["stale_data"]["sources"] == {"others": shown(30 - 62 * 24)}


def test_what_cannot_be_read_is_a_warning_and_not_stale(tmp_path: Path, receiver: Receiver) -> None:
    table = Table(name="till.sales", files={"sales": "order_id,event_time\n"})
    (warning,) = warnings_of(make_project(tmp_path / "shop", [table]), receiver)
    assert warning.startswith("alerts about the data were not looked for: ")
    assert receiver.bodies == []


def test_a_run_that_did_not_begin_is_told(built: Path, receiver: Receiver) -> None:
    set_output(built, alerts={"url": receiver.url})
    with chdir(built):
        workspace = open_workspace(Options(project_dir=Path.cwd(), now=NOW))
        assert alert(workspace, None, Ending(now=MOMENT, error=LOCKED_OUT)) == []
    (body,) = receiver.bodies
    assert (body["run_id"], [each["kind"] for each in body["alerts"]]) == ("", ["failure"])


def test_the_command_line_refuses_a_bad_block_without_its_address(built: Path) -> None:
    set_output(built, alerts={"url": f"http://hooks.example/{SECRET}", "form": "slack"})
    done = tillpost(built, "compile")
    assert (done.returncode, done.stdout) == (2, "")
    where = "error: profiles.yml tillpost.tests.alerts"
    assert done.stderr.splitlines() == [
        f'{where}  an alerts block has no such key: "form"',
        (
            "  there are: expires_within, format, min_value, on, refused_share, stale_after, url,"
            " url_command, url_file"
        ),
        "  try: format",
        "",
        f'{where}  "url" must be an https address; http is for this machine only',
        "",
        f"{where}.url  a profile in the project's own folder may not name this host",
        (
            "  to hooks.example data and secrets would go, and the profile may have come with the"
            " project"
        ),
        (
            "  try: move it to ~/.dbt/profiles.yml, or take the whole value from the environment:"
            " env_var('…')"
        ),
    ]


def test_no_log_holds_the_address(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        tell(AlertSettings(url=receiver.url), message(STALE))
    assert receiver.bodies
    assert SECRET not in caplog.text


def test_a_command_that_fails_tells_the_webhook(receiver: Receiver, tmp_path: Path) -> None:
    project = sender(tmp_path / "shop", [Event(number=1)], edge="http://127.0.0.1:1", attempts=1)
    profile = yaml.safe_load((project / "profiles.yml").read_text())
    profile["tillpost"]["outputs"]["theirs"]["alerts"] = {"url": receiver.url}
    (project / "profiles.yml").write_text(yaml.safe_dump(profile))
    sent = tillpost(project, "send")
    assert sent.returncode == 4
    assert "warning" not in sent.stderr
    (told,) = receiver.bodies
    assert [each["kind"] for each in told["alerts"]] == ["failure"]
    assert told["alerts"][0]["exit_code"] == 4
    assert told["run_id"]
    assert SECRET not in sent.stdout + sent.stderr
