"""Every package that the code imports is declared in pyproject.toml, and every declared one is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALLED = packages_distributions()
EXTRAS = ("tensorflow", "torch", "theory", "tensorboard", "cluster", "hyperopt")
MODULES = {"tensorflow": {"tensorflow", "tensorflow-cpu"}, "torch": {"torch"}}
"""Distributions of optional packages, which may not be installed or depend on the system."""


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Return the names of all declared distributions, those of the optional ones included."""
    optional = [entry for extra in EXTRAS for entry in PROJECT["optional-dependencies"][extra]]
    entries = [*PROJECT["dependencies"], *optional]
    return {normalised(re.split(r"[\[<>=!~; ]", entry, maxsplit=1)[0]) for entry in entries}


def imported() -> dict[str, str]:
    """Return a file that imports it for every module of another project, by its first name."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [entry.name for entry in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.append(node.module)
            for name in names:
                found.setdefault(name.partition(".")[0], str(path.relative_to(ROOT)))
    own = {path.name for path in (ROOT / "src").iterdir()}
    return {name: path for name, path in found.items() if name not in {*own, *sys.stdlib_module_names}}


def distributions_of(module: str) -> set[str]:
    names = MODULES.get(module) or INSTALLED.get(module, [module])
    return {normalised(name) for name in names}


IMPORTED = imported()


@pytest.mark.parametrize("module", sorted(IMPORTED))
def test_what_is_imported_is_declared(module: str) -> None:
    assert distributions_of(module) & declared(), f"{IMPORTED[module]} imports {module}: declare its distribution"


def test_what_is_declared_is_imported() -> None:
    used = {name for module in IMPORTED for name in distributions_of(module)}
    assert declared() - used == set()
