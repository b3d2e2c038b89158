"""Operators of all tests in this folder are kept in one cache."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def shared_operators(operator_cache: Path) -> None:
    """Use the cache of the session."""
