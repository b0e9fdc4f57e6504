"""A shop to measure with: order lines as Parquet, and a project over them as `init` maps it.

    .venv/bin/python benchmarks/shop.py FOLDER LINES DAYS NEWS MEMORY_LIMIT

FOLDER/lines holds the lines of so many days, FOLDER/news.parquet so many newer ones, and
FOLDER/shop the project. Every customer is known, with eleven fields (customers.sql): the most work.
"""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import yaml
from process import HERE, TILLPOST

THREADS = 2
CUSTOMERS_A_LINE = 0.15
FIELDS = (
    *("email", "phone", "fn", "ln", "gen", "db"),
    *("ct", "st", "zip", "country", "external_id"),
)
"""The columns that get hashed."""


def make_lines(folder: Path, *, lines: int, days: int, news: int, memory_limit: str) -> None:
    """Write both files; the news are the newest lines."""
    (folder / "lines").mkdir(parents=True)
    whole = lines + news
    files = {"lines/history.parquet": (0, lines), "news.parquet": (lines, whole)}
    config = {"threads": THREADS, "memory_limit": memory_limit, "temp_directory": folder / "spill"}
    with duckdb.connect(config={name: str(each) for name, each in config.items()}) as connection:
        values = {
            "lines": whole,
            "days": days,
            "till": datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None),
            "customers": max(1, int(whole * CUSTOMERS_A_LINE)),
        }
        for name, value in values.items():
            connection.execute(f"set variable {name} = ?", [value])
        for name in ("customers.sql", "lines.sql"):
            connection.execute((HERE / name).read_text("utf-8"))
        for name, (first, past) in files.items():
            connection.execute(
                f"copy (from order_lines({first}, {past})) to '{folder / name}' (format parquet)"
            )


def make_project(folder: Path, *, memory_limit: str) -> None:
    """Lay the project down, over all files of the folder of lines."""
    shop, file = folder / "shop", folder / "lines" / "history.parquet"
    words = ["init", str(shop), "--from", str(file), "--grain", "line", "--country", "de"]
    subprocess.run([*TILLPOST, *words], check=True, capture_output=True)  # noqa: S603  ours
    sources = shop / "models" / "sources.yml"
    text = sources.read_text("utf-8")
    sources.write_text(re.sub(r"\.\./lines/history\.parquet", "../lines/*.parquet", text), "utf-8")
    output = {
        "type": "duckdb",
        "path": ".tillpost/build.duckdb",
        "threads": THREADS,
        "settings": {"memory_limit": memory_limit},
        "ledger": "tillpost_ledger.duckdb",
        "edge": {"graph_url": "{{ env_var('EDGE') }}", "version": "v26.0", "access_token": "bench"},
    }
    profile = {"tillpost": {"target": "bench", "outputs": {"bench": output}}}
    (shop / "profiles.yml").write_text(yaml.safe_dump(profile), "utf-8")


def main() -> None:
    """Make it all, and say how large the files are."""
    folder, memory_limit = Path(sys.argv[1]).resolve(), sys.argv[5]
    lines, days, news = map(int, sys.argv[2:5])
    make_lines(folder, lines=lines, days=days, news=news, memory_limit=memory_limit)
    make_project(folder, memory_limit=memory_limit)
    megabytes = (folder / "lines" / "history.parquet").stat().st_size / 1e6
    print(json.dumps({"lines": lines, "news": news, "days": days, "file_mb": round(megabytes, 1)}))


if __name__ == "__main__":
    main()
