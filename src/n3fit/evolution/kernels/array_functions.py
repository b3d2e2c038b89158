"""eko's formulas of one Mellin point, applied to arrays of points without compiling them.

The functions of eko and ekore are written for a single complex number and compiled by numba, which takes a minute on
a new machine. Their arithmetic holds for arrays as well. :func:`on_arrays` rebuilds the functions of a module in plain
Python, in a namespace of their own: nothing in eko changes. What depends on a single number there is replaced: the
polygamma functions by :func:`n3fit.evolution.kernels.polygamma.polygamma`, and the few functions of numpy of
:class:`_ArrayNumpy`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from n3fit.evolution.kernels.polygamma import polygamma
from n3fit.typing import Complexes

_PACKAGES = ("eko", "ekore")
_HARMONICS = "ekore.harmonics.cache"


@cache
def on_arrays(name: str) -> SimpleNamespace:
    """Return the functions and constants of the module ``name`` of eko or ekore, the functions for arrays of points.

    Elements of matrices come first in their results: a function that returns (2, 2) for one point returns
    (2, 2, npoints).

    Raises
    ------
    ImportError
        There is no such module.
    """
    return _rebuild(import_module(name), {})


def empty_sums() -> list[Any]:
    """Return storage for the harmonic sums of an array of points, for the functions that expect eko's cache."""
    return [np.nan] * int(on_arrays(_HARMONICS).CACHE_SIZE)


class _ArrayNumpy:
    """numpy, but for functions that eko calls with single numbers."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def isnan(value: Any) -> bool:
        """Return whether an entry of the harmonic sums is missing."""
        return not isinstance(value, np.ndarray) and bool(np.isnan(value))

    @staticmethod
    def array(rows: Any, dtype: Any = None) -> Complexes:
        """Return a matrix whose elements are arrays of points or single numbers."""
        if not (isinstance(rows, list) and rows and isinstance(rows[0], list)):
            return np.array(rows, dtype=dtype)
        elements = np.broadcast_arrays(*(entry for row in rows for entry in row))
        return np.stack(elements).astype(dtype).reshape(len(rows), len(rows[0]), *elements[0].shape)

    @staticmethod
    def zeros(shape: Any, dtype: Any = None) -> Any:
        """Return a list for a vector, whose elements may become arrays of points."""
        return [0.0] * shape if isinstance(shape, int) else np.zeros(shape, dtype=dtype)


def _smallest_size(value: Any) -> float:
    """Return the smallest modulus: eko treats a single point separately where it is small."""
    return float(np.abs(value).min())


def _rebuild(module: ModuleType, known: dict[str, SimpleNamespace]) -> SimpleNamespace:
    """Return the namespace of a module; ``known`` has those of the modules that are being rebuilt."""
    if module.__name__ in known:
        return known[module.__name__]
    space = known[module.__name__] = SimpleNamespace()
    variables = vars(space)
    variables["__builtins__"] = __builtins__
    variables["abs"] = _smallest_size
    for name, value in list(vars(module).items()):
        if not name.startswith("__"):
            variables[name] = _replacement(value, module, variables, known)
    return space


def _replacement(value: Any, module: ModuleType, variables: dict[str, Any], known: dict[str, SimpleNamespace]) -> Any:
    """Return what stands for a variable of a module."""
    if value is np:
        return _ArrayNumpy()
    if isinstance(value, ModuleType):
        return _rebuild(value, known) if _is_of_eko(value.__name__) else value
    function = getattr(value, "py_func", value)  # of a compiled function
    if not isinstance(function, FunctionType) or not _is_of_eko(function.__module__):
        return value
    if function.__name__ == "cern_polygamma":
        return polygamma
    if function.__module__ != module.__name__:
        return getattr(_rebuild(import_module(function.__module__), known), function.__name__)
    return _plain(function, variables)


def _plain(function: FunctionType, variables: dict[str, Any]) -> Callable[..., Any]:
    rebuilt = FunctionType(function.__code__, variables, function.__name__, function.__defaults__, function.__closure__)
    rebuilt.__kwdefaults__ = function.__kwdefaults__
    return rebuilt


def _is_of_eko(module: str) -> bool:
    return module.partition(".")[0] in _PACKAGES
