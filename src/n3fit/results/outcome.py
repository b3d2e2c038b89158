"""What a finished training hands to the fit folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from n3fit.data.closure import ClosureTruth

Floats = NDArray[np.float64]

WEIGHTS_FILE = "weights.weights.h5"
"""Name of the file of weights when the runcard gives none."""


@dataclass(frozen=True)
class DatasetSummary:
    """One data set of the fit, in the order of the runcard.

    ``x``, ``q2`` and ``y`` are kinematics for the data plots, nan where a set has none.
    """

    name: str
    variant: str | None
    experiment: str
    process_type: str
    slice: slice
    x: Floats
    q2: Floats
    y: Floats


@dataclass(frozen=True)
class TrainingHistory:
    """Losses per point at some epochs: ``epochs`` (H,), the others (H, R)."""

    epochs: NDArray[np.int64]
    training: Floats
    validation: Floats


@dataclass(frozen=True)
class FitOutcome:
    """Everything that the training knows at its end; R replicas, N points, F fitted flavours.

    Parameters
    ----------
    replicas : (R,)
        Replica numbers, from 1.
    fitbasis, flavours
        Name of the fitting basis and its F flavours in the order of the network's outputs.
    alpha, beta : (R, F)
        Preprocessing exponents, ``x**(1 - alpha) * (1 - x)**beta``.
    stop_epoch, best_epoch : (R,)
        Epoch (from 0) at which the replica stopped and of which its weights are; -1 when no epoch was acceptable.
    training_chi2, validation_chi2 : (R,)
        Per point, to the replica's pseudodata, at the best epoch.
    positivity_passed, finite, guarded : (R,) bool
        Positivity; no nan or infinity was met; a normalisation integral vanished and was guarded.
    positivity_losses, integrability_losses
        Data set name to (R,) at the best epoch, before any multiplier.
    arc_lengths, integrability : (R, 5)
        Arc lengths of sigma, g, v, v3, v8 (arXiv:1410.8849) and the integrability numbers of v, v3, v8, t3, t8.
    xgrid : (196,)
        Nodes of the exportgrid.
    pdf : (R, 196, 14)
        x f(x, Q0) in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    central, predictions : (N,), (R, N)
        Central data and the replicas' predictions.
    experimental_covariance, t0_covariance : (N, N)
    weights
        One mapping per replica: layer name to its list of arrays.
    weights_file
        Name of the file that holds them, in the folder of each replica.
    pseudodata : (R, N), optional
        Only when the runcard asks for it.
    timing
        Seconds by stage.
    inputs
        SHA-256 of each input by its name (runcard, data sets, tables, t0 set).
    closure : ClosureTruth, optional
        What ``central`` follows from, in a closure test.
    """

    name: str
    replicas: NDArray[np.int64]
    fitbasis: str
    flavours: tuple[str, ...]
    q0: float
    alpha: Floats
    beta: Floats
    epochs: int
    stop_epoch: NDArray[np.int64]
    best_epoch: NDArray[np.int64]
    training_chi2: Floats
    validation_chi2: Floats
    positivity_passed: NDArray[np.bool_]
    finite: NDArray[np.bool_]
    guarded: NDArray[np.bool_]
    positivity_losses: Mapping[str, Floats]
    integrability_losses: Mapping[str, Floats]
    arc_lengths: Floats
    integrability: Floats
    xgrid: Floats
    pdf: Floats
    datasets: tuple[DatasetSummary, ...]
    central: Floats
    predictions: Floats
    experimental_covariance: Floats
    t0_covariance: Floats
    weights: tuple[Mapping[str, list[NDArray[np.floating]]], ...]
    history: TrainingHistory
    timing: Mapping[str, float] = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    pseudodata: Floats | None = None
    weights_file: str = WEIGHTS_FILE
    closure: ClosureTruth | None = None
