"""The examples in the docstrings run."""

import doctest
from importlib import import_module

import numpy as np
import pytest

MODULES = ["n3fit.backends"] + [
    f"n3fit.backends.keras_backend.{name}" for name in ("MetaLayer", "MetaModel", "multi_dense")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(import_module(name), extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
