"""The examples in the docstrings run."""

import doctest
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import n3fit

ROOT = Path(n3fit.__file__).parent
PLACES = [
    ROOT / "seeds.py",
    ROOT / "vocabulary.py",
    *(ROOT / "backends").rglob("*.py"),
    *(ROOT / "storage").rglob("*.py"),
]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


WITH_EXAMPLES = sorted(module_name(path) for path in PLACES if ">>> " in path.read_text(encoding="utf-8"))


def test_the_modules_with_examples_are_found() -> None:
    assert {"n3fit.backends", "n3fit.seeds", "n3fit.backends.keras_backend.MetaModel"} <= set(WITH_EXAMPLES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name: str) -> None:
    result = doctest.testmod(import_module(name), extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
