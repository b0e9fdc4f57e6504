"""Write the example retailer's data: till exports, the list of stores, web orders.

The same seed, as-of and number of lines give the same bytes.
"""

import argparse
import random
from datetime import UTC, datetime
from pathlib import Path

from generator.exports import write_exports
from generator.mishaps import with_mishaps
from generator.people import everybody
from generator.sales import all_sales
from generator.stores import write_stores
from generator.web import all_web_orders, write_web_orders

LINES_A_PERSON = 12
LINES_A_WEB_ORDER = 20
FEWEST_LINES = 2000


def main() -> None:
    """Read the options, write the files, tell where they are."""
    options = _options()
    for path in make_data(
        options.out, as_of=options.as_of, seed=options.seed, lines=max(options.lines, FEWEST_LINES)
    ):
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


def make_data(folder: Path, *, as_of: datetime, seed: int, lines: int) -> list[Path]:
    """Write all files into the folder; each noun has a randomness of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    stores, web_orders = folder / "stores.csv", folder / "web_orders.parquet"
    people = everybody(lines // LINES_A_PERSON, rng=random.Random(f"people {seed}"))
    sales = all_sales(people, lines=lines, as_of=as_of, rng=random.Random(f"sales {seed}"))
    receipts = with_mishaps(sales, as_of=as_of, rng=random.Random(f"mishaps {seed}"))
    rng = random.Random(f"exports {seed}")
    exports = write_exports(receipts, folder=folder, as_of=as_of, rng=rng)
    write_stores(stores)
    orders = all_web_orders(
        people,
        receipts=receipts,
        count=lines // LINES_A_WEB_ORDER,
        as_of=as_of,
        rng=random.Random(f"web orders {seed}"),
    )
    write_web_orders(orders, path=web_orders)
    return [*exports, stores, web_orders]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data")
    parser.add_argument(
        "--as-of",
        type=_moment,
        default=datetime.now(UTC).replace(microsecond=0),
        help="the moment everything is dated back from, such as 2026-11-23T12:00:00Z (now)",
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--lines", type=int, default=60_000, help="distinct till lines, 2000 or more (60000)"
    )
    return parser.parse_args()


def _moment(text: str) -> datetime:
    """An ISO time; one without a zone is UTC."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
