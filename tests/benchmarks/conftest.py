"""Modules of benchmarks/, which import each other as scripts do."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Return a function that returns a module of benchmarks/ or benchmarks/long/ by name."""
    for folder in (FOLDER, FOLDER / "long"):
        monkeypatch.syspath_prepend(str(folder))

    def load_module(name: str) -> ModuleType:
        path = next(path for path in (FOLDER / f"{name}.py", FOLDER / "long" / f"{name}.py") if path.is_file())
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    return load_module
