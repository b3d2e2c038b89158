"""How replicas behave at small and large x, and the preprocessing ranges of the next iteration that follow."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, FitError
from n3fit.results.folder import FitFolder
from n3fit.results.records import PreprocessingRange
from n3fit.theory.flavours import FLAVOUR_TO_FK, fitting_to_fk

Floats = NDArray[np.float64]

SMALL_X = (1e-6, 1e-3)
"""Where the small-x exponents are taken; only at the first for what grows like the singlet."""

LARGE_X = (0.65, 0.95)
"""Where the large-x exponents are taken."""

_LIKE_THE_SINGLET = ("sng", "g", "t15")
_LARGEST_ALPHA: Mapping[str, float] = MappingProxyType({"v": 1.0, "v3": 1.0, "v8": 1.0})
_LARGEST_ALPHA_OF_OTHERS = 2.0
_FEWEST_REPLICAS = 2


def fitted_flavours(fit: FitFolder) -> Floats:
    """Give x f(x, Q0) of the fitted flavours, (R, nx, F), from the exportgrids."""
    to_fitted = np.linalg.pinv(fitting_to_fk(fit.description.fitbasis, fit.description.flavours)) @ FLAVOUR_TO_FK
    fitted: Floats = fit.pdf @ to_fitted.T
    return fitted


def small_x_exponents(xf: Floats, x: Floats | float) -> Floats:
    """Give ``ln |f(x)| / ln(1/x)``, arXiv:1410.8849, sect. 3.2.2; exactly alpha for f = x**-alpha."""
    exponents: Floats = np.log(np.abs(xf) / x) / np.log(1 / x)
    return exponents


def large_x_exponents(xf: Floats, x: Floats | float) -> Floats:
    """Give ``ln |f(x)| / ln(1 - x)``, arXiv:1410.8849, sect. 3.2.2; exactly beta for f = (1 - x)**beta."""
    exponents: Floats = np.log(np.abs(xf) / x) / np.log(1 - x)
    return exponents


def next_ranges(fit: FitFolder) -> tuple[PreprocessingRange, ...]:
    """Give the ranges of the preprocessing exponents for the next iteration, from the replicas of the selection.

    At each of a few x (``SMALL_X``, ``LARGE_X``; the nearest nodes of the exportgrids) the effective exponents of the
    replicas have a central 68 % interval, from percentile 16 to 84; it is made twice as wide around its middle. The
    range is what covers these intervals: arXiv:1410.8849, sect. 3.2.2, arXiv:2109.02653, sect. 3.1.1. It is cut where
    a sum rule would diverge for f = x**-alpha (alpha = 1 for the valence combinations, 2 for the others) and at
    beta = 0. Without ``largex`` in the runcard (feature scaling) there is none.

    Raises
    ------
    FitError
        Fewer than two replicas are selected.
    DataError
        A flavour vanishes at one of the x.
    """
    chosen = fit.arrays.selected
    if chosen.sum() < _FEWEST_REPLICAS:
        raise FitError(
            f"{fit.path}: expected at least {_FEWEST_REPLICAS} good replicas to take ranges from, "
            f"received {int(chosen.sum())}",
            hint="fit more replicas",
        )
    fitted = fitted_flavours(fit)[chosen]
    ranges = []
    for column, entry in enumerate(fit.description.preprocessing):
        small = SMALL_X[:1] if entry.fl in _LIKE_THE_SINGLET else SMALL_X
        low, high = _envelope([small_x_exponents(*_at(fit, fitted, column, x)) for x in small], fit, entry.fl)
        high = min(high, _LARGEST_ALPHA.get(entry.fl, _LARGEST_ALPHA_OF_OTHERS))
        largex = None
        if entry.largex is not None:
            largex = _envelope([large_x_exponents(*_at(fit, fitted, column, x)) for x in LARGE_X], fit, entry.fl)
            largex = max(largex[0], 0.0), max(largex[1], 0.0)
        ranges.append(entry.model_copy(update={"smallx": (min(low, high), high), "largex": largex}))
    return tuple(ranges)


def _at(fit: FitFolder, fitted: Floats, column: int, x: float) -> tuple[Floats, float]:
    """Give x f of a flavour, (R,), at the node nearest to x, and the node."""
    node = int(np.argmin(np.abs(np.log(fit.xgrid / x))))
    return fitted[:, node, column], float(fit.xgrid[node])


def _envelope(exponents: list[Floats], fit: FitFolder, flavour: str) -> tuple[float, float]:
    if not np.isfinite(exponents).all():
        raise DataError(f"{fit.path}: {flavour} of a replica vanishes where its exponents are taken")
    low, high = np.percentile(np.array(exponents), [16, 84], axis=1)
    margin = (high - low) / 2
    return float((low - margin).min()), float((high + margin).max())
