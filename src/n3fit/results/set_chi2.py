"""Chi2 of PDF sets and fits to data, by data set, by process and in total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from n3fit.data.categories import process_groups
from n3fit.data.fit_data import FitData
from n3fit.results.residual_table import whiten_if_positive
from n3fit.results.set_predictions import SetPredictions
from n3fit.typing import Floats, Indices

Level = Literal["process", "dataset", "total"]


@dataclass(frozen=True, eq=False)
class PointGroup:
    """Points whose chi2 is one number: those of a data set, of a process, or all; ``points`` are their positions."""

    level: Level
    name: str
    points: Indices


@dataclass(frozen=True)
class SetChi2Row:
    """Chi2 of a PDF set to one group of points and with one covariance, not divided by the points; nan if undefined.

    Parameters
    ----------
    level, name, points : str, str, int
        The group, and the number of its points.
    covariance : str
        Name of the covariance.
    central : float
        Of the central member.
    mean : float
        Of the mean prediction of the replicas; nan for other kinds of sets.
    members : tuple of float
        Of each replica or error member.
    """

    level: Level
    name: str
    points: int
    covariance: str
    central: float
    mean: float
    members: tuple[float, ...]


@dataclass(frozen=True)
class SetChi2:
    """Chi2 of one PDF set or fit; ``kind`` is that of its members, see :mod:`n3fit.ensembles.bands`."""

    label: str
    kind: str
    rows: tuple[SetChi2Row, ...]

    def row(self, name: str, covariance: str, level: Level | None = None) -> SetChi2Row:
        """Return the chi2 of a group, of any level unless one is named.

        Raises
        ------
        KeyError
            There is no such group or covariance.
        """
        for row in self.rows:
            if (row.name, row.covariance) == (name, covariance) and level in (None, row.level):
                return row
        raise KeyError(f"no group {name!r} with the covariance {covariance!r}")


def chi2_covariances(data: FitData) -> dict[str, Floats]:
    """Return the covariances (N, N) with which chi2 is computed, by name, the one that a fit minimises first.

    Where the theory covariance is part of chi2, they are there with and without it.
    """
    plain = {"t0": data.t0_covariance, "experimental": data.experimental_covariance}
    if data.theory is None or not data.theory.in_fitting:
        return plain
    return {f"{name} + theory": data.with_theory(covariance) for name, covariance in plain.items()} | plain


def group_points(data: FitData) -> tuple[PointGroup, ...]:
    """Return each process followed by its data sets, in order of first appearance, and all points last."""
    everything = np.arange(len(data))
    groups: list[PointGroup] = []
    for process, datasets in process_groups(data.datasets).items():
        inside = [PointGroup("dataset", entry.name, everything[data.slices[entry.name]]) for entry in datasets]
        groups += [PointGroup("process", process, np.concatenate([group.points for group in inside])), *inside]
    return (*groups, PointGroup("total", "total", everything))


def chi2_of_sets(
    predictions: Sequence[SetPredictions],
    central: Floats,
    covariances: Mapping[str, Floats],
    groups: Sequence[PointGroup],
) -> tuple[SetChi2, ...]:
    """Compute the chi2 of the central members, of the means and of all members; without correlations between groups.

    Every covariance is factorised once for all sets.

    Parameters
    ----------
    predictions : sequence of SetPredictions
        For N points.
    central : (N,)
        Central data.
    covariances : mapping of str to (N, N)
        By name.
    groups : sequence of PointGroup
    """
    stacked = [_stack(entry) for entry in predictions]
    ends = np.cumsum([len(rows) for rows in stacked])[:-1]
    shown = np.concatenate(stacked)
    chi2: list[list[SetChi2Row]] = [[] for _ in predictions]
    for group in groups:
        points = group.points
        for name, covariance in covariances.items():
            block = covariance[np.ix_(points, points)]
            whitened = whiten_if_positive(group.name, shown[:, points], central[points], block, name)
            for rows, values in zip(chi2, np.split(np.sum(whitened**2, axis=1), ends), strict=True):
                of_central, of_mean, *of_members = values.tolist()
                rows.append(
                    SetChi2Row(group.level, group.name, len(points), name, of_central, of_mean, tuple(of_members))
                )
    return tuple(SetChi2(entry.label, entry.kind, tuple(rows)) for entry, rows in zip(predictions, chi2, strict=True))


def _stack(predictions: SetPredictions) -> Floats:
    """Return the predictions (2 + R, N) of the central member, the mean (nan if there is none) and the members."""
    mean = predictions.mean
    without = np.full_like(predictions.central, np.nan)
    return np.stack([predictions.central, without if mean is None else mean, *predictions.members])
