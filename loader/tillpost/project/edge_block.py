"""The ``edge`` block of a profile: where events go, and with which secrets."""

from typing import Any

from tillpost.errors import UsageError, raise_all
from tillpost.project.edge_checks import (
    DEFAULT_URL,
    EDGE_KEYS,
    SECRETS,
    edge_errors,
    short_secret_errors,
    whole,
)
from tillpost.project.hosts import host_error, is_here
from tillpost.project.profile import Profile
from tillpost.project.rendering import render_all
from tillpost.project.secrets import require_private, secret_keys, way_errors
from tillpost.project.yaml_file import mapping, unknown_keys
from tillpost.records import DatasetSettings, EdgeSettings

SECRET_WAYS = secret_keys(*SECRETS)
KNOWN = (*EDGE_KEYS, *(way for way in SECRET_WAYS if way not in EDGE_KEYS))


def edge_settings(profile: Profile, *, with_secrets: bool = True) -> EdgeSettings:
    """The block, complete and checked; files and commands are asked for secrets once all is well.

    Args:
        profile: the profile.
        with_secrets: whether anything is going to be asked or sent; else there are none.

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
    errors = unknown_keys(block, (*KNOWN, "datasets"), where=where, of="an edge")
    datasets = _datasets(profile, errors, where=f"{where}.datasets")
    rendered = _rendered(profile, block, KNOWN, errors, where=where)
    if rendered is None:
        raise_all(errors)
        rendered = {}
    values = _values(rendered, errors, where=where)
    address = values.get("graph_url", DEFAULT_URL)
    errors += edge_errors(values, where=where) or _trust_errors(profile, address, where=where)
    raise_all(errors)
    if not with_secrets:
        return EdgeSettings(**{"graph_url": DEFAULT_URL, **values, "access_token": ""})
    _require_privacy(profile, address)
    own = _opened(profile, rendered, address=address, where=where)
    by_dataset = {
        name: DatasetSettings(
            **_opened(profile, given, address=address, where=f"{where}.datasets.{name}")
        )
        for name, given in datasets.items()
    }
    defaults = {"graph_url": DEFAULT_URL, "access_token": ""}
    return EdgeSettings(**{**defaults, **values, **own, "datasets": by_dataset})


def _datasets(
    profile: Profile, errors: list[UsageError], *, where: str
) -> dict[str, dict[str, Any]]:
    """What each dataset says of secrets of its own, by id; what is wrong is added to the errors."""
    found: dict[str, dict[str, Any]] = {}
    block = mapping(profile.edge_block.get("datasets"), where=where, key="datasets")
    for name, own in block.items():
        here = f"{where}.{name}"
        values = mapping(own, where=here, key=str(name))
        errors += unknown_keys(values, SECRET_WAYS, where=here, of="a dataset")
        rendered = _rendered(profile, values, SECRET_WAYS, errors, where=here)
        if rendered is None:
            continue
        found[str(name)] = rendered
        if not any(rendered.get(way) for way in secret_keys("access_token")):
            errors.append(UsageError('it needs an "access_token" of its own', where=here))
    return found


def _rendered(
    profile: Profile,
    block: dict[str, Any],
    known: tuple[str, ...],
    errors: list[UsageError],
    *,
    where: str,
) -> dict[str, Any] | None:
    """The known keys of a block, rendered; nothing where they cannot be."""
    given = {key: block[key] for key in known if block.get(key) is not None}
    errors += way_errors(given, *SECRETS, where=where)
    try:
        return render_all(given, profile.environ, where=where)
    except UsageError as error:
        errors.append(error)
        return None


def _values(rendered: dict[str, Any], errors: list[UsageError], *, where: str) -> dict[str, Any]:
    """What is no secret, in the type that it must have."""
    values: dict[str, Any] = {}
    for key in EDGE_KEYS.keys() & rendered.keys() - set(SECRETS):
        try:
            values[key] = EDGE_KEYS[key](rendered[key])
        except (TypeError, ValueError):
            kind = "a whole number" if EDGE_KEYS[key] is whole else "a number"
            errors.append(UsageError(f'"{key}" must be {kind}', where=where))
    return values


def _opened(
    profile: Profile, rendered: dict[str, Any], *, address: str, where: str
) -> dict[str, str]:
    """The secrets of a block, read from where it says that they are."""
    given = {key: rendered[key] for key in SECRET_WAYS if key in rendered}
    found = profile.vault.opened(given, *SECRETS, where=where)
    opened = {key: str(value) for key, value in found.items()}
    raise_all(short_secret_errors(opened, address=address, where=where))
    return opened


def _trust_errors(profile: Profile, address: str, *, where: str) -> list[UsageError]:
    if not profile.vault.is_of_project:
        return []
    raw = profile.edge_block.get("graph_url", DEFAULT_URL)
    error = host_error(raw, address, environ=profile.environ, where=f"{where}.graph_url")
    return [error] if error else []


def _require_privacy(profile: Profile, address: str) -> None:
    """A profile in which a real secret stands is a file with a secret itself."""
    datasets = profile.edge_block.get("datasets") or {}
    for block in (profile.edge_block, *datasets.values()):
        literal = [key for key in SECRETS if block.get(key) and "{" not in str(block[key])]
        if literal and not is_here(address):
            require_private(profile.path, where=f"{profile.file}.edge.{literal[0]}")
