"""The numbers of a fit, replica by replica and point by point, in one binary file."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError
from n3fit.results.outcome import FitOutcome
from n3fit.storage.npz import npz_bytes, read_npz

Floats = NDArray[np.float64]
Selection = Literal["passing", "finite", "none"]
_HINT = "the file is damaged; restore it or fit again"

PER_REPLICA = (
    "replicas", "alpha", "beta", "stop_epoch", "best_epoch", "training_chi2", "validation_chi2", "positivity_passed",
    "finite", "guarded", "positivity_losses", "integrability_losses", "arc_lengths", "integrability", "predictions",
    "selected",
)  # fmt: skip
"""Fields of FitArrays with the replicas first."""


@dataclass(frozen=True)
class FitArrays:
    """R replicas, F fitted flavours, N points, H epochs of history, P positivity and I integrability sets.

    Everything that :class:`n3fit.results.outcome.FitOutcome` names alike is the same; besides there are

    Parameters
    ----------
    positivity_losses : (R, P)
    integrability_losses : (R, I)
    x, q2, y : (N,)
        Kinematics, Q2 in GeV2, nan where a set has none.
    mean_prediction : (N,)
        Mean over the replicas of ``selected``.
    experimental_error, t0_error : (N,)
        Square roots of the diagonals of the covariances.
    selected : (R,) bool
        The replicas that the mean is made of.
    history_epochs, history_training, history_validation : (H,), (H, R), (H, R)
    """

    replicas: NDArray[np.int64]
    alpha: Floats
    beta: Floats
    stop_epoch: NDArray[np.int64]
    best_epoch: NDArray[np.int64]
    training_chi2: Floats
    validation_chi2: Floats
    positivity_passed: NDArray[np.bool_]
    finite: NDArray[np.bool_]
    guarded: NDArray[np.bool_]
    positivity_losses: Floats
    integrability_losses: Floats
    arc_lengths: Floats
    integrability: Floats
    x: Floats
    q2: Floats
    y: Floats
    central: Floats
    predictions: Floats
    mean_prediction: Floats
    experimental_error: Floats
    t0_error: Floats
    selected: NDArray[np.bool_]
    history_epochs: NDArray[np.int64]
    history_training: Floats
    history_validation: Floats

    @property
    def passing(self) -> NDArray[np.bool_]:
        """(R,) the replicas that are finite and pass positivity."""
        return self.positivity_passed & self.finite


def select_replicas(
    positivity_passed: NDArray[np.bool_], finite: NDArray[np.bool_]
) -> tuple[Selection, NDArray[np.bool_]]:
    """Choose the replicas that means and bands are made of: the passing ones, else the finite ones, else none.

    Returns
    -------
    str
        ``passing``, ``finite`` or ``none``.
    (R,) bool
    """
    passing = positivity_passed & finite
    if passing.any():
        return "passing", passing
    return ("finite", finite.copy()) if finite.any() else ("none", finite.copy())


def keep_replicas(arrays: FitArrays, kept: NDArray[np.bool_]) -> FitArrays:
    """Give the arrays of the replicas ``kept`` (R,) alone; the mean is left as it is."""
    by_replica = {
        entry.name: getattr(arrays, entry.name)[kept] for entry in fields(arrays) if entry.name in PER_REPLICA
    }
    return replace(
        arrays,
        **by_replica,
        history_training=arrays.history_training[:, kept],
        history_validation=arrays.history_validation[:, kept],
    )


def select_mean(arrays: FitArrays, selected: NDArray[np.bool_]) -> FitArrays:
    """Make the mean that of the replicas ``selected`` (R,)."""
    mean = arrays.predictions[selected].mean(axis=0) if selected.any() else np.full(arrays.central.size, np.nan)
    return replace(arrays, selected=selected, mean_prediction=mean)


def collect_arrays(outcome: FitOutcome) -> FitArrays:
    """Take the arrays out of what the training hands over."""
    replicas, points = outcome.replicas.size, outcome.central.size
    # a replica whose predictions are not finite cannot be part of a mean, whatever its flags say
    finite = outcome.finite & np.isfinite(outcome.predictions).all(axis=1) & np.isfinite(outcome.pdf).all(axis=(1, 2))
    _, selected = select_replicas(outcome.positivity_passed, finite)
    chosen = outcome.predictions[selected]
    return FitArrays(
        replicas=outcome.replicas,
        alpha=outcome.alpha,
        beta=outcome.beta,
        stop_epoch=outcome.stop_epoch,
        best_epoch=outcome.best_epoch,
        training_chi2=outcome.training_chi2,
        validation_chi2=outcome.validation_chi2,
        positivity_passed=outcome.positivity_passed,
        finite=finite,
        guarded=outcome.guarded,
        positivity_losses=_stack(list(outcome.positivity_losses.values()), replicas),
        integrability_losses=_stack(list(outcome.integrability_losses.values()), replicas),
        arc_lengths=outcome.arc_lengths,
        integrability=outcome.integrability,
        x=_by_point([(dataset.slice, dataset.x) for dataset in outcome.datasets], points),
        q2=_by_point([(dataset.slice, dataset.q2) for dataset in outcome.datasets], points),
        y=_by_point([(dataset.slice, dataset.y) for dataset in outcome.datasets], points),
        central=outcome.central,
        predictions=outcome.predictions,
        mean_prediction=chosen.mean(axis=0) if selected.any() else np.full(points, np.nan),
        experimental_error=np.sqrt(np.diag(outcome.experimental_covariance)),
        t0_error=np.sqrt(np.diag(outcome.t0_covariance)),
        selected=selected,
        history_epochs=outcome.history.epochs,
        history_training=outcome.history.training,
        history_validation=outcome.history.validation,
    )


def arrays_to_bytes(arrays: FitArrays) -> bytes:
    """Give ``arrays`` as the content of an ``.npz`` file; the same arrays give the same bytes."""
    return npz_bytes({entry.name: getattr(arrays, entry.name) for entry in fields(arrays)})


def read_arrays(path: Path) -> FitArrays:
    """Read what :func:`arrays_to_bytes` gave; nothing in the file is run.

    Raises
    ------
    DataError
        Not such a file, truncated, with objects instead of numbers, or with arrays that do not belong together.
    ResourceError
        The file is missing, cannot be read, or unpacks to more than 4 GB.
    """
    arrays = FitArrays(**read_npz(path, {entry.name for entry in fields(FitArrays)}))
    _check_shapes(arrays, path)
    return arrays


def _check_shapes(arrays: FitArrays, path: Path) -> None:
    R, N, H = arrays.replicas.size, arrays.central.size, arrays.history_epochs.size
    expected: dict[str, tuple[int | None, ...]] = {
        **dict.fromkeys(("replicas", "stop_epoch", "best_epoch", "training_chi2", "validation_chi2"), (R,)),
        **dict.fromkeys(("positivity_passed", "finite", "guarded", "selected"), (R,)),
        **dict.fromkeys(("alpha", "beta", "positivity_losses", "integrability_losses"), (R, None)),
        **dict.fromkeys(("arc_lengths", "integrability"), (R, 5)),
        **dict.fromkeys(("x", "q2", "y", "central", "mean_prediction", "experimental_error", "t0_error"), (N,)),
        "predictions": (R, N),
        "history_epochs": (H,),
        **dict.fromkeys(("history_training", "history_validation"), (H, R)),
    }
    for name, shape in expected.items():
        have = getattr(arrays, name)
        fits = len(have.shape) == len(shape) and all(
            want in (None, size) for size, want in zip(have.shape, shape, strict=True)
        )
        if not fits or have.dtype.kind not in "fib":
            raise DataError(
                f"{path}: {name}: expected numbers of the shape {shape}, received {have.dtype} of {have.shape}",
                hint=_HINT,
            )


def _stack(columns: list[Floats], rows: int) -> Floats:
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0))


def _by_point(pieces: list[tuple[slice, Floats]], points: int) -> Floats:
    result = np.full(points, np.nan)
    for place, values in pieces:
        result[place] = values
    return result
