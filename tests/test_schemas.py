"""The schemas that editors complete YAML by: they take what the loader takes."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from tillpost.project.alerts import NUMBERS
from tillpost.project.data_tests import BESIDE, CONFIG, GENERIC
from tillpost.project.edge_block import KNOWN
from tillpost.project.output import KEYS, OF_DBT, known_keys
from tillpost.project.schemas import FILES, SETTINGS, schema_files
from tillpost.project.sources import META_KEYS
from tillpost.project.thresholds import CHECKS
from tillpost.project.unit_rows import ROW_KEYS
from tillpost.project.unit_tests import KEYS as UNIT_TEST_KEYS
from tillpost.project.unit_tests import OVERRIDES
from tillpost.project.variables import VARIABLES

ROOT = Path(__file__).parents[1]
OURS = sorted(
    (name, path.relative_to(ROOT).as_posix())
    for name, patterns in FILES.items()
    for pattern in patterns
    for path in ROOT.glob(pattern)
    if path.name != "profiles.yml"
)
OUTPUT = "shop: {outputs: {dev: {type: duckdb, path: b.duckdb, %s}}}"
TABLE = "sources: [{name: a, tables: [{name: b, %s}]}]"
MODEL = "models: [{name: a, columns: [{name: b, data_tests: [%s]}]}]"
UNIT_TEST = "unit_tests: [{name: a, model: b, expect: {rows: []}, %s}]"
GOOD = (
    ("profiles", OUTPUT % "extensions: [httpfs], edge: {token_command: [pass, meta]}"),
    ("profiles", OUTPUT % "ledger: {type: postgres, host: db}"),
    ("profiles", OUTPUT % "alerts: {url: 'https://x.example', on: [failure]}"),
    ("profiles", OUTPUT % "ledger: , edge: , alerts: , attach: "),
    ("project", "{name: a, vars: {audit: }}"),
    ("project", "{name: a, vars: {lookback: 7, mine: [1], audit: {max_drop: 0.5}}}"),
    ("properties", TABLE % "columns: [{name: c, meta: {pii: em}}, {name: d, meta: {pii: false}}]"),
    ("properties", TABLE % "meta: , columns: [{name: c, meta: {pii: , owner: till team}}]"),
    ("properties", TABLE % "columns: , config: {meta: {row_key: [c]}}"),
    ("properties", "models: [{name: a, columns: , data_tests: }]"),
    ("properties", MODEL % "not_null: , accepted_values: {values: [1], severity: warn}"),
    ("properties", MODEL % "not_null, at_least: {smallest: 1}"),
    ("properties", UNIT_TEST % "given: [{input: ref('c'), rows: [{d: 1}]}]"),
)
BAD = (
    ("profiles", OUTPUT % "pth: b.duckdb", "unknown key of an output"),
    ("profiles", OUTPUT % "edge: {versoin: v26.0}", "unknown key of the edge"),
    ("profiles", OUTPUT % "edge: {datasets: {'1': {batch_size: 1}}}", "no secret of a dataset"),
    ("profiles", OUTPUT % "threads: 0", "no threads"),
    ("profiles", OUTPUT % "attach: [{path: a}]", "an attachment without a name"),
    ("profiles", OUTPUT % "alerts: {format: teams}", "no such format"),
    ("profiles", "shop: {outputs: {dev: {type: duckbd}}}", "no such engine"),
    ("project", "{name: a, vars: {lookback: '7'}}", "a text for a number"),
    ("project", "{name: a, vars: {audit: {max_drop: 2}}}", "a share above 1"),
    ("project", "{name: a, vars: {audit: {max_drpo: 0.2}}}", "no such limit"),
    ("project", "{vars: {}}", "no name"),
    ("project", "{name: a, model-path: [models]}", "no such key"),
    ("properties", "model: [{name: a}]", "no such list"),
    ("properties", "models: [{name: a, colums: []}]", "no such key of a model"),
    ("properties", "models: [{name: a, config: {materialised: table}}]", "no such configuration"),
    ("properties", "models: [{name: a, columns: [{name: b, data_test: []}]}]", "no key of columns"),
    ("properties", "seeds: [{name: a, config: {delimiter: ;}}]", "not passed over, but refused"),
    ("properties", TABLE % "identifer: c", "no such key of a table"),
    ("properties", TABLE % "columns: [{name: c, pii: em}]", "a tag that would protect nobody"),
    ("properties", MODEL % "not_null: {config: {severty: warn}}", "no such key of a test"),
    ("properties", MODEL % "at_least: {config: {severty: warn}}", "nor of one's own test"),
    ("properties", UNIT_TEST % "config: {enabeld: false}", "no such key of a unit test's config"),
    ("properties", TABLE % "meta: {row_keys: [a]}", "unknown key of a source's meta"),
    ("properties", TABLE % "meta: {row_key: a}", "no list of columns"),
    ("properties", TABLE % "columns: [{name: c, meta: {pii: emial}}]", "no such kind"),
    ("properties", MODEL % "not_null: {config: {severity: warning}}", "no such severity"),
    ("properties", MODEL % "not_null: {severity: warning}", "no such severity, in the older form"),
    ("properties", MODEL % "accepted_values: {valeus: []}", "no such argument, in the older form"),
    ("properties", TABLE % "config: {meta: {row_keys: [a]}}", "unknown key of config.meta"),
    ("properties", MODEL % "accepted_values: {arguments: {valeus: []}}", "no such argument"),
    ("properties", UNIT_TEST % "givne: []", "unknown key of a unit test"),
    ("properties", UNIT_TEST % "given: [{input: this, format: xml}]", "no such format"),
)


@cache
def validator(name: str) -> Callable[[Any], Any]:
    schema = json.loads(schema_files()[f".schemas/{name}.json"])
    made: Callable[[Any], Any] = fastjsonschema.compile(schema)
    return made


def plain(text: str) -> Any:  # noqa: ANN401  whatever YAML holds
    """As an editor sees it: JSON has no dates, and no keys but texts."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


@pytest.mark.parametrize(("name", "path"), OURS)
def test_what_ships_is_taken(name: str, path: str) -> None:
    validator(name)(plain((ROOT / path).read_text()))


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_what_the_loader_takes_is_taken(name: str, text: str) -> None:
    validator(name)(plain(text))


@pytest.mark.parametrize(("name", "text", "what"), BAD)
def test_a_wrong_shape_is_underlined(name: str, text: str, what: str) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        pytest.fail(f"{what} is taken: {validator(name)(plain(text))}")


def test_every_key_that_the_loader_knows_is_completed() -> None:
    texts = {name: content.decode() for name, content in schema_files().items()}
    shipped = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    outputs = {key for engine in KEYS for key in known_keys(engine) | OF_DBT[engine]}
    arguments = {key for keys in GENERIC.values() for key in keys}
    wanted: dict[str, set[str]] = {
        "profiles": {*outputs, *KNOWN, *NUMBERS},
        "project": {*CHECKS, *VARIABLES, *shipped["vars"]},
        "properties": {
            *(*META_KEYS, *CONFIG, *BESIDE, *GENERIC, *arguments),
            *(*UNIT_TEST_KEYS, *ROW_KEYS, *OVERRIDES),
        },
    }
    missing = {
        key
        for name, keys in wanted.items()
        for key in keys
        if f'"{key}": ' not in texts[f".schemas/{name}.json"]
    }
    assert not missing


def test_visual_studio_code_is_told_of_each() -> None:
    files = schema_files()
    mapped = json.loads(files[SETTINGS])["yaml.schemas"]
    assert {*mapped, SETTINGS} == set(files)
