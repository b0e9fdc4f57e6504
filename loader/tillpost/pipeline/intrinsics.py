"""What the project declares of its intrinsics: `macros:` in YAML beside them, as dbt has it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError
from tillpost.privacy import Effect, Rule, Rules
from tillpost.project import MacroFile, Project
from tillpost.project.columns import meta_of
from tillpost.project.sources import KINDS
from tillpost.project.yaml_file import mapping, read_yaml, sequence, text, unknown_name

DECLARED = "__intrinsics.yml"
_TEXT = re.compile(r"^(?:duckdb|postgres|spark|default)__|^unless_hashed$")
_FOLDERS = {"intrinsics", "engines"}


def is_intrinsic(file: MacroFile) -> bool:
    """Whether a file of macros holds texts that the proof does not look into."""
    below = _FOLDERS & set(file.path.split("/"))
    return bool(below) or any(_TEXT.match(name) for name in file.names)


def declarations(root: Path, macros: Iterable[MacroFile]) -> list[Path]:
    """The YAML files beside a project's macros that say what intrinsics do."""
    folders = {file.path.rpartition("/")[0] for file in macros}
    declared = (root / folder / DECLARED for folder in folders)
    return sorted(path for path in declared if path.is_file())


def read_rules(project: Project, *, errors: list[UsageError]) -> Rules:
    """The rule of each intrinsic that is declared."""
    rules: dict[str, Rule] = {}
    for path in declarations(project.root, project.macros):
        file = path.relative_to(project.root).as_posix()
        content = read_yaml(path, shown=file)
        for entry in sequence(content.get("macros"), where=file, key="macros"):
            values = mapping(entry, where=file, key="macros")
            name = text(values, "name", where=f"{file} macros")
            rule = _rule(name, meta_of(values, where=f"{file} {name}"), file, errors)
            if rule:
                rules[name] = rule
    return Rules(by_name=rules)


def _rule(name: str, meta: dict[str, Any], file: str, errors: list[UsageError]) -> Rule | None:
    where = f"{file} {name}"
    effect = str(meta.get("privacy"))
    if effect not in set(Effect):
        what = "there is no such effect on personal data"
        errors.append(unknown_name(effect, list(Effect), where=where, what=what))
        return None
    kinds = [str(kind) for kind in sequence(meta.get("kinds"), where=where, key="kinds")]
    errors += [
        unknown_name(kind, KINDS, where=where, what="there is no such kind of personal data")
        for kind in kinds
        if kind not in KINDS
    ]
    return Rule(
        name=name,
        effect=Effect(effect),
        kinds=tuple(KINDS.get(kind, kind) for kind in kinds),
        is_aggregate=bool(meta.get("is_aggregate")),
        takes=tuple(str(each) for each in sequence(meta.get("takes"), where=where, key="takes")),
        gives=str(meta.get("gives") or ""),
    )
