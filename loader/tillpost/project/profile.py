"""The profile: where the models run and where events go, in dbt's own file format."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from tillpost.errors import UsageError, raise_all
from tillpost.project.output import output_errors
from tillpost.project.yaml_file import did_you_mean, mapping, read_yaml, unknown_keys
from tillpost.records import DatasetSettings, EdgeSettings


def _whole(value: object) -> int:
    """A whole number, also as the text that an environment variable is; 2.5 is none."""
    return int(str(value))


EDGE_KEYS: dict[str, Callable[[Any], Any]] = {
    "graph_url": str,
    "version": str,
    "access_token": str,
    "app_secret": str,
    "partner_agent": str,
    "test_event_code": str,
    "max_in_flight": _whole,
    "batch_size": _whole,
    "max_bytes": _whole,
    "timeout": float,
    "attempts": _whole,
    "max_refused_share": float,
}
DATASET_KEYS = ("access_token", "app_secret")
OLDEST_VERSION = 21
MAX_BATCH = 1000
MAX_PARTNER_AGENT = 22


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One output of one profile, rendered; its ``edge`` is rendered only when it is asked for."""

    file: str
    name: str
    target: str
    settings: dict[str, Any]
    edge_block: dict[str, Any]
    environ: Mapping[str, str]

    def __repr__(self) -> str:
        """Without settings, which may hold secrets."""
        return f"Profile({self.name!r}, target={self.target!r})"


def load_profile(
    directories: list[Path], *, name: str, target: str | None, environ: Mapping[str, str]
) -> Profile:
    """Find ``profiles.yml`` in the first directory that has one, and take one output of it."""
    path = next(
        (each / "profiles.yml" for each in directories if (each / "profiles.yml").exists()), None
    )
    if path is None:
        raise UsageError(
            "there is no profiles.yml",
            why=f"looked in: {', '.join(str(each) for each in directories)}",
            fix="cp profiles.example.yml profiles.yml",
        )
    content = read_yaml(path, shown=path.name)
    profile = mapping(content.get(name), where=path.name, key=name)
    outputs = mapping(profile.get("outputs"), where=f"{path.name} {name}", key="outputs")
    if not outputs:
        raise UsageError(
            f'there is no profile "{name}" with outputs',
            where=path.name,
            why=f"it has: {', '.join(content) or 'nothing'}",
            fix=f'name one "{name}", or set "profile:" in dbt_project.yml',
        )
    wanted = target or str(render(str(profile.get("target", "default")), environ, where=path.name))
    if wanted not in outputs:
        raise UsageError(
            f'profile "{name}" has no target "{wanted}"',
            where=path.name,
            why=f"it has: {', '.join(outputs)}",
            fix=did_you_mean(wanted, outputs),
        )
    output = dict(mapping(outputs[wanted], where=path.name, key=wanted))
    edge = mapping(output.pop("edge", None), where=path.name, key="edge")
    where = f"{path.name} {name}.{wanted}"
    settings = _render_all(output, environ, where=where)
    raise_all(output_errors(settings, where=where))
    return Profile(
        file=where,
        name=name,
        target=wanted,
        settings=settings,
        edge_block=edge,
        environ=environ,
    )


def edge_settings(profile: Profile) -> EdgeSettings:
    """The ``edge`` block, complete and checked.

    Raises:
        UsageError: keys that are unknown or missing, an address that is none, limits of Meta's.
    """
    where = f"{profile.file}.edge"
    if not profile.edge_block:
        raise UsageError(
            "the profile says nothing about the edge",
            where=where,
            fix="take the edge block of profiles.example.yml",
        )
    block = {key: value for key, value in profile.edge_block.items() if key != "datasets"}
    errors = unknown_keys(block, (*EDGE_KEYS, "datasets"), where=where, of="an edge")
    datasets = _datasets(profile, errors, where=f"{where}.datasets")
    known = {key: profile.edge_block[key] for key in EDGE_KEYS if key in profile.edge_block}
    values: dict[str, Any] = {}
    try:
        rendered = _render_all(known, profile.environ, where=where)
    except UsageError as error:
        raise_all([*errors, error])
        raise
    for key, value in rendered.items():
        try:
            values[key] = EDGE_KEYS[key](value if value is not None else "")
        except (TypeError, ValueError):
            kind = "a whole number" if EDGE_KEYS[key] is _whole else "a number"
            errors.append(UsageError(f'"{key}" must be {kind}', where=where))
    errors += _edge_errors(values, where=where)
    raise_all(errors)
    defaults = {"graph_url": "https://graph.facebook.com", "access_token": ""}
    return EdgeSettings(**{**defaults, **values, "datasets": datasets})


def _datasets(
    profile: Profile, errors: list[UsageError], *, where: str
) -> dict[str, DatasetSettings]:
    """Each dataset with a token of its own, by id; what is wrong is added to the errors."""
    found: dict[str, DatasetSettings] = {}
    block = mapping(profile.edge_block.get("datasets"), where=where, key="datasets")
    for name, own in block.items():
        here = f"{where}.{name}"
        values = mapping(own, where=here, key=str(name))
        errors += unknown_keys(values, DATASET_KEYS, where=here, of="a dataset")
        known = {key: str(values[key]) for key in DATASET_KEYS if values.get(key)}
        try:
            found[str(name)] = DatasetSettings(**_render_all(known, profile.environ, where=here))
        except UsageError as error:
            errors.append(error)
            continue
        if not found[str(name)].access_token:
            errors.append(UsageError('it needs an "access_token" of its own', where=here))
    return found


def _edge_errors(values: dict[str, Any], *, where: str) -> list[UsageError]:
    url = urlsplit(values.get("graph_url", "https://graph.facebook.com"))
    version = re.fullmatch(r"v(\d+)\.\d+", values.get("version", ""))
    checks = [
        (
            url.scheme in ("http", "https") and bool(url.hostname),
            '"graph_url" must be an http(s) address',
        ),
        (
            url.scheme == "https" or url.hostname in ("localhost", "127.0.0.1", "::1", None),
            '"graph_url" must be https, except on this machine: it carries the token',
        ),
        (
            version is not None and int(version[1]) >= OLDEST_VERSION,
            f'"version" must be one that Meta serves: v{OLDEST_VERSION}.0 or newer',
        ),
        (
            1 <= values.get("batch_size", MAX_BATCH) <= MAX_BATCH,
            '"batch_size" must be 1 to 1000, Meta\'s limit',
        ),
        (values.get("max_in_flight", 1) >= 1, '"max_in_flight" must be 1 or more'),
        (values.get("attempts", 1) >= 1, '"attempts" must be 1 or more'),
        (
            0 <= values.get("max_refused_share", 0) <= 1,
            '"max_refused_share" must be a share, 0 to 1',
        ),
        (values.get("timeout", 1) > 0, '"timeout" must be more than 0 seconds'),
        (
            len(values.get("partner_agent", "")) <= MAX_PARTNER_AGENT,
            '"partner_agent" must be shorter than 23 characters',
        ),
    ]
    return [UsageError(words, where=where) for good, words in checks if not good]


def render(value: str, environ: Mapping[str, str], *, where: str) -> str:
    """Render a value's Jinja; ``env_var`` is all that it may use."""

    def env_var(name: str, default: str | None = None) -> str:
        found = environ.get(name, default)
        if found is None:
            raise UsageError(
                f"the environment variable {name} is not set", where=where, fix=f"export {name}=…"
            )
        return found

    if "{" not in value:
        return value
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    try:
        return environment.from_string(value).render(env_var=env_var)
    except TemplateError as error:
        raise UsageError(
            "the Jinja in it cannot be rendered", where=where, why=str(error)
        ) from None


def _render_all(
    values: dict[str, Any], environ: Mapping[str, str], *, where: str
) -> dict[str, Any]:
    """Every text in a block, rendered; all missing variables are told at once."""
    errors: list[UsageError] = []

    def walk(value: object, path: str) -> object:
        if isinstance(value, dict):
            return {key: walk(item, f"{path}.{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item, path) for item in value]
        if isinstance(value, str):
            try:
                return render(value, environ, where=path)
            except UsageError as error:
                errors.append(error)
        return value

    rendered = {key: walk(value, f"{where}.{key}") for key, value in values.items()}
    raise_all(errors)
    return rendered
