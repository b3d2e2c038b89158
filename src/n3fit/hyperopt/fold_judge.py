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
from n3fit.hyperopt.losses import JudgingData, chi2_loss
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
        self._xgrid = merged_xgrid(inputs.tables)
        self._matrix = np.zeros((len(self._xgrid) * len(basis), len(data)))
        self._nonlinear = []
        for observable in inputs.observables:
            points = data.slices[observable.name]
            matrix = None
            if not any(table.hadronic for table in observable.tables):
                matrix = fold_observable(observable, self._xgrid, basis).linear_matrix()
            if matrix is None:
                self._nonlinear.append((observable, points))
            else:
                self._matrix[:, points] = matrix.T
        fitted = data.with_theory(weighted_covariance(data.t0_covariance, data.datasets, data.weights))

        def judging(points: Indices, covariance: Floats) -> JudgingData:
            return JudgingData(data.central[points], CovarianceFactor(covariance[np.ix_(points, points)]))

        self._fold_data = [judging(fold.judging, fitted) for fold in folds]
        self._fold_measured = [judging(fold.judging, data.experimental_covariance) for fold in folds]
        self._others = [judging(fold.others, fitted) for fold in folds]
        self._others_measured = [judging(fold.others, data.experimental_covariance) for fold in folds]

    def evaluate(self, pdf_model: Any) -> EvaluatedPDF:
        """Compute the PDFs of a model where the scores need them."""
        tables = [prediction_nodes(table) for observable, _ in self._nonlinear for table in observable.tables]
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
        points, validation = self._folds[number].judging, record.validation_chi2
        predictions = self._predict(pdf)
        everyone = np.arange(len(validation))
        mean = self._mean(pdf, predictions, everyone)
        experimental = self._fold_data[number].whiten(predictions[:, points], mean[points]).chi2_of_replicas
        penalties = self._penalties(pdf, record, parameters)
        added = penalties if self.kfold.penalties_in_loss else {}
        mean_penalty = sum(float(np.mean(values)) for values in added.values())
        best = best_replicas(validation, self.kfold.reduce_proportion)
        best_mean = self._mean(pdf, predictions, best)
        judged = self._fold_measured[number].whiten(predictions[best][:, points], best_mean[points])
        losses = {
            "chi2": chi2_loss(
                validation,
                experimental + np.sum([*added.values(), np.zeros_like(experimental)], axis=0),
                proportion=self.kfold.reduce_proportion,
                statistic=self.kfold.replica_statistic,
            ),
            "phi2": judged.phi + mean_penalty,
            "logp": judged.log_likelihood_loss + mean_penalty,
            "chi2p": judged.chi2_with_pdf,
        }
        broken = int(np.count_nonzero(~record.finite))
        return FoldScore(
            validation=validation,
            experimental=experimental,
            losses=losses,
            mean_chi2=judged.chi2_of_mean,
            trained=self._trained_losses(number, predictions, mean),
            penalties=penalties,
            failure=f"the training of {broken} of {len(validation)} replicas gave NaN or infinity" if broken else "",
        )

    def _trained_losses(self, number: int, predictions: Floats, mean: Floats) -> dict[str, float]:
        points = self._folds[number].others
        if len(points) == 0:
            return dict.fromkeys(TRAINED_LOSSES, np.nan)
        own, own_mean = predictions[:, points], mean[points]
        judged = self._others_measured[number].whiten(own, own_mean)
        return {
            "chi2": self._others[number].whiten(own[:0], own_mean).chi2_of_mean,
            "chi2exp": judged.chi2_of_mean,
            "phi2": judged.phi,
            "logp": judged.log_likelihood_loss,
        }

    def _predict(self, pdf: EvaluatedPDF) -> Floats:
        """Compute the predictions (R, N) of all data."""
        flat = pdf(self._xgrid).reshape(len(pdf.values), -1)
        predictions: Floats = flat @ self._matrix
        for observable, points in self._nonlinear:
            predictions[:, points] = predict_replicas(observable, pdf, self._basis)
        return predictions

    def _mean(self, pdf: EvaluatedPDF, predictions: Floats, replicas: Indices) -> Floats:
        """Compute the predictions (N,) of the mean of some PDFs."""
        mean: Floats = predictions[replicas].mean(axis=0)
        if self._nonlinear:
            values = EvaluatedPDF(pdf.nodes, pdf.values[replicas].mean(axis=0, keepdims=True, dtype=np.float64))
            for observable, points in self._nonlinear:
                mean[points] = predict_replicas(observable, values, self._basis)[0]
        return mean

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
