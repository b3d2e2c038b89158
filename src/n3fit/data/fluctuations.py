"""Fluctuations of the data systematic by systematic, from streams of random numbers with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from n3fit.data.commondata import UNCORRELATED, WITHIN_SET, CommonData
from n3fit.data.covariance import multiplicative, point_slices, relative_shifts
from n3fit.seeds import generator
from n3fit.typing import Floats

THEORY = "theory covariance"
"""Name of the stream of random numbers of the further directions."""


class RandomStreams:
    """One stream of random numbers per name, all of one replica; a redraw continues after the last draw.

    Parameters
    ----------
    seed, replica : int
    purpose : str
        As for :func:`n3fit.seeds.derive_seed`.
    """

    def __init__(self, seed: int, replica: int, purpose: str) -> None:
        self._seed = seed
        self._replica = replica
        self._purpose = purpose
        self._open: dict[str, np.random.Generator] = {}

    def normal(self, name: str, size: int) -> Floats:
        """Return the next normal numbers (size,) of the stream called ``name``."""
        if name not in self._open:
            self._open[name] = generator(self._seed, self._purpose, self._replica, name)
        return self._open[name].standard_normal(size)


class SystematicFluctuations:
    """Data of which each systematic fluctuates by itself.

    Each has its own Gaussian number r: additive ones shift the data, multiplicative ones are factors 1 + r sigma, and r
    is common to all points that the systematic correlates.

    Parameters
    ----------
    datasets : sequence of CommonData
        The data, N points.
    directions : array (N, K), optional
        Further shifts of the data, each with a Gaussian number of its own, such as the columns of a theory covariance.
    weights : mapping of str to float
        Positive weights of data sets, whose additive uncertainties are divided by the square root.
    """

    def __init__(
        self, datasets: Sequence[CommonData], *, directions: Floats | None = None, weights: Mapping[str, float]
    ) -> None:
        self._datasets = datasets
        self._slices = point_slices(datasets)
        self._directions = np.zeros((sum(map(len, datasets)), 0)) if directions is None else directions
        self._additive = {dataset.name: 1 / np.sqrt(weights.get(dataset.name, 1.0)) for dataset in datasets}
        correlations = {name for dataset in datasets for name in dataset.systematic_correlations}
        self._shared = sorted(correlations - UNCORRELATED - WITHIN_SET)

    def draw(self, streams: RandomStreams) -> Floats:
        """Return the data (N,) with the next fluctuations of a replica."""
        common = {name: float(streams.normal(f"systematic {name}", 1)[0]) for name in self._shared}
        count = self._directions.shape[1]
        shift = self._directions @ streams.normal(THEORY, count) if count else np.zeros(len(self._directions))
        return np.concatenate(
            [self._fluctuate(dataset, streams, common, shift[self._slices[dataset.name]]) for dataset in self._datasets]
        )

    def _fluctuate(
        self, dataset: CommonData, streams: RandomStreams, common: Mapping[str, float], shift: Floats
    ) -> Floats:
        """Return one data set (n,) with its fluctuations, beside an additive ``shift`` (n,)."""
        additive = self._additive[dataset.name]
        relative = multiplicative(dataset)
        shifts = np.where(relative, relative_shifts(dataset), additive * dataset.systematics)
        shifted = dataset.central + shift
        numbers = streams.normal(f"{dataset.name}, statistical", len(dataset))
        shifted = shifted + additive * dataset.statistical * numbers
        factor = np.ones(len(dataset))
        for column, (name, correlation) in enumerate(
            zip(dataset.systematic_names, dataset.systematic_correlations, strict=True)
        ):
            if correlation in UNCORRELATED:
                number = streams.normal(f"{dataset.name}, {name}", len(dataset))
            elif correlation in WITHIN_SET:
                number = streams.normal(f"{dataset.name}, {name}", 1)
            else:
                number = np.array([common[correlation]])
            if relative[column]:
                factor = factor * (1.0 + number * shifts[:, column])
            else:
                shifted = shifted + number * shifts[:, column]
        return shifted * factor
