"""The customer models over rows of one's own: raw fields in, normalised or hashed fields out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar
from uuid import UUID

import duckdb
import yaml
from jinja2 import Environment, StrictUndefined

ROOT = Path(__file__).parent.parent
MODELS = (
    *("int_placeholders", "int_spellings", "int_folded_spellings", "int_known_spellings"),
    *("int_normalized_spellings", "int_hashed_spellings"),
    *("int_folded_customers", "int_known_customers", "int_dialled_customers"),
    *("int_normalized_customers", "int_identities"),
)
RAW = (
    *("email", "email_2", "email_3", "phone", "phone_2", "phone_3", "fn", "ln", "gen", "db"),
    *("ct", "st", "zip", "country", "external_id", "external_id_2", "external_id_3"),
    *("madid", "lead_id", "client_ip_address", "client_user_agent", "user_keys"),
)
AS_OF = datetime(2026, 11, 23, tzinfo=UTC)

Row = Mapping[str, str | None]
Key = TypeVar("Key")


class Normalizer:
    """The models in a DuckDB of their own, compiled once.

    Args:
        variables: what `var` answers; everything else has its default.
    """

    def __init__(self, **variables: object) -> None:
        self._connection = duckdb.connect(config={"threads": 2})
        columns = ", ".join(f"{name} varchar" for name in RAW)
        self._connection.execute(f"create table int_chosen_customers (basket uuid, {columns})")
        self._load_seeds()
        names = _names(variables)
        for model in MODELS:
            text = (ROOT / "models" / "intermediate" / f"{model}.sql").read_text("utf-8")
            sql = _jinja().from_string(text).render(names)
            # Bound with what reads it: to bind a view is to bind all that it reads.
            self._connection.execute(f"create view {model} with (defer_binding) as {sql}")

    def normalized(self, rows: Sequence[Row]) -> list[dict[str, str | None]]:
        """What is hashed, a row for a row."""
        return self._read("int_normalized_customers", rows)

    def identities(self, rows: Sequence[Row]) -> list[dict[str, str | None]]:
        """What Meta gets, a row for a row."""
        return self._read("int_identities", rows)

    def identities_of(self, groups: Mapping[Key, Sequence[Row]]) -> dict[Key, list[Row]]:
        """The same for many groups of rows, each by its key: asking once is what takes time."""
        found = iter(self.identities([row for rows in groups.values() for row in rows]))
        return {key: list(islice(found, len(rows))) for key, rows in groups.items()}

    def _read(self, relation: str, rows: Sequence[Row]) -> list[dict[str, str | None]]:
        self._connection.execute("delete from int_chosen_customers")
        columns = ", ".join(["unnest(cast(? as varchar[]))"] * len(RAW))
        self._connection.execute(
            f"insert into int_chosen_customers select unnest(cast(? as uuid[])), {columns}",
            [
                [str(UUID(int=number)) for number in range(len(rows))],
                *([row.get(name) for row in rows] for name in RAW),
            ],
        )
        result = self._connection.execute(f"select * from {relation} order by basket")
        names = [column[0] for column in result.description or ()][1:]
        return [dict(zip(names, values[1:], strict=True)) for values in result.fetchall()]

    def _load_seeds(self) -> None:
        for seed in yaml.safe_load((ROOT / "seeds" / "__seeds.yml").read_text("utf-8"))["seeds"]:
            name, types = seed["name"], seed["config"]["column_types"]
            file = ROOT / "seeds" / f"{name}.csv"
            self._connection.execute(
                f"create table {name} as select * from read_csv(?, header = true, types = {types})",
                [str(file)],
            )


def _jinja() -> Environment:
    return Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701  it writes SQL, no HTML


def _names(variables: Mapping[str, object]) -> dict[str, object]:
    """What a model's Jinja may call: the project's macros, and dbt's own words."""
    names: dict[str, object] = {
        "ref": str,
        "var": lambda name, default=None: variables.get(name, default),
        "config": lambda **_settings: "",
        "run_started_at": AS_OF,
        "execute": False,
    }
    names["adapter"] = SimpleNamespace(
        dispatch=lambda name: names.get(f"duckdb__{name}") or names[f"default__{name}"]
    )
    files = sorted((ROOT / "macros").rglob("*.sql"))
    library = _jinja().from_string("".join(file.read_text("utf-8") for file in files))
    names |= {
        name: macro for name, macro in vars(library.make_module(names)).items() if callable(macro)
    }
    return names
