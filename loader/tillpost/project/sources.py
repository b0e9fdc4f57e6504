"""The raw tables: where they are, what names their rows, which columns are personal."""

from dataclasses import dataclass, field
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.columns import column_errors, meta_of
from tillpost.project.keys import SOURCE, SOURCE_CONFIG, TABLE, key_errors, tags_of
from tillpost.project.locations import location_errors, name_errors
from tillpost.project.variables import LONGEST_LOOKBACK, is_days
from tillpost.project.yaml_file import (
    mapping,
    sequence,
    text,
    unknown_keys,
    unknown_name,
)
from tillpost.project.zones import zone_errors

# Meta's short names and those of its offline events page are the same kinds.
KINDS = {
    "em": "email",
    "ph": "phone",
    "ge": "gen",
    "gender": "gen",
    "zp": "zip",
    "first_name": "fn",
    "last_name": "ln",
    "birth_date": "db",
    "city": "ct",
    "state": "st",
} | {
    kind: kind
    for kind in (
        *("email", "phone", "fn", "ln", "gen", "db", "ct", "st", "zip", "country"),
        *("external_id", "madid", "lead_id", "client_ip_address", "client_user_agent"),
        *("fbc", "fbp", "subscription_id", "fb_login_id", "page_scoped_user_id", "ig_sid"),
        "ctwa_clid",
    )
}

COLUMN_LISTS = ("row_key", "line_key", "basket_key")
COLUMN_NAMES = ("version_by", "export_id", "scope_column")
META_KEYS = frozenset(
    (*COLUMN_LISTS, *COLUMN_NAMES, "time_zone", "lookback", "external_location", "formatter")
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """One raw table or file, as ``sources.yml`` declares it.

    ``kinds`` are the personal columns, ``impersonal`` are said to be none, ``types`` are declared.
    """

    source: str
    name: str
    file: str
    database: str = ""
    schema: str = ""
    identifier: str = ""
    location: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    impersonal: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """``source.table``, as messages and the funnel call it."""
        return f"{self.source}.{self.name}"

    @property
    def declared(self) -> tuple[object, ...]:
        """Whatever a model that reads it depends on."""
        return (self.database, self.schema, self.identifier, self.location, self.meta, self.types)

    @property
    def is_csv(self) -> bool:
        """Whether lines of it can be unreadable."""
        return self.location.startswith("read_csv(")


Declaration = tuple[Source, dict[str, Any], list[dict[str, Any]]]
"""A source, its entry in YAML, and the columns of that: tests stand in both."""


def read_sources(
    content: dict[str, Any], *, file: str, errors: list[UsageError]
) -> list[Declaration]:
    """The sources of one YAML file, each with its entry and its columns."""
    found: list[Declaration] = []
    for entry in sequence(content.get("sources"), where=file, key="sources"):
        group = mapping(entry, where=file, key="sources")
        name = text(group, "name", where=f"{file} sources")
        errors += key_errors(group, SOURCE, where=f"{file} {name}")
        errors += _config_errors(group, where=f"{file} {name}")
        for table in sequence(group.get("tables"), where=f"{file} {name}", key="tables"):
            found += [_read_table(group, table, file=file, errors=errors)]
    return found


def _read_table(
    group: dict[str, Any], table: object, *, file: str, errors: list[UsageError]
) -> Declaration:
    values = mapping(table, where=file, key="tables")
    group_name = text(group, "name", where=file)
    name = text(values, "name", where=f"{file} {group_name}")
    where = f"{file} {group_name}.{name}"
    meta = meta_of(group, where=where) | meta_of(values, where=where)
    columns = [
        mapping(column, where=where, key="columns")
        for column in sequence(values.get("columns"), where=where, key="columns")
    ]
    errors += key_errors(values, TABLE, where=where) + _config_errors(values, where=where)
    errors += column_errors(columns, where=where)
    kinds = _kinds(columns, where=where, errors=errors)
    errors.extend(_meta_errors(meta, where=where))
    errors.extend(_personal_keys(meta, kinds, where=where))
    location = _location(meta, name=name, where=where, errors=errors)
    errors.extend(location_errors(location, where=where))
    source = Source(
        source=group_name,
        name=name,
        file=file,
        database=str(values.get("database") or group.get("database") or ""),
        schema=str(values.get("schema") or group.get("schema") or group_name),
        identifier=str(values.get("identifier") or name),
        location=location,
        meta=meta,
        kinds=kinds,
        impersonal=_impersonal(columns, where=where),
        columns=tuple(str(column.get("name")) for column in columns),
        types=_types(columns),
        tags=(*_tags(group), *_tags(values)),
    )
    if not location:
        names = (source.database, source.schema, source.identifier)
        errors.extend(name_errors(*names, where=where))
    return source, values, columns


def _impersonal(columns: list[dict[str, Any]], *, where: str) -> frozenset[str]:
    """The columns of which somebody says that they are nobody's."""
    return frozenset(
        str(column.get("name"))
        for column in columns
        if meta_of(column, where=where).get("pii") is False
    )


def _types(columns: list[dict[str, Any]]) -> dict[str, str]:
    return {
        str(each.get("name")): str(each["data_type"]) for each in columns if each.get("data_type")
    }


def _tags(entry: dict[str, Any]) -> tuple[str, ...]:
    return (*tags_of(entry), *tags_of(entry.get("config") or {}))


def _config_errors(entry: dict[str, Any], *, where: str) -> list[UsageError]:
    config = mapping(entry.get("config"), where=where, key="config")
    return key_errors(config, SOURCE_CONFIG, where=where)


def _kinds(
    columns: list[dict[str, Any]], *, where: str, errors: list[UsageError]
) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for column in columns:
        kind = meta_of(column, where=where).get("pii")
        if kind is None or kind is False:
            continue
        if str(kind) in KINDS:
            kinds[str(column.get("name"))] = KINDS[str(kind)]
        else:
            here = f"{where}.{column.get('name')}"
            what = "there is no such kind of personal data"
            errors.append(unknown_name(str(kind), KINDS, where=here, what=what))
    return kinds


def _meta_errors(meta: dict[str, Any], *, where: str) -> list[UsageError]:
    errors = unknown_keys(meta, META_KEYS, where=where, of="a source's meta")
    for key in COLUMN_LISTS:
        value = meta.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            errors.append(UsageError(f'"{key}" must be a list of column names', where=where))
    for key in COLUMN_NAMES:
        if not isinstance(meta.get(key, ""), str):
            errors.append(UsageError(f'"{key}" must be the name of one column', where=where))
    if not is_days(meta.get("lookback", 63)):
        what = f'"lookback" must be a whole number of days, 1 to {LONGEST_LOOKBACK}'
        errors.append(UsageError(what, where=where))
    return errors + zone_errors(meta.get("time_zone", "UTC"), where=where)


def _personal_keys(meta: dict[str, Any], kinds: dict[str, str], *, where: str) -> list[UsageError]:
    """A key is stored and shown as it is, so it must not be somebody's name.

    An id may be one: staging digests it, which the proof sees to.
    """
    personal = {column.lower(): kind for column, kind in kinds.items()}
    named = [
        (key, str(column))
        for key in (*COLUMN_LISTS, *COLUMN_NAMES)
        for column in (meta[key] if isinstance(meta.get(key), list) else [meta.get(key, "")])
    ]
    return [
        UsageError(
            f'"{key}" names the personal column {column}',
            where=where,
            why="keys are stored and shown as they are",
            fix="name a column without personal data",
        )
        for key, column in named
        if (kind := personal.get(column.strip('"').lower()))
        and not (kind == "external_id" and key in COLUMN_LISTS)
    ]


def _location(meta: dict[str, Any], *, name: str, where: str, errors: list[UsageError]) -> str:
    """Where an external file is, as SQL: a call is taken as it is, a path becomes a call."""
    try:
        location = str(meta.get("external_location") or "").format_map({"name": name, **meta})
    except (LookupError, ValueError, AttributeError, TypeError) as error:
        errors.append(
            UsageError(
                "external_location cannot be filled in",
                where=where,
                why=f"braces stand for a key of meta or {{name}}, and {error} is none",
                fix="mend the name in the braces, or double braces that are meant as such",
            )
        )
        return ""
    if not location or "(" in location:
        return location
    path = location.replace("'", "''")
    if path.endswith(".parquet"):
        return f"read_parquet('{path}', filename = true, file_row_number = true)"
    return (
        f"read_csv('{path}', all_varchar = true, header = true, filename = true,"
        " union_by_name = true, ignore_errors = true)"
    )
