"""n3fit chooses the Keras backend before a test module imports Keras."""

import pytest

import n3fit.backends  # noqa: F401


@pytest.fixture(scope="session", autouse=True)
def compiled(compiled_once):
    """Share compiled programs between tests."""
