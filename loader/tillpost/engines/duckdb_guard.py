"""What DuckDB may reach: its own files, the declared sources, and nothing else."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from tillpost.engines import Reads
from tillpost.engines.duckdb_errors import explain
from tillpost.errors import UsageError

AT_START = {
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
    "temp_file_encryption": True,
    # Without it DuckDB encrypts only with a module that no package index has; its own is weak in
    # one thing, the randomness of the key: a spill lives minutes.
    "force_mbedtls_unsafe": True,
}
# These would write files, load code, open what is closed here, or make SQL mean something else.
_NOT_FOR_PROFILES = re.compile(
    r"(access_mode|.*(allow|extension|external_access|python|secret_directory|home_directory"
    r"|lock_configuration|encryption|mbedtls|(?<![a-z])log|profil|file_system|filesystem|dialect|errors_as|ca_cert|http_proxy).*)",
    re.IGNORECASE,
)
_SHADOWS = """
    select function_name
    from duckdb_functions()
    group by function_name
    having bool_or(internal) and bool_or(not internal and database_name = current_database())
    order by function_name
"""


def settings_errors(options: Iterable[str], *, where: str) -> list[UsageError]:
    """An error for each setting of DuckDB's that is no profile's affair."""
    return [
        UsageError(
            f'"{name}" is not for a profile: Tillpost closes DuckDB off by itself',
            where=f"{where}.settings",
            fix="take it out",
        )
        for name in options
        if _NOT_FOR_PROFILES.fullmatch(name)
    ]


def close_off(
    connection: duckdb.DuckDBPyConnection, reads: Reads, *, root: Path, spill: Path
) -> None:
    """Let the database reach nothing any more but itself, what is attached, and these files.

    A pattern stands for the files that it finds now: what comes later is not read by halves.

    Args:
        connection: open, with everything attached and set.
        reads: paths and patterns of the declared sources.
        root: the project's folder; relative paths start there.
        spill: our own folder, for what is too large for memory and what is handed over.
    """
    allowed = sorted({path for where, each in reads for path in _files(connection, each, where)})
    names = ", ".join(f"'{_quoted(str(_absolute(path, root)))}'" for path in allowed)
    connection.execute(f"set allowed_paths = [{names}]")
    connection.execute(f"set allowed_directories = ['{_quoted(str(spill))}/']")
    for setting in (
        "autoload_known_extensions = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"set {setting}")


def require_no_shadows(connection: duckdb.DuckDBPyConnection) -> None:
    """A function that is kept in the database goes before DuckDB's own of the same name.

    Raises:
        UsageError: there is one: a hash need be none there.
    """
    found = connection.execute(_SHADOWS).fetchall()
    if found:
        raise UsageError(
            f"the build's database has its own {found[0][0]}() in the place of DuckDB's",
            why="what models make with it is not what was proved",
            fix=f"drop macro {found[0][0]}, or delete the file: a build makes it anew",
        )


def give_key(connection: duckdb.DuckDBPyConnection, key: str | None) -> None:
    """Let `keyed_digest` have its key: each cursor is a session, and needs it anew."""
    if key:
        connection.execute("set variable tillpost_digest_key = $1", [key])


def _files(connection: duckdb.DuckDBPyConnection, pattern: str, where: str) -> Iterator[str]:
    yield pattern
    try:
        found = connection.execute("select file from glob(?)", [pattern]).fetchall()
    except duckdb.Error as error:
        if "://" in pattern:
            raise explain(error, where=where, sql=pattern) from None
        return  # told when it is read, if it is a path at all
    for (file,) in found:
        yield file
        if "://" not in file:
            yield str(Path(file).resolve())


def _absolute(path: str, root: Path) -> str | Path:
    return path if "://" in path else root / path


def _quoted(text: str) -> str:
    return text.replace("'", "''")
