"""The privacy proof: what it refuses, with whole messages, and the honest models it accepts."""

import json
import re
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from privacy_project import ROOT, workspace
from tillpost.errors import UsageError
from tillpost.pipeline.intrinsics import read_rules
from tillpost.pipeline.proofs import require_proof, trusted_base
from tillpost.pipeline.workspace import Options, open_workspace
from tillpost.project import load_project
from tillpost.project.sources import Source

if TYPE_CHECKING:
    from tillpost.pipeline.workspace import Workspace
    from tillpost.privacy import Field

CASES = Path(__file__).parent / "cases" / "privacy"
# Each key of the payload that takes a hash, where its name is not the kind's.
SHORT = {"em": "email", "ph": "phone", "ge": "gen", "zp": "zip"}
HASHED = {key: key for key in ("fn", "ln", "db", "ct", "st", "country", "external_id")} | SHORT
IN_CLEAR = {"madid", "lead_id", "client_user_agent"}
# Its time is the loader's own: a slow machine, shared with others, is given a margin.
SECONDS = 1.0


def _cases(name: str) -> list[Any]:
    content = yaml.safe_load((CASES / f"{name}.yml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in content]


def _project(case: dict[str, Any]) -> "Workspace":
    return workspace(case["models"], macros=case.get("macros"), hooks=tuple(case.get("hooks", ())))


def _words(field: "Field") -> str:
    place = " ".join(name for name in (field.column, field.key) if name)
    made = f"{field.hash}({field.normalizer})" if field.hash else field.normalizer
    return f"{place} ← {field.source} ({field.kind}) {field.stage}: {made}"


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> "Workspace":
    folder = tmp_path_factory.mktemp("profiles")
    outputs = {"dev": {"type": "duckdb", "path": str(folder / "build.duckdb")}}
    profile = {"tillpost": {"target": "dev", "outputs": outputs}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return open_workspace(Options(project_dir=ROOT, profiles_dir=folder, now=now))


@pytest.mark.parametrize("case", _cases("refused"))
def test_what_would_leak_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refused:
        require_proof(_project(case))
    assert f"{refused.value}\n" == case["error"]
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("case", _cases("accepted"))
def test_an_honest_model_is_accepted(case: dict[str, Any]) -> None:
    proof = require_proof(_project(case))
    fields = [_words(each) for each in (*proof.payload, *proof.stored)]
    assert fields == case.get("fields", [])
    assert [f"{each.place} {', '.join(each.columns)}" for each in proof.filters] == case.get(
        "filters", []
    )


def test_the_shipped_project_is_proved(shipped: "Workspace") -> None:
    proof = require_proof(shipped)
    reached = {(each.key, each.kind) for each in proof.payload if each.stage == "hashed"}
    assert reached >= {(f"user_data.{key}", kind) for key, kind in HASHED.items()}
    placed = {(each.key, each.kind) for each in proof.payload if each.stage == "placed"}
    assert placed == {(f"user_data.{kind}", kind) for kind in IN_CLEAR}
    assert all(each.path[0].column == "events.payload" for each in proof.payload)
    assert proof.counts.tagged == sum(map(len, (s.kinds for s in shipped.project.sources.values())))
    assert json.loads(json.dumps(asdict(proof)))["trusted_base"] == proof.trusted_base


def test_every_tag_that_is_sent_leads_back_to_its_source(shipped: "Workspace") -> None:
    proof = require_proof(shipped)
    (email, *_) = [each for each in proof.payload if each.source == "shop.orders.email"]
    assert (email.normalizer, email.hash) == ("normalize_email", "sha256_hex")
    assert email.path[-1].column == "stg_orders.email"
    for each in email.path:
        file, line = each.place.split(":")
        text = (ROOT / file).read_text(encoding="utf-8").splitlines()
        assert 1 <= int(line) <= len(text)


def test_the_proof_takes_less_than_a_second(shipped: "Workspace") -> None:
    run = shipped.compiler.manifest()
    started = time.process_time()
    require_proof(shipped, run)
    assert time.process_time() - started < SECONDS


def test_a_chain_of_ctes_is_followed_once_each() -> None:
    # Each reads the one before twice: followed anew each time it would be a thousand billion.
    steps = ["c0 as (select id, email from {{ ref('stg_customers') }})"]
    steps += [
        f"c{n} as (select a.id, b.email from c{n - 1} as a inner join c{n - 1} as b on a.id = b.id)"
        for n in range(1, 41)
    ]
    hashed = "{{ sha256_hex(normalize_email('email')) }}"
    models = {"events": f"with {', '.join(steps)} select {hashed} as em from c40"}
    started = time.process_time()
    require_proof(workspace(models))
    assert time.process_time() - started < SECONDS


def test_every_intrinsic_says_what_it_does() -> None:
    project = load_project(ROOT)
    errors: list[UsageError] = []
    declared = set(read_rules(project, errors=errors).by_name)
    texts = "".join(file.text for file in project.macros)
    assert set(re.findall(r"adapter\.dispatch\('(\w+)'\)", texts)) <= declared
    assert declared <= {name for file in project.macros for name in file.names}
    assert not errors


def test_the_trusted_base_changes_with_the_text_of_an_intrinsic() -> None:
    before = workspace({"events": "select 1 as x\n"})
    macros = tuple(
        replace(file, text=file.text.replace("sha256(", "md5("))
        if file.path.endswith("/intrinsics/sha256_hex.sql")
        else file
        for file in before.project.macros
    )
    after = replace(before, project=replace(before.project, macros=macros))
    assert trusted_base(before) == trusted_base(workspace({"events": "select 2 as x\n"}))
    assert trusted_base(before) != trusted_base(after)


@pytest.mark.parametrize(
    "place",
    [
        {"schema": "{{ target.schema }}", "identifier": "stg_customers"},
        {"schema": "MAIN", "identifier": '"Stg_Customers"'},
        {"database": "shop", "schema": "main", "identifier": "stg_customers"},
        {"location": "(select * from stg_customers)"},
        {"location": "(select a.* from shop.main.stg_customers as a where true)"},
    ],
    ids=["schema", "quotes", "database", "query", "query of a database"],
)
def test_a_source_that_is_a_model_would_lose_its_tags(place: dict[str, str]) -> None:
    source = Source(source="own", name="people", file="models/sources.yml", **place)
    models = {"events": "select email as x from {{ source('own', 'people') }}\n"}
    with pytest.raises(
        UsageError, match=r"own\.people reads stg_customers, which this project makes"
    ):
        require_proof(workspace(models, sources=(source,)))


def test_all_violations_of_all_models_are_told_at_once() -> None:
    stored = (
        "{{{{ config(materialized='table') }}}}\nselect {} from {{{{ ref('stg_customers') }}}}\n"
    )
    models = {"int_a": stored.format("email"), "int_b": stored.format("phone")}
    with pytest.raises(UsageError) as refused:
        require_proof(workspace({**models, "events": "select columns('x') from other.t\n"}))
    for words in ("int_a.sql:2  email ←", "int_b.sql:2  phone ←", "columns(…)", '"t"'):
        assert words in str(refused.value)
