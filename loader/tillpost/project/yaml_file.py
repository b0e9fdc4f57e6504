"""One YAML file: read it, or say where it is wrong."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from tillpost.errors import Place, UsageError

# The C loader reads four times as fast; where PyYAML was built without it the other does the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, *, shown: str) -> dict[str, Any]:
    """Read a file whose top level is a mapping; an empty file is an empty mapping.

    Args:
        path: the file.
        shown: how messages call it, usually relative to the project.

    Raises:
        UsageError: it cannot be read, is no YAML, or is no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError("no such file", where=shown) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("cannot be read", where=shown, why=type(error).__name__) from None
    return parse_yaml(text, shown=shown)


def parse_yaml(text: str, *, shown: str) -> dict[str, Any]:
    """Parse a text whose top level is a mapping."""
    try:
        content = yaml.load(text, _LOADER)  # noqa: S506  both loaders named above are safe ones
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
        UsageError(
            f'"{key}" is no key of {of}',
            where=where,
            why=f"it may have: {', '.join(names)}",
            fix=did_you_mean(str(key), names),
        )
        for key in given
        if key not in names
    ]


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The name that is nearest to the word, or nothing."""
    return next(iter(get_close_matches(word, list(names), n=1)), "")
