"""Configuration that ``dbt_project.yml`` gives to whole folders: the nearest wins, tags add up."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.folders import PROJECT_FILE
from tillpost.project.keys import Keys, key_errors, tags_of
from tillpost.project.yaml_file import did_you_mean, mapping

Inside = tuple[str, ...]
"""The folders on the way to a file, and its name without the suffix."""


def inside(file: str, below: Iterable[str]) -> Inside:
    """Where a file is in the one of the project's folders that it is in."""
    path = PurePosixPath(file)
    folder = next(each for each in map(PurePosixPath, below) if path.is_relative_to(each))
    return path.relative_to(folder).with_suffix("").parts


def merged(config: Mapping[str, Any], nearer: Mapping[str, Any]) -> dict[str, Any]:
    """By dbt's rule: what is nearer to the model wins, but it has the tags of both."""
    tags = [*tags_of(config), *tags_of(nearer)]
    return {**config, **nearer, **({"tags": tags} if tags else {})}


def folder_config(tree: object, project: str, at: Inside) -> dict[str, Any]:
    """What the project, and each folder on the way, say of one file."""
    config: dict[str, Any] = {}
    level: object = mapping(tree, where=PROJECT_FILE, key="models or seeds")
    for part in (project, *at, ""):
        if not isinstance(level, dict):
            break
        config = merged(config, _own(level))
        level = level.get(part)
    return config


def tree_errors(
    settings: Mapping[str, Any], kind: str, keys: Keys, project: str, files: Iterable[Inside]
) -> list[UsageError]:
    """An error for each key that says nothing, and each folder that there is not.

    Args:
        settings: those of the project file.
        kind: under which of its keys the tree stands.
        keys: what the configuration takes.
        project: the name of the project.
        files: what may be configured.
    """
    paths = {(project, *each[:n]) for each in files for n in range(len(each) + 1)}
    return list(_errors(settings.get(kind), (kind,), keys, paths | {(project,)}))


def _errors(
    level: object, at: Inside, keys: Keys, paths: Collection[Inside]
) -> Iterator[UsageError]:
    if not isinstance(level, dict):
        return
    where = f"{PROJECT_FILE} {'.'.join(at)}"
    yield from key_errors(_own(level), keys, where=where)
    for name in level.keys() - _written(level):
        if (*at[1:], name) in paths:
            yield from _errors(level[name], (*at, name), keys, paths)
            continue
        beside = {path[len(at) - 1] for path in paths if path[: len(at) - 1] == at[1:] != path}
        yield UsageError(
            f'there is nothing named "{name}" to configure',
            where=where,
            why=f"there are: {', '.join(sorted(beside))}",
            fix=f"+{name}" if name in keys.taken else did_you_mean(str(name), beside),
        )


def _written(level: Mapping[str, Any]) -> list[str]:
    """The keys that configure: dbt asks for a plus, and goes without where it can."""
    return [key for key, value in level.items() if key[:1] == "+" or not isinstance(value, dict)]


def _own(level: Mapping[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("+"): level[key] for key in _written(level)}
