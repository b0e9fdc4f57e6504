"""The pace: how many at a time, who waits for whom, and when it is over."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tillpost.pace import Pace


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def began(pace: Pace) -> float:
    with pace.turn() as moment:
        assert moment is not None
        return moment


def test_half_as_many_after_a_slow_down_and_one_more_a_round(clock: Clock) -> None:
    pace = Pace(most=8, clock=clock)
    limits = [pace.limit]
    for _ in range(4):
        pace.slow_down(began=clock.now, wait=0.0)
        limits.append(pace.limit)
        clock.now += 1
    for limit in (1, 2, 3):
        for _ in range(limit + 1):
            pace.went_well()
        limits.append(pace.limit)
    assert limits == [8, 4, 2, 1, 1, 2, 3, 4]
    for _ in range(100):
        pace.went_well()
    assert pace.limit == 8


def test_those_that_were_under_way_together_slow_down_once(clock: Clock) -> None:
    pace = Pace(most=8, clock=clock)
    moments = [began(pace) for _ in range(8)]
    clock.now += 1
    for moment in moments:
        pace.slow_down(began=moment, wait=0.0)
    assert pace.limit == 4


def test_never_more_than_allowed() -> None:
    pace = Pace(most=3)
    lock, under_way, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal under_way, most
        with pace.turn():
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.002)
            with lock:
                under_way -= 1

    with ThreadPoolExecutor(12) as pool:
        for _ in range(60):
            pool.submit(work)
    assert most == 3


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        pytest.param([7.0], 7.0, id="as long as the edge says"),
        pytest.param([7.0, 2.0], 7.0, id="the longest of several counts"),
        pytest.param([None], 1.0, id="it does not say"),
        pytest.param([None, None, None], 4.0, id="nor the third time"),
        pytest.param([None] * 9, 60.0, id="nor for long"),
    ],
)
def test_all_wait(clock: Clock, waits: list[float | None], expected: float) -> None:
    pace = Pace(most=8, clock=clock)
    for wait in waits:
        pace.slow_down(began=clock.now, wait=wait)
    start, clock.now = clock.now, clock.now + expected - 0.001
    asked = threading.Thread(target=began, args=(pace,))
    asked.start()
    asked.join(0.3)
    assert asked.is_alive()
    clock.now = start + expected
    asked.join(5)
    assert not asked.is_alive()


def test_a_good_answer_ends_the_doubling(clock: Clock) -> None:
    pace = Pace(most=8, clock=clock, patience=2.5)
    for _ in range(20):
        pace.slow_down(began=clock.now)
        clock.now += 1
        assert not pace.is_over()
        pace.went_well()


@pytest.mark.parametrize("seconds", [5.0, 0.0])
def test_the_deadline_ends_it(clock: Clock, seconds: float) -> None:
    pace = Pace(most=1, clock=clock, deadline=seconds)
    clock.now += seconds - 0.001
    assert pace.is_over() == (seconds == 0.0)
    clock.now += 0.001
    assert pace.is_over()
    with pace.turn() as moment:
        assert moment is None


def test_a_wait_beyond_the_deadline_ends_it_at_once(clock: Clock) -> None:
    pace = Pace(most=1, clock=clock, deadline=60)
    pace.slow_down(began=clock.now, wait=59)
    assert not pace.is_over()
    pace.slow_down(began=clock.now, wait=61)
    assert pace.is_over()


def test_patience_counts_from_the_last_good_answer(clock: Clock) -> None:
    pace = Pace(most=1, clock=clock, patience=10)
    clock.now += 100
    assert not pace.is_over(), "nothing was asked"
    pace.went_well()
    with pace.turn():
        clock.now += 9
        assert not pace.is_over()
        clock.now += 1
        assert pace.is_over()


def test_no_patience_is_lost_while_nothing_is_asked(clock: Clock) -> None:
    pace = Pace(most=2, clock=clock, patience=10)
    clock.now += 100
    with pace.turn() as first, pace.turn() as second:
        assert first == second == clock.now


def test_once_ended_nothing_begins(clock: Clock) -> None:
    pace = Pace(most=1, clock=clock)
    pace.end()
    with pace.turn() as moment:
        assert moment is None


def test_a_stop_is_heard_while_all_wait() -> None:
    stop = threading.Event()
    pace = Pace(most=1, stopping=stop.is_set)
    pace.slow_down(began=time.monotonic(), wait=30)
    threading.Timer(0.2, stop.set).start()
    start = time.monotonic()
    with pace.turn() as moment:
        assert moment is None
    pace.pause(30)
    assert time.monotonic() - start < 5
