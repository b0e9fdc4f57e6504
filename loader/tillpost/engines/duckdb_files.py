"""Files before DuckDB builds on them: is it what it is taken for, and which lines are bad?"""

import re
from pathlib import Path

import duckdb

from tillpost.engines import Row
from tillpost.engines.duckdb_errors import explain
from tillpost.errors import UsageError

_MAGIC = slice(8, 12)
_CSV_CALL = re.compile(r"read_csv\(\s*'(?P<path>(?:[^']|'')+)'(?P<options>.*)\)", re.DOTALL)
# No column is called so: an address, or a moment alone, one of which each row of sales has.
_NO_NAME = re.compile(
    r".*[\w.+-]@[\w-]+\.\w.*|(\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4})([ T].*)?"
)
FAULTS_OF_A_FILE = 3
SHARE_OF_A_FILE = 0.05


def require_database(path: Path, *, where: str) -> None:
    """DuckDB opens a CSV or Parquet file as well, as a database that forgets what it builds."""
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(_MAGIC.stop)
    if head and head[_MAGIC] != b"DUCK":
        raise UsageError(
            '"path" names a file that is no DuckDB database',
            where=where,
            why=str(path),
            fix="path: .tillpost/build.duckdb",
        )


def require_header(largest: int | None, path: str, *, where: str) -> None:
    """Without one byte there are no columns; an empty file beside others does no harm."""
    if not largest:
        raise UsageError(
            "this file is empty, without even a header",
            where=where,
            why=path,
            fix="export it again; an export without sales still has its header",
        )


def csv_call(location: str, *, where: str) -> tuple[str, str]:
    """The pattern of a CSV source, as SQL writes it, and the options of its call."""
    found = _CSV_CALL.fullmatch(location.strip())
    if not found:
        raise UsageError(
            "external_location must be read_csv('path or glob', option = value, …)", where=where
        )
    # These two cannot stand together with store_rejects.
    options = re.sub(r",\s*(ignore_errors|union_by_name)\s*=\s*true", "", found["options"])
    return found["path"], options


def no_header(where: str) -> UsageError:
    """The first line of a file is a row: nobody may be told its columns' names."""
    return UsageError(
        "the first line of this file is no header: values stand where names should",
        where=where,
        fix="export it with its columns' names in the first line",
    )


def scan_csv_file(
    connection: duckdb.DuckDBPyConnection, name: str, options: str, *, where: str
) -> tuple[int, list[Row]]:
    """How many rows of a file can be read, and line and kind of problem of the others."""
    path = name.replace("'", "''")
    cursor = connection.cursor()
    try:
        # All columns, since only what is read is found to be in another encoding.
        counted = cursor.execute(
            f"select count(*), count(columns(*)) from read_csv('{path}'{options},"
            " store_rejects = true, rejects_limit = 0)"
        ).fetchall()
        names = [column[0] for column in cursor.description or ()]
        bad = cursor.execute(
            "select line, min(lower(cast(error_type as varchar))) from reject_errors"
            " group by line order by line"
        ).fetchall()
        cursor.execute("drop table reject_errors")
        cursor.execute("drop table reject_scans")
    except duckdb.Error as error:
        raise explain(error, where=f"{where} {name}", sql=name) from None
    finally:
        cursor.close()
    if any(_NO_NAME.fullmatch(each) for each in names):
        raise no_header(f"{where} {name}")
    _require_encoding(int(counted[0][0]), bad, where=f"{where} {name}")
    return int(counted[0][0]), bad


def _require_encoding(rows: int, bad: list[Row], *, where: str) -> None:
    """One line with half a character is a bad line; many are a file in another encoding."""
    faults = [line for line, problem in bad if "encoding" in problem]
    if len(faults) >= FAULTS_OF_A_FILE and len(faults) > SHARE_OF_A_FILE * rows:
        raise UsageError(
            f"{len(faults):,} lines, the first of them line {faults[0]}, are not in the encoding"
            " that it is read in, which is UTF-8 unless external_location says otherwise",
            where=where,
            fix="export it as UTF-8, or put encoding = 'latin-1' into external_location;"
            " init takes --encoding latin-1",
        )
