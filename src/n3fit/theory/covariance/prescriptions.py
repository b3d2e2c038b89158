"""Point prescriptions: from the shifts of varied predictions to a covariance (arXiv:1906.10698, section 4).

With the shifts Delta_i of the predictions under variation i, the block between process categories P and Q is::

    P = Q:   sum_i w_i Delta_i Delta_i^T
    P != Q:  sum_s v_s (sum_i Delta_i)(sum_i Delta_i)^T     with i in the set s

The first is the sum of the second, within P, and a remainder that is positive: so the covariance is A A^T with columns
A common to all points (the sets s) and others that belong to the points of one category (the remainder).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from n3fit.typing import Floats
from n3fit.vocabulary import ALPHAS_PRESCRIPTIONS

NEGLIGIBLE = 1e-12
"""Eigenvalues of the remainder, of which the weights are of order one, that count as zero."""

CENTRAL_SCALES = "1 1"

SPLITTING_VARIATIONS = MappingProxyType({"gg": 19, "gq": 21, "qg": 15, "qq": 6})
"""Number of variations of each approximate N3LO splitting function (arXiv:2402.18635, section 2)."""

FHMRUVV_VARIATIONS = 14
"""Seven splitting functions with two variations each."""


@dataclass(frozen=True)
class PointPrescription:
    """A prescription with n varied theories.

    Parameters
    ----------
    name : str
        As in the runcard.
    reference : str
        Name of the variation that the shifts are relative to.
    variations : tuple of n str
        For scales ``kF kR``, the factors of the factorisation and the renormalisation scale.
    within : tuple of n float
        Weight of each shift within a process category.
    between : tuple of (float, tuple of int), optional
        Weights of sums of shifts, and the positions of these shifts, between different categories; None: as within.
    """

    name: str
    reference: str
    variations: tuple[str, ...]
    within: tuple[float, ...]
    between: tuple[tuple[float, tuple[int, ...]], ...] | None = None

    def columns(self, shifts: Floats, categories: Sequence[str]) -> Floats:
        """Return the columns A (N, k) of the covariance A A^T.

        Parameters
        ----------
        shifts : array (n, N)
            Predictions of the varied theories minus those of the reference.
        categories : sequence of N str
            Process category of each point.

        Raises
        ------
        ValueError
            The numbers of shifts or categories do not match.
        """
        if shifts.shape != (len(self.variations), len(categories)):
            expected = (len(self.variations), len(categories))
            raise ValueError(f"{self.name}: shifts must have the shape {expected}, received {shifts.shape}")
        common, remainder = self._split()
        owned = shifts.T @ remainder
        names = np.array(categories)
        blocks = [np.where((names == category)[:, None], owned, 0.0) for category in dict.fromkeys(categories)]
        return np.concatenate([shifts.T @ common, *blocks], axis=1)

    def _split(self) -> tuple[Floats, Floats]:
        """Return the coefficients (n, ncommon) of columns common to all points, and (n, r) of those of one category."""
        size = len(self.variations)
        if self.between is None:
            return np.diag(np.sqrt(self.within)), np.zeros((size, 0))
        common = np.zeros((size, len(self.between)))
        for column, (weight, positions) in enumerate(self.between):
            common[list(positions), column] = np.sqrt(weight)
        eigenvalues, vectors = np.linalg.eigh(np.diag(self.within) - common @ common.T)
        kept = eigenvalues > NEGLIGIBLE
        return common, vectors[:, kept] * np.sqrt(eigenvalues[kept])


def _scales(name: str, variations: str, weight: float, *between: tuple[float, str]) -> PointPrescription:
    """Return a prescription from its variations ``kF kR, kF kR, ...``; sets of them are written as letters a, b, ..."""
    names = tuple(variations.split(", "))
    sets = tuple((value, tuple(ord(letter) - ord("a") for letter in letters)) for value, letters in between)
    return PointPrescription(name, CENTRAL_SCALES, names, (weight,) * len(names), sets)


def _renormalisation_only(name: str, variations: str, reference: str = CENTRAL_SCALES) -> PointPrescription:
    """Return a prescription of two variations, up and down, that are uncorrelated between categories."""
    return PointPrescription(name, reference, tuple(variations.split(", ")), (0.5, 0.5), ((0.25, (0, 1)),))


def _splitting_functions() -> PointPrescription:
    names = [
        (f"splitting {kind} {n}", count) for kind, count in SPLITTING_VARIATIONS.items() for n in range(1, count + 1)
    ]
    weights = tuple(1.0 / count for _, count in names)
    return PointPrescription("ad ihou", "splitting central", tuple(name for name, _ in names), weights)


def _fhmruvv() -> PointPrescription:
    names = tuple(f"splitting function {number}" for number in range(1, FHMRUVV_VARIATIONS + 1))
    return PointPrescription("fhmruvv ihou", "splitting central", names, (0.5,) * FHMRUVV_VARIATIONS)


def _alphas(name: str) -> PointPrescription:
    central, upper, lower = (f"alphas 0.{digits[1:]}" for digits in name.split()[1:])
    return PointPrescription(name, central, (upper, lower), (0.5, 0.5))


_SEVEN = "2 1, 0.5 1, 1 2, 1 0.5, 2 2, 0.5 0.5"
_BUILDERS: tuple[Callable[[], PointPrescription], ...] = (
    lambda: _renormalisation_only("3 point", "2 2, 0.5 0.5"),
    lambda: _scales("3f point", "2 1, 0.5 1", 1 / 2, (1 / 2, "a"), (1 / 2, "b")),
    lambda: _renormalisation_only("3r point", "1 2, 1 0.5"),
    lambda: _scales("5 point", "2 1, 0.5 1, 1 2, 1 0.5", 1 / 2, (1 / 2, "a"), (1 / 2, "b"), (1 / 4, "cd")),
    lambda: _scales("5bar point", "2 2, 0.5 0.5, 2 0.5, 0.5 2", 1 / 2, (1 / 4, "ac"), (1 / 4, "bd")),
    lambda: _scales("7 point", _SEVEN, 1 / 3, (1 / 3, "a"), (1 / 3, "b"), (1 / 6, "cd"), (1 / 6, "ef")),
    lambda: _scales("9 point", f"{_SEVEN}, 2 0.5, 0.5 2", 1 / 4, (1 / 12, "aeg"), (1 / 12, "bfh"), (1 / 8, "cd")),
    lambda: _renormalisation_only("3pt hadronic", "hadronic 1 0.5, hadronic 1 2"),
    lambda: _renormalisation_only("3pt missing", "missing 1 0.5, missing 1 2"),
    lambda: _renormalisation_only("dis ihou", "dis lower, dis upper", "dis central"),
    _splitting_functions,
    _fhmruvv,
)

PRESCRIPTIONS: Mapping[str, PointPrescription] = MappingProxyType(
    {entry.name: entry for entry in (*(build() for build in _BUILDERS), *map(_alphas, ALPHAS_PRESCRIPTIONS))}
)
"""Every prescription with varied theories, by its name in the runcard."""
