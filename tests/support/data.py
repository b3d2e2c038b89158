"""Data sets made by hand, and short forms of what tests compute: chi2 by a linear solution, pseudodata of a replica."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.data import CommonData, PseudodataGenerator, TheoryFeatures

Floats = NDArray[np.float64]

NNLO = TheoryFeatures(order=2, scheme="FONLL-C", fitted_charm=True)
"""Theory 400 and the embedded one, as far as cuts are concerned."""


def chi2_values(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Return ``(T - D)^T C^-1 (T - D)`` of predictions (R, N) or (N,), not divided by the number of points."""
    residuals = np.asarray(predictions) - central
    values: Floats = np.sum(residuals * np.linalg.solve(covariance, residuals.T).T, axis=-1)
    return values


def draw_pseudodata(
    datasets: Sequence[CommonData],
    covariance: Floats,
    *,
    seed: int,
    replica: int,
    separate_multiplicative: bool = False,
    **options: Any,
) -> Floats:
    """Return the pseudodata (N,) of one replica."""
    generator = PseudodataGenerator(
        datasets, covariance, separate_multiplicative=separate_multiplicative, positive=True
    )
    return generator.draw(seed=seed, replica=replica, **options)


def build_dataset(
    name: str,
    central: Sequence[float],
    statistical: Sequence[float] | float = 0.0,
    systematics: Sequence[tuple[str, str, Sequence[float]]] = (),
    **changes: Any,
) -> CommonData:
    """Return a data set made from columns ``(kind, correlation, shifts)`` of systematics."""
    count = len(central)
    q2 = np.linspace(4.0, 100.0, count)
    x = np.geomspace(1e-3, 0.5, count)
    values: dict[str, Any] = {
        "name": name,
        "variant": None,
        "experiment": name.split("_")[0],
        "process_type": "DIS_NC",
        "operation": "NULL",
        "fk_names": ((name,),),
        "conversion_factor": 1.0,
        "ndata_file": count,
        "indices": np.arange(count),
        "central": np.asarray(central, dtype=float),
        "statistical": np.broadcast_to(np.asarray(statistical, dtype=float), (count,)),
        "systematics": np.array([shifts for _, _, shifts in systematics], dtype=float).reshape(-1, count).T,
        "systematic_names": tuple(f"sys_{number}" for number in range(len(systematics))),
        "systematic_kinds": tuple(kind for kind, _, _ in systematics),
        "systematic_correlations": tuple(correlation for _, correlation, _ in systematics),
        "x": x,
        "q2": q2,
        "y": np.full(count, np.nan),
        "kinematics": {"x": x, "Q2": q2},
    }
    return CommonData(**(values | changes))
