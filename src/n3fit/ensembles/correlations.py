"""Correlations between distributions at points in x, over the members of an ensemble."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.ensembles.bands import ErrorKind
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.partons import Parton
from n3fit.typing import Floats

FEWEST_REPLICAS = 3


def correlation_matrix(ensemble: EnsembleOnGrid, partons: Sequence[Parton], x: Floats) -> Floats:
    """Compute the correlations of x f, (F n, F n), ordered by flavour and by point within a flavour.

    Rows and columns of points that do not vary are zero, but for the diagonal.

    Parameters
    ----------
    ensemble : EnsembleOnGrid
        Of at least three replicas, or of a Hessian set (arXiv:1412.7420, section 2.2).
    partons : sequence of F Parton
    x : (n,)
    """
    members = np.concatenate([ensemble.members_of(parton, x) for parton in partons], axis=1)
    central = np.concatenate([ensemble.central_of(parton, x) for parton in partons])
    variations = _variations(members, central, ensemble.kind)
    size = np.sqrt((variations**2).sum(axis=0))
    largest = np.abs(members).max(axis=0)
    varying = size > 1e-10 * np.where(largest > 0, largest, 1.0)
    scaled = np.where(varying, variations / np.where(varying, size, 1.0), 0.0)
    matrix: Floats = np.clip(scaled.T @ scaled, -1.0, 1.0)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _variations(members: Floats, central: Floats, kind: ErrorKind) -> Floats:
    """Return the vectors whose scalar products are the covariances, up to one factor."""
    if kind == "hessian":
        return members[::2] - members[1::2]
    return members - (central if kind == "symmhessian" else members.mean(axis=0))
