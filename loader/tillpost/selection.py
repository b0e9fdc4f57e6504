"""Which parts of a project somebody means, in dbt's words: names, paths, tags, ``+``, sets."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tillpost.errors import UsageError
from tillpost.project.yaml_file import did_you_mean

_TERM = re.compile(
    r"(?P<at>@)?(?P<parents>(?P<up>\d*)\+)?((?P<method>[a-z_.]+):)?(?P<value>.*?)"
    r"(?P<children>\+(?P<down>\d*))?"
)
_EVERYTHING = 10**6
_EXAMPLES = "a name, +name+, tag:name"
STATES = ("modified", "new")
_TEST_TYPES = {"test": "data", "unit_test": "unit"}


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of the project; ``parents`` are the ids of those that it reads.

    ``state`` says how it stands to the build that it is compared with: ``modified``, ``new``.
    """

    id: str
    name: str
    kind: str
    path: str
    parents: frozenset[str]
    tags: frozenset[str] = frozenset()
    materialized: str = ""
    state: frozenset[str] = frozenset()


Nodes = Mapping[str, Node]
_Match = Callable[[Node, str], bool]


def chosen(nodes: Nodes, select: Sequence[str], exclude: Sequence[str]) -> frozenset[str]:
    """The ids of the nodes that are selected and not excluded, and so of the tests of each.

    Args:
        nodes: all of them, by id.
        select: terms; a space or another item adds, a comma keeps what both sides have. Without
            any, everything is selected.
        exclude: terms of what is taken away.

    Raises:
        UsageError: terms mean nothing here. Only a state may have nobody in it.
    """
    found = _union(nodes, select, option="--select") if select else frozenset(nodes)
    left = found - (_union(nodes, exclude, option="--exclude") if exclude else frozenset())
    if found and not left:
        raise UsageError("nothing is left to select", why="--exclude takes all of it away")
    if not left and not any("state:" in text for text in select):
        raise UsageError(
            f'"{" ".join(select)}" selects nothing',
            where="--select",
            why="nothing is on both sides of a comma",
            fix="a space for both, a comma for what is in both",
        )
    return left


def _union(nodes: Nodes, texts: Iterable[str], *, option: str) -> frozenset[str]:
    """What any of the terms means, and each test of something that is among it."""
    terms = [term for text in texts for term in text.split()]
    if not terms:
        raise UsageError("there is no term", where=option, fix=_EXAMPLES)
    return _with_tests(
        nodes,
        frozenset[str]().union(*(_intersection(nodes, each, option=option) for each in terms)),
    )


def _intersection(nodes: Nodes, text: str, *, option: str) -> frozenset[str]:
    sets = [_with_tests(nodes, _term(nodes, each, option=option)) for each in text.split(",")]
    return sets[0].intersection(*sets[1:])


def _with_tests(nodes: Nodes, found: frozenset[str]) -> frozenset[str]:
    return found | {
        each.id for each in nodes.values() if each.kind in _TEST_TYPES and each.parents & found
    }


def _term(nodes: Nodes, text: str, *, option: str) -> frozenset[str]:
    term = _TERM.fullmatch(text)
    if term is None or not term["value"]:
        raise UsageError(f'"{text}" selects nothing', where=option, fix=_EXAMPLES)
    value = term["value"]
    method = term["method"] or ("path" if re.search(r"/|\.(sql|csv|yml)$", value) else "name")
    if method not in _METHODS:
        raise UsageError(
            f'nothing is selected by "{method}:"',
            where=option,
            why=f"there are: {', '.join(f'{each}:' for each in _METHODS)}",
            fix=did_you_mean(method, _METHODS),
        )
    found = frozenset(each.id for each in nodes.values() if _METHODS[method](each, value))
    if not found and not (method == "state" and value in STATES):
        raise UsageError(
            f'nothing here is called "{text}"',
            where=option,
            fix=_nearest(nodes, method, value) or "tillpost compile lists the models",
        )
    if term["at"]:
        return _above(nodes, _below(nodes, found, _EVERYTHING), _EVERYTHING)
    return (
        found
        | (_above(nodes, found, _depth(term["up"])) if term["parents"] else frozenset())
        | (_below(nodes, found, _depth(term["down"])) if term["children"] else frozenset())
    )


def _nearest(nodes: Nodes, method: str, value: str) -> str:
    return did_you_mean(value, {word for node in nodes.values() for word in _WORDS[method](node)})


def _depth(text: str) -> int:
    return int(text) if text else _EVERYTHING


def _above(nodes: Nodes, found: frozenset[str], depth: int) -> frozenset[str]:
    """They, and what they read, so many steps up."""
    while depth:
        parents = frozenset[str]().union(*(nodes[each].parents for each in found)) & nodes.keys()
        if parents <= found:
            break
        found, depth = found | parents, depth - 1
    return found


def _below(nodes: Nodes, found: frozenset[str], depth: int) -> frozenset[str]:
    """They, and what reads them, so many steps down."""
    while depth:
        children = frozenset(each.id for each in nodes.values() if each.parents & found)
        if children <= found:
            break
        found, depth = found | children, depth - 1
    return found


def _is_named(node: Node, value: str) -> bool:
    """By its name, or by a folder on the way to it."""
    folders = node.path.split("/")[1:-1] if node.kind in ("model", "seed") else []
    return fnmatchcase(node.name, value) or any(fnmatchcase(each, value) for each in folders)


def _is_at(node: Node, value: str) -> bool:
    path = value.removeprefix("./").rstrip("/")
    file = node.path.rpartition("/")[2]
    return node.path.startswith(f"{path}/") or any(
        fnmatchcase(each, path) for each in (node.path, file)
    )


def _is_source(node: Node, value: str) -> bool:
    return node.kind == "source" and (
        fnmatchcase(node.name, value) or fnmatchcase(node.name.partition(".")[0], value)
    )


_METHODS: dict[str, _Match] = {
    "name": _is_named,
    "path": _is_at,
    "tag": lambda node, value: any(fnmatchcase(tag, value) for tag in node.tags),
    "source": _is_source,
    "resource_type": lambda node, value: node.kind == value,
    "test_type": lambda node, value: _TEST_TYPES.get(node.kind) == value,
    "config.materialized": lambda node, value: node.materialized == value,
    "state": lambda node, value: value in node.state,
}


_WORDS: dict[str, Callable[[Node], Iterable[str]]] = {
    "name": lambda node: (node.name,),
    "path": lambda node: (node.path, node.path.rpartition("/")[0]),
    "tag": lambda node: node.tags,
    "source": lambda node: (node.name,) if node.kind == "source" else (),
    "resource_type": lambda node: (node.kind,),
    "test_type": lambda _: _TEST_TYPES.values(),
    "config.materialized": lambda node: (node.materialized,),
    "state": lambda _: STATES,
}
"""What could have been meant."""
