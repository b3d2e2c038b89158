"""How far the bands of a reduced set are from those of the replicas that it was made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.ensembles.bands import Band, band_of
from n3fit.reduction.samples import Samples
from n3fit.typing import Floats


@dataclass(frozen=True)
class Deviation:
    """Median and largest deviation over the points in x, and where it is largest."""

    median: float
    largest: float
    x: float


@dataclass(frozen=True)
class DeviationRow:
    """Deviations of a reduced set for one flavour; moduli.

    Attributes
    ----------
    flavour : str
    central : Deviation
        Of the central value, in standard deviations of the replicas.
    deviation : Deviation
        Of the standard deviation, relative.
    interval : Deviation
        Of half the width of the 68 % interval, relative to that of the replicas, which has their 16th and 84th
        percentiles as limits.
    """

    flavour: str
    central: Deviation
    deviation: Deviation
    interval: Deviation


def deviation_rows(samples: Samples, reduced: Band) -> tuple[DeviationRow, ...]:
    """Compare bands at the points where the replicas vary.

    Parameters
    ----------
    samples : Samples
        Of the original set.
    reduced : Band
        (F, n), of the reduced set at the same points.

    Returns
    -------
    tuple of DeviationRow
        One for each flavour.
    """
    spread = samples.deviation
    original = band_of(samples.members, samples.members.mean(axis=0), "replicas")
    rows = []
    for place, flavour in enumerate(samples.flavours):
        at = spread[place] > 0
        x = samples.x[at]
        size, half = spread[place, at], _half_width(original)[place, at]
        central = (reduced.central - original.central)[place, at] / size
        rows.append(
            DeviationRow(
                flavour=flavour,
                central=_summarise(central, x),
                deviation=_summarise(reduced.deviation[place, at] / size - 1.0, x),
                interval=_summarise(_half_width(reduced)[place, at] / half - 1.0, x),
            )
        )
    return tuple(rows)


def _half_width(band: Band) -> Floats:
    half: Floats = 0.5 * (band.high - band.low)
    return half


def _summarise(values: Floats, x: Floats) -> Deviation:
    moduli = np.abs(values)
    if not moduli.size:
        return Deviation(0.0, 0.0, float("nan"))
    worst = int(moduli.argmax())
    return Deviation(float(np.median(moduli)), float(moduli[worst]), float(x[worst]))
