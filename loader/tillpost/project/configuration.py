"""What ``dbt_project.yml`` configures: all of it must be about something that there is."""

from collections.abc import Collection
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.data_tests import TEST_CONFIG, DataTest, read_config
from tillpost.project.declared_tests import place_of
from tillpost.project.folder_config import inside, tree_errors
from tillpost.project.folders import PROJECT_FILE, all_folders
from tillpost.project.keys import MODEL_CONFIG, PROJECT, SEED_CONFIG, key_errors
from tillpost.project.resources import Model, Seed


def configuration_errors(
    settings: dict[str, Any],
    name: str,
    models: Collection[Model],
    seeds: Collection[Seed],
    tests: Collection[DataTest],
) -> list[UsageError]:
    """An error for each key of the project file that would be passed over."""
    below = all_folders(settings)
    places = {
        "models": [inside(each.path, below) for each in models],
        "seeds": [inside(each.path, below) for each in seeds],
        "data_tests": [place_of(each, below) for each in tests],
    }
    keys = {"models": MODEL_CONFIG, "seeds": SEED_CONFIG, "data_tests": TEST_CONFIG}
    trees = settings | {"data_tests": settings.get("data_tests", settings.get("tests"))}
    errors = key_errors(settings, PROJECT, where=PROJECT_FILE)
    for kind, files in places.items():
        errors += tree_errors(trees, kind, keys[kind], name, files)
    for each in {repr(test.defaults): test.defaults for test in tests}.values():
        read_config(each, where=f"{PROJECT_FILE} data_tests", errors=errors)
    return errors
