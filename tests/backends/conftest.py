"""Fixtures of the backend tests; n3fit chooses the Keras backend before a test module imports Keras."""

import pytest

import n3fit.backends


@pytest.fixture
def restored_state():
    """Give back single precision, all threads and compilation after a test that changes them."""
    yield
    n3fit.backends.set_eager(False)
    n3fit.backends.set_initial_state()


@pytest.fixture
def backend_name():
    """Give the name of the Keras backend in use."""
    import keras

    return keras.backend.backend()
