"""The reference tables: made again they are the same bytes, and each key names one row."""

import csv
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import sqlglot
from sqlglot import exp

from compiled_project import ROOT, repository_compiler
from tillpost.compiler import OPAQUE
from tillpost.sandbox.currencies import CURRENCIES

SEEDS = ROOT / "seeds"
BY_HAND = {"action_sources", "gender_words", "placeholders", "problems", "reasons"}

UNITED = {"int_placeholders": {"placeholders", "placeholder_hashes"}}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def joined_keys() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each seed with the columns of it that some model joins on."""
    compiler = repository_compiler()
    seeds = compiler.settings.project.seeds
    for model in compiler.manifest(dialect=OPAQUE).models:
        tree = sqlglot.parse_one(model.sql, dialect="duckdb")
        read = {cte.alias: cte.this.find(exp.Table).name for cte in tree.find_all(exp.CTE)}
        for join in tree.find_all(exp.Join):
            relation = read.get(join.this.name)
            condition = join.args.get("on")
            columns = condition.find_all(exp.Column) if condition else ()
            own = {column.name for column in columns if column.table == join.alias_or_name}
            for seed in UNITED.get(relation, {relation}) & seeds.keys():
                yield seed, tuple(sorted(own))


def test_made_again_they_are_the_same(tmp_path: Path) -> None:
    for module in SEEDS.glob("*.py"):
        shutil.copy(module, tmp_path)
    shutil.copy(SEEDS / "placeholders.csv", tmp_path)  # what the hashes are made of
    script = tmp_path / "make_seeds.py"
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True)
    written = contents(tmp_path)
    committed = contents(SEEDS)
    assert {path.removesuffix(".csv") for path in committed.keys() - written.keys()} == (
        BY_HAND - {"placeholders"}
    )
    assert written == {name: committed[name] for name in written}


def test_what_is_joined_on_is_unique() -> None:
    keys = set(joined_keys())
    assert {seed for seed, _ in keys} == {path.stem for path in SEEDS.glob("*.csv")}
    for seed, columns in keys:
        counts = Counter(tuple(row[column] for column in columns) for row in rows(seed))
        repeated = {key for key, count in counts.items() if count > 1}
        assert (seed, columns, repeated) == (seed, columns, set())
        assert all(all(key) for key in counts), f"{seed} has an empty {columns}"


def test_the_sandbox_takes_the_currencies_of_the_seed() -> None:
    assert {row["currency"] for row in rows("currencies")} == CURRENCIES
