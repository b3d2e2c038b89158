"""Fixtures of the layers; n3fit.backends sets the Keras backend before test modules import Keras."""

import pytest

import n3fit.backends  # noqa: F401


@pytest.fixture(scope="session", autouse=True)
def compiled(compiled_once):
    """Share compiled programs between tests."""
