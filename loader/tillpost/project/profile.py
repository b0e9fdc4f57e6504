"""The profile: where the models run and where events go, in dbt's own file format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError, raise_all
from tillpost.project.digest_key import NAME, session_key
from tillpost.project.hosts import output_host_errors
from tillpost.project.output import output_errors
from tillpost.project.rendering import render, render_all
from tillpost.project.secrets import Vault, require_private, secret_names
from tillpost.project.yaml_file import did_you_mean, mapping, read_yaml
from tillpost.redaction import hide

_TOKEN_OF_SPARK = re.compile(r"token=([^;]+)")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One output of one profile, rendered; its ``edge`` is rendered only when it is asked for.

    ``settings`` hold no secret that stands in a file or comes from a command: ``opened`` has them.
    ``secret_names`` are the environment variables that the whole file reads secrets from.
    """

    path: Path
    file: str
    name: str
    target: str
    settings: dict[str, Any] = field(repr=False)
    edge_block: dict[str, Any] = field(repr=False)
    vault: Vault
    secret_names: frozenset[str] = frozenset()

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment that it was rendered with."""
        return self.vault.environ

    def opened(self) -> dict[str, Any]:
        """The settings with their secrets, as an engine or a ledger connects with them."""
        settings = self.vault.opened(self.settings, "password", NAME, where=self.file)
        if secret := str(settings.pop(NAME, None) or ""):
            settings[NAME] = session_key(secret, where=f"{self.file}.{NAME}")
        if isinstance(ledger := settings.get("ledger"), dict):
            here = f"{self.file}.ledger"
            settings["ledger"] = self.vault.opened(ledger, "password", where=here)
            hide([str(ledger.get("pass") or "")])
        hide([str(settings.get("pass") or ""), *_TOKEN_OF_SPARK.findall(str(settings.get("url")))])
        return settings


def load_profile(
    directories: list[Path],
    *,
    name: str,
    target: str | None,
    environ: Mapping[str, str],
    project: Path | None = None,
) -> Profile:
    """Find ``profiles.yml`` in the first directory that has one, and take one output of it.

    Args:
        directories: where it may be.
        name: the profile.
        target: the output, where it is not the profile's own choice.
        environ: what ``env_var`` reads.
        project: the project's folder: a profile that lies in it is trusted less.
    """
    path = _find(directories)
    content = read_yaml(path, shown=path.name)
    wanted, output = _output(content, name, target, environ=environ, shown=path.name)
    edge = mapping(output.pop("edge", None), where=path.name, key="edge")
    where = f"{path.name} {name}.{wanted}"
    settings = render_all(output, environ, where=where)
    if output.get(NAME) and "{" not in str(output[NAME]):
        require_private(path, where=f"{where}.{NAME}")
    is_of_project = project is not None and path.resolve().is_relative_to(project.resolve())
    errors = output_errors(settings, where=where)
    if is_of_project:
        errors += output_host_errors(output, settings, environ=environ, where=where)
    raise_all(errors)
    return Profile(
        path=path,
        file=where,
        name=name,
        target=wanted,
        settings=settings,
        edge_block=edge,
        vault=Vault(folder=path.parent, environ=environ, is_of_project=is_of_project),
        secret_names=secret_names(content),
    )


def _output(
    content: Mapping[str, Any],
    name: str,
    target: str | None,
    *,
    environ: Mapping[str, str],
    shown: str,
) -> tuple[str, dict[str, Any]]:
    """The output that is asked for, as it is written, and its name."""
    profile = mapping(content.get(name), where=shown, key=name)
    outputs = mapping(profile.get("outputs"), where=f"{shown} {name}", key="outputs")
    if not outputs:
        raise UsageError(
            f'there is no profile "{name}" with outputs',
            where=shown,
            why=f"it has: {', '.join(content) or 'nothing'}",
            fix=f'name one "{name}", or set "profile:" in dbt_project.yml',
        )
    wanted = target or str(render(str(profile.get("target", "default")), environ, where=shown))
    if wanted not in outputs:
        raise UsageError(
            f'profile "{name}" has no target "{wanted}"',
            where=shown,
            why=f"it has: {', '.join(outputs)}",
            fix=did_you_mean(wanted, outputs),
        )
    return wanted, dict(mapping(outputs[wanted], where=shown, key=wanted))


def _find(directories: list[Path]) -> Path:
    for each in directories:
        if (each / "profiles.yml").exists():
            return each / "profiles.yml"
    raise UsageError(
        "there is no profiles.yml",
        why=f"looked in: {', '.join(str(each) for each in directories)}",
        fix="cp profiles.example.yml profiles.yml",
    )
