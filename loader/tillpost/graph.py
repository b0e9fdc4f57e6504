"""The order in which things are built: each after all that it refers to."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from tillpost.errors import UsageError


def build_order(parents: Mapping[str, Iterable[str]], *, paths: Mapping[str, str]) -> list[str]:
    """Names in an order that can be built; equal input gives equal order.

    Args:
        parents: for each name the names it refers to.
        paths: the file of each name, for the message about a cycle.

    Raises:
        UsageError: they refer to each other in a circle.
    """
    sorter = TopologicalSorter({name: sorted(parents[name]) for name in sorted(parents)})
    try:
        return list(sorter.static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        raise UsageError(
            "these models refer to each other in a circle",
            where=paths.get(circle[0], circle[0]),
            why=" → ".join(circle),
            fix="take one of these refs out",
        ) from None
