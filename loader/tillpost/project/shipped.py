"""What Tillpost lays down as it is, in every project: all but what its owner goes on with."""

from fnmatch import fnmatch
from pathlib import Path

from tillpost.project.schemas import schema_files
from tillpost.project.starter import starter_folder, template

_PARTS = (
    *("profiles.example.yml", ".sqlfluff"),
    *("models", "macros", "seeds", "tests/sql"),
)
# The models that map the demo's sources, and what makes the seeds.
_LEFT_OUT = ("stg_*", "sources.yml", "int_sales.sql", "*.py", "*.pyc")


def shipped_files() -> dict[str, bytes]:
    """The content of each file, by its path in a project."""
    with starter_folder() as root:
        made = schema_files() | {"pyproject.toml": template("sqlfmt.toml").encode()}
        return made | {
            path.relative_to(root).as_posix(): path.read_bytes()
            for part in _PARTS
            for path in _files(root / part)
            if not any(fnmatch(path.name, pattern) for pattern in _LEFT_OUT)
        }


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(path for path in place.rglob("*") if path.is_file())
