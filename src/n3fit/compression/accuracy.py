"""Accuracy of compressed predictions: its definition, the tolerances, and what is certified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.theory.compound import RATIOS, apply_operation
from n3fit.typing import Floats, Integers

SIGMA_TOLERANCE = 1e-3
"""Largest error of a prediction, in units of the experimental uncertainty of its point."""

RELATIVE_TOLERANCE = 1e-5
"""Largest error of a prediction, relative to its size."""

SMALL = 0.1
"""Lower limit of the size of a prediction in relative errors, as a fraction of its median over the random PDFs.

Predictions may cross zero.
"""

WILD = 10.0
"""Size of a prediction in medians above which its error is scaled down in proportion.

No measured cross-section is that large.
"""


@dataclass(frozen=True)
class Certificate:
    """Length and errors of a compressed observable, point by point (ndata,).

    Parameters
    ----------
    functionals : (ndata,)
        Squares summed for each point; a single form that serves all points counts for each.
    relative : (ndata,)
        Largest error over the certifying PDFs, relative to the prediction (see ``SMALL``).
    uncertainty : (ndata,)
        The same in units of the experimental uncertainty (see ``WILD``); zeros for observables without data.
    """

    functionals: Integers
    relative: Floats
    uncertainty: Floats


def largest_errors(operation: str, pairs: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Compute the largest relative and absolute errors (n,) of predictions over some PDFs.

    The relative ones are relative to at least ``SMALL`` medians of the prediction; the absolute ones of predictions
    larger than ``WILD`` medians are scaled down in proportion. Where an operand of a ratio lies below ``SMALL``
    medians, the ratio does not count: it is arbitrary where a cross-section passes through zero.

    Parameters
    ----------
    operation : str
    pairs : sequence of two arrays (count, n)
        Exact and approximate values of each operand.
    """
    exact = np.asarray(apply_operation(operation, [pair[0] for pair in pairs]))
    difference = np.abs(np.asarray(apply_operation(operation, [pair[1] for pair in pairs])) - exact)
    if operation in RATIOS:
        for values, _ in pairs:
            difference = np.where(np.abs(values) < SMALL * np.median(np.abs(values), axis=0), 0.0, difference)
    size = np.abs(exact)
    median = np.median(size, axis=0)
    relative = np.divide(
        difference, np.maximum(size, SMALL * median), out=np.zeros_like(difference), where=difference > 0
    )
    absolute = difference / np.maximum(1.0, np.divide(size, WILD * median, out=np.zeros_like(size), where=median > 0))
    return relative.max(axis=0), absolute.max(axis=0)
