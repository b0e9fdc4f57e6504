"""What the gate found, in the words of an error."""

from collections.abc import Sequence
from uuid import UUID

from tillpost.errors import PrivacyBreach
from tillpost.events import DIGEST_BYTES
from tillpost.gate import Breach
from tillpost.records import Batch


def breach_error(batch: Batch, found: Sequence[Breach]) -> PrivacyBreach:
    """Name the first; none of its batch has left."""
    first, *others = found
    start = min(first.place, len(batch.events) - 1) * DIGEST_BYTES
    event_key = UUID(bytes=bytes(batch.events.event_keys[start : start + DIGEST_BYTES]))
    more = f"; {len(others):,} more in it" if others else ""
    return PrivacyBreach(
        f"{first.field} {first.flaw}",
        where=f"event {event_key}",
        why="each request is read before it leaves: nothing of this batch of"
        f" {len(batch.events):,} was sent{more}",
        fix="mend the model that makes this field, then tillpost run",
    )
