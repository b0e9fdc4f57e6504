"""The fields of a customer: Meta's names of them, and the columns that hold them."""

from collections.abc import Iterable, Sequence

from tillpost.engines import Row

# Meta's name of a field, and the column that holds it raw.
FIELDS = {
    "em": "email",
    "ph": "phone",
    "ge": "gen",
    "zp": "zip",
} | {
    name: name
    for name in (
        *("fn", "ln", "db", "ct", "st", "country", "external_id"),
        *("madid", "lead_id", "client_ip_address"),
    )
}
# What customers share: it passes the models of spellings, not those of customers.
SHARED = ("fn", "ln", "ge", "db", "ct", "st", "zp", "country")
IN_CLEAR = ("madid", "lead_id", "client_ip_address")
MOST = 3


def numbered(name: str) -> list[str]:
    """The columns of a field that may have several values."""
    return [name, *(f"{name}_{number}" for number in range(2, MOST + 1))]


def places(names: Sequence[str], field: str) -> list[int]:
    """Where the values of a field stand in a row with columns of these names."""
    return [names.index(name) for name in numbered(field) if name in names]


def filled(row: Row, chosen: Iterable[int]) -> tuple[str, ...]:
    """The values at some places of a row that are there."""
    return tuple(row[place] for place in chosen if row[place] is not None)
