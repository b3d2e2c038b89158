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


@pytest.fixture(scope="module")
def distributions() -> dict[str, set[str]]:
    """The names of the distributions that each imported module may come from."""
    installed = packages_distributions()
    names = {module: MODULES.get(module) or installed.get(module, [module]) for module in imported()}
    return {module: {normalised(name) for name in found} for module, found in names.items()}


def test_what_is_imported_is_declared(distributions: dict[str, set[str]]) -> None:
    undeclared = {module: path for module, path in imported().items() if not distributions[module] & declared()}
    assert undeclared == {}, "modules and files that import them: declare their distributions"


def test_what_is_declared_is_imported(distributions: dict[str, set[str]]) -> None:
    assert declared() - set().union(*distributions.values()) == set()
