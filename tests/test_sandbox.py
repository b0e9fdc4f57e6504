"""The sandbox's rules, asked over real HTTP."""

import copy
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from tillpost.sandbox import application

NOW = 1_800_000_000
DAY = 86_400
DATASET = "1234567890"
TOKEN = "good-token"
EVENTS = f"/v26.0/{DATASET}/events"
GONE = object()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(kw_only=True)
class Sandbox:
    """A running sandbox, its clock, and what it said."""

    client: httpx.Client
    now: float = NOW
    said: list[str] = field(default_factory=list)

    def send(self, *events: object, **fields: object) -> httpx.Response:
        body = {"data": list(events), "access_token": TOKEN, **fields}
        return self.client.post(EVENTS, json=body)

    def read(self, path: str, **params: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(
            path, params={"access_token": TOKEN, **params}
        ).json()
        return answer

    def counts(self, dataset: str = DATASET) -> dict[str, Any]:
        summary: dict[str, dict[str, Any]] = self.client.get("/sandbox/summary").json()
        return summary.get(dataset, {})


Start = Callable[..., Sandbox]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    stops: list[Callable[[], None]] = []

    def run(*, datasets: tuple[str, ...] = (DATASET,), token: str | None = TOKEN) -> Sandbox:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        box = Sandbox(client=client)
        app = application(
            datasets=datasets, token=token, clock=lambda: box.now, say=box.said.append
        )
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()

        def stop() -> None:
            client.close()
            server.should_exit = True
            thread.join(10)
            listener.close()

        stops.append(stop)
        return box

    yield run
    for stop in stops:
        stop()


@pytest.fixture(scope="module")
def running(start: Start) -> Sandbox:
    return start()


@pytest.fixture
def box(running: Sandbox) -> Sandbox:
    running.client.delete("/sandbox/events")
    running.now = NOW
    running.said.clear()
    return running


def purchase(order: str = "order-1", **changes: object) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event_name": "Purchase",
        "event_time": NOW - 3600,
        "action_source": "physical_store",
        "user_data": {"em": [sha("a@b.example")], "ph": sha("16505551212"), "country": sha("us")},
        "custom_data": {
            "value": 12.5,
            "currency": "EUR",
            "order_id": order,
            "contents": [{"id": "sku-1", "quantity": 2, "item_price": 6.25}],
        },
    }
    return changed(event, {key.replace("__", "."): value for key, value in changes.items()})


def changed(event: dict[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    """Set or remove (``GONE``) values at dotted paths of a copy."""
    event = copy.deepcopy(event)
    for path, value in changes.items():
        *way, last = path.split(".")
        holder: Any = event
        for step in way:
            holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
        if value is GONE:
            del holder[last]
        else:
            holder[last] = value
    return event


WEB = {
    "action_source": "website",
    "event_source_url": "https://shop.example/",
    "user_data.client_user_agent": "Mozilla/5.0",
}
LDU = {"data_processing_options": ["LDU"]}
PLACED = {"data_processing_options_country": 1, "data_processing_options_state": 1000}

GOOD: dict[str, Mapping[str, object]] = {
    "as it is": {},
    "just now": {"event_time": NOW},
    "62 days old, in store": {"event_time": NOW - 62 * DAY},
    "a custom event without value": {"event_name": "Tasting", "custom_data": GONE},
    "a custom property": {"custom_data.till": {"number": 4, "tags": ["a", True]}},
    "value zero": {"custom_data.value": 0},
    "a hashed key as a list": {"user_data.ct": [sha("sopaulo"), sha("sãopaulo")]},
    "a hash alone is not broad with a name": {"user_data": {"fn": sha("mary"), "ln": sha("s")}},
    "the offline page's names": {"user_data": {"email": sha("a"), "phone": sha("b")}},
    "a lead": {"user_data.lead_id": "123456789012345"},
    "a lead as a number": {"user_data.lead_id": 1234567890123456},
    "an address": {"user_data.client_ip_address": "2001:db8::1"},
    "web": WEB,
    "app": {"action_source": "app", "app_data": {"extinfo": ["a2", "", ""]}},
    "no limit of data use": {"data_processing_options": []},
    "limited data use": {**LDU, **PLACED},
    "limited data use by address": {**LDU, "user_data.client_ip_address": "192.0.2.1"},
    "messaging": {
        "action_source": "business_messaging",
        "messaging_channel": "messenger",
        "user_data.page_id": 1,
    },
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD)
def test_takes_what_is_documented(box: Sandbox, changes: dict[str, object]) -> None:
    answer = box.send(changed(purchase(), changes))
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"events_received", "messages", "fbtrace_id"}
    assert answer.json()["events_received"] == 1
    assert box.counts()["stored"] == 1


HERE = "$['data'][1]"
USER = HERE + "['user_data']"
CUSTOM = HERE + "['custom_data']"
EMPTY = sha("")
BAD: list[tuple[Mapping[str, object], int, str]] = [
    ({"event_name": GONE}, 2804019, HERE + "['event_name'] is required"),
    ({"event_time": GONE}, 2804019, HERE + "['event_time'] is required"),
    ({"action_source": GONE}, 2804019, HERE + "['action_source'] is required"),
    ({"user_data": GONE}, 2804050, USER),
    ({"user_data": {}}, 2804050, USER),
    ({"user_data": None}, 2804019, USER),
    ({"event_name": ""}, 2804019, "event_name"),
    ({"action_source": "store"}, 2804019, "must be one of physical_store"),
    ({"action_source": None}, 2804019, "action_source"),
    ({"till": 4}, 2804019, f'Unexpected key "till" on param "{HERE}"'),
    ({"user_data.emal": sha("x")}, 2804019, f'Unexpected key "emal" on param "{USER}"'),
    ({"user_data.a@b_example": "x"}, 2804019, 'Unexpected key "?"'),
    ({"custom_data.contents.0.name": "x"}, 2804019, CUSTOM + "['contents'][0]"),
    ({"custom_data.contents.0.id": GONE}, 2804019, "['id'] is required"),
    ({"custom_data.contents.0.quantity": 0.4}, 2804019, "['quantity'] must be an integer"),
    ({"custom_data.contents": {}}, 2804019, CUSTOM + "['contents'] must be a list"),
    ({"event_time": float(NOW - 5)}, 2804019, "must be an integer"),
    ({"event_time": str(NOW - 5)}, 2804019, "must be an integer"),
    ({"event_time": True}, 2804019, "must be an integer"),
    ({"event_time": NOW + 1}, 2804003, "is in the future"),
    ({"event_time": (NOW - 5) * 1000}, 2804003, "is in the future"),
    ({"event_time": NOW - 62 * DAY - 1}, 2804003, "is older than 62 days"),
    ({**WEB, "event_time": NOW - 7 * DAY - 1}, 2804003, "is older than 7 days"),
    ({"user_data": {"ct": sha("x"), "zp": sha("y"), "ge": sha("f")}}, 2804050, USER),
    ({"user_data": {"db": sha("x"), "client_user_agent": "y"}}, 2804050, USER),
    ({"user_data": {"fn": sha("x"), "ge": sha("y")}}, 2804050, USER),
    ({"user_data": {"ln": sha("x")}}, 2804050, USER),
    ({"user_data.em": "a@b.example"}, 2804019, USER + "['em'] must be a SHA-256"),
    ({"user_data.em": sha("x").upper()}, 2804019, "['em']"),
    ({"user_data.em": sha("x") + "\n"}, 2804019, "['em']"),
    ({"user_data.em": EMPTY}, 2804019, "not that of nothing"),
    ({"user_data.em": [sha("x"), EMPTY]}, 2804019, "['em']"),
    ({"user_data.em": []}, 2804019, "['em']"),
    ({"user_data.em": [[sha("x")]]}, 2804019, "['em']"),
    ({"user_data.external_id": "customer 7"}, 2804019, "['external_id']"),
    ({"user_data.madid": sha("x")}, 2804019, "neither empty nor hashed"),
    ({"user_data.fbp": ""}, 2804019, "['fbp']"),
    ({"user_data.fbc": ["fb.1.2.3"]}, 2804019, "['fbc']"),
    ({"user_data.client_ip_address": "999.1.1.1"}, 2804019, "IPv4 or IPv6"),
    ({"user_data.lead_id": "12345"}, 2804036, "15 or 16 digits"),
    ({"user_data.lead_id": sha("x")}, 2804036, "15 or 16 digits"),
    ({"custom_data": GONE}, 2804009, CUSTOM + "['value'] is required"),
    ({"custom_data.value": GONE}, 2804009, "['value'] is required"),
    ({"custom_data.currency": GONE}, 2804010, "['currency'] is required"),
    ({"custom_data.value": "12.50"}, 2804019, "['value'] must be a finite number"),
    ({"custom_data.value": None}, 2804019, "['value']"),
    ({"custom_data.value": True}, 2804019, "['value']"),
    ({"custom_data.currency": "eur"}, 2804019, "ISO 4217"),
    ({"custom_data.currency": "EUX"}, 2804019, "ISO 4217"),
    ({"custom_data.order_id": 17}, 2804019, "['order_id'] must be a string"),
    ({"custom_data.till": None}, 2804019, "['till'] must be without nulls"),
    ({"custom_data.till": {"a": [""]}}, 2804019, "['till'] must be without nulls"),
    ({"action_source": "website"}, 2804019, "['event_source_url'] is required"),
    (
        {"action_source": "website", "event_source_url": "x"},
        2804019,
        "['client_user_agent'] is required",
    ),
    ({"action_source": "app"}, 2804019, "['app_data']['extinfo']"),
    ({"action_source": "app", "app_data": {"extinfo": []}}, 2804019, "['extinfo']"),
    ({"action_source": "business_messaging"}, 2804019, "needs a messaging id"),
    ({"data_processing_options": ["CCPA"]}, 2804019, "LDU"),
    (LDU, 2804019, "['data_processing_options_country'] is required"),
    ({**LDU, **PLACED, "data_processing_options_state": 7}, 2804019, "must be one of 0, 1000"),
]


@pytest.mark.parametrize(("changes", "subcode", "words"), BAD)
def test_one_bad_event_refuses_the_request(
    box: Sandbox, changes: Mapping[str, object], subcode: int, words: str
) -> None:
    answer = box.send(purchase("good"), changed(purchase(), changes))
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["code"], error["error_subcode"]) == (100, subcode)
    assert words in error["error_user_msg"]
    assert error.keys() == {
        "message",
        "type",
        "code",
        "error_subcode",
        "is_transient",
        "error_user_title",
        "error_user_msg",
        "fbtrace_id",
    }
    assert (box.counts()["stored"], box.counts()["refused_requests"]) == (0, 1)
    assert "b.example" not in answer.text + "".join(box.said)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "1 to 1000"),
        ([purchase()] * 1001, "1 to 1000"),
        ({}, "array"),
        (None, "array"),
        ("[", "JSON"),
        (["x"], "must be an object"),
    ],
)
def test_data_is_an_array_of_events(box: Sandbox, data: object, words: str) -> None:
    answer = box.client.post(EVENTS, json={"data": data, "access_token": TOKEN})
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"data": [NaN]}',
        b"[" * 100_000,
        b'{"access_token": "good-token", "data": [{"event_name": 1e999}]}',
        b'{"access_token": "good-token", "data": [{"event_name": "\\ud800"}]}',
        b'{"access_token": "good-token", "data": [{"\\ud800": 1}]}',
        b'{"access_token": "good-token", "data": [{"event_name": "x", "custom_data": {"a":'
        + b"[" * 700
        + b"]" * 700
        + b"}}]}",
    ],
)
def test_strange_bodies_are_refused_and_not_fatal(box: Sandbox, body: bytes) -> None:
    answer = box.client.post(EVENTS, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 100


def test_data_travels_in_every_encoding(box: Sandbox) -> None:
    data = json.dumps([purchase("Ł-1")])
    ways: list[dict[str, Any]] = [
        {"json": {"data": [purchase("Ł-1")], "access_token": TOKEN}},
        {"json": {"data": data, "access_token": TOKEN}},
        {"data": {"data": data, "access_token": TOKEN}},
        {"files": {"data": (None, data), "access_token": (None, TOKEN)}},
        {"json": {"data": data}, "params": {"access_token": TOKEN}},
        {"json": {"data": data}, "headers": {"Authorization": f"Bearer {TOKEN}"}},
    ]
    for way in ways:
        assert box.client.post(EVENTS, **way).json()["events_received"] == 1, way.keys()
    assert (box.counts()["received"], box.counts()["stored"]) == (6, 1)


@pytest.mark.parametrize(
    ("path", "code", "subcode"),
    [
        (f"/v20.0/{DATASET}/events", 2635, None),
        (f"/26.0/{DATASET}/events", 2635, None),
        ("/v26.0/999/events", 100, 33),
        ("/v26.0/me/events", 100, 33),
        ("/v26.0/1/2/3", 2500, None),
    ],
)
def test_wrong_paths(box: Sandbox, path: str, code: int, subcode: int | None) -> None:
    error = box.client.post(path, json={"data": [purchase()], "access_token": TOKEN}).json()
    assert (error["error"]["code"], error["error"].get("error_subcode")) == (code, subcode)


@pytest.mark.parametrize("version", ["v21.0", "v26.0"])
def test_living_versions_answer(box: Sandbox, version: str) -> None:
    body = {"data": [purchase()], "access_token": TOKEN}
    answer = box.client.post(f"/{version}/{DATASET}/events", json=body)
    assert answer.json()["events_received"] == 1


@pytest.mark.parametrize("token", ["", "wrong", None, 7])
def test_a_bad_token_is_refused_everywhere_and_never_said(box: Sandbox, token: object) -> None:
    refused = [
        box.send(purchase(), access_token=token),
        *(
            box.client.get(path, params={"access_token": str(token)})
            for path in (
                f"/v26.0/{DATASET}",
                "/v26.0/debug_token",
                f"/v26.0/{DATASET}/offline_event_uploads",
                "/v26.0/dataset_quality",
            )
        ),
    ]
    assert {answer.json()["error"]["code"] for answer in refused} == {190}
    assert box.counts()["stored"] == 0
    assert "wrong" not in "".join(box.said)


@pytest.mark.parametrize(
    ("agent", "status"),
    [("tillpost", 200), ("t" * 22, 200), ("t" * 23, 400), ("t1", 400), (7, 400)],
)
def test_partner_agent_has_its_length(box: Sandbox, agent: object, status: int) -> None:
    assert box.send(purchase(), partner_agent=agent).status_code == status


SAME: dict[str, tuple[dict[str, object], bool]] = {
    "the same again": ({}, True),
    "another value": ({"custom_data.value": 99}, True),
    "another customer": ({"user_data.em": sha("other")}, True),
    "another event_id": ({"event_id": "x"}, True),
    "a second later": ({"event_time": NOW - 3599}, False),
    "another name": ({"event_name": "Lead"}, False),
    "another order": ({"custom_data.order_id": "order-2"}, False),
    "an item of the order": ({"custom_data.item_number": "2"}, False),
}


@pytest.mark.parametrize(("changes", "same"), SAME.values(), ids=SAME)
def test_offline_events_are_deduplicated(
    box: Sandbox,
    changes: dict[str, object],
    same: bool,  # noqa: FBT001  a column of the table
) -> None:
    answer = box.send(purchase(), changed(purchase(), changes))
    assert answer.json()["events_received"] == 2
    assert box.counts()["duplicates"] == int(same)
    assert box.counts()["requests"] == 1


def test_without_an_order_the_customer_tells_events_apart(box: Sandbox) -> None:
    first = purchase(custom_data__order_id=GONE)
    turned = dict(reversed(first["user_data"].items())) | {"em": first["user_data"]["em"][0]}
    other = changed(first, {"user_data.em": sha("other")})
    box.send(first, {**first, "user_data": turned}, other)
    assert (box.counts()["stored"], box.counts()["duplicates"]) == (2, 1)


def test_a_duplicate_counts_again_after_seven_days_from_the_first(box: Sandbox) -> None:
    for days, stored in ((0, 1), (4, 1), (6.99, 1), (7, 2), (8, 2)):
        box.now = NOW + days * DAY
        box.send(purchase())
        assert box.counts()["stored"] == stored, days


def test_other_events_are_not_held_against_each_other(box: Sandbox) -> None:
    web = changed(purchase(), WEB)
    box.send(web, web)
    assert box.counts()["duplicates"] == 0


def test_sums_are_exact_and_per_currency(box: Sandbox) -> None:
    for number, (value, currency) in enumerate(
        [(0.1, "EUR"), (0.2, "EUR"), (1000, "JPY"), (-5.25, "USD")]
    ):
        box.send(purchase(f"{number}", custom_data__value=value, custom_data__currency=currency))
    assert box.counts()["value"] == {"EUR": "0.3", "JPY": "1000", "USD": "-5.25"}
    assert box.counts()["events"] == [
        {"event_name": "Purchase", "action_source": "physical_store", "count": 4}
    ]


def test_the_newest_events_come_first(box: Sandbox) -> None:
    for start in (0, 600):
        box.send(*(purchase(str(number)) for number in range(start, start + 600)), upload_tag="r")
    lines = box.client.get("/sandbox/events").text.splitlines()
    assert len(lines) == 1000
    newest = [json.loads(line) for line in box.client.get("/sandbox/events?limit=2").iter_lines()]
    assert [line["event"]["custom_data"]["order_id"] for line in newest] == ["1199", "1198"]
    assert (newest[0]["dataset_id"], newest[0]["upload_tag"]) == (DATASET, "r")
    assert box.client.get("/sandbox/events?limit=x").status_code == 400


def test_forgetting_forgets_the_keys_too(box: Sandbox) -> None:
    box.send(purchase())
    assert box.client.delete("/sandbox/events").status_code == 204
    assert box.counts() == {}
    box.send(purchase())
    assert box.counts()["stored"] == 1


def test_reads_answer_as_documented(box: Sandbox) -> None:
    box.send(purchase("1"), purchase("2"), purchase("2"), upload_tag="run-7")
    box.send(purchase("3", user_data__ph=GONE), upload_tag="run-8")
    fields = "id,name,is_consolidated_container,is_unavailable"
    assert box.read(f"/v26.0/{DATASET}", fields=fields) == {
        "id": DATASET,
        "name": f"Sandbox dataset {DATASET}",
        "is_consolidated_container": True,
        "is_unavailable": False,
    }
    assert box.read(f"/v26.0/{DATASET}", fields="owner")["error"]["code"] == 100
    uploads = f"/v26.0/{DATASET}/offline_event_uploads"
    (bare,) = box.read(uploads, upload_tag="run-7")["data"]
    assert bare.keys() == {"id", "upload_tag", "is_excluded_for_lift"}
    names = [f"{kind}_entries" for kind in ("valid", "matched", "duplicate")]
    (upload,) = box.read(uploads, upload_tag="run-7", fields=",".join(names))["data"]
    assert [upload[name] for name in names] == [3, 2, 1]
    assert box.read(uploads, fields="owner")["error"]["code"] == 100
    for input_token, good in ((TOKEN, True), ("other", False)):
        answer = box.read("/v26.0/debug_token", input_token=input_token)
        assert answer["data"]["is_valid"] is good


def test_a_list_comes_in_pages(box: Sandbox) -> None:
    tags = [f"run-{number}" for number in range(5)]
    for tag in tags:
        box.send(purchase(tag), upload_tag=tag)
    path = f"/v26.0/{DATASET}/offline_event_uploads"
    found, after = [], ""
    for is_last in (False, False, True):
        answer = box.read(path, limit="2", **({"after": after} if after else {}))
        found += [row["upload_tag"] for row in answer["data"]]
        assert ("next" in answer["paging"]) is not is_last
        after = answer["paging"]["cursors"]["after"]
    assert found == tags
    assert box.read(path, after=after) == {"data": []}
    for wrong in ({"after": "?"}, {"limit": "0"}):
        assert box.read(path, **wrong)["error"]["code"] == 100


def test_quality_is_scored_by_the_published_factors(box: Sandbox) -> None:
    old = int(box.now) - 4 * 86_400
    box.send(purchase("1"), purchase("2", event_time=old))
    box.send(purchase("3", user_data__ph=GONE), purchase("4", event_name="Lead"))
    rows = box.read("/v26.0/dataset_quality", dataset_id=DATASET)["offline"]
    quality = {row["event_name"]: row for row in rows}
    purchases = quality["Purchase"]
    assert purchases["match_key"]["coverage"] == {"email": 100.0, "phone": 66.7}
    scores = [purchases[name]["score"] for name in ("match_key", "frequency", "freshness")]
    assert scores == [10.0, 0.8, 6.7]
    assert purchases["composite"]["score"] == 5.8
    assert quality["Lead"]["freshness"]["score"] == 10.0


def test_it_says_one_line_a_request(box: Sandbox) -> None:
    box.send(purchase(), purchase())
    box.send(purchase(event_time=1))
    assert box.said == [
        f"{DATASET}  2 events, 1 stored, 1 duplicates",
        f"{DATASET}  refused, 100/2804003: Param $['data'][0]['event_time'] is older than 62 days",
    ]


def test_the_page_shows_events_and_trusts_nothing(box: Sandbox) -> None:
    assert "Nothing has arrived yet" in box.client.get("/").text
    event = purchase("<script>alert(1)</script>", event_name="<b>", custom_data__note="\ud800")
    body = json.dumps({"data": [event], "access_token": TOKEN})
    box.client.post(EVENTS, content=body, headers={"Content-Type": "application/json"})
    page = box.client.get("/")
    assert "<script" not in page.text
    assert "&lt;b&gt;" in page.text
    assert 'lang="en"' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_any_dataset_of_digits_and_any_token_unless_fixed(start: Start) -> None:
    box = start(datasets=(), token=None)
    for path, status in (("77", 200), ("me", 400), ("7" * 21, 400)):
        body = {"data": [purchase()], "access_token": "anything"}
        assert box.client.post(f"/v26.0/{path}/events", json=body).status_code == status
    body = {"data": [purchase()]}
    assert box.client.post("/v26.0/77/events", json=body).json()["error"]["code"] == 190
    assert box.counts("77")["stored"] == 1


def test_a_client_that_goes_away_leaves_no_trace(
    box: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    url = box.client.base_url
    with socket.create_connection((url.host, url.port or 0)) as half:
        half.sendall(head.encode() + b"{")
    assert box.send(purchase()).status_code == 200
    assert (box.counts()["requests"], len(box.said), caplog.records) == (1, 1, [])


def test_a_thousand_events_a_request_are_quick(box: Sandbox) -> None:
    bodies = [
        {"data": [purchase(f"{n}-{i}") for i in range(1000)], "access_token": TOKEN}
        for n in range(3)
    ]
    begin = time.process_time()
    for body in bodies:
        assert box.client.post(EVENTS, json=body).json()["events_received"] == 1000
    assert time.process_time() - begin < 3
    assert box.counts()["stored"] == 3000
