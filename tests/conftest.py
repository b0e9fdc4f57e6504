"""What holds for all tests."""

import gc


def pytest_configure() -> None:
    """Search as seldom for garbage as the command line does: most tests do its work in here."""
    gc.set_threshold(100_000)
