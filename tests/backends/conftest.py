"""Fixtures of the backend tests; n3fit chooses the Keras backend before a test module imports Keras."""

import pytest

import n3fit.backends


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory):
    """Keep compiled programs on disk for this session: many tests build the same model."""
    import keras

    folder = n3fit.backends.set_compilation_cache(tmp_path_factory.mktemp("jax"))
    if keras.backend.backend() != "jax":
        yield folder
        return
    import jax

    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    yield folder
    jax.config.update("jax_compilation_cache_dir", None)


@pytest.fixture
def restored_state():
    """Restore single precision, all threads and compilation after a test that changes them."""
    yield
    n3fit.backends.set_eager(False)
    n3fit.backends.set_initial_state()


@pytest.fixture
def backend_name():
    """Return the name of the Keras backend in use."""
    import keras

    return keras.backend.backend()


@pytest.fixture
def build_model():
    """Return a function that builds a small model: loss of each replica on all points, trained and monitored."""
    return small_model


def small_model(seeds, *, dropout=0.0, regularizer=None, constraint=None, scale=1.0):
    """Two layers for each seed; outputs ``tr`` and ``vl`` of shape (1, replicas)."""
    import numpy as np

    from n3fit.backends import Lambda, MetaModel, MultiDense, base_layer_selector
    from n3fit.backends import operations as op

    grid = op.numpy_to_input(np.linspace(0.1, 1, 12)[:, np.newaxis])
    hidden = MultiDense(6, seeds, "glorot_normal", is_first_layer=True, activation="tanh", kernel_constraint=constraint)
    hidden = hidden(grid)
    hidden = base_layer_selector("dropout", rate=dropout, replica_seeds=seeds, base_seed=100)(hidden)
    pdf = MultiDense(2, seeds, "glorot_normal", base_seed=50, kernel_regularizer=regularizer, name="pdf")(hidden)
    training = Lambda(lambda pdf: scale * op.sum(op.pow(pdf - 1.0, 2), axis=[2, 3]), name="tr")(pdf)
    validation = Lambda(lambda pdf: op.sum(op.pow(pdf - 1.0, 4), axis=[2, 3]), name="vl")(pdf)
    return MetaModel({"xgrid": grid}, [training, validation])
