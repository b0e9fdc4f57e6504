"""A project folder: ``dbt_project.yml`` and the files that it names, read and checked."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError, raise_all
from tillpost.project.configuration import configuration_errors
from tillpost.project.data_tests import DataTest
from tillpost.project.declared_tests import tests_of_one_name, under_folders
from tillpost.project.folders import PROJECT_FILE, all_folders, folders, missing_folders, texts
from tillpost.project.properties import (
    Declared,
    read_properties,
    sources_of_one_name,
    unknown_resources,
)
from tillpost.project.resources import (
    MacroFile,
    Model,
    Seed,
    models_named_as_seeds,
    other_models,
    read_macros,
    read_models,
    read_seeds,
    read_singular_tests,
    unplain_names,
)
from tillpost.project.sources import Source
from tillpost.project.variables import unread_errors, variable_errors
from tillpost.project.yaml_file import mapping, read_yaml, text

__all__ = [
    "MATERIALIZATIONS",
    "MacroFile",
    "Model",
    "Project",
    "Seed",
    "load_project",
    "profile_name",
]

MATERIALIZATIONS = ("view", "table")
_VARS = f"{PROJECT_FILE} vars"
RULE_FOLDERS = {"intrinsics", "customers"}
RULE_SETTINGS = ("day_first", "default_country", "external_id_keeps_case")
# They say what may be sent, and in what words; no hash hangs on them.
SEEDS_OF_WORDS = {"action_sources", "currencies", "problems", "reasons"}


@dataclass(frozen=True, kw_only=True)
class Project:
    """Everything that the folder says, nothing of it rendered yet."""

    root: Path
    name: str
    profile: str
    vars: dict[str, Any]
    models: dict[str, Model]
    seeds: dict[str, Seed]
    sources: dict[str, Source]
    macros: tuple[MacroFile, ...]
    tests: tuple[DataTest, ...]
    on_run_start: tuple[str, ...]
    rules_version: str
    unit_test_files: tuple[str, ...] = ()
    test_folders: tuple[str, ...] = ()


def load_project(root: Path, *, overrides: dict[str, Any] | None = None) -> Project:
    """Read a whole project; everything that is wrong in it is told at once.

    Args:
        root: the folder with ``dbt_project.yml``.
        overrides: variables of the command line, which win over the file's.

    Raises:
        UsageError: the folder holds no project, or files in it are wrong.
    """
    settings = _settings(root)
    name = text(settings, "name", where=PROJECT_FILE)
    errors: list[UsageError] = []
    macro_errors: list[UsageError] = []
    macros = read_macros(root, settings, errors=macro_errors)
    names = {name for file in macros for name in file.names}
    declared = read_properties(root, settings, names, errors=errors)
    models = read_models(root, settings, name, declared, errors=errors)
    seeds = read_seeds(root, settings, name, declared)
    errors += unknown_resources(declared, {*models, *seeds})
    errors += sources_of_one_name(declared) + models_named_as_seeds(models, seeds)
    errors += unplain_names(models, seeds) + other_models(root, settings)
    errors += missing_folders(root, settings)
    variables, given = _variables(settings, name), overrides or {}
    errors += macro_errors
    tests = _tests(root, settings, name, declared, errors=errors)
    errors += configuration_errors(settings, name, models.values(), seeds.values(), tests)
    errors += _wrong_variables(variables, given, _texts(settings, models, macros, tests))
    raise_all(errors)
    return Project(
        root=root,
        name=name,
        profile=str(settings.get("profile", name)),
        vars=variables | given,
        models=models,
        seeds=seeds,
        sources={source.full_name: source for source in declared.sources},
        macros=macros,
        tests=tests,
        on_run_start=tuple(texts(settings.get("on-run-start"))),
        rules_version=_rules_version(root, macros, seeds, variables | given),
        unit_test_files=tuple(declared.unit_test_files),
        test_folders=tuple(folders(settings, "test-paths")),
    )


def _tests(
    root: Path, settings: dict[str, Any], name: str, declared: Declared, *, errors: list[UsageError]
) -> tuple[DataTest, ...]:
    """Every test, those of YAML first, each with what its folders configure."""
    tests = (*declared.tests, *read_singular_tests(root, settings, errors=errors))
    errors += tests_of_one_name(tests)
    tree = settings.get("data_tests", settings.get("tests"))
    return under_folders(tests, tree, name, below=all_folders(settings))


def _wrong_variables(
    variables: dict[str, Any], given: dict[str, Any], readers: list[str]
) -> list[UsageError]:
    """An error for each variable, of the file or the command line, that is wrong or never read."""
    return [
        *variable_errors(variables, where=_VARS),
        *variable_errors(given, where="--vars"),
        *unread_errors(variables, texts=readers, where=_VARS, is_typed=False),
        *unread_errors(given, texts=readers, where="--vars", is_typed=True),
    ]


def _texts(
    settings: dict[str, Any],
    models: dict[str, Model],
    macros: tuple[MacroFile, ...],
    tests: tuple[DataTest, ...],
) -> list[str]:
    """Whatever may read a variable."""
    of_tests = (f"{each.sql}{each.settings}{each.arguments}" for each in tests)
    written = (each.sql for each in models.values())
    return [str(settings.get("on-run-start")), *written, *(each.text for each in macros), *of_tests]


def profile_name(root: Path) -> str:
    """The profile that the project file names, whatever else may be wrong."""
    settings = _settings(root)
    return str(settings.get("profile") or text(settings, "name", where=PROJECT_FILE))


def _settings(root: Path) -> dict[str, Any]:
    path = root / PROJECT_FILE
    if not path.exists():
        raise UsageError(
            f"there is no {PROJECT_FILE} here",
            where=str(root),
            fix="tillpost init my_shop, or --project-dir with the folder of a project",
        )
    return read_yaml(path, shown=PROJECT_FILE)


def _variables(settings: dict[str, Any], name: str) -> dict[str, Any]:
    """By dbt's rule: what stands under the project's own name wins."""
    variables = mapping(settings.get("vars"), where=PROJECT_FILE, key="vars")
    own = mapping(variables.get(name), where=PROJECT_FILE, key=f"vars.{name}")
    return {key: value for key, value in variables.items() if key != name} | own


def _rules_version(
    root: Path, macros: tuple[MacroFile, ...], seeds: dict[str, Seed], variables: dict[str, Any]
) -> str:
    """A digest of what decides hashes: intrinsics, reference tables and the settings they take."""
    digest = hashlib.sha256()
    for macro in macros:
        if RULE_FOLDERS & set(macro.path.split("/")):
            digest.update(macro.text.encode())
    for name in sorted(seeds.keys() - SEEDS_OF_WORDS):
        digest.update((root / seeds[name].path).read_bytes())
    for name in RULE_SETTINGS:
        digest.update(f"{name}={variables.get(name)}\n".encode())
    return digest.hexdigest()[:12]
