"""Isolation: a refused batch is cut up until the guilty events stand alone."""

import re
from collections.abc import Iterator

from tillpost.batches import part_of
from tillpost.records import Answer, Batch

SCHEMA_FAULT = 2804019
"""The only subcode whose words name the event, and not reliably."""

_PLACE = re.compile(r"\$\['data'\]\[(\d{1,4})\]")


def named_place(batch: Batch, answer: Answer) -> int | None:
    """The place of the event that Meta's words name, if they do and the batch has it."""
    found = _PLACE.search(answer.message) if answer.subcode == SCHEMA_FAULT else None
    place = int(found[1]) if found else -1
    return place if 0 <= place < len(batch.events) else None


def parts(batch: Batch, *, place: int | None, numbers: Iterator[int]) -> list[Batch]:
    """What goes in place of a refused batch of several: the named event and the rest, or halves.

    The first of them should go first.
    """
    size = len(batch.events)
    if place is not None:
        others = [each for each in range(size) if each != place]
        return [
            part_of(batch, [place], number=next(numbers)),
            part_of(batch, others, number=next(numbers)),
        ]
    middle = size // 2
    return [
        part_of(batch, range(middle), number=next(numbers)),
        part_of(batch, range(middle, size), number=next(numbers)),
    ]
