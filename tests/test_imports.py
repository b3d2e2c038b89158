"""Imports between the packages, and what importing a package loads."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.import_graph import all_imports, find_circle, imports_at_import_time, other_libraries

FRAMEWORKS = {"keras", "jax", "jaxlib", "tensorflow", "torch"}
WITHOUT_KERAS = {
    "compression", "data", "ensembles", "evolution", "fetching", "lhapdf", "pdf_models", "reduction", "runcard",
    "storage", "theory",
}  # fmt: skip
MODULES = {
    "conditions",
    "defaults",
    "durations",
    "errors",
    "html_tables",
    "lagrange",
    "machine",
    "paths",
    "perturbative_order",
    "progress",
    "replica_arrays",
    "seeds",
    "typing",
    "worker_pool",
}
MODULES |= {"typing", "vocabulary"}
BELOW = {
    "backends": WITHOUT_KERAS,
    "layers": WITHOUT_KERAS | {"backends"},
    "model": WITHOUT_KERAS | {"backends", "layers"},
    "training": WITHOUT_KERAS | {"backends", "layers", "model"},
    "results": WITHOUT_KERAS | {"training"},
    "fit": WITHOUT_KERAS | {"backends", "layers", "model", "training", "results"},
    "report": WITHOUT_KERAS | {"training", "results"},
    "cluster": WITHOUT_KERAS | {"fit", "results"},
    "hyperopt": WITHOUT_KERAS | {"backends", "layers", "model", "training", "results", "fit", "cluster"},
    "diagnosis": WITHOUT_KERAS | {"backends"},
    "campaign": WITHOUT_KERAS | {"cluster", "fit", "report", "results", "training"},
    "api": WITHOUT_KERAS | {"campaign", "cluster", "diagnosis", "fit", "hyperopt", "report", "results", "training"},
    "cli": {"api"},
}
"""What each package may import, besides itself and the modules of the top level."""


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_every_module_can_be_imported_first() -> None:
    assert find_circle(imports_at_import_time()) == []


def test_no_circle_of_imports() -> None:
    """Imports in functions and for type checking included."""
    assert find_circle(all_imports()) == []


def test_packages_import_only_what_is_below_them() -> None:
    upward = {
        (module, found)
        for module, names in all_imports().items()
        for found in names
        if package_of(module) in WITHOUT_KERAS | set(BELOW)
        and package_of(found) not in MODULES | {"n3fit", package_of(module)}
        and package_of(found) not in BELOW.get(package_of(module), WITHOUT_KERAS)
    }
    assert upward == set()


def test_training_imports_neither_runcard_nor_data() -> None:
    found = {name for module, names in all_imports().items() if package_of(module) == "training" for name in names}
    assert {package_of(name) for name in found} & {"runcard", "data"} == set()


def test_only_the_backends_import_a_framework() -> None:
    users = {module for module, names in other_libraries().items() if names & FRAMEWORKS}
    assert {package_of(module) for module in users} == {"backends"}


@pytest.mark.parametrize(
    "module",
    ["n3fit", "n3fit.api", "n3fit.cli.main", *(f"n3fit.{package}" for package in sorted(WITHOUT_KERAS))],
)
def test_importing_loads_no_heavy_library(module: str) -> None:
    heavy = sorted(FRAMEWORKS | {"matplotlib", "pandas", "pineappl", "eko", "yadism", "nnpdf_data"})
    program = f"import sys, {module}; print(*sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == []
