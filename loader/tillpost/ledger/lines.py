r"""Entries on their way between ledgers and files: CSV without a header, null as a bare \N."""

TYPES = {
    "event_key": "uuid",
    "sale_key": "uuid",
    "payload_digest": "uuid",
    "rules_version": "varchar",
    "dataset_id": "varchar",
    "state": "varchar",
    "run_id": "varchar",
    "batch": "integer",
    "attempt": "integer",
    "written_at": "timestamp",
    "fbtrace_id": "varchar",
    "code": "integer",
    "subcode": "integer",
    "day": "date",
    "message": "varchar",
}
"""The columns of an entry, as DuckDB's types."""

_TEXTS = ", ".join(name for name, kind in TYPES.items() if kind == "varchar")
# A text is always quoted: so it is never taken for null.
COPIED = f"format csv, header false, nullstr '\\N', force_quote ({_TEXTS})"
COPIED_BY_POSTGRES = f"format csv, null '\\N', force_quote ({_TEXTS})"


def lines_query() -> str:
    """All of a file's lines in their order, as a SELECT for DuckDB; the file is $lines."""
    return (
        "select * from read_csv($lines, auto_detect = false, header = false, delim = ',',"
        " quote = '\"', escape = '\"', nullstr = '\\N', allow_quoted_nulls = false,"
        # Unless it is told, DuckDB takes sixteen of the longest lines to read ahead.
        f" max_line_size = 16000000, buffer_size = 32000000, columns = {TYPES})"
    )
