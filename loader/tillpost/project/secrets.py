"""A profile's secrets: each stands in the environment, in a file, or is what a command prints."""

import re
import shlex
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError, raise_all
from tillpost.redaction import hide, is_secret_name

STEMS = {
    "access_token": "token",
    "app_secret": "app_secret",
    "password": "password",
    "url": "url",
    "digest_key": "digest_key",
}
"""The keys that may hold a secret, and what the names of the other two ways begin with."""

SECRET_KEYS = frozenset({*STEMS, "pass", "token"})
SECONDS = 30.0
_ENV_VAR = re.compile(r"env_var\(\s*['\"]([^'\"]+)['\"]")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def ways(key: str) -> tuple[str, str, str]:
    """The keys that say where a secret is: itself, its file, its command."""
    return key, f"{STEMS[key]}_file", f"{STEMS[key]}_command"


def secret_keys(*keys: str) -> tuple[str, ...]:
    """All ways of saying where these secrets are."""
    return tuple(way for key in keys for way in ways(key))


def way_errors(block: Mapping[str, Any], *keys: str, where: str) -> list[UsageError]:
    """An error for each of these secrets that is told in two ways, or in none that can be gone."""
    return [error for key in keys for error in _errors_of(key, block, where=where)]


def _errors_of(key: str, block: Mapping[str, Any], *, where: str) -> Iterator[UsageError]:
    given = [way for way in ways(key) if block.get(way)]
    if len(given) > 1:
        names = " and ".join(f'"{way}"' for way in given)
        yield UsageError(f"{names} are given: which one is it?", where=where, fix="keep one")
    _, file, command = ways(key)
    if not isinstance(block.get(file, ""), str):
        yield UsageError(f'"{file}" must be the path of a file', where=where)
    words = block.get(command, "")
    if not isinstance(words, str) and not (
        isinstance(words, list) and words and all(isinstance(word, str) for word in words)
    ):
        yield UsageError(f'"{command}" must be a command: a text, or a list of words', where=where)


def secret_names(content: object) -> frozenset[str]:
    """The environment variables that a profiles.yml, as it stands there, reads secrets from."""
    found: set[str] = set()
    waiting = [content]
    while waiting:
        match waiting.pop():
            case dict(values):
                waiting += values.values()
                secrets = {key for key in values if is_secret_name(str(key))} | SECRET_KEYS
                texts = (str(values[key]) for key in secrets & values.keys())
                found |= {name for text in texts for name in _ENV_VAR.findall(text)}
            case list(items):
                waiting += items
    return frozenset(found)


@dataclass(frozen=True, kw_only=True)
class Vault:
    """Where a profile's secrets are read from, each only when it is needed.

    ``folder`` is where relative paths start; a profile that came with a project, as
    ``is_of_project`` tells, runs nothing.
    """

    folder: Path
    environ: Mapping[str, str] = field(repr=False)
    is_of_project: bool = False

    def opened(self, block: Mapping[str, Any], *keys: str, where: str) -> dict[str, Any]:
        """A block with these secrets in it, whatever way it tells them; texts hide them now.

        Raises:
            UsageError: files and commands that gave none, all of them.
        """
        errors = way_errors(block, *keys, where=where)
        raise_all(errors)
        found = dict(block)
        for key in keys:
            _, file, command = ways(key)
            path, words = found.pop(file, None), found.pop(command, None)
            try:
                if path:
                    found[key] = self._from_file(path, key=key, where=f"{where}.{file}")
                elif words:
                    found[key] = self._from_command(words, where=f"{where}.{command}")
            except UsageError as error:
                errors.append(error)
        raise_all(errors)
        hide(str(found[key]) for key in keys if found.get(key))
        return found

    def _from_file(self, name: str, *, key: str, where: str) -> str:
        path = (self.folder / Path(name).expanduser()).resolve()
        if key == "url" and self.is_of_project and path.is_relative_to(self.folder.resolve()):
            raise UsageError(
                "a profile in the project's own folder may not take an address from a file there",
                where=where,
                why="both may have come with the project",
                fix="keep the file elsewhere, or the address in the environment",
            )
        require_private(path, where=where)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise UsageError(
                "this file cannot be read", where=where, why=f"{path}: {why}"
            ) from None
        return _whole(text, where=where, of=f"the file {path}")

    def _from_command(self, command: str | list[str], *, where: str) -> str:
        if self.is_of_project:
            raise UsageError(
                "a profile in the project's own folder may not run a command",
                where=where,
                why="it may have come with the project",
                fix="mkdir -p ~/.dbt && mv profiles.yml ~/.dbt/",
            )
        words = command if isinstance(command, list) else _split(command, where=where)
        program = words[0]
        try:
            done = subprocess.run(  # noqa: S603  the words are the user's own, and no shell reads them
                words,
                cwd=self.folder,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            what = f"{program} gave nothing within {SECONDS:g} seconds"
            raise UsageError(what, where=where, fix="see that it asks nobody anything") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no command"
            raise UsageError(f"{program} cannot be run", where=where, why=why) from None
        if done.returncode:
            raise UsageError(
                f"{program} ended with exit code {done.returncode}",
                where=where,
                why="what it said is not shown, it may hold secrets",
                fix="run the command yourself",
            )
        text = done.stdout.decode(errors="surrogateescape")
        return _whole(text, where=where, of=f"what {program} prints")


def require_private(path: Path, *, where: str) -> None:
    """A file with a secret is its owner's alone.

    Raises:
        UsageError: there is no such file, or others may read it.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(
            "this file cannot be read", where=where, why=f"{path}: {error.strerror}"
        ) from None
    if mode & _OTHERS:
        raise UsageError(
            "others on this machine may read a file with a secret",
            where=where,
            why=f"{path} has mode {stat.S_IMODE(mode):04o}",
            fix=f"chmod 600 {path}",
        )


def _split(command: str, *, where: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        raise UsageError("a quote in this command does not end", where=where) from None
    if not words:
        raise UsageError("this command is empty", where=where)
    return words


def _whole(text: str, *, where: str, of: str) -> str:
    """The text without the line's end; a secret is one line."""
    secret = text.rstrip("\r\n")
    if not secret.strip():
        raise UsageError(f"{of} is empty", where=where)
    if "\n" in secret or "\r" in secret:
        hide([*secret.splitlines(), secret])
        raise UsageError(f"{of} is more than one line", where=where, fix="the secret alone")
    return secret
