"""The pace: how many requests may be under way, and when the next one may begin."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

_GLANCE = 0.1
"""Seconds between two looks at whether the run is to stop."""


class Pace:
    """One pace for all threads: a request more with each round that goes well, half when not.

    Args:
        most: so many requests at a time and no more; the first ones begin with all of them.
        patience: seconds without a good answer after which nothing new begins.
        deadline: seconds from now after which nothing new begins, whatever the answers.
        first_wait: seconds that all wait at a throttling edge which does not say how long;
            twice as long each further time, ``longest_wait`` at most.
        stopping: whether the run is to stop.
        clock: seconds that never go back.
    """

    def __init__(  # noqa: PLR0913  each is one thing to decide, and all are named
        self,
        *,
        most: int,
        patience: float = 900.0,
        deadline: float | None = None,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
        stopping: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin now."""
        self._most = most
        self._patience = patience
        self._first_wait, self._longest_wait = first_wait, longest_wait
        self._stopping = stopping
        self._clock = clock
        self._changed = Condition()
        now = clock()
        self._deadline = float("inf") if deadline is None else now + deadline
        self._limit = float(most)
        self._under_way = 0
        self._last_good = now
        self._last_cut = now
        self._not_before = now
        self._bad_in_a_row = 0

    @property
    def limit(self) -> int:
        """How many requests may be under way now."""
        return max(1, int(self._limit))

    def is_over(self) -> bool:
        """Whether nothing new may begin: a stop, the deadline, or an edge that asks too much."""
        patience_ends_at = float("inf") if self._is_idle else self._last_good + self._patience
        ends_at = min(self._deadline, patience_ends_at)
        return self._stopping() or max(self._clock(), self._not_before) >= ends_at

    @contextmanager
    def turn(self) -> Iterator[float | None]:
        """Wait for a turn and hold it: when it began, or nothing once all is over."""
        began = self._enter()
        try:
            yield began
        finally:
            if began is not None:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify()

    def end(self) -> None:
        """Let nothing new begin."""
        with self._changed:
            self._deadline = float("-inf")
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait so long, or until it is over."""
        until = self._clock() + seconds
        with self._changed:
            while (left := until - self._clock()) > 0 and not self.is_over():
                self._changed.wait(min(left, _GLANCE))

    def went_well(self) -> None:
        """An answer came that was none of a throttling edge."""
        with self._changed:
            self._last_good = self._clock()
            self._bad_in_a_row = 0
            self._limit = min(self._most, self._limit + 1 / self._limit)
            self._changed.notify()

    def slow_down(self, *, began: float, wait: float | None = None) -> None:
        """Halve, once for all that were under way together, and make everybody wait.

        Args:
            began: when the request began that met with this.
            wait: seconds that the edge asks for; 0 is not to wait, None that it does not say.
        """
        with self._changed:
            now = self._clock()
            if began >= self._last_cut:
                self._last_cut = now
                self._limit = max(1.0, self._limit / 2)
                self._bad_in_a_row += 1
            if wait is None:
                wait = min(
                    self._longest_wait, self._first_wait * 2 ** max(0, self._bad_in_a_row - 1)
                )
            self._not_before = max(self._not_before, now + wait)

    @property
    def _is_idle(self) -> bool:
        """Whether there was nothing to ask: nobody loses patience meanwhile."""
        return not self._under_way and not self._bad_in_a_row

    def _enter(self) -> float | None:
        with self._changed:
            while not self.is_over():
                now = self._clock()
                if self._under_way < self.limit and now >= self._not_before:
                    if self._is_idle:
                        self._last_good = now
                    self._under_way += 1
                    return now
                pause = self._not_before - now
                self._changed.wait(min(pause, _GLANCE) if pause > 0 else _GLANCE)
        return None
