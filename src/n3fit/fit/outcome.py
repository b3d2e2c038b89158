"""From trained replicas to what the fit folder records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import PREPROCESSING_LAYER_ALL_REPLICAS
from n3fit.data import ClosureTruth
from n3fit.fit.inputs import FitInputs
from n3fit.layers.penalties import ELU_SLOPE
from n3fit.model.pdf_model import evaluate_pdf, evolution_to_flavours
from n3fit.results import DatasetSummary, FitOutcome, TrainingHistory, export_xgrid
from n3fit.results.outcome import WEIGHTS_FILE
from n3fit.runcard import Runcard
from n3fit.theory.flavours import EVOLUTION_TO_FK
from n3fit.theory.observables import Observable
from n3fit.training.measures import PDF, arc_lengths, guarded_replicas, integrability
from n3fit.training.trainer import TrainedReplicas

Floats = NDArray[np.float64]

PER_REPLICA = (
    "replicas", "alpha", "beta", "stop_epoch", "best_epoch", "training_chi2", "validation_chi2",
    "positivity_passed", "finite", "guarded", "arc_lengths", "integrability", "pdf", "predictions",
)  # fmt: skip
"""Fields of FitOutcome that are arrays with the replicas first."""


def make_outcome(
    name: str,
    runcard: Runcard,
    inputs: FitInputs,
    replicas: Sequence[int],
    trained: TrainedReplicas,
    pseudodata: Floats,
) -> FitOutcome:
    """Evaluate trained replicas: PDFs, predictions, penalties, and the numbers that judge them."""

    def pdf(x: Floats) -> Floats:
        return evaluate_pdf(trained.pdf_model, x)

    xgrid = export_xgrid()
    data = inputs.data
    exponents = trained.pdf_model.get_layer(PREPROCESSING_LAYER_ALL_REPLICAS)
    positivity = {
        observable.name: positivity_loss(predict_replicas(observable, pdf)) for observable in inputs.positivity
    }
    worst = np.max([*positivity.values(), np.zeros(len(replicas))], axis=0)
    return FitOutcome(
        name=name,
        replicas=np.array(replicas, dtype=np.int64),
        fitbasis=runcard.fitting.fitbasis,
        flavours=runcard.fitting.flavours,
        q0=inputs.theory.q0,
        alpha=np.concatenate([np.asarray(weight.numpy(), dtype=np.float64) for weight in exponents.alphas], axis=1),
        beta=np.concatenate([np.asarray(weight.numpy(), dtype=np.float64) for weight in exponents.betas], axis=1),
        epochs=runcard.parameters.epochs,
        stop_epoch=trained.stop_epoch,
        best_epoch=trained.best_epoch,
        training_chi2=trained.training_chi2,
        validation_chi2=trained.validation_chi2,
        positivity_passed=worst <= runcard.parameters.positivity.threshold,
        finite=trained.finite,
        guarded=guarded_replicas(pdf, runcard.fitting.sum_rules),
        positivity_losses=positivity,
        integrability_losses={
            observable.name: np.sum(predict_replicas(observable, pdf) ** 2, axis=-1)
            for observable in inputs.integrability
        },
        arc_lengths=arc_lengths(pdf),
        integrability=integrability(pdf),
        xgrid=xgrid,
        pdf=evolution_to_flavours(pdf(xgrid)),
        datasets=tuple(
            DatasetSummary(
                name=dataset.name,
                variant=dataset.variant,
                experiment=dataset.experiment,
                process_type=dataset.process_type,
                slice=data.slices[dataset.name],
                x=dataset.x,
                q2=dataset.q2,
                y=dataset.y,
            )
            for dataset in data.datasets
        ),
        central=data.central,
        predictions=np.concatenate([predict_replicas(observable, pdf) for observable in inputs.observables], axis=-1),
        experimental_covariance=data.experimental_covariance,
        t0_covariance=data.t0_covariance,
        weights=tuple(trained.pdf_model.get_replica_weights(index) for index in range(len(replicas))),
        history=TrainingHistory(trained.history_epochs, trained.history_training, trained.history_validation),
        seeds=_seeds(runcard, inputs.closure),
        inputs=inputs.hashes,
        weights_file=runcard.save or WEIGHTS_FILE,
        pseudodata=pseudodata if runcard.fitting.savepseudodata else None,
        closure=inputs.closure,
    )


def predict_replicas(observable: Observable, pdf: PDF) -> Floats:
    """Give the predictions (R, ndata) of every replica, in double precision from the tables themselves."""
    return observable.predict(lambda x: pdf(x) @ EVOLUTION_TO_FK.T)


def positivity_loss(predictions: Floats) -> Floats:
    """Give the positivity loss (R,) of one set, see ``n3fit.layers.penalties``."""
    negative = -predictions
    with np.errstate(over="ignore"):
        elu = np.where(negative > 0, negative, ELU_SLOPE * np.expm1(np.minimum(negative, 0)))
    loss: Floats = elu.sum(axis=-1)
    return loss


def select_replicas(outcome: FitOutcome, chosen: NDArray[np.bool_]) -> FitOutcome:
    """Give the outcome of some of the replicas, ``chosen`` (R,)."""
    rows = np.flatnonzero(chosen)
    history = outcome.history
    selected: dict[str, Any] = {field: getattr(outcome, field)[rows] for field in PER_REPLICA}
    return replace(
        outcome,
        **selected,
        positivity_losses={name: losses[rows] for name, losses in outcome.positivity_losses.items()},
        integrability_losses={name: losses[rows] for name, losses in outcome.integrability_losses.items()},
        weights=tuple(outcome.weights[row] for row in rows),
        history=TrainingHistory(history.epochs, history.training[:, rows], history.validation[:, rows]),
        pseudodata=None if outcome.pseudodata is None else outcome.pseudodata[rows],
    )


def _seeds(runcard: Runcard, closure: ClosureTruth | None) -> dict[str, int]:
    seeds = {"trvlseed": runcard.trvlseed, "nnseed": runcard.nnseed, "mcseed": runcard.mcseed}
    if closure is not None:
        seeds["filterseed"] = closure.filterseed
    return {name: seed for name, seed in seeds.items() if seed is not None}


def join_outcomes(outcomes: Sequence[FitOutcome]) -> FitOutcome:
    """Join the outcomes of groups of replicas that were trained one after the other."""
    first = outcomes[0]
    if len(outcomes) == 1:
        return first
    epochs = max((outcome.history.epochs for outcome in outcomes), key=len)

    def padded(history: TrainingHistory, values: Floats) -> Floats:
        missing = len(epochs) - len(history.epochs)
        return np.pad(values, ((0, missing), (0, 0)), constant_values=np.nan)

    joined: dict[str, Any] = {
        field: np.concatenate([getattr(outcome, field) for outcome in outcomes]) for field in PER_REPLICA
    }
    return replace(
        first,
        **joined,
        positivity_losses={
            name: np.concatenate([outcome.positivity_losses[name] for outcome in outcomes])
            for name in first.positivity_losses
        },
        integrability_losses={
            name: np.concatenate([outcome.integrability_losses[name] for outcome in outcomes])
            for name in first.integrability_losses
        },
        weights=tuple(weights for outcome in outcomes for weights in outcome.weights),
        history=TrainingHistory(
            epochs,
            np.concatenate([padded(outcome.history, outcome.history.training) for outcome in outcomes], axis=1),
            np.concatenate([padded(outcome.history, outcome.history.validation) for outcome in outcomes], axis=1),
        ),
        pseudodata=None
        if first.pseudodata is None
        else np.concatenate([outcome.pseudodata for outcome in outcomes if outcome.pseudodata is not None]),
    )
