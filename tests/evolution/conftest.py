"""One cache of operators for all tests in this folder."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def shared_operators(operator_cache: Path) -> None:
    """Use the cache of the session."""
