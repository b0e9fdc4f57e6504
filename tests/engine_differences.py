"""Where two builds part: the first model whose rows differ, and some of them."""

from collections import Counter

from engine_runs import Build, Texts

SHOWN = 6
WIDTH = 400


def first_difference(ours: Build, theirs: Build) -> str:
    """The first model in build order that differs, rows side by side; empty where none does."""
    for model in ours.manifest.models:
        found = difference(ours, theirs, model.name)
        if found:
            engines = f"{ours.engine.dialect} and {theirs.engine.dialect}"
            return f"{engines} part at {model.name} ({model.path})\n{found}"
    return ""


def difference(ours: Build, theirs: Build, model: str) -> str:
    """What differs in one relation; empty where nothing does."""
    (names, rows), (other_names, other_rows) = ours.texts(model), theirs.texts(model)
    if names != other_names:
        return f"columns: {names}\n     not: {other_names}"
    only_ours = Counter(rows) - Counter(other_rows)
    only_theirs = Counter(other_rows) - Counter(rows)
    if not only_ours and not only_theirs:
        return ""
    others = list(only_theirs.elements())
    columns = Counter[str]()
    lines = []
    for row in only_ours.elements():
        other = _nearest(row, others)
        if other is None:
            lines.append(f"missing: {_shown(row)}")
            continue
        others.remove(other)
        apart = [
            (name, one, two) for name, one, two in zip(names, row, other, strict=True) if one != two
        ]
        columns.update(name for name, _, _ in apart)
        cells = "".join(
            f"\n  {name}: {_cut(one)}\n  {' ' * len(name)}  {_cut(two)}" for name, one, two in apart
        )
        lines.append(f"{_shown(row)}{cells}")
    lines += [f"too many: {_shown(row)}" for row in others]
    head = f"{len(lines)} of {len(rows)} rows; columns: {dict(columns.most_common())}"
    return "\n".join([head, *lines[:SHOWN]])


def _nearest(row: Texts, others: list[Texts]) -> Texts | None:
    """The row with the most of the same cells, if it has half of those that are filled."""

    def alike(other: Texts) -> int:
        return sum(one == two for one, two in zip(row, other, strict=True) if one is not None)

    best = max(others, key=alike, default=None)
    filled = sum(cell is not None for cell in row)
    return best if best is not None and 2 * alike(best) >= filled else None


def _shown(row: Texts) -> str:
    return " | ".join(_cut(cell, 40) for cell in row if cell is not None)[:WIDTH]


def _cut(text: str | None, width: int = WIDTH) -> str:
    return "null" if text is None else ascii(text[:width])
