"""The privacy proof of a workspace: its models as trees, its sources' tags, its intrinsics."""

import csv
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillpost.compiler import OPAQUE, CompiledTest, Manifest, source_relation
from tillpost.errors import Place, UsageError, raise_all
from tillpost.pipeline.contract import require_contract
from tillpost.pipeline.intrinsics import declarations, is_intrinsic, read_rules
from tillpost.pipeline.lookalikes import named_errors
from tillpost.pipeline.origins import trace_back
from tillpost.pipeline.run_checks import run_errors
from tillpost.pipeline.type_check import types_of, untestable
from tillpost.pipeline.workspace import Workspace
from tillpost.privacy import Proof, Query, Raw, Subject, prove
from tillpost.privacy.names import unclear_names
from tillpost.privacy.places import place_of
from tillpost.project import MacroFile, Seed

LEAVING = frozenset({"events"})
SHOWN = "audit_"
"""What the loader reads and shows, stored or not, begins with this."""

_CLASS = re.compile(r"<class '[\w.]*\.(\w+)'>")
_UNENDED = "something that was begun does not end: a text in quotes, a name, a comment"


def proved(workspace: Workspace, manifest: Manifest | None = None) -> tuple[Manifest, Proof]:
    """The project compiled for its target, and the proof that it may be carried out.

    Args:
        workspace: the project and its target.
        manifest: what is compiled for it already, if it is.

    Raises:
        UsageError: see `require_proof`.
    """
    manifest = manifest or workspace.compiler.manifest()
    return manifest, require_proof(workspace, manifest)


def ready(workspace: Workspace, manifest: Manifest | None = None) -> tuple[Manifest, Proof]:
    """The same, and the final view has what the loader takes from it.

    Raises:
        UsageError: see `require_proof` and `require_contract`.
    """
    manifest, proof = proved(workspace, manifest)
    require_contract(manifest, dialect=workspace.compiler.settings.dialect)
    return manifest, proof


def require_proof(workspace: Workspace, run: Manifest | None = None) -> Proof:
    """Prove that no raw personal data is stored or leaves; types are checked on the way.

    Args:
        workspace: the project and its target.
        run: what is compiled for the target already, if it is.

    Raises:
        UsageError: the project is no such; every violation in every model is told at once.
    """
    errors: list[UsageError] = []
    manifest = workspace.compiler.manifest(dialect=OPAQUE)
    subject = subject_of(workspace, manifest, errors=errors)
    raise_all(errors)  # whoever reads what cannot be read would only repeat it
    run = run or workspace.compiler.manifest()
    errors += run_errors(workspace, manifest, run)
    errors += named_errors(workspace, manifest)
    proof, violations = prove(subject)
    followed = types_of(workspace, subject, run)
    errors += untestable(workspace, followed)
    found = [*violations, *followed.errors]
    trace_back(found, workspace.compiler, manifest)
    raise_all(errors + found)
    return proof


def subject_of(workspace: Workspace, manifest: Manifest, *, errors: list[UsageError]) -> Subject:
    """What the proof is about: the models that can be read as trees, and what they read."""
    project, schema = workspace.project, workspace.compiler.settings.schema
    return Subject(
        queries=tuple(_queries(workspace, manifest, errors=errors)),
        sources=tuple(
            Raw(
                name=source.full_name,
                relation=source_relation(source, schema=schema),
                kinds=source.kinds,
            )
            for source in project.sources.values()
        ),
        seeds={
            workspace.relation(seed.name): _header(workspace, seed)
            for seed in project.seeds.values()
        },
        rules=read_rules(project, errors=errors),
        trusted_base=trusted_base(workspace),
    )


def trusted_base(workspace: Workspace) -> str:
    """The digest of what the proof takes for granted."""
    return digest_of(base_files(workspace.project.root, workspace.project.macros))


def base_files(root: Path, macros: Collection[MacroFile]) -> dict[str, str]:
    """What the proof takes for granted: the texts of the intrinsics, and what they declare."""
    texts = {file.path: file.text for file in macros if is_intrinsic(file)}
    declared = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in declarations(root, macros)
    }
    return texts | declared


def digest_of(texts: Mapping[str, str]) -> str:
    """One digest of many files, whatever their order."""
    digest = hashlib.sha256()
    for path, text in sorted(texts.items()):
        digest.update(f"{path}\0{text}\0".encode())
    return digest.hexdigest()


def _queries(
    workspace: Workspace, manifest: Manifest, *, errors: list[UsageError]
) -> Iterator[Query]:
    for model in manifest.models:
        try:
            tree = _tree(model.sql, path=model.path)
        except UsageError as error:
            errors.append(error)
            continue
        yield Query(
            name=model.name,
            path=model.path,
            relation=model.relation,
            tree=tree,
            is_stored=model.materialized != "view" or model.name.startswith(SHOWN),
            leaves=model.name in LEAVING,
            plain_lines=_plain_lines(workspace.project.models[model.name].sql, model.sql),
        )
    yield from _kept(manifest.tests, errors=errors)


def _kept(tests: Iterable[CompiledTest], *, errors: list[UsageError]) -> Iterator[Query]:
    """The tests whose bad rows are stored."""
    for test in tests:
        if not test.kept_in:
            continue
        try:
            tree = _tree(test.sql, path=test.file)
        except UsageError as error:
            errors.append(error)
            continue
        yield Query(
            name=test.name, path=test.file, relation=test.kept_in, tree=tree, is_stored=True
        )


def _plain_lines(written: str, rendered: str) -> frozenset[int]:
    """The numbers of the lines that rendering left as they are."""
    both = zip(written.splitlines(), rendered.splitlines(), strict=False)
    return frozenset(number for number, (one, other) in enumerate(both, 1) if one == other)


def _tree(sql: str, *, path: str) -> exp.Expr:
    try:
        trees = [each for each in sqlglot.parse(sql, dialect="duckdb") if each]
    except SqlglotError as error:
        found = (getattr(error, "errors", None) or [{}])[0]
        near, line, end = (found.get(key) for key in ("highlight", "line", "col"))
        raise UsageError(
            f'syntax error near "{near or "the end"}"',
            where=Place(
                file=path, line=line or 0, column=end - len(near) + 1 if near and end else 0
            ),
            why=_CLASS.sub(r"\1", str(found.get("description") or _UNENDED)),
        ) from None
    if not trees:
        raise UsageError("there is no select in this file", where=path, fix="delete it")
    if len(trees) != 1:
        raise UsageError("a model is one select", where=path, fix="take the others out")
    if not sql.isascii():
        for each in unclear_names(trees[0]):
            raise UsageError(
                f"the name {each.name!a} can be read in two ways",
                where=place_of(each, path=path, plain_lines=()),
                why="it has what engines take for a space, or a capital that is none to them",
                fix="write it in letters of ASCII",
            )
    return trees[0]


def _header(workspace: Workspace, seed: Seed) -> tuple[str, ...]:
    try:
        with (workspace.project.root / seed.path).open(encoding="utf-8-sig", newline="") as file:
            return tuple(next(csv.reader(file), ()))
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(
            "this file is no CSV in UTF-8",
            where=seed.path,
            fix="see that the file is whole, and of the kind that it is read as",
        ) from None
