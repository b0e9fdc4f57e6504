"""The proof as evidence: what is written down and shown of it, in a schema that stays."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from tillpost.compiler import Manifest
from tillpost.pipeline.lookalikes import Lookalike, is_strict, named, untagged
from tillpost.pipeline.proofs import base_files, digest_of, proved
from tillpost.pipeline.workspace import Workspace
from tillpost.privacy import Counts, Field, Filter, Passed, Proof
from tillpost.project.resources import read_macros
from tillpost.project.starter import starter_folder

VERSION = 1
"""Of the schema: a field that goes or means something else is a new version; one more is not."""
DIGESTS = frozenset({"hashed", "digested", "keyed"})


@dataclass(frozen=True, kw_only=True)
class TrustedBase:
    """What the proof takes for granted, and in which files it is not what Tillpost comes with."""

    digest: str
    shipped_digest: str
    is_shipped: bool
    differences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """How one tagged column gets to where it is, newest column first."""

    source: str
    kind: str
    form: str
    normalizer: str
    hash: str
    path: tuple[Passed, ...]


@dataclass(frozen=True, kw_only=True)
class PayloadField:
    """A key of the payload, with all ways that lead to it."""

    field: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class InClear:
    """Personal data that is not hashed: where it is, and why."""

    place: str
    source: str
    kind: str
    why: str


@dataclass(frozen=True, kw_only=True)
class StoredColumn:
    """A stored column that is made of personal data: in which forms, and of which columns."""

    relation: str
    column: str
    forms: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Untagged:
    """Columns of a source that models read and that no tag calls personal."""

    source: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A proof with all that is needed to read it without the project."""

    version: int
    date: str
    tillpost: str
    project: str
    target: str
    engine: str
    rules_version: str
    trusted_base: TrustedBase
    counts: Counts
    payload: tuple[PayloadField, ...]
    in_clear: tuple[InClear, ...]
    stored: tuple[StoredColumn, ...]
    filters: tuple[Filter, ...]
    untagged: tuple[Untagged, ...]
    lookalikes: tuple[Lookalike, ...]
    is_strict: bool


def project_evidence(workspace: Workspace) -> Evidence:
    """Prove the project, and hand over the evidence.

    Raises:
        UsageError: there is no proof; every violation is told at once.
    """
    manifest, proof = proved(workspace)
    return evidence(workspace, manifest, proof)


def evidence(workspace: Workspace, manifest: Manifest, proof: Proof) -> Evidence:
    """What is told of a proof; the date is the run's own clock."""
    project, settings = workspace.project, workspace.compiler.settings
    read = untagged(workspace, manifest)
    return Evidence(
        version=VERSION,
        date=f"{workspace.options.now:%Y-%m-%dT%H:%M:%SZ}",
        tillpost=version("tillpost"),
        project=project.name,
        target=workspace.profile.target,
        engine=settings.dialect,
        rules_version=project.rules_version,
        trusted_base=_trusted_base(workspace),
        counts=proof.counts,
        payload=tuple(_payload(proof.payload)),
        in_clear=tuple(dict.fromkeys(_in_clear([*proof.payload, *proof.stored]))),
        stored=tuple(_stored([*proof.stored, *proof.payload])),
        filters=proof.filters,
        untagged=tuple(Untagged(source=name, columns=names) for name, names in read.items()),
        lookalikes=named(project, read),
        is_strict=is_strict(project),
    )


def _trusted_base(workspace: Workspace) -> TrustedBase:
    own = base_files(workspace.project.root, workspace.project.macros)
    with starter_folder() as root:
        shipped = base_files(root, read_macros(root, {}, errors=[]))
    return TrustedBase(
        digest=digest_of(own),
        shipped_digest=digest_of(shipped),
        is_shipped=own == shipped,
        differences=tuple(
            f"{path} {_difference(own.get(path), shipped.get(path))}"
            for path in sorted(own.keys() | shipped.keys())
            if own.get(path) != shipped.get(path)
        ),
    )


def _difference(own: str | None, shipped: str | None) -> str:
    if shipped is None:
        return "was added"
    return "is missing" if own is None else "was changed"


def _payload(fields: Iterable[Field]) -> Iterator[PayloadField]:
    ways: dict[str, list[Way]] = defaultdict(list)
    for each in fields:
        ways[each.key].append(
            Way(
                source=each.source,
                kind=each.kind,
                form=each.stage,
                normalizer=each.normalizer,
                hash=each.hash,
                path=each.path,
            )
        )
    for key, found in sorted(ways.items()):
        yield PayloadField(field=key, ways=tuple(found))


def _in_clear(fields: Iterable[Field]) -> Iterator[InClear]:
    for each in fields:
        if each.stage in DIGESTS:
            continue
        yield InClear(
            place=f"{each.relation}.{each.column}",
            source=each.source,
            kind=each.kind,
            why=f"Meta takes it unhashed, as {each.key or f'user_data.{each.kind}'}",
        )


def _stored(fields: Iterable[Field]) -> Iterator[StoredColumn]:
    """A line a column: a thousand ways lead into a digest of everything."""
    columns: dict[tuple[str, str], list[Field]] = defaultdict(list)
    for each in fields:
        columns[each.relation, each.column].append(each)
    for (relation, column), found in columns.items():
        yield StoredColumn(
            relation=relation,
            column=column,
            forms=tuple(sorted({each.stage for each in found})),
            sources=tuple(sorted({f"{each.source} ({each.kind})" for each in found})),
        )
