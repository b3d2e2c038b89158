"""Seeds, precision, threads and devices; each call replaces the settings of earlier ones."""

import os
import random
import subprocess
import sys

import keras
import numpy as np
import pytest

import n3fit.backends as backends
from n3fit.backends import operations as op

pytestmark = pytest.mark.usefixtures("restored_state")


def draws():
    """Return draws from numpy, random and the backend."""
    return np.random.rand(), random.random(), float(op.evaluate(keras.random.uniform((1,)))[0])  # noqa: NPY002


def draws_after(**kwargs):
    backends.set_initial_state(**kwargs)
    return draws()


def test_debug_runs_are_reproducible():
    assert draws_after(debug=True) == draws_after(debug=True)


def test_seeds_are_taken_zero_included():
    zero, one = draws_after(external_seed=0), draws_after(external_seed=1)
    assert zero == draws_after(external_seed=0)
    assert len(set(zero) & set(one)) == 0
    assert draws_after(debug=True, external_seed=1) == one
    assert len(set(draws_after(debug=True)) & set(one)) == 0


def test_the_hyperopt_seed_is_that_of_the_latest_call(monkeypatch):
    monkeypatch.delenv("HYPEROPT_FMIN_SEED", raising=False)
    for seed in (1, np.int64(2), 0, 1):
        backends.set_initial_state(external_seed=seed)
        assert os.environ["HYPEROPT_FMIN_SEED"] == str(int(seed))
    backends.set_initial_state(debug=True)
    assert os.environ["HYPEROPT_FMIN_SEED"] == "13"
    backends.set_initial_state()
    assert "HYPEROPT_FMIN_SEED" not in os.environ
    monkeypatch.setenv("HYPEROPT_FMIN_SEED", "77")
    backends.set_initial_state()
    assert os.environ["HYPEROPT_FMIN_SEED"] == "77"


def test_double_precision_is_switched_on_and_off():
    """A thousand additions of 1e-9 to 1 are lost in single precision and kept in double."""
    for double, dtype in ((True, "float64"), (False, "float32")):
        backends.set_initial_state(double_precision=double)
        assert keras.config.floatx() == dtype
        total = op.numpy_to_tensor([1.0]) + op.numpy_to_tensor([1e-9]) * 1000
        assert keras.backend.standardize_dtype(total.dtype) == dtype
        kept = op.evaluate(total)[0] - 1 == pytest.approx(1e-6, rel=1e-6)
        assert bool(kept) is double


def test_clearing_frees_the_names():
    assert keras.layers.Dense(1).name != (keras.layers.Dense(1).name)
    backends.clear_backend_state()
    assert keras.layers.Dense(1).name == "dense"


def test_there_is_a_list_of_gpus():
    gpus = backends.get_physical_gpus()
    assert isinstance(gpus, list)
    assert all("cpu" not in str(device).lower() for device in gpus)


def test_eager_mode_runs_python_in_each_call(build_model, backend_name):
    """Inside a compiled function values are hidden; in eager mode they are numbers."""
    seen = []

    def look(x):
        seen.append(type(x).__name__)
        return x * 2

    backends.set_eager(True)
    model = build_model([1])
    model.compile("SGD")
    model.get_layer("tr").function = lambda pdf: op.sum(look(pdf), axis=[2, 3])
    model.perform_fit(epochs=3)
    assert len(seen) >= 3
    backends.set_eager(False)
    if backend_name == "torch":
        return
    seen.clear()
    model.compile("SGD")
    model.perform_fit(epochs=3)
    assert 1 <= len(seen) <= 3


@pytest.mark.parametrize("arguments", [{"max_cores": 0}, {"max_threads": -1}])
def test_impossible_numbers_of_cores_are_refused(arguments):
    with pytest.raises(ValueError, match="must be positive"):
        backends.set_number_of_cores(**arguments)


def test_a_limit_after_the_first_computation_is_a_warning(backend_name, caplog, monkeypatch):
    if backend_name != "jax":
        pytest.skip("TensorFlow and PyTorch report it themselves")
    op.evaluate(op.numpy_to_tensor(1.0))
    monkeypatch.setenv("NPROC", "77")
    backends.set_number_of_cores()
    assert caplog.text == ""
    monkeypatch.setenv("NPROC", "77")
    backends.set_number_of_cores(max_cores=1)
    assert "JAX runs with 77 threads; the limit 1 has no effect" in caplog.text


THREADS = """
import os, threading
import n3fit.backends as backends
backends.set_initial_state({arguments})
import numpy as np
from n3fit.backends import operations as op
import keras
x = op.numpy_to_tensor(np.random.default_rng(0).normal(size=(400, 400)))
for _ in range(3): x = keras.ops.matmul(x, x) / 400
op.evaluate(x)
if keras.backend.backend() == "torch":
    import torch
    print(torch.get_num_threads())
elif keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    print(tf.config.threading.get_intra_op_parallelism_threads())
else:
    names = [open(f"/proc/self/task/{{task}}/comm").read() for task in os.listdir("/proc/self/task")]
    print(sum("XLAEigen" in name or "tf_XLAEigen" in name for name in names))
"""


@pytest.mark.parametrize("arguments", ["max_cores=1", "debug=True"])
@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_one_core_is_one_thread(arguments):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", THREADS.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert int(run.stdout.split()[-1]) == 1


def test_the_compilation_cache_is_in_the_folder_given(tmp_path, monkeypatch, backend_name, compiled_once):
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path))
    folder = backends.set_compilation_cache()
    assert folder == tmp_path / "jax"
    assert folder.is_dir() is (backend_name == "jax")
    backends.set_compilation_cache(compiled_once)
