"""How much of the losses of a scan each parameter explains alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from n3fit.report.scan_parameters import ScanParameter
from n3fit.seeds import generator
from n3fit.typing import Floats, Indices

MOST_GROUPS = 6
"""Largest number of groups of a numerical parameter."""

_FEWEST_IN_GROUP = 8
_PERMUTATIONS = 400
_NOISE_QUANTILE = 0.95


@dataclass(frozen=True)
class Importance:
    """The importance of a parameter.

    Parameters
    ----------
    name : str
    share : float
        epsilon^2 of Kruskal and Wallis: the share of the variance of the ranks of the losses that lies between groups
        of the parameter, minus what groups without a meaning have on average; at least 0.
    noise : float
        The share below which 95 % of random permutations of the losses are.
    correlation : float
        Rank correlation of Spearman between parameter and loss; nan for categories.
    trials : int
        Number of trials with the parameter.
    """

    name: str
    share: float
    noise: float
    correlation: float
    trials: int


def importances(parameters: Sequence[ScanParameter], losses: Floats) -> list[Importance]:
    """Return the importances of parameters, the largest first; those with too few trials are left out.

    Parameters
    ----------
    parameters : sequence of ScanParameter
        Of n trials.
    losses : (n,)
        Only trials with a finite one count.
    """
    found = [_importance(parameter, losses) for parameter in parameters]
    known = [entry for entry in found if entry is not None]
    return sorted(known, key=lambda entry: -entry.share)


def _importance(parameter: ScanParameter, losses: Floats) -> Importance | None:
    kept = np.isfinite(parameter.numbers) & np.isfinite(losses)
    values, ranks = parameter.numbers[kept], rankdata(losses[kept])
    groups = value_groups(values, distinct=bool(parameter.categories))
    count = int(groups.max(initial=-1)) + 1
    if count < 2 or len(values) < count + 2:
        return None
    random = generator(0, "importance of parameters", name=parameter.name)
    permuted = [epsilon_squared(random.permutation(ranks), groups) for _ in range(_PERMUTATIONS)]
    correlation = np.nan
    if not parameter.categories and np.ptp(ranks) > 0:
        correlation = float(np.corrcoef(rankdata(values), ranks)[0, 1])
    return Importance(
        name=parameter.name,
        share=max(0.0, epsilon_squared(ranks, groups)),
        noise=max(0.0, float(np.quantile(permuted, _NOISE_QUANTILE))),
        correlation=correlation,
        trials=len(values),
    )


def value_groups(values: Floats, *, distinct: bool) -> Indices:
    """Return the group (n,) of each value, from 0: one for each value, or as many of equal size.

    Parameters
    ----------
    values : (n,)
    distinct : bool
        One group for each value, also where there are more than :data:`MOST_GROUPS`.
    """
    different, place = np.unique(values, return_inverse=True)
    if distinct or len(different) <= MOST_GROUPS:
        return place.astype(np.intp)
    number = min(MOST_GROUPS, max(2, len(values) // _FEWEST_IN_GROUP))
    edges = np.quantile(values, np.linspace(0, 1, number + 1)[1:-1])
    return np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)[1].astype(np.intp)


def epsilon_squared(ranks: Floats, groups: Indices) -> float:
    """Return (SSB - (k - 1) MSW) / SST of ranks (n,) in k groups; 0 where all ranks are equal.

    SSB and SSW are the sums of squares between and within groups, SST their sum, MSW = SSW / (n - k).
    """
    total = float(np.sum((ranks - ranks.mean()) ** 2))
    count = int(groups.max()) + 1
    if total == 0 or len(ranks) <= count:
        return 0.0
    sizes = np.bincount(groups, minlength=count)
    means = np.bincount(groups, weights=ranks, minlength=count) / sizes
    between = float(np.sum(sizes * (means - ranks.mean()) ** 2))
    return (between - (count - 1) * (total - between) / (len(ranks) - count)) / total
