"""Batches: nothing is lost, nothing is too large, and a body is what the payloads said."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_batches import event_keys, keys_in, payloads, sale_keys
from tillpost.batches import batches, body, part_of
from tillpost.events import Events, events_of
from tillpost.records import Batch, EdgeSettings

NOW = 1_795_000_000
WEEK = 7 * 86_400
WEEK_AGO = NOW - WEEK
SETTINGS = EdgeSettings(
    graph_url="http://127.0.0.1:1", version="v26.0", access_token="the-token", app_secret="shh"
)


def row(
    number: int, *, at: int = NOW - 60, until: int = NOW + 1, payload: str = "{}"
) -> tuple[Any, ...]:
    keys = (str(UUID(int=number + offset)) for offset in (0, 10**9, 2 * 10**9))
    return (*keys, at, until, payload)


def cut(
    chunks: Iterable[list[tuple[Any, ...]]], **settings: int
) -> tuple[list[Batch], list[Batch]]:
    expired: list[Batch] = []
    made = batches(
        (events_of(rows) for rows in chunks if rows),
        dataset_id="1",
        arrives_by=lambda: NOW,
        on_expired=expired.append,
        numbers=count(1),
        **settings,
    )
    return list(made), expired


@given(
    chunks=st.lists(
        st.lists(
            st.tuples(
                st.integers(WEEK_AGO - 2, WEEK_AGO + 2),
                st.integers(NOW - 2, NOW + 2),
                st.text("aé€😀", max_size=30),
            ),
            max_size=12,
        ),
        max_size=8,
    ),
    batch_size=st.integers(1, 10),
    max_bytes=st.integers(1, 200),
)
def test_every_row_is_in_one_batch_or_expired(
    chunks: list[list[tuple[int, int, str]]], batch_size: int, max_bytes: int
) -> None:
    numbers = iter(range(1, 1000))
    rows = [
        [row(next(numbers), at=at, until=until, payload=text) for at, until, text in chunk]
        for chunk in chunks
    ]
    flat = [each for chunk in rows for each in chunk]

    made, expired = cut(rows, batch_size=batch_size, max_bytes=max_bytes)

    assert Counter(key for batch in made for key in event_keys(batch.events)) == Counter(
        each[0] for each in flat if each[4] >= NOW
    )
    assert [key for batch in expired for key in event_keys(batch.events)] == [
        each[0] for each in flat if each[4] < NOW
    ]
    given_numbers = sorted(batch.number for batch in made + expired)
    assert given_numbers == list(range(1, len(given_numbers) + 1))
    by_key = {each[0]: each for each in flat}
    for batch in made:
        events = batch.events
        assert 1 <= len(events) <= batch_size
        mine = [by_key[key] for key in event_keys(events)]
        assert bytes(events.text) == ",".join(each[5] for each in mine).encode()
        assert len(events.text) <= max_bytes or len(events) == 1
        assert sale_keys(events) == [each[1] for each in mine]
        assert keys_in(events.payload_digests) == [each[2] for each in mine]
        assert payloads(events) == [each[5] for each in mine]
        ages = {each[3] >= WEEK_AGO for each in mine}
        assert len(ages) == 1
        grows_old = min(each[3] for each in mine) + WEEK if ages == {True} else NOW * 2
        assert batch.sendable_until == min(grows_old, *(each[4] for each in mine))


def test_chunks_of_any_size_make_full_batches() -> None:
    made, _ = cut([[row(1)], [], [row(2), row(3), row(4), row(5)]], batch_size=2)
    assert [(batch.number, len(batch.events)) for batch in made] == [(1, 2), (2, 2), (3, 1)]


def test_rows_are_read_only_as_batches_are_asked_for() -> None:
    read: list[int] = []

    def chunks() -> Iterator[Events]:
        for number in range(1, 100):
            read.append(number)
            yield events_of([row(number)])

    stream = batches(
        chunks(),
        dataset_id="1",
        arrives_by=lambda: NOW,
        on_expired=lambda _: None,
        numbers=count(1),
        batch_size=3,
    )
    next(stream)
    assert read == [1, 2, 3]


def test_a_part_of_a_batch_keeps_what_belongs_together() -> None:
    (whole,), _ = cut([[row(number, payload=str(number)) for number in range(5)]])
    part = part_of(whole, [3, 1], number=9)
    assert (part.number, part.sendable_until) == (9, NOW + 1)
    assert payloads(part.events) == ["3", "1"]
    assert event_keys(part.events) == [str(UUID(int=3)), str(UUID(int=1))]
    assert sale_keys(part.events) == [str(UUID(int=key + 10**9)) for key in (3, 1)]
    digests = keys_in(part.events.payload_digests)
    assert digests == [str(UUID(int=key + 2 * 10**9)) for key in (3, 1)]


@pytest.mark.parametrize(
    ("settings", "envelope"),
    [
        ({}, {"upload_tag": "run-1"}),
        ({"partner_agent": "tillpost"}, {"upload_tag": "run-1", "partner_agent": "tillpost"}),
        ({"test_event_code": 'T"1'}, {"upload_tag": "run-1", "test_event_code": 'T"1'}),
    ],
)
def test_a_body_is_payloads_and_the_fields_that_are_set(
    settings: dict[str, str], envelope: dict[str, str]
) -> None:
    texts = ['{"event_name":"Purchase","value":1.10}', '{"fn":"정"}']
    made, _ = cut([[row(number, payload=text) for number, text in enumerate(texts)]])
    edge = EdgeSettings(graph_url="", version="", access_token="the-token", **settings)  # type: ignore[arg-type]  # texts only

    content = body(made[0], settings=edge, upload_tag="run-1")

    assert json.loads(content) == {"data": [json.loads(text) for text in texts], **envelope}
    assert content.startswith(b'{"data":[{"event_name":"Purchase","value":1.10},{"fn":"\xec')


def test_a_body_holds_no_secret() -> None:
    made, _ = cut([[row(1)]])
    content = body(made[0], settings=SETTINGS, upload_tag="run-1")
    assert b"the-token" not in content
    assert b"shh" not in content
