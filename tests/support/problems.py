"""Small synthetic problems for the tests: tables, architectures, and their losses in plain numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.backends import operations
from n3fit.compression.folding import FoldedObservable, fold_observable, merged_xgrid
from n3fit.compression.forms import LinearForms, SumsOfSquares
from n3fit.fit.settings import training_settings
from n3fit.model.architecture import Architecture
from n3fit.model.chi2_forms import DataPart, DividedChi2, EigenbasisChi2, PointChi2
from n3fit.model.spec import Penalty, TrainingProblem
from n3fit.model.training_model import TRAINED_OUTPUTS
from n3fit.runcard import Runcard
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.compound import apply_operation
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.flavours import EVOLUTION_TO_FK, FK_BASIS
from n3fit.theory.observables import Observable
from n3fit.training.settings import TrainingSettings

XGRID = np.array([1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0])

_RANGES = {
    "sng": (1.089, 1.119), "g": (0.7504, 1.098), "v": (0.479, 0.7384), "v3": (0.1073, 0.4397),
    "v8": (0.5507, 0.7837), "t3": (-0.4506, 0.9305), "t8": (0.5877, 0.8687), "t15": (1.089, 1.141),
    "v15": (0.479, 0.7384), "u": (0.3, 0.9), "ubar": (0.3, 0.9), "d": (0.3, 0.9), "dbar": (0.3, 0.9),
    "s": (0.3, 0.9), "sbar": (0.3, 0.9), "c": (0.2, 0.9), "cbar": (0.2, 0.9),
}  # fmt: skip
_POLARISED_RANGES = {
    "sng": (0.2, 0.6), "g": (0.2, 0.6), "t3": (0.2, 0.6), "t8": (0.2, 0.6), "v": (0.2, 0.6), "v3": (0.2, 0.6),
}  # fmt: skip

SMALLX = {
    name: {flavour: (_POLARISED_RANGES if basis.polarised else _RANGES)[flavour] for flavour in basis.flavours}
    for name, basis in FITTING_BASES.items()
    if name not in ("NN31IC", "FLAVOUR")
} | {
    # the ranges of the runcards for EVOL; the others as wide as their flavours allow
    "EVOL": {
        "sng": (1.089, 1.119), "g": (0.7504, 1.098), "v": (0.479, 0.7384), "v3": (0.1073, 0.4397),
        "v8": (0.5507, 0.7837), "t3": (-0.4506, 0.9305), "t8": (0.5877, 0.8687), "t15": (1.089, 1.141),
    },
    "NN31IC": {
        "sng": (1.05, 1.19), "g": (0.83, 1.3), "v": (0.46, 0.74), "v3": (0.05, 0.6),
        "v8": (0.48, 0.82), "t3": (-0.4, 1.0), "t8": (0.56, 1.2), "cp": (0.05, 1.0),
    },
    "FLAVOUR": {
        "u": (0.3, 0.9), "ubar": (0.3, 0.9), "d": (0.3, 0.9), "dbar": (0.3, 0.9),
        "s": (0.3, 0.9), "sbar": (0.3, 0.9), "c": (0.2, 0.9), "g": (0.6, 1.1),
    },
}  # fmt: skip
"""Ranges of alpha by fitting basis and flavour."""


def make_architecture(fitbasis: str = "EVOL", **changes: Any) -> Architecture:
    """Return a small parametrisation; with ``feature_knots`` it has no (1 - x) factors."""
    scaled = changes.get("feature_knots") is not None
    trainable = changes.pop("trainable", False)
    ranges = tuple(
        ExponentRange(flavour, smallx, None if scaled else (1.5, 4.0), trainable)
        for flavour, smallx in SMALLX[fitbasis].items()
    )
    values: dict[str, Any] = {
        "fitbasis": fitbasis,
        "ranges": ranges,
        "nodes": (6, len(ranges)),
        "activations": ("tanh", "linear"),
        "initializer": "glorot_normal",
        "layer_type": "dense",
        "dropout": 0.0,
        "regularizer": None,
        "regularizer_args": (),
        "sum_rules": ("TSR",) if FITTING_BASES[fitbasis].polarised else ("MSR", "VSR"),
        "seed": 7,
    }
    if changes.get("model") is not None:
        values |= {"nodes": (), "activations": ()}
    return Architecture(**(values | changes))


def make_table(name: str, ndata: int, *, xgrid: Any = XGRID, seed: int = 0, hadronic: bool = False) -> FKTable:
    """Return a table of positive random numbers over six channels."""
    random = np.random.default_rng([seed, *name.encode()])
    xgrid = np.asarray(xgrid, dtype=np.float64)
    names = ("Sigma", "g", "V", "V3", "T8", "T24")
    channels = np.array([FK_BASIS.index(entry) for entry in names], dtype=np.intp)
    size = len(xgrid)
    if hadronic:
        channels = np.stack([channels, channels[::-1]], axis=1)
        values = random.uniform(0.0, 0.2, (ndata, len(channels), size, size))
    else:
        values = random.uniform(0.0, 0.5, (ndata, len(channels), size))
    return FKTable(name, values, channels, xgrid, 1.65, frozenset(), "0" * 64)


def make_sums(counts: Sequence[int], columns: int, *, start: int = 0, rank: int | None = None) -> SumsOfSquares:
    """Return random sums of squares whose functionals vanish before ``start``, at most ``rank`` of them independent."""
    random = np.random.default_rng([start, *counts])
    size = sum(counts)
    functionals = random.normal(size=(size, columns - start))
    if rank is not None:
        functionals = random.normal(size=(size, rank)) @ functionals[:rank]
    padded = np.pad(functionals, ((0, 0), (start, 0)))
    return SumsOfSquares(padded, random.choice([-1.0, 1.0], size=size), np.array(counts))


def make_observable(name: str, tables: Sequence[FKTable | Sequence[FKTable]], operation: str = "NULL") -> Observable:
    """Return an observable with one or more tables per operand."""
    operands = tuple((entry,) if isinstance(entry, FKTable) else tuple(entry) for entry in tables)
    return Observable(name, operation, operands)


def random_covariance(size: int, seed: int = 0, systematics: int = 3) -> np.ndarray:
    """Return a covariance with uncorrelated and fully correlated uncertainties."""
    random = np.random.default_rng(seed)
    shifts = random.normal(0.0, 0.1, (size, systematics))
    return np.diag(random.uniform(0.02, 0.08, size)) + shifts @ shifts.T


def split_masks(replicas: int, size: int, training: int, seed: int = 0) -> np.ndarray:
    """Return masks (replicas, size) with ``training`` points each."""
    random = np.random.default_rng(seed)
    masks = np.zeros((replicas, size), dtype=bool)
    for row in masks:
        row[random.permutation(size)[:training]] = True
    return masks


def make_problem(
    replicas: int = 3,
    *,
    eigenbasis: bool = True,
    nonlinear: bool = False,
    data: np.ndarray | None = None,
    seed: int = 0,
    positivity: bool = True,
    integrability: bool = True,
) -> TrainingProblem:
    """Return a problem of two data sets, (with ``nonlinear``) a ratio between them, and penalties.

    The data are around those of a smooth PDF, different for every replica in its first eighth of an uncertainty.
    """
    observables = [make_observable("ONE", [make_table("one", 12)])]
    if nonlinear:
        observables.append(make_observable("RAT", [make_table("up", 4), make_table("down", 4)], "RATIO"))
        observables.append(make_observable("JET", [make_table("jet", 3, hadronic=True)]))
    observables.append(make_observable("TWO", [[make_table("two", 5), make_table("three", 3, xgrid=XGRID[3:])]]))
    penalties = [make_observable("POS", [make_table("pos", 4)]), make_observable("POSJ", [make_table("posj", 2)])]
    smallest = make_observable("INT", [make_table("int", 1, xgrid=[1e-9])])
    everything = [*observables, *penalties, smallest]
    xgrid = merged_xgrid([table for observable in everything for table in observable.tables])
    truth = np.concatenate([observable.predict(smooth_pdf) for observable in observables])
    size = len(truth)
    sigma = 0.03 * np.abs(truth)
    covariance = random_covariance(size, seed) * np.outer(sigma, sigma) / 0.05
    random = np.random.default_rng(seed + 1)
    shifts = np.linalg.cholesky(covariance) @ random.normal(0.0, 0.125, (size, replicas))
    masks = split_masks(replicas, size, int(0.75 * size), seed)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return TrainingProblem(
        xgrid=xgrid,
        observables=tuple(fold_observable(observable, xgrid) for observable in observables),
        data=truth + shifts.T if data is None else data,
        chi2=EigenbasisChi2(masks, vectors.T / np.sqrt(eigenvalues)[:, np.newaxis])
        if eigenbasis
        else PointChi2(masks, covariance),
        positivity=make_penalty(penalties if positivity else [], xgrid, 2.0, 1.5),
        integrability=make_penalty([smallest] if integrability else [], xgrid, 3.0, 1.2),
    )


def make_penalty(observables: Sequence[Observable], xgrid: np.ndarray, initial: float, growth: float) -> Penalty:
    """Return a penalty whose multipliers differ from set to set."""
    order = np.arange(len(observables))
    return Penalty(
        tuple(fold_observable(observable, xgrid) for observable in observables),
        initial=initial + order,
        growth=growth + 0.1 * order,
    )


def smooth_pdf(x: np.ndarray) -> np.ndarray:
    """Return a smooth PDF on x, (nx, 14) in the FK basis."""
    shape = x[:, np.newaxis] ** np.linspace(0.1, 0.8, 8) * (1 - x[:, np.newaxis]) ** np.linspace(2.0, 4.0, 8)
    return (shape * np.linspace(1.5, 0.5, 8)) @ EVOLUTION_TO_FK.T


def random_pdf(seed: int, replicas: int = 1) -> Any:
    """Return a function from x to a PDF (replicas, nx, 8), random at each node but the same for equal x."""

    def evaluate(x: np.ndarray) -> np.ndarray:
        return np.stack(
            [np.random.default_rng([seed, round(-1e6 * float(np.log(node)))]).normal(size=(replicas, 8)) for node in x],
            axis=1,
        )

    return evaluate


def make_runcard(**parameters: Any) -> Runcard:
    """Return a runcard for the problems above, with some of its ``parameters`` changed."""
    values = {
        "nodes_per_layer": [6, 8],
        "activation_per_layer": ["tanh", "linear"],
        "optimizer": {"optimizer_name": "Nadam", "learning_rate": 2.621e-3, "clipnorm": 6.073e-6},
        "epochs": 100,
        "stopping_patience": 1.0,
        "threshold_chi2": 1e30,
        "positivity": {"threshold": 1e30},
    }
    return Runcard.model_validate(
        {
            "dataset_inputs": [{"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy"}],
            "theory": {"theoryid": "dis_nnlo"},
            "trvlseed": 1,
            "nnseed": 2,
            "mcseed": 3,
            "fitting": {
                "fitbasis": "EVOL",
                "basis": [
                    {"fl": flavour, "smallx": smallx, "largex": (1.5, 4.0), "trainable": False}
                    for flavour, smallx in SMALLX["EVOL"].items()
                ],
            },
            "parameters": values | parameters,
        }
    )


def make_settings(**parameters: Any) -> TrainingSettings:
    """Return the training settings of the runcard above."""
    return training_settings(make_runcard(**parameters), Path("tensorboard"))


def select_replicas(problem: TrainingProblem, chosen: Sequence[int]) -> TrainingProblem:
    """Return the problem of some of its replicas."""
    rows = np.array(chosen)
    chi2 = replace(problem.chi2, training=problem.chi2.training[rows])
    return replace(problem, data=problem.data[rows], chi2=chi2)


def divide_problem(problem: TrainingProblem, parts: Sequence[tuple[Sequence[int], Sequence[int]]]) -> TrainingProblem:
    """Return a problem split point by point with replicas that are fitted to some of its data sets.

    ``parts`` are pairs: the positions of replicas, and those of the data sets that they are fitted to.
    """
    assert isinstance(problem.chi2, PointChi2)
    edges = np.cumsum([0, *(observable.ndata for observable in problem.observables)])
    divided = []
    for replicas, datasets in parts:
        points = np.concatenate([np.arange(edges[index], edges[index + 1]) for index in datasets])
        masks = problem.chi2.training[np.ix_(replicas, points)]
        chi2 = PointChi2(masks, problem.chi2.covariance[np.ix_(points, points)])
        divided.append(DataPart(np.array(replicas), tuple(datasets), chi2))
    return replace(problem, chi2=DividedChi2(tuple(divided)))


def in_eigenbasis(problem: TrainingProblem) -> TrainingProblem:
    """Return a divided problem whose parts are split in the eigenbasis of their covariance, with the same masks."""
    parts = []
    for part in problem.chi2.parts:
        eigenvalues, vectors = np.linalg.eigh(part.chi2.covariance)
        chi2 = EigenbasisChi2(part.chi2.training, vectors.T / np.sqrt(eigenvalues)[:, np.newaxis])
        parts.append(replace(part, chi2=chi2))
    return replace(problem, chi2=DividedChi2(tuple(parts)))


def plain_losses(
    problem: TrainingProblem, pdf: np.ndarray, multipliers: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Compute the losses of the training model, (R,) each, in float64 for PDFs (R, nx, 8) on the merged grid."""
    predictions = np.concatenate([predict_folded(observable, pdf) for observable in problem.observables], axis=1)
    residuals = predictions - problem.data
    masks = problem.chi2.training
    if isinstance(problem.chi2, EigenbasisChi2):
        squares = (residuals @ problem.chi2.whitening.T) ** 2
        losses = {"training": (squares * masks).sum(axis=1), "validation": (squares * ~masks).sum(axis=1)}
    else:
        losses = {
            name: np.array(
                [
                    row[mask] @ np.linalg.inv(problem.chi2.covariance[np.ix_(mask, mask)]) @ row[mask]
                    for row, mask in zip(residuals, chosen, strict=True)
                ]
            )
            for name, chosen in (("training", masks), ("validation", ~masks))
        }
    positivity = [predict_folded(observable, pdf) for observable in problem.positivity.observables]
    integrability = [predict_folded(observable, pdf) for observable in problem.integrability.observables]
    if positivity:
        sets = np.array([np.where(t < 0, -t, 1e-7 * np.expm1(-np.abs(t))).sum(axis=1) for t in positivity])
        losses["positivity"] = sets.max(axis=0)
        losses["positivity_penalty"] = multipliers["positivity_penalty"] @ sets
    if integrability:
        sets = np.array([(t**2).sum(axis=1) for t in integrability])
        losses["integrability_penalty"] = multipliers["integrability_penalty"] @ sets
    return losses


def predict_folded(folded: FoldedObservable, pdf: np.ndarray) -> np.ndarray:
    """Compute a folded observable for PDFs (R, nx, 8) on the merged grid."""

    def block(rows: Any) -> np.ndarray:
        if isinstance(rows, LinearForms):
            return pdf.reshape(len(pdf), -1) @ rows.matrix.T
        chosen = pdf[:, rows.nodes].reshape(len(pdf), -1)
        return np.einsum("nij,ri,rj->rn", rows.forms, chosen, chosen)

    operands = [np.concatenate([block(rows) for rows in operand], axis=-1) for operand in folded.operands]
    return np.asarray(apply_operation(folded.operation, operands))


def compile_as_trainer(model: Any, *, learning_rate: float = 2.621e-3, clipnorm: float | None = 6.073e-6) -> None:
    """Compile a training model as the trainer does for the usual methodology."""
    losses = {
        name: (lambda target, prediction: operations.sum(prediction)) if name in TRAINED_OUTPUTS else None
        for name in model.unique_output_names
    }
    model.compile("Nadam", learning_rate=learning_rate, clipnorm=clipnorm, loss=losses)
