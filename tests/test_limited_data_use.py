"""`limited_data_use` maps Meta's three columns at once, and takes only what Meta does."""

import duckdb
import pytest

from compiled_project import repository_compiler
from tillpost.errors import UsageError

TEXT = "select {{ limited_data_use(when=\"place = 'CA'\", %s) }} from (select '%s' as place) as t"


def mapped(arguments: str, place: str) -> tuple[list[str], tuple[object, ...] | None]:
    sql = repository_compiler().text(TEXT % (arguments, place), path="models/x.sql")
    result = duckdb.connect().execute(sql)
    return [column[0] for column in result.description], result.fetchone()


@pytest.mark.parametrize(
    ("arguments", "place", "values"),
    [
        ("country=1, state=1000", "CA", ("LDU", "1", "1000")),
        ("country=0, state=0", "CA", ("LDU", "0", "0")),
        ("country=1, state=1000", "NY", (None, None, None)),
    ],
)
def test_three_columns_are_mapped(arguments: str, place: str, values: tuple[object, ...]) -> None:
    names, row = mapped(arguments, place)
    assert (names[0], row) == ("data_processing_options", values)
    assert names[1:] == [f"{names[0]}_{part}" for part in ("country", "state")]


@pytest.mark.parametrize("arguments", ["country=2", "state=1014", "state=7", "country='US'"])
def test_a_place_that_meta_does_not_know_is_refused(arguments: str) -> None:
    with pytest.raises(UsageError, match="limited_data_use takes country 0 or 1"):
        mapped(arguments, "CA")
