"""The vetoes of the methodology, which exclude replicas from a PDF set.

Replicas that are not finite, fail positivity or integrability, or miss a sum rule are excluded first. Chi2 and arc
lengths are compared with those of the other replicas, arXiv:1410.8849, sect. 3.3.1, and arXiv:2109.02653, sect. 3.2:
a replica is excluded when it lies more than four standard deviations above their mean. Mean and deviation are those of
the replicas not excluded so far, and this is repeated until no replica is removed, so that an extreme outlier cannot
mask a milder one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from n3fit.defaults import ARC_LENGTH_DEVIATIONS, CHI2_DEVIATIONS, INTEGRABILITY_LIMIT
from n3fit.ensembles.arc_length import ARC_LENGTH_FLAVOURS
from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS
from n3fit.errors import CommandLineError
from n3fit.results.replica_results import ReplicaResults
from n3fit.typing import Booleans, Floats

VETOES = ("finite", "sum rules", "positivity", "integrability", "chi2", "arc length")
"""In the order of the reports."""

_ROUNDING = 1e-12  # replicas that are all equal are not above their mean
_CONFIDENCE = 0.9  # that the replicas which are to be added will be enough


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of the vetoes.

    Parameters
    ----------
    chi2, arc_length : float
        Standard deviations above the mean of the replicas; infinity switches the veto off.
    integrability : float
        Largest sum of |x f(x)| over the smallest nodes, for each of V, V3, V8, T3 and T8.

    Raises
    ------
    CommandLineError
        A threshold is not positive.
    """

    chi2: float = CHI2_DEVIATIONS
    arc_length: float = ARC_LENGTH_DEVIATIONS
    integrability: float = INTEGRABILITY_LIMIT

    def __post_init__(self) -> None:
        for name in ("chi2", "arc_length", "integrability"):
            value = getattr(self, name)
            if not value > 0:
                raise CommandLineError(f"the threshold of {name.replace('_', ' ')} must be positive, received {value}")


@dataclass(frozen=True)
class Veto:
    """One reason to exclude a replica: ``value`` of ``quantity`` is above ``limit``; both nan without a number."""

    replica: int
    veto: str
    quantity: str
    value: float
    limit: float


@dataclass(frozen=True)
class Vetoes:
    """The vetoes of R replicas.

    Parameters
    ----------
    replicas : (R,)
    passing : (R,) bool
    vetoes : tuple of Veto
        By replica, then in the order of ``VETOES``.
    chi2_limit : float
        Largest chi2 per point that passes; infinity without data.
    arc_length_limits : (5,)
        Largest arc lengths that pass.
    """

    replicas: NDArray[np.int64]
    passing: Booleans
    vetoes: tuple[Veto, ...]
    chi2_limit: float
    arc_length_limits: Floats

    @property
    def passing_numbers(self) -> tuple[int, ...]:
        """The replicas that pass."""
        return tuple(int(number) for number in self.replicas[self.passing])


def apply_vetoes(results: ReplicaResults, chi2: Floats, thresholds: Thresholds) -> Vetoes:
    """Apply the vetoes.

    Parameters
    ----------
    results : ReplicaResults
    chi2 : (R,)
        Chi2 per point of each replica to the central data with the t0 covariance; all nan for a fit without data.
    thresholds : Thresholds
    """
    quantities = [
        ("chi2", "chi2 per point"),
        *(("arc length", f"arc length of {name}") for name in ARC_LENGTH_FLAVOURS),
    ]
    columns = np.column_stack([chi2, results.arc_lengths])
    judged = np.asarray(~np.isnan(columns).all(axis=0))  # without data there is no chi2 to judge by
    columns = columns[:, judged]
    nsigma = np.array([thresholds.chi2, *[thresholds.arc_length] * len(ARC_LENGTH_FLAVOURS)])[judged]
    fixed: dict[str, Booleans] = {
        "finite": ~(results.finite & np.isfinite(columns).all(axis=1)),
        "sum rules": results.guarded,
        "positivity": ~results.positivity_passed,
        "integrability": np.asarray(~(results.integrability <= thresholds.integrability).all(axis=1)),
    }
    limits, final, passing = _compare(columns, ~np.any(list(fixed.values()), axis=0), nsigma)
    compared = [entry for entry, kept in zip(quantities, judged, strict=True) if kept]
    every_limit = np.full(len(quantities), np.inf)
    every_limit[judged] = final
    return Vetoes(
        replicas=results.replicas,
        passing=passing,
        vetoes=tuple(
            veto
            for row in range(len(results.replicas))
            for veto in (
                *_fixed_vetoes(results, row, fixed, thresholds),
                *_compared_vetoes(results, row, compared, columns[row], limits[row], finite=not fixed["finite"][row]),
            )
        ),
        chi2_limit=float(every_limit[0]),
        arc_length_limits=every_limit[1:],
    )


def replicas_to_add(passing: int, total: int, wanted: int) -> int | None:
    """Return how many more replicas bring, with 90 % probability, the passing ones from ``passing`` to ``wanted``.

    Each is taken to pass with the probability ``passing / total``: the smallest number k for which the binomial
    distribution has P(at least wanted - passing of k) >= 0.9. None when no replica passes.
    """
    missing = wanted - passing
    if missing <= 0:
        return 0
    if passing == 0:
        return None
    rate = passing / total
    count = math.ceil(missing / rate)
    while rate < 1 and betainc(missing, count - missing + 1, rate) < _CONFIDENCE:
        count += 1
    return count


def _compare(columns: Floats, passing: Booleans, nsigma: Floats) -> tuple[Floats, Floats, Booleans]:
    """Exclude replicas above mean + nsigma deviations of those not excluded, until no more are.

    Parameters
    ----------
    columns : (R, C)
    passing : (R,) bool
        Replicas not excluded at the start.
    nsigma : (C,)

    Returns
    -------
    (R, C)
        The limits of each replica: the last ones, or for an excluded one those that excluded it.
    (C,)
        The last limits; infinity with fewer than two replicas, as there are no others to compare with.
    (R,) bool
        Replicas not excluded at the end.
    """
    excluded_by: dict[int, Floats] = {}
    while True:
        inside = columns[passing]
        final = np.full(columns.shape[1], np.inf)
        if len(inside) > 1:
            final = inside.mean(axis=0) * (1 + _ROUNDING) + nsigma * inside.std(axis=0, ddof=1)
        excluded = passing & ~(columns <= final).all(axis=1)
        if not excluded.any():
            break
        excluded_by |= dict.fromkeys(np.flatnonzero(excluded).tolist(), final)
        passing = passing & ~excluded
    limits = np.array([excluded_by.get(row, final) for row in range(len(columns))]).reshape(columns.shape)
    return limits, final, passing


def _fixed_vetoes(
    results: ReplicaResults, row: int, fixed: dict[str, Booleans], thresholds: Thresholds
) -> Iterator[Veto]:
    number = int(results.replicas[row])
    if fixed["finite"][row]:
        yield Veto(number, "finite", "not finite", np.nan, np.nan)
        return
    if fixed["sum rules"][row]:
        yield Veto(number, "sum rules", "a sum rule could not be imposed", np.nan, np.nan)
    if fixed["positivity"][row]:
        worst = float(results.positivity_losses[row].max(initial=0.0))
        yield Veto(number, "positivity", "positivity loss", worst, np.nan)
    for name, value in zip(INTEGRABILITY_FLAVOURS, results.integrability[row].tolist(), strict=True):
        if not value <= thresholds.integrability:
            yield Veto(number, "integrability", f"integrability of {name}", value, thresholds.integrability)


def _compared_vetoes(
    results: ReplicaResults,
    row: int,
    quantities: list[tuple[str, str]],
    values: Floats,
    limits: Floats,
    *,
    finite: bool,
) -> Iterator[Veto]:
    for (veto, quantity), value, limit in zip(quantities, values.tolist(), limits.tolist(), strict=True):
        if finite and value > limit:
            yield Veto(int(results.replicas[row]), veto, quantity, value, limit)
