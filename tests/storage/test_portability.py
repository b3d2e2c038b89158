"""What is special to POSIX is not needed on import, nor for writing files and folders."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from n3fit.storage import write_atomically

IMPORT_ALL = """
import importlib, pkgutil, sys
for name in ("fcntl", "grp", "posix_ipc", "pwd", "resource", "termios"):
    sys.modules[name] = None
import n3fit
for package in sys.argv[1:]:
    module = importlib.import_module(f"n3fit.{package}")
    for info in pkgutil.walk_packages(module.__path__, f"{module.__name__}."):
        importlib.import_module(info.name)
print(sorted(set(sys.modules) & {"keras", "jax", "tensorflow", "torch"}))
"""


def test_packages_without_keras_import_without_posix() -> None:
    pytest.importorskip("yadism")
    packages = ["compression", "data", "ensembles", "evolution", "lhapdf", "runcard", "storage", "theory"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, *packages], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"


def test_folders_that_cannot_be_opened_are_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where ``os.open`` refuses folders."""
    original = os.open

    def refuse_folders(path: str | Path, *arguments: int, **options: int) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse_folders)
    write_atomically(tmp_path / "file", "content")
    assert (tmp_path / "file").read_text() == "content"
