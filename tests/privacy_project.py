"""A small project for the privacy proof: a tagged source, the shipped macros, any models."""

import copy
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

from tillpost.compiler import Compiler
from tillpost.pipeline.workspace import Options, Workspace, open_workspace
from tillpost.project import MacroFile, Model
from tillpost.project.sources import Source

ROOT = Path(__file__).parents[1]
PROJECT = """
name: shop
profile: shop
"""
PROFILES = """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb}
"""
SOURCES = """
version: 2
sources:
  - name: shop
    tables:
      - name: customers
        meta: {external_location: data/customers.parquet}
        columns:
          - {name: email, meta: {pii: email}}
          - {name: phone, meta: {pii: phone}}
          - {name: first_name, meta: {pii: fn}}
          - {name: country, meta: {pii: country}}
          - {name: postal_code, meta: {pii: zip}}
          - {name: mobile_ad_id, meta: {pii: madid}}
      - name: orders
        meta: {external_location: data/orders.parquet}
        columns:
          - {name: buyer, meta: {pii: email}}
"""
STAGING = """select
    id,
    day,
    amount,
    email,
    phone,
    first_name as fn,
    country,
    postal_code as zip,
    mobile_ad_id as madid
from {{ source('shop', 'customers') }}
"""


@cache
def _opened() -> Workspace:
    folder = Path(mkdtemp())
    for name in ("macros", "seeds"):
        copytree(ROOT / name, folder / name)
    models = folder / "models"
    models.mkdir()
    (models / "sources.yml").write_text(SOURCES, encoding="utf-8")
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILES, encoding="utf-8")
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return open_workspace(Options(project_dir=folder, now=now))


def workspace(
    models: dict[str, str],
    *,
    macros: dict[str, str] | None = None,
    hooks: tuple[str, ...] = (),
    sources: tuple[Source, ...] = (),
) -> Workspace:
    """The project with these models beside its staging, more macros and sources, other hooks."""
    opened = _opened()
    added = tuple(
        MacroFile(
            path=f"macros/{name}.sql", text=text, names=tuple(re.findall(r"macro (\w+)", text))
        )
        for name, text in (macros or {}).items()
    )
    project = replace(
        opened.project,
        models={
            name: Model(name=name, path=f"models/{name}.sql", sql=sql, config={})
            for name, sql in {"stg_customers": STAGING, **models}.items()
        },
        macros=opened.project.macros + added,
        sources=opened.project.sources | {each.full_name: each for each in sources},
        on_run_start=hooks,
    )
    settings = replace(opened.compiler.settings, project=project)
    if added:
        return replace(opened, project=project, compiler=Compiler(settings))
    compiler = copy.copy(opened.compiler)
    compiler.settings = settings
    return replace(opened, project=project, compiler=compiler)
