"""Keras loads without the packages that it does not need, and they can be imported afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest

from n3fit.backends.lean_import import without_packages


def test_hidden_package_is_back_after_the_block() -> None:
    sys.modules.pop("colorsys", None)
    with without_packages("colorsys"), pytest.raises(ImportError, match="colorsys"):
        import colorsys
    import colorsys

    assert colorsys.rgb_to_hsv(1.0, 0.0, 0.0) == (0.0, 1.0, 1.0)


def test_loaded_package_stays() -> None:
    import json

    with without_packages("json"):
        assert sys.modules["json"] is json
    assert sys.modules["json"] is json


def test_packages_are_back_after_an_error() -> None:
    sys.modules.pop("colorsys", None)
    with pytest.raises(ZeroDivisionError), without_packages("colorsys"):
        raise ZeroDivisionError
    assert "colorsys" not in sys.modules


def test_backends_load_neither_matplotlib_nor_pandas() -> None:
    program = (
        "import sys, n3fit.backends\n"
        "assert not {'matplotlib', 'pandas'} & set(sys.modules), 'loaded'\n"
        "import pandas, matplotlib.pyplot\n"
        "print(len(pandas.Series([1, 2])))"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "2"
