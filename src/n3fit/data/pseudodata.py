"""Monte Carlo pseudodata: what the experiments might have measured instead (arXiv:0808.1231, section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import point_slices
from n3fit.data.covariance_checks import cholesky_or_explain
from n3fit.data.fluctuations import RandomStreams, SystematicFluctuations
from n3fit.defaults import MAX_TRIES
from n3fit.errors import DataError
from n3fit.machine import usable_cores
from n3fit.typing import Booleans, Floats, Integers

PURPOSE = "pseudodata"
TILE = 32
"""Replicas whose fluctuations come from one matrix product: its shape and the column of a replica do not depend on
what else is drawn, so that neither do the last bits of the pseudodata."""
DRAWS = 4
"""Draws of a replica that are looked at together, where any can be negative."""
DOUBTFUL = 4.0
"""A point may become negative whose central value is less than so many standard deviations."""


class PseudodataGenerator:
    """Draws the pseudodata of many replicas.

    The data fluctuate around their central values with the covariance, or systematic by systematic as in
    :class:`n3fit.data.fluctuations.SystematicFluctuations`.

    Parameters
    ----------
    datasets : sequence of CommonData
        The data, N points.
    covariance : array (N, N)
        Covariance of the fluctuations, normally the t0 covariance; not used with ``separate_multiplicative``.
    separate_multiplicative : bool
        Systematic by systematic.
    positive : bool
        Draw again while a cross-section is negative.
    directions : array (N, K), optional
        Further shifts of the data, only with ``separate_multiplicative``.
    weights : mapping of str to float, optional
        Weights of data sets, only with ``separate_multiplicative``: ``covariance`` has them already.

    Raises
    ------
    DataError
        The covariance is singular or not a covariance.
    """

    def __init__(
        self,
        datasets: Sequence[CommonData],
        covariance: Floats,
        *,
        separate_multiplicative: bool = False,
        positive: bool = False,
        directions: Floats | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.datasets = tuple(datasets)
        self._slices = point_slices(self.datasets)
        self._central = np.concatenate([dataset.central for dataset in self.datasets])
        self._positive = np.concatenate([must_be_positive(dataset) & positive for dataset in self.datasets])
        self._separate: SystematicFluctuations | None = None
        self._factor: Floats | None = None
        if separate_multiplicative:
            self._separate = SystematicFluctuations(self.datasets, directions=directions, weights=weights or {})
        else:
            self._factor = cholesky_or_explain(covariance, self.datasets)
            sigma = np.sqrt(np.einsum("ij,ij->i", self._factor, self._factor))
            self._doubtful = np.flatnonzero(self._positive & (self._central < DOUBTFUL * sigma))
            self._doubtful_factor = self._factor[self._doubtful]

    def draw(self, *, seed: int, replica: int, max_tries: int = MAX_TRIES, purpose: str = PURPOSE) -> Floats:
        """Return the pseudodata (N,) of one replica, a pure function of ``seed``, ``replica`` and ``purpose``.

        With ``positive``, a draw in which a cross-section is negative is discarded and drawn again.

        Raises
        ------
        DataError
            ``max_tries`` draws had negative cross-sections; the message names the points.
        """
        return self.draw_all(seed=seed, replicas=[replica], max_tries=max_tries, purpose=purpose)[0]

    def draw_all(
        self, *, seed: int, replicas: Sequence[int], max_tries: int = MAX_TRIES, purpose: str = PURPOSE
    ) -> Floats:
        """Return the pseudodata (R, N) of some replicas: identical to those of :meth:`draw`, but faster.

        Raises
        ------
        DataError
            As in :meth:`draw`.
        """
        drawn = np.empty((len(replicas), len(self._central)))
        draws = [self._accepted(RandomStreams(seed, replica, purpose), replica, max_tries) for replica in replicas]
        waiting = list(range(len(replicas)))
        with threadpool_limits(limits=1, user_api="blas"):  # in products this small several threads of BLAS only wait
            while waiting:
                proposals = [next(draws[row]) for row in waiting]
                if self._factor is None:
                    drawn[waiting] = proposals
                else:
                    drawn[waiting] = self._gaussian(self._factor, proposals, [replicas[row] for row in waiting])
                waiting = [row for row in waiting if (self._positive & (drawn[row] < 0.0)).any()]
        return drawn

    def _accepted(self, streams: RandomStreams, replica: int, max_tries: int) -> Iterator[Floats]:
        """Yield draws that are positive at the doubtful points: the pseudodata, or the normal numbers that make them.

        The other points are worked out only for those.
        """
        failures = np.zeros(len(self._central), dtype=np.int64)
        for proposal, negative in islice(self._proposals(streams), max_tries):
            failures += negative
            if not negative.any():
                yield proposal
        raise DataError(
            f"replica {replica}: each of {max_tries} draws of the pseudodata had a negative cross-section; "
            f"negative most often: {self._worst(failures)}",
            hint="their uncertainties are too large for Gaussian fluctuations; leave the data set out",
        )

    def _proposals(self, streams: RandomStreams) -> Iterator[tuple[Floats, Booleans]]:
        """Yield pseudodata, or the normal numbers that make them, with the points (N,) seen to be negative."""
        if self._separate is not None:
            while True:
                drawn = self._separate.draw(streams)
                yield drawn, self._positive & (drawn < 0.0)
        rows = self._doubtful
        draws = DRAWS if len(rows) else 1
        while True:
            # a stream has the same numbers whether they are taken together or draw by draw
            parts = [streams.normal(dataset.name, draws * len(dataset)) for dataset in self.datasets]
            normal = np.concatenate([part.reshape(draws, -1) for part in parts], axis=1)
            for numbers, values in zip(normal, self._central[rows] + normal @ self._doubtful_factor.T, strict=True):
                negative = np.zeros(len(self._central), dtype=np.bool_)
                negative[rows] = values < 0.0
                yield numbers, negative

    def _gaussian(self, factor: Floats, normal: Sequence[Floats], replicas: Sequence[int]) -> Floats:
        """Return the pseudodata (R, N) that normal numbers (R, N) make, tile by tile."""
        drawn = np.empty((len(replicas), len(self._central)))
        rows_of_tiles: dict[int, list[int]] = {}
        for row, replica in enumerate(replicas):
            rows_of_tiles.setdefault(replica // TILE, []).append(row)

        def fill(rows: list[int]) -> None:
            columns = [replicas[row] % TILE for row in rows]
            numbers = np.zeros((len(self._central), TILE))
            numbers[:, columns] = np.transpose([normal[row] for row in rows])
            drawn[rows] = self._central + (factor @ numbers)[:, columns].T

        tiles = list(rows_of_tiles.values())
        if len(tiles) == 1:  # in a thread of its own it would only start later
            fill(tiles[0])
        else:
            with ThreadPoolExecutor(max_workers=min(usable_cores(), len(tiles))) as pool:
                list(pool.map(fill, tiles))
        return drawn

    def _worst(self, failures: Integers) -> str:
        names = []
        for dataset in self.datasets:
            counts = failures[self._slices[dataset.name]]
            names += [(int(counts[row]), f"{dataset.name} point {dataset.indices[row]}") for row in range(len(dataset))]
        worst = sorted((entry for entry in names if entry[0] > 0), key=lambda entry: -entry[0])[:5]
        return ", ".join(f"{name} ({count} times)" for count, name in worst)


def must_be_positive(dataset: CommonData) -> Booleans:
    """Return the points (n,) whose pseudodata may not be negative: cross-sections measured to be positive."""
    if dataset.may_be_negative:
        return np.zeros(len(dataset), dtype=np.bool_)
    return dataset.central > 0.0
