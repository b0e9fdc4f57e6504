"""How much a YAML text stands for, counted before anything is made of it."""

from typing import Any

import yaml

from tillpost.errors import Place, UsageError

DEEPEST = 100
LARGEST = 1_000_000
"""Values, those behind aliases counted wherever they stand."""

_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


def require_sane(text: str, loader: Any, *, shown: str) -> None:  # noqa: ANN401  PyYAML has no types
    """Refuse what is nested without end, or grows without end by its aliases.

    Raises:
        UsageError: it does; `yaml.YAMLError` where it is no YAML.
    """
    named: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(text, loader):
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, 0))
            if len(open_nodes) > DEEPEST:
                raise _refusal("this is nested too deeply", event, shown)
            continue
        size = 1
        anchor = getattr(event, "anchor", None)
        if isinstance(event, _ENDS):
            anchor, inside = open_nodes.pop()
            size = 1 + inside
        elif isinstance(event, yaml.AliasEvent):
            if anchor not in named:
                raise _refusal("this alias names what it stands in, or nothing", event, shown)
            size, anchor = named[anchor], None
        elif not isinstance(event, yaml.ScalarEvent):
            continue
        if anchor:
            named[anchor] = size
        parent, before = open_nodes[-1]
        open_nodes[-1] = (parent, before + size)
        if before + size > LARGEST:
            raise _refusal("the aliases here stand for more than a million values", event, shown)


def _refusal(what: str, event: Any, shown: str) -> UsageError:  # noqa: ANN401
    mark = event.start_mark
    return UsageError(what, where=Place(file=shown, line=mark.line + 1, column=mark.column + 1))
