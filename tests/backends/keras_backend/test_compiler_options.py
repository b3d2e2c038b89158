"""Options of the compiler of JAX for the CPU: accepted, without effect on results, left out where they do not apply."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")
if jax.default_backend() != "cpu":
    pytest.skip("the options are those of the CPU", allow_module_level=True)

from n3fit.backends.keras_backend.compiler_options import (  # noqa: E402
    PRODUCTS_ONLY,
    compiler_accepts,
    cpu_jit_options,
)


def squares_of_products(vectors, matrix, weights):
    return jax.numpy.sum(weights * (vectors @ matrix) ** 2, axis=-1)


def test_sums_and_products_are_those_of_double_precision():
    random = np.random.default_rng(1)
    arrays = random.standard_normal((7, 90)), random.standard_normal((90, 400)), random.random((7, 400))
    expected = (arrays[2] * (arrays[0] @ arrays[1]) ** 2).sum(axis=-1)
    compiled = jax.jit(squares_of_products, **cpu_jit_options())
    computed = compiled(*(array.astype(np.float32) for array in arrays))
    np.testing.assert_allclose(computed, expected, rtol=2e-6)


def test_nan_reaches_the_sum_of_its_own_row_only():
    vectors = np.ones((3, 90), dtype=np.float32)
    vectors[1, 5] = np.nan
    compiled = jax.jit(squares_of_products, **cpu_jit_options())
    computed = compiled(vectors, np.ones((90, 400), np.float32), np.ones((3, 400), np.float32))
    assert np.isnan(computed).tolist() == [False, True, False]


def test_an_option_that_the_compiler_does_not_have_is_not_accepted():
    assert not compiler_accepts({"xla_cpu_option_of_another_version": "1"})


def test_options_of_another_version_are_left_out(monkeypatch):
    monkeypatch.setattr("n3fit.backends.keras_backend.compiler_options.compiler_accepts", lambda options: False)
    assert cpu_jit_options() == {}


def test_the_choice_of_the_user_stays(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", f"--{next(iter(PRODUCTS_ONLY))}=LIBRARY_FUSION_TYPE_REDUCE")
    assert cpu_jit_options() == {}


def test_a_gpu_has_none_of_them(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert cpu_jit_options() == {}
