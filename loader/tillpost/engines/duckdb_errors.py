"""DuckDB's errors in our words, without anything that may quote a row."""

import re

import duckdb

from tillpost.errors import Locked, Place, TillpostError, UsageError

MEND_PATH = "mend external_location in models/sources.yml; paths start at the project's folder"
_MEND_READER = "see that the file is whole, and of the kind that it is read as"
_MEND_ENCODING = "utf-8, latin-1 or utf-16; iconv -f windows-1252 -t utf-8 makes one of another"
# What DuckDB says of names and grammar quotes the SQL only; any other message may quote data.
_QUOTES_NO_DATA = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
# These make names of columns and relations of values.
_NAMED_BY_DATA = re.compile(
    r"\b(?:un)?pivot|\bquery(?:_table)?\s*\(|\bget(?:variable|env)\b", re.IGNORECASE
)
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)
_FILE_FAULT = re.compile(r'"([^"]+)"')
_FOLDER_OF_FILES = re.compile(r'Cannot access file "([^"\n]+)/\*\*/\*\.\w+"')
_TYPE = re.compile(
    r" to (?:the destination type )?"
    r"(U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER|8|16|32|64|128)?|DECIMAL\([\d,]+\)|FLOAT|DOUBLE|BOOL(?:EAN)?"
    r"|DATE|TIME(?:STAMP)?(?: WITH TIME ZONE)?|INTERVAL|UUID)\b"
)
_FILE_LINE = re.compile(r"\A[^\n]*\bLine: (\d+)")
_COLUMN = re.compile(r"when casting from source column (\w+)\Z")
_LIMIT = re.compile(r"/([\d.]+ (?:bytes|[KMGT]iB)) used\)")
_MORE_MEMORY = "a larger --memory-limit, or settings.memory_limit in the profile"
_OTHER_DISK = "--temp-dir with a folder on a larger disk"
# What stands in a message, what it means, what to do. The message itself is never repeated.
_FAULTS = (
    ("No magic bytes", "this file is no Parquet file", _MEND_READER),
    (
        "Error when sniffing",
        "this file is no CSV that can be read: no separator fits its lines, or one is over 2 MB",
        f"{_MEND_READER}, or name its delim and quote in external_location",
    ),
    ("File is not ", "this file is not in the encoding that is named", _MEND_ENCODING),
    ("The CSV Reader does not", "DuckDB reads no CSV in this encoding", _MEND_ENCODING),
    ("CSV Error", "a line of this CSV cannot be read", _MEND_READER),
    ("Division by zero", "a division by zero", "divide by nullif(…, 0): null in place of an error"),
    (
        "Could not parse string",
        "a text does not have the format that strptime is told",
        "try_strptime(…): null where it does not fit, which becomes a reason of its row",
    ),
    ("invalid date field", "a text that is no date is cast to one", "try_cast(… as date)"),
    ("invalid timestamp field", "a text that is no time is cast to one", "try_cast(…)"),
    ("Overflow in ", "a number becomes too large for its type", "cast to a larger type first"),
    (
        "More than one row returned",
        "a subquery that stands for one value returns several rows",
        "aggregate it, or join it",
    ),
    (
        "there is no digest_key",
        "keyed_digest has no key",
        "digest_key in the profile: docs/privacy.md",
    ),
    ("Unknown TimeZone", "a time zone that does not exist", "a name such as Europe/Berlin"),
)
_KINDS = (
    (duckdb.ConversionException, "a value does not have the type that it is cast to"),
    (duckdb.OutOfRangeException, "a number is out of the range of its type"),
    (duckdb.NotImplementedException, "DuckDB cannot do this"),
    (duckdb.ConstraintException, "a row breaks a constraint"),
    (duckdb.InvalidInputException, "a value is not what a function takes"),
)
_EXTENSION = re.compile(r"\bINSTALL (\w+)")
_NEARBY = "in this model or in a view that it reads"
_TRY_CAST = "try_cast(…): null where it does not fit, which becomes a reason of its row"


def explain(
    error: duckdb.Error, *, where: str, sql: str = "", lines_before: int = 0
) -> TillpostError:
    """DuckDB's error in our form, without anything that may quote a row.

    Args:
        error: what DuckDB raised.
        where: the file that the SQL stands in, or what else it is about.
        sql: what was asked; a file is named only if it stands there.
        lines_before: how many lines stood before the file's own.
    """
    message = str(error)
    extension = _EXTENSION.search(message) if "xtension" in _first_line(message) else None
    if extension:
        return UsageError(
            f"DuckDB needs its extension {extension[1]} for this, and it is not installed",
            where=where,
            why="nothing is installed without being asked",
            fix=f"python -c \"import duckdb; duckdb.sql('install {extension[1]}')\"",
        )
    # The disk's own end may come as an end of DuckDB's.
    if isinstance(error, duckdb.IOException) or "No space left" in message:
        return _disk_fault(message, where, sql)
    if isinstance(error, duckdb.PermissionException) or "has been locked" in message:
        return _closed_off(message, where)
    if isinstance(error, duckdb.OutOfMemoryException):
        return _no_room(message, where)
    if isinstance(error, _QUOTES_NO_DATA):
        return _name_fault(message, _place(message, where, lines_before), sql)
    return _data_fault(error, message, where)


def explain_settings(error: duckdb.Error, *, where: str) -> TillpostError:
    """An error about the profile's ``settings``; their values may be secrets."""
    message = str(error)
    unknown = re.search(r"options were not recognized: ([\w, ]+)", message)
    if unknown:
        return UsageError(
            f"DuckDB has no setting named {unknown[1]}",
            where=f"{where}.settings",
            fix="select name from duckdb_settings() in DuckDB lists them",
        )
    if isinstance(error, duckdb.ParserException):
        return UsageError(_first_line(message), where=f"{where}.settings")
    # Nothing was read yet: what it names is the profile's.
    return explain(error, where=where, sql=message)


def _no_room(message: str, where: str) -> UsageError:
    """Memory has a limit, and so has what may lie on disk in its place."""
    limit = _LIMIT.search(message)
    of = f", {limit[1]}" if limit else ""
    if "max_temp_directory_size" in message:
        return UsageError(
            f"what does not fit into DuckDB's memory exceeds its limit on disk{of}",
            where=where,
            fix=f"{_MORE_MEMORY}, or {_OTHER_DISK}",
        )
    if "no temporary directory" in message:
        return UsageError(
            f"DuckDB needs more memory for this than its limit{of}, and may not use the disk",
            where=where,
            fix=f"{_MORE_MEMORY}, or give the profile's output a path",
        )
    return UsageError(
        f"DuckDB needs more memory for this than its limit{of}",
        where=where,
        fix=f"{_MORE_MEMORY}; fewer --threads need less",
    )


def _name_fault(message: str, place: Place | str, sql: str) -> UsageError:
    """What is wrong with names or grammar, in DuckDB's words."""
    if _NAMED_BY_DATA.search(sql):
        what = "a name that this SQL takes from data is none, or is not there"
        return UsageError(what, where=place, fix="name columns and relations yourself")
    return UsageError(_first_line(message), where=place, why=_candidates(message))


def _closed_off(message: str, where: str) -> UsageError:
    """Something reaches for what is no declared source; where to is not said, it may be data."""
    # DuckDB looks for a folder of the name of a file that it may read and does not find.
    if missing := _FOLDER_OF_FILES.search(message):
        return UsageError(
            "no such file", where=where, why=f"nothing matches {missing[1]}", fix=MEND_PATH
        )
    if "xtension" in message or "has been locked" in message:
        return UsageError(
            "nothing is loaded into DuckDB, and no setting of it is changed, while models run",
            where=where,
            fix="put settings into the profile",
        )
    return UsageError(
        "this reaches for a file or an address that no source declares",
        where=where,
        why="a file that came after the start is not read either",
        fix="declare it in models/sources.yml, or run the same command again",
    )


def _disk_fault(message: str, where: str, sql: str) -> TillpostError:
    found = _FILE_FAULT.search(message)
    # A path that was made while the SQL ran may be made of a row.
    file = found[1] if found and found[1] in sql else ""
    if "No space left" in message:
        return UsageError("the disk is full", where=where, fix=f"make room, or {_OTHER_DISK}")
    if "lock" in message:
        holder = re.search(r"PID (\d+)", message)
        return Locked(
            "another process has the build's database open",
            where=where,
            why=f"process {holder[1]} holds it" if holder else "",
            fix="wait until it has finished, or close it",
        )
    if "No files found" in message:
        why = f"nothing matches {file}" if file else ""
        return UsageError("no such file", where=where, why=why, fix=MEND_PATH)
    if "database does not exist" in message:
        return UsageError(
            "there is no such database to attach",
            where=where,
            why=file,
            fix="mend the path below attach; it starts at the project's folder",
        )
    if "not a valid DuckDB" in message:
        return UsageError("this file is no DuckDB database", where=where, why=file)
    return UsageError(
        "a file cannot be read or written",
        where=where,
        why=_first_line(message) if file or not found else "",
        fix="see that the folder is there and writable, and that the disk has room",
    )


def _data_fault(error: duckdb.Error, message: str, where: str) -> UsageError:
    """What went wrong with a value: told from the kind of error, never in its own words."""
    # The line that DuckDB names may be one of a view below.
    nearby = f"{_NEARBY}\n" if where.endswith(".sql") else ""
    for phrase, what, fix in _FAULTS:
        # The beginning is DuckDB's own, what stands behind may be the data's.
        if _first_line(message).startswith(phrase):
            return UsageError(what, where=where, why=nearby + _details(message), fix=fix)
    what = next((words for kind, words in _KINDS if isinstance(error, kind)), "")
    if not what:
        return UsageError(f"DuckDB fails here: {type(error).__name__}", where=where, why=nearby)
    fix = _TRY_CAST if isinstance(error, duckdb.ConversionException) else ""
    return UsageError(what, where=where, why=nearby + _details(message), fix=fix)


def _details(message: str) -> str:
    """Names of types and columns and numbers of lines: nothing that a cell could hold."""
    head = message.split("\n\nLINE ", maxsplit=1)[0]
    line, types, column = _FILE_LINE.search(head), _TYPE.findall(head), _COLUMN.search(head)
    parts = [f"at line {line[1]} of the file"] if line else []
    parts += [f"the type is {types[-1]}"] if types else []
    parts += [f"the column is {column[1]}"] if column else []
    return ", ".join(parts)


def _first_line(message: str) -> str:
    return message.split("\n", maxsplit=1)[0].split(": ", 1)[-1]


def _place(message: str, where: str, lines_before: int) -> Place | str:
    """File, line and column, from the caret that DuckDB draws below the SQL."""
    found = _LINE.search(message)
    if not found or not where.endswith(".sql"):
        return where
    column = message.splitlines()[-1].find("^") - len(found[0]) + 1
    return Place(file=where, line=int(found[1]) - lines_before, column=max(column, 0))


def _candidates(message: str) -> str:
    lines = message.split("\nLINE ", maxsplit=1)[0].splitlines()[1:]
    return "\n".join(line for line in lines if line.strip())
