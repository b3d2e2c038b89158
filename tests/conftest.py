"""Fixtures for every room."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def examples() -> ModuleType:
    """The module ``examples.py`` beside this file."""
    spec = importlib.util.spec_from_file_location("examples", Path(__file__).with_name("examples.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shared_theories() -> Path:
    """The folder with theory 400, beside the repository on some machines."""
    folder = REPOSITORY.parent / "shared" / "theories"
    if not (folder / "theory_400" / "fastkernel").is_dir():
        pytest.skip("theory 400 is not beside the repository")
    return folder


@pytest.fixture
def double_precision() -> Iterator[None]:
    """Compute in float64, and give single precision back."""
    from n3fit.backends import set_initial_state

    set_initial_state(double_precision=True)
    yield
    set_initial_state()
