"""A new project, and the settings for sqlfmt and sqlfluff in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from bad_input_project import Project, new_project
from recipes import environment

SQLFMT = Path(sys.executable).with_name("sqlfmt")
WRITTEN = ("models/staging", "models/intermediate/int_sales.sql")
HEADERS = {
    "plain": "order_id,event_time,order_total,currency,email",
    "quoted": "Order Number,Sold At,Amount,Currency,E-Mail,Phone Number",
    "long": f"order_id,sold_at,amount,currency,email_{'of_the_customer_' * 3}",
    "unknown": "foo,bar",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_what_init_writes_is_formatted_whatever_the_columns_are_called(
    header: str, tmp_path: Path
) -> None:
    cells = ",".join("1" for _ in header.split(","))
    (tmp_path / "sales.csv").write_text(f"{header}\n{cells}\n")
    said = Project(folder=tmp_path).run("init", "shop", "--from", "sales.csv")
    assert said.exit == 0, said
    done = subprocess.run(
        [SQLFMT, "--diff", *WRITTEN],
        cwd=tmp_path / "shop",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def sqlfluff(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [environment("sqlfluff") / "sqlfluff", "lint", *words],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_sqlfluff_takes_a_new_project_and_finds_what_is_wrong(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    new_project(project)
    clean = sqlfluff(project, "--verbose")
    assert clean.returncode == 0, clean.stdout
    assert "models/staging/stg_sales.sql] PASS" in clean.stdout
    assert "macros/" not in clean.stdout
    wrong = (
        "select a b, count(*) as c from {{ ref('x') }} where {{ mine('a') }} = null group by a\n"
    )
    (project / "models" / "staging" / "stg_more.sql").write_text(wrong)
    found = sqlfluff(project, "--format", "github-annotation-native")
    assert found.returncode == 1
    assert all(f"{rule}:" in found.stdout for rule in ("AL02", "CV05")), found.stdout
