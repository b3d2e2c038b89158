"""Fixtures: packages with PDF models on the search path."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.plug_ins import TOY, install


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install a package with the given source and entry points for one test."""
    before = set(sys.modules)

    def make(source: str = TOY, value: str = "toy_pdf:Toy", *, name: str = "toy-pdf", model: str = "toy") -> Path:
        folder = install(tmp_path / name, {"toy_pdf.py": source}, {model: value}, name=name)
        monkeypatch.syspath_prepend(folder)
        return folder

    yield make
    for module in set(sys.modules) - before:
        if module.startswith("toy_pdf"):
            del sys.modules[module]
