"""Fixtures: the imaginary fits of the tests of results."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def outcomes() -> ModuleType:
    """The module ``outcomes.py`` of the tests of results."""
    path = Path(__file__).parent.parent / "results" / "outcomes.py"
    spec = importlib.util.spec_from_file_location("outcomes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
