"""The examples in the docstrings of a package."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module


def modules_of(package: str) -> list[str]:
    """Return the names of a package and of all modules in it; of a plain module its own name."""
    found = import_module(package)
    inside = pkgutil.walk_packages(getattr(found, "__path__", []), prefix=f"{package}.")
    return [package, *(module.name for module in inside if not module.name.endswith("__main__"))]


def run_examples(module: str) -> doctest.TestResults:
    """Run the examples of a module; the failures are printed."""
    return doctest.testmod(import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE)
