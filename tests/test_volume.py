"""A million till lines from Parquet to the sandbox, in little memory and once only."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from sending_harness import TILLPOST, held, ledger, sandbox

LINES = 1_000_000
ORDERS = LINES * 2 // 5
GIGABYTE = 1024**2
"""In kilobytes, as Linux counts a process's memory."""

# Orders have two lines and three in turn; their times lie in the last 50 days.
TILL_LINES = f"""
copy (
    select
        'B' || lpad(cast(receipt as varchar), 7, '0') as order_id,
        line % 5 - case when line % 5 > 1 then 2 else 0 end + 1 as line_no,
        cast(now() as timestamp) - to_seconds(3600 + receipt * 10) as sold_at,
        'ART-' || line % 4999 as sku,
        1 + line % 3 as quantity,
        cast((1 + line % 3) * (199 + line % 5000) / 100.0 as decimal(12, 2)) as line_total,
        'EUR' as currency,
        case when customer % 4 > 0 then 'Customer.' || customer || '@example.com' end as email,
        case
            when customer % 4 < 2 then '+49 30 ' || lpad(cast(customer as varchar), 7, '2')
        end as phone,
        ['Ada', 'Grace', 'Jürgen', 'Zoë', 'Edsger'][1 + customer % 5] as first_name,
        ['Sample', 'van Example', 'O''Specimen', 'Müller'][1 + customer % 4] as last_name,
        ['Berlin', 'Köln', 'München'][1 + customer % 3] as city,
        cast(10115 + customer % 80000 as varchar) as zip,
        'DE' as country
    from (
        select
            range as line,
            range // 5 * 2 + case when range % 5 > 1 then 1 else 0 end as receipt,
            receipt * 7919 % 150000 as customer
        from range({LINES})
    )
) to '{{path}}' (format parquet)
"""

# A process counts what its parent held when it was forked, so its parent must be a small one.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How a run ended, what it said, and what it took."""

    code: int
    words: str
    seconds: float
    kilobytes: int


def make_shop(folder: Path) -> Path:
    """A project as `init` maps it, over a file of till lines."""
    data = folder / "till_lines.parquet"
    with duckdb.connect(config={"memory_limit": "300MB", "threads": 2}) as connection:
        connection.execute(TILL_LINES.format(path=data))
    shop = folder / "shop"
    words = [*TILLPOST, "init", str(shop), "--from", str(data), "--grain", "line"]
    subprocess.run(words, check=True, capture_output=True)
    return shop


def point_to(shop: Path, address: str) -> None:
    path = shop / "profiles.yml"
    profile = yaml.safe_load(path.read_text())
    profile["tillpost"]["outputs"]["sandbox"]["edge"]["graph_url"] = address
    path.write_text(yaml.safe_dump(profile))


def run(shop: Path) -> Taken:
    """`tillpost run`, and the most memory that it ever held."""
    said = shop / "said.txt"
    start = time.monotonic()
    with said.open("w") as out:
        words = [sys.executable, "-c", MEASURED, *TILLPOST, "run"]
        done = subprocess.run(
            words, cwd=shop, stdout=out, stderr=subprocess.PIPE, text=True, check=False
        )
    return Taken(
        code=done.returncode,
        words=said.read_text(),
        seconds=time.monotonic() - start,
        kilobytes=int(done.stderr.split()[-1]),
    )


def test_a_million_lines(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    with sandbox() as address:
        point_to(shop, address)
        first, second = run(shop), run(shop)
        for taken in (first, second):
            sys.stdout.write(f"{taken.seconds:.1f} s, {taken.kilobytes // 1024} MB\n")
        assert (first.code, second.code) == (0, 0)
        assert held(address) == {"stored": ORDERS, "duplicates": 0, "refused_requests": 0}
    assert re.search(rf"^= source +{LINES:,} +{LINES:,} ", first.words, re.MULTILINE)
    assert f"{ORDERS:,} events pending" in first.words
    assert ": nothing to send" in second.words
    counts = ledger(shop, "select state, count(*) from entries group by state order by state")
    assert counts == [("accepted", ORDERS), ("leaving", ORDERS)]
    assert first.kilobytes < GIGABYTE
    assert second.kilobytes < GIGABYTE
