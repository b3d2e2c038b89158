"""Effective exponents of replicas at small and large x, and the preprocessing ranges of the next iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from n3fit.errors import DataError, FitError
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.flavours import FLAVOUR_TO_FK, fitting_to_fk
from n3fit.typing import Floats

SMALL_X = (1e-6, 1e-3)
"""Values of x of the small-x exponents; only the first for flavours that grow like the singlet."""

LARGE_X = (0.65, 0.95)
"""Values of x of the large-x exponents."""

_LIKE_THE_SINGLET = ("sng", "g", "t15")
_LARGEST_ALPHA: Mapping[str, float] = MappingProxyType(dict.fromkeys(("v", "v3", "v8", "v15", "t3", "t8"), 1.0))
_LARGEST_ALPHA_OF_OTHERS = 2.0
_FEWEST_REPLICAS = 2


def fitted_flavours(pdf: Floats, fitbasis: str, flavours: Sequence[str]) -> Floats:
    """Return x f(x) of the fitted flavours, (..., F), of PDFs (..., 14) in the order of ``EXPORT_PIDS``."""
    to_fitted = np.linalg.pinv(fitting_to_fk(fitbasis, tuple(flavours))) @ FLAVOUR_TO_FK
    fitted: Floats = pdf @ to_fitted.T
    return fitted


def small_x_exponents(xf: Floats, x: Floats | float) -> Floats:
    """Compute ``ln |f(x)| / ln(1/x)``, arXiv:1410.8849, sect. 3.2.2; exactly alpha for f = x**-alpha."""
    exponents: Floats = np.log(np.abs(xf) / x) / np.log(1 / x)
    return exponents


def large_x_exponents(xf: Floats, x: Floats | float) -> Floats:
    """Compute ``ln |f(x)| / ln(1 - x)``, arXiv:1410.8849, sect. 3.2.2; exactly beta for f = (1 - x)**beta."""
    exponents: Floats = np.log(np.abs(xf) / x) / np.log(1 - x)
    return exponents


def next_ranges(
    pdf: Floats, xgrid: Floats, fitbasis: str, ranges: Sequence[ExponentRange], *, source: str
) -> tuple[ExponentRange, ...]:
    """Compute the ranges of the preprocessing exponents for the next iteration.

    At each of a few x (``SMALL_X``, ``LARGE_X``; the nearest nodes) the effective exponents of the replicas have a
    central 68 % interval, from percentile 16 to 84, which is doubled around its middle. The range covers these
    intervals: arXiv:1410.8849, sect. 3.2.2, arXiv:2109.02653, sect. 3.1.1. It is cut where an integral
    would diverge for f = x**-alpha: at alpha = 1 for the valence combinations, T3 and T8, of which that of f must be
    finite (arXiv:2109.02653, sect. 3.1.4), at 2 for the others, of which that of x f; and at beta = 0.

    Parameters
    ----------
    pdf : (R, nx, 14)
        x f(x, Q0) of the replicas in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    xgrid : (nx,)
    fitbasis : str
    ranges : sequence of ExponentRange
        The ranges of the previous iteration, one for each fitted flavour; without ``largex`` (feature scaling) the
        result has none either.
    source : str
        Name of the fit in errors.

    Raises
    ------
    FitError
        There are fewer than two replicas.
    DataError
        A flavour vanishes at one of the x.
    """
    if len(pdf) < _FEWEST_REPLICAS:
        raise FitError(
            f"{source}: expected at least {_FEWEST_REPLICAS} good replicas for the ranges, received {len(pdf)}",
            hint="fit more replicas",
        )
    fitted = fitted_flavours(pdf, fitbasis, [entry.flavour for entry in ranges])

    def interval(column: int, x: float, exponents: Callable[[Floats, float], Floats]) -> tuple[float, float]:
        node = int(np.argmin(np.abs(np.log(xgrid / x))))
        values = exponents(fitted[:, node, column], float(xgrid[node]))
        if not np.isfinite(values).all():
            raise DataError(f"{source}: {ranges[column].flavour} of a replica vanishes at x = {xgrid[node]:.3g}")
        low, high = np.percentile(values, [16, 84])
        margin = (high - low) / 2
        return float(low - margin), float(high + margin)

    result = []
    for column, entry in enumerate(ranges):
        nodes = SMALL_X[:1] if entry.flavour in _LIKE_THE_SINGLET else SMALL_X
        low, high = _cover([interval(column, x, small_x_exponents) for x in nodes])
        high = min(high, _LARGEST_ALPHA.get(entry.flavour, _LARGEST_ALPHA_OF_OTHERS))
        largex = None
        if entry.largex is not None:
            lowest, highest = _cover([interval(column, x, large_x_exponents) for x in LARGE_X])
            largex = max(lowest, 0.0), max(highest, 0.0)
        result.append(replace(entry, smallx=(min(low, high), high), largex=largex))
    return tuple(result)


def _cover(intervals: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the smallest interval that contains all of them."""
    return min(low for low, _ in intervals), max(high for _, high in intervals)
