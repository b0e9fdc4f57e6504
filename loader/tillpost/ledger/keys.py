"""The digests of batches as a table of Arrow: so a thousand of them are written as one value."""

from array import array
from collections.abc import Sequence

import nanoarrow
from nanoarrow.c_array import c_array_from_buffers

from tillpost.events import DIGEST_BYTES
from tillpost.records import Batch

_DIGEST = nanoarrow.extension_type(nanoarrow.fixed_size_binary(DIGEST_BYTES), "arrow.uuid")
_TABLE = nanoarrow.c_schema(
    nanoarrow.struct(
        {
            "event_key": _DIGEST,
            "sale_key": _DIGEST,
            "payload_digest": _DIGEST,
            "entry": nanoarrow.int64(),
        }
    )
)


def keys_table(batches: Sequence[Batch], entries: Sequence[int]) -> nanoarrow.Array:
    """Three digests an event, and the number of its batch's entry."""
    events = [batch.events for batch in batches]
    columns = (
        b"".join(each.event_keys for each in events),
        b"".join(each.sale_keys for each in events),
        b"".join(each.payload_digests for each in events),
        b"".join(
            array("q", [entry]) * len(each) for each, entry in zip(events, entries, strict=True)
        ),
    )
    rows = sum(map(len, events))
    children = [
        c_array_from_buffers(_TABLE.child(place), rows, [None, column])
        for place, column in enumerate(columns)
    ]
    return nanoarrow.Array(c_array_from_buffers(_TABLE, rows, [None], children=children))
