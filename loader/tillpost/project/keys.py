"""Which keys the entries of a project's files take: one that nobody reads would say nothing.

dbt's that describe are taken and change nothing here. Those that would change what is built are
refused, since a project that counts on them would be another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tillpost.errors import UsageError
from tillpost.project.yaml_file import unknown_keys

_NOTHING: tuple[object, ...] = (None, False, "", [], {})


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What an entry takes; ``refused`` are dbt's keys, each with what to do instead."""

    of: str
    taken: frozenset[str]
    refused: Mapping[str, str] = field(default_factory=dict)
    is_always_on: bool = False


_TESTS = frozenset({"data_tests", "tests"})
_NAMED = frozenset({"name", "description", "meta", "config", "docs"})
_DESCRIBED = frozenset({"meta", "docs", "group", "access", "event_time", "persist_docs"})
_HOOKS = dict.fromkeys(
    ("pre_hook", "pre-hook", "post_hook", "post-hook", "sql_header"),
    "take it out: only what is proved is run, and that is selects",
)
_ELSEWHERE = {
    "alias": "rename the file: a relation is named as its file",
    **dict.fromkeys(
        ("schema", "database"), "schema in profiles.yml: what is built stands in one, under it"
    ),
    "grants": "grant it in the database",
}
_NO_CONSTRAINTS = "data_tests of its columns"

PROJECT = Keys(
    of="dbt_project.yml",
    taken=frozenset(
        (
            *("name", "version", "config-version", "profile", "require-dbt-version"),
            *("model-paths", "seed-paths", "macro-paths", "test-paths", "analysis-paths"),
            *("docs-paths", "asset-paths", "snapshot-paths", "packages-install-path"),
            *("target-path", "log-path", "clean-targets", "query-comment", "quoting", "flags"),
            *("dispatch", "restrict-access", "dbt-cloud", "exposures", "metrics"),
            *("semantic-models", "saved-queries", "snapshots"),
            *("on-run-start", "vars", "models", "seeds", *_TESTS),
        )
    ),
    refused={
        "on-run-end": "take it out: nothing runs behind the models",
        "unit_tests": "config of each unit test",
        "sources": "config and meta of each source",
    },
)
PROPERTIES = Keys(
    of="a file of properties",
    taken=frozenset(
        (
            *("version", "models", "seeds", "sources", "unit_tests", "macros", "analyses"),
            *("exposures", "metrics", "semantic_models", "saved_queries", "groups", "anchors"),
        )
    ),
    refused={
        "snapshots": "a source: Tillpost makes no snapshots, and can read one",
        "data_tests": "{{ config(…) }} in the file of the test",
    },
)
MODEL = Keys(
    of="a model",
    taken=_NAMED | _TESTS | {"columns", "access", "group", "deprecation_date"},
    refused={
        "versions": "a model of its own for each version",
        "constraints": _NO_CONSTRAINTS,
        "tags": "tags under config",
    },
)
SEED = Keys(of="a seed", taken=_NAMED | _TESTS | {"columns"}, refused={"tags": "tags under config"})
COLUMN = Keys(
    of="a column",
    taken=_NAMED | _TESTS | {"data_type", "quote", "tags", "granularity"},
    refused={"constraints": "data_tests", "pii": "meta: {pii: …}, in sources.yml"},
)
_SOURCE = (
    *("database", "schema", "loader", "loaded_at_field", "loaded_at_query", "freshness"),
    *("quoting", "tags"),
)
SOURCE = Keys(of="a source", taken=_NAMED.union(_SOURCE, {"tables"}))
TABLE = Keys(
    of="a table of a source", taken=_NAMED.union(_SOURCE, _TESTS, {"identifier", "columns"})
)
SOURCE_CONFIG = Keys(
    of="a source's config",
    taken=frozenset({"meta", "tags", "event_time", "freshness", "loaded_at_field", "enabled"}),
    is_always_on=True,
)
COLUMN_CONFIG = Keys(of="a column's config", taken=frozenset({"meta", "tags"}))
MODEL_CONFIG = Keys(
    of="a model's config",
    taken=_DESCRIBED | {"materialized", "tags", "enabled", "full_refresh"},
    refused={
        **_ELSEWHERE,
        **_HOOKS,
        "contract": f"{_NO_CONSTRAINTS}; the final view has a contract of its own",
    },
)
SEED_CONFIG = Keys(
    of="a seed's config",
    taken=_DESCRIBED | {"column_types", "quote_columns", "tags", "full_refresh", "enabled"},
    refused={**_ELSEWHERE, **_HOOKS, "delimiter": "save the file with commas"},
    is_always_on=True,
)
UNIT_TEST_CONFIG = Keys(of="a unit test's config", taken=frozenset({"enabled", "tags", "meta"}))


def key_errors(given: Mapping[str, object], keys: Keys, *, where: str) -> list[UsageError]:
    """An error for each key that would be passed over."""
    refused = [
        UsageError(
            f'{keys.of} takes no "{key}" here',
            where=where,
            why="it would be passed over",
            fix=fix,
        )
        for key, fix in keys.refused.items()
        if given.get(key) not in _NOTHING
    ]
    if keys.is_always_on and given.get("enabled") is False:
        refused.append(UsageError(f"{keys.of} cannot disable it", where=where, fix="delete it"))
    if not isinstance(given.get("tags", ""), str | list | None):
        refused.append(UsageError('"tags" must be a text or a list of them', where=where))
    others = (key for key in given if key not in keys.refused)
    return refused + unknown_keys(others, keys.taken, where=where, of=keys.of)


def tags_of(given: Mapping[str, object]) -> tuple[str, ...]:
    """The tags of an entry; what can be none is told by `key_errors`."""
    tags = given.get("tags")
    if isinstance(tags, str):
        return (tags,)
    return tuple(map(str, tags)) if isinstance(tags, list) else ()
