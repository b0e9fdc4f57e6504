"""Events out of DuckDB: Arrow's buffers, which a request's body is a slice of."""

from collections.abc import Iterator

import duckdb
from nanoarrow import c_array_stream
from nanoarrow.c_array import CArray

from tillpost.events import Events

ARROW: dict[str, str | bool | int | float | list[str]] = {
    "arrow_lossless_conversion": True,  # a UUID is sixteen bytes, not its text
    "arrow_large_buffer_size": True,  # texts that are more than 2 GB together
}
_COLUMNS = """
    cast(event_key as uuid), cast(sale_key as uuid), cast(payload_digest as uuid),
    cast(event_time as bigint), cast(sendable_until as bigint), payload || ','
"""


def stream_events(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Events]:
    """The events that a query selects, in chunks; the query keeps the connection until its end."""
    relation = connection.sql(f"select {_COLUMNS} from ({sql}) as pending")
    try:
        with c_array_stream(relation) as chunks:
            for chunk in chunks:
                if chunk.length:
                    yield _events(chunk)
    except RuntimeError as error:
        raise _as_duckdb(str(error)) from None


def _as_duckdb(message: str) -> duckdb.Error:
    """DuckDB's own error, out of what Arrow's stream says: `… failed (5): Conversion Error: …`."""
    _, _, own = message.partition(": ")
    name = own.partition(" Error:")[0].replace(" ", "")
    kind = getattr(duckdb, f"{name}Exception", duckdb.Error)
    return kind(own) if issubclass(kind, duckdb.Error) else duckdb.Error(own)


def _events(chunk: CArray) -> Events:
    keys, sales, digests, times, expiries, payloads = chunk.children
    return Events(
        event_keys=_bytes(keys),
        sale_keys=_bytes(sales),
        payload_digests=_bytes(digests),
        event_times=_bytes(times).cast("q"),
        sendable_until=_bytes(expiries).cast("q"),
        payloads=_bytes(payloads, buffer=2),
        offsets=_bytes(payloads).cast("q"),
    )


def _bytes(column: CArray, *, buffer: int = 1) -> memoryview:
    """One of a column's buffers as it lies in memory; the view keeps it alive."""
    return memoryview(column.view().buffer(buffer)).cast("B")
