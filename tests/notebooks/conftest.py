"""The tool that executes notebooks."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "notebooks.py"


@pytest.fixture(scope="session")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["notebooks"] = module  # where its dataclasses, and the hook of mkdocs, look for it
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def execute(tmp_path: Path) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Return a function that executes a script as a notebook, written to ``tmp_path / "executed"``, in a process."""
    for name in ("ipykernel", "jupytext", "nbclient"):
        pytest.importorskip(name, reason="the extra notebooks is not installed")

    def run(script: Path) -> Any:
        command = [sys.executable, str(TOOL), str(tmp_path / "executed"), str(script)]
        return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)

    return run
