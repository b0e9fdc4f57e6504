"""Small answers as Parquet files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tillpost.engines import Row, open_engine

_WHERE = "the Parquet file"


def write_parquet(path: Path, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Write rows to a file, in place of one that has its name.

    Args:
        path: the file.
        columns: SQL types by name, in the order of the rows' values.
        rows: as many as fit into memory.
    """
    part = path.with_name(f"{path.name}.part")
    target = str(part.absolute()).replace("'", "''")
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    reads = ((_WHERE, str(part.absolute())),)
    with open_engine({"type": "duckdb"}, root=path.parent, where=_WHERE, reads=reads) as engine:
        engine.execute(f"create table answer ({typed})", where=_WHERE)
        engine.insert("answer", rows)
        engine.execute(
            f"copy answer to '{target}' (format parquet, use_tmp_file false)", where=_WHERE
        )
    part.replace(path)
