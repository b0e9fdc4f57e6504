"""JSON Schemas of a project's YAML files, for editors: made of what the loader itself checks by.

They complete keys and underline wrong shapes; what keys mean together, only the loader can tell.
"""

import json
import math
from typing import Any

from tillpost.project import keys as known
from tillpost.project.alerts import FORMATS
from tillpost.project.alerts import KINDS as ALERTS
from tillpost.project.alerts import NUMBERS as LIMITS
from tillpost.project.data_tests import BESIDE, GENERIC, SEVERITIES, TEST_CONFIG
from tillpost.project.edge_block import KNOWN as EDGE
from tillpost.project.output import KEYS, OF_DBT, known_keys
from tillpost.project.secrets import secret_keys
from tillpost.project.sources import COLUMN_LISTS, COLUMN_NAMES, KINDS, META_KEYS
from tillpost.project.thresholds import CHECKS
from tillpost.project.unit_rows import FORMATS as ROW_FORMATS
from tillpost.project.unit_rows import ROW_KEYS
from tillpost.project.unit_tests import KEYS as UNIT_TEST_KEYS
from tillpost.project.unit_tests import OVERRIDES
from tillpost.project.variables import LONGEST_LOOKBACK, OF_COMMANDS, SWITCHES, VARIABLES

Schema = dict[str, Any]
FOLDER = ".schemas"
FILES: dict[str, tuple[str, ...]] = {
    "profiles": ("profiles.yml", "profiles.example.yml"),
    "project": ("dbt_project.yml",),
    "properties": ("models/**/*.yml", "seeds/**/*.yml"),
}
"""Which files each schema is of."""
SETTINGS = ".vscode/settings.json"

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_SWITCH: Schema = {"type": "boolean"}
_WHOLE: Schema = {"type": "integer", "minimum": 1}
# A number may come from the environment.
_RENDERED: Schema = {"type": ["string", "number"]}
_ANY: Schema = {}
_OPEN: Schema = {"type": "object"}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_files() -> dict[str, bytes]:
    """The schemas, and what tells Visual Studio Code of them, by their paths in a project."""
    made = {"profiles": _profiles(), "project": _project(), "properties": _properties()}
    files = {
        f"{FOLDER}/{name}.json": _written({"$schema": _DRAFT, **schema})
        for name, schema in made.items()
    }
    mapped = {f"{FOLDER}/{name}.json": list(paths) for name, paths in FILES.items()}
    return {**files, SETTINGS: _written({"yaml.schemas": mapped})}


def _written(content: Schema) -> bytes:
    return f"{json.dumps(content, indent=2)}\n".encode()


def _mapping(keys: Schema, *, required: tuple[str, ...] = (), is_open: bool = False) -> Schema:
    return {
        "type": "object",
        "properties": keys,
        "required": list(required),
        "additionalProperties": is_open,
    }


def _or_nothing(schema: Schema) -> Schema:
    """The same, or a key without a value: the loader reads it as an empty one."""
    return {**schema, "type": [schema["type"], "null"]}


def _list(item: Schema) -> Schema:
    return _or_nothing({"type": "array", "items": item})


def _profiles() -> Schema:
    outputs = {"type": "object", "additionalProperties": {"anyOf": list(map(_output, KEYS))}}
    profile = _mapping({"target": _TEXT, "outputs": outputs}, required=("outputs",), is_open=True)
    return {"title": "profiles.yml", "type": "object", "additionalProperties": profile}


def _output(engine: str) -> Schema:
    keys = dict.fromkeys(sorted(known_keys(engine) | OF_DBT[engine]), _ANY)
    numbers = dict.fromkeys(EDGE, _RENDERED)
    secrets = {key: _ANY for key in EDGE if key.startswith(("token", "app_secret", "access_token"))}
    command = {key: {"type": ["string", "array"]} for key in secrets if key.endswith("_command")}
    datasets = {"type": "object", "additionalProperties": _mapping({**secrets, **command})}
    alerts = {
        **dict.fromkeys(secret_keys("url"), _ANY),
        "format": {"enum": list(FORMATS)},
        # YAML takes a plain `on` for a yes, and editors may as well.
        **{key: {"type": "array", "items": {"enum": list(ALERTS)}} for key in ("on", "true")},
        **dict.fromkeys(LIMITS, _RENDERED),
    }
    given: Schema = {
        "type": {"const": engine},
        "schema": _TEXT,
        "settings": {"type": ["object", "null"]},
        "ledger": {"type": ["string", "null", *(["object"] if engine != "postgres" else [])]},
        "relation": _TEXT,
        "edge": _or_nothing(_mapping({**numbers, **command, "datasets": _or_nothing(datasets)})),
        "alerts": _or_nothing(_mapping(alerts)),
        "threads": {"anyOf": [_WHOLE, _TEXT]},
    }
    if engine == "duckdb":
        attached = {"path": _TEXT, "alias": _TEXT}
        given["attach"] = _list(_mapping(attached, required=tuple(attached), is_open=True))
    return _mapping({**keys, **given}, required=("type",))


def _project() -> Schema:
    limits = {
        name: {
            "type": "number",
            "minimum": 0,
            **({} if math.isinf(check.largest) else {"maximum": check.largest}),
            "description": check.meaning,
            "default": check.limit,
        }
        for name, check in CHECKS.items()
    }
    variables = {
        **dict.fromkeys((*VARIABLES, *OF_COMMANDS), _ANY),
        **dict.fromkeys(SWITCHES, _SWITCH),
        "max_hash_share": {"type": "number", "minimum": 0, "maximum": 1},
        "min_frequent_hash": _WHOLE,
        "as_of": {"type": ["string", "integer"]},
        "dataset_id": {"type": ["string", "integer"]},
        "default_country": {"type": ["string", "null"], "pattern": "^([A-Za-z]{2})?$"},
        "lookback": {**_WHOLE, "maximum": LONGEST_LOOKBACK},
        "order_span": {**_WHOLE, "maximum": LONGEST_LOOKBACK},
        "audit": _or_nothing(_mapping(limits)),
    }
    return {
        "title": "dbt_project.yml",
        **_mapping(
            {
                **_any_of(known.PROJECT),
                "name": _TEXT,
                "profile": _TEXT,
                "vars": _or_nothing(_mapping(variables, is_open=True)),
            },
            required=("name",),
        ),
    }


def _properties() -> Schema:
    named = {"name": _TEXT, "description": {"type": ["string", "null"]}}
    meta = {
        **dict.fromkeys(sorted(META_KEYS), _ANY),
        **dict.fromkeys(COLUMN_LISTS, _TEXTS),
        **dict.fromkeys(COLUMN_NAMES, _TEXT),
        "time_zone": {"type": ["string", "object"]},
        "lookback": _WHOLE,
    }
    # A column may have any other meta beside; of a source, the loader takes none but its own.
    pii = _mapping({"pii": {"enum": [*sorted(KINDS), False, None]}}, is_open=True)
    tested = {**named, "data_tests": _tests(), "tests": _tests()}
    column = {**_any_of(known.COLUMN), **tested}
    columns = _list(_mapping({**column, **_meta(_OPEN, known.COLUMN_CONFIG)}, required=("name",)))
    personal = _list(_mapping({**column, **_meta(pii, known.COLUMN_CONFIG)}, required=("name",)))
    of_source = _meta(_mapping(meta), known.SOURCE_CONFIG)
    table = {**_any_of(known.TABLE), **tested, **of_source, "columns": personal}
    tables = _list(_mapping(table, required=("name",)))
    group = {**_any_of(known.SOURCE), **named, **of_source, "tables": tables}
    model = {
        **_any_of(known.MODEL),
        **tested,
        **_meta(_OPEN, known.MODEL_CONFIG),
        "columns": columns,
    }
    seed = {**_any_of(known.SEED), **tested, **_meta(_OPEN, known.SEED_CONFIG), "columns": columns}
    lists = {
        "sources": _mapping(group, required=("name",)),
        "models": _mapping(model, required=("name",)),
        "seeds": _mapping(seed, required=("name",)),
        "unit_tests": _unit_test(),
    }
    keys = {name: _list(item) for name, item in lists.items()}
    return {
        "title": "models and seeds",
        **_mapping({**_any_of(known.PROPERTIES), "version": {"const": 2}, **keys}),
    }


def _any_of(keys: known.Keys) -> Schema:
    """Every key that the loader takes, whatever it holds."""
    return dict.fromkeys(sorted(keys.taken), _ANY)


def _meta(meta: Schema, config: known.Keys) -> Schema:
    """``meta``, also where newer dbt wants it: under ``config``."""
    keys = _mapping({**_any_of(config), "meta": _or_nothing(meta)})
    return {"meta": _or_nothing(meta), "config": _or_nothing(keys)}


def _tests() -> Schema:
    """One of the four, or a test of the project's own with whatever it takes."""
    config = {
        **_any_of(TEST_CONFIG),
        "severity": {"enum": [*SEVERITIES, *map(str.upper, SEVERITIES)]},
        "limit": _WHOLE,
        "store_failures": _SWITCH,
        "enabled": _SWITCH,
    }
    # dbt's older form has configuration and arguments side by side.
    beside = {
        **dict.fromkeys(sorted(BESIDE), _ANY),
        **config,
        "config": _or_nothing(_mapping(config)),
        "name": _TEXT,
    }
    ours = {}
    for name, keys in GENERIC.items():
        takes = dict.fromkeys(sorted(keys), _ANY)
        given = {**beside, **takes, "arguments": _or_nothing(_mapping(takes))}
        ours[name] = _or_nothing(_mapping(given))
    own = _or_nothing(_mapping(beside, is_open=True))
    shape = {"type": "object", "minProperties": 1, "maxProperties": 1}
    one = {**shape, "properties": ours, "additionalProperties": own}
    return _list({"anyOf": [_TEXT, one]})


def _unit_test() -> Schema:
    rows = {
        **dict.fromkeys(ROW_KEYS, _ANY),
        "rows": {"type": ["array", "string", "null"]},
        "format": {"enum": list(ROW_FORMATS)},
        "fixture": _TEXT,
    }
    given = _list(_mapping({"input": _TEXT, **rows}, required=("input",)))
    overrides = {key: {"type": ["object", "null"]} for key in OVERRIDES}
    keys: Schema = {
        **dict.fromkeys(UNIT_TEST_KEYS, _ANY),
        "name": _TEXT,
        "model": _TEXT,
        "given": given,
        "expect": _mapping(rows),
        "overrides": _or_nothing(_mapping(overrides)),
        "config": _or_nothing(_mapping(_any_of(known.UNIT_TEST_CONFIG))),
    }
    return _mapping(keys, required=("name", "model", "expect"))
