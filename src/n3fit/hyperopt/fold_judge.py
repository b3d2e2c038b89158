"""Scores of trained replicas by the data of their fold, and by those that they were fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.compression.folding import fold_observable, merged_xgrid
from n3fit.data.covariance import weighted_covariance
from n3fit.data.whitening import CovarianceFactor
from n3fit.ensembles.integrability import INTEGRABILITY_NODES, integrability
from n3fit.fit.evaluated_pdf import EvaluatedPDF, evaluate_on
from n3fit.fit.inputs import FitInputs
from n3fit.fit.outcome import predict_replicas
from n3fit.hyperopt.folds import Fold
from n3fit.hyperopt.losses import JudgingData, chi2_loss, chi2_with_pdf, log_likelihood_loss, phi_of
from n3fit.hyperopt.penalties import (
    SATURATION_FLAVOURS,
    integrability_penalty,
    patience,
    saturation,
    saturation_nodes,
)
from n3fit.hyperopt.scores import TRAINED_LOSSES, FoldScore
from n3fit.hyperopt.statistics import best_replicas
from n3fit.runcard.kfold import KFold
from n3fit.runcard.parameters import Parameters
from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.theory.observables import prediction_nodes
from n3fit.training.record import TrainingRecord
from n3fit.typing import Floats, Indices


class FoldJudge:
    """Computes the scores of all trials of a scan; what the trials share is prepared once.

    Parameters
    ----------
    kfold : KFold
    folds : sequence of Fold
    inputs : FitInputs
    basis : tuple of str
        That of the PDF model.
    """

    def __init__(self, kfold: KFold, folds: Sequence[Fold], inputs: FitInputs, basis: tuple[str, ...]) -> None:
        data = inputs.data
        self.kfold = kfold
        self._folds = folds
        self._basis = basis
        self._observables = inputs.observables
        self._xgrid = merged_xgrid(inputs.tables)
        self._matrices = [fold_observable(entry, self._xgrid, basis).linear_matrix() for entry in inputs.observables]
        fitted = data.with_theory(weighted_covariance(data.t0_covariance, data.datasets, data.weights))

        def judging(points: Indices, covariance: Floats) -> JudgingData:
            return JudgingData(data.central[points], CovarianceFactor(covariance[np.ix_(points, points)]))

        self._fold_data = [judging(fold.judging, fitted) for fold in folds]
        self._fold_measured = [judging(fold.judging, data.experimental_covariance) for fold in folds]
        self._others = [judging(fold.others, fitted) for fold in folds]
        self._others_measured = [judging(fold.others, data.experimental_covariance) for fold in folds]

    def evaluate(self, pdf_model: Any) -> EvaluatedPDF:
        """Compute the PDFs of a model where the scores need them."""
        tables = [
            prediction_nodes(table)
            for observable, matrix in zip(self._observables, self._matrices, strict=True)
            if matrix is None
            for table in observable.tables
        ]
        return evaluate_on(pdf_model, [self._xgrid, saturation_nodes(), np.array(INTEGRABILITY_NODES), *tables])

    def score(self, number: int, pdf: EvaluatedPDF, record: TrainingRecord, parameters: Parameters) -> FoldScore:
        """Return the score of a fold.

        Parameters
        ----------
        number : int
            The fold.
        pdf : EvaluatedPDF
            Of the R replicas of the fold, from :meth:`evaluate`.
        record : TrainingRecord
            Of these replicas.
        parameters : Parameters
            Those of the trial.
        """
        fold, validation = self._folds[number], record.validation_chi2
        data, measured = self._fold_data[number], self._fold_measured[number]
        predictions = self._predict(pdf)
        experimental = data.chi2_per_point(predictions[:, fold.judging])
        penalties = self._penalties(pdf, record, parameters)
        added = penalties if self.kfold.penalties_in_loss else {}
        mean_penalty = sum(float(np.mean(values)) for values in added.values())
        best = best_replicas(validation, self.kfold.reduce_proportion)
        best_predictions, best_mean = predictions[best][:, fold.judging], self._mean(pdf, best)[fold.judging]
        losses = {
            "chi2": chi2_loss(
                validation,
                experimental + np.sum([*added.values(), np.zeros_like(experimental)], axis=0),
                proportion=self.kfold.reduce_proportion,
                statistic=self.kfold.replica_statistic,
            ),
            "phi2": phi_of(best_predictions, best_mean, measured) + mean_penalty,
            "logp": log_likelihood_loss(best_predictions, best_mean, measured) + mean_penalty,
            "chi2p": chi2_with_pdf(best_predictions, best_mean, measured),
        }
        broken = int(np.count_nonzero(~record.finite))
        return FoldScore(
            validation=validation,
            experimental=experimental,
            losses=losses,
            trained=self._trained_losses(number, predictions, self._mean(pdf, np.arange(len(validation)))),
            penalties=penalties,
            failure=f"the training of {broken} of {len(validation)} replicas gave NaN or infinity" if broken else "",
        )

    def _trained_losses(self, number: int, predictions: Floats, mean: Floats) -> dict[str, float]:
        points = self._folds[number].others
        fitted, measured = self._others[number], self._others_measured[number]
        if len(points) == 0:
            return dict.fromkeys(TRAINED_LOSSES, np.nan)
        own, own_mean = predictions[:, points], mean[points]
        return {
            "chi2": float(fitted.chi2_per_point(own_mean)),
            "chi2exp": float(measured.chi2_per_point(own_mean)),
            "phi2": phi_of(own, own_mean, measured),
            "logp": log_likelihood_loss(own, own_mean, measured),
        }

    def _predict(self, pdf: EvaluatedPDF) -> Floats:
        """Compute the predictions (R, N) of all data."""
        flat = pdf(self._xgrid).reshape(len(pdf.values), -1)
        columns = [
            predict_replicas(observable, pdf, self._basis) if matrix is None else flat @ matrix.T
            for observable, matrix in zip(self._observables, self._matrices, strict=True)
        ]
        return np.concatenate(columns, axis=-1)

    def _mean(self, pdf: EvaluatedPDF, replicas: Indices) -> Floats:
        """Compute the predictions (N,) of the mean of some PDFs."""
        mean = EvaluatedPDF(pdf.nodes, pdf.values[replicas].mean(axis=0, keepdims=True, dtype=np.float64))
        return self._predict(mean)[0]

    def _penalties(self, pdf: EvaluatedPDF, record: TrainingRecord, parameters: Parameters) -> dict[str, Floats]:
        columns = [EVOLUTION_BASIS.index(name) for name in SATURATION_FLAVOURS]
        computed = {
            "saturation": lambda: saturation(pdf(saturation_nodes())[..., columns]),
            "patience": lambda: patience(
                record.validation_chi2,
                record.best_epoch,
                epochs=parameters.epochs,
                stopping_patience=parameters.stopping_patience,
            ),
            "integrability": lambda: integrability_penalty(integrability(pdf)),
        }
        return {name: computed[name]() for name in self.kfold.penalties}
