"""One YAML file: read it, or say where it is wrong."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from tillpost.errors import Place, UsageError
from tillpost.project.yaml_size import require_sane

# The C loader reads four times as fast; where PyYAML was built without it the other does the same.
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SAFE):  # type: ignore[misc]
    """YAML in which one key stands twice is an error: one of the two would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002  as PyYAML calls it
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key.value}" stands there twice', key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path, *, shown: str) -> dict[str, Any]:
    """Read a file whose top level is a mapping; an empty file is an empty mapping.

    Args:
        path: the file.
        shown: how messages call it, usually relative to the project.

    Raises:
        UsageError: it cannot be read, is no YAML, or is no mapping.
    """
    return parse_yaml(read_text(path, shown=shown), shown=shown)


def read_text(path: Path, *, shown: str) -> str:
    """Read a text file.

    Raises:
        UsageError: it cannot be read, or is not in UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError("this file cannot be read", where=shown, why=str(error.strerror)) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "this file is not in UTF-8",
            where=Place(file=shown, line=content.count(b"\n", 0, error.start) + 1),
            fix="save it again as UTF-8",
        ) from None


def parse_yaml(text: str, *, shown: str) -> dict[str, Any]:
    """Parse a text whose top level is a mapping."""
    try:
        require_sane(text, _SAFE, shown=shown)
        content = yaml.load(text, _Loader)  # noqa: S506  it stands on a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(file=shown, line=mark.line + 1, column=mark.column + 1) if mark else shown
        raise UsageError(
            "not valid YAML", where=place, why=error.problem or "", fix="mend the line named here"
        ) from None
    except yaml.YAMLError:
        raise UsageError("not valid YAML", where=shown) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError("must be a mapping of keys to values", where=shown)
    return content


def lines_of(text: str, *, depth: int) -> dict[tuple[str | int, ...], int]:
    """The line of each item of valid YAML, by up to so many keys and numbers that lead to it."""
    found: dict[tuple[str | int, ...], int] = {}
    waiting: list[tuple[tuple[str | int, ...], yaml.Node | None]] = [
        ((), yaml.compose(text, _SAFE))
    ]
    while waiting:
        path, node = waiting.pop()
        if len(path) == depth:
            continue
        children: list[tuple[str | int, yaml.Node]] = []
        if isinstance(node, yaml.MappingNode):
            children = [(key.value, value) for key, value in node.value]
            found |= {(*path, key.value): key.start_mark.line + 1 for key, _ in node.value}
        elif isinstance(node, yaml.SequenceNode):
            children = list(enumerate(node.value))
            found |= {(*path, n): each.start_mark.line + 1 for n, each in children}
        waiting += [((*path, key), child) for key, child in children]
    return found


def mapping(value: object, *, where: str, key: str) -> dict[str, Any]:
    """The value as a mapping; nothing is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f'"{key}" must be a mapping of keys to values', where=where)
    return value


def sequence(value: object, *, where: str, key: str) -> list[Any]:
    """The value as a list; nothing is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise UsageError(f'"{key}" must be a list', where=where)
    return value


def text(value: Mapping[str, Any], key: str, *, where: str) -> str:
    """The text under a key that must be there."""
    found = value.get(key)
    if not isinstance(found, str) or not found:
        raise UsageError(f'"{key}" must be given, as text', where=where)
    return found


def unknown_keys(
    given: Iterable[object], known: Iterable[str], *, where: str, of: str
) -> list[UsageError]:
    """An error for each key that is not known, with the one that was probably meant."""
    names = sorted(known)
    return [
        unknown_name(str(key), names, where=where, what=f"{of} has no such key")
        for key in given
        if key not in names
    ]


def unknown_name(name: str, known: Iterable[str], *, where: str, what: str) -> UsageError:
    """An error for a name that is not known, with the one that was probably meant."""
    names = sorted(known)
    return UsageError(
        f'{what}: "{name}"',
        where=where,
        why=f"there are: {', '.join(names) or 'none'}",
        fix=did_you_mean(name, names),
    )


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The name that is nearest to the word, or nothing."""
    return next(iter(get_close_matches(word, list(names), n=1)), "")
