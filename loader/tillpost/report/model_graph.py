"""The models as a picture: one below the other as they are built, arcs from what each reads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import PurePosixPath

from tillpost.pipeline.page_facts import Node

ROW = 22
GUTTER = 128
"""Pixels to the left of the models, for the arcs."""
WIDTH = 335
SOURCES = "sources"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A model or a source at its height; ``kind`` is `source`, `table` or `view`."""

    name: str
    y: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The name of a folder of models above those that lie in it."""

    name: str
    y: int


@dataclass(frozen=True, kw_only=True)
class ModelGraph:
    """All that the picture needs; ``arcs`` are SVG paths."""

    headings: tuple[Heading, ...]
    spots: tuple[Spot, ...]
    arcs: tuple[str, ...]
    height: int


def model_graph(nodes: Sequence[Node]) -> ModelGraph:
    """Lay the models out; an arc that says no more than a longer way does is left out."""
    headings: list[Heading] = []
    spots: dict[str, Spot] = {}
    y = 0
    for layer, members in _layers(nodes).items():
        y += ROW
        headings.append(Heading(name=layer, y=y))
        for name, kind in members.items():
            y += ROW
            spots[name] = Spot(name=name, y=y, kind=kind)
        y += ROW // 2
    arcs = tuple(_arc(spots[one].y, spots[other].y) for one, other in _edges(nodes))
    return ModelGraph(
        headings=tuple(headings), spots=tuple(spots.values()), arcs=arcs, height=y + ROW // 2
    )


def _layers(nodes: Sequence[Node]) -> dict[str, dict[str, str]]:
    """The kind of each source and model, by folder, in the order of building."""
    sources = sorted({name for node in nodes for name in node.sources})
    layers: dict[str, dict[str, str]] = {SOURCES: dict.fromkeys(sources, "source")}
    for node in sorted(nodes, key=_folder_depths(nodes)):
        kind = "table" if node.is_stored else "view"
        layers.setdefault(layer_of(node.path), {})[node.name] = kind
    return {layer: members for layer, members in layers.items() if members}


def _folder_depths(nodes: Sequence[Node]) -> Callable[[Node], tuple[int, int]]:
    """How deep the deepest model of a node's folder lies, then the flattest: folders in order."""
    depths: dict[str, int] = {}
    for node in nodes:
        depths[node.name] = 1 + max((depths.get(name, 0) for name in node.refs), default=0)
    found: dict[str, list[int]] = {}
    for node in nodes:
        found.setdefault(layer_of(node.path), []).append(depths[node.name])
    return lambda node: (max(found[layer_of(node.path)]), min(found[layer_of(node.path)]))


def layer_of(path: str) -> str:
    """The folder that a model lies in."""
    return PurePosixPath(path).parent.name


def _edges(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    parents = {node.name: {*node.refs, *node.sources} for node in nodes}

    @cache
    def before(name: str) -> frozenset[str]:
        own = parents.get(name, set())
        return frozenset(own).union(*map(before, own))

    for name, own in parents.items():
        for parent in sorted(own):
            if not any(parent in before(other) for other in own - {parent}):
                yield parent, name


def _arc(start: int, end: int) -> str:
    """The further it goes, the further it swings out; neighbours are joined straight."""
    rows = abs(end - start) / ROW
    if rows <= 1:
        return f"M{GUTTER} {start}V{end}"
    swing = GUTTER - min(GUTTER * 1.3, 9 + 25 * sqrt(rows - 1))
    return f"M{GUTTER} {start}C{swing:.0f} {start} {swing:.0f} {end} {GUTTER} {end}"
