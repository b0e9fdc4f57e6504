"""Isolation: one bad event of a thousand is refused alone, and the others go in the same run."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from project_harness import make_project, tillpost
from sending_harness import Recorder, Scripted, held, ledger, recorder_before, sandbox, set_edge
from test_sending import sales

SALES, MANY = 200, 2_000
ALL = {f"R{number:05}" for number in range(SALES)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(tmp_path_factory.mktemp("isolation"), fresh=SALES)


@pytest.fixture(scope="module")
def built_of_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many sales that a run may be stopped by how many of them are refused."""
    return _built(tmp_path_factory.mktemp("many"), fresh=MANY)


def _built(folder: Path, *, fresh: int) -> Path:
    project = make_project(folder / "shop", [sales(fresh=fresh, old=0, now=datetime.now(UTC))])
    assert tillpost(project, "build").returncode == 0
    return project


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with sandbox() as address, recorder_before(address) as recorder:
        yield recorder


@pytest.fixture
def project(built: Path, tmp_path: Path, recorder: Recorder) -> Path:
    folder = Path(shutil.copytree(built, tmp_path / "shop"))
    set_edge(folder, graph_url=recorder.address, access_token="any", max_in_flight=2)
    return folder


@pytest.fixture
def many(built_of_many: Path, tmp_path: Path, recorder: Recorder) -> Path:
    folder = Path(shutil.copytree(built_of_many, tmp_path / "shop"))
    set_edge(folder, graph_url=recorder.address, access_token="any")
    return folder


def fault(subcode: int | None, message: str, trace: str = "T1") -> Scripted:
    error = {"message": message, "code": 100, "error_subcode": subcode, "fbtrace_id": trace}
    return 400, {"error": error}


def nameless(_place: int) -> Scripted:
    return fault(2804050, "Not enough customer information")


def named(place: int) -> Scripted:
    return fault(2804019, f"Unexpected key on param $['data'][{place}]['user_data']")


def lying(_place: int) -> Scripted:
    return fault(2804019, "Unexpected key on param $['data'][0]['user_data']")


def beyond(_place: int) -> Scripted:
    return fault(2804019, "Unexpected key on param $['data'][1234]")


def refused(project: Path) -> list[tuple[Any, ...]]:
    return ledger(
        project,
        "select code, subcode, message, fbtrace_id from entries where state = 'refused'",
    )


@pytest.mark.parametrize(
    ("guilty", "bad", "most_requests"),
    [
        pytest.param(nameless, {"R00000"}, 20, id="the first, by halving"),
        pytest.param(nameless, {"R00199"}, 20, id="the last, by halving"),
        pytest.param(nameless, {"R00007", "R00008", "R00150"}, 50, id="three, by halving"),
        pytest.param(named, {"R00077"}, 3, id="one that is named"),
        pytest.param(named, {"R00007", "R00008", "R00150"}, 7, id="three that are named"),
        pytest.param(lying, {"R00077"}, 60, id="another is named, in each answer"),
        pytest.param(beyond, {"R00077"}, 20, id="one is named that is not there"),
    ],
)
def test_the_guilty_are_refused_alone_and_the_others_go(
    project: Path,
    recorder: Recorder,
    guilty: Callable[[int], Scripted],
    bad: set[str],
    most_requests: int,
) -> None:
    recorder.guilty = dict.fromkeys(bad, guilty)
    sent = tillpost(project, "send")
    assert sent.returncode == 3
    assert f"the edge refused {len(bad)} events; the others went" in sent.stderr
    assert re.search(rf"^accepted +{SALES - len(bad)} ", sent.stdout, re.MULTILINE)
    good = [order for each in recorder.requests if each.status == 200 for order in each.orders]
    assert sorted(good) == sorted(ALL - bad)
    assert len(recorder.requests) <= most_requests
    error = guilty(0)[1]["error"]
    for code, subcode, message, trace in refused(project):
        assert (code, subcode, trace) == (100, error["error_subcode"], "T1")
        assert message.split("$")[0] == error["message"].split("$")[0]
    assert len(refused(project)) == len(bad)


def test_refused_events_stay_refused_until_they_change(project: Path, recorder: Recorder) -> None:
    recorder.guilty = {"R00007": nameless}
    assert tillpost(project, "send").returncode == 3
    before = len(recorder.requests)
    recorder.guilty = {}
    again = tillpost(project, "run")
    assert again.returncode == 0
    assert len(recorder.requests) == before
    assert re.search(r"^refused +1 ", again.stdout, re.MULTILINE)
    assert held(recorder.sandbox)["stored"] == SALES - 1


def test_requests_that_are_refused_whatever_they_hold_stop_early(
    project: Path, recorder: Recorder
) -> None:
    recorder.guilty = dict.fromkeys(ALL, nameless)
    sent = tillpost(project, "send")
    assert sent.returncode == 3
    assert len(recorder.requests) < 60
    assert len(refused(project)) <= 14
    recorder.guilty = {}
    assert tillpost(project, "run").returncode == 0
    assert held(recorder.sandbox)["stored"] == SALES - len(refused(project))


@pytest.mark.parametrize(("share", "stops"), [(0.04, True), (0.2, False)])
def test_the_breaker_stops_a_run_that_is_mostly_refused(
    many: Path, recorder: Recorder, share: float, *, stops: bool
) -> None:
    set_edge(many, batch_size=50, max_in_flight=1, max_refused_share=share)
    recorder.guilty = {f"R{number:05}": named for number in range(0, MANY, 10)}
    sent = tillpost(many, "send")
    assert sent.returncode == 3
    assert ("stopped: the edge refused" in sent.stderr) == stops
    events = sum(1 for each in recorder.requests if each.status == 200 for _ in each.orders)
    assert (events < 1_200) if stops else (events == 1_800)


@pytest.mark.parametrize("guilty", [named, nameless])
def test_a_few_in_a_hundred_stop_nothing(
    many: Path, recorder: Recorder, guilty: Callable[[int], Scripted]
) -> None:
    set_edge(many, batch_size=500)
    bad = {f"R{number:05}" for number in range(0, MANY, 50)}
    recorder.guilty = dict.fromkeys(bad, guilty)
    sent = tillpost(many, "send")
    assert sent.returncode == 3
    assert f"the edge refused {len(bad)} events; the others went" in sent.stderr
    assert held(recorder.sandbox)["stored"] == MANY - len(bad)


def test_old_events_that_are_all_refused_do_not_stop_fresh_ones(
    tmp_path: Path, recorder: Recorder
) -> None:
    folder = tmp_path / "shop"
    make_project(folder, [sales(fresh=50, old=50, now=datetime.now(UTC))])
    set_edge(folder, graph_url=recorder.address, access_token="any")
    recorder.guilty = dict.fromkeys((f"R{number:05}" for number in range(50, 100)), nameless)
    sent = tillpost(folder, "run")
    assert sent.returncode == 3
    assert held(recorder.sandbox)["stored"] == 50
    assert 10 <= len(refused(folder)) <= 14
